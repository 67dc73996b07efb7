//! `status`: what the account has left.

use super::query::asks_by_query;
use super::reply::{Done, emit_object, object};
use super::values::Untold;
use crate::api::{Answer, Ask, Credits, CreditsQuery, Op};
use crate::error::{Error, ErrorKind};
use crate::fields::{Array, Fields, Row, Rows, Sink, Slot, Source, Value, fields};
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// What the account has left.
#[derive(Clone, Copy, Debug)]
pub struct AccountStatus;

/// Parameters of `status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CreditsAsk {
    /// Whether money is asked for, too.
    pub get_money: Option<bool>,
    /// Whether kinds of message are called `GP`, `TI` and `SI` instead of `N`, `L` and `LL`.
    pub type_aliases: Option<bool>,
}

const GET_MONEY: &str = "getMoney";
const TYPE_ALIASES: &str = "typeAliases";

// It borrows nothing, which the macro's structs must.
impl<'a> Fields<'a> for CreditsAsk {
    const NAMES: &'static [&'static str] = &[GET_MONEY, TYPE_ALIASES];

    fn parse(source: Source<'a>) -> Result<Self, Error> {
        let mut get_money = Slot::new(GET_MONEY);
        let mut type_aliases = Slot::new(TYPE_ALIASES);
        let mut pairs = source;
        while let Some(pair) = pairs.next_pair() {
            if pair.is_named(GET_MONEY) {
                get_money.take(pair, &source)?;
            } else if pair.is_named(TYPE_ALIASES) {
                type_aliases.take(pair, &source)?;
            }
        }
        Ok(Self { get_money: get_money.finish()?, type_aliases: type_aliases.finish()? })
    }

    fn emit(&self, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        self.get_money.emit(GET_MONEY, sink)?;
        self.type_aliases.emit(TYPE_ALIASES, sink)
    }
}

asks_by_query! {
    AccountStatus "status" Get ["/API/v1.0/REST/status"] CreditsAsk => Balance<'a>;
}

impl<'a> Ask<'a> for CreditsAsk {
    fn read(self, _: Source<'a>) -> Result<Op<'a>, Error> {
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
        "sms" => sms: Array<'a, Credit<'a>, Credit<'a>>,
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

impl<'a> Row<'a, Self> for Credit<'a> {
    fn read(self) -> Result<Self, Error> {
        Ok(self)
    }

    fn write(value: &Self) -> Self {
        *value
    }
}

/// High quality, the kind that our server has credits of: its name, and its later name.
const KIND: (&str, &str) = ("N", "GP");

/// Later names of kinds of message.
const ALIASES: &[&str] = &[KIND.1, "TI", "SI"];

impl<'a> Done<'a> for Balance<'a> {
    fn parse(body: &'a [u8]) -> Option<Self> {
        object(body)
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<(), Error> {
        emit_object(self, w)
    }

    fn read(self) -> Answer<'a> {
        let credits = self.sms.0.iter().map(|credit| credit.quantity);
        let hundredths = credits.fold(0, u64::saturating_add).saturating_mul(100);
        let is_alias = |credit: Credit<'_>| ALIASES.iter().any(|alias| credit.kind == **alias);
        Answer::Credits(Credits { hundredths, aliases: self.sms.0.iter().any(is_alias) })
    }

    fn write(answer: &Answer<'a>) -> Option<Self> {
        let Answer::Credits(Credits { hundredths, aliases }) = *answer else { return None };
        let kind = Text::plain(if aliases { KIND.1 } else { KIND.0 });
        let credit = Credit { kind, quantity: hundredths / 100 };
        Some(Self { money: Untold, sms: Array::new(Rows::one(credit)), email: Untold })
    }
}
