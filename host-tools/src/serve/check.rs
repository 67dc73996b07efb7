//! `septet serve --check`: what is wrong with a configuration, before anything is started by it.

use std::fs;

use super::{Options, of_modem};
use crate::Failed;
use crate::config::{Config, Troubles};
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
    let (config, mut troubles) = Config::read(&text);
    let mut is_right = false;
    if let Some(mut config) = config {
        options.overrule(&mut config);
        beyond(&config, &mut troubles);
        is_right = troubles.is_empty();
        if is_right {
            config.warnings(&mut troubles);
        }
    }
    let found = troubles.sorted();
    let lines = |kind: &str| -> String {
        found.iter().map(|own| format!("{file}: {kind}{own}\n")).collect()
    };
    if !is_right {
        let sentence = format!("{file} has {}", counted(found.len() as u64, "trouble"));
        return Err(Failed { sentence, output: lines("") });
    }
    let but = match found.len() as u64 {
        0 => String::new(),
        warnings => format!(", with {}", counted(warnings, "warning")),
    };
    Ok(lines("warning: ") + &format!("{file} is right{but}\n"))
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
