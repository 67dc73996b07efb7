//! `septet status`, `septet messages` and `septet accounts`: a running gateway in words.

use std::fmt::Write;

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
use jiff::Timestamp;

use crate::Failed;
use crate::asked::Asked;
use crate::handset::harmless;
use crate::nouns::counted;
use crate::watch::live::Modem;
use crate::watch::{Account, Message, STATES, Status, Wanted};

/// Shows how the running gateway is: its modems, what waits, what it owes.
#[derive(Debug, Args)]
pub struct StatusOptions {
    #[command(flatten)]
    asked: Asked,
}

/// Runs `septet status` and returns what it prints.
///
/// # Errors
/// One sentence, also where the gateway cannot send now: then what it says is printed, too.
pub async fn status(options: &StatusOptions) -> Result<String, Failed> {
    let status = options.asked.client()?.status().await?;
    let output = options.asked.printed(&status, status_words)?;
    if status.health.ready {
        return Ok(output);
    }
    Err(Failed { sentence: format!("the gateway is not ready: {}", status.health.words), output })
}

fn status_words(status: &Status) -> String {
    let Status { health, figures, modems, callbacks } = status;
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{}", health.words);
    for modem in modems {
        let Modem { name, number, sent, received, .. } = modem;
        let sent = counted(*sent, "part");
        let signal = modem.signal.map(|dbm| format!(", {dbm} dBm")).unwrap_or_default();
        let state = modem.state();
        let _ = writeln!(
            out,
            "modem {name} ({number}): {state}{signal}, {sent} sent, {received} handed over"
        );
        if let (Some(why), Some(at)) = (&modem.trouble, modem.trouble_at) {
            let _ = writeln!(out, "  last trouble, {}: {}", shown(at), harmless(why));
        }
    }
    let _ = writeln!(
        out,
        "{} waiting, {} not final, {} for later, {} owed",
        figures.waiting,
        figures.on_the_way,
        figures.scheduled,
        counted(figures.callbacks_owed, "callback")
    );
    let states = STATES
        .iter()
        .filter_map(|(_, name, ..)| Some(format!("{} {name}", figures.states.get(*name)?)));
    let states: Vec<String> = states.collect();
    if !states.is_empty() {
        let _ = writeln!(out, "of the latest messages: {}", states.join(", "));
    }
    for callback in callbacks {
        let what = if callback.inbound { "received message" } else { "report of message" };
        let number = callback.subject.map(|number| format!(" {number}")).unwrap_or_default();
        let next = callback.next.map_or_else(|| "under way".to_owned(), |at| shown(at).to_string());
        let _ = writeln!(
            out,
            "callback {}: {what}{number} to {}, {}, tries {}, next {next}",
            callback.id, callback.origin, callback.interface, callback.tries
        );
    }
    out
}

fn shown(at: Timestamp) -> impl std::fmt::Display {
    at.strftime("%FT%TZ")
}

/// Lists messages that the running gateway has accepted, newest first.
#[derive(Debug, Args)]
pub struct MessagesOptions {
    /// Those with this in their number, in their text or in one of their ids
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    search: String,
    /// Those in this state
    #[arg(long, value_name = "STATE", value_parser = states())]
    state: Option<String>,
    /// Those that were accepted before the message of this number
    #[arg(long, value_name = "NUMBER")]
    before: Option<i64>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(1..=i64::from(crate::watch::PAGE_MAX)))]
    limit: u32,
    #[command(flatten)]
    asked: Asked,
}

/// The names of the states, each with what it means.
fn states() -> PossibleValuesParser {
    let value = |(_, name, _, meaning)| PossibleValue::new(name).help(meaning);
    PossibleValuesParser::new(STATES.map(value))
}

/// Runs `septet messages` and returns what it prints.
///
/// # Errors
/// One sentence.
pub async fn messages(options: &MessagesOptions) -> Result<String, Failed> {
    let MessagesOptions { search, state, before, limit, asked } = options;
    let state = state.clone().unwrap_or_default();
    let wanted = Wanted { search: search.clone(), state, before: *before, limit: *limit };
    let found = asked.client()?.messages(&wanted).await?;
    let none = match wanted == (Wanted { limit: *limit, ..Wanted::default() }) {
        true => "no message has been accepted yet",
        false => "no message is like that",
    };
    asked.listed(&found, none, message_words)
}

fn message_words(message: &Message) -> String {
    let Message { id, recipient, state, words, text, .. } = message;
    let at = shown(message.accepted);
    let route = message.modem.as_deref().unwrap_or("any modem");
    let (account, parts) = (&message.account, counted(message.parts.len(), "part"));
    let text = harmless(text).replace('\n', "\n    ");
    let words = harmless(words);
    format!(
        "{id}  {at}  {recipient}  {state}: {words}\n    {account} → {route}, {parts}\n    \
         {text}\n"
    )
}

/// Lists the accounts of the running gateway and what each has left.
#[derive(Debug, Args)]
pub struct AccountsOptions {
    #[command(flatten)]
    asked: Asked,
}

/// Runs `septet accounts` and returns what it prints.
///
/// # Errors
/// One sentence.
pub async fn accounts(options: &AccountsOptions) -> Result<String, Failed> {
    let found = options.asked.client()?.accounts().await?;
    options.asked.listed(&found, "the gateway has no account: nobody can send", account_words)
}

fn account_words(account: &Account) -> String {
    let Account { name, credits, began_with, last_request } = account;
    let credits = match (credits, began_with) {
        (Some(left), Some(all)) => format!("{left} of {all} credits left"),
        (Some(left), None) => format!("{left} credits left"),
        (None, _) => "no limit".to_owned(),
    };
    let last = match last_request {
        Some(at) => format!("last request {}", shown(*at)),
        None => "no request yet".to_owned(),
    };
    format!("{}  {credits}, {last}\n", harmless(name))
}
