//! What any modem says unasked, between any two lines of any dialogue, changes nothing but what it
//! should.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use septet::at::{CmsError, Failure, Line, Pin};
use septet_host::replay::{
    Conclusion, Cut, Interjection, Item, Kind, Log, Played, play, play_with, unsolicited,
};

use super::{Transcript, transcripts};

/// What a line changes that is put into a dialogue, besides what it tells itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// Nothing.
    Nothing,
    /// Whether the modem is registered.
    Network,
    /// The modem is set up once more; a restart meanwhile is not told from that.
    SetUp,
    /// The modem has restarted, or its SIM has: what is in flight ends, and it is set up once more.
    Restart,
    /// So it has, and the SIM waits for its PIN: no message can be sent before that is entered.
    Locked,
}

impl Change {
    /// How long it takes to come to an end.
    const fn ms(self) -> u32 {
        match self {
            Self::Nothing | Self::Network => 0,
            Self::SetUp | Self::Restart | Self::Locked => 300_000,
        }
    }
}

/// The lines that rightly change something.
fn change(line: &[u8]) -> Change {
    match Line::read(line.trim_ascii()) {
        Line::Registration(_) => Change::Network,
        Line::Failed(Failure::Cms(CmsError(524))) => Change::SetUp,
        Line::Pin(Pin::SimPin) => Change::Locked,
        Line::Boot(_) | Line::Service(_) | Line::PowerDown(_) | Line::Pin(_) => Change::Restart,
        _ => Change::Nothing,
    }
}

/// Every line that some transcript's modem says unasked, once.
fn lines() -> Vec<Vec<u8>> {
    let mut lines: Vec<_> = transcripts().iter().flat_map(|t| unsolicited(&t.log)).collect();
    lines.sort();
    lines.dedup();
    lines
}

/// Every place between two lines: before each line of the log, at its end, and behind each line end
/// within what the modem says; not within a line that the log has in two, nor, for two lines that are
/// one, before the second of two others that are.
fn places(log: &Log, is_pair: bool) -> Vec<(usize, usize)> {
    let mut places = Vec::new();
    let mut is_within = false;
    let mut end = 0;
    for item in &log.items {
        if !is_within {
            places.push((item.line, 0));
        }
        end = item.line + 1;
        let Kind::Modem(octets) = &item.kind else { continue };
        is_within = !octets.ends_with(b"\n") && !octets.trim_ascii().ends_with(b">");
        for at in 3..octets.len() {
            let (before, behind) = octets.split_at(at);
            let is_second = behind.first().is_some_and(u8::is_ascii_hexdigit);
            if before.ends_with(b"\n") && !(is_pair && is_second) {
                places.push((item.line, at));
            }
        }
    }
    if !is_within {
        places.push((end, 0));
    }
    places
}

/// The log as it can be checked for this change.
fn checkable(log: &Log, change: Change) -> Log {
    let mut log = log.clone();
    match change {
        Change::Nothing => {}
        Change::SetUp => {
            log.items.retain(|item| !matches!(item.kind, Kind::Conclude(Conclusion::Reboot)))
        }
        Change::Network => {
            log.items.retain(|item| !matches!(item.kind, Kind::Conclude(Conclusion::Registered(_))))
        }
        Change::Restart | Change::Locked => {
            log.items.retain(|item| !matches!(item.kind, Kind::Conclude(_)));
        }
    }
    log
}

fn all(played: &Played, is: fn(&Conclusion) -> bool) -> Vec<Conclusion> {
    let seen = played.seen.iter().filter_map(|seen| seen.conclusion.clone());
    seen.filter(is).collect()
}

/// What is wrong with a dialogue in which a line was put, if anything is.
fn wrong(change: Change, before: &Played, after: &Played) -> Option<String> {
    let is_locked = change == Change::Locked;
    if let Some(missed) = &after.missed
        // Past that no message is taken.
        && !is_locked
    {
        return Some(missed.to_string());
    }
    let same = |is| {
        let (before, after) = (all(before, is), all(after, is));
        (before != after).then(|| format!("{after:?}, not {before:?}"))
    };
    let is_upset = |c: &Conclusion| {
        matches!(c, Conclusion::Reboot | Conclusion::Lost(_) | Conclusion::Damaged)
    };
    match change {
        Change::Nothing => same(Conclusion::is_fate)
            .or_else(|| same(is_upset))
            .or_else(|| same(|c| matches!(c, Conclusion::Ready | Conclusion::Registered(_)))),
        Change::Network => same(Conclusion::is_fate)
            .or_else(|| same(is_upset))
            .or_else(|| same(|c| *c == Conclusion::Ready)),
        Change::SetUp => same(Conclusion::is_fate).or_else(|| same(|c| *c == Conclusion::Damaged)),
        Change::Restart | Change::Locked => {
            let is_told =
                |c: &Conclusion| matches!(c, Conclusion::Sent(_) | Conclusion::Refused(_));
            let (told, may_be) = (all(after, is_told), all(before, is_told));
            if told.iter().any(|fate| !may_be.contains(fate)) {
                return Some(format!("{told:?} of {may_be:?}: a fate is made up"));
            }
            let fates = (all(before, Conclusion::is_fate), all(after, Conclusion::is_fate));
            if fates.0.len() != fates.1.len() && !is_locked {
                return Some(format!("fates {:?} in place of {:?}", fates.1, fates.0));
            }
            let is_state = |c: &Conclusion| {
                matches!(c, Conclusion::Ready | Conclusion::Lost(_) | Conclusion::Reboot)
            };
            let ends = (all(before, is_state).pop(), all(after, is_state).pop());
            let is_up = |end: &Option<Conclusion>| matches!(end, None | Some(Conclusion::Ready));
            (is_up(&ends.0) && !is_up(&ends.1) && !is_locked)
                .then(|| format!("it ends with {:?}", ends.1))
        }
    }
}

/// Puts each line into each place, and returns how many those were and what went wrong.
fn run() -> (usize, Vec<String>) {
    let (transcripts, lines) = (transcripts(), lines());
    let (next, runs) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failures = Mutex::new(Vec::new());
    let work = || {
        while let Some(Transcript { name, log: original }) =
            transcripts.get(next.fetch_add(1, Ordering::Relaxed))
        {
            for octets in &lines {
                let change = change(octets);
                let mut log = checkable(original, change);
                let is_pair = octets.split(|octet| *octet == b'\n').count() > 3;
                let places = places(&log, is_pair);
                // Time to be set up again.
                let line = log.items.last().map_or(0, |item| item.line) + 1;
                log.items.push(Item { line, kind: Kind::Pass(change.ms()) });
                let before = play(&log, None, Cut::Whole);
                for (line, at) in places {
                    runs.fetch_add(1, Ordering::Relaxed);
                    let interjection = Interjection { line, at, octets: octets.clone() };
                    let after = play_with(&log, None, Cut::Whole, Some(&interjection));
                    if let Some(wrong) = wrong(change, &before, &after) {
                        let said = String::from_utf8_lossy(octets);
                        let failure = format!("{name}, line {line}, octet {at}, {said:?}: {wrong}");
                        failures.lock().unwrap().push(failure);
                    }
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    (runs.into_inner(), failures.into_inner().unwrap())
}

#[test]
fn a_line_that_nobody_asked_for_changes_nothing_but_what_it_should() {
    let (runs, failures) = run();
    println!("{runs} interjections");
    assert!(failures.is_empty(), "{} of {runs}:\n{}", failures.len(), failures.join("\n"));
}

/// What is concluded when this is said before line 4, where the modem has the message, and before line
/// 2, where it does not.
#[test]
fn a_line_that_changes_something_changes_just_that() {
    let log = Log::parse(
        "> AT+CMGS=18\\r\n\
         < \\r\\n>\\x20\n\
         > 0011000B915155100024F70000FF04F4F29C0E\\x1a\n\
         < \\r\\n+CMGS: 7\\r\\n\\r\\nOK\\r\\n\n\
         ~ 20000\n",
    );
    let log = log.unwrap();
    let sent = "sent mr=7";
    for (said, in_flight, before) in [
        ("RDY", "unknown, reboot, ready", "not sent, reboot, ready"),
        ("MODEM:STARTUP", "unknown, reboot, ready", "not sent, reboot, ready"),
        (
            "UNDER-VOLTAGE POWER DOWN",
            "unknown, lost off, reboot, ready",
            "not sent, lost off, reboot, ready",
        ),
        ("+CPIN: SIM PIN", "unknown, reboot, lost pin", "not sent, reboot, lost pin"),
        ("+CREG: 0", "sent mr=7", sent),
        ("+CREG: 0\r\n+CGREG: 0", "not registered, sent mr=7", "not registered, sent mr=7"),
        ("+CMS ERROR: 524", "sent mr=7, ready", "sent mr=7, ready"),
        ("+CME ERROR: 258", sent, sent),
        ("+SMS FULL", "full, sent mr=7", "full, sent mr=7"),
        ("UNDER-VOLTAGE WARNNING", sent, sent),
    ] {
        for (line, concluded) in [(4, in_flight), (2, before)] {
            let octets = format!("\r\n{said}\r\n").into_bytes();
            let interjection = Interjection { line, at: 0, octets };
            let played = play_with(&log, None, Cut::Whole, Some(&interjection));
            let seen: Vec<String> =
                all(&played, |_| true).iter().map(ToString::to_string).collect();
            assert_eq!(seen.join(", "), concluded, "{said} before line {line}");
        }
    }
}
