//! What a gateway prints when it has started: where it is, and how to use it.

use std::io::{IsTerminal, Write};
use std::net::{IpAddr, SocketAddr};

use super::{PASSWORD_VARIABLE, Password, Running};
use crate::Failed;
use crate::callbacks::Policy;
use crate::config::{Account, DEMO_ACCOUNT, Keyword};
use crate::welcome::{HANDSET, arrival, first_message, of_data, program};

/// Says where the gateway is and how to use it.
///
/// A password that was made just now is shown on a terminal only: what is not one may be a log.
pub(super) fn welcome(running: &Running, password: &Password) -> Result<(), Failed> {
    let Running { url, config, .. } = running;
    let mut out = std::io::stdout();
    let terminal = out.is_terminal();
    let account = config.accounts.iter().find(|account| account.name == DEMO_ACCOUNT);
    let mut words = format!("Septet listens on {url}\n");
    if account.is_some() {
        let (say, paste) = match password {
            Password::Made(password) if terminal => {
                (format!("{password}   (shown this once, kept nowhere)"), password.as_str())
            }
            Password::Made(_) => (
                format!("not shown, since this is no terminal: start with {PASSWORD_VARIABLE} set"),
                "\"$SEPTET_DEMO_PASSWORD\"",
            ),
            Password::Given => {
                (format!("the one in {PASSWORD_VARIABLE}"), "\"$SEPTET_DEMO_PASSWORD\"")
            }
            Password::Earlier => (
                format!(
                    "the one that the configuration was made with; {PASSWORD_VARIABLE} sets another \
                     for a run"
                ),
                "PASSWORD",
            ),
        };
        words += &format!("Account   {DEMO_ACCOUNT}\nPassword  {say}\n\n");
        words += &first_message(url, DEMO_ACCOUNT, paste);
    }
    if running.network.is_some() {
        words += &arrival(&config.data);
        if let Some((Keyword { number, api, .. }, word, address)) = account.and_then(heard_here) {
            let (program, api, of_data) = (program(), api.name, of_data(&config.data));
            words += &format!(
                "Take what is answered, as a customer does, and answer:\n  \
                 {program} api {api} listen --listen {address}\n  \
                 {program} handset {HANDSET} --send '{word} hello' --to {number}{of_data}\n"
            );
        }
    }
    if let Some(operator) = &config.operator {
        let is_same = account.is_some_and(|account| account.password == operator.password);
        let opens = if is_same { ", which opens to the same password" } else { "" };
        words += &format!("The operator's page{opens}:\n  {url}/\n");
    }
    out.write_all(words.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|e| Failed::input(format!("cannot print: {e}")))
}

/// A keyword whose messages go to a port of this machine, with its word, and where that is.
fn heard_here(account: &Account) -> Option<(&Keyword, &str, SocketAddr)> {
    account.keywords.iter().find_map(|keyword| {
        let url = Policy::read(keyword.url.as_deref()?)?;
        let here: IpAddr = url.host_str()?.parse().ok()?;
        let address = SocketAddr::new(here, url.port_or_known_default()?);
        here.is_loopback().then_some((keyword, keyword.keyword.as_deref()?, address))
    })
}
