//! `septet serve --check`: what is wrong with a configuration, before anything is started by it.

use std::fs;

use super::{Options, of_modem};
use crate::Failed;
use crate::config::{Config, Trouble, Troubles};
use crate::database::{Database, is_postgres};
use crate::http::Certificates;
use crate::nouns::counted;

/// Checks the configuration as a start would read it, and the files that it names. No port is bound, no
/// modem is opened, no database is asked, and nothing is written.
///
/// # Errors
/// How many troubles there are; each is a line of what is printed.
pub(super) fn check(options: &Options) -> Result<String, Failed> {
    let file = options.config.display();
    let text = fs::read_to_string(&options.config)
        .map_err(|e| Failed::input(format!("cannot read {file}: {e}")))?;
    let found = found(&text, options);
    if found.is_empty() {
        return Ok(format!("{file} is right\n"));
    }
    Err(Failed {
        sentence: format!("{file} has {}", counted(found.len() as u64, "trouble")),
        output: found.iter().map(|trouble| format!("{file}: {trouble}\n")).collect(),
    })
}

/// What is wrong with a configuration and with what it names.
fn found(text: &str, options: &Options) -> Vec<Trouble> {
    let (config, mut troubles) = Config::read(text);
    if let Some(mut config) = config {
        options.overrule(&mut config);
        beyond(&config, &mut troubles);
    }
    troubles.sorted()
}

/// What is wrong with what a configuration names, as a start finds it.
fn beyond(config: &Config, troubles: &mut Troubles<'_>) {
    let sentence = |failed: Failed| failed.sentence;
    if troubles.has_read(&["tls", "plain_http"]) {
        troubles.note("listen", config.check_listen().map_err(sentence));
    }
    let certificates = config.tls.as_ref().map(Certificates::load).transpose();
    troubles.note("tls", certificates.map(drop).map_err(sentence));
    if let Some(url) = config.store.as_deref().filter(|url| is_postgres(url)) {
        troubles.note("store", Database::check(url).map_err(sentence));
    }
    let data = &config.data;
    if data.exists() && !data.is_dir() {
        troubles.wrong("data", format!("{} is no folder", data.display()));
    }
    for (at, modem) in (0_u32..).zip(&config.modems) {
        let (chosen, pin) = of_modem(modem);
        troubles.note(&format!("modem.{at}.profile"), chosen.map(drop).map_err(sentence));
        troubles.note(&format!("modem.{at}.pin_file"), pin.map(drop).map_err(sentence));
    }
}
