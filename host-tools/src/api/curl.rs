//! A request as a command line of `curl` that works when it is pasted into a shell.
//!
//! Secrets stand in it as variables of the shell, never as what they are.

use septet::api::{Api, Endpoint, How, Login, Method, Scheme};
use septet::fields::{Carrier, Rank, Source};
use septet::text::Charset;
use septet::wire::Writer;
use url::Url;

use super::credentials::{Access, Known, Owned, Part, likely_access, login, of_scheme};
use super::request::{Made, Via, Written, written};
use super::unwritable;
use crate::Failed;

/// The variable that a session's user key has.
pub const SESSION_USER: &str = "SEPTET_API_SESSION_USER";

/// The variable that a session's own key has.
pub const SESSION_KEY: &str = "SEPTET_API_SESSION_KEY";

/// What stands for a variable in a request that is being written: no carrier escapes it.
fn place(variable: &str) -> String {
    format!("..{variable}..")
}

/// Credentials that stand for variables.
pub fn places(scheme: Scheme) -> Owned {
    match scheme {
        Scheme::SessionHeaders { .. } => Owned::Session(place(SESSION_USER), place(SESSION_KEY)),
        scheme => of_scheme(scheme, |part| place(part.variable())),
    }
}

/// Every variable.
const VARIABLES: [&str; 7] = [
    Part::User.variable(),
    Part::Password.variable(),
    Part::Account.variable(),
    Part::Key.variable(),
    Part::Token.variable(),
    SESSION_USER,
    SESSION_KEY,
];

/// The first variable of a text, with what stands before and behind it.
fn split(text: &str) -> Option<(&str, &'static str, &str)> {
    let found = VARIABLES.iter().filter_map(|variable| {
        let place = place(variable);
        let at = text.find(&place)?;
        Some((at, (&text[..at], *variable, &text[at + place.len()..])))
    });
    found.min_by_key(|(at, _)| *at).map(|(_, found)| found)
}

/// A word of the shell: `text`, in it each variable as `written` writes it.
fn word(text: &str, written: impl Fn(&str) -> String) -> String {
    let mut word = String::new();
    let mut rest = text;
    while let Some((before, variable, behind)) = split(rest) {
        if !before.is_empty() {
            word += &quoted(before);
        }
        word += &written(variable);
        rest = behind;
    }
    if word.is_empty() || !rest.is_empty() {
        word += &quoted(rest);
    }
    word
}

/// A word of the shell: `text` with its variables, as one piece where that needs no other quotes.
fn plain_word(text: &str) -> String {
    let mut inside = String::new();
    let mut rest = text;
    while let Some((before, variable, behind)) = split(rest) {
        inside += &format!("{before}${{{variable}}}");
        rest = behind;
    }
    inside += rest;
    let is_harmless = |c: char| c.is_ascii_alphanumeric() || " ${}=:._-,/".contains(c);
    if inside != text && inside.chars().all(is_harmless) && !text.contains('$') {
        format!("\"{inside}\"")
    } else {
        word(text, plain)
    }
}

/// A text as one word of the shell.
fn quoted(text: &str) -> String {
    // A line break is harmless within quotes; what is not, a terminal might take for a key.
    let is_plain = |c: char| !c.is_control() || c == '\n';
    match shlex::try_quote(text) {
        Ok(quoted) if text.chars().all(is_plain) => quoted.into_owned(),
        _ => octets(text.as_bytes()),
    }
}

/// Octets as one word of the shell.
fn octets(octets: &[u8]) -> String {
    let digits: String = octets.iter().map(|octet| format!("\\{octet:03o}")).collect();
    format!("\"$(printf '{digits}')\"")
}

fn plain(variable: &str) -> String {
    format!("\"${{{variable}}}\"")
}

/// In a string of JSON two characters are escaped.
fn in_json(variable: &str) -> String {
    format!("\"$(printf %s \"${{{variable}}}\" | sed 's/[\\\\\"]/\\\\&/g')\"")
}

/// The command lines that do what is asked: one, and that of the login before it where the call wants
/// a session.
///
/// # Errors
/// One sentence, where the request cannot be written.
pub fn lines(
    via: &Via,
    api: &'static Api,
    call: &'static dyn Endpoint,
    made: Made<'_>,
    how: &How,
    known: &Known,
) -> Result<String, Failed> {
    let of_scheme = |call: &'static dyn Endpoint, made, how: &How, scheme: Option<Scheme>| {
        let places = scheme.map(places);
        let credentials = places.as_ref().map(Owned::credentials);
        let request = written(call, made, credentials.as_ref(), how)
            .map_err(|error| unwritable(call, error))?;
        let url = via.url(api, call, &request)?;
        let charset = how.charset.unwrap_or(call.charset());
        Ok::<_, Failed>(line(&url, &request, call, charset, scheme) + "\n")
    };
    let scheme = |call: &'static dyn Endpoint| match likely_access(api, call, known) {
        Access::Free => None,
        Access::Given(scheme) => Some(scheme),
        Access::Session => {
            call.schemes().iter().copied().find(|own| matches!(own, Scheme::SessionHeaders { .. }))
        }
    };
    let own = scheme(call);
    let mut lines = String::new();
    if let (Some(Scheme::SessionHeaders { .. }), Some(login)) = (own, login(api)) {
        let made = Made::Op(&Login::Session);
        lines += &of_scheme(login, made, &How::default(), scheme(login))?;
        lines += &format!("# {SESSION_USER} and {SESSION_KEY} are in its reply.\n");
    }
    lines += &of_scheme(call, made, how, own)?;
    Ok(lines)
}

/// The command line. The request has [`places`] for credentials of this scheme, and goes to `url`.
fn line(
    url: &Url,
    request: &Written,
    call: &dyn Endpoint,
    charset: Charset,
    scheme: Option<Scheme>,
) -> String {
    let mut words = vec!["curl".to_owned()];
    let mut add = |option: &str, word: String| {
        if !option.is_empty() {
            words.push(option.to_owned());
        }
        words.push(word);
    };
    if request.method == Method::Delete {
        add("--request", request.method.name().to_owned());
    }
    match scheme {
        Some(Scheme::Basic) => add("--user", user(Part::User, Part::Password)),
        Some(Scheme::BasicKey) => add("--user", user(Part::Account, Part::Key)),
        _ => {
            for (name, value) in &request.headers {
                add("--header", plain_word(&format!("{name}: {value}")));
            }
        }
    }
    let mut url = url.clone();
    let carrier = request.content_type.and_then(Carrier::of_content_type);
    match carrier {
        None if split(&request.query).is_some() => {
            add("--get", String::new());
            // A callback's URL may have a query of its own: all of it is in the one that is asked.
            for (option, word) in form(url.query().unwrap_or_default()) {
                add(option, word);
            }
            url.set_query(None);
        }
        None => {}
        Some(Carrier::Form) => {
            for (option, word) in form(&String::from_utf8_lossy(&request.body)) {
                add(option, word);
            }
        }
        Some(Carrier::Json) => {
            add("--header", quoted("Content-Type: application/json"));
            add("--data-raw", word(&String::from_utf8_lossy(&request.body), in_json));
        }
        Some(Carrier::Multipart) => {
            for word in parts(request, call, charset) {
                add("--form-string", word);
            }
        }
    }
    add("", quoted(url.as_str()));
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

fn user(name: Part, secret: Part) -> String {
    format!("\"${{{}}}:${{{}}}\"", name.variable(), secret.variable())
}

/// The pairs of a form: those without variables as they stand, together.
fn form(form: &str) -> Vec<(&'static str, String)> {
    let mut words = Vec::new();
    let mut together: Vec<&str> = Vec::new();
    for pair in form.split('&') {
        if split(pair).is_some() {
            if !together.is_empty() {
                words.push((RAW, quoted(&std::mem::take(&mut together).join("&"))));
            }
            words.push(("--data-urlencode", plain_word(pair)));
        } else {
            together.push(pair);
        }
    }
    if !together.is_empty() {
        words.push((RAW, quoted(&together.join("&"))));
    }
    words
}

const RAW: &str = "--data-raw";

/// The parts of a multipart body, each as `name=value`.
fn parts(request: &Written, call: &dyn Endpoint, charset: Charset) -> Vec<String> {
    request.received(Some(charset), |request| match call.source(request) {
        Ok(source) => parts_of(source),
        Err(_) => Vec::new(),
    })
}

fn parts_of(mut source: Source<'_>) -> Vec<String> {
    let mut words = Vec::new();
    while let Some(pair) = source.next_pair() {
        let (Ok(name), Ok(value)) = (pair.name(), pair.value.text()) else { continue };
        if pair.rank != Rank::Body {
            continue;
        }
        let part = format!("{name}={value}");
        let mut buffer = vec![0; 4 * part.len()];
        let mut w = Writer::new(&mut buffer);
        // What was read in this charset can be written in it.
        let _ = value.emit(&mut w, value.charset());
        words.push(match std::str::from_utf8(w.written()) {
            Ok(same) if value == *same => plain_word(&part),
            _ => octets(&[format!("{name}=").as_bytes(), w.written()].concat()),
        });
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// What a shell makes of a word.
    fn shell(word: &str) -> Vec<u8> {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("printf '%s' {word}")]);
        command.env("SEPTET_API_KEY", "a\"b\\c $HOME 'd'&").output().unwrap().stdout
    }

    #[test]
    fn a_shell_reads_what_was_quoted() {
        for text in [
            "",
            "plain",
            "it's",
            "a b",
            "\"$HOME\"",
            "!x",
            "`id`",
            "æ€😀",
            "a\nb",
            "\u{1b}[31m",
            "\\",
        ] {
            assert_eq!(shell(&quoted(text)), text.as_bytes(), "{text:?}");
        }
        let all: Vec<u8> = (1..=255).collect();
        assert_eq!(shell(&octets(&all)), all);
    }

    #[test]
    fn a_shell_puts_variables_into_their_places() {
        let key = place("SEPTET_API_KEY");
        let text = format!("it's {key}&");
        assert_eq!(shell(&plain_word(&text)), b"it's a\"b\\c $HOME 'd'&&");
        assert_eq!(shell(&word(&text, in_json)), b"it's a\\\"b\\\\c $HOME 'd'&&");
        assert_eq!(plain_word(&format!("key={key}")), "\"key=${SEPTET_API_KEY}\"");
        assert_eq!(shell(&plain_word(&format!("key={key}"))), b"key=a\"b\\c $HOME 'd'&");
        assert_eq!(plain_word("$HOME"), "'$HOME'");
        assert_eq!(shell(&plain_word(&format!("$HOME{key}"))), b"$HOMEa\"b\\c $HOME 'd'&");
    }
}
