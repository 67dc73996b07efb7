//! The SIM's PIN: entered once it is safe, and never twice when it was wrong.

use septet_firmware::engine::Trouble;
use septet_firmware::options::SimPin;
use septet_firmware::profile::{GENERIC, HUAWEI, SIM800};
use septet_firmware::{EventKind, Options, Profile};

use crate::bench::Bench;

/// A SIM: its tries, its PIN's state, and whether it tells its tries.
struct Sim {
    right: &'static str,
    tries: u32,
    open: bool,
    tells: &'static str,
    /// How often it is busy when a PIN comes.
    busy: u32,
}

impl Sim {
    fn answer(&mut self, command: &str) -> Option<&'static str> {
        if command == "AT+CPIN?" {
            let words = match (self.open, self.tries) {
                (true, _) => "READY",
                (false, 0) => "SIM PUK",
                (false, _) => "SIM PIN",
            };
            return Some(format!("\r\n+CPIN: {words}\r\n\r\nOK\r\n").leak());
        }
        if let Some(pin) = command.strip_prefix("AT+CPIN=") {
            if self.busy > 0 {
                self.busy -= 1;
                return Some("\r\n+CME ERROR: 14\r\n");
            }
            assert_ne!(self.tries, 0, "a PIN for a SIM that waits for its PUK");
            self.open = pin.trim_matches('"') == self.right;
            self.tries = if self.open { 3 } else { self.tries - 1 };
            return Some(if self.open { "\r\nOK\r\n" } else { "\r\n+CME ERROR: 16\r\n" });
        }
        let name = self.tells.split(':').next().filter(|name| !name.is_empty())?;
        let asked = command.strip_prefix("AT")?.split(['=', '?']).next()?;
        (asked == name).then(|| {
            let line = self.tells.replace('#', &self.tries.to_string());
            &*format!("\r\n{line}\r\n\r\nOK\r\n").leak()
        })
    }
}

fn run(profile: &'static Profile, sim: &mut Sim, ms: u64) -> Bench {
    let pin = SimPin::new("1234");
    let mut bench = Bench::with(Options { pin, ..Options::new(profile) });
    bench.pass(ms, &mut |command| {
        sim.answer(command).or_else(|| command.starts_with("AT+CPINR").then_some("\r\nERROR\r\n"))
    });
    bench
}

const STANDARD: &str = "+CPINR: SIM PIN,#,3";

#[test]
fn a_pin_is_entered_where_it_has_tries() {
    for (profile, tells) in [
        (&GENERIC, STANDARD),
        (&SIM800, "+SPIC: #,10,3,10"),
        (&HUAWEI, "^CPIN: SIM PIN,3,10,#,10,3"),
    ] {
        let mut sim = Sim { right: "1234", tries: 2, open: false, tells, busy: 0 };
        let mut bench = run(profile, &mut sim, 20_000);
        assert_eq!(bench.take(), [EventKind::Ready], "{tells}");
        assert_eq!(bench.count("AT+CPIN=\"1234\""), 1);
    }
}

#[test]
fn the_last_try_is_not_spent() {
    for (profile, tells) in [(&GENERIC, STANDARD), (&SIM800, "+SPIC: #,10,3,10")] {
        let mut sim = Sim { right: "1234", tries: 1, open: false, tells, busy: 0 };
        let mut bench = run(profile, &mut sim, 200_000);
        assert_eq!(bench.take(), [EventKind::Lost(Trouble::LastPinTry)]);
        assert_eq!(bench.count("AT+CPIN=\"1234\""), 0);
        // Somebody enters it elsewhere.
        sim.open = true;
        bench.pass(20_000, &mut |command| sim.answer(command));
        assert_eq!(bench.take(), [EventKind::Ready]);
    }
}

#[test]
fn a_wrong_pin_is_entered_once_whatever_happens_then() {
    for tells in [STANDARD, ""] {
        let mut sim = Sim { right: "0000", tries: 3, open: false, tells, busy: 0 };
        let mut bench = run(&GENERIC, &mut sim, 200_000);
        assert_eq!(bench.take(), [EventKind::Lost(Trouble::WrongPin)]);
        bench.say("\r\nRDY\r\n");
        bench.pass(200_000, &mut |command| sim.answer(command));
        bench.disconnected();
        bench.pass(200_000, &mut |command| sim.answer(command));
        assert_eq!(sim.tries, 2);
    }
}

#[test]
fn a_pin_whose_answer_is_lost_is_not_entered_again() {
    let mut sim = Sim { right: "0000", tries: 3, open: false, tells: "", busy: 0 };
    let pin = SimPin::new("1234");
    let mut bench = Bench::with(Options { pin, ..Options::new(&GENERIC) });
    bench.pass(300_000, &mut |command| {
        let answer = sim.answer(command);
        if command.starts_with("AT+CPIN=") { Some("") } else { answer }
    });
    assert_eq!((sim.tries, bench.take()), (2, vec![EventKind::Lost(Trouble::WrongPin)]));
}

#[test]
fn a_sim_that_is_busy_is_given_the_pin_again_only_where_it_tells_its_tries() {
    for (tells, events) in [(STANDARD, EventKind::Ready), ("", EventKind::Lost(Trouble::WrongPin))]
    {
        let mut sim = Sim { right: "1234", tries: 3, open: false, tells, busy: 2 };
        let mut bench = run(&GENERIC, &mut sim, 60_000);
        assert_eq!(bench.take(), [events], "{tells:?}");
    }
}

#[test]
fn a_pin_that_was_right_is_entered_again_after_a_restart() {
    let mut sim = Sim { right: "1234", tries: 3, open: false, tells: STANDARD, busy: 0 };
    let mut bench = run(&GENERIC, &mut sim, 20_000);
    assert_eq!(bench.take(), [EventKind::Ready]);
    sim.open = false;
    bench.say("\r\nRDY\r\n");
    bench.pass(20_000, &mut |command| sim.answer(command));
    assert_eq!(bench.take(), [EventKind::Rebooted, EventKind::Ready]);
    assert_eq!(bench.count("AT+CPIN=\"1234\""), 2);
}

#[test]
fn a_puk_is_never_asked_of_anybody() {
    let mut sim = Sim { right: "1234", tries: 0, open: false, tells: STANDARD, busy: 0 };
    let mut bench = run(&GENERIC, &mut sim, 200_000);
    assert_eq!(bench.take(), [EventKind::Lost(Trouble::SimPuk)]);
    assert!(!bench.commands.iter().any(|command| command.starts_with("AT+CPIN=")));
}
