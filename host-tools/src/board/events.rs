//! `septet board events`: what a board has for its host, as JSON Lines.

use std::future::Future;
use std::io::Write;
use std::pin::{Pin, pin};

use clap::Args;
use serde::Deserialize;

use super::{Line, line};
use crate::Failed;

/// Prints what becomes of messages, and messages that were received, as JSON, a line each.
///
/// An event is acknowledged when it was printed, and the board forgets it: what is not printed is told
/// again. Ctrl-C ends the command.
#[derive(Debug, Args)]
pub struct Options {
    /// End after one event
    #[arg(long)]
    once: bool,
}

/// What every event has.
#[derive(Debug, Deserialize)]
struct Numbered {
    id: u64,
}

/// Runs the command until it is interrupted.
///
/// # Errors
/// One sentence.
pub async fn run(
    options: &Options,
    line: &mut Line,
    out: &mut impl Write,
) -> Result<String, Failed> {
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    while let Some((id, event)) = next(line, interrupted.as_mut()).await? {
        // A reader that has gone away, as `head` does, wants no more.
        if print(&event, out).is_err() {
            break;
        }
        line.acknowledge(id).await?;
        if options.once {
            break;
        }
    }
    Ok(String::new())
}

/// Prints an event; it is the reader's when this is done.
pub(super) fn print(event: &str, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{event}").and_then(|()| out.flush())
}

/// The next event, which is waited for; `None` where the command is interrupted.
pub(super) async fn next<T>(
    line: &mut Line,
    mut interrupted: Pin<&mut impl Future<Output = T>>,
) -> Result<Option<(u64, String)>, Failed> {
    loop {
        let event = tokio::select! {
            event = line.event() => event?,
            _ = interrupted.as_mut() => return Ok(None),
        };
        if let Some(event) = event {
            let Numbered { id } = line::read("an event", &event)?;
            return Ok(Some((id, event)));
        }
    }
}
