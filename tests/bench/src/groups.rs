//! What is measured, as data: groups of candidates that do the same work on the same input.

use std::borrow::Cow;

mod charset;
mod form;
mod gsm;
mod json;
mod tpdu;

pub use self::gsm::plain_pack;

/// What a candidate may use again from one call to the next, as its caller would.
pub struct Scratch {
    pub octets: Vec<u8>,
    pub string: String,
}

impl Default for Scratch {
    fn default() -> Self {
        Self { octets: vec![0; 128 * 1024], string: String::with_capacity(64 * 1024) }
    }
}

/// What a candidate is given.
pub struct Input {
    pub name: &'static str,
    pub octets: Vec<u8>,
    /// The same as text, where it is one.
    pub text: String,
}

impl Input {
    fn octets(name: &'static str, octets: Vec<u8>) -> Self {
        let text = String::from_utf8(octets.clone()).unwrap_or_default();
        Self { name, octets, text }
    }

    fn text(name: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { name, octets: text.clone().into_bytes(), text }
    }
}

/// Takes what a candidate made, piece by piece.
pub type See<'a> = &'a mut dyn FnMut(&[u8]);

/// Does the work once.
pub type Run = fn(&Input, &mut Scratch, See<'_>);

/// Somebody who does the work of a group.
pub struct Candidate {
    pub name: &'static str,
    pub run: Run,
    /// The inputs that it can do; all where none is named.
    pub only: &'static [&'static str],
    /// What it made as the others spell it, where there is more than one right way.
    pub spelling: fn(&[u8]) -> Cow<'_, [u8]>,
}

impl Candidate {
    pub const fn new(name: &'static str, run: Run) -> Self {
        Self { name, run, only: &[], spelling: |octets| Cow::Borrowed(octets) }
    }

    const fn only(name: &'static str, run: Run, only: &'static [&'static str]) -> Self {
        Self { only, ..Self::new(name, run) }
    }

    pub fn does(&self, input: &Input) -> bool {
        self.only.is_empty() || self.only.contains(&input.name)
    }
}

/// How many times as fast as others this codec is to be.
pub struct Claim {
    pub input: &'static str,
    /// One of the group's candidates, or the fastest of several.
    pub against: &'static [&'static str],
    pub floor: f64,
    pub goal: f64,
}

const fn claim(
    input: &'static str,
    against: &'static [&'static str],
    floor: f64,
    goal: f64,
) -> Claim {
    Claim { input, against, floor, goal }
}

/// Candidates that do the same.
pub struct Group {
    pub name: &'static str,
    /// What they do.
    pub work: &'static str,
    pub inputs: fn() -> Vec<Input>,
    /// This codec is the first.
    pub candidates: &'static [Candidate],
    pub claims: &'static [Claim],
}

/// The name of this codec among the candidates.
pub const OURS: &str = "septet";

pub static GROUPS: &[&Group] = &[
    &form::PARSE,
    &form::LATIN1,
    &form::EMIT,
    &json::IN,
    &json::OUT,
    &gsm::ENCODE,
    &gsm::DECODE,
    &gsm::PACK,
    &gsm::UNPACK,
    &tpdu::SUBMIT,
    &tpdu::DELIVER,
    &tpdu::PARTS,
    &charset::UCS2_ENCODE,
    &charset::UCS2_DECODE,
    &charset::LATIN1_DECODE,
    &charset::LATIN1_ENCODE,
    &charset::HEX_DECODE,
    &charset::HEX_ENCODE,
];
