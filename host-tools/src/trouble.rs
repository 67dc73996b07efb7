//! `septet trouble`: makes something go wrong with a virtual modem that runs.

use std::path::PathBuf;

use clap::Args;

use crate::Failed;
use crate::config;
use crate::control::{Armed, Client, Control, Troubles};

/// Makes something go wrong with a virtual modem of a gateway, or of `septet modem --data`.
///
/// WHEN is now, after N ms, at N octets, at N typed octets, at N lines, one in N octets, one in N typed
/// octets or one in N lines; octets and lines count from now. WHAT is lose N, change, double, delay MS,
/// say LINE, answer LINE, late MS, silence MS, reboot, power on|off, sim
/// ready|busy|removed|full|empty, network home|lost|searching|denied|roaming, refuse CODE, slow MS or
/// handset NUMBER on|off.
#[derive(Debug, Args)]
pub struct Options {
    /// What goes wrong, each `WHEN: WHAT`, as 'at 120 octets: lose 2'
    #[arg(required = true, value_name = "WHEN: WHAT")]
    lines: Vec<String>,
    /// With which virtual modem, counted from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    modem: usize,
    /// Data folder of the gateway, or of the modem
    #[arg(long, value_name = "DIR", default_value = config::DATA)]
    data: PathBuf,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// One sentence.
pub async fn run(options: &Options) -> Result<String, Failed> {
    let client = Client::new(Control::find(&options.data, None)?)?;
    let troubles = Troubles { script: options.lines.join("\n") };
    let Armed { .. } = client.trouble(options.modem, &troubles).await?;
    Ok(String::new())
}
