//! How a board is: the page for people, and the same for programs.

use septet::Error;
use septet::wire::Writer;

use super::events::{member, state_name};
use super::outbox::Outbox;
use crate::engine::{Engine, Trouble};

/// How many messages the page shows.
const SHOWN: usize = 10;

const HEAD: &str = "<!DOCTYPE html><html lang=en><meta charset=utf-8>\
<meta name=viewport content='width=device-width'><meta http-equiv=refresh content=10>\
<title>Septet</title><style>body{font:16px system-ui;margin:2em;max-width:40em;\
color-scheme:light dark}table{border-collapse:collapse;width:100%}td,th{text-align:left;\
padding:.3em .6em .3em 0;border-bottom:1px solid #8884}</style><h1>Septet</h1><table>";

/// What the page shows besides the messages.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// What made the board start, where it was not its power.
    pub start: &'a str,
    /// Whether the modem takes messages.
    pub ready: bool,
    /// Why it does not.
    pub trouble: Option<Trouble>,
    /// How many messages were received and not fetched.
    pub received: usize,
    /// For how many seconds the board has been running.
    pub up_s: u64,
}

/// Writes the page.
///
/// # Errors
/// [`ErrorKind::Full`](septet::ErrorKind::Full).
#[inline(never)]
pub fn write(
    shown: &Shown<'_>,
    engine: &Engine,
    outbox: &Outbox,
    w: &mut Writer<'_>,
) -> Result<(), Error> {
    w.text(HEAD)?;
    row("Modem", w)?;
    w.text(modem_words(shown))?;
    row("Network", w)?;
    w.text(match engine.is_registered() {
        Some(true) => "registered",
        Some(false) => "not registered",
        None => "not known",
    })?;
    row("Signal", w)?;
    match engine.signal() {
        Some(dbm) => {
            w.text(if dbm < 0 { "−" } else { "" })?;
            w.decimal(dbm.unsigned_abs().into())?;
            w.text(" dBm")?;
        }
        None => w.text("not known")?,
    }
    row("Restarts of the modem", w)?;
    w.decimal(engine.generation().into())?;
    row("Messages that wait or are on their way", w)?;
    w.decimal(outbox.open_count() as u64)?;
    row("Received and not fetched", w)?;
    w.decimal(shown.received as u64)?;
    row("Running for seconds", w)?;
    w.decimal(shown.up_s)?;
    if !shown.start.is_empty() {
        row("Started after", w)?;
        written(shown.start, w)?;
    }
    w.text("</table><h2>Last messages</h2><table><tr><th>To<th>Parts<th>State")?;
    for sms in outbox.messages().rev().take(SHOWN) {
        let mut digits = [0; 20];
        w.text("<tr><td>")?;
        w.text(sms.to.digits(&mut digits))?;
        w.text("<td>")?;
        w.decimal(sms.known.fates.len() as u64)?;
        w.text("<td>")?;
        w.text(state_name(sms.state()))?;
    }
    w.text("</table>")
}

/// Writes what the page shows as JSON.
///
/// # Errors
/// [`ErrorKind::Full`](septet::ErrorKind::Full).
#[inline(never)]
pub fn write_status(
    shown: &Shown<'_>,
    engine: &Engine,
    outbox: &Outbox,
    w: &mut Writer<'_>,
) -> Result<(), Error> {
    w.text(if shown.ready { "{\"ready\":true" } else { "{\"ready\":false" })?;
    member("modem", modem_words(shown).chars(), w)?;
    w.text(match engine.is_registered() {
        Some(true) => ",\"registered\":true",
        Some(false) => ",\"registered\":false",
        None => ",\"registered\":null",
    })?;
    w.text(",\"signal_dbm\":")?;
    match engine.signal() {
        Some(dbm) => {
            w.text(if dbm < 0 { "-" } else { "" })?;
            w.decimal(dbm.unsigned_abs().into())?;
        }
        None => w.text("null")?,
    }
    for (name, count) in [
        (",\"restarts\":", u64::from(engine.generation())),
        (",\"on_the_way\":", outbox.open_count() as u64),
        (",\"received\":", shown.received as u64),
        (",\"running_s\":", shown.up_s),
    ] {
        w.text(name)?;
        w.decimal(count)?;
    }
    member("started_after", shown.start.chars(), w)?;
    w.text(",\"messages\":[")?;
    for (number, sms) in outbox.messages().rev().take(SHOWN).enumerate() {
        let mut digits = [0; 20];
        w.text(if number > 0 { ",{\"parts\":" } else { "{\"parts\":" })?;
        w.decimal(sms.known.fates.len() as u64)?;
        member("to", sms.to.digits(&mut digits).chars(), w)?;
        member("state", state_name(sms.state()).chars(), w)?;
        w.text("}")?;
    }
    w.text("]}\n")
}

/// How the modem is, in words.
const fn modem_words(shown: &Shown<'_>) -> &'static str {
    match (shown.ready, shown.trouble) {
        (true, _) => "ready",
        (false, Some(trouble)) => trouble_words(trouble),
        (false, None) => "is being set up",
    }
}

/// Writes words that may have any character.
fn written(words: &str, w: &mut Writer<'_>) -> Result<(), Error> {
    words.chars().try_for_each(|c| match c {
        '<' => w.text("&lt;"),
        '&' => w.text("&amp;"),
        c => w.text(c.encode_utf8(&mut [0; 4])),
    })
}

fn row(name: &str, w: &mut Writer<'_>) -> Result<(), Error> {
    w.text("<tr><th>")?;
    w.text(name)?;
    w.text("<td>")
}

/// A trouble in words.
pub(super) const fn trouble_words(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::NoAnswer => "does not answer",
        Trouble::PoweredDown => "went off",
        Trouble::Disconnected => "its line was cut",
        Trouble::NoSync => "its answers do not fit",
        Trouble::SimPin => "SIM waits for its PIN",
        Trouble::WrongPin => "SIM refused the PIN",
        Trouble::LastPinTry => "SIM has one try for its PIN left",
        Trouble::SimPuk => "SIM waits for its PUK",
        Trouble::OtherLock => "waits for another code",
        Trouble::NoSim => "no usable SIM",
        Trouble::Refused(_) => "refuses to be set up",
    }
}
