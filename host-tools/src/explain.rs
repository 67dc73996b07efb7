//! `septet explain`: each octet of a PDU, its field, the clause that defines it, and what it says.
//!
//! There is no second parser here. Which field an octet belongs to is what the codec's parser misses
//! when the PDU ends before that octet; what a field says is its line of what the message prints.

use std::fmt::{Display, Write};

use clap::Args;
use septet::error::Error;
use septet::tpdu::udh::Header;
use septet::tpdu::{Mo, Mt};
use septet::wire::{Input, Quirk, Quirks, Reader, Wire};

use crate::Failed;
use crate::decode::{hint, parse};
use crate::tpdu_json::{Direction, octets};

/// Shows what each octet of a PDU is: its field, the clause of the standard, and what it says.
#[derive(Debug, Args)]
pub struct Options {
    /// A PDU, as hexadecimal digits
    hex: String,
    /// Which way the PDU goes
    #[arg(long, value_enum, default_value_t = Direction::Mt, ignore_case = true)]
    direction: Direction,
    /// The PDU does not begin with the service centre's address
    #[arg(long)]
    no_smsc: bool,
}

/// A run of octets, or some bits of one.
#[derive(Debug)]
pub struct Row<'a> {
    /// Octets from the start of the PDU.
    pub at: usize,
    /// The octets; none where the row is about bits of the octet before.
    pub octets: &'a [u8],
    /// The bits, where the row is about some.
    bits: Option<String>,
    /// The field, as the standard calls it.
    pub field: &'static str,
    /// Where the standard defines it; of TS 23.040 where it says nothing else.
    pub clause: &'static str,
    /// What it says.
    pub words: String,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// A PDU that cannot be read: field and octet.
pub fn run(options: &Options) -> Result<String, Failed> {
    let failed = |error: Error| Failed::input(error.to_string());
    let octets = octets(&options.hex).map_err(failed)?;
    let (direction, smsc_prefix) = (options.direction, !options.no_smsc);
    let hint = hint(&octets, direction, smsc_prefix);
    let rows = rows(&octets, direction, smsc_prefix).map_err(|error| {
        Failed::input(match hint {
            None => error.to_string(),
            Some(hint) => format!("{error}; {hint}"),
        })
    })?;
    if let Some(hint) = hint {
        eprintln!("{hint}");
    }
    Ok(table(&rows))
}

/// How many octets stand in a line.
const WIDTH: usize = 8;

fn table(rows: &[Row<'_>]) -> String {
    let mut out = String::new();
    let mut line = |at: &str, octets: &str, field: &str, clause: &str, words: &str| {
        let line = format!("{at:>5}  {octets:<23}  {field:<12}  {clause:<17}  {words}");
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}", line.trim_end());
    };
    line("octet", "hex", "field", "TS 23.040", "value");
    for Row { at, octets, bits, field, clause, words } in rows {
        if let Some(bits) = bits {
            line("", bits, field, clause, words);
        }
        for (i, octets) in octets.chunks(WIDTH).enumerate() {
            let at = (at + i * WIDTH).to_string();
            let octets = octets.iter().map(|octet| format!("{octet:02X}")).collect::<Vec<_>>();
            match i {
                0 => line(&at, &octets.join(" "), field, clause, words),
                _ => line(&at, &octets.join(" "), "", "", ""),
            }
        }
    }
    out
}

/// Every octet of a PDU, each in one row.
///
/// # Errors
/// What is wrong with the PDU, where it cannot be read.
pub fn rows(octets: &[u8], direction: Direction, smsc_prefix: bool) -> Result<Vec<Row<'_>>, Error> {
    match direction {
        Direction::Mt => explained::<Mt<'_>>(octets, smsc_prefix),
        Direction::Mo => explained::<Mo<'_>>(octets, smsc_prefix),
    }
}

fn explained<'a, T: Wire<'a> + Display>(
    octets: &'a [u8],
    smsc_prefix: bool,
) -> Result<Vec<Row<'a>>, Error> {
    let whole = |reader: &mut Reader<'a>| {
        let (service_centre, tpdu) = parse::<T>(reader, smsc_prefix)?;
        Ok((service_centre, tpdu, reader.at()))
    };
    let ((service_centre, tpdu, end), _) = Input::tolerant(octets).finish(whole)?;
    let mut words = String::new();
    if smsc_prefix {
        // Writing to a String cannot fail.
        let _ = match service_centre {
            Some(address) => writeln!(words, "SMSC     {}", address.described()),
            None => writeln!(words, "SMSC     the SIM's own"),
        };
    }
    let _ = write!(words, "{tpdu}");
    let words = Words(&words);

    let mut rows = Vec::new();
    let mut at = 0;
    while let Some(rest) = octets.get(at..).filter(|rest| !rest.is_empty()) {
        let field = |at| if at < end { field::<T>(octets, at, smsc_prefix) } else { TRAILING };
        let name = field(at);
        let len = (1..rest.len()).find(|len| field(at + len) != name).unwrap_or(rest.len());
        let (octets, _) = rest.split_at(len);
        rows.extend(words.rows(Span { at, octets, field: name }));
        at += len;
    }
    Ok(rows)
}

/// The field of the octet at `at`: the one that is cut short when the PDU ends before it.
fn field<'a, T: Wire<'a>>(octets: &'a [u8], at: usize, smsc_prefix: bool) -> &'static str {
    let before = octets.get(..at).unwrap_or_default();
    let tolerated = Quirks::ALL.without(Quirk::UdlExceedsData).without(Quirk::TrailingOctets);
    let read =
        Input::tolerating(before, tolerated).finish(|reader| parse::<T>(reader, smsc_prefix));
    let has_bit_7 = octets.get(at).is_some_and(|octet| octet & 0x80 != 0);
    match read.map_err(|error| error.field) {
        Err("TPDU") => FIRST_OCTET,
        // The octet itself says which of the two it is.
        Err("TP-PI") if at > 0 && has_bit_7 && is_first_octet::<T>(octets, at - 1, smsc_prefix) => {
            "TP-FCS"
        }
        Err(field) => field,
        // Everything that must be there is: what follows is announced by TP-PI, or is it.
        Ok(_) => "TP-PI",
    }
}

fn is_first_octet<'a, T: Wire<'a>>(octets: &'a [u8], at: usize, smsc_prefix: bool) -> bool {
    let before = octets.get(..at).unwrap_or_default();
    let read = Input::tolerant(before).finish(|reader| parse::<T>(reader, smsc_prefix));
    read.is_err_and(|error| error.field == "TPDU")
}

const FIRST_OCTET: &str = "first octet";
const TRAILING: &str = "no field";

/// Octets of one field.
#[derive(Clone, Copy)]
struct Span<'a> {
    at: usize,
    octets: &'a [u8],
    field: &'static str,
}

impl<'a> Span<'a> {
    fn row(self, words: impl Into<String>) -> Row<'a> {
        let Self { at, octets, field } = self;
        Row { at, octets, bits: None, field, clause: clause(field), words: words.into() }
    }

    /// The first `len` octets, and the others.
    fn split(self, len: usize) -> (Self, Self) {
        let (head, tail) = self.octets.split_at(len.min(self.octets.len()));
        let tail = Self { at: self.at + head.len(), octets: tail, ..self };
        (Self { octets: head, ..self }, tail)
    }
}

/// What a message prints: a line for each field.
#[derive(Clone, Copy)]
struct Words<'w>(&'w str);

impl<'w> Words<'w> {
    /// What the lines of `field` say.
    fn of(self, field: &str) -> impl Iterator<Item = &'w str> {
        let lines = self.0.lines();
        lines
            .filter_map(move |line| line.strip_prefix(field)?.strip_prefix(' '))
            .map(str::trim_start)
    }

    fn rows<'a>(self, span: Span<'a>) -> Vec<Row<'a>> {
        let first = |field| self.of(field).next().unwrap_or_default();
        match span.field {
            FIRST_OCTET => self.bits(span),
            "SMSC address" => address(span, first("SMSC"), "octets"),
            "TP-OA" | "TP-DA" | "TP-RA" => address(span, first(span.field), "digits"),
            "TP-UDH" | "TP-CDH" => self.header(span),
            TRAILING => vec![span.row("does not belong to the message")],
            "TP-PI" => {
                let (indicator, reserved) = span.split(1);
                // Not what the message prints, which is 0 where the parameters could not be read.
                let octet = indicator.octets.first().copied().unwrap_or_default();
                let mut rows = vec![indicator.row(format!("0x{octet:02X}"))];
                if !reserved.octets.is_empty() {
                    rows.push(reserved.row("for parameters that are not defined"));
                }
                rows
            }
            field => vec![span.row(first(field))],
        }
    }

    /// The first octet, and each group of its bits.
    fn bits<'a>(self, span: Span<'a>) -> Vec<Row<'a>> {
        let octet = span.octets.first().copied().unwrap_or_default();
        let title = self.0.lines().find(|line| line.starts_with("SMS-")).unwrap_or_default();
        let mut rows = vec![Row { clause: layout(title), ..span.row(title) }];
        let mut row = |field: &'static str, mask: u8, words: &str| {
            let bit = |bit: u8| match (mask >> bit & 1, octet >> bit & 1) {
                (0, _) => '·',
                (_, 0) => '0',
                _ => '1',
            };
            let bits = (0..8).rev().map(bit).collect();
            let octets = &[][..];
            rows.push(Row {
                octets,
                field,
                clause: clause(field),
                bits: Some(bits),
                ..span.row(words)
            });
        };
        row("TP-MTI", 0x03, title);
        let format = ["no period", "enhanced", "relative", "absolute"];
        let format = format.get(usize::from(octet >> 3 & 0b11)).copied();
        let header = if octet & 0x40 == 0 { "no header" } else { "the user data has a header" };
        for (field, mask) in [
            ("TP-MMS", 0x04),
            ("TP-RD", 0x04),
            ("TP-LP", 0x08),
            ("TP-VPF", 0x18),
            ("TP-SRI", 0x20),
            ("TP-SRR", 0x20),
            ("TP-SRQ", 0x20),
            ("TP-UDHI", 0x40),
            ("TP-RP", 0x80),
        ] {
            let words = match field {
                "TP-VPF" => format.filter(|_| title == "SMS-SUBMIT"),
                "TP-UDHI" => Some(header),
                _ => self.of(field).next(),
            };
            if let Some(words) = words {
                row(field, mask, words);
            }
        }
        rows
    }

    /// UDHL, and each information element.
    fn header<'a>(self, span: Span<'a>) -> Vec<Row<'a>> {
        let (len, mut rest) = span.split(1);
        let mut rows = vec![len.row(format!("header of {} octets", rest.octets.len()))];
        let header = Header { octets: rest.octets };
        for (element, words) in header.elements().zip(self.of(span.field)) {
            let (span, after) = rest.split(2 + element.data.len());
            rows.push(Row { clause: element_clause(element.identifier.0), ..span.row(words) });
            rest = after;
        }
        if !rest.octets.is_empty() {
            rows.push(rest.row("elements that do not fill the header, which is ignored"));
        }
        rows
    }
}

fn address<'a>(span: Span<'a>, words: &str, unit: &str) -> Vec<Row<'a>> {
    let (number, kind) = words.split_once(", type ").unwrap_or((words, ""));
    let (len, rest) = span.split(1);
    let (kind_span, value) = rest.split(1);
    let octet = len.octets.first().copied().unwrap_or_default();
    if kind_span.octets.is_empty() {
        return vec![len.row(format!("length: {octet} {unit}, {words}"))];
    }
    let mut rows =
        vec![len.row(format!("length: {octet} {unit}")), kind_span.row(format!("type {kind}"))];
    if !value.octets.is_empty() {
        rows.push(value.row(number));
    }
    rows
}

/// Where the standard lays out a message.
fn layout(title: &str) -> &'static str {
    match title {
        "SMS-DELIVER" => "9.2.2.1",
        "SMS-DELIVER-REPORT" => "9.2.2.1a",
        "SMS-SUBMIT" => "9.2.2.2",
        "SMS-SUBMIT-REPORT" => "9.2.2.2a",
        "SMS-STATUS-REPORT" => "9.2.2.3",
        _ => "9.2.2.4",
    }
}

/// Where the standard defines a field.
fn clause(field: &str) -> &'static str {
    const CLAUSES: [(&str, &str); 31] = [
        ("SMSC address", "24.011 8.2.5.1"),
        ("TP-MTI", "9.2.3.1"),
        ("TP-MMS", "9.2.3.2"),
        ("TP-VPF", "9.2.3.3"),
        ("TP-SRI", "9.2.3.4"),
        ("TP-SRR", "9.2.3.5"),
        ("TP-MR", "9.2.3.6"),
        ("TP-OA", "9.2.3.7"),
        ("TP-DA", "9.2.3.8"),
        ("TP-PID", "9.2.3.9"),
        ("TP-DCS", "9.2.3.10"),
        ("TP-SCTS", "9.2.3.11"),
        ("TP-VP", "9.2.3.12"),
        ("TP-DT", "9.2.3.13"),
        ("TP-RA", "9.2.3.14"),
        ("TP-ST", "9.2.3.15"),
        ("TP-UDL", "9.2.3.16"),
        ("TP-RP", "9.2.3.17"),
        ("TP-MN", "9.2.3.18"),
        ("TP-CT", "9.2.3.19"),
        ("TP-CDL", "9.2.3.20"),
        ("TP-CD", "9.2.3.21"),
        ("TP-CDH", "9.2.3.23"),
        ("TP-FCS", "9.2.3.22"),
        ("TP-UDHI", "9.2.3.23"),
        ("TP-UDH", "9.2.3.24"),
        ("TP-UD", "9.2.3.24"),
        ("TP-RD", "9.2.3.25"),
        ("TP-SRQ", "9.2.3.26"),
        ("TP-PI", "9.2.3.27"),
        ("TP-LP", "9.2.3.28"),
    ];
    CLAUSES.iter().find(|(name, _)| *name == field).map_or("-", |(_, clause)| clause)
}

/// Where the standard defines an information element.
fn element_clause(identifier: u8) -> &'static str {
    match identifier {
        0x00 => "9.2.3.24.1",
        0x01 => "9.2.3.24.2",
        0x04 => "9.2.3.24.3",
        0x05 => "9.2.3.24.4",
        0x06 => "9.2.3.24.5",
        0x07 => "9.2.3.24.6",
        0x08 => "9.2.3.24.8",
        0x09 => "9.2.3.24.9",
        0x0A => "9.2.3.24.10.1.1",
        0x0B => "9.2.3.24.10.1.2",
        0x0C => "9.2.3.24.10.1.3",
        0x0D => "9.2.3.24.10.1.4",
        0x0E => "9.2.3.24.10.1.5",
        0x0F => "9.2.3.24.10.1.6",
        0x10 => "9.2.3.24.10.1.7",
        0x11 => "9.2.3.24.10.1.8",
        0x12 => "9.2.3.24.10.1.9",
        0x13 => "9.2.3.24.10.1.10",
        0x14 => "9.2.3.24.10.1.13",
        0x15 => "9.2.3.24.10.1.14",
        0x16 => "9.2.3.24.10.1.15",
        0x17 => "9.2.3.24.10.1.16",
        0x18 => "9.2.3.24.10.1.11",
        0x19 => "9.2.3.24.10.1.12",
        0x20 => "9.2.3.24.11",
        0x21 => "9.2.3.24.12",
        0x22 => "9.2.3.24.10.1.17",
        0x23 => "9.2.3.24.13",
        0x24 => "9.2.3.24.15",
        0x25 => "9.2.3.24.16",
        0x70..=0x7F => "9.2.3.24.7",
        _ => "9.2.3.24",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use serde_json::Value;

    #[test]
    fn every_octet_of_every_pdu_belongs_to_one_field_with_its_clause() {
        let vectors = include_str!("../../codec/vectors/pdu.json");
        let vectors: Vec<Value> = serde_json::from_str(vectors).unwrap();
        let mut count = 0;
        for vector in vectors.iter().filter(|vector| vector["expect"].is_object()) {
            let id = &vector["id"];
            let octets = octets(vector["hex"].as_str().unwrap()).unwrap();
            let mt = vector["direction"] == "MT";
            let direction = if mt { Direction::Mt } else { Direction::Mo };
            let rows = rows(&octets, direction, vector["smsc"] == true).unwrap();
            let mut at = 0;
            for row in rows.iter().filter(|row| row.bits.is_none()) {
                assert_eq!(row.at, at, "{id}");
                assert!(!row.octets.is_empty(), "{id}");
                assert!(!row.words.is_empty(), "{id}: {row:?}");
                at += row.octets.len();
            }
            assert_eq!(at, octets.len(), "{id}");
            for row in rows.iter().filter(|row| row.field != TRAILING) {
                assert_ne!(row.clause, "-", "{id}: {row:?}");
            }
            let of = |field| rows.iter().filter(move |row| row.field == field);
            // Where the fields are is known of these.
            let trailing: Vec<u8> = of(TRAILING).flat_map(|row| row.octets).copied().collect();
            let hex = vector["expect"]["trailing"].as_str().unwrap_or_default();
            assert_eq!(trailing, super::octets(hex).unwrap_or_default(), "{id}");
            let data = of("TP-UDH").chain(of("TP-UD")).flat_map(|row| row.octets);
            let data: Vec<u8> = data.copied().collect();
            let hex = vector["expect"]["ud"].as_str().unwrap_or_default();
            assert_eq!(data, super::octets(hex).unwrap_or_default(), "{id}");
            let cause = of("TP-FCS").map(|row| row.octets[0]).next().map(u64::from);
            assert_eq!(cause, vector["expect"]["fcs"].as_u64(), "{id}");
            let status = of("TP-ST").map(|row| row.octets[0]).next().map(u64::from);
            assert_eq!(status, vector["expect"]["st"].as_u64(), "{id}");
            count += 1;
        }
        assert_eq!(count, 156);
    }

    #[test]
    fn tp_pi_is_shown_as_it_stands() {
        let report = "06010B919746121611F1622102513205806221025132058000870000000178";
        for (hex, direction, indicator) in [
            (report, Direction::Mt, "0x87"),
            ("00D38000", Direction::Mo, "0x80"),
            ("00070000", Direction::Mo, "0x07"),
        ] {
            let octets = octets(hex).unwrap();
            let rows = rows(&octets, direction, false).unwrap();
            let row = rows.iter().find(|row| row.field == "TP-PI").unwrap();
            assert_eq!(row.words, indicator, "{hex}");
        }
    }

    #[test]
    fn a_pdu_is_a_table() {
        let octets = octets("0041000491214300000A050003EB0201906536FFFFFFFFFFFFFFFFFF").unwrap();
        let rows = rows(&octets, Direction::Mo, true).unwrap();
        assert_eq!(
            table(&rows).lines().collect::<Vec<_>>(),
            [
                "octet  hex                      field         TS 23.040          value",
                "    0  00                       SMSC address  24.011 8.2.5.1     length: 0 octets, the SIM's own",
                "    1  41                       first octet   9.2.2.2            SMS-SUBMIT",
                "       ······01                 TP-MTI        9.2.3.1            SMS-SUBMIT",
                "       ·····0··                 TP-RD         9.2.3.25           accept duplicates",
                "       ···00···                 TP-VPF        9.2.3.3            no period",
                "       ··0·····                 TP-SRR        9.2.3.5            no status report",
                "       ·1······                 TP-UDHI       9.2.3.23           the user data has a header",
                "       0·······                 TP-RP         9.2.3.17           no reply path",
                "    2  00                       TP-MR         9.2.3.6            0",
                "    3  04                       TP-DA         9.2.3.8            length: 4 digits",
                "    4  91                       TP-DA         9.2.3.8            type 0x91: international, telephone plan",
                "    5  21 43                    TP-DA         9.2.3.8            +1234",
                "    7  00                       TP-PID        9.2.3.9            0 (handset to handset)",
                "    8  00                       TP-DCS        9.2.3.10           GSM 7-bit",
                "    9  0A                       TP-UDL        9.2.3.16           10 septets",
                "   10  05                       TP-UDH        9.2.3.24           header of 5 octets",
                "   11  00 03 EB 02 01           TP-UDH        9.2.3.24.1         part of a message, 8-bit reference: part 1 of 2, reference 235 (8 bits)",
                r#"   16  90 65 36                 TP-UD         9.2.3.24           "Hel""#,
                "   19  FF FF FF FF FF FF FF FF  no field      -                  does not belong to the message",
                "   27  FF",
            ]
        );
    }
}
