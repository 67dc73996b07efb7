//! `septet send`: a text through a modem at a port, or through an interface.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use clap::{ArgGroup, Args};
use septet::at::Class;
use septet::pdu::Pdu;
use septet::tpdu::codes::{Outcome as Fate, Status};
use septet::tpdu::udh::Reference;
use septet::tpdu::{Mt, StatusReport};
use septet_firmware::engine::{Outcome, Trouble, Why};
use septet_firmware::options::{Options as SessionOptions, SimPin};
use septet_firmware::profile::{GENERIC, PROFILES};
use septet_firmware::{EventKind, Profile, Ticket};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use crate::body::{Body, Envelope, Layout};
use crate::encode::msisdn;
use crate::nouns::counted;
use crate::shell::{self, Line, Session, model};
use crate::store::same_number;
use crate::{Failed, accounts, api, config, pin, port, serve, trace};

/// Sends a text through a modem, or through a vendor's interface.
///
/// A part that the modem refuses for a reason that passes by itself is sent again, after 2, 5 and 15
/// seconds.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("way").required(true).args(["port", "via"])))]
pub struct Options {
    /// Who gets it: 5 to 15 digits, country code first; through an interface it may be repeated
    #[arg(long, value_name = "NUMBER", required = true, value_parser = msisdn)]
    to: Vec<String>,
    /// The text
    #[arg(allow_hyphen_values = true)]
    text: String,
    /// Where the modem is: a serial device or pty, or tcp:HOST:PORT
    #[arg(long)]
    port: Option<String>,
    /// Bits a second, on a serial device
    #[arg(long, default_value_t = config::BAUD, conflicts_with = "via")]
    baud: u32,
    /// Profile of the modem; without it the one that fits what the modem says of itself
    #[arg(long, value_parser = serve::profile, conflicts_with = "via")]
    profile: Option<&'static Profile>,
    /// File with the PIN of the SIM, which else is read from SEPTET_PIN; it is entered once, and only
    /// where the SIM has more than one try left
    #[arg(long, value_name = "FILE", conflicts_with = "via")]
    pin_file: Option<PathBuf>,
    /// Wait for the delivery report of each part
    #[arg(long, conflicts_with = "via")]
    report: bool,
    /// Seconds to wait for the delivery reports
    #[arg(long, value_name = "SECONDS", default_value_t = 120, requires = "report")]
    report_wait: u32,
    /// Send a part again, once, of which nobody knows whether it was sent; its recipient may get it
    /// twice, where the service centre does not reject the second (TP-RD)
    #[arg(long, conflicts_with = "via")]
    resend_unknown: bool,
    /// File to which a transcript of what goes over the line is appended
    #[arg(long, value_name = "FILE", conflicts_with = "via")]
    trace: Option<PathBuf>,
    /// Leave telephone numbers in the transcript as they are
    #[arg(long, requires = "trace")]
    trace_numbers: bool,
    #[command(flatten)]
    through: api::send::Through,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What became of a part.
#[derive(Debug, Serialize)]
struct Part {
    number: usize,
    outcome: &'static str,
    /// TP-MR, where it was sent.
    reference: Option<u8>,
    /// TP-ST of the last delivery report.
    report: Option<u8>,
    detail: Option<String>,
}

/// How long a modem may take to be ready.
const READY: Duration = Duration::from_secs(180);

/// How often a part that never left is tried again.
const TRIES: usize = 3;

/// How long after each refusal a part is tried again that is refused for a reason that passes by itself.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(15)];

/// How often the stores are looked through while reports are awaited, in milliseconds: some modems keep
/// one and say nothing of it.
const SWEEP_MS: u32 = 10_000;

/// Runs the command and returns what it prints; progress goes to standard error.
///
/// # Errors
/// One sentence, when a part was not sent, its fate is unknown or its report says that it was not
/// delivered. What is known of each part is printed all the same.
pub async fn run(options: &Options) -> Result<String, Failed> {
    let Options { to, text, port, through, json, .. } = options;
    if let Some(via) = &through.via {
        return api::send::run(through, via, to, text, *json).await;
    }
    match (port.as_deref(), to.as_slice()) {
        (Some(port), [to]) => through_modem(options, port, to).await,
        _ => Err(Failed::input("through a modem a text goes to one number at a time")),
    }
}

async fn through_modem(options: &Options, name: &str, to: &str) -> Result<String, Failed> {
    let mut reference = [0];
    accounts::random(&mut reference)?;
    if options.text.is_empty() {
        return Err(Failed::input("the text is empty"));
    }
    let envelope = Envelope { to, report: options.report, ..Envelope::default() };
    let pdus = Body::new(options.text.chars(), Layout::new(Reference::Short(reference[0])))
        .and_then(|body| body.pdus(&envelope))
        .map_err(|error| Failed::input(format!("the {} {}", error.field, error.kind)))?;
    let trace = options.trace.as_deref();
    let trace = trace
        .map(|path| trace::append(path, model(options.profile), options.trace_numbers))
        .transpose()?;
    let pin = pin::given(options.pin_file.as_deref())?;
    let port = port::open(name, options.baud).await?;
    let mut modem = Modem {
        session: shell::session(session_options(options, pin), Line(Some(port)), trace),
        options,
        name,
        to,
        reports: Vec::new(),
    };
    eprintln!("waiting for the modem at {name}");
    modem.ready().await?;
    let mut parts = Vec::new();
    let mut going = Ok(());
    for (i, pdu) in pdus.iter().enumerate() {
        let number = i + 1;
        let part = match parts.last() {
            // A text without one of its parts is never shown: the rest would be spent for nothing.
            Some(before) if !Part::may_go_on(before) || going.is_err() => {
                Part::new(number, NOT_SENT, Some("an earlier part was not sent".to_owned()))
            }
            _ => {
                eprintln!("part {number} of {}: sending", pdus.len());
                let (part, state) = modem.send(number, pdu).await;
                going = state;
                part
            }
        };
        eprintln!("part {number} of {}: {part}", pdus.len());
        parts.push(part);
    }
    if options.report && going.is_ok() {
        going = modem.await_reports(&mut parts).await;
    }
    finish(&parts, options, going)
}

/// What the session is told of the modem. Where reports are awaited, it looks through the stores often.
fn session_options(options: &Options, pin: Option<SimPin>) -> SessionOptions {
    static WATCHFUL: LazyLock<Vec<Profile>> = LazyLock::new(|| {
        let all = [&GENERIC].into_iter().chain(PROFILES.iter().copied());
        all.map(|profile| Profile { sweep_ms: SWEEP_MS, ..*profile }).collect()
    });
    static CANDIDATES: LazyLock<Vec<&Profile>> =
        LazyLock::new(|| WATCHFUL.iter().skip(1).collect());
    let usual = shell::options(options.profile, pin);
    if !options.report {
        return usual;
    }
    let same = |watchful: &&Profile| watchful.model == usual.profile.model;
    let profile = WATCHFUL.iter().find(same).unwrap_or(usual.profile);
    let candidates = if usual.candidates.is_empty() { &[] } else { CANDIDATES.as_slice() };
    SessionOptions { profile, candidates, ..usual }
}

/// The result as it is printed, or why it is none.
fn finish(parts: &[Part], options: &Options, going: Result<(), Failed>) -> Result<String, Failed> {
    let mut output = String::new();
    if options.json {
        output = serde_json::to_string_pretty(parts).map_err(|e| Failed::input(e.to_string()))?;
        output.push('\n');
    } else {
        for part in parts {
            output += &format!("part {}: {part}\n", part.number);
        }
    }
    let bad = parts.iter().filter(|part| !part.is_good(options.report)).count();
    let what = if options.report { "sent and delivered" } else { "sent" };
    let sentence = match going {
        Err(failed) => failed.sentence,
        Ok(()) if bad == 0 => return Ok(output),
        Ok(()) if options.report && parts.iter().any(|part| part.awaits_report()) => format!(
            "no final report came in {} for {} of {}",
            counted(options.report_wait, "second"),
            parts.iter().filter(|part| part.awaits_report()).count(),
            counted(parts.len(), "part")
        ),
        Ok(()) => {
            format!("{bad} of {} cannot be said to be {what}", counted(parts.len(), "part"))
        }
    };
    Err(Failed { sentence, output })
}

const SENT: &str = "sent";
const NOT_SENT: &str = "not_sent";
const REFUSED: &str = "refused";
const UNKNOWN: &str = "unknown";

impl Part {
    fn new(number: usize, outcome: &'static str, detail: Option<String>) -> Self {
        Self { number, outcome, reference: None, report: None, detail }
    }

    fn is_good(&self, with_report: bool) -> bool {
        let delivered =
            self.report.is_some_and(|report| Status(report).outcome() == Fate::Delivered);
        self.outcome == SENT && (delivered || !with_report)
    }

    fn may_go_on(&self) -> bool {
        matches!(self.outcome, SENT | UNKNOWN)
    }

    fn awaits_report(&self) -> bool {
        self.outcome == SENT
            && self.report.is_none_or(|report| Status(report).outcome() == Fate::StillTrying)
    }
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.outcome {
            NOT_SENT => "not sent",
            UNKNOWN => "outcome unknown",
            other => other,
        })?;
        if let Some(reference) = self.reference {
            write!(f, ", reference {reference}")?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        if let Some(report) = self.report {
            write!(f, ", report {}", Status(report))?;
        }
        Ok(())
    }
}

/// A report that came since the first part was given out, and is of our recipient.
struct Report {
    reference: u8,
    status: Status,
    ticket: Ticket,
}

/// A modem at a port.
struct Modem<'a> {
    session: Session,
    options: &'a Options,
    /// Its port.
    name: &'a str,
    /// The recipient.
    to: &'a str,
    reports: Vec<Report>,
}

impl Modem<'_> {
    /// The next event. Messages and the reports of others stay in the modem.
    async fn next(&mut self) -> Result<EventKind, Failed> {
        let event = self.session.next().await.map_err(|error| {
            let words = shell::words(&error);
            Failed::input(format!("the line to {} failed: {words}", self.name))
        })?;
        self.session.port().concluded(&event);
        if let EventKind::Received { pdu, ticket } = &event.kind {
            match pdu.read_tolerant::<Mt<'_>>() {
                Ok(((_, Mt::StatusReport(report)), _)) if self.is_ours(&report) => {
                    let StatusReport { message_reference: reference, status, .. } = report;
                    self.reports.push(Report { reference, status, ticket: ticket.clone() });
                }
                _ => self.session.keep(ticket),
            }
        }
        Ok(event.kind)
    }

    fn is_ours(&self, report: &StatusReport<'_>) -> bool {
        let recipient: String = report.recipient.chars().collect();
        same_number(&recipient, self.to)
    }

    async fn ready(&mut self) -> Result<(), Failed> {
        let until = Instant::now() + READY;
        loop {
            match timeout_at(until, self.next()).await {
                Ok(event) => match event? {
                    EventKind::Ready => return Ok(()),
                    EventKind::Lost(trouble) => return Err(self.trouble(trouble)),
                    _ => {}
                },
                Err(_) => return Err(self.trouble(Trouble::NoAnswer)),
            }
        }
    }

    /// What is wrong, and what to do about it.
    fn trouble(&self, trouble: Trouble) -> Failed {
        let help = match trouble {
            Trouble::NoAnswer | Trouble::NoSync => "is it the right port and --baud?",
            Trouble::PoweredDown => "does its supply bear the transmit current?",
            Trouble::SimPin => "give it by --pin-file or SEPTET_PIN",
            Trouble::WrongPin => "give the right one, while there are tries left",
            Trouble::LastPinTry => "try the PIN in a telephone, where its PUK can be entered too",
            Trouble::OtherLock => "the SIM or the modem has another lock than the PIN",
            Trouble::SimPuk => "the SIM needs its PUK in a telephone",
            Trouble::NoSim => "is there a SIM in it?",
            // What is refused for good is PDU mode alone.
            Trouble::Refused(failure) if failure.class() != Class::Busy => {
                "it has no PDU mode, without which nothing is sent"
            }
            _ => "is it an SMS modem?",
        };
        Failed::input(format!("{}: {trouble}; {help}", self.name))
    }

    /// Sends one part and returns its fate, and whether the modem can go on.
    async fn send(&mut self, number: usize, pdu: &Pdu) -> (Part, Result<(), Failed>) {
        // A modem that counts anew may give a reference that an old report has.
        if number == 1 {
            self.reports.clear();
        }
        let (mut pdu, mut tries) = (pdu.clone(), 0);
        let mut pauses = PAUSES.into_iter();
        let mut is_again = false;
        loop {
            while self.session.send(&pdu).is_err() {
                if let Err(failed) = self.ready().await {
                    let why = Some("the modem is not ready".to_owned());
                    return (Part::new(number, NOT_SENT, why), Err(failed));
                }
            }
            // The engine ends every message in bounded time.
            let (outcome, going) = match self.finished().await {
                Ok(outcome) => (outcome, Ok(())),
                Err(failed) => {
                    // Without a line the engine says at once what is known of the part.
                    self.session.port().port().0 = None;
                    self.session.disconnected();
                    match self.finished().await {
                        Ok(outcome) => (outcome, Err(failed)),
                        Err(_) => (Outcome::Unknown(Why::Disconnected), Err(failed)),
                    }
                }
            };
            let part = match outcome {
                Outcome::Sent { reference } => {
                    Part { reference: Some(reference), ..Part::new(number, SENT, None) }
                }
                Outcome::Refused { class, code } => {
                    let passes = matches!(class, Class::Temporary | Class::Busy) && going.is_ok();
                    let refused = Part::new(number, REFUSED, Some(code.to_string()));
                    let Some(pause) = pauses.next().filter(|_| passes) else {
                        return (refused, going);
                    };
                    eprintln!(
                        "part {number}: {refused}; sending it again in {}",
                        counted(pause.as_secs(), "second")
                    );
                    match self.wait(pause).await {
                        Ok(()) => continue,
                        Err(failed) => return (refused, Err(failed)),
                    }
                }
                Outcome::NotSent(_) if tries + 1 < TRIES && going.is_ok() => {
                    tries += 1;
                    continue;
                }
                Outcome::NotSent(why) => Part::new(number, NOT_SENT, Some(why.to_string())),
                Outcome::Unknown(why)
                    if self.options.resend_unknown && !is_again && going.is_ok() =>
                {
                    eprintln!("part {number}: {why}; sending it again");
                    is_again = true;
                    pdu = pdu.rejecting_duplicates();
                    continue;
                }
                Outcome::Unknown(why) => {
                    Part::new(number, UNKNOWN, Some(format!("{why}; it may have been sent")))
                }
            };
            return (part, going);
        }
    }

    /// Lets time pass.
    async fn wait(&mut self, time: Duration) -> Result<(), Failed> {
        let until = Instant::now() + time;
        while let Ok(event) = timeout_at(until, self.next()).await {
            event?;
        }
        Ok(())
    }

    /// The fate of the part that the modem was given.
    async fn finished(&mut self) -> Result<Outcome, Failed> {
        loop {
            if let EventKind::Finished(outcome) = self.next().await? {
                return Ok(outcome);
            }
        }
    }

    /// Waits until each part that was sent has its final report, or the time is over.
    async fn await_reports(&mut self, parts: &mut [Part]) -> Result<(), Failed> {
        let wait = Duration::from_secs(u64::from(self.options.report_wait));
        let until = Instant::now() + wait;
        let of = parts.len();
        loop {
            for Report { reference, status, ticket } in std::mem::take(&mut self.reports) {
                let part = parts
                    .iter_mut()
                    .find(|part| part.reference == Some(reference) && part.awaits_report());
                let Some(part) = part else {
                    self.session.keep(&ticket);
                    continue;
                };
                part.report = Some(status.0);
                self.session.done(&ticket);
                eprintln!("part {} of {of}: {part}", part.number);
            }
            if !parts.iter().any(Part::awaits_report) {
                return Ok(());
            }
            match timeout_at(until, self.next()).await {
                Ok(event) => event.map(drop)?,
                Err(_) => return Ok(()),
            }
        }
    }
}
