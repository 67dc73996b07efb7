//! A request as it goes out: written by a call from fields or from what is asked, and where it goes.

use clap::Args;
use septet::api::{Api, Asked, Credentials, Emitted, Endpoint, How, Login, Method, Op, Request};
use septet::error::{Error, ErrorKind};
use septet::fields::{Body, Carrier, Source};
use septet::form::FormReader;
use septet::json;
use septet::text::Charset;
use serde_json::Value as Json;
use url::{Url, form_urlencoded};

use crate::Failed;
use crate::callbacks::Policy;

/// How a request is written, where its call leaves a choice.
#[derive(Clone, Debug, Default, Args)]
pub struct Choice {
    /// The method, where the call has several
    #[arg(long, value_parser = method)]
    method: Option<Method>,
    /// What carries the fields of a body: form, multipart or json
    #[arg(long, value_parser = carrier)]
    carrier: Option<Carrier>,
    /// The charset of the fields: utf-8 or iso-8859-1
    #[arg(long, value_parser = charset)]
    charset: Option<Charset>,
}

/// What has a name is found by it, else the names are told.
fn named<T: Copy>(name: &str, known: &[(&str, T)]) -> Result<T, String> {
    let found = known.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        format!("known are {}", names.join(", "))
    })
}

fn method(name: &str) -> Result<Method, String> {
    named(name, &Method::ALL.map(|method| (method.name(), method)))
}

/// Carriers by name.
pub const CARRIERS: [(&str, Carrier); 3] =
    [("form", Carrier::Form), ("multipart", Carrier::Multipart), ("json", Carrier::Json)];

fn carrier(name: &str) -> Result<Carrier, String> {
    named(name, &CARRIERS)
}

/// Charsets by the names that HTTP has for them.
const CHARSETS: [(&str, Charset); 2] = [("utf-8", Charset::Utf8), ("iso-8859-1", Charset::Latin1)];

/// The charset of this name.
///
/// # Errors
/// The names that are known.
pub fn charset(name: &str) -> Result<Charset, String> {
    named(name, &CHARSETS)
}

/// The name of a charset.
pub fn charset_name(charset: Charset) -> &'static str {
    CHARSETS.iter().find(|(_, own)| *own == charset).map_or("", |(name, _)| *name)
}

/// Words with commas between them.
pub fn listed(words: impl IntoIterator<Item = impl ToString>) -> String {
    words.into_iter().map(|word| word.to_string()).collect::<Vec<_>>().join(", ")
}

/// The name of a carrier.
pub fn carrier_name(carrier: Carrier) -> &'static str {
    CARRIERS.iter().find(|(_, own)| *own == carrier).map_or("", |(name, _)| *name)
}

impl Choice {
    /// This charset, and else nothing.
    #[cfg(test)]
    pub fn of_charset(charset: Charset) -> Self {
        Self { charset: Some(charset), ..Self::default() }
    }

    /// Whether nothing is chosen.
    pub const fn is_none(&self) -> bool {
        self.method.is_none() && self.carrier.is_none() && self.charset.is_none()
    }

    /// The choice, where the call leaves it.
    ///
    /// # Errors
    /// One sentence that names what the call has.
    pub fn how(&self, call: &dyn Endpoint) -> Result<How, Failed> {
        let Self { method, carrier, charset } = *self;
        let name = call.name();
        if let Some(method) = method.filter(|method| !call.methods().contains(method)) {
            let methods = listed(call.methods());
            return Err(Failed::input(format!("{name} is no {method}: {methods}")));
        }
        let first = call.methods().first().copied();
        if let Some(carrier) = carrier {
            let carriers = listed(call.carriers().iter().map(|own| carrier_name(*own)));
            if let Some(method) = method.or(first).filter(|method| *method != Method::Post) {
                return Err(Failed::input(format!(
                    "{name} has no body by {method}, so that --carrier says nothing"
                )));
            }
            if !call.carriers().contains(&carrier) {
                let carrier = carrier_name(carrier);
                return Err(Failed::input(format!("no {carrier} carries {name}: {carriers}")));
            }
        }
        Ok(How { method, carrier, charset })
    }
}

/// A field of the command line, as `name=value`.
pub type Field = (String, String);

/// Reads `name=value`.
///
/// # Errors
/// What is expected.
pub fn field(text: &str) -> Result<Field, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write name=value".to_owned()),
    }
}

/// Fields as the document that a call reads them from.
#[derive(Clone, Debug)]
pub enum Document {
    /// A form.
    Form(String),
    /// A JSON object.
    Json(String),
}

impl Document {
    /// The document of these fields. Where JSON carries the call, a value that is JSON but no string
    /// is taken as such, and a name that is there several times is a list.
    pub fn new(fields: &[Field], call: &dyn Endpoint) -> Self {
        if !call.carriers().contains(&Carrier::Json) {
            let mut form = form_urlencoded::Serializer::new(String::new());
            return Self::Form(form.extend_pairs(fields).finish());
        }
        let mut names: Vec<&str> = Vec::new();
        for (name, _) in fields {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        let members = names.into_iter().map(|name| {
            let of_name = fields.iter().filter(|(own, _)| own == name);
            let values: Vec<String> = of_name.map(|(_, value)| json_value(value)).collect();
            let name = Json::from(name);
            match values.as_slice() {
                [value] => format!("{name}:{value}"),
                values => format!("{name}:[{}]", values.join(",")),
            }
        });
        Self::Json(format!("{{{}}}", members.collect::<Vec<_>>().join(",")))
    }

    /// The fields.
    ///
    /// # Errors
    /// Of JSON that is nested too deeply.
    fn source(&self) -> Result<Source<'_>, Error> {
        Ok(match self {
            Self::Form(form) => Source::of_form(FormReader::new(form.as_bytes(), Charset::Utf8)),
            Self::Json(object) => {
                Source::of_body(Body::json(json::Value::read(object.as_bytes())?))
            }
        })
    }
}

/// The value as JSON. What is JSON already stays as it is written: a number keeps its digits.
fn json_value(text: &str) -> String {
    match serde_json::from_str(text) {
        Err(_) | Ok(Json::String(_)) => Json::from(text).to_string(),
        Ok(_) => text.trim().to_owned(),
    }
}

/// What a request is made of.
#[derive(Clone, Copy)]
pub enum Made<'a> {
    /// Of fields, whatever they mean.
    Fields(&'a Document),
    /// Of what is asked.
    Op(&'a dyn Asks),
}

/// Something that can be asked, by anybody.
pub trait Asks: Sync {
    /// Hands it to `take`, which is called once.
    fn asked(&self, credentials: Option<&Credentials<'_>>, take: &mut dyn FnMut(&Asked<'_>));
}

impl Asks for Login {
    fn asked(&self, credentials: Option<&Credentials<'_>>, take: &mut dyn FnMut(&Asked<'_>)) {
        take(&Asked { credentials: credentials.copied(), op: Op::Login(*self) });
    }
}

/// A request as it was written, owned.
#[derive(Clone)]
pub struct Written {
    /// Method.
    pub method: Method,
    /// Path, escaped; empty in a callback.
    pub path: String,
    /// Query, escaped.
    pub query: String,
    /// Headers, by name and value.
    pub headers: Vec<(&'static str, String)>,
    /// `Content-Type` of the body; `None` where there is no body.
    pub content_type: Option<&'static str>,
    /// Body.
    pub body: Vec<u8>,
}

/// The most octets of a request.
const REQUEST_MAX: usize = 16 * 1024 * 1024;

/// Writes a request, given room enough.
///
/// # Errors
/// The field that the call or the charset cannot carry.
pub fn written(
    call: &dyn Endpoint,
    made: Made<'_>,
    credentials: Option<&Credentials<'_>>,
    how: &How,
) -> Result<Written, Error> {
    let mut room = 4096;
    loop {
        match written_into(call, made, credentials, how, &mut vec![0; room]) {
            Err(Error { kind: ErrorKind::Full, .. }) if room < REQUEST_MAX => room *= 4,
            written => return written,
        }
    }
}

fn written_into(
    call: &dyn Endpoint,
    made: Made<'_>,
    credentials: Option<&Credentials<'_>>,
    how: &How,
    buffer: &mut [u8],
) -> Result<Written, Error> {
    match made {
        Made::Fields(document) => {
            call.emit_fields(credentials, document.source()?, how, buffer).map(Written::from)
        }
        Made::Op(asks) => {
            let mut written = Err(ErrorKind::Missing.at(call.name(), 0));
            asks.asked(credentials, &mut |asked| {
                written = call.emit_request(asked, how, buffer).map(Written::from);
            });
            written
        }
    }
}

impl Written {
    /// Hands the request to `take` as the answering end gets it; `charset` is the one that is known
    /// without the request.
    pub fn received<R>(&self, charset: Option<Charset>, take: impl FnOnce(&Request<'_>) -> R) -> R {
        let mut headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.extend(self.content_type.map(|content_type| ("Content-Type", content_type)));
        let read = Request::new(self.method, &self.path, self.query.as_bytes(), &self.body);
        take(&Request { headers: &headers, charset, ..read })
    }
}

impl From<Emitted<'_>> for Written {
    fn from(emitted: Emitted<'_>) -> Self {
        let headers = emitted.headers.iter();
        Self {
            method: emitted.method,
            path: emitted.path.to_owned(),
            query: emitted.query.to_owned(),
            headers: headers.map(|(name, value)| (*name, (*value).to_owned())).collect(),
            content_type: emitted.content_type,
            body: emitted.body.to_vec(),
        }
    }
}

/// Where an interface is.
#[derive(Clone, Debug)]
pub struct Via(Url);

/// Reads the URL of an interface.
///
/// # Errors
/// What is wrong with it.
pub fn via(text: &str) -> Result<Via, String> {
    let url = Policy::read(text).ok_or("write a URL of http or https")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("credentials have no place in the URL: see --credentials".to_owned());
    }
    if url.fragment().is_some() {
        return Err("a request has no place for what follows the #".to_owned());
    }
    Ok(Via(url))
}

impl Via {
    /// Where a request of this call goes. A path of the URL takes the place of what the paths of the
    /// interface begin with; a callback goes to the URL itself.
    ///
    /// # Errors
    /// One sentence, where the URL has a query that no call keeps.
    pub fn url(&self, api: &Api, call: &dyn Endpoint, request: &Written) -> Result<Url, Failed> {
        let Self(via) = self;
        let mut url = via.clone();
        let mut query = request.query.clone();
        if call.paths().is_empty() {
            if let Some(own) = via.query().filter(|own| call.keeps_query() && !own.is_empty()) {
                query = if query.is_empty() { own.to_owned() } else { format!("{own}&{query}") };
            }
        } else {
            if via.query().is_some() {
                let name = call.name();
                return Err(Failed::input(format!("{name} has no place for the query of {via}")));
            }
            let own = via.path().trim_end_matches('/');
            let path = request.path.as_str();
            let rest = path.strip_prefix(api.base).filter(|rest| rest.starts_with('/'));
            match own {
                "" => url.set_path(path),
                // It is a path of the call, whole.
                own if call.captures(own).is_some() => {}
                own => url.set_path(&format!("{own}{}", rest.unwrap_or(path))),
            }
        }
        url.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
        Ok(url)
    }

    /// Whether it is on this machine, where no proxy leads.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use septet::api::api_named;

    fn request(path: &str, query: &str) -> Written {
        let (path, query) = (path.to_owned(), query.to_owned());
        let (headers, body) = (Vec::new(), Vec::new());
        Written { method: Method::Get, path, query, headers, content_type: None, body }
    }

    #[test]
    fn a_path_of_the_url_takes_the_place_of_the_base() {
        let api = api_named("gatewayapi-v2").unwrap();
        let call = api.call("sendsms").unwrap();
        let request = request("/legacy/http/v2/sendsms", "a=b");
        let url = |text: &str| via(text).unwrap().url(api, call, &request).map(|url| url.into());
        let goes = |text: &str| -> String { url(text).unwrap() };
        assert_eq!(goes("http://x"), "http://x/legacy/http/v2/sendsms?a=b");
        assert_eq!(goes("http://x/"), "http://x/legacy/http/v2/sendsms?a=b");
        assert_eq!(goes("http://x/own"), "http://x/own/sendsms?a=b");
        assert_eq!(goes("https://x:1/own/v2/"), "https://x:1/own/v2/sendsms?a=b");
        let error: Result<String, Failed> = url("http://x/?c=d");
        assert_eq!(
            error.unwrap_err().sentence,
            "sendsms has no place for the query of http://x/?c=d"
        );
    }

    #[test]
    fn a_callback_goes_to_the_url_and_keeps_its_query_where_the_vendor_does() {
        let api = api_named("gatewayapi-v2").unwrap();
        let url = |call: &str, query: &str| {
            let call = api.call(call).unwrap();
            let via = via("http://x/own?c=d").unwrap();
            via.url(api, call, &request("", query)).unwrap().to_string()
        };
        assert_eq!(url("dsn", "a=b"), "http://x/own?a=b");
        assert_eq!(url("mo", "a=b"), "http://x/own?c=d&a=b");
        assert_eq!(url("mo", ""), "http://x/own?c=d");
        assert_eq!(url("dsn", ""), "http://x/own");
    }

    #[test]
    fn a_url_has_no_credentials() {
        for url in ["ftp://x", "x", "http://a:b@x/", "http://a@x/", "http://x/#a"] {
            assert!(via(url).is_err(), "{url}");
        }
    }

    #[test]
    fn json_stays_as_it_is_written() {
        for (text, json) in [
            ("Hello", "\"Hello\""),
            ("\"Hello\"", "\"\\\"Hello\\\"\""),
            ("007", "\"007\""),
            ("12345678901234567890123.10", "12345678901234567890123.10"),
            (" [1, \"2\"] ", "[1, \"2\"]"),
            ("true", "true"),
            ("null", "null"),
            ("", "\"\""),
        ] {
            assert_eq!(json_value(text), json);
        }
    }
}
