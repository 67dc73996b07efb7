//! `septet decode`: every field of a PDU in words, or as JSON.

use std::fmt::{Display, Write};

use clap::Args;
use septet::error::Error;
use septet::pdu;
use septet::tpdu::{Address, Mo, Mt};
use septet::wire::{Input, Reader, Rejected, Wire};

use crate::tpdu_json::{self, Direction, Reading, Wrong};
use crate::{Failed, jsonl};

/// Shows every field of PDUs in words.
#[derive(Debug, Args)]
pub struct Options {
    /// PDUs, as hexadecimal digits
    #[arg(required_unless_present = "jsonl")]
    hex: Vec<String>,
    /// Read a JSON object with `hex` on each line of standard input, and write one with its fields
    ///
    /// The objects may have `direction` (MT or MO) and `smsc` (whether the PDU begins with the service
    /// centre's address) for themselves.
    #[arg(long, conflicts_with = "hex")]
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
    if options.jsonl {
        let reading = Reading {
            direction: options.direction,
            smsc_prefix: !options.no_smsc,
            strict: options.strict,
        };
        return jsonl::stdio(|object| {
            tpdu_json::decode(object, reading).unwrap_or_else(|wrong: Wrong| wrong.to_json())
        });
    }
    let mut out = String::new();
    for (i, hex) in options.hex.iter().enumerate() {
        if i > 0 {
            out.push('\n');
        }
        match words(hex, options) {
            Ok(words) => out.push_str(&words),
            Err(error) if options.hex.len() == 1 => return Err(Failed::input(error.to_string())),
            Err(error) => return Err(Failed::input(format!("PDU {}: {error}", i + 1))),
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
