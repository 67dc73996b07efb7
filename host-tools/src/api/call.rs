//! `septet api NAME CALL`: any call of any interface, its fields as the vendor calls them.

use std::path::PathBuf;

use septet::api::{Answer, Api, Endpoint, How, Op};

use super::client::{Client, Received, as_json, harmless_of};
use super::credentials::Known;
use super::request::{Choice, Document, Field, Made, Via, charset, listed, written};
use super::{calls, curl, fields_in_words, in_fields, names, pretty, unwritable};
use crate::Failed;

/// What is asked, and where.
#[derive(Debug)]
pub struct Options {
    /// Where the interface is.
    pub via: Via,
    /// The fields.
    pub fields: Vec<Field>,
    /// How they are written.
    pub choice: Choice,
    /// The file with the credentials.
    pub credentials: Option<PathBuf>,
    /// Whether nothing is sent.
    pub dry_run: bool,
    /// Whether the request is printed.
    pub verbose: bool,
    /// Whether the answer is printed as JSON.
    pub json: bool,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// One sentence; a refusal is one.
pub async fn run(api: &'static Api, name: &str, options: &Options) -> Result<String, Failed> {
    let Options { via, credentials, dry_run, verbose, json, .. } = options;
    let call = named(api, name)?;
    let (document, how) = prepared(call, &options.fields, &options.choice)?;
    let made = Made::Fields(&document);
    let known = Known::load(credentials.as_deref(), |name| std::env::var(name).ok())?;
    if *dry_run {
        return curl::lines(via, api, call, made, &how, &known);
    }
    let asked = Client::new(via, api, &known, *verbose)?.ask(call, made, &how).await;
    let received = asked.map_err(|lost| lost.told(*json))?;
    // What was asked can say what the reply leaves out.
    let asked = written(call, made, None, &how).map_err(|error| unwritable(call, error))?;
    asked.received(how.charset, |request| {
        let reply = received.reply();
        let op = call.parse_request(request);
        let answer = match &op {
            Ok(op) => call.parse_reply_to(&reply, op),
            Err(_) => call.parse_reply(&reply),
        };
        let answer = harmless_of(answer, matches!(op, Ok(Op::Login(_))));
        said(&received, &answer, *json)
    })
}

/// The call of this name.
fn named(api: &Api, name: &str) -> Result<&'static dyn Endpoint, Failed> {
    api.call(name).ok_or_else(|| {
        let known = listed(calls(api).map(|call| call.name()));
        Failed::input(format!("{} has no call {name}; known: {known}", api.name))
    })
}

/// The fields as a call reads them, and how they are written.
fn prepared(
    call: &dyn Endpoint,
    fields: &[Field],
    choice: &Choice,
) -> Result<(Document, How), Failed> {
    let known = names(call);
    let secret: Vec<&str> = call.schemes().iter().flat_map(|scheme| in_fields(*scheme)).collect();
    for (name, _) in fields {
        if known.contains(&name.as_str()) {
            continue;
        }
        return Err(Failed::input(if secret.contains(&name.as_str()) {
            format!("{name} has no place on a command line: see --credentials")
        } else {
            format!("{} has no field {name}; {}", call.name(), fields_in_words(call))
        }));
    }
    let mut how = choice.how(call)?;
    let mut fields = fields.to_vec();
    if let Some(field) = call.charset_field() {
        let named = fields.iter().find(|(name, _)| name == field);
        match (named, how.charset) {
            (Some((_, value)), None) => how.charset = charset(value).ok(),
            (None, Some(chosen)) => {
                fields.push((field.to_owned(), super::request::charset_name(chosen).to_owned()));
            }
            _ => {}
        }
    }
    Ok((Document::new(&fields, call), how))
}

/// The answer in words or as JSON.
fn said(received: &Received, answer: &Answer<'_>, json: bool) -> Result<String, Failed> {
    let words = received.in_words(answer);
    let output = if json { pretty(&as_json(received, answer)) } else { String::new() };
    match answer {
        Answer::Refused(_) => Err(Failed { sentence: words, output }),
        _ if json => Ok(output),
        _ => Ok(words + "\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use septet::api::{Status, api_named};
    use septet::text::Charset;

    #[test]
    fn the_charset_is_said_where_a_call_has_a_field_for_it() {
        let call = api_named("gatewayapi-v2").unwrap().call("sendsms").unwrap();
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let text = [field("text", "€")];
        let (document, how) = prepared(call, &text, &Choice::default()).unwrap();
        assert!(matches!(document, Document::Form(form) if form == "text=%E2%82%AC"));
        assert_eq!(how.charset, None);
        let named = [field("charset", "UTF-8")];
        let (_, how) = prepared(call, &named, &Choice::default()).unwrap();
        assert_eq!(how.charset, Some(Charset::Utf8));
        let chosen = Choice::of_charset(Charset::Utf8);
        let (document, how) = prepared(call, &text, &chosen).unwrap();
        assert!(matches!(document, Document::Form(form) if form.ends_with("&charset=utf-8")));
        assert_eq!(how.charset, Some(Charset::Utf8));
    }

    #[test]
    fn what_a_reply_says_is_harmless_to_a_terminal() {
        let call = api_named("gatewayapi-v2").unwrap().call("sendsms").unwrap();
        let received = Received::new(Status::BAD_REQUEST, "", b"a\x1b[31mb\nc");
        let failed = said(&received, &call.parse_reply(&received.reply()), false);
        let sentence = "refused: a\\u{1b}[31mb\nc; the same again is refused again; HTTP 400";
        assert_eq!(failed.unwrap_err().sentence, sentence);
    }
}
