//! `septet send`: a text through a modem at a port.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use septet::tpdu::Mt;
use septet::tpdu::codes::{Outcome as Fate, Status};
use septet::tpdu::udh::Reference;
use septet_firmware::engine::{Outcome, Trouble};
use septet_firmware::{Event, EventKind, Profile};
use serde::Serialize;
use tokio::time::timeout;

use crate::encode::{Sending, msisdn};
use crate::line::Session;
use crate::{Failed, accounts, config, port, serve};

/// Sends a text through a modem.
#[derive(Debug, Args)]
pub struct Options {
    /// Who gets it: 5 to 15 digits, country code first
    #[arg(long, value_name = "NUMBER", value_parser = msisdn)]
    to: String,
    /// The text
    text: String,
    /// Where the modem is: a serial device or pty, or tcp:HOST:PORT
    #[arg(long)]
    port: String,
    /// Bits a second, on a serial device
    #[arg(long, default_value_t = config::BAUD)]
    baud: u32,
    /// Profile of the modem
    #[arg(long, default_value = "generic", value_parser = serve::profile)]
    profile: &'static Profile,
    /// Wait for the delivery report of each part
    #[arg(long)]
    report: bool,
    /// Seconds to wait for the delivery reports
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    report_wait: u64,
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
    /// What the delivery report says.
    report: Option<String>,
    #[serde(skip)]
    status: Option<Status>,
    detail: Option<String>,
}

/// How long a modem may take to be ready.
const READY: Duration = Duration::from_secs(180);

/// Runs the command and returns what it prints; progress goes to standard error.
///
/// # Errors
/// One sentence, when a part was not sent, its fate is unknown or its report says that it was not
/// delivered.
pub async fn run(options: &Options) -> Result<String, Failed> {
    let mut reference = [0];
    accounts::random(&mut reference)?;
    let sending = Sending {
        to: &options.to,
        service_centre: None,
        reference: Reference::Short(reference[0]),
        report: options.report,
    };
    let pdus = sending
        .pdus(options.text.chars())
        .map_err(|error| Failed::input(format!("the {} {}", error.field, error.kind)))?;
    let mut modem = Modem {
        port: port::open(&options.port, options.baud).await?,
        session: Session::new(options.profile),
        name: &options.port,
        reports: BTreeMap::new(),
    };
    match timeout(READY, modem.ready()).await {
        Ok(ready) => ready?,
        Err(_) => return Err(Failed::input(format!("the modem at {} is not ready", options.port))),
    }
    let mut parts = Vec::new();
    for (i, pdu) in pdus.iter().enumerate() {
        let part = match parts.iter().any(|part: &Part| part.outcome == REFUSED) {
            // A text without one of its parts is never shown: the rest would be spent for nothing.
            true => Part::new(i + 1, "not sent", Some("an earlier part was refused".to_owned())),
            false => modem.send(i + 1, pdu).await?,
        };
        eprintln!("part {} of {}: {part}", part.number, pdus.len());
        parts.push(part);
    }
    if options.report {
        let wait = Duration::from_secs(options.report_wait);
        modem.await_reports(&mut parts, pdus.len(), wait).await?;
    }
    finish(&parts, options)
}

/// The result as it is printed, or why it is none.
fn finish(parts: &[Part], options: &Options) -> Result<String, Failed> {
    let bad = parts.iter().filter(|part| !part.is_good(options.report)).count();
    let mut out = String::new();
    if options.json {
        out = serde_json::to_string_pretty(parts).map_err(|e| Failed::input(e.to_string()))?;
        out.push('\n');
    } else {
        for part in parts {
            out += &format!("{} {part}\n", part.number);
        }
    }
    if bad == 0 {
        return Ok(out);
    }
    print!("{out}");
    let what = if options.report { "sent and delivered" } else { "sent" };
    Err(Failed::input(format!("{bad} of {} parts cannot be said to be {what}", parts.len())))
}

const SENT: &str = "sent";
const REFUSED: &str = "refused";

impl Part {
    fn new(number: usize, outcome: &'static str, detail: Option<String>) -> Self {
        Self { number, outcome, reference: None, report: None, status: None, detail }
    }

    fn is_good(&self, with_report: bool) -> bool {
        let delivered = self.status.is_some_and(|status| status.outcome() == Fate::Delivered);
        self.outcome == SENT && (delivered || !with_report)
    }
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.outcome)?;
        if let Some(reference) = self.reference {
            write!(f, ", reference {reference}")?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        if let Some(report) = &self.report {
            write!(f, ", {report}")?;
        }
        Ok(())
    }
}

/// A modem at a port.
struct Modem<'a> {
    port: port::Port,
    session: Session,
    name: &'a str,
    /// Reports that came, by the reference of their part.
    reports: BTreeMap<u8, Status>,
}

impl Modem<'_> {
    /// The next event that is not a message: reports are kept, messages stay in the modem.
    async fn next(&mut self) -> Result<EventKind, Failed> {
        loop {
            let event = self.session.next(&mut self.port).await;
            let Event { kind, .. } =
                event.map_err(|e| Failed::input(format!("{} failed: {e}", self.name)))?;
            let EventKind::Received { pdu, ticket } = kind else { return Ok(kind) };
            if let Ok(((_, Mt::StatusReport(report)), _)) = pdu.read_tolerant::<Mt<'_>>() {
                self.reports.insert(report.message_reference, report.status);
                self.session.done(&ticket);
                return Ok(EventKind::Received { pdu, ticket });
            }
        }
    }

    async fn ready(&mut self) -> Result<(), Failed> {
        loop {
            match self.next().await? {
                EventKind::Ready => return Ok(()),
                EventKind::Lost(trouble) => return Err(self.trouble(trouble)),
                _ => {}
            }
        }
    }

    /// What is wrong, and what to do about it.
    fn trouble(&self, trouble: Trouble) -> Failed {
        let help = match trouble {
            Trouble::NoAnswer | Trouble::NoSync => "is it the right port and --baud?",
            Trouble::PoweredDown => "does its supply bear the transmit current?",
            Trouble::SimPin => "switch the PIN off, or enter it with another program",
            Trouble::SimPuk => "the SIM needs its PUK in a telephone",
            Trouble::NoSim => "is there a SIM in it?",
            _ => "is it an SMS modem?",
        };
        Failed::input(format!("{}: {trouble}; {help}", self.name))
    }

    /// Sends one part and returns its fate.
    async fn send(&mut self, number: usize, pdu: &septet::pdu::Pdu) -> Result<Part, Failed> {
        while self.session.send(pdu).is_err() {
            match timeout(READY, self.ready()).await {
                Ok(ready) => ready?,
                Err(_) => return Err(Failed::input(format!("{} is not ready", self.name))),
            }
        }
        loop {
            // The engine ends every message in bounded time.
            let EventKind::Finished(outcome) = self.next().await? else { continue };
            return Ok(match outcome {
                Outcome::Sent { reference } => {
                    Part { reference: Some(reference), ..Part::new(number, SENT, None) }
                }
                Outcome::Refused { code, .. } => Part::new(number, REFUSED, Some(code.to_string())),
                Outcome::NotSent(why) => Part::new(number, "not sent", Some(format!("{why}"))),
                Outcome::Unknown(why) => Part::new(
                    number,
                    "outcome unknown",
                    Some(format!("{why}; it may have been sent")),
                ),
            });
        }
    }

    /// Waits until each part that was sent has its final report, or the time is over.
    async fn await_reports(
        &mut self,
        parts: &mut [Part],
        of: usize,
        wait: Duration,
    ) -> Result<(), Failed> {
        let until = tokio::time::Instant::now() + wait;
        loop {
            for part in parts.iter_mut().filter(|part| part.outcome == SENT) {
                let status = part.reference.and_then(|reference| self.reports.remove(&reference));
                if let Some(status) = status {
                    part.status = Some(status);
                    part.report = Some(format!("report {status}"));
                    eprintln!("part {} of {of}: {part}", part.number);
                }
            }
            let is_open = |part: &Part| {
                part.outcome == SENT
                    && part.status.is_none_or(|status| status.outcome() == Fate::StillTrying)
            };
            if !parts.iter().any(is_open) {
                return Ok(());
            }
            match tokio::time::timeout_at(until, self.next()).await {
                Ok(event) => event.map(|_| ())?,
                Err(_) => return Ok(()),
            }
        }
    }
}
