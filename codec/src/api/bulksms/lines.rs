//! Lines of comma-separated values, as `batch_data` has them.
//!
//! Only this file finds commas, quotation marks and what ends a line.

use super::options::Options;
use crate::fields::Fields;
use core::cell::Cell;

use crate::text::Text;

/// Which columns have the number and the message, and what follows the line that says so.
pub(super) fn columns(lines: Text<'_>) -> Option<([u8; 2], Text<'_>)> {
    let (mut msisdn, mut message, mut is_option) = (None, None, false);
    let (is_whole, rest) = line(lines, |column, name| {
        if name == *"msisdn" {
            msisdn = Some(column);
        } else if name == *"message" {
            message = Some(column);
        }
        // What holds for all stands beside the lines: in a column it would be lost.
        is_option |= Options::NAMES.iter().any(|own| name == **own);
    });
    (is_whole && !is_option).then_some(([msisdn?, message?], rest))
}

/// Hands each value of the first line to `take`. Returns whether all of them can be read, and what
/// follows the line.
pub(super) fn line<'a>(mut text: Text<'a>, mut take: impl FnMut(u8, Text<'a>)) -> (bool, Text<'a>) {
    let mut is_whole = true;
    // Nobody has more columns: those behind the last one are all the last one, and nothing.
    let mut columns = (0..u8::MAX).map(Some).chain(core::iter::repeat(None));
    loop {
        let (value, separator, rest) = value(text);
        text = rest;
        match (value, columns.next().flatten()) {
            (Some(value), Some(column)) => take(column, value),
            (Some(_), None) => {}
            (None, _) => is_whole = false,
        }
        if separator != Some(',') {
            return (is_whole, text);
        }
    }
}

/// How far a value has been read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    /// Not at the value yet.
    Space,
    /// In a value without quotation marks.
    Plain,
    /// In a value between quotation marks.
    Quoted,
    /// Behind a backslash there.
    Escaped,
    /// Behind the closing quotation mark.
    Closed,
    /// Behind what cannot follow it.
    Broken,
}

/// What is known of a value, counted in characters.
#[derive(Clone, Copy)]
struct Scan {
    within: Within,
    at: usize,
    start: usize,
    end: usize,
}

impl Scan {
    /// Goes past a character, unless it ends the value.
    fn step(&mut self, c: char) -> bool {
        let ends = match c {
            ',' => !matches!(self.within, Within::Quoted | Within::Escaped),
            '\n' => self.within != Within::Escaped,
            _ => false,
        };
        if ends {
            return true;
        }
        let behind = self.at.saturating_add(1);
        self.within = match (self.within, c) {
            (Within::Space, '"') => {
                (self.start, self.end) = (behind, behind);
                Within::Quoted
            }
            (Within::Space | Within::Closed, c) if c.is_whitespace() => self.within,
            (Within::Space, _) => {
                (self.start, self.end) = (self.at, behind);
                Within::Plain
            }
            (Within::Plain, c) => {
                if !c.is_whitespace() {
                    self.end = behind;
                }
                Within::Plain
            }
            (Within::Quoted, '\\') => Within::Escaped,
            (Within::Quoted, '"') => {
                self.end = self.at;
                Within::Closed
            }
            (Within::Quoted | Within::Escaped, _) => Within::Quoted,
            (Within::Closed | Within::Broken, _) => Within::Broken,
        };
        self.at = behind;
        false
    }
}

/// The value that a text begins with, where it can be read, what ends it and what follows that.
fn value(text: Text<'_>) -> (Option<Text<'_>>, Option<char>, Text<'_>) {
    let scan = Cell::new(Scan { within: Within::Space, at: 0, start: 0, end: 0 });
    let ends = |c| {
        let mut step = scan.get();
        let ends = step.step(c);
        scan.set(step);
        ends
    };
    let (whole, separator, rest) = match text.split_once(ends) {
        Some((whole, separator, rest)) => (whole, Some(separator), rest),
        None => (text, None, Text::EMPTY),
    };
    let Scan { within, start, end, .. } = scan.get();
    let (_, value) = whole.split_at(start);
    let (value, _) = value.split_at(end.saturating_sub(start));
    let value = match within {
        Within::Space | Within::Plain => Some(value),
        Within::Closed => value.with_backslashes().ok(),
        Within::Quoted | Within::Escaped | Within::Broken => None,
    };
    (value, separator, rest)
}
