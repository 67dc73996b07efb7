//! What goes wrong at an octet, at a line, at a time and by chance.

use super::*;

/// A terminal whose modem has these troubles, counted from here.
fn troubled(lines: &str) -> Terminal {
    let mut terminal = Terminal::with("+CMEE=1", &[]);
    terminal.trouble(lines);
    terminal
}

impl Terminal {
    fn trouble(&mut self, lines: &str) {
        self.modem.inbox().put(script(lines).unwrap());
        self.modem.expire(self.now);
    }
}

#[test]
fn what_is_written_loses_changes_and_doubles_octets() {
    let sound = "\r\n+CSQ: 23,0\r\n\r\nOK\r\n";
    let mut terminal = troubled("at 3 octets: lose 2");
    assert_eq!(terminal.write("AT+CSQ\r"), "\r\n+Q: 23,0\r\n\r\nOK\r\n");
    assert_eq!(terminal.write("AT+CSQ\r"), sound);
    terminal.trouble("at 3 octets: double");
    assert_eq!(terminal.write("AT+CSQ\r"), "\r\n+CCSQ: 23,0\r\n\r\nOK\r\n");
    terminal.trouble("at 3 octets: change");
    terminal.modem.receive(b"AT+CSQ\r", terminal.now);
    let changed = terminal.modem.transmit();
    let differ: Vec<_> = (0..sound.len()).filter(|i| changed[*i] != sound.as_bytes()[*i]).collect();
    assert_eq!((changed.len(), differ), (sound.len(), vec![3]));
    terminal.trouble("now: lose\nnow: double");
    assert_eq!(terminal.write("AT+CSQ\r"), format!("\n\n{}", &sound[2..]));
}

#[test]
fn what_is_typed_loses_and_doubles_octets() {
    let mut terminal = troubled("at 2 typed octets: lose 1");
    assert_eq!(terminal.write("AT+CSQ\r"), "\r\nERROR\r\n");
    terminal.trouble("at 5 typed octets: double");
    assert_eq!(terminal.write("AT+CSQ\r"), "\r\n+CME ERROR: 100\r\n");
    // A lost Ctrl-Z leaves the modem at its prompt.
    terminal.write("AT+CMGS=18\r");
    terminal.trouble(&format!("at {} typed octets: lose", HELLO.len()));
    assert_eq!(terminal.write(format!("{HELLO}\x1a")), "");
    assert_eq!(terminal.write("AT\r\x1b"), "\r\nOK\r\n");
    assert!(terminal.received().is_empty());
}

#[test]
fn what_is_written_arrives_later_and_in_its_order() {
    let mut terminal = troubled("at 4 octets: delay 500");
    assert_eq!(terminal.write("AT+CSQ\r"), "\r\n+C");
    assert_eq!(terminal.write("AT\r"), "");
    assert_eq!(terminal.wait(499), "");
    assert_eq!(terminal.wait(1), "SQ: 23,0\r\n\r\nOK\r\n\r\nOK\r\n");
}

#[test]
fn a_line_comes_anywhere() {
    // Inside of an answer, between its lines, and inside of a line.
    let mut terminal = troubled("at 2 lines: say RING\nat 24 octets: say +CREG: 1");
    assert_eq!(
        terminal.write("AT+CSQ;+CSQ\r"),
        "\r\n+CSQ: 23,0\r\n\r\nRING\r\n\r\n+CSQ: 23\r\n+CREG: 1\r\n,0\r\n\r\nOK\r\n"
    );
    terminal.trouble("after 700 ms: say +CMTI: \"SM\",3");
    terminal.write("AT+CMGS=18\r");
    assert_eq!(terminal.wait(1_000), "\r\n+CMTI: \"SM\",3\r\n");
}

#[test]
fn a_result_is_another_or_late_or_never_comes() {
    let mut terminal = troubled("now: answer +CMS ERROR: 512");
    assert_eq!(terminal.submit(HELLO), "\r\n+CMGS: 1\r\n\r\n+CMS ERROR: 512\r\n");
    terminal.trouble("now: late 3000");
    assert_eq!(terminal.write("AT+CSQ\r"), "\r\n+CSQ: 23,0\r\n");
    assert_eq!(terminal.write("AT\r"), "");
    assert_eq!(terminal.wait(2_999), "");
    assert_eq!(terminal.wait(1), "\r\nOK\r\n\r\nOK\r\n");
    terminal.trouble("now: silence 1000");
    assert_eq!(terminal.write("AT\r"), "");
    assert_eq!(terminal.wait(1_000), "");
    assert_eq!(terminal.write("AT\r"), "\r\nOK\r\n");
}

#[test]
fn what_waits_when_a_silence_begins_is_due_when_that_ends() {
    let mut terminal = Terminal::with("+CNMI=2,1", &[]);
    terminal.network.send_from_handset(HANDSET, "1204", "hello").unwrap();
    terminal.modem.expire(terminal.now);
    terminal.trouble("now: silence 1000");
    terminal.modem.expire(terminal.now);
    let ends = terminal.now + Duration::from_secs(1);
    assert_eq!(terminal.modem.deadline(), Some(ends));
    assert_eq!(terminal.wait(999), "");
    assert_eq!(terminal.wait(1), "\r\n+CMTI: \"ME\",1\r\n");
}

#[test]
fn the_power_goes_at_an_octet() {
    let mut terminal = troubled("at 20 typed octets: reboot");
    terminal.write("AT+CMGS=18\r");
    assert_eq!(terminal.write(format!("{HELLO}\x1a")), "");
    assert_eq!(terminal.wait(1_000), "\r\nRDY\r\n");
    assert!(terminal.received().is_empty());
    terminal.write("ATE0\r");
    terminal.trouble("at 9 octets: reboot");
    assert_eq!(terminal.submit(HELLO), "\r\n+CM");
    assert_eq!(terminal.wait(1_000), "\r\nRDY\r\n");
    assert_eq!(terminal.received().len(), 1);
}

#[test]
fn the_sim_is_busy_full_and_taken_out() {
    let mut terminal = troubled("now: sim busy");
    terminal.answers(&[
        ("+CPIN?", "+CME ERROR: 14"),
        ("+CMGS=18", "+CMS ERROR: 314"),
        ("+CIMI", "+CME ERROR: 14"),
    ]);
    terminal.trouble("now: sim removed");
    assert_eq!(terminal.read(), "\r\n+CPIN: NOT INSERTED\r\n");
    terminal.answers(&[("+CPIN?", "+CME ERROR: 10"), ("+CPMS?", "+CMS ERROR: 310")]);
    terminal.trouble("now: sim ready");
    assert_eq!(terminal.read(), "\r\n+CPIN: READY\r\n");
    terminal.answers(&[
        ("+CPMS=\"SM\",\"SM\",\"SM\"", "+CPMS: 0,20,0,20,0,20|OK"),
        ("+CNMI=2,1", "OK"),
    ]);
    terminal.trouble("now: sim full");
    terminal.answers(&[("+CPMS?", "+CPMS: \"SM\",20,20,\"SM\",20,20,\"SM\",20,20|OK")]);
    assert_eq!(terminal.write("AT+CMGW=18\r"), "\r\n> ");
    assert_eq!(terminal.write(format!("{HELLO}\x1a")), "\r\n+CMS ERROR: 322\r\n");
    assert_eq!(terminal.text("hej"), "");
    terminal.trouble("now: sim empty");
    assert_eq!(terminal.calm(), "\r\n+CMTI: \"SM\",1\r\n");
    // What is in it by itself, stays.
    terminal.trouble("now: sim full\nnow: sim empty");
    terminal.answers(&[("+CMGD=?", "+CMGD: (1),(0-4)|OK")]);
}

#[test]
fn a_full_sim_can_be_listed_read_and_cleared() {
    let mut terminal = troubled("now: sim full");
    terminal.answers(&[("+CPMS=\"SM\",\"SM\",\"SM\";+CNMI=2,1", "+CPMS: 20,20,20,20,20,20|OK")]);
    let listed = terminal.lines("AT+CMGL=4\r");
    assert_eq!(listed.len(), 41);
    assert!(listed[0].starts_with("+CMGL: 1,1,,") && listed[38].starts_with("+CMGL: 20,1,,"));
    assert_ne!(listed[1], listed[3]);
    terminal.answers(&[("+CMGF=1", "OK")]);
    assert_eq!(terminal.lines("AT+CMGR=20\r")[1], "Message 20 of a full SIM");
    assert_eq!(terminal.text("hej"), "");
    assert_eq!(terminal.hear("AT+CMGD=7\r"), "\r\nOK\r\n\r\n+CMTI: \"SM\",7\r\n");
    terminal.answers(&[("+CPMS?", "+CPMS: \"SM\",20,20,\"SM\",20,20,\"SM\",20,20|OK")]);
    terminal.answers(&[
        ("+CMGD=1,4", "OK"),
        ("+CPMS?", "+CPMS: \"SM\",0,20,\"SM\",0,20,\"SM\",0,20|OK"),
    ]);
    assert_eq!(terminal.text("hej"), "\r\n+CMTI: \"SM\",1\r\n");
}

#[test]
fn the_network_goes_refuses_and_takes_its_time() {
    let mut terminal = troubled("now: network lost");
    terminal.answers(&[("+CREG=1", "OK"), ("+CREG?", "+CREG: 1,0|OK")]);
    assert_eq!(terminal.submit(HELLO), "\r\n+CMS ERROR: 331\r\n");
    terminal.trouble("after 5000 ms: network roaming\nafter 9000 ms: network home");
    assert_eq!(terminal.wait(6_000), "\r\n+CREG: 5\r\n");
    assert_eq!(terminal.wait(6_000), "\r\n+CREG: 1\r\n");
    terminal.trouble("now: refuse 38");
    assert_eq!(terminal.submit(HELLO), "\r\n+CMS ERROR: 38\r\n");
    terminal.trouble("now: refuse 0\nnow: slow 30000");
    assert_eq!(terminal.submit(HELLO), "");
    assert_eq!(terminal.wait(29_999), "");
    assert_eq!(terminal.wait(1), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
    terminal.trouble("now: slow 0\nnow: handset 4512345678 off");
    assert_eq!(terminal.submit(HELLO), "\r\n+CMGS: 2\r\n\r\nOK\r\n");
    assert_eq!(terminal.received().len(), 1);
    terminal.trouble("now: handset 4512345678 on");
    assert_eq!(terminal.received().len(), 2);
}

#[test]
fn chance_repeats_itself_by_its_seed() {
    let heard = |seed| {
        let troubles = script(
            "one in 20 octets: lose\none in 30 octets: double\none in 40 octets: change\n\
             one in 50 typed octets: lose\none in 9 lines: say RING\none in 300 octets: reboot",
        );
        let troubles = troubles.unwrap();
        let mut terminal = Terminal::particular(Traits { seed, troubles, ..Traits::default() });
        let mut heard = Vec::new();
        for _ in 0..200 {
            terminal.modem.receive(b"AT+CSQ\r", terminal.now);
            heard.extend(terminal.modem.transmit());
            terminal.now += Duration::from_millis(100);
            terminal.modem.expire(terminal.now);
            heard.extend(terminal.modem.transmit());
        }
        heard
    };
    assert_eq!(heard(1), heard(1));
    assert_ne!(heard(1), heard(2));
    let text = String::from_utf8_lossy(&heard(1)).into_owned();
    assert!(text.contains("RING") && text.contains("RDY") && text.contains("+CSQ: 23,0"));
}
