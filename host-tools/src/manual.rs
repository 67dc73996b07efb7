//! `septet completions` and `septet man`: what shells and manual pages say, from the table of commands.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use crate::Failed;

/// Prints what makes a shell complete the commands.
///
/// In bash: `source <(septet completions bash)`.
#[derive(Debug, Args)]
pub struct CompletionsOptions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs `septet completions` and returns what it prints.
///
/// # Errors
/// One sentence, where a name in the table is no text.
pub fn completions(options: &CompletionsOptions, mut table: Command) -> Result<String, Failed> {
    let mut script = Vec::new();
    let name = table.get_name().to_owned();
    generate(options.shell, &mut table, name, &mut script);
    String::from_utf8(script).map_err(|e| Failed::input(format!("cannot write the script: {e}")))
}

/// Writes a manual page for each command.
#[derive(Debug, Args)]
pub struct ManOptions {
    /// The folder; it is made where it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Runs `septet man`.
///
/// # Errors
/// One sentence with the folder.
pub fn man(options: &ManOptions, table: Command) -> Result<String, Failed> {
    let folder = &options.folder;
    let made = fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(table, folder));
    made.map(|()| String::new()).map_err(|e| {
        Failed::input(format!("cannot write manual pages to {}: {e}", folder.display()))
    })
}
