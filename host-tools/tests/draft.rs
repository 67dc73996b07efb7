//! What is prepared where it comes in is accepted as the request itself would be.

mod air;
mod driven;
mod place;

use std::sync::Arc;
use std::time::Instant;

use septet::answer::Store as _;
use septet::api::{Answer, Op, Reason, Submit, gatewayapi};
use septet::fields::List;
use septet::text::Text;
use septet_host::accounts::Verifier;
use septet_host::config::Config;
use septet_host::store::{Draft, SqlStore, Taken};

use air::RECIPIENT;
use driven::{Driven as _, addressed};

/// A store, and the configuration that it goes by.
fn opened(first: &str, of_account: &str) -> (Arc<Config>, SqlStore) {
    let config = Arc::new(Config::parse(&driven::config(first, of_account)).unwrap());
    let verifier = Arc::new(Verifier::new().unwrap());
    let store = SqlStore::new(config.clone(), verifier, place::passing(), Instant::now()).unwrap();
    (config, store)
}

fn text<'a>(id: &'a str, text: &'a str) -> Submit<'a> {
    Submit { wants_left: true, ..addressed(List::Joined(Text::plain(RECIPIENT)), id, text) }
}

fn draft(config: &Arc<Config>, submit: &Submit<'_>) -> Option<Draft> {
    Draft::new(config.clone(), (0, &gatewayapi::V2), submit, None)
}

fn told(taken: &Taken, submit: &Submit<'_>) -> String {
    taken.told(submit.client_id, |answer| answer.to_string())
}

fn performed(store: &mut SqlStore, submit: Submit<'_>) -> String {
    store.perform(&0, &gatewayapi::V2, &Op::Send(submit), |answer| answer.to_string())
}

#[test]
fn a_draft_is_accepted_once_and_told_as_the_request_is() {
    // Where credits may not do, the key is looked for first; else its entry tells whether it is known.
    for (of_account, left) in [("credits = 10", 10 - 1 - 3), ("", 1_000_000)] {
        let (config, mut store) = opened("", of_account);
        let long = "In parts. ".repeat(40);
        for (id, words) in [("one", "hi"), ("two", &*long)] {
            let submit = text(id, words);
            let draft = draft(&config, &submit).unwrap();
            let first = told(&store.take(&draft).unwrap().unwrap(), &submit);
            // Again, as a draft and as the request: the same, and nothing is charged.
            assert_eq!(told(&store.take(&draft).unwrap().unwrap(), &submit), first);
            assert_eq!(performed(&mut store, submit), first);
        }
        assert_eq!(store.credits(), left * 100);
        store.set_ready(0, true);
        for reference in 0..4 {
            assert!(store.give(0, septet_firmware::engine::Outcome::Sent { reference }));
        }
        assert!(!store.give(0, septet_firmware::engine::Outcome::Sent { reference: 4 }));
    }
}

#[test]
fn another_text_with_the_same_id_is_refused() {
    let (config, mut store) = opened("", "");
    store.take(&draft(&config, &text("one", "hi")).unwrap()).unwrap().unwrap();
    let other = draft(&config, &text("one", "ho")).unwrap();
    let refusal = store.take(&other).unwrap().unwrap_err();
    assert_eq!(refusal.reason, Reason::DuplicateClientId);
}

#[test]
fn what_the_store_has_no_room_or_credits_for_is_refused() {
    for (first, of_account, reason) in [
        ("waiting_max = 1", "", Reason::Busy),
        ("", "credits = 1", Reason::Credit),
        ("", "limits = { requests_per_minute = 1 }", Reason::Busy),
    ] {
        let (config, mut store) = opened(first, of_account);
        store.take(&draft(&config, &text("one", "hi")).unwrap()).unwrap().unwrap();
        let second = draft(&config, &text("two", "hi")).unwrap();
        assert_eq!(store.take(&second).unwrap().unwrap_err().reason, reason, "{first}{of_account}");
    }
}

#[test]
fn a_draft_by_another_configuration_is_not_taken_and_nothing_has_happened() {
    let (config, mut store) = opened("", "credits = 2");
    let other = Arc::new((*config).clone());
    assert!(store.take(&draft(&other, &text("one", "hi")).unwrap()).is_none());
    assert_eq!(store.credits(), 200);
    store.take(&draft(&config, &text("one", "ho")).unwrap()).unwrap().unwrap();
}

#[test]
fn who_wants_nothing_more_gets_nothing_of_a_draft() {
    let (config, mut store) = opened("", "");
    assert_eq!(store.set_opted_out("demo", RECIPIENT, true), Some(true));
    let submit = text("one", "hi");
    assert!(store.take(&draft(&config, &submit).unwrap()).is_none());
    // Whatever else is wrong with it.
    let long = "In parts. ".repeat(4000);
    for submit in [submit, text("long", &long)] {
        let reason = store.perform(&0, &gatewayapi::V2, &Op::Send(submit), |answer| match answer {
            Answer::Refused(refusal) => refusal.reason,
            other => panic!("{other}"),
        });
        assert_eq!(reason, Reason::Blacklisted);
    }
    // Others get theirs.
    let to = List::Joined(Text::plain("4512345600"));
    store.take(&draft(&config, &addressed(to, "two", "hi")).unwrap()).unwrap().unwrap();
}

#[test]
fn what_would_be_refused_has_no_draft() {
    let (config, _) = opened("", "lists = { blacklist = [\"4512*\"] }");
    let to = |number| addressed(List::Joined(Text::plain(number)), "one", "hi");
    for number in ["nobody", "4512345678", ""] {
        assert!(draft(&config, &to(number)).is_none(), "{number}");
    }
    assert!(draft(&config, &to("4612345678")).is_some());
}
