//! `septet ussd`: asks the network of one of the gateway's modems.

use std::path::PathBuf;

use clap::Args;

use crate::Failed;
use crate::config;
use crate::control::{Client, Control};
use crate::handset::harmless;
use crate::line::UssdAnswer;

/// Sends a USSD string through a modem of the running gateway, and prints what the network answers.
///
/// Messages go on meanwhile. Where the network asks something, the next string is the reply.
#[derive(Debug, Args)]
pub struct Options {
    /// The string: `*100#`
    string: String,
    /// The modem, by its name in the configuration
    #[arg(long, value_name = "NAME")]
    modem: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Data folder of the gateway
    #[arg(long, value_name = "DIR", default_value = config::DATA)]
    data: PathBuf,
    /// The gateway, where it is not the one that the data folder names; its token is taken from
    /// SEPTET_TOKEN, else from the data folder
    #[arg(long, value_name = "URL")]
    gateway: Option<String>,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// One sentence.
pub async fn run(options: &Options) -> Result<String, Failed> {
    let Options { string, modem, json, data, gateway } = options;
    let client = Client::new(Control::find(data, gateway.as_deref())?)?;
    let answer = client.ussd(modem, string).await?;
    if *json {
        return serde_json::to_string_pretty(&answer)
            .map(|json| json + "\n")
            .map_err(|e| Failed::input(e.to_string()));
    }
    let UssdAnswer { text, .. } = answer;
    Ok(harmless(&text) + "\n")
}
