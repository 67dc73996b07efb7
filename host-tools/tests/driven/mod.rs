//! A store that a test drives: how it is opened, what its customer asks, and what its modem says.
#![allow(dead_code)] // Not every test needs all of it.

use std::sync::Arc;
use std::time::Instant;

use septet::answer::Store as _;
use septet::api::{
    Again, Answer, Callback, CreditsQuery, Dedupe, Messages, Op, Payload, Reason, Recipients,
    Submit, gatewayapi,
};
use septet::fields::List;
use septet::text::Text;
use septet_firmware::engine::Outcome;
use septet_host::Failed;
use septet_host::accounts::Verifier;
use septet_host::config::Config;
use septet_host::database::Database;
use septet_host::store::SqlStore;

use crate::air::RECIPIENT;

/// A password's hash, which nobody asks for here.
pub const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA";

/// The configuration of the account `demo` and, at its end, the modem `one`. `first` are lines at its
/// beginning, and `of_account` more of the account's.
pub fn config(first: &str, of_account: &str) -> String {
    format!(
        r#"
        {first}
        [callbacks]
        allow = ["127.0.0.0/8"]
        [[account]]
        name = "demo"
        password = "{HASH}"
        {of_account}
        [[modem]]
        name = "one"
        port = "virtual"
        number = "4520001204"
        "#
    )
}

/// The store of a configuration, at this time.
pub fn open(config: &str, database: Database, now: Instant) -> Result<SqlStore, Failed> {
    let config = Arc::new(Config::parse(config).unwrap());
    SqlStore::new(config, Arc::new(Verifier::new().unwrap()), database, now)
}

/// A text to these recipients, with an id that is its key, and with a place for its reports.
pub fn addressed<'a>(to: List<'a>, id: &'a str, text: &'a str) -> Submit<'a> {
    let (id, to) = (Text::plain(id), Recipients::numbers(to));
    let url = Text::plain("http://127.0.0.1:9/dsn");
    Submit {
        client_id: Some(id),
        dedupe: Some(Dedupe { key: id, again: Again::SameContent, window_s: 24 * 60 * 60 }),
        callback: Some(Callback { url, carrier: None }),
        ..Submit::new(Messages::Same { to, body: Payload::Text(Text::plain(text)) })
    }
}

/// What a test does with a store.
pub trait Driven {
    /// Its first account sends something.
    fn send(&mut self, submit: Submit<'_>) -> Result<(), Reason>;

    /// Its first account sends a text to the handset.
    fn text(&mut self, id: &str, text: &str) -> Result<(), Reason> {
        self.send(addressed(List::Joined(Text::plain(RECIPIENT)), id, text))
    }

    /// The hundredths of credits that its first account has.
    fn credits(&mut self) -> u64;

    /// Gives the next part to a modem and tells what became of it; whether there was one.
    fn give(&mut self, modem: usize, outcome: Outcome) -> bool;

    /// Path and query of the callbacks that are due.
    fn due(&mut self) -> Vec<String>;
}

impl Driven for SqlStore {
    fn send(&mut self, submit: Submit<'_>) -> Result<(), Reason> {
        self.perform(&0, &gatewayapi::V2, &Op::Send(submit), |answer| match answer {
            Answer::Refused(refusal) => Err(refusal.reason),
            _ => Ok(()),
        })
    }

    fn credits(&mut self) -> u64 {
        let op = Op::Credits(CreditsQuery::default());
        self.perform(&0, &gatewayapi::V2, &op, |answer| match answer {
            Answer::Credits(credits) => credits.hundredths,
            other => panic!("{other}"),
        })
    }

    fn give(&mut self, modem: usize, outcome: Outcome) -> bool {
        let given = self.next_part(modem).is_some();
        if given {
            self.finished(modem, outcome);
        }
        given
    }

    fn due(&mut self) -> Vec<String> {
        let urls = self.due_callbacks().into_iter().map(|due| due.request.url);
        urls.map(|url| format!("{}?{}", url.path(), url.query().unwrap_or_default())).collect()
    }
}
