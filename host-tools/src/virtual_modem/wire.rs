//! The wire between modem and terminal, on which octets can be lost, changed, doubled and delayed.

use std::mem;
use std::time::{Duration, Instant};

use super::trouble::{Trouble, What, When};

/// Both directions of a wire, and the troubles that are to come.
pub(super) struct Wire {
    troubles: Vec<Armed>,
    written: Direction,
    typed: Direction,
    lines: u64,
    random: Random,
    /// Until when what is written is held back, and what that is.
    held: Option<(Instant, Vec<u8>)>,
    /// What has arrived at the terminal.
    arrived: Vec<u8>,
}

/// A trouble that is to come.
struct Armed {
    when: Due,
    what: What,
}

/// When it comes.
enum Due {
    At(Instant),
    /// At this count of octets or lines.
    Written(u64),
    Typed(u64),
    Lines(u64),
    OneIn(fn(&Count) -> bool, u32),
}

/// What an octet was.
struct Count {
    typed: bool,
    ends_line: bool,
}

/// One direction.
#[derive(Default)]
struct Direction {
    count: u64,
    lose: u32,
    change: bool,
    double: bool,
}

/// Numbers that look like chance and are the same for the same seed.
struct Random(u64);

impl Random {
    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Direction {
    /// What arrives of an octet.
    fn carry(&mut self, octet: u8, random: &mut Random) -> ([u8; 2], usize) {
        self.count += 1;
        if self.lose > 0 {
            self.lose -= 1;
            return ([octet; 2], 0);
        }
        // Another octet, whichever.
        let change = if mem::take(&mut self.change) { (random.next() % 255) as u8 + 1 } else { 0 };
        ([octet ^ change; 2], if mem::take(&mut self.double) { 2 } else { 1 })
    }
}

impl Wire {
    /// A wire without troubles; chance goes by `seed`.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            troubles: Vec::new(),
            written: Direction::default(),
            typed: Direction::default(),
            lines: 0,
            random: Random(seed),
            held: None,
            arrived: Vec::new(),
        }
    }

    /// Makes a trouble known.
    pub(super) fn arm(&mut self, trouble: Trouble, now: Instant) {
        let when = match trouble.when {
            When::Now => Due::At(now),
            When::After(time) => Due::At(now + time),
            When::Written(count) => Due::Written(self.written.count.saturating_add(count)),
            When::Typed(count) => Due::Typed(self.typed.count.saturating_add(count)),
            When::Lines(count) => Due::Lines(self.lines.saturating_add(count)),
            When::OneInWritten(n) => Due::OneIn(|count| !count.typed, n),
            When::OneInTyped(n) => Due::OneIn(|count| count.typed, n),
            When::OneInLines(n) => Due::OneIn(|count| count.ends_line, n),
        };
        self.troubles.push(Armed { when, what: trouble.what });
    }

    /// When [`due`](Self::due) is to be asked.
    pub(super) fn deadline(&self) -> Option<Instant> {
        let times = self.troubles.iter().filter_map(|armed| match armed.when {
            Due::At(time) => Some(time),
            _ => None,
        });
        times.chain(self.held.as_ref().map(|(until, _)| *until)).min()
    }

    /// The troubles whose time has come; what was held back long enough arrives.
    pub(super) fn due(&mut self, now: Instant) -> Vec<What> {
        if let Some((_, held)) = self.held.take_if(|(until, _)| *until <= now) {
            self.arrived.extend(held);
        }
        let past = |armed: &mut Armed| matches!(armed.when, Due::At(time) if time <= now);
        self.troubles.extract_if(.., past).map(|armed| armed.what).collect()
    }

    /// Carries an octet to the terminal, and returns what befalls the modem behind it.
    pub(super) fn write(&mut self, octet: u8, now: Instant) -> Vec<What> {
        let (octets, len) = self.written.carry(octet, &mut self.random);
        self.arrive(&octets[..len]);
        let ends_line = octet == b'\n';
        self.lines += u64::from(ends_line);
        self.behind(&Count { typed: false, ends_line }, now)
    }

    /// Carries an octet to the modem: what arrives there, and what befalls it then.
    pub(super) fn read(&mut self, octet: u8, now: Instant) -> (([u8; 2], usize), Vec<What>) {
        let octets = self.typed.carry(octet, &mut self.random);
        (octets, self.behind(&Count { typed: true, ends_line: false }, now))
    }

    /// Brings octets to the terminal, untroubled.
    pub(super) fn arrive(&mut self, octets: &[u8]) {
        match &mut self.held {
            Some((_, held)) => held.extend(octets),
            None => self.arrived.extend(octets),
        }
    }

    /// What the terminal has not been given yet.
    pub(super) fn transmit(&mut self) -> Vec<u8> {
        mem::take(&mut self.arrived)
    }

    /// What befalls the modem behind an octet. What befalls the wire is done.
    fn behind(&mut self, count: &Count, now: Instant) -> Vec<What> {
        let Self { troubles, written, typed, lines, random, .. } = self;
        let mut due = Vec::new();
        troubles.retain(|armed| {
            let (is_due, stays) = match armed.when {
                Due::At(_) => (false, true),
                Due::Written(at) => (written.count >= at, written.count < at),
                Due::Typed(at) => (typed.count >= at, typed.count < at),
                Due::Lines(at) => (*lines >= at, *lines < at),
                Due::OneIn(applies, n) => {
                    (applies(count) && random.next().is_multiple_of(n.into()), true)
                }
            };
            if is_due {
                due.push((armed.what.clone(), matches!(armed.when, Due::Typed(_)) || count.typed));
            }
            stays
        });
        let mut befalls = Vec::new();
        for (what, is_typed) in due {
            let direction = if is_typed { &mut self.typed } else { &mut self.written };
            match what {
                What::Lose(count) => direction.lose = direction.lose.saturating_add(count),
                What::Change => direction.change = true,
                What::Double => direction.double = true,
                What::Delay(time) => self.delay(time, now),
                other => befalls.push(other),
            }
        }
        befalls
    }

    /// Holds back what is written from now on.
    pub(super) fn delay(&mut self, time: Duration, now: Instant) {
        let until = now + time;
        let (held_until, _) = self.held.get_or_insert((until, Vec::new()));
        *held_until = until.max(*held_until);
    }

    /// Does what befalls the wire at a time, to what is written; the rest is handed back.
    pub(super) fn befall(&mut self, what: What, now: Instant) -> Option<What> {
        match what {
            What::Lose(count) => self.written.lose = self.written.lose.saturating_add(count),
            What::Change => self.written.change = true,
            What::Double => self.written.double = true,
            What::Delay(time) => self.delay(time, now),
            other => return Some(other),
        }
        None
    }
}
