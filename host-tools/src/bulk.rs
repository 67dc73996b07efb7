//! `septet bulk`: a text to everybody in a table.
//!
//! Each row has an id that its job, its place and its content make, and the gateway sends what has a
//! known id once only. So a run that was broken off, or whose gateway went away, is made again as it
//! is: what was accepted stays accepted.

use std::collections::HashMap;
use std::fs::File;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use blake2::{Blake2s256, Digest};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::sleep;

use crate::Failed;
use crate::asked::Asked;
use crate::control::{Client, Fate};
use crate::nouns::counted;
use crate::own::Text;

/// How many rows are given to the gateway at once: they share a transaction.
const AT_ONCE: usize = 100;

/// How long after a gateway that takes nothing now it is asked again, and how often in a row.
const PAUSE: Duration = Duration::from_secs(1);
const TRIES: u32 = 60;

/// Sends a text to each row of a CSV file.
///
/// The first row has the names of the columns. `to` is the number; `text` is the text, where --text
/// gives none. In --text, {name} stands for what the row has in the column of that name. A second run
/// sends no row twice, and ends what the first has left.
#[derive(Debug, Args)]
pub struct Options {
    /// The CSV file, in UTF-8
    file: PathBuf,
    /// The text for all, with {column} where a row has its own
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// The account that it counts for; the first of the gateway's where it is not said
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// What makes a run another one than the last: with the same name no row is sent twice
    ///
    /// It is the name of the file, where it is not said.
    #[arg(long, value_name = "NAME")]
    job: Option<String>,
    /// The file that says what became of each row; FILE.result.csv where it is not said
    #[arg(long, value_name = "FILE")]
    result: Option<PathBuf>,
    /// Only check the file, and say how many rows it has
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    asked: Asked,
}

/// A row that can be sent.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    to: String,
    text: String,
    id: String,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// One sentence: a file that is none, a gateway that cannot be asked, rows that were refused.
pub async fn run(options: &Options) -> Result<String, Failed> {
    let Options { file, text, account, job, result, dry_run, asked } = options;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let job = job.as_deref().unwrap_or(&name);
    let rows = rows(File::open(file), text.as_deref(), job)
        .map_err(|why| Failed::input(format!("{}: {why}", file.display())))?;
    if *dry_run {
        return Ok(format!("{} can be sent\n", counted(rows.len(), "row")));
    }
    let client = asked.client()?;
    let account = match account {
        Some(account) => account.clone(),
        None => {
            let first = client.accounts().await?.into_iter().next();
            let none = || Failed::input("the gateway has no account: nobody can send");
            first.ok_or_else(none)?.name
        }
    };
    let result = result.clone().unwrap_or_else(|| {
        let mut path = file.clone().into_os_string();
        path.push(".result.csv");
        path.into()
    });
    send(&client, &account, &rows, &result).await
}

/// The rows of a table.
fn rows(
    file: std::io::Result<impl std::io::Read>,
    template: Option<&str>,
    job: &str,
) -> Result<Vec<Row>, String> {
    let file = file.map_err(|e| format!("cannot be read: {e}"))?;
    let mut table = csv::ReaderBuilder::new().trim(csv::Trim::Headers).from_reader(file);
    let names = table.headers().map_err(|e| e.to_string())?.clone();
    // Some programs begin a file with a mark of its encoding.
    let names: Vec<&str> =
        names.iter().map(|name| name.trim_start_matches('\u{feff}').trim()).collect();
    let column = |wanted: &str| names.iter().position(|name| *name == wanted);
    let to = column("to").ok_or("has no column `to`: the first row names the columns")?;
    let text = column("text");
    if text.is_none() && template.is_none() {
        return Err("has no column `text`, and no --text is given".to_owned());
    }
    let mut rows = Vec::new();
    for (record, place) in table.records().zip(1_u64..) {
        let record = record.map_err(|e| e.to_string())?;
        let line = record.position().map_or(place + 1, csv::Position::line);
        let to = record.get(to).unwrap_or_default().trim().to_owned();
        let text = match template {
            Some(template) => {
                let own: HashMap<&str, &str> = names.iter().copied().zip(&record).collect();
                filled(template, &own)?
            }
            None => text.and_then(|text| record.get(text)).unwrap_or_default().to_owned(),
        };
        if to.is_empty() || text.is_empty() {
            let what = if to.is_empty() { "number" } else { "text" };
            return Err(format!("line {line} has no {what}: nothing was sent"));
        }
        let id = id(job, place, &to, &text);
        rows.push(Row { to, text, id });
    }
    Ok(rows)
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

/// Sends the rows, and writes what became of each as it is known.
async fn send(
    client: &Client,
    account: &str,
    rows: &[Row],
    result: &Path,
) -> Result<String, Failed> {
    let failed = |e: csv::Error| Failed::input(format!("cannot write {}: {e}", result.display()));
    let mut table = csv::Writer::from_path(result).map_err(failed)?;
    table.write_record(["to", "outcome", "parts", "id", "why"]).map_err(failed)?;
    let bar = bar(rows.len());
    let (mut accepted, mut parts, mut refused) = (0_usize, 0_u64, 0_usize);
    for some in rows.chunks(AT_ONCE) {
        let fates = taken(client, account, some).await?;
        for (row, fate) in some.iter().zip(fates) {
            let written = match fate {
                Fate::Accepted(own) => {
                    accepted += 1;
                    parts += u64::from(own.parts);
                    let (count, name) = (own.parts.to_string(), own.name);
                    table.write_record([&row.to, "accepted", &count, &name, ""])
                }
                Fate::Refused(own) => {
                    refused += 1;
                    table.write_record([&row.to, "refused", "", "", &own.why])
                }
            };
            written.map_err(failed)?;
        }
        table.flush().map_err(|e| failed(e.into()))?;
        bar.inc(some.len() as u64);
    }
    bar.finish_and_clear();
    let output = format!(
        "{accepted} accepted in {}, {refused} refused; {} says which\n",
        counted(parts, "part"),
        result.display()
    );
    match refused {
        0 => Ok(output),
        1 => Err(Failed { sentence: "1 row was refused".to_owned(), output }),
        _ => Err(Failed { sentence: format!("{refused} rows were refused"), output }),
    }
}

/// What became of rows; those that the gateway cannot take now are asked for again.
async fn taken(client: &Client, account: &str, rows: &[Row]) -> Result<Vec<Fate>, Failed> {
    let text = |row: &Row| Text {
        account: account.to_owned(),
        to: row.to.clone(),
        text: row.text.clone(),
        id: Some(row.id.clone()),
    };
    let texts: Vec<Text> = rows.iter().map(text).collect();
    let mut tries = 0;
    loop {
        let fates = client.send(&texts).await?;
        let is_later = |fate: &Fate| matches!(fate, Fate::Refused(refused) if refused.later);
        tries += 1;
        if tries >= TRIES || !fates.iter().any(is_later) {
            return Ok(fates);
        }
        // What was accepted is known by its id, and not sent again.
        sleep(PAUSE).await;
    }
}

/// A bar on a terminal; nothing elsewhere.
fn bar(rows: usize) -> ProgressBar {
    let target = match std::io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(Some(rows as u64), target);
    let style = ProgressStyle::with_template("{wide_bar} {pos} of {len}, {per_sec}, {eta} left");
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(table: &str, template: Option<&str>) -> Result<Vec<Row>, String> {
        rows(Ok(table.as_bytes()), template, "job")
    }

    #[test]
    fn a_row_has_a_number_and_a_text_or_what_a_text_names() {
        let table = "\u{feff}to,name,text\n4512345678,Ann,\"one, two\"\n4512345679,Bo,three\n";
        let plain = read(table, None).unwrap();
        assert_eq!((plain[0].to.as_str(), plain[0].text.as_str()), ("4512345678", "one, two"));
        let filled = read(table, Some("Dear {name}: {{{text}}}")).unwrap();
        assert_eq!(filled[1].text, "Dear Bo: {three}");
    }

    #[test]
    fn a_row_is_known_again_and_no_other_is() {
        let one = |table| read(table, None).unwrap().into_iter().map(|row| row.id);
        let ids: Vec<String> = one("to,text\n1,a\n1,a\n2,a\n1,b\n").collect();
        assert_eq!(ids, one("to,text\n1,a\n1,a\n2,a\n1,b\n3,c\n").take(4).collect::<Vec<_>>());
        for (i, id) in ids.iter().enumerate() {
            assert!(!ids[..i].contains(id), "{ids:?}");
        }
        assert_ne!(id("one", 1, "1", "a"), id("other", 1, "1", "a"));
    }

    #[test]
    fn what_is_no_table_is_refused_before_anything_is_sent() {
        let why = |table, template| read(table, template).unwrap_err();
        assert!(why("number,text\n1,a\n", None).contains("no column `to`"));
        assert!(why("to\n1\n", None).contains("no column `text`"));
        assert!(why("to,text\n1,a\n2,\n", None).starts_with("line 3 has no text"));
        assert!(why("to,text\n1,a,b\n", None).contains("line: 2"));
        assert!(why("to\n1\n", Some("{name}")).contains("no column \"name\""));
        assert!(why("to\n1\n", Some("a } b")).contains("brace"));
    }
}
