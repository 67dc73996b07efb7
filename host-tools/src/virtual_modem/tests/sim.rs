//! The SIM: its PIN, and what is asked of the network with it.

use super::*;

fn locked() -> Terminal {
    let mut terminal =
        Terminal::particular(Traits { pin: Some("1234".to_owned()), ..Traits::default() });
    terminal.write("ATE0\r");
    terminal.answers(&[("+CMEE=1", "OK")]);
    terminal
}

#[test]
fn a_locked_sim_is_good_for_nothing_but_its_pin() {
    let mut terminal = locked();
    terminal.answers(&[
        ("+CPIN?", "+CPIN: SIM PIN|OK"),
        ("+CREG?", "+CREG: 0,0|OK"),
        ("+CSQ", "+CSQ: 99,99|OK"),
        ("+CIMI", "+CME ERROR: 11"),
        ("+CMGS=18", "+CMS ERROR: 311"),
        ("+CPMS?", "+CMS ERROR: 311"),
        ("+CGSN", "490154203237518|OK"),
        ("+CPIN=\"1234\",\"4321\"", "+CME ERROR: 3"),
        ("+CREG=1", "OK"),
        ("+CPIN=1234", "OK"),
    ]);
    assert_eq!(terminal.calm(), "\r\n+CREG: 1\r\n");
    terminal.answers(&[
        ("+CPIN?", "+CPIN: READY|OK"),
        ("+CPIN=1234", "+CME ERROR: 3"),
        ("+CIMI", "001014512340001|OK"),
        ("+CFUN=1,1", "OK"),
    ]);
    terminal.wait(1_000);
    terminal.write("ATE0\r");
    terminal.answers(&[("+CPIN?", "+CPIN: SIM PIN|OK")]);
}

#[test]
fn a_pin_has_three_tries_and_then_the_puk_gives_another() {
    let mut terminal = locked();
    terminal.answers(&[
        ("+CPINR", "+CPINR: SIM PIN,3,3|+CPINR: SIM PUK,10,10|OK"),
        ("+CPIN=\"0000\"", "+CME ERROR: 16"),
        ("+CPIN=\"0000\"", "+CME ERROR: 16"),
        ("+SPIC", "+SPIC: 1,10,3,10|OK"),
        ("+CPINR=\"SIM PIN\"", "+CPINR: SIM PIN,1,3|OK"),
        ("+CPIN=\"0000\"", "+CME ERROR: 12"),
        ("+CPIN?", "+CPIN: SIM PUK|OK"),
        ("+CPIN=\"1234\"", "+CME ERROR: 12"),
        ("+CMGL=4", "+CMS ERROR: 316"),
        ("+CPIN=\"00000000\",\"4321\"", "+CME ERROR: 16"),
        (&format!("+CPIN=\"{PUK}\",\"4321\""), "OK"),
        ("+CPIN?", "+CPIN: READY|OK"),
        ("+CLCK=\"SC\",2", "+CLCK: 1|OK"),
        ("+CPWD=\"SC\",\"4321\",\"1111\"", "OK"),
        ("+CPWD=\"SC\",\"4321\",\"1111\"", "+CME ERROR: 16"),
        ("+CLCK=\"SC\",0,\"1111\"", "OK"),
        ("+CLCK=\"SC\",2", "+CLCK: 0|OK"),
        ("+clck=\"PN\",2", "+CLCK: 0|OK"),
        ("+CLCK=\"PN\",1,\"1111\"", "+CME ERROR: 3"),
        ("+CLCK=?", "+CLCK: (\"SC\")|OK"),
    ]);
}

#[test]
fn what_cannot_be_a_pin_costs_no_try() {
    let mut terminal = locked();
    terminal.answers(&[
        ("+CPIN=\"12\"", "+CME ERROR: 50"),
        ("+CPIN=\"abcd\"", "+CME ERROR: 50"),
        ("+CPIN=\"123456789\"", "+CME ERROR: 50"),
        ("+CPIN=\"\"", "+CME ERROR: 50"),
        ("+CPIN=012", "+CME ERROR: 50"),
        ("+CLCK=\"SC\",0,\"12\"", "+CME ERROR: 50"),
        ("+CPWD=\"SC\",\"12\",\"4321\"", "+CME ERROR: 50"),
        ("+CPWD=\"SC\",\"1234\",\"12\"", "+CME ERROR: 50"),
        ("+SPIC", "+SPIC: 3,10,3,10|OK"),
    ]);
    for _ in 0..3 {
        terminal.write("AT+CPIN=0000\r");
    }
    terminal.answers(&[
        ("+CPIN=\"1234567\",\"4321\"", "+CME ERROR: 50"),
        (&format!("+CPIN=\"{PUK}\",\"123\""), "+CME ERROR: 50"),
        (&format!("+CPIN=\"{PUK}\",\"four\""), "+CME ERROR: 50"),
        ("+SPIC", "+SPIC: 0,10,3,10|OK"),
        (&format!("+CPIN={PUK},4321"), "OK"),
    ]);
}

#[test]
fn the_network_answers_ussd_a_little_later() {
    let mut terminal = Terminal::with("+CSCS=\"GSM\"", &[]);
    terminal.answers(&[("+CUSD=1,\"*100#\",15", "OK")]);
    assert_eq!(terminal.wait(1_000), "\r\n+CUSD: 0,\"Balance: EUR 12.34\",15\r\n");
    terminal.answers(&[("+CUSD?", "+CUSD: 1|OK"), ("+CUSD=1,\"*101#\",15", "OK")]);
    assert_eq!(terminal.wait(1_000), "\r\n+CUSD: 1,\"1 Balance\n2 Own number\",15\r\n");
    terminal.answers(&[("+CUSD=1,\"2\",15", "OK")]);
    assert_eq!(terminal.wait(1_000), "\r\n+CUSD: 0,\"+4512340001\",15\r\n");
    terminal.answers(&[("+CUSD=1,\"2\"", "OK")]);
    assert_eq!(terminal.wait(1_000), "\r\n+CUSD: 4\r\n");
    // Another alphabet is in hexadecimal digits, whatever is set.
    terminal.answers(&[("+CUSD=1,\"*103#\"", "OK")]);
    assert!(terminal.wait(1_000).starts_with("\r\n+CUSD: 0,\"041204300448"));
    terminal.answers(&[("+CSCS=\"UCS2\"", "OK"), ("+CUSD=1,\"002A0031003000300023\",15", "OK")]);
    assert!(terminal.wait(1_000).starts_with("\r\n+CUSD: 0,\"00420061"));
}

#[test]
fn a_late_ussd_answer_can_be_cancelled_or_hidden() {
    let mut terminal = Terminal::with("+CSCS=\"GSM\"", &[]);
    terminal.answers(&[("+CUSD=1,\"*102#\",15", "OK")]);
    assert_eq!(terminal.wait(19_000), "");
    assert_eq!(terminal.wait(2_000), "\r\n+CUSD: 0,\"This took its time\",15\r\n");
    terminal.answers(&[("+CUSD=1,\"*102#\",15", "OK"), ("+CUSD=2", "OK")]);
    assert_eq!(terminal.wait(30_000), "");
    terminal.answers(&[("+CUSD=1,\"*100#\",999", "ERROR"), ("+CUSD=1,\"*100#\",x", "ERROR")]);
    assert_eq!(terminal.wait(30_000), "");
    terminal.answers(&[("+CUSD=0,\"*100#\",15", "OK"), ("+CUSD=3", "+CME ERROR: 50")].map(
        |(c, a)| {
            // Without `+CMEE=1` the reason is not told.
            (c, if a.starts_with("+CME") { "ERROR" } else { a })
        },
    ));
    assert_eq!(terminal.wait(30_000), "");
}

#[test]
fn the_clock_goes_on_from_what_it_is_set_to() {
    let mut terminal = Terminal::with("+CMEE=1", &[]);
    terminal.answers(&[
        ("+CCLK?", "+CCLK: \"23/11/14,22:13:20+00\"|OK"),
        ("+CCLK=\"26/11/22,15:04:05+04\"", "OK"),
        ("+CCLK?", "+CCLK: \"26/11/22,14:04:05+00\"|OK"),
        ("+CCLK=\"26/13/22,15:04:05\"", "+CME ERROR: 50"),
        ("+CCLK=\"20/01/01,00:00:00\"", "OK"),
        ("+CCLK?", "+CCLK: \"20/01/01,00:00:00+00\"|OK"),
    ]);
}

#[test]
fn a_radio_that_is_off_carries_nothing() {
    let mut terminal = Terminal::with("+CMEE=1;+CREG=2;+CNMI=2,1", &[]);
    terminal.answers(&[("+CFUN=4", "OK")]);
    assert_eq!(terminal.calm(), "\r\n+CREG: 0\r\n");
    terminal.answers(&[
        ("+CFUN?", "+CFUN: 4|OK"),
        ("+CREG?", "+CREG: 2,0|OK"),
        ("+COPS?", "+COPS: 0|OK"),
    ]);
    assert_eq!(terminal.submit(HELLO), "\r\n+CMS ERROR: 331\r\n");
    assert_eq!(terminal.text("hej"), "");
    terminal.answers(&[("+CFUN=1", "OK")]);
    let told = terminal.wait(1_000);
    assert_eq!(told, "\r\n+CREG: 1,\"00C3\",\"0001A2B3\"\r\n\r\n+CMTI: \"ME\",1\r\n");
    terminal.answers(&[
        ("+COPS=2", "OK"),
        ("+CREG=0;+CREG?", "+CREG: 0,0|OK"),
        ("+COPS=1,2,\"00101\"", "OK"),
        ("+COPS=3,2", "OK"),
        ("+COPS?", "+COPS: 0,2,\"00101\"|OK"),
        ("+COPS=1,2,\"99999\"", "+CME ERROR: 3"),
    ]);
}
