//! `septet decode`: every field of a PDU in words, or as JSON.

use std::fmt::{Display, Write};

use clap::Args;
use septet::error::Error;
use septet::pdu;
use septet::tpdu::{Address, Mo, Mt};
use septet::wire::{Input, Reader, Rejected, Wire};
use serde_json::{Value, json};

use crate::tpdu_json::{self, Direction, Reading, Wrong};
use crate::{Failed, jsonl};

/// Shows every field of PDUs in words, or as JSON.
#[derive(Debug, Args)]
pub struct Options {
    /// PDUs, as hexadecimal digits
    #[arg(required_unless_present = "jsonl")]
    hex: Vec<String>,
    /// Print JSON: an object for each PDU, as `--jsonl` has it, on a line of its own
    #[arg(long)]
    json: bool,
    /// Read a JSON object with `hex` on each line of standard input, and write one with its fields
    ///
    /// In: `{"hex": "0791…"}`; for itself it may have `direction` (`"MT"` or `"MO"`) and `smsc` (whether
    /// the PDU begins with the service centre's address).
    ///
    /// Out: `type`, the fields of that type by the short names of the standard (`oa` for TP-OA), `text`,
    /// the octets (`ud`, `body`), what the header says (`udh`, `concat`, `ports`), the rules that are
    /// broken (`quirks`), `direction` and `smsc_prefix`; only where there are some, octets that mean
    /// nothing: `pi_further` and `pi_octets` of a report, `raw` of an address whose `value` does not
    /// say all of its bits. It is what `septet encode --jsonl` reads. Or
    /// `{"error": {"kind", "field", "at", "message"}}`; a line longer than 1 MiB is such an error.
    #[arg(long, conflicts_with_all = ["hex", "json"])]
    jsonl: bool,
    /// Which way the PDUs go
    #[arg(long, value_enum, default_value_t = Direction::Mt, ignore_case = true)]
    direction: Direction,
    /// The PDUs do not begin with the service centre's address
    #[arg(long)]
    no_smsc: bool,
    /// Refuse what breaks a rule of the standard
    #[arg(long)]
    strict: bool,
    /// Read what breaks a rule of the standard, and name the rule (the default)
    #[arg(long, conflicts_with = "strict")]
    tolerant: bool,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// A PDU that cannot be read: field and octet.
pub fn run(options: &Options) -> Result<String, Failed> {
    let reading = Reading {
        direction: options.direction,
        smsc_prefix: !options.no_smsc,
        strict: options.strict,
    };
    let decoded = |object: &Value| tpdu_json::decode(object, reading);
    if options.jsonl {
        return jsonl::stdio(jsonl::LINE_MAX, |object| {
            decoded(object).unwrap_or_else(|wrong| wrong.to_json())
        });
    }
    let mut out = String::new();
    for (i, hex) in options.hex.iter().enumerate() {
        if i > 0 && !options.json {
            out.push('\n');
        }
        let shown = match options.json {
            true => decoded(&json!({ "hex": hex })).map(|object| format!("{object}\n")),
            false => words(hex, options).map_err(Wrong::from),
        };
        let octets = pdu::read_hex(hex).unwrap_or_default();
        let hint = hint(&octets, options.direction, !options.no_smsc);
        let which = match options.hex.len() {
            1 => String::new(),
            _ => format!("PDU {}: ", i + 1),
        };
        match (shown, hint) {
            (Ok(shown), None) => out.push_str(&shown),
            (Ok(shown), Some(hint)) => {
                eprintln!("{which}{hint}");
                out.push_str(&shown);
            }
            (Err(error), None) => return Err(Failed::input(format!("{which}{error}"))),
            (Err(error), Some(hint)) => {
                return Err(Failed::input(format!("{which}{error}; {hint}")));
            }
        }
    }
    Ok(out)
}

fn words(hex: &str, options: &Options) -> Result<String, Error> {
    let octets = pdu::read_hex(hex)?;
    match options.direction {
        Direction::Mt => described::<Mt<'_>>(&octets, options),
        Direction::Mo => described::<Mo<'_>>(&octets, options),
    }
}

/// Reads a TPDU, and a service-centre address before it where there is one.
pub(crate) fn parse<'a, T: Wire<'a>>(
    reader: &mut Reader<'a>,
    smsc_prefix: bool,
) -> Result<(Option<Address>, T), Rejected> {
    if smsc_prefix { pdu::parse(reader) } else { Ok((None, T::parse(reader)?)) }
}

/// What is said besides of octets that break a rule in this direction and none in the other.
pub(crate) fn hint(octets: &[u8], direction: Direction, smsc_prefix: bool) -> Option<&'static str> {
    fn is_right<'a, T: Wire<'a>>(octets: &'a [u8], smsc_prefix: bool) -> bool {
        Input::strict(octets).finish(|reader| parse::<T>(reader, smsc_prefix)).is_ok()
    }
    let is_mt = is_right::<Mt<'_>>(octets, smsc_prefix);
    let is_mo = is_right::<Mo<'_>>(octets, smsc_prefix);
    match direction {
        Direction::Mt if is_mo && !is_mt => {
            Some("as a PDU to the service centre it breaks no rule: read it with --direction mo")
        }
        Direction::Mo if is_mt && !is_mo => {
            Some("as a PDU to a handset it breaks no rule: read it with --direction mt")
        }
        Direction::Mt | Direction::Mo => None,
    }
}

/// The fields of one PDU, one to a line, and the rules that it broke.
fn described<'a, T: Wire<'a> + Display>(
    octets: &'a [u8],
    options: &Options,
) -> Result<String, Error> {
    let input = if options.strict { Input::strict(octets) } else { Input::tolerant(octets) };
    let parse = |reader: &mut Reader<'a>| parse::<T>(reader, !options.no_smsc);
    let ((service_centre, tpdu), quirks) = input.finish(parse)?;
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = match service_centre {
        Some(service_centre) => writeln!(out, "SMSC     {}", service_centre.described()),
        None if options.no_smsc => Ok(()),
        None => writeln!(out, "SMSC     the SIM's own"),
    };
    let _ = write!(out, "{tpdu}");
    if !out.ends_with('\n') {
        out.push('\n');
    }
    for quirk in quirks.iter() {
        let _ = writeln!(out, "broken   {quirk}");
    }
    Ok(out)
}
