//! The format of a log: one item to a line.
//!
//! `firmware/transcripts/README.md` describes it for people.

use std::fmt;

use super::conclusion::Conclusion;

/// The longest time that one line lets pass, in milliseconds: a day.
const PASS_MAX_MS: u32 = 86_400_000;

/// A dialogue between a host and a modem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Its lines, but for the head and comments.
    pub items: Vec<Item>,
    /// What the head says of the modem; empty where it says nothing.
    pub modem: String,
    /// Whether there is no session in it: its octets only go past an engine.
    pub lexer_only: bool,
}

/// One line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Which one, counted from 1.
    pub line: usize,
    /// What stands there.
    pub kind: Kind,
}

/// What a line of a log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `> `: octets from host to modem.
    Host(Vec<u8>),
    /// `< `: octets from modem to host.
    Modem(Vec<u8>),
    /// `~ `: so many milliseconds pass.
    Pass(u32),
    /// `! `: something happens outside the serial line.
    Outside,
    /// `= `: what the engine must have concluded by now.
    Conclude(Conclusion),
}

/// What is wrong with a log, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The line, counted from 1.
    pub line: usize,
    /// The character in it, counted from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
}

impl Log {
    /// The log that `text` is.
    ///
    /// # Errors
    /// The first line that is none of a log.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let mut log = Self { items: Vec::new(), modem: String::new(), lexer_only: false };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (i, line) in text.lines().enumerate() {
            log.read(i + 1, line).map_err(|(at, what)| {
                let before = line.get(..at).unwrap_or(line);
                Wrong { line: i + 1, column: before.chars().count() + 1, what }
            })?;
        }
        Ok(log)
    }

    /// Takes one line; an error is the octet in it, and what is wrong there.
    fn read(&mut self, number: usize, line: &str) -> Result<(), (usize, String)> {
        if line.trim().is_empty() {
            return Ok(());
        }
        let (sign, rest) = match line.split_at_checked(1) {
            Some((sign, "")) => (sign, ""),
            Some((sign @ (">" | "<" | "~" | "!" | "=" | "#"), rest)) => {
                let rest = rest.strip_prefix(' ').ok_or_else(|| {
                    (1, format!("a blank must stand between {sign} and what follows it"))
                })?;
                (sign, rest)
            }
            _ => ("", line),
        };
        let kind = match sign {
            ">" => Kind::Host(unescape(rest).map_err(behind_sign)?),
            "<" => Kind::Modem(unescape(rest).map_err(behind_sign)?),
            "~" => Kind::Pass(milliseconds(rest.trim()).map_err(|what| (2, what))?),
            "!" => Kind::Outside,
            "=" => Kind::Conclude(Conclusion::parse(rest).map_err(behind_sign)?),
            "#" if self.items.is_empty() => return self.head(rest),
            "#" => return Ok(()),
            _ => return Err((0, "a line begins with one of > < ~ ! = #".to_owned())),
        };
        self.items.push(Item { line: number, kind });
        Ok(())
    }

    fn head(&mut self, line: &str) -> Result<(), (usize, String)> {
        let Some((name, value)) = line.split_once(':') else { return Ok(()) };
        let value = value.trim();
        match name {
            "format" if value != "1" => {
                return Err((2, format!("format {value} is not known; this reads format 1")));
            }
            "modem" => value.clone_into(&mut self.modem),
            "plays" if value == "lexer" => self.lexer_only = true,
            "plays" => {
                return Err((2, format!("{value:?} is nothing that a log plays; write lexer")));
            }
            _ => {}
        }
        Ok(())
    }
}

/// An error of what stands behind sign and blank.
fn behind_sign((at, what): (usize, String)) -> (usize, String) {
    (at + 2, what)
}

fn milliseconds(text: &str) -> Result<u32, String> {
    let ms = text.parse().ok().filter(|ms| *ms <= PASS_MAX_MS);
    ms.ok_or_else(|| format!("{text:?} is no number of milliseconds from 0 to {PASS_MAX_MS}"))
}

/// The octets that `text` stands for; an error is the octet of it, and what is wrong there.
fn unescape(text: &str) -> Result<Vec<u8>, (usize, String)> {
    let mut octets = Vec::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c != '\\' {
            octets.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        octets.push(match chars.next().map(|(_, c)| c) {
            Some('r') => b'\r',
            Some('n') => b'\n',
            Some('\\') => b'\\',
            Some('x') => {
                let digits: String = chars.by_ref().take(2).map(|(_, c)| c).collect();
                let octet = u8::from_str_radix(&digits, 16).ok();
                octet
                    .filter(|_| digits.len() == 2 && !digits.starts_with('+'))
                    .ok_or_else(|| (at, "two hexadecimal digits must follow \\x".to_owned()))?
            }
            Some(c) => return Err((at, format!("\\{c} is no escape; \\r \\n \\\\ and \\xHH are"))),
            None => return Err((at, "\\ must be followed by r, n, \\ or xHH".to_owned())),
        });
    }
    Ok(octets)
}

/// `line 3, column 7: \q is no escape; \r \n \\ and \xHH are`.
impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.what)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_in_a_sentence() {
        let all = "there are: ready, registered, not registered, lost, reboot, sent, refused, not sent, \
                   unknown, waiting, received, damaged, full, ussd, ok, error, ignored";
        for (line, sentence) in [
            ("AT", "column 1: a line begins with one of > < ~ ! = #"),
            (">AT", "column 2: a blank must stand between > and what follows it"),
            ("> AT\\q", "column 5: \\q is no escape; \\r \\n \\\\ and \\xHH are"),
            ("> é\\", "column 4: \\ must be followed by r, n, \\ or xHH"),
            ("< \\x2", "column 3: two hexadecimal digits must follow \\x"),
            ("< \\x+2", "column 3: two hexadecimal digits must follow \\x"),
            ("~ soon", "column 3: \"soon\" is no number of milliseconds from 0 to 86400000"),
            (
                "~ 86400001",
                "column 3: \"86400001\" is no number of milliseconds from 0 to 86400000",
            ),
            ("# format: 2", "column 3: format 2 is not known; this reads format 1"),
            ("# plays: chess", "column 3: \"chess\" is nothing that a log plays; write lexer"),
            ("=", &format!("column 2: a conclusion is missing; {all}")),
            ("= storage full", &format!("column 3: \"storage full\" is no conclusion; {all}")),
            ("=  not lost", &format!("column 4: \"not lost\" is no conclusion; {all}")),
            ("= ready soon", "column 9: \"soon\" says nothing behind \"ready\"; prose follows a ;"),
            (
                "= lost sight",
                "column 8: \"sight\" is no loss; there are: no-answer, off, disconnected, no-sync, pin, \
                 wrong-pin, last-pin-try, puk, lock, no-sim, refused",
            ),
            ("= sent 7", "column 8: \"7\" is no reference; write mr= and a number to 255"),
            (
                "= sent mr=256",
                "column 8: \"mr=256\" is no reference; write mr= and a number to 255",
            ),
            (
                "= refused 500",
                "column 11: \"500\" is no reason; write cms= or cme= and a number, or error",
            ),
            ("= waiting SIM 3", "column 11: \"SIM\" is no store; write SM, ME and the like"),
            ("= waiting SM", "column 13: a slot must stand here, a number to 65535"),
            ("= waiting SM x", "column 14: a slot must stand here, a number to 65535"),
            ("= ussd", "column 7: the state of the dialogue must stand here, a number to 255"),
            ("= ussd 0 \"a", "column 10: the text has no closing quotation mark"),
            (
                "= received deliver mr=1",
                "column 20: \"mr=1\" is no detail of what is received; there are: from=, text=, data=, \
                 part=, time=, smsc=",
            ),
            (
                "= received report status=300",
                "column 19: \"300\" is no octet; write a number to 255 or 0xHH",
            ),
        ] {
            let wrong = Log::parse(&format!("# a head\n\n{line}\n")).unwrap_err();
            assert_eq!(wrong.to_string(), format!("line 3, {sentence}"), "{line}");
        }
    }

    #[test]
    fn what_a_log_says_prints_as_it_stands_there() {
        for line in [
            "ready",
            "registered",
            "not registered",
            "lost",
            "lost no-sim",
            "lost wrong-pin",
            "reboot",
            "sent",
            "sent mr=249",
            "refused",
            "refused error",
            "refused cms=513",
            "refused cme=100",
            "not sent",
            "unknown",
            "waiting",
            "waiting SM 3",
            "received",
            "received deliver from=+15550100427 text=\"a ; \\\"b\\\"\" part=1/2",
            "received report mr=64 status=0x00",
            "damaged",
            "full",
            "full SM",
            "ussd 5",
            "ussd 0 \"Balance: 5\"",
            "ok",
            "error",
            "error cme=14",
            "ignored",
        ] {
            let log = Log::parse(&format!("= {line} ; prose: ; \"\n")).unwrap();
            let [Item { line: 1, kind: Kind::Conclude(conclusion) }] = log.items.as_slice() else {
                panic!("{log:?}");
            };
            assert_eq!(conclusion.to_string(), line);
        }
    }

    #[test]
    fn octets_are_what_the_escapes_say_and_nothing_else() {
        let log = Log::parse("\u{feff}# modem: SIM800L\r\n< \\x00\\\\\\r\\n> é \r\n~ 20\n! dark\n");
        let log = log.unwrap();
        assert_eq!(log.modem, "SIM800L");
        let kinds: Vec<Kind> = log.items.into_iter().map(|item| item.kind).collect();
        let octets = b"\x00\\\r\n> \xc3\xa9 ".to_vec();
        assert_eq!(kinds, [Kind::Modem(octets), Kind::Pass(20), Kind::Outside]);
    }
}
