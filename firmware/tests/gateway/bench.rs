//! A gateway with a clock that stands until it is told to go, and a modem that is what the test says.

use septet::pdu::Pdu;
use septet::segment::{Plan, segments};
use septet::text::Text;
use septet::tpdu::codes::{ProtocolIdentifier, Status};
use septet::tpdu::dcs::DataCoding;
use septet::tpdu::time::{Civil, Timestamp};
use septet::tpdu::udh::Reference;
use septet::tpdu::user_data::UserData;
use septet::tpdu::{Address, Deliver, Mo, StatusReport};
use septet_firmware::engine::{Engine, Event, EventKind, Instant, Outcome};
use septet_firmware::gateway::keep::{Keep, Memory};
use septet_firmware::gateway::settings::Settings;
use septet_firmware::gateway::{BoardApi, Gateway, apis};
use septet_firmware::profile::GENERIC;

pub type Kept = Memory<16384>;

pub struct Bench<K = Kept> {
    pub gateway: Gateway<K, 3072, 4096>,
    pub engine: Engine,
    pub now: Instant,
}

/// Settings with one account.
pub fn settings() -> Settings {
    let mut settings = Settings::default();
    settings.set_account(Text::plain("demo"), Text::plain("secret")).unwrap();
    settings
}

impl Bench {
    pub fn new() -> Self {
        let mut keep = Kept::new();
        settings().save(&mut keep).unwrap();
        Self::with(keep)
    }
}

impl<K: Keep> Bench<K> {
    pub fn with(keep: K) -> Self {
        Self::serving(keep, apis::ALL)
    }

    pub fn serving(keep: K, apis: &'static [&'static BoardApi]) -> Self {
        let now = Instant(1_000);
        let gateway = Gateway::open(keep, apis, 0x1234_5678_9ABC_DEF0, 7, now).unwrap();
        Self { gateway, engine: Engine::new(&GENERIC, now), now }
    }

    pub fn pass(&mut self, ms: u32) {
        self.now = self.now.after(ms);
    }

    /// What is said once these octets came.
    pub fn hear(&mut self, mut octets: &[u8]) -> String {
        let mut said = String::new();
        loop {
            let taken = self.gateway.hear(octets, self.now);
            octets = &octets[taken..];
            let own = self.said();
            said += &own;
            if octets.is_empty() || taken == 0 && own.is_empty() {
                return said;
            }
        }
    }

    /// What goes over the host line now.
    pub fn said(&mut self) -> String {
        let mut said = Vec::new();
        loop {
            let octets = self.gateway.reply(&self.engine, self.now);
            if octets.is_empty() {
                return String::from_utf8(said).unwrap();
            }
            // Not all at once.
            let some = octets.len().div_ceil(2);
            said.extend(&octets[..some]);
            self.gateway.written(some);
        }
    }

    /// The reply to a request.
    pub fn ask(&mut self, request: &str) -> String {
        let reply = self.hear(request.as_bytes());
        assert!(!reply.is_empty(), "no reply to {request}");
        reply
    }

    fn event(&mut self, kind: EventKind) {
        let event = Event { generation: 0, kind };
        assert!(self.gateway.event(event, self.now).is_none());
    }

    pub fn ready(&mut self) {
        self.event(EventKind::Ready);
    }

    pub fn finished(&mut self, outcome: Outcome) {
        self.event(EventKind::Finished(outcome));
    }

    /// What the modem is to send now.
    pub fn next(&mut self) -> Option<String> {
        let pdu = self.gateway.next(self.now)?.pdu;
        let Ok((_, Mo::Submit(submit))) = pdu.read::<Mo<'_>>() else { panic!("{pdu:?}") };
        let text: String = submit.user_data.text(submit.coding).unwrap().collect();
        let to: String = submit.destination.chars().collect();
        Some(format!("{to}: {text}"))
    }

    pub fn report(&mut self, reference: u8, recipient: &str, status: Status) {
        let report = StatusReport {
            no_more_messages: true,
            loop_prevention: false,
            of_command: false,
            message_reference: reference,
            recipient: Address::number(&format!("+{recipient}")).unwrap(),
            service_centre_time: time(),
            discharge_time: time(),
            status,
            parameters: None,
        };
        self.hand_over(Pdu::new(None, &report).unwrap());
    }

    pub fn receive(&mut self, sender: &str, text: &str) {
        let plan = Plan::cheapest(text.chars());
        for part in segments(text.chars(), plan, Reference::Short(9)).unwrap() {
            let mut buffer = [0; 140];
            self.deliver(sender, part.coding(), part.user_data(&mut buffer));
        }
    }

    pub fn deliver(&mut self, sender: &str, coding: DataCoding, user_data: UserData<'_>) {
        let deliver = Deliver {
            no_more_messages: true,
            loop_prevention: false,
            status_report_indication: false,
            reply_path: false,
            originator: Address::number(&format!("+{sender}")).unwrap(),
            protocol: ProtocolIdentifier::PLAIN,
            coding,
            service_centre_time: time(),
            user_data,
        };
        self.hand_over(Pdu::new(None, &deliver).unwrap());
    }

    fn hand_over(&mut self, pdu: Pdu) {
        self.gateway.take(&pdu).unwrap();
    }
}

fn time() -> Timestamp {
    Timestamp::new(Civil {
        year: 26,
        month: 11,
        day: 23,
        hour: 9,
        minute: 30,
        second: 0,
        zone_quarters: 4,
    })
    .unwrap()
}

pub fn status(reply: &str) -> u16 {
    reply.split(' ').nth(1).and_then(|own| own.parse().ok()).unwrap_or_else(|| panic!("{reply}"))
}

pub fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: board\r\n\r\n")
}

fn post(target: &str, kind: &str, headers: &str, body: &str) -> String {
    let len = body.len();
    format!(
        "POST {target} HTTP/1.1\r\n{headers}Content-Type: {kind}\r\nContent-Length: {len}\r\n\r\n{body}"
    )
}

pub fn form(target: &str, headers: &str, body: &str) -> String {
    post(target, "application/x-www-form-urlencoded", headers, body)
}

pub fn json(target: &str, headers: &str, body: &str) -> String {
    post(target, "application/json", headers, body)
}
