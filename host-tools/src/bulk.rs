//! `septet bulk`: a text to everybody in a table.
//!
//! Each row has an id that its job, its place and its content make, and the gateway sends what has a
//! known id once only. So a run that was broken off, or whose gateway went away, is made again as it
//! is: what was accepted stays accepted.

mod results;
mod table;

use std::fmt::Write;
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::sleep;

use self::results::{Results, Whose};
use self::table::{Row, Table, Wrong};
use crate::Failed;
use crate::asked::Asked;
use crate::control::{Client, Fate};
use crate::nouns::{counted, plural};
use crate::own::Text;

/// How many rows are given to the gateway at once: they share a transaction.
const AT_ONCE: usize = 100;

/// How long after a gateway that takes nothing now it is asked again, and how often in a row.
const PAUSE: Duration = Duration::from_secs(1);
const TRIES: u32 = 60;

/// How many rows that cannot be sent are named.
const NAMED: usize = 20;

/// Sends a text to each row of a CSV file.
///
/// The first row has the names of the columns, with commas, semicolons or tabs between them. `to` is
/// the number; `text` is the text, where --text gives none. In --text, {name} stands for what the row
/// has in the column of that name. A second run sends no row twice, and ends what the first has left.
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
    /// The file that says what became of each row; FILE.result.csv where it is not said, and
    /// FILE.JOB.result.csv with --job
    #[arg(long, value_name = "FILE")]
    result: Option<PathBuf>,
    /// Only ask the gateway which rows it would refuse, and why
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    asked: Asked,
}

/// Runs the command and returns what it prints.
///
/// # Errors
/// One sentence: a file that is none, a gateway that cannot be asked, rows that were refused.
pub async fn run(options: &Options) -> Result<String, Failed> {
    let Options { file, text, account, job, result, dry_run, asked } = options;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let of_file = |why: String| Failed::input(format!("{}: {why}", file.display()));
    let octets = fs::read(file).map_err(|e| of_file(format!("cannot be read: {e}")))?;
    let own_job = job.as_deref().unwrap_or(&name);
    let Table { rows, mut wrong } =
        Table::read(&octets, text.as_deref(), own_job).map_err(of_file)?;
    if !dry_run && !wrong.is_empty() {
        let what = counted(wrong.len(), "row");
        let sentence = format!("{what} cannot be sent, so nothing was sent");
        return Err(Failed { sentence, output: listed(&wrong) });
    }
    let client = asked.client()?;
    let account = &chosen(&client, account.as_deref()).await?;
    let asking = Asking { client: &client, account, rows: &rows, dry_run: *dry_run };
    if *dry_run {
        let Tally { new, before, parts, refused } = asking.run(None).await?;
        wrong.extend(refused);
        wrong.sort_by_key(|wrong| wrong.line);
        let (new, parts) = (counted(new, "row"), counted(parts, "part"));
        let output = format!(
            "{new} can be sent in {parts}, {before} {} accepted before\n{}",
            if before == 1 { "was" } else { "were" },
            listed(&wrong)
        );
        if wrong.is_empty() {
            return Ok(output);
        }
        let sentence = format!("{} cannot be sent", counted(wrong.len(), "row"));
        return Err(Failed { sentence, output });
    }
    let result = result.clone().unwrap_or_else(|| beside(file, job.as_deref()));
    let whose = Whose { job: own_job, account };
    let results = Results::new(&result, whose)?;
    let Tally { new, before, parts, refused } = asking.run(Some(results)).await?;
    let output = format!(
        "{new} new in {}, {before} accepted before, {} refused; {} says which\n{}",
        counted(parts, "part"),
        refused.len(),
        result.display(),
        listed(&refused)
    );
    match refused.len() {
        0 => Ok(output),
        1 => Err(Failed { sentence: "1 row was refused".to_owned(), output }),
        count => Err(Failed { sentence: format!("{count} rows were refused"), output }),
    }
}

/// The name of the account that is wanted, or of the first.
async fn chosen(client: &Client, wanted: Option<&str>) -> Result<String, Failed> {
    let known = client.accounts().await?.into_iter().map(|account| account.name);
    match wanted {
        Some(wanted) => known.into_iter().find(|name| name == wanted).ok_or_else(|| {
            Failed::input(format!("there is no account {wanted:?}: `septet accounts` lists them"))
        }),
        None => known
            .into_iter()
            .next()
            .ok_or_else(|| Failed::input("the gateway has no account: nobody can send")),
    }
}

/// Where the results of a file go that says nothing of them.
fn beside(file: &Path, job: Option<&str>) -> PathBuf {
    let mut path = file.to_owned().into_os_string();
    if let Some(job) = job {
        path.push(".");
        // A job's name is no folder's.
        path.push(job.replace('/', "-"));
    }
    path.push(".result.csv");
    path.into()
}

/// The rows that cannot be sent, a line each, as far as they are named.
fn listed(wrong: &[Wrong]) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    for wrong in wrong.iter().take(NAMED) {
        let _ = writeln!(out, "{wrong}");
    }
    if let Some(more @ 1..) = wrong.len().checked_sub(NAMED) {
        let _ = writeln!(out, "and {more} more line{}", plural(&more));
    }
    out
}

/// What became of all rows.
#[derive(Debug, Default)]
struct Tally {
    /// How many are accepted now.
    new: usize,
    /// How many were accepted before.
    before: usize,
    /// The parts of the new ones.
    parts: u64,
    /// Those that are refused.
    refused: Vec<Wrong>,
}

impl Tally {
    fn add(&mut self, row: &Row, fate: &Fate) {
        match fate {
            Fate::Accepted(own) if own.before => self.before += 1,
            Fate::Accepted(own) => {
                self.new += 1;
                self.parts += u64::from(own.parts);
            }
            Fate::Refused(own) => {
                self.refused.push(Wrong { line: row.line, why: own.why.clone() });
            }
        }
    }
}

/// What is asked of a gateway.
struct Asking<'a> {
    client: &'a Client,
    account: &'a str,
    rows: &'a [Row],
    /// Whether nothing is to be sent.
    dry_run: bool,
}

impl Asking<'_> {
    /// Asks for all rows, and writes what became of each as it is known.
    async fn run(&self, mut results: Option<Results<'_>>) -> Result<Tally, Failed> {
        let bar = bar(self.rows.len());
        let mut tally = Tally::default();
        for some in self.rows.chunks(AT_ONCE) {
            for (row, fate) in some.iter().zip(self.fates(some).await?) {
                tally.add(row, &fate);
                if let Some(results) = &mut results {
                    results.add(row, &fate)?;
                }
            }
            if let Some(results) = &mut results {
                results.flush()?;
            }
            bar.inc(some.len() as u64);
        }
        bar.finish_and_clear();
        Ok(tally)
    }

    /// What became of rows; those that the gateway cannot take now are asked for again.
    async fn fates(&self, rows: &[Row]) -> Result<Vec<Fate>, Failed> {
        let text = |row: &Row| Text {
            account: self.account.to_owned(),
            to: row.to.clone(),
            text: row.text.clone(),
            id: Some(row.id.clone()),
            dry_run: self.dry_run,
        };
        let texts: Vec<Text> = rows.iter().map(text).collect();
        let mut fates = self.client.send(&texts).await?;
        for _ in 1..TRIES {
            let is_later = |fate: &Fate| matches!(fate, Fate::Refused(own) if own.later);
            // What is accepted by now would be said to have been before.
            let (again, left): (Vec<Text>, Vec<&mut Fate>) = texts
                .iter()
                .zip(&mut fates)
                .filter(|(_, fate)| is_later(fate))
                .map(|(text, fate)| (text.clone(), fate))
                .unzip();
            if again.is_empty() {
                break;
            }
            sleep(PAUSE).await;
            for (old, new) in left.into_iter().zip(self.client.send(&again).await?) {
                *old = new;
            }
        }
        Ok(fates)
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
