use std::time::SystemTime;

use septet_firmware::profile::{GENERIC, SIM800};

use super::*;
use crate::network::Message;

const SIM: &str = "4512340001";
const HANDSET: &str = "4512345678";

/// `hello` to the handset, and what it is given to `AT+CMGS` as.
const HELLO: &str = "0011000A9154214365870000AA05E8329BFD06";
const HELLO_LEN: usize = 18;
/// The same with a status report.
const HELLO_REPORT: &str = "0031000A9154214365870000AA05E8329BFD06";

/// A terminal at a modem, without any echo, and its clock.
struct Terminal {
    modem: VirtualModem,
    network: Network,
    now: Instant,
}

impl Terminal {
    fn new(profile: &'static Profile, faults: &[&str]) -> Self {
        let clock = || SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let network = Network::with_clock(clock);
        let sim = network.add_sim(SIM, &["1204".to_owned()]);
        let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
        let modem = VirtualModem::new(profile, network.clone(), sim, faults);
        Self { modem, network, now: Instant::now() }
    }

    /// One that has set this.
    fn with(settings: &str, faults: &[&str]) -> Self {
        let mut terminal = Self::new(&GENERIC, faults);
        terminal.write("ATE0\r");
        assert_eq!(terminal.write(format!("AT{settings}\r")), "\r\nOK\r\n");
        terminal
    }

    /// What the modem answers.
    fn write(&mut self, octets: impl AsRef<[u8]>) -> String {
        self.modem.receive(octets.as_ref(), self.now);
        self.read()
    }

    fn read(&mut self) -> String {
        String::from_utf8(self.modem.transmit()).unwrap()
    }

    /// What the modem writes in this time.
    fn wait(&mut self, ms: u64) -> String {
        let end = self.now + Duration::from_millis(ms);
        while let Some(deadline) = self.modem.deadline().filter(|deadline| *deadline <= end) {
            self.now = deadline;
            self.modem.expire(deadline);
        }
        self.now = end;
        self.read()
    }

    /// What the modem writes when the handset has sent a text.
    fn text(&mut self, text: &str) -> String {
        self.network.send_from_handset(HANDSET, "1204", text).unwrap();
        self.modem.expire(self.now);
        self.read()
    }

    fn submit(&mut self, pdu: &str) -> String {
        assert_eq!(self.write(format!("AT+CMGS={HELLO_LEN}\r")), "\r\n> ");
        self.write(format!("{pdu}\x1a"))
    }

    fn received(&self) -> Vec<Message> {
        self.network.handset(HANDSET).messages
    }

    /// What stands between the frames of the lines that the modem writes.
    fn lines(&mut self, octets: &str) -> Vec<String> {
        let answer = self.write(octets);
        answer.split("\r\n").filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }
}

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
        ("AT+CMGF=1;+CMEE=0\r", "\r\n+CMS ERROR: operation not supported\r\n"),
        ("AT+CMEE?\r", "\r\n+CMEE: 2\r\n\r\nOK\r\n"),
        ("ATZ\r", "\r\nOK\r\n"),
        ("AT+CMEE?\r", "AT+CMEE?\r\r\n+CMEE: 0\r\n\r\nOK\r\n"),
    ] {
        assert_eq!(terminal.write(command), answer, "{command}");
    }
}

#[test]
fn a_command_line_begins_at_its_at_and_ends_at_cr_or_lf() {
    let mut terminal = Terminal::new(&GENERIC, &[]);
    assert_eq!(terminal.write("\x1bAT\r\n"), "AT\r\r\nOK\r\n");
    assert_eq!(terminal.write("AT\n"), "AT\n\r\nOK\r\n");
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
        ("+CEREG?", "+CEREG: 2,1|OK"),
        ("+CREG=3", "+CME ERROR: 50"),
        ("+COPS?", "+COPS: 0,0,\"Septet\"|OK"),
        ("+CSMS?", "+CSMS: 0,1,1,1|OK"),
        ("+CSMS=1", "+CSMS: 1,1,1|OK"),
        ("+CSCA?", "+CSCA: \"+15550100427\",145|OK"),
        ("+CSCA=\"1204\"", "OK"),
        ("+CSCA?", "+CSCA: \"1204\",129|OK"),
        ("+CPMS=?", "+CPMS: (\"ME\",\"SM\"),(\"ME\",\"SM\"),(\"ME\",\"SM\")|OK"),
        ("+CPMS=\"SM\"", "+CPMS: 0,20,0,50,0,50|OK"),
        ("+CPMS?", "+CPMS: \"SM\",0,20,\"ME\",0,50,\"ME\",0,50|OK"),
        ("+CPMS=\"SR\"", "+CMS ERROR: 303"),
        ("+CMGF=?", "+CMGF: (0)|OK"),
        ("+CMEE=?", "+CMEE: (0-2)|OK"),
        ("+CNMI=2,1", "OK"),
        ("+CNMI=,,,2", "OK"),
        ("+CNMI?", "+CNMI: 2,1,0,2,0|OK"),
        ("+CNMI=2,3", "+CMS ERROR: 303"),
        ("+CNMI=?", "+CNMI: (0-3),(0-2),(0,2),(0-2),(0,1)|OK"),
        ("+CMGS=?", "OK"),
        ("+CMGS=0", "+CMS ERROR: 304"),
        ("+CMGS", "+CMS ERROR: 304"),
        ("+CMGD=?", "+CMGD: (),(0-4)|OK"),
        ("+CMGD=51", "+CMS ERROR: 321"),
        ("+CNMA", "+CMS ERROR: 340"),
        ("+CFUN=0", "+CME ERROR: 3"),
        ("V0", "+CME ERROR: 50"),
    ] {
        assert_eq!(terminal.lines(&format!("AT{command}\r")).join("|"), answer, "{command}");
    }
}

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

#[test]
fn a_full_store_leaves_messages_in_the_service_centre() {
    let mut terminal = Terminal::with("+CNMI=2,1", &[]);
    terminal.write("AT+CPMS=\"SM\",\"SM\",\"SM\"\r");
    for _ in 0..SIM_SLOTS {
        terminal.text("hej");
    }
    assert_eq!(terminal.text("hej"), "");
    assert_eq!(terminal.write("AT+CMGD=7\r"), "\r\nOK\r\n\r\n+CMTI: \"SM\",7\r\n");
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
    assert_eq!(terminal.write("AT+CNMA\r"), format!("\r\nOK\r\n{hej}"));
    assert_eq!(terminal.write("AT+CNMA=1,2\r"), "\r\n> ");
    assert_eq!(terminal.write("000000\x1a"), "\r\nOK\r\n");
    assert_eq!(terminal.write("AT+CNMA\r"), "\r\n+CMS ERROR: 340\r\n");

    // Other settings do not end the duty, and no other message is taken for this one.
    assert_eq!(terminal.text("hej"), hej);
    terminal.write("AT+CNMI=2,1\r");
    assert_eq!(terminal.text("two"), "");
    assert_eq!(terminal.write("AT+CNMA\r"), "\r\nOK\r\n\r\n+CMTI: \"ME\",1\r\n");
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
    assert_eq!(terminal.submit(HELLO_REPORT), format!("{sent}\r\n+CDS: 24\r\n{report}\r\n"));
    terminal.write("AT+CNMI=,,,2\r");
    assert_eq!(terminal.submit(HELLO_REPORT), "\r\n+CMGS: 2\r\n\r\nOK\r\n\r\n+CDSI: \"ME\",1\r\n");
    let report = report.replace("F70601", "F70602");
    let read = format!("\r\n+CMGR: 0,,24\r\n{report}\r\n\r\nOK\r\n");
    assert_eq!(terminal.write("AT+CMGR=1\r"), read);
    terminal.write("AT+CNMI=,,,0\r");
    assert_eq!(terminal.submit(HELLO_REPORT), "\r\n+CMGS: 3\r\n\r\nOK\r\n");
}

#[test]
fn an_indication_never_stands_inside_a_line_a_pdu_or_an_answer() {
    let mut terminal = Terminal::with("+CNMI=2,1", &[]);
    terminal.write("AT+C");
    assert_eq!(terminal.text("hej"), "");
    assert_eq!(terminal.write("SQ\r"), "\r\n+CSQ: 23,0\r\n\r\nOK\r\n\r\n+CMTI: \"ME\",1\r\n");
    terminal.write("AT+CMGS=18\r0011");
    assert_eq!(terminal.text("hej"), "");
    assert_eq!(terminal.write("\x1b"), "\r\nOK\r\n\r\n+CMTI: \"ME\",2\r\n");
}

#[test]
fn indications_wait_while_their_mode_is_0() {
    let mut terminal = Terminal::with("+CNMI=0,1", &[]);
    assert_eq!(terminal.text("hej"), "");
    assert_eq!(terminal.write("AT+CNMI=1\r"), "\r\nOK\r\n\r\n+CMTI: \"ME\",1\r\n");
    terminal.write("AT+CNMI=0\r");
    assert_eq!(terminal.text("hej"), "");
    assert_eq!(terminal.write("AT+CNMI=1,,,,1\r"), "\r\nOK\r\n");
}

#[test]
fn fault_reboot_loses_message_and_settings_but_no_stored_message() {
    let mut terminal = Terminal::new(&SIM800, &["1=reboot"]);
    terminal.write("ATE0\r");
    terminal.write("AT+CMEE=1;+CNMI=2,1\r");
    assert_eq!(terminal.text("hej"), "\r\n+CMTI: \"SM\",1\r\n");
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
    assert_eq!(terminal.wait(37_999), "");
    assert_eq!(terminal.wait(1), "\r\n+CMGS: 1\r\n\r\nOK\r\n\r\n+CSQ: 23,0\r\n\r\nOK\r\n");
}

#[test]
fn faults_of_the_report_change_what_it_says_or_leave_it_out() {
    let mut terminal = Terminal::with("+CNMI=2,1,0,1", &["1=status:46", "2=no-report"]);
    assert!(terminal.submit(HELLO_REPORT).ends_with("3211412231020046\r\n"));
    assert!(terminal.received().is_empty());
    assert_eq!(terminal.submit(HELLO_REPORT), "\r\n+CMGS: 2\r\n\r\nOK\r\n");
    assert_eq!(terminal.received().len(), 1);
}

/// Made-up input, of the octets that mean something to a modem above all.
fn noise(seed: u64) -> Vec<u8> {
    const WORDS: &[&str] = &[
        "AT",
        "\r",
        "\n",
        "+CMGS=",
        "18",
        HELLO,
        "\x1a",
        "\x1b",
        "\x08",
        ";",
        "?",
        "=?",
        "=",
        "E0",
        "E1",
        "+CNMI=2,2,0,1",
        "+CSMS=1",
        "+CNMA",
        "+CMGL=4",
        "+CMGR=1",
        "+CMGD=1",
        "+CPMS=\"SM\"",
        "+CFUN=1,1",
        "\0",
        "\u{ff}",
        ",",
        "\"",
        "99999999999",
    ];
    let mut state = seed;
    let mut next = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    (0..400).flat_map(|_| WORDS[next() % WORDS.len()].bytes()).collect()
}

#[test]
fn input_means_the_same_however_it_is_cut() {
    for seed in 0..50 {
        let input = noise(seed);
        let [mut whole, mut cut] =
            [1, 2].map(|_| Terminal::new(&GENERIC, &["2=late:5", "3=silence"]));
        cut.now = whole.now;
        for terminal in [&whole, &cut] {
            terminal.network.send_from_handset(HANDSET, SIM, "hej").unwrap();
        }
        whole.modem.receive(&input, whole.now);
        for octet in &input {
            cut.modem.receive(&[*octet], cut.now);
        }
        assert_eq!(whole.received(), cut.received());
        assert_eq!(whole.modem.deadline(), cut.modem.deadline());
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_served_as_the_network_and_the_clock_go_on() {
    let Terminal { mut modem, network, .. } = Terminal::new(&GENERIC, &["1=late:30000"]);
    let (mut terminal, stream) = tokio::io::duplex(4096);
    let served = tokio::spawn(async move { modem.run(stream).await.map(|()| modem) });
    let mut expect = async |write: &str, answer: &str| {
        terminal.write_all(write.as_bytes()).await.unwrap();
        let mut octets = vec![0; answer.len()];
        terminal.read_exact(&mut octets).await.unwrap();
        assert_eq!(String::from_utf8(octets).unwrap(), answer);
    };
    expect("ATE0\r", "ATE0\r\r\nOK\r\n").await;
    expect("AT+CNMI=2,1\r", "\r\nOK\r\n").await;
    expect("AT+CMGS=18\r", "\r\n> ").await;
    expect(&format!("{HELLO}\x1a"), "\r\n+CMGS: 1\r\n\r\nOK\r\n").await;
    network.send_from_handset(HANDSET, SIM, "hej").unwrap();
    expect("", "\r\n+CMTI: \"ME\",1\r\n").await;
    drop(terminal);
    served.await.unwrap().unwrap();
}
