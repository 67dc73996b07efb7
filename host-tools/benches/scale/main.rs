//! How much the gateway holds: how soon it listens with a full store, how much memory it takes with many
//! connections open, and whether anything grows in a long run but the store's own rows.
//!
//! ```sh
//! cargo bench -p septet-host --bench scale                           # start and run, as below
//! cargo bench -p septet-host --bench scale -- start [MESSAGES]       # with so many in the store
//! cargo bench -p septet-host --bench scale -- run [MESSAGES]         # so many in one run
//! cargo bench -p septet-host --bench scale -- cost                   # of a message, with few and with many
//! cargo bench -p septet-host --bench scale -- soak [MINUTES]         # at half of its peak, with troubles
//! ```
//!
//! It ends with a failure where a bound is missed. As a test it holds those that are the same on every
//! machine. Everything listens on loopback.

mod septet;
#[path = "../serve/mod.rs"]
mod serve;

mod cost;
mod customer;
mod reader;
mod run;
mod soak;
mod start;

use std::process::ExitCode;

/// What is held to its bound: in words, whether it is, and what it is.
pub struct Finding {
    what: &'static str,
    /// Whether it depends on the machine and on how the program was built, so that no test holds it.
    is_measure: bool,
    is_held: bool,
    figure: String,
    bound: String,
}

/// Octets as people read them.
fn mib(octets: u64) -> String {
    format!("{:.1} MiB", octets as f64 / f64::from(1 << 20))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is_given = |argument: &str| arguments.iter().any(|own| own == argument);
    // `cargo test` runs it as well, to see that it works.
    let is_measured = is_given("--bench");
    let number = arguments.iter().find_map(|argument| argument.parse().ok());
    // What is run where nothing is named: the quick ones, and as a test all of them.
    let is_named = ["start", "run", "cost", "soak"].into_iter().any(is_given);
    let is_run = |name, is_usual| if is_named { is_given(name) } else { is_usual };
    let mut findings = Vec::new();
    if is_run("start", true) {
        let trial = if is_measured { start::Trial::WHOLE } else { start::Trial::TINY };
        let messages = number.unwrap_or(trial.messages);
        findings.extend(start::measured(&start::Trial { messages, ..trial }));
    }
    if is_run("run", true) {
        let usual = if is_measured { run::MESSAGES } else { run::MESSAGES_TINY };
        findings.extend(run::measured(number.unwrap_or(usual)));
    }
    if is_run("cost", !is_measured) {
        let trial = if is_measured { cost::Trial::WHOLE } else { cost::Trial::TINY };
        findings.extend(cost::measured(&trial));
    }
    if is_run("soak", !is_measured) {
        let trial = if is_measured { soak::Trial::WHOLE } else { soak::Trial::TINY };
        let looks = number.unwrap_or(trial.looks);
        findings.extend(soak::measured(&soak::Trial { looks, ..trial }));
    }
    println!("\n| what | is | bound | |\n|---|---|---|---|");
    for Finding { what, is_held, figure, bound, is_measure: _ } in &findings {
        println!("| {what} | {figure} | {bound} | {} |", if *is_held { "held" } else { "MISSED" });
    }
    let is_missed = |finding: &Finding| !finding.is_held && (is_measured || !finding.is_measure);
    if findings.iter().any(is_missed) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
