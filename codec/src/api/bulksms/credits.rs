//! `get_credits`: what the account has left.

use super::options::cannot;
use super::reply::{accepted, emit_hundredths, emit_refusal, hundredths, not_an_answer, unknown};
use super::send::{CARRIERS, METHODS, SCHEMES, TEXT_PLAIN};
use crate::api::{
    Answer, Ask, Call, Credits, CreditsQuery, Method, NoFields, Op, Refusal, Reply, Scheme, Status,
    Tell,
};
use crate::error::{Error, ErrorKind};
use crate::fields::{Carrier, Fields, Sink, Source};
use crate::text::Charset;
use crate::wire::Writer;

/// What the account has left.
#[derive(Clone, Copy, Debug)]
pub struct GetCredits;

/// Parameters of `get_credits`: none but who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WhoAsks(pub NoFields);

impl Call for GetCredits {
    const NAME: &'static str = "get_credits";
    const METHODS: &'static [Method] = METHODS;
    const PATHS: &'static [&'static str] = &["/eapi/user/get_credits/1/1.1"];
    const CARRIERS: &'static [Carrier] = CARRIERS;
    const SCHEMES: &'static [Scheme] = SCHEMES;
    const CONTENT_TYPE: &'static str = TEXT_PLAIN;
    const CHARSET: Charset = Charset::Latin1;
    type Ask<'a> = WhoAsks;
    type Tell<'a> = CreditsReply<'a>;
}

impl<'a> Fields<'a> for WhoAsks {
    const NAMES: &'static [&'static str] = <NoFields as Fields<'static>>::NAMES;

    fn unread() -> Self {
        Self(NoFields)
    }

    fn fill(&mut self, source: &Source<'a>) -> Result<(), Error> {
        self.0.fill(source)
    }

    fn emit(&self, sink: &mut Sink<'_, '_>) -> Result<(), Error> {
        self.0.emit(sink)
    }
}

impl<'a> Ask<'a> for WhoAsks {
    fn read(&self, _: &Source<'a>) -> Result<Op<'a>, Error> {
        Ok(Op::Credits(CreditsQuery::default()))
    }

    fn write(op: &Op<'a>, _: Charset) -> Result<Self, Error> {
        let Op::Credits(CreditsQuery { money, aliases }) = *op else {
            return Err(ErrorKind::Value.at("get_credits", 0));
        };
        cannot("money", money)?;
        cannot("aliases", aliases)?;
        Ok(Self(NoFields))
    }
}

/// Reply to `get_credits`: `0|2101.15`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum CreditsReply<'a> {
    /// What is left, in hundredths of a credit.
    Left(u64),
    /// Another code.
    #[cfg_attr(feature = "serde", serde(borrow))]
    Refused(Refusal<'a>),
}

impl<'a> Tell<'a> for CreditsReply<'a> {
    fn parse(reply: &Reply<'a>) -> Self {
        match accepted(reply) {
            Ok(accepted) => match hundredths(accepted.second) {
                Some(left) => Self::Left(left),
                None => Self::Refused(unknown(accepted.second)),
            },
            Err(refusal) => Self::Refused(refusal),
        }
    }

    fn emit(&self, w: &mut Writer<'_>) -> Result<Status, Error> {
        match self {
            Self::Left(left) => {
                w.text("0|")?;
                emit_hundredths(*left, w)?;
                Ok(Status::OK)
            }
            Self::Refused(refusal) => emit_refusal(refusal, w),
        }
    }

    fn read(self) -> Answer<'a> {
        match self {
            Self::Left(hundredths) => Answer::Credits(Credits { hundredths, aliases: false }),
            Self::Refused(refusal) => Answer::Refused(refusal),
        }
    }

    fn write(answer: &Answer<'a>) -> Self {
        match *answer {
            Answer::Credits(Credits { hundredths, aliases: _ }) => Self::Left(hundredths),
            Answer::Refused(refusal) => Self::Refused(refusal),
            _ => Self::Refused(not_an_answer()),
        }
    }
}
