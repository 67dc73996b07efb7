//! Command lines, answers and settings.

use super::*;

#[test]
fn an_answer_is_framed_and_a_command_echoed() {
    let mut terminal = Terminal::new(&GENERIC, &[]);
    for (command, answer) in [
        ("AT\r", "AT\r\r\nOK\r\n"),
        ("at+cmgf?;+CSQ\r", "at+cmgf?;+CSQ\r\r\n+CMGF: 0\r\n\r\n+CSQ: 23,0\r\n\r\nOK\r\n"),
        ("AT+NONE\r", "AT+NONE\r\r\nERROR\r\n"),
        ("AT+CMEE=1\r", "AT+CMEE=1\r\r\nOK\r\n"),
        ("ATE0\r", "ATE0\r\r\nOK\r\n"),
        ("AT+NONE\r", "\r\n+CME ERROR: 100\r\n"),
        ("AT+CMGR=1\r", "\r\n+CMS ERROR: 321\r\n"),
        ("AT+CMEE=2\r", "\r\nOK\r\n"),
        ("AT+NONE\r", "\r\n+CME ERROR: unknown\r\n"),
        ("AT+CMGR=1\r", "\r\n+CMS ERROR: invalid memory index\r\n"),
        // A refusal ends the line: CMEE stays.
        ("AT+CMGF=2;+CMEE=0\r", "\r\n+CMS ERROR: operation not supported\r\n"),
        ("AT+CMEE?\r", "\r\n+CMEE: 2\r\n\r\nOK\r\n"),
        ("ATZ\r", "\r\nOK\r\n"),
        ("AT+CMEE?\r", "AT+CMEE?\r\r\n+CMEE: 0\r\n\r\nOK\r\n"),
    ] {
        assert_eq!(terminal.write(command), answer, "{command}");
    }
}

#[test]
fn a_command_line_begins_at_its_at_and_ends_at_cr() {
    let mut terminal = Terminal::new(&GENERIC, &[]);
    assert_eq!(terminal.write("\x1bAT\r\n"), "AT\r\r\nOK\r\n");
    assert_eq!(terminal.write("AT\nI\n\r"), terminal.write("ATI\r"));
    assert_eq!(terminal.write("\r\n\r\n"), "\r\r");
    assert_eq!(terminal.write("0011AaAT\r"), "0011AaAT\r\r\nOK\r\n");
    assert_eq!(terminal.write("no command\r"), "no command\r");
    assert_eq!(terminal.write("ATX\x08\r"), "ATX\x08 \x08\r\r\nOK\r\n");
    terminal.write("ATE0\r");
    let long = "I".repeat(LINE_MAX);
    assert_eq!(terminal.write(format!("AT{long}\r")), "\r\nERROR\r\n");
}

#[test]
fn every_question_has_its_answer() {
    let mut terminal = Terminal::with("+CMEE=1", &[]);
    for (command, answer) in [
        ("I", "Septet|virtual modem|0.1.0|OK"),
        ("+CGMI", "Septet|OK"),
        ("+CGSN", "490154203237518|OK"),
        ("+CIMI", "001014512340001|OK"),
        ("+CNUM", "+CNUM: ,\"+4512340001\",145|OK"),
        ("+CPIN?", "+CPIN: READY|OK"),
        ("+CREG?", "+CREG: 0,1|OK"),
        ("+CEREG=2", "OK"),
        ("+CEREG?", "+CEREG: 2,1,\"00C3\",\"0001A2B3\",7|OK"),
        ("+CREG=3", "+CME ERROR: 50"),
        ("+COPS?", "+COPS: 0,0,\"Septet\"|OK"),
        ("+CSMS?", "+CSMS: 0,1,1,1|OK"),
        ("+CSMS=1", "+CSMS: 1,1,1|OK"),
        ("+CSCA?", "+CSCA: \"+15550100427\",145|OK"),
        ("+CSCA=\"1204\"", "OK"),
        ("+CSCA?", "+CSCA: \"1204\",129|OK"),
        (
            "+CPMS=?",
            "+CPMS: (\"ME\",\"SM\",\"MT\",\"SR\"),(\"ME\",\"SM\",\"MT\"),\
             (\"ME\",\"SM\",\"MT\",\"SR\")|OK",
        ),
        ("+CPMS=\"SM\"", "+CPMS: 0,20,0,50,0,50|OK"),
        ("+CPMS?", "+CPMS: \"SM\",0,20,\"ME\",0,50,\"ME\",0,50|OK"),
        ("+CPMS=\"BM\"", "+CMS ERROR: 303"),
        ("+CMGF=?", "+CMGF: (0-1)|OK"),
        ("+CMEE=?", "+CMEE: (0-2)|OK"),
        ("+CNMI=2,1", "OK"),
        ("+CNMI=,,,2", "OK"),
        ("+CNMI?", "+CNMI: 2,1,0,2,0|OK"),
        ("+CNMI=2,4", "+CMS ERROR: 303"),
        ("+CNMI=?", "+CNMI: (0-3),(0-3),(0-3),(0-2),(0,1)|OK"),
        ("+CMGS=?", "OK"),
        ("+CMGS=0", "+CMS ERROR: 304"),
        ("+CMGS", "+CMS ERROR: 304"),
        ("+CMGD=?", "+CMGD: (),(0-4)|OK"),
        ("+CMGD=51", "+CMS ERROR: 321"),
        ("+CNMA", "+CMS ERROR: 340"),
        ("+CFUN=7", "+CME ERROR: 3"),
        ("V2", "ERROR"),
    ] {
        assert_eq!(terminal.lines(&format!("AT{command}\r")).join("|"), answer, "{command}");
    }
}

#[test]
fn a_line_of_any_program_is_understood() {
    let mut terminal = Terminal::with("+CMEE=1", &[]);
    for (line, answer) in [
        // gammu and gsm0710muxd begin with ESC and Ctrl-Z.
        ("\x1bAT\r", "OK"),
        ("\x1aAT\r", "OK"),
        // Device::Modem, smstools, comgt.
        ("+++AT S7=45 S0=0 L1 V1 X4 &c1 E0 Q0\r", "OK"),
        ("AT+CMEE=1;+CREG=2\r", "OK"),
        ("at + cmee ?\r", "+CMEE: 1|OK"),
        ("AT_OHWV\r", "ERROR"),
        ("AT$QCMGD=1\r", "ERROR"),
        ("AT^CURC=0\r", "ERROR"),
        ("AT*EVERY\r", "ERROR"),
        ("AT\\Q3\r", "ERROR"),
        ("AT+W46=?\r", "+CME ERROR: 100"),
        ("AT+CRSM=192,28421\r", "+CME ERROR: 100"),
        ("ATY\r", "ERROR"),
        ("ATD123;\r", "NO CARRIER"),
        ("ATE\r", "OK"),
        ("ATI5\r", "Septet|virtual modem|0.1.0|OK"),
        ("AT&F0\r", "OK"),
    ] {
        assert_eq!(terminal.lines(line).join("|"), answer, "{line:?}");
    }
}

#[test]
fn a_command_that_keeps_one_number_takes_no_second() {
    let mut terminal = Terminal::with("+CMEE=1", &[]);
    terminal.answers(&[
        ("+CMGF=1,2", "+CMS ERROR: 303"),
        ("+CMGF=1,", "+CMS ERROR: 303"),
        ("+CMGF?", "+CMGF: 0|OK"),
        ("+CMEE=2,1", "+CME ERROR: 50"),
        ("+CREG=1,1", "+CME ERROR: 50"),
        ("+CSMS=1,1", "+CMS ERROR: 303"),
        ("+CRC=1,1", "+CME ERROR: 50"),
        ("S0=1,1", "ERROR"),
        ("E0,1", "ERROR"),
    ]);
}

#[test]
fn a_slash_repeats_the_line_before() {
    let mut terminal = Terminal::new(&GENERIC, &[]);
    assert_eq!(terminal.write("A/"), "A/\r\nOK\r\n");
    terminal.write("ATE0\r");
    terminal.write("AT+CSQ\r");
    assert_eq!(terminal.write("a/"), "\r\n+CSQ: 23,0\r\n\r\nOK\r\n");
    assert_eq!(terminal.write("A/A/"), "\r\n+CSQ: 23,0\r\n\r\nOK\r\n".repeat(2));
}

#[test]
fn results_are_digits_or_none_where_that_is_set() {
    let mut terminal = Terminal::with("V1", &[]);
    assert_eq!(terminal.write("ATV0\r"), "0\r");
    assert_eq!(terminal.write("AT+CSQ\r"), "+CSQ: 23,0\r\n0\r");
    assert_eq!(terminal.write("AT+NONE\r"), "4\r");
    assert_eq!(terminal.write("ATD1;\r"), "3\r");
    assert_eq!(terminal.write("AT+CMGR=1\r"), "+CMS ERROR: 321\r");
    assert_eq!(terminal.write("ATV1Q1\r"), "");
    assert_eq!(terminal.write("AT+CSQ\r"), "\r\n+CSQ: 23,0\r\n");
    // What nobody asked for waits, too.
    assert_eq!(terminal.write("AT+CNMI=2,1\r"), "");
    assert_eq!(terminal.text("hej"), "");
    assert_eq!(terminal.hear("ATQ\r"), "\r\nOK\r\n\r\n+CMTI: \"ME\",1\r\n");
}

#[test]
fn registers_are_what_ends_a_line_and_corrects_it() {
    let mut terminal = Terminal::with("+CMEE=1", &[]);
    terminal.answers(&[
        ("S3?", "013|OK"),
        ("S7=60S7?", "060|OK"),
        ("S7=?", "S(1-255)|OK"),
        ("S7=0", "ERROR"),
        ("S99=1", "ERROR"),
    ]);
    assert_eq!(terminal.write("ATS5=35\r"), "\r\nOK\r\n");
    assert_eq!(terminal.write("AT+CSX#Q\r"), "\r\n+CSQ: 23,0\r\n\r\nOK\r\n");
    assert_eq!(terminal.write("ATS4=33\r"), "\r!OK\r!");
    assert_eq!(terminal.write("ATS3=36\r"), "$!OK$!");
    assert_eq!(terminal.write("ATZ$"), "\r\nOK\r\n");
}

#[test]
fn the_profile_and_the_commands_are_told() {
    let mut terminal = Terminal::with("+CMGF=1", &[]);
    let profile = terminal.lines("AT&V\r");
    for line in ["ACTIVE PROFILE:", "E0", "V1", "S3:013", "+CMGF: 1"] {
        assert!(profile.iter().any(|told| told == line), "{line} in {profile:?}");
    }
    let commands = terminal.lines("AT+CLAC\r");
    assert!(commands.contains(&"AT+CMGS".to_owned()) && commands.contains(&"AT&F".to_owned()));
}

#[test]
fn programs_choose_by_what_can_be_set() {
    let mut terminal = Terminal::with("+CMEE=1", &[]);
    terminal.answers(&[
        ("+CSCS=?", "+CSCS: (\"GSM\",\"IRA\",\"UCS2\",\"HEX\",\"8859-1\")|OK"),
        ("+CSMS=?", "+CSMS: (0,1)|OK"),
        ("+CREG=?", "+CREG: (0-2)|OK"),
        ("+CMMS=?", "+CMMS: (0-2)|OK"),
        ("+CMGR=?", "OK"),
        ("+CSMP=?", "OK"),
        ("+CNUM=?", "OK"),
        ("+CGSN=?", "OK"),
        ("+CSQ=?", "+CSQ: (0-31,99),(0-7,99)|OK"),
        ("+CPAS", "+CPAS: 0|OK"),
        ("+CBC", "+CBC: 0,100|OK"),
        ("+CESQ", "+CESQ: 99,99,255,255,22,60|OK"),
        ("+COPS=?", "+COPS: (2,\"Septet\",\"Septet\",\"00101\"),,(0-4),(0-2)|OK"),
        ("+IPR=115200", "OK"),
        ("+IPR?", "+IPR: 0|OK"),
        ("+CSCB=0,\"4352-4356\"", "OK"),
        ("+CSCB?", "+CSCB: 0,\"4352-4356\"|OK"),
        ("+CSCA=\"4520001000\",145", "OK"),
        ("+CSCA?", "+CSCA: \"+4520001000\",145|OK"),
        ("+CHUP", "OK"),
        ("+CGATT?", "+CGATT: 1|OK"),
    ]);
}
