//! JSON Lines: one object a line in, one a line out, as many as come.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use serde_json::{Value, json};

use crate::Failed;

/// The longest line of a command about one message, in octets: twice what a text of 255 parts takes with
/// every character escaped.
pub const LINE_MAX: usize = 1 << 20;

/// Answers each line of standard input, of at most `line_max` octets, on standard output.
///
/// # Errors
/// One sentence, when a line cannot be read or written. A reader that has gone away, as `head` does,
/// is no failure.
pub fn stdio(line_max: usize, answer: impl FnMut(&Value) -> Value) -> Result<String, Failed> {
    match each(io::stdin().lock(), io::stdout().lock(), line_max, answer) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failed::input(error.to_string()))
        }
        _ => Ok(String::new()),
    }
}

/// Answers each line of `input` on `output`; blank lines have no answer.
///
/// One line is in memory at a time, and at most `line_max` octets of it; the answer to a longer one is
/// an error, as to one that is no JSON. What was answered is written before more input is waited for, so
/// that a program can ask and wait for the answer.
///
/// # Errors
/// Those of the input and the output.
pub fn each(
    input: impl Read,
    output: impl Write,
    line_max: usize,
    mut answer: impl FnMut(&Value) -> Value,
) -> io::Result<()> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let mut output = BufWriter::with_capacity(1 << 16, output);
    let mut line = Vec::new();
    loop {
        if !input.buffer().contains(&b'\n') {
            output.flush()?;
        }
        line.clear();
        if input.by_ref().take(line_max as u64 + 1).read_until(b'\n', &mut line)? == 0 {
            return output.flush();
        }
        let answer = if line.len() > line_max && !line.ends_with(b"\n") {
            input.skip_until(b'\n')?;
            wrong("too_long", line_max, &format!("line is longer than {line_max} octets"))
        } else if line.trim_ascii().is_empty() {
            continue;
        } else {
            match serde_json::from_slice(&line) {
                Ok(object) => answer(&object),
                Err(error) => wrong("json", error.column(), &format!("line is no JSON: {error}")),
            }
        };
        answer.serialize(&mut Serializer::with_formatter(&mut output, OneLine))?;
        output.write_all(b"\n")?;
    }
}

/// JSON without the characters that JSON allows and some readers of lines end a line at.
struct OneLine;

impl Formatter for OneLine {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        for piece in fragment.split_inclusive(['\u{85}', '\u{2028}', '\u{2029}']) {
            match piece.char_indices().next_back() {
                Some((end, c @ ('\u{85}' | '\u{2028}' | '\u{2029}'))) => {
                    writer.write_all(&piece.as_bytes()[..end])?;
                    write!(writer, "\\u{:04x}", u32::from(c))?;
                }
                _ => writer.write_all(piece.as_bytes())?,
            }
        }
        Ok(())
    }
}

/// What is wrong with the line `at` this octet.
fn wrong(kind: &str, at: usize, message: &str) -> Value {
    json!({ "error": { "kind": kind, "field": "line", "at": at, "message": message } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_an_answer_and_blank_lines_have_none() {
        let mut output = Vec::new();
        let input = "{\"a\":1}\n\n  \n{\"a\"\n[2]";
        each(input.as_bytes(), &mut output, LINE_MAX, |value| json!({ "was": value })).unwrap();
        let output = String::from_utf8(output).unwrap();
        let lines: Vec<&str> = output.lines().collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0], r#"{"was":{"a":1}}"#);
        assert!(lines[1].contains(r#""kind":"json""#), "{}", lines[1]);
        assert_eq!(lines[2], r#"{"was":[2]}"#);
    }

    #[test]
    fn no_character_ends_a_line_within_the_answer() {
        let text = "a\u{85}b\u{2028}\u{2029}c\u{c}\n\u{2027}";
        let mut output = Vec::new();
        each(&b"1"[..], &mut output, LINE_MAX, |_| json!(text)).unwrap();
        assert_eq!(output, "\"a\\u0085b\\u2028\\u2029c\\f\\n\u{2027}\"\n".as_bytes());
        assert_eq!(serde_json::from_slice::<Value>(&output).unwrap(), text);
    }

    #[test]
    fn a_line_that_is_too_long_has_an_error_and_the_next_one_its_answer() {
        let longest = "7".to_owned() + &" ".repeat(LINE_MAX - 1);
        for (end, count) in [("\n", 5), ("", 4)] {
            let input = format!("{longest}\n{longest} \n[1]\n {longest}{end}[2]");
            let mut output = Vec::new();
            each(input.as_bytes(), &mut output, LINE_MAX, |value| json!({ "was": value })).unwrap();
            let output = String::from_utf8(output).unwrap();
            let lines: Vec<&str> = output.lines().collect();
            let error = r#"{"error":{"at":1048576,"field":"line","kind":"too_long","message":"line is longer than 1048576 octets"}}"#;
            assert_eq!(lines[..3], [r#"{"was":7}"#, error, r#"{"was":[1]}"#]);
            assert_eq!(lines[3], error);
            assert_eq!(lines.len(), count, "{end:?}");
        }
    }
}
