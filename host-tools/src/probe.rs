//! `septet probe`: what a modem says that it can do, the profile that follows, and a transcript.

mod dialogue;
mod findings;
mod questions;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use septet_firmware::trace::{Mask, Transcript};
use serde::Serialize;

pub use self::dialogue::{Answer, End};
pub use self::findings::{Difference, Findings};
use crate::shell::Line;
use crate::{Failed, config, port};
use dialogue::Dialogue;

/// Asks a modem what it can do, and says which profile fits it.
///
/// Nothing in the modem is changed that lasts: echo and the form of errors and of results are set back.
/// A prompt that another program left is ended, and results that it switched off are switched on; that
/// is told. No PIN is entered and nothing is sent. The transcript has no numbers of people, SIMs or modems: it may be
/// given away.
#[derive(Debug, Args)]
pub struct Options {
    /// Where the modem is: a serial device or pty, or tcp:HOST:PORT
    #[arg(long)]
    port: String,
    /// Bits a second, on a serial device
    #[arg(long, default_value_t = config::BAUD)]
    baud: u32,
    /// Folder into which the transcript and the profile are written
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What a modem told.
#[derive(Debug, Serialize)]
pub struct Probed {
    /// What its answers say.
    #[serde(flatten)]
    pub findings: Findings,
    /// The profile, as Rust.
    pub code: String,
    /// What went over the line.
    pub transcript: String,
    /// The commands that it refuses.
    pub refused: Vec<String>,
    /// The commands that it does not answer in time.
    pub unanswered: Vec<String>,
}

/// Runs the command and returns what it prints; progress goes to standard error.
///
/// # Errors
/// One sentence: no port, no answer, nothing but refusals.
pub async fn run(options: &Options) -> Result<String, Failed> {
    let Options { port: name, baud, out, json } = options;
    let line = Line(Some(port::open(name, *baud).await?));
    eprintln!("asking the modem at {name}");
    let probed = ask(line, name, *baud).await?;
    let mut output = if *json {
        serde_json::to_string_pretty(&probed).map_err(|e| Failed::input(e.to_string()))? + "\n"
    } else {
        probed.words(out.is_none())
    };
    if let Some(folder) = out {
        for path in probed.write(folder)? {
            if !*json {
                // Writing to a String cannot fail.
                let _ = writeln!(output, "written   {}", path.display());
            }
        }
    }
    if probed.findings.refuses_everything {
        let sentence = format!(
            "the modem at {name} refuses every question: check that this is its AT port, and that it \
             has a SIM"
        );
        return Err(Failed { sentence, output });
    }
    Ok(output)
}

/// Asks the modem on a line every question; `name` and `baud` are for errors.
///
/// # Errors
/// One sentence, where nothing answers.
pub async fn ask(line: Line, name: &str, baud: u32) -> Result<Probed, Failed> {
    let mut dialogue = Dialogue::new(line);
    let Some(first) = dialogue.attention().await? else {
        return Err(Failed::input(match dialogue.heard() {
            0 => format!(
                "nothing answers at {name}: check that the modem is on, that this is its AT port, \
                 and the speed ({baud} bits a second, --baud sets another)"
            ),
            _ => format!(
                "what comes from {name} is no answer: check the speed ({baud} bits a second, --baud \
                 sets another)"
            ),
        }));
    };
    if first.digits {
        dialogue.ask("V1", SETTING_MS).await?;
    }
    // Words of an error tell less than its number, and an echo is in the way.
    let errors = dialogue.ask("+CMEE?", SETTING_MS).await?;
    dialogue.ask("E0", SETTING_MS).await?;
    dialogue.ask("+CMEE=1", SETTING_MS).await?;
    let asked = ask_all(&mut dialogue, name).await;
    let before = errors.lines.iter().find_map(|line| line.strip_prefix("+CMEE:"));
    let restore = match before.map(str::trim) {
        Some("1") => "",
        Some("2") => "+CMEE=2",
        _ => "+CMEE=0",
    };
    dialogue.ask(restore, SETTING_MS).await?;
    if first.echoed {
        dialogue.ask("E1", SETTING_MS).await?;
    }
    if first.digits {
        dialogue.ask("V0", SETTING_MS).await?;
    }
    let answers = asked?;
    let mut findings = Findings::of(&answers);
    for (is, note) in [
        (first.silenced, "its results were switched off (ATQ1); they are on now"),
        (first.digits, "its results are digits (ATV0)"),
    ] {
        if is {
            findings.notes.push(note.to_owned());
        }
    }
    let with = |is: fn(&End) -> bool| {
        let answers = answers.iter().filter(|answer| is(&answer.end));
        answers.map(|answer| format!("AT{}", answer.command)).collect()
    };
    Ok(Probed {
        code: code(&findings),
        transcript: head(&findings) + dialogue.transcript(),
        refused: with(|end| matches!(end, End::Refused(_))),
        unanswered: with(|end| *end == End::Silent),
        findings,
    })
}

/// Time to answer what sets something.
const SETTING_MS: u64 = 5_000;

async fn ask_all(dialogue: &mut Dialogue, name: &str) -> Result<Vec<Answer>, Failed> {
    let mut answers = Vec::new();
    for question in questions::questions() {
        let answer = dialogue.ask(question.command, question.ms).await?;
        // What comes late must not be taken for the answer to the next.
        if answer.end == End::Silent && dialogue.attention().await?.is_none() {
            return Err(Failed::input(format!(
                "the modem at {name} answers nothing any more since AT{}: check its supply, and try \
                 again",
                question.command
            )));
        }
        answers.push(answer);
    }
    Ok(answers)
}

/// The head of the transcript.
fn head(findings: &Findings) -> String {
    let modem = format!("{} {}", findings.maker, findings.model);
    let modem = match modem.trim() {
        "" => "unknown",
        modem => modem,
    };
    let mut head = Transcript::new(String::new(), modem, Mask::NUMBERS);
    head.note("source", concat!("septet probe ", env!("CARGO_PKG_VERSION")));
    head.note("about", "what it says that it can do");
    head.sink().clone()
}

/// The profile, as Rust.
fn code(findings: &Findings) -> String {
    let Findings { maker, model, revision, differs, .. } = findings;
    let name = name(findings).to_uppercase();
    let modem = format!("{maker} {model}");
    let mut code = match modem.trim() {
        "" => "/// A modem".to_owned(),
        modem => format!("/// {modem}"),
    };
    if !revision.is_empty() {
        code += &format!(", revision {revision}");
    }
    code += ", as it told `septet probe`.\n";
    code += &format!("pub static {name}: Profile = Profile {{\n");
    // Nothing would be said by every modem.
    if !model.is_empty() {
        code += &format!("    model: {model:?},\n    says: &[{model:?}],\n");
    }
    for Difference { field, value, why } in differs {
        code += &format!("    // {why}\n    {field}: {value},\n");
    }
    code + "    ..GENERIC\n};\n"
}

/// The model as a name: letters, digits and underscores.
fn name(findings: &Findings) -> String {
    let simple = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let name: String = findings.model.chars().map(simple).collect();
    match name.trim_matches('_') {
        "" => "modem".to_owned(),
        name if name.starts_with(|c: char| c.is_ascii_digit()) => format!("modem_{name}"),
        name => name.to_owned(),
    }
}

impl Probed {
    /// What it told, in words; with what else would be in files.
    fn words(&self, with_files: bool) -> String {
        let Self { findings, code, transcript, refused, unanswered } = self;
        let Findings { maker, model, revision, profile, why, notes, .. } = findings;
        let mut words = String::new();
        let mut line = |name: &str, text: &str| {
            // Writing to a String cannot fail.
            let _ = writeln!(words, "{name:<10}{text}");
        };
        let modem = format!("{maker} {model}");
        for (name, text) in [("modem", modem.trim()), ("revision", revision)] {
            if !text.is_empty() {
                line(name, text);
            }
        }
        line("profile", &format!("{profile}: {why}"));
        for note in notes {
            line("note", note);
        }
        for (name, commands) in [("refused", refused), ("silent", unanswered)] {
            if !commands.is_empty() {
                line(name, &commands.join(", "));
            }
        }
        if with_files {
            words += &format!("\n{code}\n{transcript}");
        }
        words
    }

    /// Writes the transcript and the profile into a folder, and returns where they are.
    fn write(&self, folder: &Path) -> Result<[PathBuf; 2], Failed> {
        let failed = |path: &Path, error: std::io::Error| {
            Failed::input(format!("cannot write {}: {error}", path.display()))
        };
        fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
        let name = name(&self.findings);
        let transcript = folder.join(format!("modem-{}-probe.txt", name.replace('_', "-")));
        let profile = folder.join(format!("{name}.rs"));
        for (path, text) in [(&transcript, &self.transcript), (&profile, &self.code)] {
            fs::write(path, text).map_err(|error| failed(path, error))?;
        }
        Ok([transcript, profile])
    }
}
