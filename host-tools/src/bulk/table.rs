//! The table that `septet bulk` sends.

use std::collections::HashMap;
use std::fmt;

use blake2::{Blake2s256, Digest};

use crate::nouns::counted;

/// What may stand between two columns: the first of them that makes a column `to` of the first row.
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// A row that can be asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// The line that it begins in.
    pub line: u64,
    /// The number, as it is written there.
    pub to: String,
    /// The text.
    pub text: String,
    /// What it is known by.
    pub id: String,
}

/// A row that cannot be sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The line that it begins in.
    pub line: u64,
    /// Why.
    pub why: String,
}

/// `line 3: there is no number`
impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

/// What a table has in it.
#[derive(Debug, Default)]
pub struct Table {
    /// Its rows.
    pub rows: Vec<Row>,
    /// Those that are none.
    pub wrong: Vec<Wrong>,
}

impl Table {
    /// Reads a table. `template` is the text of all rows, with names of columns in braces; without it
    /// each row has its own.
    ///
    /// # Errors
    /// What is wrong with the table as a whole.
    pub fn read(octets: &[u8], template: Option<&str>, job: &str) -> Result<Self, String> {
        let text = utf8(octets)?;
        let (names, mut records) = opened(text)?;
        let names: Vec<&str> = names.iter().map(str::trim).collect();
        let column = |wanted: &str| names.iter().position(|name| *name == wanted);
        let (to, own) = (column("to"), column("text"));
        if own.is_none() && template.is_none() {
            return Err("has no column `text`, and no --text is given".to_owned());
        }
        let mut table = Self::default();
        let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 };
        for (record, place) in records.records().zip(1_u64..) {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = lines.line(error.position());
                    table.wrong.push(Wrong { line, why: why(&error) });
                    continue;
                }
            };
            let field = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
            let to = field(to).trim().to_owned();
            let text = match template {
                Some(template) => {
                    let own: HashMap<&str, &str> = names.iter().copied().zip(&record).collect();
                    filled(template, &own)?
                }
                None => field(own).to_owned(),
            };
            let line = lines.line(record.position());
            let missing = match (to.is_empty(), text.is_empty()) {
                (true, true) => "neither a number nor a text",
                (true, false) => "no number",
                (false, true) => "no text",
                (false, false) => {
                    let id = id(job, place, &to, &text);
                    table.rows.push(Row { line, to, text, id });
                    continue;
                }
            };
            table.wrong.push(Wrong { line, why: format!("there is {missing}") });
        }
        Ok(table)
    }
}

/// The text of a file, without the mark of its encoding that some programs begin one with.
fn utf8(octets: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(octets).map_err(|error| {
        let before = octets.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + before.iter().filter(|octet| **octet == b'\n').count();
        format!(
            "line {line} is not in UTF-8: save the table as \"CSV UTF-8\", or convert it, as with \
             `iconv -f windows-1252 -t utf-8`"
        )
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The names of the columns, and what reads the rows.
fn opened(text: &str) -> Result<(csv::StringRecord, csv::Reader<&[u8]>), String> {
    for separator in SEPARATORS {
        let mut records = csv::ReaderBuilder::new()
            .delimiter(separator)
            .trim(csv::Trim::Headers)
            .from_reader(text.as_bytes());
        let names = records.headers().map_err(|error| error.to_string())?.clone();
        if names.iter().any(|name| name == "to") {
            return Ok((names, records));
        }
    }
    Err("has no column `to`: the first row names the columns, with commas, semicolons or tabs \
         between them"
        .to_owned())
}

/// The lines of a text, as records are met in it.
struct Lines<'t> {
    text: &'t [u8],
    /// The octet that was looked at last, and its line.
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line that a record begins in. For its reader it begins with the line feed of the last one, and
    /// with blank lines.
    fn line(&mut self, record: Option<&csv::Position>) -> u64 {
        let begins = record.and_then(|record| usize::try_from(record.byte()).ok());
        let rest = self.text.get(begins.unwrap_or(self.at)..).unwrap_or_default();
        let blank = rest.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
        let at = self.text.len() - rest.len() + blank;
        let passed = self.text.get(self.at..at).unwrap_or_default();
        self.line += passed.iter().filter(|octet| **octet == b'\n').count() as u64;
        self.at = at;
        self.line
    }
}

/// Why a record is no row.
fn why(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => format!(
            "there are {}, and {expected_len} in the first row: a text with a separator in it \
             stands in double quotes",
            counted(*len, "field")
        ),
        _ => error.to_string(),
    }
}

/// A text with what a row has in its places. `{{` and `}}` stand for braces.
fn filled(template: &str, own: &HashMap<&str, &str>) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, braced) = rest.split_at(at);
        text += before;
        if let Some(after) = braced.strip_prefix("{{").or_else(|| braced.strip_prefix("}}")) {
            text.extend(braced.chars().next());
            rest = after;
            continue;
        }
        let place = braced.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, after) =
            place.ok_or("--text has a brace without its other: a brace itself is written twice")?;
        let value = own.get(name.trim());
        text += value.ok_or_else(|| format!("has no column {name:?}, which --text names"))?;
        rest = after;
    }
    Ok(text + rest)
}

/// The id of a row: the same for the same row of the same job.
fn id(job: &str, place: u64, to: &str, text: &str) -> String {
    let mut digest = Blake2s256::new();
    for part in [job, to, text] {
        digest.update((part.len() as u64).to_le_bytes());
        digest.update(part);
    }
    digest.update(place.to_le_bytes());
    let octets = digest.finalize();
    let octets: String = octets.iter().take(16).map(|octet| format!("{octet:02x}")).collect();
    format!("bulk-{octets}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: &str, template: Option<&str>) -> Table {
        Table::read(table.as_bytes(), template, "job").unwrap()
    }

    #[test]
    fn a_row_has_a_number_and_a_text_or_what_a_text_names() {
        let table = "\u{feff}to,name,text\n4512345678,Ann,\"one, two\"\n4512345679,Bo,three\n";
        let plain = read(table, None).rows;
        assert_eq!((plain[0].to.as_str(), plain[0].text.as_str()), ("4512345678", "one, two"));
        let filled = read(table, Some("Dear {name}: {{{text}}}")).rows;
        assert_eq!(filled[1].text, "Dear Bo: {three}");
    }

    #[test]
    fn what_stands_between_the_columns_changes_nothing() {
        let table = "to,name,text\n1,\"A\",a\n2,B,b\n";
        for separator in [";", "\t"] {
            assert_eq!(read(&table.replace(',', separator), None).rows, read(table, None).rows);
        }
    }

    #[test]
    fn a_row_is_known_again_and_no_other_is() {
        let one = |table| read(table, None).rows.into_iter().map(|row| row.id);
        let ids: Vec<String> = one("to,text\n1,a\n1,a\n2,a\n1,b\n").collect();
        assert_eq!(ids, one("to,text\n1,a\n1,a\n2,a\n1,b\n3,c\n").take(4).collect::<Vec<_>>());
        for (i, id) in ids.iter().enumerate() {
            assert!(!ids[..i].contains(id), "{ids:?}");
        }
        assert_ne!(id("one", 1, "1", "a"), id("other", 1, "1", "a"));
    }

    #[test]
    fn each_row_that_is_none_is_named_with_its_line() {
        let table = "to,text\n1,a\n2,\n,b\n3,\"a\nb\"\n,\n1,a,b\n\n4,c\n";
        for table in [table.to_owned(), table.replace('\n', "\r\n")] {
            let Table { rows, wrong } = read(&table, None);
            assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 5, 10]);
            let wrong: Vec<String> = wrong.iter().map(Wrong::to_string).collect();
            assert_eq!(
                wrong,
                [
                    "line 3: there is no text",
                    "line 4: there is no number",
                    "line 7: there is neither a number nor a text",
                    "line 8: there are 3 fields, and 2 in the first row: a text with a separator in \
                     it stands in double quotes",
                ]
            );
        }
    }

    #[test]
    fn what_is_no_table_is_said_to_be_none() {
        let why = |table: &[u8], template| Table::read(table, template, "job").unwrap_err();
        assert!(why(b"number,text\n1,a\n", None).contains("no column `to`"));
        assert!(why(b"to\n1\n", None).contains("no column `text`"));
        assert!(why(b"to\n1\n", Some("{name}")).contains("no column \"name\""));
        assert!(why(b"to\n1\n", Some("a } b")).contains("brace"));
        assert!(why(b"to,text\n1,a\n2,\xe6\n", None).starts_with("line 3 is not in UTF-8: save"));
        assert!(why(b"\xff\xfet\0o\0", None).starts_with("line 1 is not in UTF-8: save"));
    }
}
