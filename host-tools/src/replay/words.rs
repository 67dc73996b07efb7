//! The words of an `= ` line: what stands between blanks, where quotation marks keep blanks and `;`
//! together.

use std::fmt;

/// One word, its quotation marks resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Where it begins, in octets of the line.
    pub at: usize,
    /// Where it ends.
    pub end: usize,
    /// What it says.
    pub text: String,
}

/// The words up to the `;` that prose follows.
///
/// # Errors
/// The octet of `line`, and what is wrong there.
pub fn split(line: &str) -> Result<Vec<Word>, (usize, String)> {
    let mut words: Vec<Word> = Vec::new();
    let mut open: Option<Word> = None;
    let mut chars = line.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            ';' => break,
            ' ' | '\t' => words.extend(open.take()),
            _ => {
                let word = open.get_or_insert(Word { at, end: at, text: String::new() });
                if c == '"' {
                    quotation(&mut chars, &mut word.text)
                        .ok_or_else(|| (at, "the text has no closing quotation mark".to_owned()))?;
                } else {
                    word.text.push(c);
                }
                word.end = chars.offset();
            }
        }
    }
    words.extend(open);
    Ok(words)
}

/// Reads up to the closing quotation mark; `None` when there is none.
fn quotation(chars: &mut std::str::CharIndices<'_>, text: &mut String) -> Option<()> {
    loop {
        match chars.next()?.1 {
            '"' => return Some(()),
            '\\' => text.push(match chars.next()?.1 {
                'n' => '\n',
                'r' => '\r',
                'u' => {
                    let digits = chars.as_str().strip_prefix('{')?.split('}').next()?;
                    let code = u32::from_str_radix(digits, 16).ok()?;
                    chars.nth(digits.chars().count() + 1)?;
                    char::from_u32(code)?
                }
                c => c,
            }),
            c => text.push(c),
        }
    }
}

/// The text in quotation marks, as [`split`] reads it.
pub fn quoted(text: &str) -> impl fmt::Display {
    fmt::from_fn(move |f| {
        f.write_str("\"")?;
        for c in text.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                c if c.is_control() => write!(f, "\\u{{{:x}}}", u32::from(c))?,
                c => write!(f, "{c}")?,
            }
        }
        f.write_str("\"")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_is_read_as_it_was_written() {
        for text in ["", "a;b \"c\" \\ d", "\r\n\t\u{1b}\u{20ac}", "}{"] {
            let line = format!("text={} more ; prose", quoted(text));
            let words = split(&line).unwrap();
            assert_eq!(words[0].text, format!("text={text}"));
            assert_eq!(words[1].text, "more");
            assert_eq!(words.len(), 2);
        }
    }
}
