//! What comes for the SIM.

use super::*;

#[test]
fn a_full_store_leaves_messages_in_the_service_centre() {
    let mut terminal = Terminal::with("+CNMI=2,1", &[]);
    terminal.write("AT+CPMS=\"SM\",\"SM\",\"SM\"\r");
    for _ in 0..store::SIM_SLOTS {
        terminal.text("hej");
    }
    assert_eq!(terminal.text("hej"), "");
    assert_eq!(terminal.hear("AT+CMGD=7\r"), "\r\nOK\r\n\r\n+CMTI: \"SM\",7\r\n");
}

#[test]
fn a_message_that_comes_directly_is_acknowledged_where_that_is_asked_for() {
    let mut terminal = Terminal::with("+CNMI=2,2", &[]);
    let hej = "\r\n+CMT: ,21\r\n07915155100024F7040A91542143658700003211412231020003E8B21A\r\n";
    assert_eq!(terminal.text("hej") + &terminal.text("hej"), hej.repeat(2));

    terminal.write("AT+CSMS=1\r");
    assert_eq!(terminal.text("hej"), hej);
    // The next one waits until the terminal has this one.
    assert_eq!(terminal.text("hej"), "");
    assert_eq!(terminal.hear("AT+CNMA\r"), format!("\r\nOK\r\n{hej}"));
    assert_eq!(terminal.write("AT+CNMA=1,2\r"), "\r\n> ");
    assert_eq!(terminal.write("000000\x1a"), "\r\nOK\r\n");
    assert_eq!(terminal.write("AT+CNMA\r"), "\r\n+CMS ERROR: 340\r\n");

    // Other settings do not end the duty, and no other message is taken for this one.
    assert_eq!(terminal.text("hej"), hej);
    terminal.write("AT+CNMI=2,1\r");
    assert_eq!(terminal.text("two"), "");
    assert_eq!(terminal.hear("AT+CNMA\r"), "\r\nOK\r\n\r\n+CMTI: \"ME\",1\r\n");
    terminal.write("AT+CNMI=2,2\r");

    // One that is not wanted does not come again.
    assert_eq!(terminal.text("hej"), hej);
    assert_eq!(terminal.write("AT+CNMA=2\r"), "\r\nOK\r\n");
    assert_eq!(terminal.wait(60_000), "");
    assert_eq!(terminal.write("AT+CNMI?\r"), "\r\n+CNMI: 2,2,0,0,0\r\n\r\nOK\r\n");
}

#[test]
fn a_late_acknowledgement_ends_direct_delivery_and_loses_nothing() {
    let mut terminal = Terminal::with("+CNMI=2,2,0,1", &[]);
    terminal.write("AT+CSMS=1\r");
    assert!(terminal.text("hej").starts_with("\r\n+CMT: "));
    assert_eq!(terminal.wait(15_000), "");
    assert_eq!(terminal.write("AT+CNMI?\r"), "\r\n+CNMI: 2,0,0,0,0\r\n\r\nOK\r\n");
    assert!(terminal.write("AT+CMGL=4\r").starts_with("\r\n+CMGL: 1,0,,21\r\n"));
}

#[test]
fn a_report_comes_directly_or_is_stored() {
    let mut terminal = Terminal::with("+CNMI=2,1,0,1", &[]);
    let report = "07915155100024F706010A915421436587321141223102003211412231020000";
    let sent = "\r\n+CMGS: 1\r\n\r\nOK\r\n";
    assert_eq!(
        terminal.submit(HELLO_REPORT) + &terminal.calm(),
        format!("{sent}\r\n+CDS: 24\r\n{report}\r\n")
    );
    terminal.write("AT+CNMI=,,,2\r");
    assert_eq!(
        terminal.submit(HELLO_REPORT) + &terminal.calm(),
        "\r\n+CMGS: 2\r\n\r\nOK\r\n\r\n+CDSI: \"ME\",1\r\n"
    );
    let report = report.replace("F70601", "F70602");
    let read = format!("\r\n+CMGR: 0,,24\r\n{report}\r\n\r\nOK\r\n");
    assert_eq!(terminal.write("AT+CMGR=1\r"), read);
    terminal.write("AT+CNMI=,,,0\r");
    assert_eq!(terminal.submit(HELLO_REPORT) + &terminal.calm(), "\r\n+CMGS: 3\r\n\r\nOK\r\n");
    // It is there for whoever looks.
    assert!(terminal.write("AT+CMGR=2\r").starts_with("\r\n+CMGR: 0,,24\r\n"));
}

#[test]
fn an_indication_never_stands_inside_a_line_a_pdu_or_an_answer() {
    let mut terminal = Terminal::with("+CNMI=2,1", &[]);
    terminal.write("AT+C");
    assert_eq!(terminal.text("hej"), "");
    assert_eq!(terminal.hear("SQ\r"), "\r\n+CSQ: 23,0\r\n\r\nOK\r\n\r\n+CMTI: \"ME\",1\r\n");
    terminal.write("AT+CMGS=18\r0011");
    assert_eq!(terminal.text("hej"), "");
    assert_eq!(terminal.hear("\x1b"), "\r\nOK\r\n\r\n+CMTI: \"ME\",2\r\n");
}

#[test]
fn indications_wait_while_their_mode_is_0() {
    let mut terminal = Terminal::with("+CNMI=0,1", &[]);
    assert_eq!(terminal.text("hej"), "");
    assert_eq!(terminal.hear("AT+CNMI=1\r"), "\r\nOK\r\n\r\n+CMTI: \"ME\",1\r\n");
    terminal.write("AT+CNMI=0\r");
    assert_eq!(terminal.text("hej"), "");
    assert_eq!(terminal.hear("AT+CNMI=1,,,,1\r"), "\r\nOK\r\n");
}

/// A text of this coding for the SIM.
fn brought(terminal: &mut Terminal, coding: u8) -> String {
    let other = terminal.network.add_sim("4512340002", &[]);
    let pdu = format!("01000A91542143001000{coding:02X}03E8B21A");
    terminal.network.submit(other, &septet::pdu::read_hex(pdu).unwrap(), None).unwrap();
    terminal.modem.expire(terminal.now);
    terminal.wait(1_000)
}

#[test]
fn a_class_decides_where_a_message_goes() {
    for (indications, coding, told) in [
        ("2,0", 0x00, ""),
        ("2,1", 0x00, "+CMTI: \"ME\",1"),
        ("2,1", 0x12, "+CMTI: \"SM\",1"),
        ("2,1", 0x13, "+CMTI: \"ME\",1"),
        ("2,2", 0x10, "+CMT: ,21"),
        ("2,2", 0x12, "+CMTI: \"SM\",1"),
        ("2,2", 0x13, "+CMT: ,21"),
        ("2,2", 0xD8, "+CMTI: \"ME\",1"),
        ("2,3", 0x00, "+CMTI: \"ME\",1"),
        ("2,3", 0x12, "+CMTI: \"SM\",1"),
        ("2,3", 0x13, "+CMT: ,21"),
        ("3,2", 0x00, "+CMT: ,21"),
        ("1,1", 0x00, "+CMTI: \"ME\",1"),
        ("0,2", 0x00, ""),
    ] {
        let mut terminal = Terminal::with(&format!("+CNMI={indications}"), &[]);
        let answer = brought(&mut terminal, coding);
        assert_eq!(answer.trim().split("\r\n").next(), Some(told), "{indications} {coding:02X}");
    }
}

#[test]
fn indications_keep_a_distance() {
    let mut terminal = Terminal::with("+CNMI=2,1", &[]);
    terminal.network.send_from_handset(HANDSET, "1204", &"x".repeat(300)).unwrap();
    terminal.modem.expire(terminal.now);
    assert_eq!(terminal.wait(GAP.as_millis() as u64), "\r\n+CMTI: \"ME\",1\r\n");
    assert_eq!(terminal.wait(GAP.as_millis() as u64 - 1), "");
    assert_eq!(terminal.wait(1), "\r\n+CMTI: \"ME\",2\r\n");
}

#[test]
fn an_indication_does_not_wait_for_ever_for_silence() {
    let mut terminal = Terminal::with("+CNMI=2,1", &[]);
    terminal.network.send_from_handset(HANDSET, "1204", "hej").unwrap();
    let heard: String = (0..30)
        .map(|_| {
            let heard = terminal.write("AT\r");
            heard + &terminal.wait(100)
        })
        .collect();
    assert_eq!(heard.matches("+CMTI").count(), 1);
}

#[test]
fn stores_are_set_one_by_one_and_all_of_them_are_one() {
    let mut terminal = Terminal::with("+CNMI=2,1", &[]);
    terminal.text("hej");
    terminal.answers(&[
        ("+CPMS=\"SM\"", "+CPMS: 0,20,1,50,1,50|OK"),
        ("+CPMS=\"SM\",\"SM\"", "+CPMS: 0,20,0,20,1,50|OK"),
        ("+CPMS=\"MT\",\"ME\",\"SM\"", "+CPMS: 1,70,1,50,0,20|OK"),
        ("+CPMS=\"SM\",\"SM\",\"SM\",\"SM\"", "+CMS ERROR: 304"),
        ("+CPMS=", "+CMS ERROR: 304"),
        ("+CPMS=SR", "+CPMS: 0,50,1,50,0,20|OK"),
        ("+CPMS=\"MT\"", "+CPMS: 1,70,1,50,0,20|OK"),
    ]);
    assert_eq!(terminal.text("hej"), "\r\n+CMTI: \"SM\",1\r\n");
    assert!(terminal.write("AT+CMGR=51\r").starts_with("\r\n+CMGR: 0,,21\r\n"));
    terminal.answers(&[
        ("+CMGD=1", "OK"),
        ("+CMGD=70", "OK"),
        ("+CMGD=71", "+CMS ERROR: 321"),
        ("+CMGD=0", "+CMS ERROR: 321"),
        ("+CMGD=?", "+CMGD: (51),(0-4)|OK"),
        ("+CPMS=,,\"MT\"", "+CPMS: 1,70,0,50,1,70|OK"),
    ]);
    assert_eq!(terminal.text("hej"), "\r\n+CMTI: \"MT\",1\r\n");
}
