use std::time::SystemTime;

use septet_firmware::profile::{GENERIC, SIM800};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::incoming::GAP;
use super::*;
use crate::network::Message;

mod faults;
mod incoming;
mod manners;
mod messages;
mod network;
mod sim;
mod text;
mod trouble;
mod v250;

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

    /// One with a modem that is particular.
    fn particular(traits: Traits) -> Self {
        let mut terminal = Self::new(&GENERIC, &[]);
        let (network, sim) = (terminal.network.clone(), terminal.modem.sim);
        terminal.modem = VirtualModem::with_traits(&GENERIC, network, sim, traits);
        terminal
    }

    /// Asserts what each command line is answered, the lines joined by `|`.
    fn answers(&mut self, dialogue: &[(&str, &str)]) {
        for (command, answer) in dialogue {
            assert_eq!(self.lines(&format!("AT{command}\r")).join("|"), *answer, "{command}");
        }
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
        self.calm()
    }

    /// What the modem writes in the silence after an answer.
    fn calm(&mut self) -> String {
        self.wait(GAP.as_millis() as u64)
    }

    /// What the modem answers, and writes in the silence behind that.
    fn hear(&mut self, octets: impl AsRef<[u8]>) -> String {
        self.write(octets) + &self.calm()
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
        "+CMGF=1",
        "+CMGF=0",
        "+CMGS=\"+4512345678\"",
        "+CMGW=\"4512345678\",129,\"REC READ\"",
        "+CMSS=1,\"1\"",
        "+CMGC=34,0,0,1,\"1\"",
        "+CMGL=\"ALL\"",
        "+CSCS=\"UCS2\"",
        "+CSCS=\"HEX\"",
        "+CSMP=81,167,0,4",
        "+CSMP=25,\"26/11/22,15:04:05+04\",0,8",
        "+CSDH=1",
        "+CUSD=1,\"*101#\",15",
        "+CCLK=\"26/11/22,15:04:05-99\"",
        "+CPIN=\"1\",\"2\"",
        "+CLCK=\"SC\",1,\"0000\"",
        "+COPS=2",
        "V0",
        "Q1",
        "Z",
        "S3=65",
        "S5=43",
        "A/",
        "0031004100420500030002",
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
    for seed in 0..200 {
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
