//! `septet api`: the vendors' interfaces, from the customer's end.

use std::num::NonZeroU64;
use std::path::PathBuf;

use clap::error::ErrorKind as Usage;
use clap::{ArgMatches, Args, FromArgMatches};
use septet::api::{APIS, Api, Endpoint, Scheme, api_named};
use septet::error::{Error, ErrorKind};

use crate::Failed;
use crate::handset::harmless;
use crate::http::Address;

mod at;
mod call;
mod client;
mod credentials;
mod curl;
mod list;
mod listen;
pub mod parse;
mod request;
pub mod send;

use self::request::{Choice, Field, Via, listed};

/// Asks any call of any vendor's interface, hears its callbacks, or reads its requests.
///
/// `septet api` lists the interfaces, `septet api NAME` the calls of one with their fields.
/// `septet api NAME CALL --via URL` asks one of them. `septet api NAME listen` is the customer's end of
/// its callbacks. `septet api parse --jsonl` reads requests.
///
/// Exit code 1 also where the answer is a refusal.
#[derive(Debug, Args)]
struct Flat {
    /// The interface; or `parse`
    name: Option<String>,
    /// The call; or `listen`
    call: Option<String>,
    /// Where the interface is; a path takes the place of what the interface's own paths begin with
    #[arg(long, value_name = "URL", value_parser = request::via)]
    via: Option<Via>,
    /// A field of the call, as the vendor calls it; may be repeated
    ///
    /// Where the call takes JSON, a value that is a JSON number, list, object, `true`, `false` or `null`
    /// is taken as such, and a name that is there several times is a list.
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = request::field)]
    fields: Vec<Field>,
    #[command(flatten)]
    choice: Choice,
    /// A file of TOML with `user`, `password`, `account`, `key` or `token`, whichever the call asks for;
    /// what is not there is taken from SEPTET_API_USER, SEPTET_API_PASSWORD and so on
    #[arg(long, value_name = "FILE")]
    credentials: Option<PathBuf>,
    /// Print a `curl` command line that does the same, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the request on standard error, its secrets masked
    #[arg(long)]
    verbose: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// With `listen`: the port, or address and port; a free port of loopback when absent
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<Address>,
    /// With `listen`: end after so many callbacks
    #[arg(long, value_name = "N")]
    count: Option<NonZeroU64>,
    /// With `parse`: read a JSON object with a request on each line of standard input, and write one
    /// with what a gateway reads in it
    ///
    /// In: `method`, `path_and_query`, `headers` (a list of name and value), `body` or `body_base64`, and
    /// of a callback `api`.
    ///
    /// Out: `api`, `call`, `auth`, `fields`, and `op`, what is asked, with the `messages` of a request
    /// that sends, or `reply`, the refusal that a gateway gives. Or
    /// `{"error": {"kind", "field", "at", "message"}}`.
    #[arg(long)]
    jsonl: bool,
}

/// What the command does.
#[derive(Debug)]
enum Mode {
    List(Option<String>),
    Call(String, String, Box<call::Options>),
    Listen(String, listen::Options),
    Parse,
}

/// The options, as far as they go together.
#[derive(Debug)]
pub struct Options(Mode);

impl FromArgMatches for Options {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Flat::from_arg_matches(matches)?.mode().map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Options {
    fn augment_args(command: clap::Command) -> clap::Command {
        Flat::augment_args(command)
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Flat::augment_args_for_update(command)
    }
}

impl Flat {
    /// The options that are given.
    fn given(&self) -> Vec<&'static str> {
        let given = [
            ("--via", self.via.is_some()),
            ("--field", !self.fields.is_empty()),
            ("--method, --carrier or --charset", !self.choice.is_none()),
            ("--credentials", self.credentials.is_some()),
            ("--dry-run", self.dry_run),
            ("--verbose", self.verbose),
            ("--json", self.json),
            ("--listen", self.listen.is_some()),
            ("--count", self.count.is_some()),
            ("--jsonl", self.jsonl),
        ];
        given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect()
    }

    fn mode(self) -> Result<Mode, clap::Error> {
        let wrong = |kind, words: String| Err(clap::Error::raw(kind, words + "\n"));
        let (what, may): (&str, &[&str]) = match (self.name.as_deref(), self.call.as_deref()) {
            (None, _) => ("a list of the interfaces", &[]),
            (Some("parse"), None) => ("`parse`", &["--jsonl"]),
            (Some(_), None) => ("a list of the calls", &[]),
            (Some(_), Some("listen")) => ("`listen`", &["--listen", "--count", "--json"]),
            (Some(_), Some(_)) => (
                "a call",
                &[
                    "--via",
                    "--field",
                    "--method, --carrier or --charset",
                    "--credentials",
                    "--dry-run",
                    "--verbose",
                    "--json",
                ],
            ),
        };
        if let Some(other) = self.given().into_iter().find(|given| !may.contains(given)) {
            return wrong(Usage::ArgumentConflict, format!("{other} says nothing to {what}"));
        }
        Ok(match (self.name, self.call) {
            (Some(name), None) if name == "parse" => {
                if !self.jsonl {
                    let words = "`parse` reads JSON Lines: give --jsonl".to_owned();
                    return wrong(Usage::MissingRequiredArgument, words);
                }
                Mode::Parse
            }
            (name, None) => Mode::List(name),
            (None, Some(_)) => Mode::List(None),
            (Some(name), Some(call)) if call == "listen" => {
                let Self { listen, count, json, .. } = self;
                let address = listen.unwrap_or_default();
                Mode::Listen(name, listen::Options { address, count, json })
            }
            (Some(name), Some(call)) => {
                let Some(via) = self.via else {
                    let words = "a call goes somewhere: give --via URL".to_owned();
                    return wrong(Usage::MissingRequiredArgument, words);
                };
                let Self { fields, choice, credentials, dry_run, verbose, json, .. } = self;
                let options =
                    call::Options { via, fields, choice, credentials, dry_run, verbose, json };
                Mode::Call(name, call, Box::new(options))
            }
        })
    }
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// One sentence; a refusal is one.
pub async fn run(Options(mode): &Options) -> Result<String, Failed> {
    match mode {
        Mode::List(None) => Ok(list::interfaces()),
        Mode::List(Some(name)) => Ok(list::calls_of(interface(name)?)),
        Mode::Call(name, call, options) => call::run(interface(name)?, call, options).await,
        Mode::Listen(name, options) => listen::run(interface(name)?, options).await,
        Mode::Parse => parse::run(),
    }
}

/// The interface of this name.
///
/// # Errors
/// One sentence with the names that are known.
fn interface(name: &str) -> Result<&'static Api, Failed> {
    api_named(name).ok_or_else(|| {
        let known = listed(APIS.iter().map(|api| api.name));
        Failed::input(format!("no interface is called {name}; known: {known}"))
    })
}

/// Every call of an interface, its callbacks at the end.
fn calls(api: &Api) -> impl Iterator<Item = &'static dyn Endpoint> {
    let mut callbacks: Vec<&'static dyn Endpoint> = Vec::new();
    for callback in api.report.into_iter().chain(api.inbound) {
        // One callback can be both.
        if !callbacks.iter().any(|own| own.name() == callback.name()) {
            callbacks.push(callback);
        }
    }
    api.calls.iter().copied().chain(callbacks)
}

/// The names of the fields that stand in a call's path.
fn in_path(call: &dyn Endpoint) -> impl Iterator<Item = &'static str> {
    let segments = call.paths().iter().flat_map(|path| path.split('/'));
    segments.filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

/// The names of the fields of a call, those in its path among them.
fn names(call: &dyn Endpoint) -> Vec<&'static str> {
    let mut names = call.fields().to_vec();
    for name in in_path(call) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The fields that credentials stand in.
fn in_fields(scheme: Scheme) -> Vec<&'static str> {
    match scheme {
        Scheme::Fields { user: one, password: other }
        | Scheme::KeyFields { account: one, key: other } => vec![one, other],
        Scheme::TokenField(name) => vec![name],
        _ => Vec::new(),
    }
}

/// What a call has for fields, in words.
fn fields_in_words(call: &dyn Endpoint) -> String {
    let names = names(call);
    if names.is_empty() {
        return format!("{} has no fields", call.name());
    }
    format!("fields of {}: {}", call.name(), listed(names))
}

/// What is wrong with a field, in the vendor's words where it has some.
fn wrong(call: &dyn Endpoint, error: Error) -> String {
    let field = if error.field.is_empty() { "a field" } else { error.field };
    let words = match error.kind {
        ErrorKind::Unencodable(c) => {
            let hint = if call.charset_field().is_some() { "; try --charset utf-8" } else { "" };
            return format!("{field} has {c:?}, which its charset lacks{hint}");
        }
        ErrorKind::Value | ErrorKind::TooLong => call.refusal(error).detail.to_string(),
        kind => kind.to_string(),
    };
    format!("{field} {words}")
}

/// The sentence about a request that cannot be written.
fn unwritable(call: &dyn Endpoint, error: Error) -> Failed {
    Failed::input(format!("{}; {}", wrong(call, error), fields_in_words(call)))
}

fn pretty(value: &serde_json::Value) -> String {
    // A value that is in memory can be written.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}
