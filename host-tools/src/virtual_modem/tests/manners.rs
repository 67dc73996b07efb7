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

#[test]
fn a_modem_of_a_profile_knows_and_lacks_what_others_of_it_do() {
    use septet_firmware::profile::PROFILES;
    for profile in PROFILES {
        let mut terminal = Terminal::new(profile, &[]);
        terminal.write("ATE0;+CMEE=1\r");
        let model = terminal.lines("AT+CGMM\r").concat();
        let fits = profile.says.iter().any(|says| model.contains(says));
        assert!(fits || profile.says.is_empty(), "{}: {model}", profile.model);
        let tries = terminal.lines(&format!("AT{}\r", profile.pin_tries.command));
        assert_eq!(tries.last().map(String::as_str), Some("OK"), "{}", profile.model);
        let service = if profile.has_services { "+CSMS: 1,1,1|OK" } else { "+CMS ERROR: 303" };
        terminal.answers(&[("+CSMS=1", service)]);
        let more = if profile.more_messages { "OK" } else { "+CMS ERROR: 303" };
        terminal.answers(&[("+CMMS=1", more)]);
        let prompt = if profile.prompts { "\r\n> " } else { "" };
        assert_eq!(terminal.write("AT+CMGS=18\r"), prompt, "{}", profile.model);
        let answer = terminal.write(format!("{HELLO}\x1a"));
        assert_eq!(answer, "\r\n+CMGS: 1\r\n\r\nOK\r\n");
        let ussd = if profile.packs_ussd { "AA180C3602" } else { "*100#" };
        terminal.answers(&[(&format!("+CUSD=1,\"{ussd}\",15"), "OK")]);
        let told = terminal.wait(1_000);
        let text = if profile.packs_ussd { "C2303BEC1E" } else { "Balance" };
        assert!(told.contains(text), "{}: {told}", profile.model);
        assert_eq!(terminal.write(format!("AT{}\r", profile.restart)), "\r\nOK\r\n");
        assert!(terminal.wait(1_000).contains("RDY"), "{}", profile.model);
    }
}
