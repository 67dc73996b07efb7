//! `septet ussd`: asks the network of one of the gateway's modems.

use clap::Args;

use crate::Failed;
use crate::asked::Asked;
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
    #[command(flatten)]
    asked: Asked,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// One sentence.
pub async fn run(options: &Options) -> Result<String, Failed> {
    let Options { string, modem, asked } = options;
    let client = asked.client()?;
    let answer = client.ussd(modem, string).await?;
    asked.printed(&answer, |UssdAnswer { text, .. }| harmless(text) + "\n")
}
