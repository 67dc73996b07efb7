//! Messages that are sent, kept, read and deleted in PDU mode.

use super::*;

#[test]
fn a_message_goes_after_the_prompt_and_its_echo_ends_the_line() {
    let mut terminal = Terminal::new(&GENERIC, &[]);
    assert_eq!(terminal.write("AT+CMGS=18\r"), "AT+CMGS=18\r\r\n> ");
    assert_eq!(terminal.write(HELLO), HELLO);
    assert_eq!(terminal.write("\x1a"), "\r\n\r\n+CMGS: 1\r\n\r\nOK\r\n");
    let [message] = &terminal.received()[..] else { panic!() };
    assert_eq!((&*message.from, &*message.text), ("+4512340001", "hello"));
    assert_eq!(
        message.parts[0].pdu,
        "07915155100024F7040A91542143001000003211412231020005E8329BFD06"
    );
}

#[test]
fn what_is_pasted_is_read_as_if_it_were_typed() {
    let mut terminal = Terminal::new(&GENERIC, &[]);
    assert_eq!(
        terminal.write(format!("AT+CMGS=18\r{HELLO}\x1aAT\r")),
        format!("AT+CMGS=18\r\r\n> {HELLO}\r\n\r\n+CMGS: 1\r\n\r\nOK\r\nAT\r\r\nOK\r\n")
    );
}

#[test]
fn a_wrong_pdu_is_refused_and_escape_sends_nothing() {
    let mut terminal = Terminal::with("+CMGF=0", &[]);
    for pdu in ["", "00", "0011000A91542143", "xyz", &format!("{HELLO}00"), &HELLO[2..]] {
        assert_eq!(terminal.submit(pdu), "\r\n+CMS ERROR: 304\r\n", "{pdu}");
    }
    // Nobody has a number of two digits.
    terminal.write("AT+CMGS=14\r");
    assert_eq!(terminal.write("001100029121000000AA05E8329BFD06\x1a"), "\r\n+CMS ERROR: 304\r\n");
    terminal.write("AT+CMGS=15\r");
    assert_eq!(terminal.write("0011000291210000AA05E8329BFD06\x1a"), "\r\n+CMS ERROR: 304\r\n");
    terminal.write("AT+CMGS=14\r");
    assert_eq!(terminal.write("0011000291210000AA05E8329BFD06\x1a"), "\r\n+CMS ERROR: 1\r\n");
    assert_eq!(terminal.write("AT+CMGS=18\r"), "\r\n> ");
    assert_eq!(terminal.write(format!("{HELLO}\x1b")), "\r\nOK\r\n");
    assert!(terminal.received().is_empty());
    assert_eq!(terminal.submit(HELLO), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
}

#[test]
fn a_stored_message_is_announced_listed_read_and_deleted() {
    let mut terminal = Terminal::with("+CNMI=2,1", &[]);
    assert_eq!(terminal.text("hej"), "\r\n+CMTI: \"ME\",1\r\n");
    assert_eq!(terminal.text("då"), "\r\n+CMTI: \"ME\",2\r\n");
    let hej = "07915155100024F7040A91542143658700003211412231020003E8B21A";
    let da = "07915155100024F7040A91542143658700003211412231020002E407";
    let read = format!("\r\n+CMGR: 0,,21\r\n{hej}\r\n\r\nOK\r\n");
    assert_eq!(terminal.write("AT+CMGR=1\r"), read);
    assert_eq!(terminal.write("AT+CMGR=1\r"), read.replace(": 0", ": 1"));
    assert_eq!(
        terminal.write("AT+CMGL=4\r"),
        format!("\r\n+CMGL: 1,1,,21\r\n{hej}\r\n\r\n+CMGL: 2,0,,20\r\n{da}\r\n\r\nOK\r\n")
    );
    assert_eq!(terminal.write("AT+CMGL\r"), "\r\nOK\r\n");
    assert_eq!(terminal.write("AT+CMGD=?\r"), "\r\n+CMGD: (1,2),(0-4)\r\n\r\nOK\r\n");
    assert_eq!(terminal.write("AT+CMGD=1\r"), "\r\nOK\r\n");
    assert_eq!(terminal.write("AT+CMGR=1\r"), "\r\n+CMS ERROR: 321\r\n");
    assert_eq!(terminal.text("hej"), "\r\n+CMTI: \"ME\",1\r\n");
    assert_eq!(terminal.write("AT+CMGD=1,1\r"), "\r\nOK\r\n");
    assert_eq!(terminal.write("AT+CMGD=?\r"), "\r\n+CMGD: (1),(0-4)\r\n\r\nOK\r\n");
}

/// Keeps a PDU, and returns the answer.
fn written(terminal: &mut Terminal, values: &str, pdu: &str) -> String {
    assert_eq!(terminal.write(format!("AT+CMGW={values}\r")), "\r\n> ");
    terminal.write(format!("{pdu}\x1a"))
}

#[test]
fn a_message_is_written_in_either_direction_and_sent_from_the_store() {
    let mut terminal = Terminal::with("+CMGF=0", &[]);
    let received = "0004038144F50000321141223102000AE8329BFD4697D9EC37";
    assert_eq!(written(&mut terminal, "18", HELLO), "\r\n+CMGW: 1\r\n\r\nOK\r\n");
    let len = (received.len() / 2 - 1).to_string();
    // gammu gives what it saves the state that it shall have.
    for (status, slot) in [(1, 2), (0, 3)] {
        let answer = written(&mut terminal, &format!("{len},{status}"), received);
        assert_eq!(answer, format!("\r\n+CMGW: {slot}\r\n\r\nOK\r\n"));
    }
    assert_eq!(written(&mut terminal, "18,3", HELLO), "\r\n+CMGW: 4\r\n\r\nOK\r\n");
    for (values, pdu) in [("18", "00"), ("2", "00FFFF"), ("18,0", HELLO)] {
        let answer = written(&mut terminal, values, pdu);
        let kept = values == "18,0";
        assert_eq!(answer.contains("+CMS ERROR: 304"), !kept, "{values} {pdu}: {answer}");
    }
    terminal.answers(&[
        ("+CMGW=18,4", "+CMS ERROR: 304"),
        ("+CMGR=1", &format!("+CMGR: 2,,18|{HELLO}|OK")),
        ("+CMGR=2", &format!("+CMGR: 1,,{len}|{received}|OK")),
        ("+CMSS=1", "+CMSS: 1|OK"),
        ("+CMSS=1,\"+4587654321\"", "+CMSS: 2|OK"),
        ("+CMSS=2", "+CMS ERROR: 302"),
        ("+CMSS=", "+CMS ERROR: 304"),
        ("+CMSS=20", "+CMS ERROR: 321"),
        ("+CMGR=1", &format!("+CMGR: 3,,18|{HELLO}|OK")),
        ("+CMMS=2", "OK"),
    ]);
    assert_eq!(terminal.received().len(), 1);
    assert_eq!(terminal.network.handset("4587654321").messages[0].text, "hello");
}

#[test]
fn a_flag_deletes_messages_by_their_state() {
    for (flag, left) in [(1, "2,3,4"), (2, "2,3"), (3, "2"), (4, "")] {
        let mut terminal = Terminal::with("+CMGF=0", &[]);
        let received = "0004038144F50000321141223102000AE8329BFD4697D9EC37";
        for (status, pdu) in [(1, received), (0, received), (2, HELLO), (3, HELLO)] {
            written(&mut terminal, &format!("{},{status}", pdu.len() / 2 - 1), pdu);
        }
        terminal.answers(&[
            (&format!("+CMGD=9,{flag}"), "OK"),
            ("+CMGD=?", &format!("+CMGD: ({left}),(0-4)|OK")),
            ("+CMGD=1,5", "+CMS ERROR: 304"),
        ]);
    }
}

#[test]
fn every_service_centre_validity_period_and_type_of_number_is_taken() {
    let mut terminal = Terminal::with("+CMGF=0", &[]);
    let mut count = 0;
    for centre in ["00", "07915155100024F7", "0891515510002407F2"] {
        for (flags, period) in [
            ("01", ""),
            ("11", "A7"),
            ("11", "AA"),
            ("11", "A8"),
            ("11", "FF"),
            ("19", "62112251405044"),
        ] {
            for kind in ["91", "81"] {
                let tpdu = format!("{flags}000A{kind}21436587090000{period}05E8329BFD06");
                let command = format!("AT+CMGS={}\r", tpdu.len() / 2);
                assert_eq!(terminal.write(command), "\r\n> ");
                count += 1;
                let answer = terminal.write(format!("{centre}{tpdu}\x1a"));
                assert_eq!(answer, format!("\r\n+CMGS: {count}\r\n\r\nOK\r\n"), "{centre}{tpdu}");
            }
        }
    }
    assert_eq!(terminal.network.handset("1234567890").messages.len(), count);
}
