//! Which gateway a command asks, and how its answer is printed.

use std::path::PathBuf;

use clap::Args;

use crate::Failed;
use crate::config;
use crate::control::{Client, Control};

/// Which gateway a command asks, and how its answer is printed.
#[derive(Debug, Args)]
pub struct Asked {
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

impl Asked {
    /// A client of the gateway.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub fn client(&self) -> Result<Client, Failed> {
        Client::new(Control::find(&self.data, self.gateway.as_deref())?)
    }

    /// A list as it is printed, each of its `words`. Where it is empty, `none` says so on standard error;
    /// in JSON that is a list as any other.
    ///
    /// # Errors
    /// One sentence.
    pub fn listed<T: serde::Serialize>(
        &self,
        list: &[T],
        none: &str,
        words: impl Fn(&T) -> String,
    ) -> Result<String, Failed> {
        if list.is_empty() && !self.json {
            eprintln!("{none}");
        }
        self.printed(&list, |list| list.iter().map(words).collect())
    }

    /// The answer as it is printed: as JSON where that is asked for, else in `words`.
    ///
    /// # Errors
    /// One sentence.
    pub fn printed<T: serde::Serialize>(
        &self,
        answer: &T,
        words: impl FnOnce(&T) -> String,
    ) -> Result<String, Failed> {
        if !self.json {
            return Ok(words(answer));
        }
        serde_json::to_string_pretty(answer)
            .map(|json| json + "\n")
            .map_err(|e| Failed::input(e.to_string()))
    }
}
