//! `status`: what the account has left.

use super::query::asks_by_query;
use super::reply::{Done, emit_object, object};
use super::values::Untold;
use crate::api::{Answer, Ask, Credits, CreditsQuery, Op};
use crate::error::{Error, ErrorKind};
use crate::fields::{Array, Raw, Row, Rows, Sink, Source, Value, fields};
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// What the account has left.
#[derive(Clone, Copy, Debug)]
pub struct AccountStatus;

fields! {
    /// Parameters of `status`.
    pub struct CreditsAsk {
        /// Whether money is asked for, too.
        "getMoney" => get_money: Option<bool>,
        /// Whether kinds of message are called `GP`, `TI` and `SI` instead of `N`, `L` and `LL`.
        "typeAliases" => type_aliases: Option<bool>,
    }
}

asks_by_query! {
    AccountStatus "status" Get ["/API/v1.0/REST/status"] CreditsAsk => Balance<'a>;
}

impl<'a> Ask<'a> for CreditsAsk {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        Ok(Op::Credits(CreditsQuery {
            money: self.get_money == Some(true),
            aliases: self.type_aliases == Some(true),
        }))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Credits(CreditsQuery { money, aliases }) = *op else {
            return Err(ErrorKind::Value.at("status", 0));
        };
        Ok(Self { get_money: money.then_some(true), type_aliases: aliases.then_some(true) })
    }
}

fields! {
    /// Reply to `status`.
    pub struct Balance<'a> {
        /// Money: none.
        "money" => money: Untold,
        /// Credits of each kind of message.
        "sms" => sms: Quantities<'a>,
        /// Credits for email: none.
        "email" => email: Untold,
    }
}

fields! {
    /// Credits for one kind of message.
    pub struct Credit<'a> {
        /// Kind of message.
        "type" => kind: Text<'a>,
        /// How many.
        "quantity" => quantity: u64,
    }
}

/// Credits of each kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Quantities<'a> {
    /// What a reply tells.
    Told(Array<'a, Credit<'a>, Credit<'a>>),
    /// The same of each kind.
    Same {
        /// How many.
        quantity: u64,
        /// Whether the kinds are called by their aliases.
        aliases: bool,
    },
}

impl<'a> Value<'a> for Quantities<'a> {
    fn unread() -> Self {
        Self::Same { quantity: 0, aliases: false }
    }

    fn parse(raw: Raw<'a>) -> Result<Self, Error> {
        Array::parse(raw).map(Self::Told)
    }

    fn emit(&self, name: &'static str, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        match *self {
            Self::Told(told) => told.emit(name, sink),
            Self::Same { quantity, aliases } => {
                let credit = |(kind, alias)| Credit {
                    kind: Text::plain(if aliases { alias } else { kind }),
                    quantity,
                };
                let credits = KINDS.map(credit);
                Array::<_, Credit<'_>>::new(Rows::slice(&credits)).emit(name, sink)
            }
        }
    }
}

impl<'a> Row<'a, Self> for Credit<'a> {
    fn read(self) -> Result<Self, Error> {
        Ok(self)
    }

    fn write(value: &Self) -> Self {
        *value
    }
}

/// Kinds of message, each with its alias. Our server has one balance, for whichever of them.
const KINDS: [(&str, &str); 3] = [("N", "GP"), ("L", "TI"), ("LL", "SI")];

impl<'a> Done<'a> for Balance<'a> {
    fn parse(body: &'a [u8]) -> Option<Self> {
        object(body)
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        emit_object(self, w)
    }

    fn read(self) -> Answer<'a> {
        // What is left may be sent as one kind or as another: it is no sum.
        let (most, aliases) = match self.sms {
            Quantities::Same { quantity, aliases } => (quantity, aliases),
            Quantities::Told(told) => {
                let is_alias = |kind: Text<'_>| KINDS.iter().any(|(_, alias)| kind == **alias);
                told.0.iter().fold((0, false), |(most, aliases), Credit { kind, quantity }| {
                    (most.max(quantity), aliases || is_alias(kind))
                })
            }
        };
        let hundredths = most.saturating_mul(100);
        Answer::Credits(Credits { hundredths, aliases })
    }

    fn write(answer: &Answer<'a>) -> Option<Self> {
        let Answer::Credits(Credits { hundredths, aliases }) = *answer else { return None };
        let sms = Quantities::Same { quantity: hundredths / 100, aliases };
        Some(Self { money: Untold, sms, email: Untold })
    }
}
