//! A trace of the line, as a transcript.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use septet_firmware::trace::{Mask, Transcript};

use crate::Failed;
use crate::virtual_modem::Trace;

/// A transcript that is added to a file, of a modem that is called `model`.
///
/// # Errors
/// One sentence with the file.
pub(super) fn file(path: &Path, model: &str) -> Result<Trace, Failed> {
    let opened = OpenOptions::new().create(true).append(true).open(path);
    let file =
        opened.map_err(|e| Failed::input(format!("cannot write {}: {e}", path.display())))?;
    // Whoever starts a virtual modem made its numbers up.
    Ok(Box::new(Transcript::new(Sink(file), model, Mask::NONE)))
}

/// Text that is written at once.
struct Sink(File);

impl fmt::Write for Sink {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write_all(text.as_bytes()).map_err(|_| fmt::Error)
    }
}
