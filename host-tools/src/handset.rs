//! `septet handset`: what a handset of the virtual network received, and texts from it.

use clap::Args;
use jiff::Timestamp;
use std::fmt::Write;

use crate::Failed;
use crate::asked::Asked;
use crate::control::{FromHandset, Power, SentFromHandset};
use crate::encode::msisdn;
use crate::network::Handset;
use crate::nouns::counted;

/// Lists what a handset of the running gateway's virtual network received, or sends from it.
#[derive(Debug, Args)]
pub struct Options {
    /// The handset's number: 5 to 15 digits, country code first
    #[arg(value_parser = msisdn)]
    number: String,
    /// Send this text from the handset
    #[arg(long, value_name = "TEXT", requires = "to", allow_hyphen_values = true)]
    send: Option<String>,
    /// The number or short code that the text goes to
    #[arg(long, value_name = "NUMBER", requires = "send")]
    to: Option<String>,
    /// Switch the handset on, so that it gets what waits for it
    #[arg(long, conflicts_with_all = ["off", "send"])]
    on: bool,
    /// Switch the handset off, so that what is for it waits
    #[arg(long, conflicts_with = "send")]
    off: bool,
    #[command(flatten)]
    asked: Asked,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// One sentence.
pub async fn run(options: &Options) -> Result<String, Failed> {
    let Options { number, send, to, on, off, asked } = options;
    let client = asked.client()?;
    if *on || *off {
        let power = client.switch_handset(number, &Power { on: *on }).await?;
        return asked.printed(&power, |_| String::new());
    }
    match (send, to) {
        (Some(text), _) if text.is_empty() => Err(Failed::input("the text is empty")),
        (Some(text), Some(to)) => {
            let text = FromHandset { to: to.clone(), text: text.clone() };
            let sent = client.send_from_handset(number, &text).await?;
            asked.printed(&sent, |SentFromHandset { parts }| {
                format!("sent to {to} in {}\n", counted(*parts, "part"))
            })
        }
        _ => {
            let handset = client.handset(number).await?;
            asked.printed(&handset, words)
        }
    }
}

/// The text without what could drive a terminal.
pub(crate) fn harmless(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' => c.to_string(),
        _ if c.is_control() => c.escape_default().to_string(),
        _ => c.to_string(),
    };
    text.chars().map(shown).collect()
}

fn words(handset: &Handset) -> String {
    let mut out = String::new();
    let count = counted(handset.messages.len(), "message");
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{} has received {count}", handset.number);
    for message in &handset.messages {
        let parts = counted(message.parts.len(), "part");
        let at = Timestamp::try_from(message.at).unwrap_or_default();
        let at = at.strftime("%FT%TZ");
        let _ = writeln!(out, "\n{at}  from {}  {parts}", message.from);
        let _ = writeln!(out, "{}", harmless(&message.text));
    }
    let waiting = handset.waiting.len();
    if waiting > 0 {
        let wait = if waiting == 1 { "waits" } else { "wait" };
        let _ = writeln!(out, "\n{} {wait} for the others", counted(waiting, "part"));
    }
    out
}
