//! `septet decode`: every field of a PDU in words.

use clap::{Args, ValueEnum};
use septet::error::Error;
use septet::pdu::{self, Pdu};
use septet::tpdu::{Address, Mo, Mt};
use septet::wire::{Quirks, Wire};

use crate::Failed;

/// Shows every field of PDUs in words.
#[derive(Debug, Args)]
pub struct Options {
    /// PDUs, as hexadecimal digits
    #[arg(required = true)]
    hex: Vec<String>,
    /// Which way the PDUs go
    #[arg(long, value_enum, default_value_t = Direction::Mt, ignore_case = true)]
    direction: Direction,
    /// The PDUs do not begin with the service centre's address
    #[arg(long)]
    no_smsc: bool,
    /// Refuse what breaks a rule of the standard, instead of naming the rule
    #[arg(long)]
    strict: bool,
}

/// Which way a PDU goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Direction {
    /// From the service centre to the handset
    Mt,
    /// From the handset to the service centre
    Mo,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// A PDU that cannot be read: field and octet.
pub fn run(options: &Options) -> Result<String, Failed> {
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
    match options.direction {
        Direction::Mt => described::<Mt<'_>>(hex, options),
        Direction::Mo => described::<Mo<'_>>(hex, options),
    }
}

/// The fields of one message, one to a line.
fn described<'a, T>(hex: &str, options: &Options) -> Result<String, Error>
where
    T: for<'w> Readable<'w>,
{
    todo!()
}
