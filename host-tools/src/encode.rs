//! `septet encode`: the PDUs of a text and the AT commands that send them, or PDUs out of JSON.

use std::fmt::Write;

use clap::Args;
use septet::api::Recipient;
use septet::at::{Argument, Command};
use septet::error::Error;
use septet::pdu::Pdu;
use septet::text::Text;
use septet::tpdu::udh::Reference;
use septet::wire::{Wire, Writer};
use serde::Serialize;

use crate::body::{Body, Envelope, Layout};
use crate::{Failed, jsonl, tpdu_json};

/// Prints the PDUs of a text and the AT commands that send them.
#[derive(Debug, Args)]
pub struct Options {
    /// Who gets it: 5 to 15 digits, country code first
    #[arg(long, value_name = "NUMBER", value_parser = msisdn, required_unless_present = "jsonl")]
    to: Option<String>,
    /// Number of the service centre; the SIM's own when absent
    #[arg(long, value_name = "NUMBER", value_parser = msisdn)]
    from_smsc: Option<String>,
    /// Reference that the parts of a text share
    #[arg(long, value_name = "0..255", default_value_t = 0)]
    reference: u8,
    /// Ask for a status report
    #[arg(long)]
    report: bool,
    /// Print JSON: a list of the parts, each `{"command": "AT+CMGS=…", "pdu": "…"}`
    #[arg(long)]
    json: bool,
    /// Read a JSON object with the fields of a message on each line of standard input, and write one
    /// with its `hex`
    ///
    /// In: what `septet decode --jsonl` writes. What follows from the rest may be left out: lengths,
    /// octets where there is a text, the octets of a time; what is given must agree with the rest. With
    /// `smsc` (an address or null) the service centre's address stands before the message.
    ///
    /// Out: `{"hex": "…"}`, or `{"error": {"kind", "field", "at", "message"}}`; a line longer than 1 MiB
    /// is such an error.
    #[arg(long, conflicts_with_all = ["to", "text", "from_smsc", "reference", "report", "json"])]
    jsonl: bool,
    /// The text
    #[arg(required_unless_present = "jsonl", allow_hyphen_values = true)]
    text: Option<String>,
}

/// The number without its `+`, where it is an MSISDN.
///
/// # Errors
/// One sentence.
pub fn msisdn(number: &str) -> Result<String, String> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    let recipient = Recipient { country: Text::EMPTY, number: digits.into() };
    if recipient.is_msisdn() {
        Ok(digits.to_owned())
    } else {
        Err("a number has 5 to 15 digits, country code first, no leading zero".to_owned())
    }
}

#[derive(Debug, Serialize)]
struct Part {
    command: String,
    pdu: String,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// One sentence.
pub fn run(options: &Options) -> Result<String, Failed> {
    let (Some(to), Some(text)) = (&options.to, &options.text) else {
        return jsonl::stdio(jsonl::LINE_MAX, |object| {
            tpdu_json::encode(object).unwrap_or_else(|wrong| wrong.to_json())
        });
    };
    let envelope = Envelope {
        to,
        service_centre: options.from_smsc.as_deref(),
        report: options.report,
        ..Envelope::default()
    };
    let pdus = Body::new(text.chars(), Layout::new(Reference::Short(options.reference)))
        .and_then(|body| body.pdus(&envelope))
        .map_err(|error| Failed::input(format!("the {} {}", error.field, error.kind)))?;
    let parts = pdus.iter().map(part).collect::<Result<Vec<Part>, Error>>();
    let parts = parts.map_err(|error| Failed::input(error.to_string()))?;
    if options.json {
        return serde_json::to_string_pretty(&parts)
            .map(|json| json + "\n")
            .map_err(|e| Failed::input(e.to_string()));
    }
    let mut out = String::from("AT+CMGF=0\n");
    for Part { command, pdu } in &parts {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{command}\n{pdu}<Ctrl-Z>");
    }
    Ok(out)
}

fn part(pdu: &Pdu) -> Result<Part, Error> {
    let len = [Argument::Number(pdu.tpdu_len() as u32)];
    let mut buffer = [0; 32];
    let mut w = Writer::new(&mut buffer);
    Command::set("+CMGS", &len).emit(&mut w)?;
    let command = String::from_utf8_lossy(w.written().trim_ascii()).into_owned();
    Ok(Part { command, pdu: pdu.hex().map(char::from).collect() })
}
