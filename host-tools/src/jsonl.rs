//! JSON Lines: one object a line in, one a line out, as many as come.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

use serde_json::{Value, json};

use crate::Failed;

/// Answers each line of standard input on standard output.
///
/// # Errors
/// One sentence, when a line cannot be read or written. A reader that has gone away, as `head` does,
/// is no failure.
pub fn stdio(answer: impl FnMut(&Value) -> Value) -> Result<String, Failed> {
    match each(io::stdin().lock(), io::stdout().lock(), answer) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failed::input(error.to_string()))
        }
        _ => Ok(String::new()),
    }
}

/// Answers each line of `input` on `output`; blank lines have no answer.
///
/// One line is in memory at a time. What was answered is written before more input is waited for, so
/// that a program can ask and wait for the answer.
///
/// # Errors
/// Those of the input and the output.
pub fn each(
    input: impl Read,
    output: impl Write,
    mut answer: impl FnMut(&Value) -> Value,
) -> io::Result<()> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let mut output = BufWriter::with_capacity(1 << 16, output);
    let mut line = Vec::new();
    loop {
        if input.buffer().is_empty() {
            output.flush()?;
        }
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            return output.flush();
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let answer = match serde_json::from_slice(&line) {
            Ok(object) => answer(&object),
            Err(error) => json!({ "error": {
                "kind": "json",
                "field": "line",
                "at": error.column(),
                "message": format!("line is no JSON: {error}"),
            } }),
        };
        serde_json::to_writer(&mut output, &answer)?;
        output.write_all(b"\n")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_an_answer_and_blank_lines_have_none() {
        let mut output = Vec::new();
        let input = "{\"a\":1}\n\n  \n{\"a\"\n[2]";
        each(input.as_bytes(), &mut output, |value| json!({ "was": value })).unwrap();
        let output = String::from_utf8(output).unwrap();
        let lines: Vec<&str> = output.lines().collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[0], r#"{"was":{"a":1}}"#);
        assert!(lines[1].contains(r#""kind":"json""#), "{}", lines[1]);
        assert_eq!(lines[2], r#"{"was":[2]}"#);
    }
}
