//! `login`, `token` and `checksession`.

use super::KEYS;
use super::reply::{Done, Outcome, Place};
use crate::api::{Answer, Ask, Call, Login as Gives, Method, Op, Reason, Refusal, Scheme};
use crate::error::{Error, ErrorKind};
use crate::fields::{Fields, Sink, Source};
use crate::text::{Charset, Secret, Text};
use crate::wire::Writer;

/// Begins a session, which ends five minutes after its last call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Login;

/// Gives a token, which does not end by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token;

/// Whether the session lives still; it lives no longer for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckSession;

const PASSWORD: &[Scheme] =
    &[Scheme::Basic, Scheme::Fields { user: "username", password: "password" }];

/// A call that asks for nothing but who asks is its own request.
macro_rules! asks_by_name {
    ($($call:ident $name:literal $path:literal $schemes:ident $op:expr => $tell:ty;)*) => {$(
        impl Call for $call {
            const NAME: &'static str = $name;
            const METHODS: &'static [Method] = &[Method::Get];
            const PATHS: &'static [&'static str] = &[$path];
            const SCHEMES: &'static [Scheme] = $schemes;
            const CONTENT_TYPE: &'static str = "text/plain";
            const CHARSET: Charset = Charset::Utf8;
            type Ask<'a> = Self;
            type Tell<'a> = Outcome<'a, $tell>;
        }

        impl<'a> Fields<'a> for $call {
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

        impl<'a> Ask<'a> for $call {
            fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
                Ok($op)
            }

            fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
                if *op == $op { Ok(Self) } else { Err(ErrorKind::Value.at($name, 0)) }
            }
        }
    )*};
}

asks_by_name! {
    Login "login" "/API/v1.0/REST/login" PASSWORD Op::Login(Gives::Session) => Keys<'a>;
    Token "token" "/API/v1.0/REST/token" PASSWORD Op::Login(Gives::Token) => Keys<'a>;
    CheckSession "checksession" "/API/v1.0/REST/checksession" KEYS Op::CheckSession => IsAlive;
}

/// The user key, and the key of a session or a token: `USER_KEY;SESSION_KEY`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Keys<'a> {
    /// The user key.
    pub user: Text<'a>,
    /// The session's key, or the token.
    pub key: Secret<'a>,
}

impl<'a> Done<'a> for Keys<'a> {
    const CONTENT_TYPE: &'static str = "text/plain";
    const PLACE: Place = Place::Login;

    fn parse(body: &'a [u8]) -> Option<Self> {
        let body = Text::octets(body.trim_ascii(), Charset::Utf8).ok()?;
        let (user, _, key) = body.split_once(|c| c == ';')?;
        // A page of some program in between has semicolons, too.
        let is_key = |text: Text<'_>| {
            !text.is_empty()
                && text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | ';' | '"'))
        };
        (is_key(user) && is_key(key)).then_some(Self { user, key: Secret(key) })
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        self.user.emit(w, Charset::Utf8)?;
        w.octet(b';')?;
        self.key.0.emit(w, Charset::Utf8)
    }

    fn read(self) -> Answer<'a> {
        Answer::LoggedIn { user: self.user, key: self.key }
    }

    fn write(answer: &Answer<'a>) -> Option<Self> {
        match *answer {
            Answer::LoggedIn { user, key } => Some(Self { user, key }),
            _ => None,
        }
    }
}

/// Whether the session lives: `true` or `false`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct IsAlive(pub bool);

impl<'a> Done<'a> for IsAlive {
    const CONTENT_TYPE: &'static str = "text/plain";

    fn parse(body: &'a [u8]) -> Option<Self> {
        match body.trim_ascii() {
            b"true" => Some(Self(true)),
            b"false" => Some(Self(false)),
            _ => None,
        }
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        w.text(if self.0 { "true" } else { "false" })
    }

    fn read(self) -> Answer<'a> {
        Answer::Session(self.0)
    }

    fn write(answer: &Answer<'a>) -> Option<Self> {
        match answer {
            Answer::Session(is_alive) => Some(Self(*is_alive)),
            Answer::Refused(Refusal {
                reason: Reason::NoSession | Reason::WrongPassword, ..
            }) => Some(Self(false)),
            _ => None,
        }
    }
}
