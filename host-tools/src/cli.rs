//! The command line: every subcommand with its help, one table.

use clap::error::{ContextKind, ContextValue};
use clap::{Parser, Subcommand};

use crate::callbacks::without_credentials;
use crate::{
    Failed, account, api, decode, encode, explain, handset, modem, optout, probe, replay, send,
    serve, split, trouble, ussd,
};

/// Everything between an HTTP SMS interface and a modem.
///
/// Exit codes: 0 done; 1 bad input, or a modem or gateway that does not do its part; 2 bad usage.
#[derive(Debug, Parser)]
#[command(name = "septet", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Options),
    Handset(handset::Options),
    Send(Box<send::Options>),
    Api(api::Options),
    Account(account::Options),
    #[command(name = "optout")]
    OptOut(optout::Options),
    Modem(modem::Options),
    Ussd(ussd::Options),
    Trouble(trouble::Options),
    Probe(probe::Options),
    Split(split::Options),
    Encode(encode::Options),
    Decode(decode::Options),
    Explain(explain::Options),
    Replay(replay::Options),
}

impl Cli {
    /// The command line; where it is none, the process ends with why.
    pub fn read() -> Self {
        Self::try_parse().unwrap_or_else(|mut error| {
            // What is wrong is shown, but for a password in a URL.
            for kind in [ContextKind::InvalidValue, ContextKind::InvalidArg] {
                if let Some(ContextValue::String(value)) = error.get(kind) {
                    let value = ContextValue::String(without_credentials(value));
                    error.insert(kind, value);
                }
            }
            error.exit()
        })
    }

    /// Runs the command and returns what it has to print at its end.
    ///
    /// # Errors
    /// One sentence and the exit code.
    pub async fn run(self) -> Result<String, Failed> {
        match self.command {
            Command::Serve(options) => serve::run(&options).await.map(|()| String::new()),
            Command::Handset(options) => handset::run(&options).await,
            Command::Send(options) => send::run(&options).await,
            Command::Api(options) => api::run(&options).await,
            Command::Account(options) => account::run(&options),
            Command::OptOut(options) => optout::run(&options).await,
            Command::Modem(options) => modem::run(options).await.map(|()| String::new()),
            Command::Ussd(options) => ussd::run(&options).await,
            Command::Trouble(options) => trouble::run(&options).await,
            Command::Probe(options) => probe::run(&options).await,
            Command::Split(options) => split::run(&options),
            Command::Encode(options) => encode::run(&options),
            Command::Decode(options) => decode::run(&options),
            Command::Explain(options) => explain::run(&options),
            Command::Replay(options) => replay::run(&options),
        }
    }
}
