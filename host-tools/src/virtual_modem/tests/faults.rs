//! What goes wrong.

use super::*;

#[test]
fn fault_reboot_loses_message_and_settings_but_no_stored_message() {
    let mut terminal = Terminal::new(&SIM800, &["1=reboot"]);
    terminal.write("ATE0\r");
    terminal.write("AT+CMEE=1;+CNMI=2,1\r");
    assert_eq!(terminal.text("hej"), "\r\n+CMTI: \"ME\",1\r\n");
    assert_eq!(terminal.submit(HELLO), "");
    assert_eq!(terminal.write("AT\r"), "");
    assert_eq!(
        terminal.wait(1_000),
        "\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nCall Ready\r\n\r\nSMS Ready\r\n"
    );
    assert!(terminal.received().is_empty());
    assert_eq!(terminal.write("AT+CMEE?\r"), "AT+CMEE?\r\r\n+CMEE: 0\r\n\r\nOK\r\n");
    terminal.write("ATE0\r");
    assert_eq!(terminal.write("AT+CMGD=?\r"), "\r\n+CMGD: (1),(0-4)\r\n\r\nOK\r\n");
    // The fault was the first PDU's.
    assert_eq!(terminal.submit(HELLO), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
}

#[test]
fn fault_reboot_sent_loses_only_the_result() {
    let mut terminal = Terminal::with("+CNMI=2,1", &["2=reboot-sent"]);
    assert_eq!(terminal.submit(HELLO), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
    assert_eq!(terminal.submit(HELLO), "");
    assert_eq!(terminal.received().len(), 2);
    assert_eq!(terminal.wait(1_000), "\r\nRDY\r\n");
    assert_eq!(terminal.write("AT\r"), "AT\r\r\nOK\r\n");
}

#[test]
fn a_message_that_was_not_acknowledged_comes_again_after_a_reboot() {
    let mut terminal = Terminal::with("+CNMI=2,2", &[]);
    terminal.write("AT+CSMS=1\r");
    let message = terminal.text("hej");
    assert_eq!(terminal.write("AT+CFUN=1,1\r"), "\r\nOK\r\n");
    terminal.wait(1_000);
    assert!(terminal.write("ATE0\r").ends_with("OK\r\n"));
    // It is stored, since nothing else was set before it came.
    let stored = terminal.write("AT+CMGR=1\r");
    assert_eq!(stored, message.replace("+CMT: ,", "+CMGR: 0,,") + "\r\nOK\r\n");
}

#[test]
fn fault_silence_sends_and_answers_only_what_comes_later() {
    let mut terminal = Terminal::with("+CNMI=2,1", &["1=silence"]);
    assert_eq!(terminal.submit(HELLO), "");
    assert_eq!(terminal.wait(600_000), "");
    assert_eq!(terminal.received().len(), 1);
    assert_eq!(terminal.write("AT\r"), "\r\nOK\r\n");
}

#[test]
fn fault_cms_refuses() {
    let mut terminal = Terminal::with("+CNMI=2,1", &["1=cms:331"]);
    assert_eq!(terminal.submit(HELLO), "\r\n+CMS ERROR: 331\r\n");
    assert!(terminal.received().is_empty());
}

#[test]
fn fault_late_lets_indications_pass_and_holds_commands_back() {
    let mut terminal = Terminal::with("+CNMI=2,1", &["1=late:59000"]);
    assert_eq!(terminal.submit(HELLO), "");
    assert_eq!(terminal.wait(21_000), "");
    assert_eq!(terminal.text("hej"), "\r\n+CMTI: \"ME\",1\r\n");
    assert_eq!(terminal.write("AT+CSQ\r"), "");
    assert_eq!(terminal.wait(37_799), "");
    assert_eq!(terminal.wait(1), "\r\n+CMGS: 1\r\n\r\nOK\r\n\r\n+CSQ: 23,0\r\n\r\nOK\r\n");
}

#[test]
fn faults_of_the_report_change_what_it_says_or_leave_it_out() {
    let mut terminal = Terminal::with("+CNMI=2,1,0,1", &["1=status:46", "2=no-report"]);
    assert!(terminal.submit(HELLO_REPORT).ends_with("OK\r\n"));
    assert!(terminal.calm().ends_with("3211412231020046\r\n"));
    assert!(terminal.received().is_empty());
    assert_eq!(terminal.submit(HELLO_REPORT) + &terminal.calm(), "\r\n+CMGS: 2\r\n\r\nOK\r\n");
    assert_eq!(terminal.received().len(), 1);
}
