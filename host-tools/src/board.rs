//! `septet board`: the gateway of a board, asked over its host line.

mod events;
mod forward;
mod line;
mod set;
mod status;
mod tapes;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

pub use self::line::Line;
use crate::{Failed, config};

/// Asks the gateway of a board: how it is, what it is told once, and what came for the host.
///
/// The line to a board serves one program at a time.
#[derive(Debug, Args)]
pub struct Options {
    /// Where the board is: a serial device or pty, or tcp:HOST:PORT
    #[arg(long)]
    port: String,
    /// Bits a second, on a serial device
    #[arg(long, default_value_t = config::BAUD)]
    baud: u32,
    /// File with the operator's password, where the board has one
    #[arg(long, value_name = "FILE")]
    operator_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Status(status::Options),
    Set(Box<set::Options>),
    Events(events::Options),
    Forward(forward::Options),
    Trace(tapes::TraceOptions),
    Log(tapes::LogOptions),
}

/// Runs the command and returns what it prints at its end.
///
/// # Errors
/// One sentence.
pub async fn run(options: &Options) -> Result<String, Failed> {
    run_to(options, &mut io::stdout()).await
}

/// As [`run`]; what is printed meanwhile goes to `out`.
///
/// # Errors
/// One sentence.
pub async fn run_to(options: &Options, out: &mut impl Write) -> Result<String, Failed> {
    let Options { port, baud, operator_file, command } = options;
    let operator = operator_file.as_deref().map(|file| secret("password", file)).transpose()?;
    // What is wrong with a change is told before the board is asked.
    let change = match command {
        Command::Set(options) => Some(options.form()?),
        _ => None,
    };
    let mut line = Line::open(port, *baud, operator).await?;
    match command {
        Command::Status(options) => status::run(options, &mut line).await,
        Command::Set(_) => set::run(&change.unwrap_or_default(), &mut line).await,
        Command::Events(options) => events::run(options, &mut line, out).await,
        Command::Forward(options) => forward::run(options, &mut line, out).await,
        Command::Trace(options) => tapes::trace(options, &mut line).await,
        Command::Log(options) => tapes::log(options, &mut line).await,
    }
}

/// The secret that a file has in its one line.
fn secret(what: &str, file: &Path) -> Result<String, Failed> {
    let name = file.display();
    let text = fs::read_to_string(file).map_err(|error| {
        Failed::input(format!("the {what} cannot be read from {name}: {error}"))
    })?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() || text.contains('\n') {
        return Err(Failed::input(format!(
            "no {what} in {name}: it stands there alone, in a line"
        )));
    }
    Ok(text.to_owned())
}
