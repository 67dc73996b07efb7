//! Reading and writing what every call has in common, by what a call says of itself: one function for
//! all of them, so that a board that speaks to many vendors has the code once.

use arrayvec::ArrayVec;

use super::Call;
use super::credentials::{Credentials, Scheme};
use super::http::{Emitted, How, Method, Request};
use super::refusal::{Reason, Refusal};
use crate::error::{Error, ErrorKind};
use crate::fields::{Body, Captures, Carrier, Sink, Source, captured};
use crate::form::FormReader;
use crate::json;
use crate::multipart::MultipartReader;
use crate::text::{Charset, Text, pieces};
use crate::wire::Writer;

/// What a call says of itself: see [`Call`].
pub struct Facts {
    /// See [`Call::NAME`].
    pub name: &'static str,
    /// See [`Call::METHODS`].
    pub methods: &'static [Method],
    /// See [`Call::PATHS`].
    pub paths: &'static [&'static str],
    /// See [`Call::SCHEMES`].
    pub schemes: &'static [Scheme],
    /// See [`Call::BODY_MAX`].
    pub body_max: usize,
    ignore_case: bool,
    carriers: &'static [Carrier],
    otherwise: Option<Carrier>,
    charset: Charset,
    charset_field: Option<&'static str>,
    rules: &'static [(&'static str, &'static str)],
    content_type: fn(Carrier) -> &'static str,
    reason: fn(&Error) -> Option<Reason>,
}

/// What writes the fields of a request.
pub(super) type EmitFields<'f> = dyn Fn(&mut Sink<'_, '_>) -> Result<(), Error> + 'f;

/// The charset with this name, in upper or lower case, where a vendor has it.
fn charset_named(name: Text<'_>) -> Option<Charset> {
    let is = |known: &str| name.chars().map(|c| c.to_ascii_lowercase()).eq(known.chars());
    if is("utf-8") || is("utf8") {
        Some(Charset::Utf8)
    } else if is("iso-8859-1") || is("latin1") {
        Some(Charset::Latin1)
    } else {
        None
    }
}

/// The name that errors of a body have for a field whose content type nobody knows.
const CONTENT_TYPE: &str = "Content-Type";

impl Facts {
    /// What this call says.
    pub(super) const fn of<C: Call>() -> Self {
        Self {
            name: C::NAME,
            body_max: C::BODY_MAX,
            methods: C::METHODS,
            paths: C::PATHS,
            ignore_case: C::IGNORE_CASE,
            carriers: C::CARRIERS,
            otherwise: C::OTHERWISE,
            schemes: C::SCHEMES,
            charset: C::CHARSET,
            charset_field: C::CHARSET_FIELD,
            rules: C::RULES,
            content_type: C::content_type,
            reason: C::reason,
        }
    }

    /// The values that the path has where one of [`Call::PATHS`] has names; `None` where it is none of
    /// them.
    pub fn captures<'a>(&self, path: &'a str) -> Option<Captures<'a>> {
        self.paths.iter().find_map(|template| Captures::new(template, path, self.ignore_case))
    }

    /// The body of a request, by its content type.
    fn body<'a>(&self, request: &Request<'a>) -> Result<Body<'a>, Error> {
        let octets = request.body;
        if octets.is_empty() || request.method != Method::Post {
            return Ok(Body::Empty);
        }
        let content_type = request.header(CONTENT_TYPE).unwrap_or_default();
        let known = Carrier::of_content_type(content_type);
        let carrier = known.filter(|known| self.carriers.contains(known)).or(self.otherwise);
        Ok(match carrier.ok_or(ErrorKind::Value.at(CONTENT_TYPE, 0))? {
            Carrier::Form => Body::Form(FormReader::new(octets, self.charset)),
            Carrier::Multipart => {
                Body::Multipart(MultipartReader::new(octets, content_type, self.charset)?)
            }
            Carrier::Json => {
                let value = json::Value::read(octets)?;
                if !matches!(value.kind(), json::Kind::Object(_)) {
                    return Err(ErrorKind::Value.at(json::DOCUMENT, value.at()));
                }
                Body::json(value)
            }
        })
    }

    /// The pairs of a request, unchecked.
    ///
    /// # Errors
    /// What is wrong with the body as a whole, or with the charset that a field names.
    pub fn source<'a>(&self, request: &Request<'a>) -> Result<Source<'a>, Error> {
        let captures = self.captures(request.path).unwrap_or(Captures::NONE);
        let query = FormReader::new(request.query, self.charset);
        let source = Source::new(captures, self.body(request)?, query);
        let charset = match self.charset_field.map(|name| (name, source.find(name))) {
            Some((name, Some(raw))) if !raw.is_empty() => {
                raw.text().ok().and_then(charset_named).ok_or(ErrorKind::Value.at(name, 0))?
            }
            _ => request.charset.unwrap_or(self.charset),
        };
        let is_latin1 = charset == Charset::Latin1;
        Ok(source.with_charset(if is_latin1 { request.latin1 } else { charset }))
    }

    /// Who asks; `None` of a callback.
    ///
    /// # Errors
    /// The field or header that is missing or cannot be read.
    pub fn credentials<'a>(&self, request: &Request<'a>) -> Result<Option<Credentials<'a>>, Error> {
        let Some(first) = self.schemes.first() else { return Ok(None) };
        let whole = self.source(request);
        // Header and query say who asks also where the body cannot be read.
        let source = whole
            .or_else(|error| self.source(&Request { body: &[], ..*request }).map_err(|_| error))?;
        for scheme in self.schemes {
            let found = scheme.read(request, source)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        match whole {
            Err(error) if !first.stands_in_headers() => Err(error),
            _ => Err(ErrorKind::Missing.at(first.first_name(), 0)),
        }
    }

    /// The refusal of a request that cannot be read.
    pub fn refusal(&self, error: Error) -> Refusal<'static> {
        let refusal = Refusal::from(error);
        let refusal =
            Refusal { reason: (self.reason)(&error).unwrap_or(refusal.reason), ..refusal };
        let rule = self.rules.iter().find(|(field, _)| *field == error.field);
        match (error.kind, rule) {
            (ErrorKind::Value | ErrorKind::TooLong, Some((_, words))) => {
                Refusal { detail: Text::plain(words), ..refusal }
            }
            _ => refusal,
        }
    }

    /// Writes a request: its path, its query, the values of its headers, its body.
    pub(super) fn emit<'b>(
        &self,
        credentials: Option<&Credentials<'_>>,
        ask: &EmitFields<'_>,
        how: &How,
        buffer: &'b mut [u8],
    ) -> Result<Emitted<'b>, Error> {
        let method = how.method.or(self.methods.first().copied()).unwrap_or(Method::Get);
        let charset = how.charset.unwrap_or(self.charset);
        let scheme = match credentials {
            None => None,
            Some(credentials) => {
                let scheme = self.schemes.iter().find(|scheme| scheme.carries(credentials));
                let wanted =
                    self.schemes.first().map_or(CONTENT_TYPE, |scheme| scheme.first_name());
                Some((*scheme.ok_or(ErrorKind::Missing.at(wanted, 0))?, credentials))
            }
        };
        let mut w = Writer::new(buffer);
        let template = write_path(self.paths, ask, &mut w)?;
        let path = w.len();
        let fields = |w: &mut Writer<'_>, carrier| {
            let mut sink = Sink::new(w, carrier, charset)?.without(template);
            if let Some((scheme, credentials)) = scheme {
                scheme.emit_fields(credentials, &mut sink)?;
            }
            ask(&mut sink)?;
            sink.finish()
        };
        let has_body = method == Method::Post;
        if !has_body {
            fields(&mut w, Carrier::Form)?;
        }
        let query = w.len();
        let headers = match scheme {
            Some((scheme, credentials)) => scheme.emit_headers(credentials, &mut w)?,
            None => ArrayVec::new(),
        };
        let carrier = how.carrier.filter(|carrier| self.carriers.contains(carrier));
        let carrier = carrier.or(self.carriers.first().copied()).unwrap_or(Carrier::Form);
        if has_body {
            fields(&mut w, carrier)?;
        }
        let content_type = has_body.then_some((self.content_type)(carrier));
        divided(w.into_written(), method, content_type, &Ends { path, query, headers })
    }
}

/// Where each piece of a request ends that is being written.
struct Ends {
    path: usize,
    query: usize,
    headers: ArrayVec<(&'static str, usize), 2>,
}

/// The pieces of a request that was written.
fn divided<'b>(
    written: &'b [u8],
    method: Method,
    content_type: Option<&'static str>,
    ends: &Ends,
) -> Result<Emitted<'b>, Error> {
    let text = |from: usize, to: usize| {
        // Paths, queries and headers are written in ASCII.
        core::str::from_utf8(written.get(from..to).unwrap_or_default())
            .map_err(|_| ErrorKind::Charset.at("", from))
    };
    let mut start = ends.query;
    let mut headers = ArrayVec::new();
    for (name, end) in &ends.headers {
        let _ = headers.try_push((*name, text(start, *end)?));
        start = *end;
    }
    Ok(Emitted {
        method,
        path: text(0, ends.path)?,
        query: text(ends.path, ends.query)?,
        headers,
        content_type,
        body: written.get(start..).unwrap_or_default(),
    })
}

/// Writes the first path of whose names the request has every value, and returns its template.
fn write_path(
    templates: &'static [&'static str],
    ask: &EmitFields<'_>,
    w: &mut Writer<'_>,
) -> Result<&'static str, Error> {
    let names = |template: &'static str| pieces(template, b'/').filter_map(captured);
    let has = |name: &'static str| {
        let mut probe = [0; 512];
        let mut probe = Writer::new(&mut probe);
        let emitted = ask(&mut Sink::only(&mut probe, name));
        emitted.is_ok() && !probe.is_empty()
    };
    let Some(template) = templates.iter().find(|template| names(template).all(has)) else {
        return match templates.first() {
            // A callback has no path of its own.
            None => Ok(""),
            Some(template) => Err(ErrorKind::Missing.at(names(template).next().unwrap_or(""), 0)),
        };
    };
    for segment in pieces(template, b'/').skip(1) {
        w.text("/")?;
        match names(segment).next() {
            Some(name) => ask(&mut Sink::only(w, name))?,
            None => w.text(segment)?,
        }
    }
    Ok(template)
}
