//! `septet board status`: how a board is, and what it was told.

use std::collections::BTreeMap;
use std::fmt::Write;

use clap::Args;
use serde::{Deserialize, Serialize};

use super::Line;
use crate::Failed;
use crate::handset::harmless;
use crate::nouns::counted;

/// Shows how a board is and what it was told: modem, messages, accounts, keywords.
#[derive(Debug, Args)]
pub struct Options {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What `GET /status` says.
#[derive(Debug, Serialize, Deserialize)]
struct State {
    ready: bool,
    modem: String,
    registered: Option<bool>,
    signal_dbm: Option<i32>,
    restarts: u32,
    on_the_way: u32,
    received: u32,
    running_s: u64,
    started_after: String,
    messages: Vec<Sms>,
}

/// A message of late.
#[derive(Debug, Serialize, Deserialize)]
struct Sms {
    to: String,
    parts: u32,
    state: String,
}

/// What `GET /settings` says: of secrets only whether they are set.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Settings {
    pin: bool,
    operator: bool,
    number: String,
    interface: String,
    reports: String,
    allow: String,
    accounts: Vec<String>,
    pub(super) keywords: BTreeMap<String, String>,
}

/// Both.
#[derive(Debug, Serialize)]
struct Board {
    status: State,
    settings: Settings,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// One sentence, also where the board cannot send now: then what it says is printed, too.
pub async fn run(options: &Options, line: &mut Line) -> Result<String, Failed> {
    let board =
        Board { status: line.get("/status").await?, settings: line.get("/settings").await? };
    let output = if options.json {
        let json = serde_json::to_string_pretty(&board);
        json.map_err(|error| Failed::input(error.to_string()))? + "\n"
    } else {
        words(&board)
    };
    if board.status.ready {
        return Ok(output);
    }
    let modem = harmless(&board.status.modem);
    Err(Failed { sentence: format!("the board is not ready: its modem {modem}"), output })
}

fn words(Board { status, settings }: &Board) -> String {
    let mut out = String::new();
    let registered = match status.registered {
        Some(true) => ", registered",
        Some(false) => ", not registered",
        None => "",
    };
    let signal = status.signal_dbm.map(|dbm| format!(", {dbm} dBm")).unwrap_or_default();
    let restarts = counted(status.restarts, "restart");
    let modem = harmless(&status.modem);
    // Writing to a String cannot fail.
    let _ = writeln!(out, "modem: {modem}{registered}{signal}, {restarts}");
    let State { on_the_way, received, running_s, .. } = status;
    let _ = writeln!(
        out,
        "{} not final, {received} received and not fetched, running for {}",
        counted(*on_the_way, "message"),
        counted(*running_s, "second")
    );
    if !status.started_after.is_empty() {
        let _ = writeln!(out, "started after {}", harmless(&status.started_after));
    }
    for Sms { to, parts, state } in &status.messages {
        let (parts, state) = (counted(*parts, "part"), state.replace('_', " "));
        let _ = writeln!(out, "  to {}: {}, {parts}", harmless(to), harmless(&state));
    }
    let accounts: Vec<String> = settings.accounts.iter().map(|name| harmless(name)).collect();
    let accounts = if accounts.is_empty() { "none".to_owned() } else { accounts.join(", ") };
    let _ = writeln!(out, "accounts: {accounts}");
    for (word, url) in &settings.keywords {
        let _ = writeln!(out, "keyword {}: {}", harmless(word), harmless(url));
    }
    let Settings { number, interface, reports, allow, .. } = settings;
    for (what, value) in [
        ("the SIM's number", number),
        ("received messages go by", interface),
        ("reports go to", reports),
        ("callbacks may go to", allow),
    ] {
        if !value.is_empty() {
            let _ = writeln!(out, "{what}: {}", harmless(value));
        }
    }
    let _ = writeln!(out, "the SIM's PIN: {}", if settings.pin { "set" } else { "none" });
    let operator = if settings.operator {
        "set"
    } else {
        "none: whoever has the line may change the settings"
    };
    let _ = writeln!(out, "the operator's password: {operator}");
    out
}
