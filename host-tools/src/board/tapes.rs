//! `septet board trace` and `septet board log`: what a board has gathered of its own doings.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use defmt_decoder::{DecodeError, Table};
use septet_firmware::trace::{Mask, Ring, Transcript};

use super::Line;
use crate::Failed;
use crate::handset::harmless;

/// Octets of the longest trace that is read; a board has a few hundred or thousand.
const TRACE_MAX: usize = 1 << 16;

/// Prints the last that went over the modem's line, as a transcript.
///
/// It has the format of `septet send --trace`. Numbers are overwritten; PINs the board does not keep.
#[derive(Debug, Args)]
pub struct TraceOptions {
    /// Leave the numbers of telephones, SIMs and modems as they are
    #[arg(long)]
    numbers: bool,
}

/// Prints what the firmware has logged last, decoded by the image that the board runs.
///
/// Only a board whose firmware was built with its log has one.
#[derive(Debug, Args)]
pub struct LogOptions {
    /// The image that was flashed, as ELF
    #[arg(long, value_name = "FILE")]
    elf: PathBuf,
}

/// Runs `septet board trace` and returns what it prints.
///
/// # Errors
/// One sentence.
pub async fn trace(options: &TraceOptions, line: &mut Line) -> Result<String, Failed> {
    let octets = line.tape("/trace").await?;
    let ring = Box::new(Ring::<TRACE_MAX>::load(&octets).ok_or_else(|| {
        Failed::input(
            "what the board gave as its trace is none: its firmware is of another version",
        )
    })?);
    let mask = if options.numbers { Mask::NONE } else { Mask::NUMBERS };
    let mut text = String::new();
    let mut transcript = Transcript::new(&mut text, "that of a board", mask);
    transcript.note("source", concat!("septet ", env!("CARGO_PKG_VERSION")));
    ring.dump(&mut transcript);
    drop(transcript);
    Ok(text)
}

/// Runs `septet board log` and returns what it prints.
///
/// # Errors
/// One sentence.
pub async fn log(options: &LogOptions, line: &mut Line) -> Result<String, Failed> {
    let table = table(&options.elf)?;
    let octets = line.tape("/log").await?;
    Ok(decoded(&table, &octets))
}

/// What an image says of its log.
fn table(elf: &Path) -> Result<Table, Failed> {
    let name = elf.display();
    let octets = fs::read(elf)
        .map_err(|error| Failed::input(format!("the image cannot be read from {name}: {error}")))?;
    match Table::parse(&octets) {
        Ok(Some(table)) => Ok(table),
        Ok(None) => Err(Failed::input(format!(
            "{name} has no log: build the image with its log, and flash that"
        ))),
        Err(error) => {
            Err(Failed::input(format!("{name} is no image whose log can be read: {error}")))
        }
    }
}

/// The lines of a log. Its oldest octets are gone, and may have been within a line.
fn decoded(table: &Table, octets: &[u8]) -> String {
    let mut decoder = table.new_stream_decoder();
    decoder.received(octets);
    let mut text = String::new();
    loop {
        match decoder.decode() {
            Ok(frame) => {
                text += &harmless(&frame.display(false).to_string());
                text.push('\n');
            }
            Err(DecodeError::Malformed) if table.encoding().can_recover() => {}
            Err(DecodeError::Malformed | DecodeError::UnexpectedEof) => return text,
        }
    }
}
