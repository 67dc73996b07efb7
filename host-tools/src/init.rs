//! `septet init`: a configuration to begin with, each value explained.

use std::path::PathBuf;

use clap::Args;

use crate::Failed;
use crate::accounts::{hash, random_hex};
use crate::config::{Config, Modem, Start, key_hash};
use crate::welcome::{arrival, first_message};

/// Writes a configuration with an account and a modem, each value explained.
///
/// It asks nothing, and overwrites nothing. The passwords that it makes are told once, on standard
/// error; the file has their hashes. With a virtual modem so is the command line that sends a first
/// message.
#[derive(Debug, Args)]
pub struct Options {
    /// The configuration that is made
    #[arg(long, value_name = "FILE", default_value = "septet.toml")]
    config: PathBuf,
    /// The modem: a serial device, tcp:HOST:PORT, or virtual
    #[arg(long, value_name = "PORT", default_value = "/dev/ttyUSB0")]
    port: String,
    /// The number of its SIM: digits, country code first
    #[arg(long, value_name = "NUMBER", default_value = "4520001204",
        value_parser = crate::encode::msisdn)]
    number: String,
    /// The name of the account
    #[arg(long, value_name = "NAME", default_value = "office")]
    account: String,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// One sentence: a file that is there, or cannot be written.
pub fn run(options: &Options) -> Result<String, Failed> {
    let Options { config, port, number, account } = options;
    let (password, key, operator) = (random_hex(12)?, random_hex(20)?, random_hex(12)?);
    let text = Start {
        operator_hash: &hash(&operator)?,
        account,
        password_hash: &hash(&password)?,
        key_hash: &key_hash(&key),
        port,
        number,
        is_demo: false,
    }
    .to_string();
    // What is written can be read.
    let read = Config::parse(&text).map_err(Failed::input)?;
    Config::write_new(config, &text)?;
    eprintln!("operator's password: {operator}");
    eprintln!("password of {account}: {password}");
    eprintln!("key of {account}: {key}");
    // Beside the password, and to a virtual network only: another would cost money, and reach somebody.
    if read.modems.iter().any(Modem::is_virtual) {
        let url = format!("http://{}", read.listen);
        eprint!(
            "\nOnce it runs:\n{}{}",
            first_message(&url, account, &password),
            arrival(&read.data)
        );
    }
    Ok(format!("{} is written: look it through, then start `septet serve`\n", config.display()))
}
