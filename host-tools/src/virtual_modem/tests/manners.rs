//! How other people's modems and simulators speak.

use super::*;

fn speaking(name: &str) -> Terminal {
    let mut terminal =
        Terminal::particular(Traits { manner: manner(name).unwrap(), ..Traits::default() });
    terminal.write("ATE0\r");
    terminal
}

#[test]
fn lines_and_prompts_have_other_frames() {
    let mut terminal = speaking("cr-only");
    assert_eq!(terminal.write("AT+CSQ\r"), "\r+CSQ: 23,0\r\rOK\r");
    let mut terminal = speaking("no-blank-line");
    assert_eq!(terminal.write("AT+CSQ\r"), "+CSQ: 23,0\r\nOK\r\n");
    for (name, prompt) in
        [("prompt-bare", "\r\n>"), ("prompt-cr", "\r\n> \r"), ("prompt-crlf", "\r\n> \r\n")]
    {
        assert_eq!(speaking(name).write("AT+CMGS=18\r"), prompt, "{name}");
    }
    let mut terminal =
        Terminal::particular(Traits { manner: manner("banner").unwrap(), ..Traits::default() });
    assert_eq!(terminal.write("AT\r"), "\r\nWelcome to this modem\r\nAT\r\r\nOK\r\n");
    let mut terminal = speaking("no-echo");
    terminal.write("ATE1\r");
    assert_eq!(terminal.write("AT\r"), "\r\nOK\r\n");
}

#[test]
fn commands_are_refused() {
    for command in ["", "+CMEE=1", "+CSMS=1", "+CPMS?", "+CSCA?", "+COPS?"] {
        let name = match command {
            "" => "refuses-at".to_owned(),
            _ => format!("refuses-{}", command[1..5].to_lowercase()),
        };
        let mut terminal = speaking(&name);
        terminal.answers(&[(command, "ERROR"), ("+CSQ", "+CSQ: 23,0|OK")]);
    }
}

#[test]
fn answers_differ() {
    speaking("quoted-pin").answers(&[("+CPIN?", "+CPIN: \"READY\"|OK")]);
    let mut terminal = speaking("reference-0");
    for _ in 0..2 {
        assert_eq!(terminal.submit(HELLO), "\r\n+CMGS: 0\r\n\r\nOK\r\n");
    }
    let mut terminal = speaking("no-validity-period");
    assert_eq!(terminal.submit(HELLO), "\r\n+CMS ERROR: 304\r\n");
    terminal.write("AT+CMGS=17\r");
    let without = "0001000A91542143658700 0005E8329BFD06".replace(' ', "");
    assert_eq!(terminal.write(format!("{without}\x1a")), "\r\n+CMGS: 1\r\n\r\nOK\r\n");
    let mut terminal = speaking("late-direct");
    terminal.answers(&[("+CNMI=2,2,0,1", "OK")]);
    terminal.submit(HELLO_REPORT);
    assert_eq!(terminal.wait(999), "");
    assert!(terminal.wait(1).starts_with("\r\n+CDS: 24\r\n"));
    speaking("direct-reports").answers(&[
        ("+CNMI=?", "+CNMI: (0-3),(0-3),(0-3),(0,1),(0,1)|OK"),
        ("+CNMI=2,1,0,2", "+CMS ERROR: 303"),
    ]);
}

#[test]
fn no_other_manner_is_known() {
    let error = manner("rude").unwrap_err();
    assert!(error.starts_with("no manner is called \"rude\"; there are standard, cr-only, "));
}
