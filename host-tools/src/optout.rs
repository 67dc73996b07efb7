//! `septet optout`: who wants nothing more of an account.

use clap::Args;

use crate::Failed;
use crate::asked::Asked;
use crate::control::OptedOut;
use crate::encode::msisdn;

/// Lists who wants nothing more of an account of the running gateway, or changes the list.
///
/// Who is on the list gets nothing of the account: messages to it are refused, or final at once where
/// others of the request go.
#[derive(Debug, Args)]
pub struct Options {
    /// The account
    account: String,
    /// Put this number on the list: 5 to 15 digits, country code first
    #[arg(long, value_name = "NUMBER", value_parser = msisdn)]
    add: Option<String>,
    /// Take this number off the list
    #[arg(long, value_name = "NUMBER", value_parser = msisdn, conflicts_with = "add")]
    remove: Option<String>,
    #[command(flatten)]
    asked: Asked,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// One sentence.
pub async fn run(options: &Options) -> Result<String, Failed> {
    let Options { account, add, remove, asked } = options;
    let client = asked.client()?;
    if let Some((number, is_out)) =
        add.as_ref().map(|add| (add, true)).or(remove.as_ref().map(|remove| (remove, false)))
    {
        client.set_opted_out(account, number, is_out).await?;
        return Ok(String::new());
    }
    let list = client.opted_out(account).await?;
    asked.listed(&list, "nobody is on the list", |OptedOut { number, since }| {
        format!("{number}  since {since}\n")
    })
}
