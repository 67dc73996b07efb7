//! `septet send --via URL`: a text through an interface, whichever of its calls carries it.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use septet::api::{
    Advice, Answer, Api, Asked, Callback, Credentials, Endpoint, How, Messages, Op, Payload,
    Recipients, Sent, Submit, When,
};
use septet::error::Error;
use septet::fields::List;
use septet::text::{Charset, Text};
use serde_json::json;

use super::at::{At, at, ways};
use super::client::{Client, Lost, as_json};
use super::credentials::{Access, Known, access, likely_access};
use super::request::{Asks, Made, Via, via, written};
use super::{curl, interface, names, pretty, wrong};
use crate::Failed;

/// Where a text goes, and what it is to be sent with.
#[derive(Debug, Args)]
pub struct Through {
    /// Where an interface is; a path takes the place of what the interface's own paths begin with
    #[arg(long, value_name = "URL", value_parser = via, requires = "api")]
    pub via: Option<Via>,
    /// The interface, as `septet api` lists them
    #[arg(long, value_name = "NAME", requires = "via")]
    api: Option<String>,
    /// The sender that is wished for
    #[arg(long, value_name = "SENDER", requires = "via")]
    from: Option<String>,
    /// Your id of the request; one is made where the interface asks for it
    #[arg(long, value_name = "ID", requires = "via", allow_hyphen_values = true)]
    id: Option<String>,
    /// Where delivery reports go
    #[arg(long, value_name = "URL", requires = "via")]
    callback: Option<String>,
    /// When it is to be sent: 2026-12-31T18:00:00+01:00; without a zone, in that of the account
    #[arg(long, value_name = "TIME", value_parser = at, requires = "via")]
    at: Option<At>,
    /// Show it at once, and do not keep it
    #[arg(long, requires = "via")]
    flash: bool,
    /// How long the network tries, in seconds
    #[arg(long, value_name = "SECONDS", requires = "via")]
    validity: Option<u32>,
    /// The most parts that the text may become
    #[arg(long, value_name = "N", requires = "via")]
    max_parts: Option<u8>,
    /// A file of TOML with the credentials, as for `septet api`
    #[arg(long, value_name = "FILE", requires = "via")]
    credentials: Option<PathBuf>,
    /// Print a `curl` command line that does the same, and send nothing
    #[arg(long, requires = "via")]
    dry_run: bool,
    /// Print the request on standard error, its secrets masked
    #[arg(long, requires = "via")]
    verbose: bool,
}

/// A text with what it is to be sent with.
#[derive(Clone)]
struct Wish<'a> {
    to: &'a [String],
    text: &'a str,
    from: Option<&'a str>,
    id: Option<String>,
    callback: Option<&'a str>,
    at: Option<When<'a>>,
    flash: bool,
    validity: Option<u32>,
    max_parts: Option<u8>,
}

impl Asks for Wish<'_> {
    fn asked(&self, credentials: Option<&Credentials<'_>>, take: &mut dyn FnMut(&Asked<'_>)) {
        let numbers: Vec<Text<'_>> = self.to.iter().map(|number| Text::plain(number)).collect();
        let to = Recipients::numbers(List::Slice(&numbers));
        let body = Payload::Text(Text::plain(self.text));
        let submit = Submit {
            sender: self.from.map(Text::plain),
            client_id: self.id.as_deref().map(Text::plain),
            callback: self.callback.map(|url| Callback { url: Text::plain(url), carrier: None }),
            schedule: self.at,
            class: self.flash.then_some(0),
            validity: self.validity,
            parts_max: self.max_parts,
            ..Submit::new(Messages::Same { to, body })
        };
        take(&Asked { credentials: credentials.copied(), op: Op::Send(submit) });
    }
}

/// Why a call does not send it.
enum Unfit {
    /// It cannot write it, or would not read it.
    Error(Error),
    /// It leaves out what this option asks for.
    LeftOut,
}

/// What is wrong with what is asked of a call.
struct Why {
    call: &'static dyn Endpoint,
    words: String,
}

/// How a text is sent.
struct Plan<'a> {
    call: &'static dyn Endpoint,
    how: How,
    wish: Wish<'a>,
    /// Whether the same id again sends nothing.
    is_known_again: bool,
}

/// Whether the call sends it, with everything that it is to be sent with: what is written is read as the
/// gateway reads it.
fn fits(api: &Api, call: &dyn Endpoint, wish: &Wish<'_>, how: &How) -> Result<bool, Unfit> {
    let places = match likely_access(api, call, &Known::default()) {
        Access::Free => None,
        Access::Given(scheme) => Some(curl::places(scheme)),
        Access::Session => call.schemes().first().map(|scheme| curl::places(*scheme)),
    };
    let credentials = places.as_ref().map(super::credentials::Owned::credentials);
    let request = written(call, Made::Op(wish), credentials.as_ref(), how).map_err(Unfit::Error)?;
    request.received(None, |read| {
        let Op::Send(back) = call.parse_request(read).map_err(Unfit::Error)? else {
            return Err(Unfit::LeftOut);
        };
        let is_there = back.messages.iter().count() == wish.to.len()
            && is_same(wish.from, back.sender)
            && is_same(wish.id.as_deref(), back.client_id)
            && is_same(wish.callback, back.callback.map(|callback| callback.url))
            && (wish.at.is_none() || back.schedule.is_some())
            && (!wish.flash || back.class == Some(0))
            && (wish.validity.is_none() || back.validity == wish.validity)
            && (wish.max_parts.is_none() || back.parts_max == wish.max_parts);
        if is_there { Ok(back.dedupe.is_some()) } else { Err(Unfit::LeftOut) }
    })
}

/// Whether an answer names another id than the one that was sent.
fn is_another(id: Option<&str>, sent: &Sent<'_>) -> bool {
    id.zip(sent.client_id).is_some_and(|(id, told)| told != *id)
}

/// Whether what was wished for, where it was, is what was read.
fn is_same(wished: Option<&str>, read: Option<Text<'_>>) -> bool {
    wished.is_none_or(|wished| read.is_some_and(|read| read == *wished))
}

/// The first way in which one of the calls sends it. `made` is an id for where one is asked for.
///
/// # Errors
/// What is wrong, as far as the first of them that says so.
fn planned<'a>(
    api: &'static Api,
    calls: &[&'static dyn Endpoint],
    wish: &Wish<'a>,
    made: &str,
) -> Result<Plan<'a>, Option<Why>> {
    let mut why = None;
    // An id that is known again makes it safe to ask again; any other is made where one is asked for.
    let ids = match &wish.id {
        Some(id) => vec![(Some(id.clone()), false)],
        None => vec![(Some(made.to_owned()), true), (None, false), (Some(made.to_owned()), false)],
    };
    let times = match wish.at {
        Some(at) => ways(at),
        None => vec![None],
    };
    for (id, is_for_safety) in ids {
        // That an id is missing does not matter where one is there.
        why = None;
        for at in &times {
            let wish = Wish { id: id.clone(), at: *at, ..wish.clone() };
            for call in calls {
                let utf8 = call.charset_field().map(|_| Some(Charset::Utf8));
                for charset in std::iter::once(None).chain(utf8) {
                    let how = How { charset, ..How::default() };
                    match fits(api, *call, &wish, &how) {
                        Ok(is_known_again) if is_known_again || !is_for_safety => {
                            return Ok(Plan { call: *call, how, wish, is_known_again });
                        }
                        Err(Unfit::Error(error)) if names(*call).contains(&error.field) => {
                            why = why
                                .or_else(|| Some(Why { call: *call, words: wrong(*call, error) }));
                        }
                        Ok(_) | Err(_) => {}
                    }
                }
            }
        }
    }
    Err(why)
}

/// The way in which an interface sends it.
///
/// # Errors
/// One sentence that names what it cannot carry, and what else the call needs to be known.
fn plan<'a>(
    api: &'static Api,
    wish: &Wish<'a>,
    made: &str,
    known: Option<&Known>,
) -> Result<Plan<'a>, Failed> {
    let why = match planned(api, api.calls, wish, made) {
        Ok(plan) => return Ok(plan),
        Err(why) => why,
    };
    let said = |words: String, why: Option<Why>| {
        let mut sentence = format!("{} cannot {words}", api.name);
        if let Some(Why { call, words }) = why {
            sentence = format!("{sentence}: {words}");
            if let Some(Err(missing)) = known.map(|known| access(api, call, known)) {
                sentence = format!("{sentence}; {}", missing.sentence);
            }
        }
        Failed::input(sentence)
    };
    // The text to one recipient with as little as the interface asks for, and the calls that send it.
    let to = wish.to.get(..1).unwrap_or_default();
    let (from, callback, id, at) = (None, None, None, None);
    let (flash, validity, max_parts) = (false, None, None);
    let text = wish.text;
    let bare = Wish { to, text, from, id, callback, at, flash, validity, max_parts };
    let bases = [Wish { from: wish.from, ..bare.clone() }, bare];
    let senders = |base: &Wish<'_>| -> Vec<&'static dyn Endpoint> {
        let mut calls = api.calls.to_vec();
        calls.retain(|call| planned(api, &[*call], base, made).is_ok());
        calls
    };
    let found = bases.iter().map(|base| (base, senders(base))).find(|(_, calls)| !calls.is_empty());
    let Some((base, calls)) = found else { return Err(said("send it".to_owned(), why)) };
    let base = || base.clone();
    let with = [
        ("several --to", wish.to.len() > 1, Wish { to: wish.to, ..base() }),
        ("--from", wish.from.is_some(), Wish { from: wish.from, ..base() }),
        ("--id", wish.id.is_some(), Wish { id: wish.id.clone(), ..base() }),
        ("--callback", wish.callback.is_some(), Wish { callback: wish.callback, ..base() }),
        ("--at", wish.at.is_some(), Wish { at: wish.at, ..base() }),
        ("--flash", wish.flash, Wish { flash: true, ..base() }),
        ("--validity", wish.validity.is_some(), Wish { validity: wish.validity, ..base() }),
        ("--max-parts", wish.max_parts.is_some(), Wish { max_parts: wish.max_parts, ..base() }),
    ];
    let mut together = Vec::new();
    for (what, _, more) in with.into_iter().filter(|(_, is_given, _)| *is_given) {
        if let Err(why) = planned(api, &calls, &more, made) {
            return Err(said(format!("carry {what}"), why));
        }
        together.push(what);
    }
    Err(said(format!("carry {} together", together.join(", ")), why))
}

/// An id that nobody else makes: the number, and milliseconds. It has at most 29 characters, none of
/// which an interface objects to.
fn made_id(to: &[String]) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let number = to.first().map_or("", |to| to.trim_start_matches('+'));
    format!("{number}-{}", now.as_millis())
}

/// Sends a text through an interface and returns what is printed.
///
/// # Errors
/// One sentence. A request whose answer is lost is said to be unknown.
pub async fn run(
    options: &Through,
    via: &Via,
    to: &[String],
    text: &str,
    json: bool,
) -> Result<String, Failed> {
    let api = interface(options.api.as_deref().unwrap_or_default())?;
    if text.is_empty() {
        return Err(Failed::input("the text is empty"));
    }
    let wish = Wish {
        to,
        text,
        from: options.from.as_deref(),
        id: options.id.clone(),
        callback: options.callback.as_deref(),
        at: options.at.as_ref().map(At::when),
        flash: options.flash,
        validity: options.validity,
        max_parts: options.max_parts,
    };
    let known = Known::load(options.credentials.as_deref(), |name| std::env::var(name).ok())?;
    // A command line that is only printed names where they come from.
    let needed = (!options.dry_run).then_some(&known);
    let plan = plan(api, &wish, &made_id(to), needed)?;
    let Plan { call, how, wish, is_known_again } = &plan;
    let made = Made::Op(wish);
    if options.dry_run {
        return curl::lines(via, api, *call, made, how, &known);
    }
    let id = wish.id.as_deref();
    let again = match id {
        Some(id) if *is_known_again => format!("again with --id {id} it is not sent twice"),
        _ => "again it may be sent twice".to_owned(),
    };
    match Client::new(via, api, &known, options.verbose)?.ask(*call, made, how).await {
        Err(lost @ Lost::NotSent(_)) => Err(lost.told(json)),
        Err(Lost::Unknown(why)) => {
            let said = json!({
                "call": call.name(), "id": id, "advice": Advice::Unknown,
                "same_id_is_safe": is_known_again, "error": why,
            });
            let output = if json { pretty(&said) } else { String::new() };
            Err(Failed { sentence: format!("unknown: {why}; {again}"), output })
        }
        Ok(received) => {
            let answer = call.parse_reply(&received.reply());
            let mut said = as_json(&received, &answer);
            said["call"] = json!(call.name());
            said["id"] = json!(id);
            said["same_id_is_safe"] = json!(is_known_again);
            let output = if json { pretty(&said) } else { String::new() };
            match &answer {
                Answer::Sent(sent) if is_another(id, sent) => {
                    let why = "the answer is about another message";
                    Err(Failed { sentence: format!("unknown: {why}; {again}"), output })
                }
                Answer::Refused(refusal) => {
                    let sentence = if answer.advice() == Advice::Unknown {
                        let status = received.status().0;
                        received.shown(&format!("unknown: {refusal}; {again}; HTTP {status}"))
                    } else {
                        received.in_words(&answer)
                    };
                    Err(Failed { sentence, output })
                }
                _ if json => Ok(output),
                answer => {
                    let id = id.map(|id| format!("id {id}\n")).unwrap_or_default();
                    Ok(format!("{}\n{id}", received.in_words(answer)))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use septet::api::api_named;

    fn wish<'a>(to: &'a [String], text: &'a str) -> Wish<'a> {
        let (from, id, callback, at) = (None, None, None, None);
        let (flash, validity, max_parts) = (false, None, None);
        Wish { to, text, from, id, callback, at, flash, validity, max_parts }
    }

    #[test]
    fn an_id_is_made_and_a_charset_chosen_where_they_are_asked_for() {
        let to = ["4512345678".to_owned()];
        let api = api_named("gatewayapi-v2").unwrap();
        let latin = plan(api, &wish(&to, "æ"), "1", None).ok().unwrap();
        assert_eq!((latin.wish.id.as_deref(), latin.how.charset), (Some("1"), None));
        assert!(latin.is_known_again);
        let euro = plan(api, &wish(&to, "€"), "1", None).ok().unwrap();
        assert_eq!(euro.how.charset, Some(Charset::Utf8));
        let without =
            plan(api_named("gatewayapi-v1").unwrap(), &wish(&to, "æ"), "1", None).ok().unwrap();
        assert_eq!(without.wish.id, None);
        assert!(!without.is_known_again);
        let (order, eapi) = ("skebby-rest", "bulksms-eapi");
        let order = plan(api_named(order).unwrap(), &wish(&to, "Hello"), "1", None).ok().unwrap();
        assert_eq!((order.wish.id.as_deref(), order.is_known_again), (Some("1"), true));
        let time = at("2027-01-01T00:30:00+01:00").unwrap();
        let later = Wish { at: Some(time.when()), ..wish(&to, "Hello") };
        let unix = plan(api_named(eapi).unwrap(), &later, "1", None).ok().unwrap();
        assert_eq!(unix.wish.at, Some(When::Unix(1_798_759_800)));
        let made = made_id(&["+123456789012345".to_owned()]);
        assert!(made.len() <= 30 && made.starts_with("123456789012345-"), "{made}");
    }

    #[test]
    fn what_an_interface_cannot_carry_is_named() {
        let to = ["4512345678".to_owned(), "4512345679".to_owned()];
        let why = |api: &str, wish: Wish<'_>| {
            plan(api_named(api).unwrap(), &wish, "1", None).err().unwrap().sentence
        };
        let one = wish(&to[..1], "Hello");
        let at = at("2026-12-31T18:00:00Z").unwrap();
        assert_eq!(
            why("gatewayapi-v2", Wish { at: Some(at.when()), ..one.clone() }),
            "gatewayapi-v2 cannot carry --at"
        );
        assert_eq!(
            why("gatewayapi-v2", Wish { from: Some("twelve chars"), ..one.clone() }),
            "gatewayapi-v2 cannot carry --from: from must have at most 11 characters, or 15 digits"
        );
        assert_eq!(
            why("gatewayapi-v2", Wish { flash: true, validity: Some(60), ..one.clone() }),
            "gatewayapi-v2 cannot carry --flash"
        );
        assert_eq!(
            why("gatewayapi-v1", Wish { id: Some("7".to_owned()), ..one }),
            "gatewayapi-v1 cannot carry --id"
        );
        assert_eq!(
            why("gatewayapi-v1", wish(&to, "Hello")),
            "gatewayapi-v1 cannot carry several --to: number must be digits without the country code, 5 to 15 with it"
        );
    }
}
