//! The laws of AT. Each is a function that panics where the law is broken, so that the tests and the
//! fuzz targets call the same one.

use septet::at::{CmeError, CmsError, Command, Line, commands};
use septet::wire::Wire;

/// Whatever octets a modem or a terminal writes: they are read without a panic, what was read can be
/// written, and what was written is read as the same.
pub fn octets_read_and_write(octets: &[u8]) {
    let mut buffer = vec![0; octets.len() + 64];
    if let Ok(line) = Line::from_bytes(octets) {
        let written = line.to_slice(&mut buffer).unwrap();
        assert_eq!(Line::from_bytes(written), Ok(line));
    }
    if let Ok(command) = Command::from_bytes(octets) {
        let written = command.to_slice(&mut buffer).unwrap();
        assert_eq!(Command::from_bytes(written), Ok(command));
    }
    // Without what frames it; a line of blanks is none.
    let text = octets.split(|octet| matches!(octet, b'\r' | b'\n')).next().unwrap_or_default();
    if !text.trim_ascii().is_empty() {
        let line = Line::read(text);
        let written = line.to_slice(&mut buffer).unwrap();
        assert_eq!(Line::from_bytes(written), Ok(line));
    }
    for words in [CmsError::from_words(text).words(), CmeError::from_words(text).words()] {
        assert!(words.is_some());
    }
    // A modem takes a line with several commands: each of them stands alone as well.
    for command in commands(octets).into_iter().flatten().flatten() {
        let written = command.to_slice(&mut buffer).unwrap();
        assert_eq!(Command::from_bytes(written), Ok(command));
    }
}
