//! User data out of its text, its body or its octets.

use septet::gsm7::{self, Code, Tables};
use septet::tpdu::UserData;
use septet::tpdu::dcs::{Alphabet, DataCoding};
use septet::tpdu::udh::{Element, Header, Identifier};
use septet::ucs2;
use septet::wire::Writer;
use serde_json::Value;

use super::super::{Fields, Wrong, counts_septets};
use super::{coding, too_long};

/// User data, owned.
pub(super) struct Data {
    has_header: bool,
    len: u8,
    octets: Vec<u8>,
}

impl Data {
    pub(super) fn user_data(&self) -> UserData<'_> {
        UserData { has_header: self.has_header, len: self.len, octets: &self.octets }
    }

    /// The user data, by its octets where they are given, else by its header and its text or body.
    pub(super) fn build(fields: Fields<'_>) -> Result<Option<Self>, Wrong> {
        let coding = fields.inner("dcs", coding)?.unwrap_or_default();
        let text = match coding.alphabet() {
            Alphabet::EightBit => None,
            _ if coding.compressed() => None,
            _ => fields.optional("text", Value::as_str, "a text")?,
        };
        let header = fields.inner("udh", header)?;
        let body = fields.octets("body")?;
        let octets = fields.octets("ud")?;
        if text.is_none() && header.is_none() && body.is_none() && octets.is_none() {
            return Ok(None);
        }
        let has_header = fields.flag("udhi")? || header.is_some();
        let header = header.unwrap_or_default();
        // Fill bits count, so that no octets are no body behind them; unless the text says that they
        // were read, out of a message that leaves the fill bits out.
        let fills = counts_septets(coding) && !header.is_empty() && header.len() % 7 != 0;
        let covers = |len: u8| usize::from(len) * 7 >= header.len() * 8;
        let pads = fills && fields.number("udl")?.is_none_or(covers);
        let body = body.filter(|body| !body.is_empty() || !pads || text.is_some());
        let (octets, len) = match (octets, body, text) {
            (None, None, text) if text.is_some() || pads => {
                encode(&header, text.unwrap_or_default(), coding)?
            }
            (octets, body, text) => {
                let octets = octets.unwrap_or_else(|| [header, body.unwrap_or_default()].concat());
                let len = Self::len(fields, &octets, has_header, coding, text)?;
                (octets, len)
            }
        };
        let len = u8::try_from(len).map_err(|_| too_long(fields))?;
        Ok(Some(Self { has_header, len, octets }))
    }

    /// TP-UDL for octets that are given.
    fn len(
        fields: Fields<'_>,
        octets: &[u8],
        has_header: bool,
        coding: DataCoding,
        text: Option<&str>,
    ) -> Result<usize, Wrong> {
        if let Some(len) = fields.number::<u8>("udl")? {
            return Ok(len.into());
        }
        if !counts_septets(coding) {
            return Ok(octets.len());
        }
        let all = octets.len() * 8 / 7;
        let data = UserData { has_header, len: all.try_into().unwrap_or(u8::MAX), octets };
        let header = all.saturating_sub(data.septets().len());
        if let Some(septets) = fields.number::<u8>("septets")? {
            return Ok(header + usize::from(septets));
        }
        // Seven bits at the end may be a septet or none.
        let without = data.len.saturating_sub(1);
        let reads = |len, text: &str| {
            let read = UserData { len, ..data }.text(coding);
            read.is_some_and(|read| read.eq(text.chars()))
        };
        let is_padded = text.is_some_and(|text| !reads(data.len, text) && reads(without, text));
        Ok(if is_padded { without.into() } else { all })
    }
}

/// UDHL and the elements.
fn header(fields: Fields<'_>) -> Result<Vec<u8>, Wrong> {
    let elements = fields.needed("ies", Value::as_array, "a list")?;
    let mut buffer = [0; 255];
    let mut w = Writer::new(&mut buffer);
    for element in elements {
        let fields = Fields { object: element, path: "udh.ies." };
        let identifier = Identifier(fields.octet("iei")?);
        let data = fields.octets("data")?.unwrap_or_default();
        Element { identifier, data: &data }.emit(&mut w)?;
    }
    Ok([&[w.len() as u8], w.written()].concat())
}

/// The header and the text behind it, and TP-UDL.
fn encode(header: &[u8], text: &str, coding: DataCoding) -> Result<(Vec<u8>, usize), Wrong> {
    let mut buffer = vec![0; header.len() + 4 * text.len() + 1];
    let mut w = Writer::new(&mut buffer);
    w.octets(header)?;
    let len = if counts_septets(coding) {
        let elements = header.get(1..).map(|octets| Header { octets });
        let tables = tables(elements);
        let mut codes = Vec::with_capacity(text.len());
        for (at, c) in text.chars().enumerate() {
            let kind = septet::ErrorKind::Unencodable(c);
            codes.push(tables.code(c).ok_or_else(|| kind.at("text", at))?);
        }
        let septets = gsm7::header_septets(header.len());
        let fill_bits = 7 * septets - 8 * header.len();
        if codes.is_empty() && fill_bits > 0 {
            // The fill bits count, also where nothing follows them.
            w.octet(0)?;
        }
        septets + gsm7::pack(codes.into_iter().flat_map(Code::septets), fill_bits as u8, &mut w)?
    } else {
        header.len() + ucs2::emit(text.chars(), &mut w)?
    };
    Ok((w.written().to_vec(), len))
}

/// The tables that a text behind this header is written with.
fn tables(header: Option<Header<'_>>) -> Tables {
    let (locking, single) = header.map_or((None, None), Header::national_languages);
    Tables::national(locking, single)
}
