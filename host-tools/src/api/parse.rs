//! `septet api parse`: what a gateway reads in requests, as JSON Lines.

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding};
use septet::answer::{Said, Served, Store, answer_with, served};
use septet::api::{
    APIS, Answer, Api, Authorization, Content, Credentials, Endpoint, Head, Messages, Method, Op,
    Refusal, Request, api_named,
};
use septet::fields::{Rank, Raw};
use septet::text::Charset;
use serde_json::{Map, Value, json};

use super::listed;
use super::listen::of_callback;
use crate::gateway::{OwnedReply, OwnedRequest, written};
use crate::{Failed, jsonl};

/// The longest line, in octets: the longest body of any call, 32 MiB, with each octet escaped, and room
/// for all else.
const LINE_MAX: usize = 256 << 20;

/// Answers each line of standard input.
///
/// # Errors
/// One sentence, when a line cannot be read or written.
pub fn run() -> Result<String, Failed> {
    jsonl::stdio(LINE_MAX, parsed)
}

/// What a gateway reads in a request.
///
/// The request is an object with `method`, `path_and_query`, `headers`, `body` or `body_base64`, and of a
/// callback `api`; what is read has `api`, `call`, `auth`, `fields`, and `op` or `reply`. Or it is an
/// `error`.
pub fn parsed(object: &Value) -> Value {
    read(object).unwrap_or_else(|wrong| wrong.0)
}

/// An `error` in place of an answer.
struct Wrong(Value);

impl Wrong {
    fn new(kind: &str, field: &str, words: impl std::fmt::Display) -> Self {
        let message = format!("{field} {words}");
        Self(json!({ "error": { "kind": kind, "field": field, "at": 0, "message": message } }))
    }
}

fn read(object: &Value) -> Result<Value, Wrong> {
    let request = request(object)?;
    let api = match &object["api"] {
        Value::Null => None,
        Value::String(name) => Some(api_named(name).ok_or_else(|| {
            let known = listed(APIS.iter().map(|api| api.name));
            Wrong::new("value", "api", format_args!("is none of {known}"))
        })?),
        _ => return Err(Wrong::new("value", "api", "is no string")),
    };
    request.with(Charset::Latin1, |read| match api {
        None => asked(read),
        // A path of the interface is no customer's.
        Some(api) => match served(&[api], read.method, read.path) {
            Served::Call(..) => asked(read),
            Served::OtherMethod | Served::Nothing => callback(api, read),
        },
    })
}

/// The request that an object describes.
fn request(object: &Value) -> Result<OwnedRequest, Wrong> {
    if !object.is_object() {
        return Err(Wrong::new("value", "line", "is no object"));
    }
    let text = |name: &str| match &object[name] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.as_str())),
        _ => Err(Wrong::new("value", name, "is no string")),
    };
    let there = |name| text(name)?.ok_or_else(|| Wrong::new("missing", name, "is missing"));
    let method = there("method")?;
    let method = Method::ALL.into_iter().find(|own| own.name() == method).ok_or_else(|| {
        Wrong::new("value", "method", format_args!("is none of {}", listed(Method::ALL)))
    })?;
    let path_and_query = there("path_and_query")?;
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let body = match (text("body")?, text("body_base64")?) {
        (Some(_), Some(_)) => {
            return Err(Wrong::new("repeated", "body_base64", "stands beside body"));
        }
        (Some(body), None) => body.as_bytes().to_vec(),
        (None, Some(digits)) => Base64::decode_vec(digits)
            .map_err(|_| Wrong::new("value", "body_base64", "is no Base64"))?,
        (None, None) => Vec::new(),
    };
    let pairs = || Wrong::new("value", "headers", "is no list of names with values");
    let headers = match &object["headers"] {
        Value::Null => Vec::new(),
        Value::Array(headers) => headers
            .iter()
            .map(|header| match header.as_array().map(Vec::as_slice) {
                Some([Value::String(name), Value::String(value)]) => {
                    Ok((name.clone(), value.clone()))
                }
                _ => Err(pairs()),
            })
            .collect::<Result<_, _>>()?,
        _ => return Err(pairs()),
    };
    let (path, query) = (path.to_owned(), query.to_owned());
    Ok(OwnedRequest { method, path, query, headers, body, peer: None })
}

/// What a customer asks.
fn asked(request: &Request<'_>) -> Result<Value, Wrong> {
    let (api, call) = match served(APIS, request.method, request.path) {
        Served::Call(api, call) => (api, call),
        Served::OtherMethod => {
            let methods = Method::ALL
                .into_iter()
                .filter(|method| matches!(served(APIS, *method, request.path), Served::Call(..)));
            let words = format_args!("is not served; the path is by {}", listed(methods));
            return Err(Wrong::new("method", "method", words));
        }
        Served::Nothing => {
            let calls = APIS.iter().flat_map(|api| api.calls);
            let paths = listed(calls.flat_map(|call| call.paths()));
            let words = format_args!("is no path that is served; these are: {paths}");
            return Err(Wrong::new("path", "path_and_query", words));
        }
    };
    let mut said = said(api, call, request);
    let mut op = None;
    let reply = answer_with(APIS, &mut Everybody(&mut op), request, |said| match said {
        Said::Answer(_, Answer::Refused(_)) => Some(written(|w| said.emit(w))),
        _ => None,
    });
    match (op, reply) {
        (Some((op, messages)), _) => {
            said.insert("op".to_owned(), op);
            if let Some(messages) = messages {
                said.insert("messages".to_owned(), messages);
            }
        }
        (None, Some(reply)) => {
            said.insert("reply".to_owned(), as_json(&reply));
        }
        (None, None) => {}
    }
    Ok(said.into())
}

/// A store with every account, that keeps what was asked.
struct Everybody<'s>(&'s mut Option<(Value, Option<Value>)>);

impl Store for Everybody<'_> {
    type Account = ();

    fn admit<'a>(&mut self, _: &'static Api, _: &Credentials<'a>) -> Result<(), Refusal<'a>> {
        Ok(())
    }

    fn perform<R>(
        &mut self,
        (): &(),
        _: &'static Api,
        op: &Op<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R {
        let submit = match op {
            Op::Send(submit) | Op::Quote(submit) => Some(submit),
            _ => None,
        };
        *self.0 = Some((json!(op), submit.map(|submit| messages(&submit.messages))));
        reply(&Answer::Taken)
    }
}

/// Each message: to whom, and the text, or the octets of each of its segments. One to a group is named
/// by it.
fn messages(messages: &Messages<'_>) -> Value {
    let mut list = Vec::new();
    let mut add = |key: &str, whom: String, content: &Content<'_>| match content {
        Content::Text(text) => {
            list.push(json!({ key: whom, "text": text.chars().collect::<String>() }));
        }
        Content::Octets { segments, .. } => {
            list.extend(segments.iter().map(|octets| json!({ key: whom, "octets": octets })));
        }
    };
    for (recipient, content) in messages.iter() {
        add("to", recipient.to_string(), &content);
    }
    if let Some((groups, content)) = messages.groups() {
        groups.iter().for_each(|group| add("group", group.to_string(), &content));
    }
    list.into()
}

/// What the gateway tells a customer.
fn callback(api: &'static Api, request: &Request<'_>) -> Result<Value, Wrong> {
    match of_callback(api, request) {
        Ok((endpoint, op, request)) => {
            let mut said = said(api, endpoint, &request);
            said.insert("op".to_owned(), json!(op));
            Ok(said.into())
        }
        Err(unread) => {
            let Some((endpoint, error)) = unread.endpoint else {
                return Err(Wrong::new("method", "method", unread.why));
            };
            let mut said = said(api, endpoint, request);
            let refused = Answer::Refused(endpoint.refusal(error));
            let reply = written(|w| endpoint.emit_reply(&refused, w));
            said.insert("reply".to_owned(), as_json(&reply));
            Ok(said.into())
        }
    }
}

/// What is known of a request before anybody asks what it means.
fn said(api: &Api, call: &dyn Endpoint, request: &Request<'_>) -> Map<String, Value> {
    let mut said = Map::new();
    said.insert("api".to_owned(), json!(api.name));
    said.insert("call".to_owned(), json!(call.name()));
    if let Ok(Some(credentials)) = call.credentials(request)
        && let Some(auth) = auth(&credentials, request)
    {
        said.insert("auth".to_owned(), auth);
    }
    if let Some(fields) = fields(call, request) {
        said.insert("fields".to_owned(), fields.into());
    }
    said
}

/// The credentials that stand in headers.
fn auth(credentials: &Credentials<'_>, request: &Request<'_>) -> Option<Value> {
    match (credentials, request.authorization) {
        (Credentials::Password { user, password }, Authorization::Basic(name, secret))
            if (user, password) == (&name, &secret) =>
        {
            Some(json!({ "kind": "basic", "user": user, "password": password.0 }))
        }
        (Credentials::Key { key, .. }, Authorization::Basic(account, secret)) if *key == secret => {
            Some(json!({ "kind": "basic", "user": account, "password": key.0 }))
        }
        (Credentials::Token(token), Authorization::Bearer(secret)) if *token == secret => {
            Some(json!({ "kind": "bearer", "token": token.0 }))
        }
        (Credentials::Session { user, key }, _) => {
            Some(json!({ "kind": "user_key", "user_key": user, "session_key": key.0 }))
        }
        (Credentials::AccessToken { user, token }, _) => {
            Some(json!({ "kind": "user_key", "user_key": user, "access_token": token.0 }))
        }
        _ => None,
    }
}

/// The fields of body and query, decoded by the charset alone; those of the body win. A name that is
/// there several times in one of them has a list. `None` where the body cannot be read.
fn fields(call: &dyn Endpoint, request: &Request<'_>) -> Option<Map<String, Value>> {
    let mut source = call.source(request).ok()?;
    let mut fields: Map<String, Value> = Map::new();
    let mut seen: BTreeMap<String, (Rank, usize)> = BTreeMap::new();
    while let Some(pair) = source.next_pair() {
        let Ok(name) = pair.name() else { continue };
        if pair.rank == Rank::Path {
            continue;
        }
        let name = name.to_string();
        let value = value(pair.value, call.charset());
        match seen.get_mut(&name) {
            None => {
                seen.insert(name.clone(), (pair.rank, 1));
                fields.insert(name, value);
            }
            Some((rank, _)) if *rank != pair.rank => {}
            Some((_, count)) => {
                *count += 1;
                match fields.get_mut(&name) {
                    Some(Value::Array(values)) if *count > 2 => values.push(value),
                    Some(first) => *first = json!([first.take(), value]),
                    None => {}
                }
            }
        }
    }
    Some(fields)
}

/// A value: JSON as it is, else a text. Octets that are no text in their charset are shown as what they
/// are in ISO 8859-1, or, where UTF-8 is wanted, as U+FFFD.
fn value(raw: Raw<'_>, charset: Charset) -> Value {
    if let Raw::Json(value) = raw {
        return serde_json::from_slice(value.octets()).unwrap_or_default();
    }
    match raw.text() {
        Ok(text) => json!(text),
        Err(_) if charset == Charset::Utf8 => {
            json!(String::from_utf8_lossy(&raw.octets().collect::<Vec<u8>>()))
        }
        Err(_) => json!(raw.octets().map(char::from).collect::<String>()),
    }
}

fn as_json(OwnedReply { head, body }: &OwnedReply) -> Value {
    let Head { status, phrase, content_type } = head;
    let body = String::from_utf8_lossy(body);
    let mut reply = json!({ "status": status, "content_type": content_type, "body": body });
    if !phrase.is_empty() {
        reply["phrase"] = json!(phrase);
    }
    reply
}
