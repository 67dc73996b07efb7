//! A text for people, on one line.

use core::fmt::{self, Write as _};

/// The text in quotation marks, on one line, so that a person sees what is there: escapes stand for
/// quotation marks and backslashes, for control characters, and for those that show nothing or turn
/// what follows them round.
pub fn quoted(text: impl Iterator<Item = char> + Clone) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        f.write_char('"')?;
        text.clone().try_for_each(|c| write_quoted(f, c))?;
        f.write_char('"')
    })
}

/// Writes a character of a text that is quoted.
pub(super) fn write_quoted(f: &mut impl fmt::Write, c: char) -> fmt::Result {
    // Joiners, which show nothing either, belong to letters and to emoji.
    let is_hidden = matches!(c, '"' | '\\' | '\u{AD}' | '\u{200B}' | '\u{200E}' | '\u{200F}'
        | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}');
    if is_hidden || c.is_control() {
        c.escape_default().try_for_each(|c| f.write_char(c))
    } else {
        f.write_char(c)
    }
}
