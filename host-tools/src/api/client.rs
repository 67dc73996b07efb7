//! The asking end: a request goes out, a reply comes in or is lost.

use std::time::Duration;

use hyper::ext::ReasonPhrase;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::redirect;
use septet::api::{
    Advice, Answer, Api, Credentials, Endpoint, How, Login, Method, Reason, Refusal, Reply, Status,
};
use septet::text::Text;
use serde_json::{Value, json};
use url::Url;

use super::credentials::{Access, Known, Owned, Secrets, access, login};
use super::request::{Made, Via, Written, written};
use crate::Failed;
use crate::callbacks::{causes, install_tls};

/// How long a reply is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// The most octets of a URL that the HTTP library carries.
const URL_MAX: usize = 65_534;

/// The most octets of a reply.
const REPLY_MAX: usize = 16 * 1024 * 1024;

/// A reply, owned.
pub struct Received {
    status: Status,
    content_type: String,
    body: Vec<u8>,
    /// The reason phrase, where it is not the usual one: some vendors say there what is wrong.
    phrase: Option<String>,
    /// What stood in the request and must not be printed.
    secrets: Secrets,
}

impl Received {
    #[cfg(test)]
    pub fn new(status: Status, content_type: &str, body: &[u8]) -> Self {
        let (content_type, body) = (content_type.to_owned(), body.to_vec());
        Self { status, content_type, body, phrase: None, secrets: Secrets::default() }
    }

    /// The reply.
    pub fn reply(&self) -> Reply<'_> {
        let Self { status, content_type, body, .. } = self;
        Reply { status: *status, content_type, body }
    }

    /// The vendor's own reason phrase.
    pub fn phrase(&self) -> Option<&str> {
        self.phrase.as_deref()
    }

    /// Status code.
    pub const fn status(&self) -> Status {
        self.status
    }

    /// The answer in words; a refusal with the HTTP status, where that is none of success.
    pub fn in_words(&self, answer: &Answer<'_>) -> String {
        let phrase = self.phrase().map(|phrase| format!(" {phrase}")).unwrap_or_default();
        let words = match answer {
            Answer::Refused(_) if !(200..300).contains(&self.status.0) => {
                format!("{answer}; HTTP {}{phrase}", self.status.0)
            }
            _ if phrase.is_empty() => answer.to_string(),
            _ => format!("{answer};{phrase}"),
        };
        self.shown(&words)
    }

    /// Words as they may be printed: without a secret, and with nothing that drives a terminal.
    pub fn shown(&self, words: &str) -> String {
        super::harmless(&self.secrets.masked(words))
    }
}

/// Why there is no reply.
pub enum Lost {
    /// The request did not go out.
    NotSent(Failed),
    /// It may have been read.
    Unknown(String),
}

impl From<Failed> for Lost {
    fn from(failed: Failed) -> Self {
        Self::NotSent(failed)
    }
}

impl Lost {
    /// Why a command failed, in words, and as JSON where that is asked for.
    pub fn told(self, json: bool) -> Failed {
        let (mut failed, said) = match self {
            Self::NotSent(failed) => {
                let said = json!({ "sent": false, "error": failed.sentence });
                (failed, said)
            }
            Self::Unknown(why) => {
                let words = format!("unknown: {why}; the request may have done what it asks");
                (Failed::input(words), json!({ "advice": Advice::Unknown, "error": why }))
            }
        };
        if json && failed.output.is_empty() {
            failed.output = super::pretty(&said);
        }
        failed
    }
}

/// An answer without the words of a login that is not understood: a key may stand in them.
pub fn harmless_of<'a>(answer: Answer<'a>, is_login: bool) -> Answer<'a> {
    match answer {
        Answer::Refused(Refusal { reason: Reason::Unknown, .. }) if is_login => {
            // A login that failed has done nothing.
            Answer::Refused(Refusal::new(Reason::Other, Text::plain("the answer is no key")))
        }
        answer => answer,
    }
}

/// The asking end of an interface.
pub struct Client<'a> {
    http: reqwest::Client,
    /// Where the interface is.
    pub via: &'a Via,
    /// The interface.
    pub api: &'static Api,
    /// Who asks.
    pub known: &'a Known,
    /// Whether requests are printed on standard error.
    pub verbose: bool,
}

impl<'a> Client<'a> {
    /// A client. It follows no redirect: a request that was moved would be another one.
    ///
    /// # Errors
    /// One sentence.
    pub fn new(
        via: &'a Via,
        api: &'static Api,
        known: &'a Known,
        verbose: bool,
    ) -> Result<Self, Failed> {
        install_tls();
        let builder = || {
            let builder = reqwest::Client::builder()
                .redirect(redirect::Policy::none())
                .timeout(PATIENCE)
                .user_agent(concat!("septet/", env!("CARGO_PKG_VERSION")));
            if via.is_loopback() { builder.no_proxy() } else { builder }
        };
        let http = builder().build().or_else(|_| {
            // Where the system has no trusted certificates http works all the same.
            builder().tls_certs_only([]).build()
        });
        let http = http.map_err(|e| Failed::input(format!("cannot ask: {}", causes(&e))))?;
        Ok(Self { http, via, api, known, verbose })
    }

    /// Makes the request, logging in before where the call wants a session, and once more where the
    /// session turns out to be over.
    ///
    /// # Errors
    /// One sentence, or that nobody knows what became of it.
    pub async fn ask(
        &self,
        call: &'static dyn Endpoint,
        made: Made<'_>,
        how: &How,
    ) -> Result<Received, Lost> {
        match access(self.api, call, self.known)? {
            Access::Free => self.ask_as(call, made, None, how).await,
            Access::Given(scheme) => {
                self.ask_as(call, made, Some(&self.known.of_scheme(scheme)), how).await
            }
            Access::Session => {
                let session = self.login().await?;
                let received = self.ask_as(call, made, Some(&session), how).await?;
                if call.parse_reply(&received.reply()).advice() != Advice::LogIn {
                    return Ok(received);
                }
                let session = self.login().await?;
                self.ask_as(call, made, Some(&session), how).await
            }
        }
    }

    /// Begins a session.
    async fn login(&self) -> Result<Owned, Failed> {
        let name = self.api.name;
        let call = login(self.api)
            .ok_or_else(|| Failed::input(format!("no call of {name} begins a session")))?;
        let credentials = match access(self.api, call, self.known)? {
            Access::Given(scheme) => self.known.of_scheme(scheme),
            Access::Free | Access::Session => {
                return Err(Failed::input(format!("{} asks for no password", call.name())));
            }
        };
        let made = Made::Op(&Login::Session);
        let asked = self.ask_as(call, made, Some(&credentials), &How::default()).await;
        let received = asked.map_err(|lost| match lost {
            Lost::NotSent(failed) => failed,
            // A login that is lost has done nothing.
            Lost::Unknown(why) => Failed::input(why),
        })?;
        match harmless_of(call.parse_reply(&received.reply()), true) {
            Answer::LoggedIn { user, key } => {
                Ok(Owned::Session(user.to_string(), key.0.to_string()))
            }
            answer => {
                Err(Failed::input(format!("{}: {}", call.name(), received.in_words(&answer))))
            }
        }
    }

    async fn ask_as(
        &self,
        call: &'static dyn Endpoint,
        made: Made<'_>,
        owned: Option<&Owned>,
        how: &How,
    ) -> Result<Received, Lost> {
        let write = |credentials: Option<Credentials<'_>>| -> Result<(Url, Written), Failed> {
            let request = written(call, made, credentials.as_ref(), how)
                .map_err(|error| super::unwritable(call, error))?;
            Ok((self.via.url(self.api, call, &request)?, request))
        };
        let (url, request) = write(owned.map(Owned::credentials))?;
        if self.verbose {
            let masked = owned.map(Owned::masked);
            let (url, request) = write(masked.as_ref().map(Owned::credentials))?;
            eprint!("{}", shown(&url, &request));
        }
        let mut received = self.exchange(url, request).await?;
        received.secrets = self.known.secrets();
        if let Some(Owned::Session(_, key)) = owned {
            received.secrets.add(key);
        }
        Ok(received)
    }

    async fn exchange(&self, url: Url, request: Written) -> Result<Received, Lost> {
        let mut place = url.clone();
        place.set_query(None);
        if url.as_str().len() > URL_MAX {
            let words = format!("the URL would have more than {URL_MAX} octets; a POST has room");
            return Err(Lost::NotSent(Failed::input(words)));
        }
        let mut builder = match request.method {
            Method::Get => self.http.get(url),
            Method::Post => self.http.post(url).body(request.body),
            Method::Delete => self.http.delete(url),
        };
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        if let Some(content_type) = request.content_type {
            builder = builder.header(CONTENT_TYPE, content_type);
            if content_type.starts_with("application/json") {
                builder = builder.header(ACCEPT, "application/json");
            }
        }
        // The URL may have a secret in its query.
        let lost = |error: reqwest::Error| {
            let is_unsent = error.is_connect() || error.is_builder();
            let why = causes(&error.without_url());
            if is_unsent {
                Lost::NotSent(Failed::input(format!("cannot reach {place}: {why}")))
            } else {
                Lost::Unknown(format!("no reply came from {place}: {why}"))
            }
        };
        let mut response = builder.send().await.map_err(lost)?;
        let status = Status(response.status().as_u16());
        let content_type = response.headers().get(CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let content_type = content_type.to_owned();
        let phrase = response.extensions().get::<ReasonPhrase>();
        let phrase = phrase.map(|own| String::from_utf8_lossy(own.as_bytes()).into_owned());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            body.extend_from_slice(&chunk);
            if body.len() > REPLY_MAX {
                return Err(Lost::Unknown(format!("the reply of {place} has no end")));
            }
        }
        Ok(Received { status, content_type, body, phrase, secrets: Secrets::default() })
    }
}

/// A request in words, as it goes over the line.
fn shown(url: &Url, request: &Written) -> String {
    let mut words = format!("> {} {url}\n", request.method);
    for (name, value) in &request.headers {
        // Base64 hides the mask.
        let scheme = value.split_once(' ').map_or("", |(scheme, _)| scheme);
        let is_basic = scheme.eq_ignore_ascii_case("basic");
        let value =
            if is_basic { format!("{scheme} {}", super::credentials::MASK) } else { value.clone() };
        words += &format!("> {name}: {value}\n");
    }
    if let Some(content_type) = request.content_type {
        words += &format!("> Content-Type: {content_type}\n");
    }
    if !request.body.is_empty() {
        for line in String::from_utf8_lossy(&request.body).lines() {
            words += &format!("> {}\n", super::harmless(line));
        }
    }
    words
}

/// An answer as JSON, with its status and advice. No secret is in it.
pub fn as_json(received: &Received, answer: &Answer<'_>) -> Value {
    let value = match answer {
        Answer::LoggedIn { user, .. } => json!({ "logged_in": { "user": user } }),
        answer => json!(answer),
    };
    let (status, advice) = (received.status(), answer.advice());
    let mut said = json!({ "status": status, "advice": advice, "answer": value });
    if let Some(phrase) = received.phrase() {
        said["phrase"] = json!(phrase);
    }
    received.secrets.masked_json(said)
}
