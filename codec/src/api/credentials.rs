//! Who asks: the schemes by which the vendors' interfaces carry it, both ends.

use core::fmt;

use crate::error::{Error, ErrorKind};
use crate::fields::{Fields, Sink, Source};
use crate::octets::{Coding, Octets};
use crate::text::{Charset, Secret, Text, cut};
use crate::wire::Writer;

use super::http::Request;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Credentials<'a> {
    /// A name and a password.
    Password {
        /// Name.
        user: Text<'a>,
        /// Password.
        password: Secret<'a>,
    },
    /// A key of an account, and mostly the account's number.
    Key {
        /// The account's number.
        account: Option<Text<'a>>,
        /// The key.
        key: Secret<'a>,
    },
    /// A token that stands for an account.
    Token(Secret<'a>),
    /// The key of a session that a login began.
    Session {
        /// The user key.
        user: Text<'a>,
        /// The session's key.
        key: Secret<'a>,
    },
    /// A token of a user that a login gave.
    AccessToken {
        /// The user key.
        user: Text<'a>,
        /// The token.
        token: Secret<'a>,
    },
}

/// The value of an `Authorization` header.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Authorization<'a> {
    /// There is none.
    Absent,
    /// `Basic`: a name and a password, which may be empty.
    Basic(Text<'a>, Secret<'a>),
    /// `Bearer`: a token.
    Bearer(Secret<'a>),
    /// Another scheme, or one that cannot be read.
    Malformed,
}

impl fmt::Debug for Authorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("Absent"),
            Self::Basic(user, password) => write!(f, "Basic({user:?}, {password:?})"),
            Self::Bearer(token) => write!(f, "Bearer({token:?})"),
            Self::Malformed => f.write_str("Malformed"),
        }
    }
}

impl<'a> Authorization<'a> {
    /// Reads the value of the header; what a `Basic` one decodes to stands in `buffer`.
    ///
    /// The scheme's name is compared without regard to case. Octets that are no UTF-8 are read as ISO
    /// 8859-1 (RFC 7617, section 3).
    pub fn read(value: &'a str, buffer: &'a mut [u8]) -> Self {
        let (scheme, rest) = cut(value.trim(), b' ').unwrap_or((value.trim(), ""));
        let rest = rest.trim_start();
        if scheme.eq_ignore_ascii_case("Bearer") && !rest.is_empty() {
            return Self::Bearer(Secret(Text::plain(rest)));
        }
        if !scheme.eq_ignore_ascii_case("Basic") {
            return Self::Malformed;
        }
        let mut w = Writer::new(buffer);
        let decoded = Octets::coded(Text::plain(rest), Coding::Base64)
            .and_then(|octets| octets.iter().try_for_each(|octet| w.octet(octet)));
        let octets = w.into_written();
        let text = Text::octets(octets, Charset::Utf8)
            .or_else(|_| Text::octets(octets, Charset::Windows1252));
        match (decoded, text.ok().and_then(|text| text.split_once(|c| c == ':'))) {
            (Ok(()), Some((user, _, password))) => Self::Basic(user, Secret(password)),
            _ => Self::Malformed,
        }
    }
}

/// How credentials stand in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `Authorization: Basic` with name and password.
    Basic,
    /// `Authorization: Basic` with a key for a password, its name empty or the account's number.
    BasicKey,
    /// `Authorization: Bearer`.
    Bearer,
    /// Fields with name and password.
    Fields {
        /// The field of the name.
        user: &'static str,
        /// The field of the password.
        password: &'static str,
    },
    /// Fields with the account's number and a key.
    KeyFields {
        /// The field of the account's number.
        account: &'static str,
        /// The field of the key.
        key: &'static str,
    },
    /// A field with a token.
    TokenField(&'static str),
    /// Headers with a user key, and the key of a session.
    SessionHeaders {
        /// The header of the user key.
        user: &'static str,
        /// The header of the session's key.
        key: &'static str,
    },
    /// Headers with a user key, and a token.
    TokenHeaders {
        /// The header of the user key.
        user: &'static str,
        /// The header of the token.
        token: &'static str,
    },
}

impl Scheme {
    /// The credentials that a request has by this scheme: `None` where it has none of them.
    ///
    /// # Errors
    /// The header or field that is missing beside another one, or cannot be read.
    pub(super) fn read<'a>(
        self,
        request: &Request<'a>,
        source: Source<'a>,
    ) -> Result<Option<Credentials<'a>>, Error> {
        let field = |name: &'static str| {
            let raw = source.find(name).filter(|raw| !raw.is_null());
            raw.map(|raw| raw.text().map_err(|error| Error { field: name, ..error })).transpose()
        };
        let header = |name: &'static str| request.header(name).map(Text::plain);
        let given = |text: Option<Text<'a>>| text.filter(|text| !text.is_empty());
        let both = |names: [&'static str; 2], values: [Option<Text<'a>>; 2]| match values {
            [Some(one), Some(other)] => Ok(Some((one, Secret(other)))),
            [None, None] => Ok(None),
            [None, Some(_)] => Err(ErrorKind::Missing.at(names[0], 0)),
            [Some(_), None] => Err(ErrorKind::Missing.at(names[1], 0)),
        };
        Ok(match (self, request.authorization) {
            (Self::Basic | Self::BasicKey | Self::Bearer, Authorization::Malformed) => {
                return Err(ErrorKind::Malformed.at(AUTHORIZATION, 0));
            }
            (Self::Basic, Authorization::Basic(user, password)) => {
                Some(Credentials::Password { user, password })
            }
            (Self::BasicKey, Authorization::Basic(account, key)) => {
                Some(Credentials::Key { account: given(Some(account)), key })
            }
            (Self::Bearer, Authorization::Bearer(token)) => Some(Credentials::Token(token)),
            (Self::Fields { user, password }, _) => {
                both([user, password], [field(user)?, field(password)?])?
                    .map(|(user, password)| Credentials::Password { user, password })
            }
            (Self::KeyFields { account, key }, _) => {
                both([account, key], [given(field(account)?), given(field(key)?)])?
                    .map(|(account, key)| Credentials::Key { account: Some(account), key })
            }
            (Self::TokenField(name), _) => {
                given(field(name)?).map(|token| Credentials::Token(Secret(token)))
            }
            (Self::SessionHeaders { user, key }, _) => match header(key) {
                None => None,
                some => both([user, key], [header(user), some])?
                    .map(|(user, key)| Credentials::Session { user, key }),
            },
            (Self::TokenHeaders { user, token }, _) => match header(token) {
                None => None,
                some => both([user, token], [header(user), some])?
                    .map(|(user, token)| Credentials::AccessToken { user, token }),
            },
            _ => None,
        })
    }

    /// What is missing where a request has no credentials.
    pub(super) const fn first_name(self) -> &'static str {
        match self {
            Self::Basic | Self::BasicKey | Self::Bearer => AUTHORIZATION,
            Self::Fields { user: name, .. }
            | Self::KeyFields { account: name, .. }
            | Self::TokenField(name)
            | Self::SessionHeaders { user: name, .. }
            | Self::TokenHeaders { user: name, .. } => name,
        }
    }

    /// Whether it is headers that have the credentials.
    pub(super) const fn stands_in_headers(self) -> bool {
        match self {
            Self::Basic
            | Self::BasicKey
            | Self::Bearer
            | Self::SessionHeaders { .. }
            | Self::TokenHeaders { .. } => true,
            Self::Fields { .. } | Self::KeyFields { .. } | Self::TokenField(_) => false,
        }
    }

    /// Whether this is a header or field of the scheme.
    pub(crate) fn has_name(self, name: &str) -> bool {
        match self {
            Self::Basic | Self::BasicKey | Self::Bearer => name == AUTHORIZATION,
            Self::TokenField(own) => name == own,
            Self::Fields { user: one, password: other }
            | Self::KeyFields { account: one, key: other }
            | Self::SessionHeaders { user: one, key: other }
            | Self::TokenHeaders { user: one, token: other } => name == one || name == other,
        }
    }

    /// Whether the scheme carries such credentials.
    pub(super) const fn carries(self, credentials: &Credentials<'_>) -> bool {
        matches!(
            (self, credentials),
            (Self::Basic | Self::Fields { .. }, Credentials::Password { .. })
                | (Self::BasicKey, Credentials::Key { .. })
                | (Self::KeyFields { .. }, Credentials::Key { account: Some(_), .. })
                | (Self::Bearer | Self::TokenField(_), Credentials::Token(_))
                | (Self::SessionHeaders { .. }, Credentials::Session { .. })
                | (Self::TokenHeaders { .. }, Credentials::AccessToken { .. })
        )
    }
}

/// The header of HTTP's own schemes.
pub(super) const AUTHORIZATION: &str = "Authorization";

/// The most octets of a name with its password that are written as `Basic`.
const BASIC_MAX: usize = 512;

impl Scheme {
    /// Writes the fields of the scheme, where it has any.
    pub(super) fn emit_fields(
        self,
        credentials: &Credentials<'_>,
        sink: &mut Sink<'_, '_>,
    ) -> Result<(), Error> {
        match (self, *credentials) {
            (
                Self::Fields { user: name, password: secret },
                Credentials::Password { user, password },
            ) => {
                sink.text(name, user)?;
                sink.text(secret, password.0)
            }
            (Self::KeyFields { account: name, key: secret }, Credentials::Key { account, key }) => {
                sink.text(name, account.unwrap_or(Text::EMPTY))?;
                sink.text(secret, key.0)
            }
            (Self::TokenField(name), Credentials::Token(token)) => sink.text(name, token.0),
            _ => Ok(()),
        }
    }

    /// Writes the values of the scheme's headers, and returns their names with where each ends.
    pub(super) fn emit_headers(
        self,
        credentials: &Credentials<'_>,
        w: &mut Writer<'_>,
    ) -> Result<arrayvec::ArrayVec<(&'static str, usize), 2>, Error> {
        let mut headers = arrayvec::ArrayVec::new();
        let plain = |w: &mut Writer<'_>, text: Text<'_>| {
            let is_value = |c: char| c == ' ' || c.is_ascii_graphic();
            match text.chars().find(|c| !is_value(*c)) {
                // A line break would end the header.
                Some(c) => Err(ErrorKind::Unencodable(c).at(AUTHORIZATION, w.len())),
                None => text.emit(w, Charset::Utf8),
            }
        };
        let mut header = |name, w: &Writer<'_>| {
            let _ = headers.try_push((name, w.len()));
        };
        match (self, *credentials) {
            (Self::Basic, Credentials::Password { user, password }) => {
                basic(user, password, w)?;
                header(AUTHORIZATION, w);
            }
            (Self::BasicKey, Credentials::Key { account, key }) => {
                basic(account.unwrap_or(Text::EMPTY), key, w)?;
                header(AUTHORIZATION, w);
            }
            (Self::Bearer, Credentials::Token(token)) => {
                w.text("Bearer ")?;
                plain(w, token.0)?;
                header(AUTHORIZATION, w);
            }
            (
                Self::SessionHeaders { user: first, key: second },
                Credentials::Session { user, key: secret },
            )
            | (
                Self::TokenHeaders { user: first, token: second },
                Credentials::AccessToken { user, token: secret },
            ) => {
                plain(w, user)?;
                header(first, w);
                plain(w, secret.0)?;
                header(second, w);
            }
            _ => {}
        }
        Ok(headers)
    }
}

fn basic(user: Text<'_>, password: Secret<'_>, w: &mut Writer<'_>) -> Result<(), Error> {
    if user.chars().any(|c| c == ':') {
        // It would end the name (RFC 7617, section 2).
        return Err(ErrorKind::Unencodable(':').at(AUTHORIZATION, w.len()));
    }
    let mut buffer = [0; BASIC_MAX];
    let mut plain = Writer::new(&mut buffer);
    user.emit(&mut plain, Charset::Utf8)?;
    plain.octet(b':')?;
    password.0.emit(&mut plain, Charset::Utf8)?;
    w.text("Basic ")?;
    Octets::plain(plain.written()).emit(w, Coding::Base64)
}

/// Fields that are none: of a call that asks for nothing but who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoFields;

impl<'a> Fields<'a> for NoFields {
    const NAMES: &'static [&'static str] = &[];

    fn unread() -> Self {
        Self
    }

    fn fill(&mut self, _: &Source<'a>) -> Result<(), Error> {
        Ok(())
    }

    fn emit(&self, _: &mut Sink<'_, '_>) -> Result<(), Error> {
        Ok(())
    }
}
