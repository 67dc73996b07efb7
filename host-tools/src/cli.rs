//! The command line: every subcommand with its help, one table.

use clap::error::{ContextKind, ContextValue};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::callbacks::without_credentials;
use crate::{
    Failed, account, api, board, bulk, decode, encode, explain, handset, image, init, manual,
    modem, optout, probe, replay, send, serve, split, status, trouble, ussd,
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

/// How a command logs.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct Logging {
    /// How the log is written, on standard error
    #[arg(long, value_enum, value_name = "FORM", default_value_t, help_heading = "Log")]
    pub log: Log,
    /// What is logged: what is at least as grave
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t, help_heading = "Log")]
    pub log_level: Level,
}

// A command that logs. What is documented last is what the help says of it: the command's own.
#[derive(Debug, Args)]
struct Logged<O: Args> {
    #[command(flatten)]
    logging: Logging,
    #[command(flatten)]
    options: O,
}

/// How the log is written, on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Log {
    /// For people, a line each
    #[default]
    Text,
    /// For programs: a JSON object on each line
    Json,
}

/// What is logged: what is at least as grave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// What failed
    Error,
    /// And what goes wrong by itself or at the other end
    Warn,
    /// And what becomes of each message
    #[default]
    Info,
    /// And each step of it
    Debug,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(Logged<serve::Options>),
    Init(init::Options),
    Status(status::StatusOptions),
    Messages(status::MessagesOptions),
    Accounts(status::AccountsOptions),
    Bulk(bulk::Options),
    Handset(handset::Options),
    Send(Box<Logged<send::Options>>),
    Api(Logged<api::Options>),
    Account(account::Options),
    #[command(name = "optout")]
    OptOut(optout::Options),
    Modem(Logged<modem::Options>),
    Board(Logged<board::Options>),
    Image(image::Options),
    Ussd(ussd::Options),
    Trouble(trouble::Options),
    Probe(probe::Options),
    Split(split::Options),
    Encode(encode::Options),
    Decode(decode::Options),
    Explain(explain::Options),
    Replay(replay::Options),
    Completions(manual::CompletionsOptions),
    Man(manual::ManOptions),
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

    /// How the command logs.
    pub fn logging(&self) -> Logging {
        match &self.command {
            Command::Serve(own) => own.logging,
            Command::Send(own) => own.logging,
            Command::Api(own) => own.logging,
            Command::Modem(own) => own.logging,
            Command::Board(own) => own.logging,
            Command::Init(_)
            | Command::Status(_)
            | Command::Messages(_)
            | Command::Accounts(_)
            | Command::Bulk(_)
            | Command::Handset(_)
            | Command::Account(_)
            | Command::OptOut(_)
            | Command::Image(_)
            | Command::Ussd(_)
            | Command::Trouble(_)
            | Command::Probe(_)
            | Command::Split(_)
            | Command::Encode(_)
            | Command::Decode(_)
            | Command::Explain(_)
            | Command::Replay(_)
            | Command::Completions(_)
            | Command::Man(_) => Logging::default(),
        }
    }

    /// Runs the command and returns what it has to print at its end.
    ///
    /// # Errors
    /// One sentence and the exit code.
    pub async fn run(self) -> Result<String, Failed> {
        match self.command {
            Command::Serve(options) => serve::run(&options.options).await,
            Command::Init(options) => init::run(&options),
            Command::Status(options) => status::status(&options).await,
            Command::Messages(options) => status::messages(&options).await,
            Command::Accounts(options) => status::accounts(&options).await,
            Command::Bulk(options) => bulk::run(&options).await,
            Command::Handset(options) => handset::run(&options).await,
            Command::Send(options) => send::run(&options.options).await,
            Command::Api(options) => api::run(&options.options).await,
            Command::Account(options) => account::run(&options),
            Command::OptOut(options) => optout::run(&options).await,
            Command::Modem(options) => modem::run(options.options).await.map(|()| String::new()),
            Command::Board(options) => board::run(&options.options).await,
            Command::Image(options) => image::run(&options),
            Command::Ussd(options) => ussd::run(&options).await,
            Command::Trouble(options) => trouble::run(&options).await,
            Command::Probe(options) => probe::run(&options).await,
            Command::Split(options) => split::run(&options),
            Command::Encode(options) => encode::run(&options),
            Command::Decode(options) => decode::run(&options),
            Command::Explain(options) => explain::run(&options),
            Command::Replay(options) => replay::run(&options),
            Command::Completions(options) => manual::completions(&options, Self::command()),
            Command::Man(options) => manual::man(&options, Self::command()),
        }
    }
}
