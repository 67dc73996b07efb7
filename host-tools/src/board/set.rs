//! `septet board set`: what a board is told once.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use console::Term;
use url::form_urlencoded::Serializer;

use super::{Line, secret};
use crate::encode::msisdn;
use crate::{Failed, pin};

/// Changes what a board keeps: accounts, keywords, the PIN, the operator's password.
///
/// All of it is changed, or nothing. A PIN is taken when the board starts.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("change").required(true).multiple(true).args([
    "account", "remove", "keyword", "pin_file", "no_pin", "new_operator_file", "no_operator",
    "number", "interface", "reports", "allow",
])))]
pub struct Options {
    /// Makes an account of this name, or gives it another secret: its password, key and token
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// File with the account's secret; without it, it is asked for on the terminal
    #[arg(long, value_name = "FILE", requires = "account")]
    secret_file: Option<PathBuf>,
    /// Removes the account or the keyword of this name; this comes before the rest
    #[arg(long, value_name = "NAME")]
    remove: Vec<String>,
    /// The first word of messages that go to --url
    #[arg(long, value_name = "WORD", requires = "url")]
    keyword: Option<String>,
    /// Where messages with the keyword go
    #[arg(long, requires = "keyword")]
    url: Option<String>,
    /// File with the PIN of the SIM
    #[arg(long, value_name = "FILE")]
    pin_file: Option<PathBuf>,
    /// The SIM has no PIN
    #[arg(long, conflicts_with = "pin_file")]
    no_pin: bool,
    /// File with the operator's password from now on; who has it may change the settings
    #[arg(long, value_name = "FILE")]
    new_operator_file: Option<PathBuf>,
    /// Whoever has the line may change the settings
    #[arg(long, conflicts_with = "new_operator_file")]
    no_operator: bool,
    /// The number of the SIM: 5 to 15 digits, country code first; empty, none
    #[arg(long, value_parser = msisdn_or_none, help_heading = "Callbacks of a board on a network")]
    number: Option<String>,
    /// The interface by which received messages go; empty, they go nowhere
    #[arg(long, value_name = "NAME", help_heading = "Callbacks of a board on a network")]
    interface: Option<String>,
    /// Where reports go of requests that name no URL; empty, nowhere
    #[arg(long, value_name = "URL", help_heading = "Callbacks of a board on a network")]
    reports: Option<String>,
    /// A network that callbacks may go to though it is not public, as 192.168.0.0/16; empty, none
    #[arg(long, value_name = "NETWORK", help_heading = "Callbacks of a board on a network")]
    allow: Option<String>,
}

/// A number, or nothing.
fn msisdn_or_none(text: &str) -> Result<String, String> {
    if text.is_empty() { Ok(String::new()) } else { msisdn(text) }
}

impl Options {
    /// What the board is told.
    ///
    /// # Errors
    /// One sentence: which file cannot be read.
    pub fn form(&self) -> Result<String, Failed> {
        let mut form = Serializer::new(String::new());
        for name in &self.remove {
            form.append_pair("remove", name);
        }
        if let Some(name) = &self.account {
            let secret = match &self.secret_file {
                Some(file) => secret("secret", file)?,
                None => asked(name)?,
            };
            form.append_pair("account", name).append_pair("secret", &secret);
        }
        if let (Some(word), Some(url)) = (&self.keyword, &self.url) {
            form.append_pair("keyword", word).append_pair("url", url);
        }
        if let Some(file) = &self.pin_file {
            // It is looked at here, where its file can be named.
            pin::from_file(file)?;
            form.append_pair("pin", secret("PIN", file)?.trim());
        } else if self.no_pin {
            form.append_pair("pin", "");
        }
        if let Some(file) = &self.new_operator_file {
            form.append_pair("operator", &secret("password", file)?);
        } else if self.no_operator {
            form.append_pair("operator", "");
        }
        let Self { number, interface, reports, allow, .. } = self;
        let pairs =
            [("number", number), ("interface", interface), ("reports", reports), ("allow", allow)];
        for (name, value) in pairs {
            if let Some(value) = value {
                form.append_pair(name, value);
            }
        }
        Ok(form.finish())
    }
}

/// The secret that is typed on the terminal, twice.
fn asked(name: &str) -> Result<String, Failed> {
    let terminal = Term::stderr();
    if !terminal.is_term() {
        return Err(Failed::input(
            "there is no terminal to ask for the secret on: give its file as --secret-file",
        ));
    }
    let ask = |what: &str| {
        let typed = terminal.write_str(what).and_then(|()| terminal.read_secure_line());
        typed.map_err(|error| Failed::input(format!("the secret cannot be read: {error}")))
    };
    let secret = ask(&format!("secret of {name}: "))?;
    if secret.is_empty() {
        return Err(Failed::input("nothing was typed, and nothing was changed"));
    }
    if ask("once more: ")? != secret {
        return Err(Failed::input("the second one differs, and nothing was changed"));
    }
    Ok(secret)
}

/// Runs the command.
///
/// # Errors
/// One sentence.
pub async fn run(form: &str, line: &mut Line) -> Result<String, Failed> {
    line.set(form).await.map(|()| String::new())
}
