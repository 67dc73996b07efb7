//! `septet`: an SMS gateway, a virtual modem and the tools around them.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use septet_host::cli::Cli;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
    match cli.run().await {
        Ok(words) => {
            // A reader that has gone away, as `head` does, is no failure.
            let _ = std::io::stdout().write_all(words.as_bytes());
            ExitCode::SUCCESS
        }
        Err(failed) => {
            eprintln!("septet: {}", failed.sentence);
            ExitCode::from(failed.code)
        }
    }
}
