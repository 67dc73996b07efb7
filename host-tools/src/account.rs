//! `septet account`: an account for the configuration, with its password and key as hashes.

use clap::Args;

use crate::Failed;
use crate::accounts::{hash, random_hex};
use crate::config::key_hash;

/// Prints an account for the gateway's configuration.
///
/// Its password and key are taken from SEPTET_PASSWORD and SEPTET_KEY; one that is not there is made,
/// and told once on standard error. What is printed has their hashes only.
#[derive(Debug, Args)]
pub struct Options {
    /// The name that the account logs in with
    name: String,
    /// Its number, for interfaces that call an account by one
    #[arg(long)]
    number: Option<u64>,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// One sentence, when the system has no random numbers.
pub fn run(Options { name, number }: &Options) -> Result<String, Failed> {
    let password = secret("password", "SEPTET_PASSWORD", 12)?;
    let key = secret("key", "SEPTET_KEY", 20)?;
    if name.is_empty() {
        return Err(Failed::input("an account has a name"));
    }
    section(name, *number, &password, &key)
}

/// The secret that the environment has, or a new one.
fn secret(what: &str, variable: &str, octets: usize) -> Result<String, Failed> {
    if let Some(given) = std::env::var(variable).ok().filter(|given| !given.is_empty()) {
        return Ok(given);
    }
    let made = random_hex(octets)?;
    eprintln!("{what}: {made}");
    Ok(made)
}

/// The section of the configuration.
///
/// # Errors
/// As [`run`].
pub fn section(
    name: &str,
    number: Option<u64>,
    password: &str,
    key: &str,
) -> Result<String, Failed> {
    let name = toml::Value::from(name);
    let number = number.map(|number| format!("number = {number}\n")).unwrap_or_default();
    let (password, key) = (hash(password)?, key_hash(key));
    Ok(format!("[[account]]\nname = {name}\n{number}password = \"{password}\"\nkey = \"{key}\"\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::Verifier;
    use crate::config::Config;

    #[test]
    fn the_section_is_one_of_a_configuration_and_has_no_secret() {
        let section = section("a \"b\"", Some(2532), "secret", "sesame").unwrap();
        assert!(!section.contains("secret") && !section.contains("sesame"));
        for key in ["password = ", "key = "] {
            assert!(section.lines().any(|line| line.starts_with(key)), "{section}");
        }
        let config = Config::parse(&section).unwrap();
        let account = &config.accounts[0];
        assert_eq!((account.name.as_str(), account.number), ("a \"b\"", Some(2532)));
        assert!(Verifier::new().unwrap().verify(&account.password, "secret"));
        assert_eq!(account.key, Some(key_hash("sesame")));
    }
}
