//! Transcripts in files.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use septet_firmware::trace::{Mask, Transcript};
use tracing::warn;

use crate::Failed;

/// A transcript that goes into a file.
pub type FileTrace = Transcript<TraceFile>;

/// A file that is written line by line, so that it can be read while it grows.
#[derive(Debug)]
pub struct TraceFile {
    path: PathBuf,
    file: File,
    line: String,
}

/// Begins a transcript at the end of a file, which is made where it is not there; only its owner may
/// read it.
///
/// Without `numbers` those of telephones, SIMs and modems are overwritten.
///
/// # Errors
/// One sentence with the file.
pub fn append(path: &Path, modem: &str, numbers: bool) -> Result<FileTrace, Failed> {
    let file =
        OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(|e| {
            Failed::input(format!("cannot write the trace {}: {e}", path.display()))
        })?;
    let file = TraceFile { path: path.to_owned(), file, line: String::new() };
    let mask = if numbers { Mask::NONE } else { Mask::NUMBERS };
    let mut trace = Transcript::new(file, modem, mask);
    trace.note("source", concat!("septet ", env!("CARGO_PKG_VERSION")));
    Ok(trace)
}

impl fmt::Write for TraceFile {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.line += text;
        if !self.line.ends_with('\n') {
            return Ok(());
        }
        let written = self.file.write_all(self.line.as_bytes());
        self.line.clear();
        written.map_err(|error| {
            warn!(%error, "the trace {} ends here: it cannot be written", self.path.display());
            fmt::Error
        })
    }
}
