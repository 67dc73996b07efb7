//! Who wants nothing more of an account: it goes on the account's list, is answered once, and gets
//! nothing from then on.

use std::sync::Arc;

use jiff::Timestamp;
use septet::api::State;
use septet::tpdu::udh::Reference;
use tracing::{error, info};

use super::entering::Entry;
use super::message::Fate;
use super::orders::{Order, Sms};
use super::routes::Way;
use super::{MessageId, SqlStore, timestamp};
use crate::body::{Body, Layout, next_reference};
use crate::config::Wish;

/// What stands in place of an interface, of an answer that no customer asked for.
const API: &str = "opt-out";

/// Somebody who wants nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptedOut {
    /// The number.
    pub number: String,
    /// Since when.
    pub since: Timestamp,
}

impl SqlStore {
    /// Who wants nothing more of the account of this name; `None` where there is no such account.
    pub fn opted_out(&mut self, account: &str) -> Option<Vec<OptedOut>> {
        let id = self.account_named(account)?;
        let all = self.database.all(
            "SELECT number, since FROM opt_out WHERE account = $1 ORDER BY since, number",
            &[self.accounts[id].into()],
            |row| OptedOut { number: row.string(0), since: timestamp(row.integer(1)) },
        );
        Some(all)
    }

    /// Puts a number on the list of the account of this name, or takes it off. Returns whether that
    /// changed anything; `None` where there is no such account.
    pub fn set_opted_out(&mut self, account: &str, number: &str, is_out: bool) -> Option<bool> {
        let account = self.account_named(account)?;
        Some(if is_out { self.opt_out(account, number) } else { self.opt_in(account, number) })
    }

    /// The place of the account of this name in the configuration that counts now.
    pub fn account_named(&self, name: &str) -> Option<usize> {
        self.config.accounts.iter().position(|account| account.name == name)
    }

    /// Whether an account's list has anybody on it.
    pub(super) fn has_opted_out(&mut self, account: usize) -> bool {
        let id = self.accounts[account];
        if let Some(has_list) = self.volatile.lists.get(&id) {
            return *has_list;
        }
        let sql = "SELECT 1 FROM opt_out WHERE account = $1 LIMIT 1";
        let has_list = self.database.one(sql, &[id.into()], |_| ()).is_some();
        self.volatile.lists.insert(id, has_list);
        has_list
    }

    /// Whether a number is on an account's list.
    pub(super) fn is_opted_out(&mut self, account: usize, number: &str) -> bool {
        let sql = "SELECT 1 FROM opt_out WHERE account = $1 AND number = $2";
        let values = [self.accounts[account].into(), number.into()];
        self.database.one(sql, &values, |_| ()).is_some()
    }

    /// Takes a received text that may want nothing more, or more again. Returns whether it does.
    pub(super) fn take_wish(&mut self, modem: usize, sender: &str, text: &str) -> bool {
        if sender.is_empty() || !sender.bytes().all(|b| b.is_ascii_digit()) {
            // Nobody can be sent to there.
            return false;
        }
        let mut is_wish = false;
        for account in 0..self.accounts.len() {
            let config = self.config.clone();
            let Some(own) = config.accounts.get(account) else { continue };
            let Some((opt_out, wish)) =
                own.opt_out.as_ref().and_then(|own| Some((own, own.wish(text)?)))
            else {
                continue;
            };
            let keywords = || own.keywords.iter().map(|keyword| &keyword.number);
            let listens = |number: &str| match opt_out.numbers.is_empty() {
                true => own.keywords.is_empty() || keywords().any(|own| own == number),
                false => opt_out.numbers.iter().any(|own| own == number),
            };
            if !config.modems[modem].numbers().any(listens) {
                continue;
            }
            let has_changed = match wish {
                Wish::Stop => self.opt_out(account, sender),
                Wish::Start => self.opt_in(account, sender),
            };
            is_wish = true;
            let words = match (wish, has_changed) {
                (Wish::Stop, true) => "understood as stop: it gets nothing more",
                (Wish::Stop, false) => "understood as stop: it got nothing already",
                (Wish::Start, true) => "understood as start: it gets messages again",
                (Wish::Start, false) => "understood as start: it got messages already",
            };
            // Once: what answers by itself is not answered for ever.
            let answer = opt_out.answer(wish).filter(|_| has_changed && config.lists.allow(sender));
            let (name, answered) = (&config.modems[modem].name, answer.is_some());
            info!(modem = name, account = own.name, sender, answered, "{words}");
            if let Some(answer) = answer {
                self.answer_wish(account, modem, sender, answer);
            }
        }
        is_wish
    }

    fn opt_out(&mut self, account: usize, number: &str) -> bool {
        if self.is_opted_out(account, number) {
            return false;
        }
        let id = self.accounts[account];
        self.volatile.lists.remove(&id);
        let sql = "INSERT INTO opt_out (account, number, since) VALUES ($1, $2, $3)";
        let now = self.wall().as_millisecond();
        self.database.execute(sql, &[id.into(), number.into(), now.into()]);
        // Nor does it get what waits.
        let values = [id.into(), number.into()];
        let waits = "SELECT id, request, parts FROM message WHERE expires IS NOT NULL \
                     AND account = $1 AND recipient = $2 AND begun = 0 AND held = 0 \
                     AND (SELECT r.api FROM request r WHERE r.id = message.request) <> 'opt-out'";
        let scheduled = "SELECT id, request, parts FROM message WHERE scheduled IS NOT NULL \
                         AND account = $1 AND recipient = $2";
        let found = [waits, scheduled].map(|sql| {
            let read =
                |row: crate::database::Row<'_>| (row.integer(0), row.integer(1), row.integer(2));
            self.database.all(sql, &values, read)
        });
        for (message, request, parts) in found.concat() {
            let sql = "UPDATE account SET credits = credits + $1 WHERE id = $2";
            self.database.execute(sql, &[parts.into(), id.into()]);
            self.uncount_parts(id, request, parts);
            self.stop(message);
        }
        true
    }

    fn opt_in(&mut self, account: usize, number: &str) -> bool {
        let was_out = self.is_opted_out(account, number);
        if was_out {
            self.volatile.lists.remove(&self.accounts[account]);
            let sql = "DELETE FROM opt_out WHERE account = $1 AND number = $2";
            self.database.execute(sql, &[self.accounts[account].into(), number.into()]);
        }
        was_out
    }

    /// Ends a message of which nothing was sent, since its recipient is not to get it.
    pub(super) fn stop(&mut self, id: MessageId) {
        let Some(mut message) = self.message(id) else { return };
        message.fates.fill(Fate::Final(State::Blacklisted));
        // Nobody took it back: the customer is to know.
        message.scheduled = false;
        self.settle(&mut message);
    }

    /// Sends an answer through the modem that got the wish. It costs nothing.
    fn answer_wish(&mut self, account: usize, modem: usize, recipient: &str, text: &str) {
        let layout = Layout::new(Reference::Short(next_reference()));
        let body = match Body::new(text.chars(), layout) {
            Ok(body) => Arc::new(body),
            Err(error) => {
                let account = &self.config.accounts[account].name;
                error!(account, %error, "the answer to an opt-out cannot be sent");
                return;
            }
        };
        let sms = Sms {
            name: None,
            recipient: recipient.to_owned(),
            text: text.into(),
            parts: body.len() as u32,
            state: State::Waiting,
            status: None,
            done: None,
            sim: None,
        };
        let order = Order {
            name: String::new(),
            client_id: None,
            sender: None,
            kind: None,
            created: self.wall(),
            scheduled: None,
            messages: vec![sms],
        };
        let entry = Entry {
            account: self.accounts[account],
            api: API,
            named: false,
            listed: false,
            callback: None,
            replies_to_callback: false,
            noted: "",
            report: false,
            validity: None,
            class: None,
            protocol: 0,
            modem: Some(self.modems[modem]),
            asked: "",
            ways: &[Way::default()],
            bodies: &[body],
            key: None,
        };
        // It has no key that another may have.
        let _ = self.enter(&order, &entry);
    }
}
