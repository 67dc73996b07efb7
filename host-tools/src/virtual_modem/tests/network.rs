//! The network as modems see it: several of them, handsets that are off, operators that refuse.

use std::cell::Cell;

use super::*;

thread_local! {
    static SECONDS: Cell<u64> = const { Cell::new(0) };
}

/// A terminal whose network goes by the same clock.
fn timed() -> Terminal {
    let clock = || SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + SECONDS.get());
    let network = Network::with_clock(clock);
    let sim = network.add_sim(SIM, &[]);
    let modem = VirtualModem::new(&GENERIC, network.clone(), sim, Vec::new());
    let mut terminal = Terminal { modem, network, now: Instant::now() };
    terminal.write("ATE0\r");
    terminal.answers(&[("+CNMI=2,1,0,1", "OK")]);
    terminal
}

impl Terminal {
    fn seconds(&mut self, seconds: u64) -> String {
        SECONDS.set(SECONDS.get() + seconds);
        self.wait(seconds * 1_000)
    }
}

/// `hello` for five minutes, with a report.
const FIVE_MINUTES: &str = "0031000A91542143658700000005E8329BFD06";

#[test]
fn a_message_waits_for_a_handset_and_is_reported_then() {
    let mut terminal = timed();
    terminal.network.switch_handset(HANDSET, false);
    assert!(terminal.submit(FIVE_MINUTES).ends_with("OK\r\n"));
    assert_eq!(terminal.seconds(200), "");
    assert!(terminal.received().is_empty());
    terminal.network.switch_handset(HANDSET, true);
    terminal.modem.expire(terminal.now);
    assert!(terminal.read().ends_with("00\r\n"));
    assert_eq!(terminal.received().len(), 1);
    assert_eq!(terminal.seconds(1_000), "");
}

#[test]
fn a_message_expires_while_the_handset_is_off() {
    let mut terminal = timed();
    terminal.network.switch_handset(HANDSET, false);
    terminal.submit(FIVE_MINUTES);
    assert_eq!(terminal.seconds(299), "");
    let told = terminal.seconds(2);
    assert!(told.starts_with("\r\n+CDS: 24\r\n") && told.ends_with("46\r\n"), "{told}");
    terminal.network.switch_handset(HANDSET, true);
    assert!(terminal.received().is_empty());
}

#[test]
fn modems_of_one_network_send_to_each_other() {
    let mut terminal = timed();
    let other = terminal.network.add_sim("4512340002", &[]);
    let modem = VirtualModem::new(&GENERIC, terminal.network.clone(), other, Vec::new());
    let mut other = Terminal { modem, network: terminal.network.clone(), now: terminal.now };
    other.write("ATE0\r");
    other.answers(&[("+CNMI=2,1", "OK")]);
    let pdu = "0031000A9154214300200000AA05E8329BFD06";
    assert!(terminal.submit(pdu).ends_with("OK\r\n"));
    other.modem.expire(other.now);
    assert_eq!(other.calm(), "\r\n+CMTI: \"ME\",1\r\n");
    terminal.modem.expire(terminal.now);
    assert!(terminal.calm().ends_with("00\r\n"));
}

#[test]
fn an_operator_refuses_one_of_its_sims() {
    let mut terminal = timed();
    terminal.network.refuse(terminal.modem.sim, Some(CmsError(50)));
    assert_eq!(terminal.submit(HELLO), "\r\n+CMS ERROR: 50\r\n");
    terminal.network.refuse(terminal.modem.sim, None);
    assert_eq!(terminal.submit(HELLO), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
}

#[test]
fn a_message_of_type_0_is_reported_and_nobody_sees_it() {
    let mut terminal = timed();
    assert!(terminal.submit("0031000A9154214365874000AA05E8329BFD06").ends_with("OK\r\n"));
    assert!(terminal.calm().ends_with("00\r\n"));
    assert!(terminal.received().is_empty());
    // Nor is it kept in a modem.
    terminal.network.add_sim("4512340002", &[]);
    let other = terminal.network.add_sim("4512340003", &[]);
    let modem = VirtualModem::new(&GENERIC, terminal.network.clone(), other, Vec::new());
    let mut other = Terminal { modem, network: terminal.network.clone(), now: terminal.now };
    other.write("ATE0\r");
    other.answers(&[("+CNMI=2,1", "OK")]);
    terminal.submit("0031000A9154214300304000AA05E8329BFD06");
    other.modem.expire(other.now);
    assert_eq!(other.calm(), "");
    other.answers(&[("+CMGD=?", "+CMGD: (),(0-4)|OK")]);
    terminal.modem.expire(terminal.now);
    assert!(terminal.calm().ends_with("00\r\n"));
}

#[test]
fn octets_behind_the_user_data_are_passed_over() {
    let mut terminal = timed();
    assert_eq!(terminal.write("AT+CMGS=19\r"), "\r\n> ");
    assert_eq!(terminal.write(format!("{HELLO}00\x1a")), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
    assert_eq!(terminal.received()[0].text, "hello");
}
