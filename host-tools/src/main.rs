//! `septet`: an SMS gateway, a virtual modem and the tools around them.

use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use septet_host::Failed;
use septet_host::cli::{Cli, Level, Log, Logging};
use septet_host::image;
use tracing::Level as Most;

#[tokio::main]
async fn main() -> ExitCode {
    if let Some(code) = image::rustc::is_called() {
        return code;
    }
    let cli = Cli::read();
    let Logging { log: form, log_level } = cli.logging();
    let log = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_max_level(match log_level {
            Level::Error => Most::ERROR,
            Level::Warn => Most::WARN,
            Level::Info => Most::INFO,
            Level::Debug => Most::DEBUG,
        })
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    match form {
        Log::Text => log.init(),
        Log::Json => log.json().flatten_event(true).init(),
    }
    let (output, failed) = match cli.run().await {
        Ok(output) => (output, None),
        Err(Failed { sentence, output }) => (output, Some(sentence)),
    };
    let mut failed = failed;
    if let Err(error) = std::io::stdout().write_all(output.as_bytes())
        // A reader that has gone away, as `head` does, is no failure.
        && error.kind() != ErrorKind::BrokenPipe
    {
        failed = failed.or(Some(format!("cannot print: {error}")));
    }
    match failed {
        None => ExitCode::SUCCESS,
        Some(sentence) => {
            eprintln!("septet: {sentence}");
            ExitCode::FAILURE
        }
    }
}
