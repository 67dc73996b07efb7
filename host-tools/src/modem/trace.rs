//! What is written and typed, line by line, as transcripts have it.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use crate::Failed;
use crate::virtual_modem::{Direction, Trace};

/// Adds what passes to a file: `> ` stands before what the terminal wrote, `< ` before what the modem
/// did.
///
/// # Errors
/// One sentence with the file.
pub(super) fn file(path: &Path) -> Result<Trace, Failed> {
    let opened = OpenOptions::new().create(true).append(true).open(path);
    let mut file =
        opened.map_err(|e| Failed::input(format!("cannot write {}: {e}", path.display())))?;
    let mut lines = [Vec::new(), Vec::new()];
    Ok(Box::new(move |direction, octets| {
        let (line, sign) = match direction {
            Direction::Typed => (&mut lines[0], '>'),
            Direction::Written => (&mut lines[1], '<'),
        };
        for octet in octets {
            match octet {
                b'\r' | b'\n' if line.is_empty() => {}
                // A trace that cannot be written is no reason to stop.
                b'\r' | b'\n' | 0x1A => {
                    let end = if *octet == 0x1A { "^Z" } else { "" };
                    let _ = writeln!(file, "{sign} {}{end}", printed(line));
                    line.clear();
                }
                _ => line.push(*octet),
            }
        }
    }))
}

fn printed(octets: &[u8]) -> String {
    let shown = |octet: &u8| match octet {
        0x1B => "^[".to_owned(),
        b' '..=b'~' => char::from(*octet).to_string(),
        _ => format!("\\x{octet:02X}"),
    };
    octets.iter().map(shown).collect()
}
