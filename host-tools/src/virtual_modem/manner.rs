//! How modems of other people, and simulators of modems, differ from the standard in what they write.

use std::time::Duration;

/// A manner of speaking.
#[derive(Debug, PartialEq, Eq)]
pub struct Manner {
    /// The name to choose it by.
    pub name: &'static str,
    /// What ends a line.
    pub(super) line_end: LineEnd,
    /// What is written before a line.
    pub(super) blank_line: bool,
    /// What asks for a PDU or a text.
    pub(super) prompt: &'static [u8],
    /// Whether what is typed is written back where `ATE1` asks for it.
    pub(super) echoes: bool,
    /// What is written before the first answer.
    pub(super) banner: &'static str,
    /// Commands that are answered with `ERROR`; the empty name is the bare `AT`.
    pub(super) refuses: &'static [&'static str],
    /// Whether `+CPIN:` has its words in quotation marks.
    pub(super) quotes_pin: bool,
    /// The reference of every message, where it is always the same.
    pub(super) reference: Option<u8>,
    /// How long after a send a message that comes directly is told.
    pub(super) direct_after: Duration,
    /// Whether a message with a validity period is refused.
    pub(super) refuses_validity_period: bool,
    /// What `+CNMI` takes for reports, and what it says that it takes.
    pub(super) reports: (&'static [u8], &'static str),
}

/// What ends a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// What S3 and S4 say: CR LF.
    AsSet,
    /// CR alone.
    CrOnly,
}

/// As the standard has it.
pub static STANDARD: Manner = Manner {
    name: "standard",
    line_end: LineEnd::AsSet,
    blank_line: true,
    prompt: b"\r\n> ",
    echoes: true,
    banner: "",
    refuses: &[],
    quotes_pin: false,
    reference: None,
    direct_after: Duration::ZERO,
    refuses_validity_period: false,
    reports: (&[0, 1, 2], "(0-2)"),
};

const fn refusing(name: &'static str, refuses: &'static [&'static str]) -> Manner {
    Manner { name, refuses, ..STANDARD }
}

/// Every manner.
pub static MANNERS: &[&Manner] = &[
    &STANDARD,
    &Manner { name: "cr-only", line_end: LineEnd::CrOnly, ..STANDARD },
    &Manner { name: "no-blank-line", blank_line: false, ..STANDARD },
    &Manner { name: "prompt-bare", prompt: b"\r\n>", ..STANDARD },
    &Manner { name: "prompt-cr", prompt: b"\r\n> \r", ..STANDARD },
    &Manner { name: "prompt-crlf", prompt: b"\r\n> \r\n", ..STANDARD },
    &Manner { name: "no-echo", echoes: false, ..STANDARD },
    &Manner { name: "banner", banner: "Welcome to this modem", ..STANDARD },
    &refusing("refuses-at", &[""]),
    &refusing("refuses-cmee", &["+CMEE"]),
    &refusing("refuses-csms", &["+CSMS"]),
    &refusing("refuses-cpms", &["+CPMS"]),
    &refusing("refuses-csca", &["+CSCA"]),
    &refusing("refuses-cops", &["+COPS"]),
    &Manner { name: "quoted-pin", quotes_pin: true, ..STANDARD },
    &Manner { name: "reference-0", reference: Some(0), ..STANDARD },
    &Manner { name: "late-direct", direct_after: Duration::from_secs(1), ..STANDARD },
    &Manner { name: "no-validity-period", refuses_validity_period: true, ..STANDARD },
    // gammu-smsd asks for +CDSI where it is to be had, and leaves an empty file for each.
    &Manner { name: "direct-reports", reports: (&[0, 1], "(0,1)"), ..STANDARD },
];

/// The manner with this name.
///
/// # Errors
/// A sentence with every name.
pub fn manner(name: &str) -> Result<&'static Manner, String> {
    let found = MANNERS.iter().find(|manner| manner.name == name).copied();
    let names = || MANNERS.iter().map(|manner| manner.name).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| format!("no manner is called {name:?}; there are {}", names()))
}
