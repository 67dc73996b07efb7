//! The command line: what is printed where, and the exit codes.

use std::process::{Command, Output};

fn septet(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_septet"))
        .args(arguments)
        .current_dir(std::env::temp_dir())
        .env_remove("SEPTET_TOKEN")
        .output()
        .unwrap()
}

fn stdout(arguments: &[&str]) -> String {
    let output = septet(arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    assert!(output.stderr.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The exit code, and the first line on standard error; nothing is on standard output.
fn failure(arguments: &[&str]) -> (i32, String) {
    let output = septet(arguments);
    assert!(output.stdout.is_empty(), "{arguments:?}: {output:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), stderr.lines().next().unwrap_or_default().to_owned())
}

#[test]
fn a_text_is_split() {
    assert_eq!(
        stdout(&["split", "5 € [x]"]),
        "GSM-7, 1 part, 10 septets\n\
         part 1: 10 used, 150 left  \"5 € [x]\"\n\
         [ counts two\n\
         ] counts two\n\
         € counts two\n"
    );
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&["split", "--json", "жук"])).unwrap();
    assert_eq!(json["alphabet"], "ucs2");
    assert_eq!(json["parts"][0]["left"], 67);
}

#[test]
fn a_text_becomes_pdus_and_is_read_back() {
    let pdu = "0021000A915421436587000005C8329BFD06";
    assert_eq!(
        stdout(&["encode", "--to", "+4512345678", "--report", "Hello"]),
        format!("AT+CMGF=0\nAT+CMGS=17\n{pdu}<Ctrl-Z>\n")
    );
    assert_eq!(
        stdout(&["decode", "--direction", "mo", pdu]),
        "SMSC     the SIM's own\n\
         SMS-SUBMIT\n\
         TP-RD    accept duplicates\n\
         TP-SRR   status report wanted\n\
         TP-RP    no reply path\n\
         TP-MR    0\n\
         TP-DA    +4512345678, type 0x91: international, telephone plan\n\
         TP-PID   0 (handset to handset)\n\
         TP-DCS   GSM 7-bit\n\
         TP-VP    not given\n\
         TP-UDL   5 septets\n\
         TP-UD    \"Hello\"\n"
    );
    let without = stdout(&["decode", "--direction", "MO", "--no-smsc", &pdu[2..]]);
    assert!(without.starts_with("SMS-SUBMIT\n"), "{without}");
}

#[test]
fn a_pdu_of_the_other_direction_is_said_to_be_one() {
    let encoded = stdout(&["encode", "--to", "+4512345678", "Hello"]);
    let pdu = encoded.lines().last().unwrap().strip_suffix("<Ctrl-Z>").unwrap();
    let hint = "as a PDU to the service centre it breaks no rule: read it with --direction mo";
    // Something can be read in it the other way round as well.
    for command in [&["decode"][..], &["decode", "--json"], &["explain"]] {
        let output = septet(&[command, &[pdu]].concat());
        assert!(output.status.success() && !output.stdout.is_empty());
        assert_eq!(String::from_utf8(output.stderr).unwrap(), format!("{hint}\n"));
        stdout(&[command, &["--direction", "mo", pdu]].concat());
    }
    for command in [&["decode", "--strict"][..], &["decode", "--strict", "--json"]] {
        let (code, sentence) = failure(&[command, &[pdu]].concat());
        assert_eq!(code, 1);
        assert!(sentence.ends_with(&format!("; {hint}")), "{sentence}");
        // What is a PDU in neither is no hint's business.
        let (_, sentence) = failure(&[command, &[&pdu[..20]]].concat());
        assert!(!sentence.contains("--direction"), "{sentence}");
    }
    let report = "0006070A915421436587208062917314082080629173140800";
    let hint = "; as a PDU to a handset it breaks no rule: read it with --direction mt";
    for command in ["decode", "explain"] {
        let (_, sentence) = failure(&[command, "--direction", "mo", report]);
        assert!(sentence.ends_with(hint), "{sentence}");
    }
}

#[test]
fn a_pdu_is_read_as_json_as_lines_of_json_are() {
    let pdu = "0021000A915421436587000005C8329BFD06";
    let json = stdout(&["decode", "--json", "--direction", "mo", pdu]);
    let object: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(object["type"], "SUBMIT");
    assert_eq!(object["smsc"], serde_json::Value::Null);
    assert_eq!(object["text"], "Hello");
    let written = septet_host::tpdu_json::encode(&object).unwrap();
    assert_eq!(written, serde_json::json!({ "hex": pdu }));
    let two = stdout(&["decode", "--json", "--direction", "mo", pdu, pdu]);
    assert_eq!(two, json.repeat(2));
}

#[test]
fn bad_input_is_one_sentence_and_1() {
    let hex = "040B919746121611F1000062210251320580087479DD3D0ED3C";
    let cut = &hex[..20];
    let cases: &[(&[&str], &str)] = &[
        (
            &["decode", "--no-smsc", hex],
            "septet: hex has an odd number of hexadecimal digits at octet 25",
        ),
        (
            &["decode", "--no-smsc", "04xy"],
            "septet: hex has a character that is no hexadecimal digit at octet 1",
        ),
        (&["decode", "--no-smsc", cut], "septet: TP-DCS is cut short at octet 10"),
        (&["decode", ""], "septet: PDU is empty at octet 0"),
        (&["decode", "--json", ""], "septet: PDU is empty at octet 0"),
        (&["decode", "00", "--strict"], "septet: TPDU is empty at octet 1"),
        (
            &["send", "--to", "4512345678", "--port", "/dev/no-such-modem", "Hello"],
            "septet: there is no port /dev/no-such-modem: check the name, and that the modem is \
             plugged in",
        ),
        (
            &["handset", "4512345678", "--data", "no-such-folder"],
            "septet: no gateway runs with the data folder no-such-folder: start one with `septet \
             serve`, or say which folder with --data",
        ),
    ];
    for (arguments, sentence) in cases {
        assert_eq!(failure(arguments), (1, (*sentence).to_owned()), "{arguments:?}");
    }
}

#[test]
fn bad_usage_is_2() {
    let cases: &[&[&str]] = &[
        &[],
        &["sevre"],
        &["decode"],
        &["split"],
        &["split", "a", "b"],
        &["encode", "Hello"],
        &["encode", "--to", "0123456", "Hello"],
        &["handset", "4512345678", "--send", "Hello"],
        &["modem", "--fault", "reboot"],
        &["send", "--to", "4512345678", "--port", "x", "--profile", "no-such", "Hello"],
    ];
    for arguments in cases {
        let (code, sentence) = failure(arguments);
        assert_eq!(code, 2, "{arguments:?}: {sentence}");
    }
}

#[test]
fn every_command_has_help_and_the_readme_names_it() {
    let help = stdout(&["--help"]);
    let readme = include_str!("../../README.md");
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let mut count = 0;
    for line in commands.take_while(|line| !line.is_empty()) {
        let command = line.split_whitespace().next().unwrap();
        if command != "help" {
            count += 1;
            let help = stdout(&[command, "--help"]);
            assert!(help.contains("Usage: septet"), "{command}");
            // What logs says so in the end, and nothing else does.
            let logs = ["serve", "send", "api", "modem", "board"].contains(&command);
            let log = help.split_once("\nLog:\n").map(|(_, log)| log);
            assert_eq!(log.is_some_and(|log| log.contains("--log-level")), logs, "{command}");
            assert_eq!(help.matches("--log ").count(), usize::from(logs), "{command}");
            assert!(readme.contains(&format!("`septet {command}")), "{command}");
        }
    }
    assert_eq!(count, 24);
}

#[test]
fn the_states_of_messages_are_named_by_the_help_and_by_what_refuses_another() {
    let help = stdout(&["messages", "--help"]);
    let refused = septet(&["messages", "--state", "lost"]);
    let refused = String::from_utf8(refused.stderr).unwrap();
    for (_, state, _, meaning) in septet_host::watch::STATES {
        assert!(help.contains(state) && help.contains(meaning), "{state}: {help}");
        assert!(refused.contains(state), "{state}: {refused}");
    }
}

#[test]
fn a_configuration_that_is_wrong_is_named_with_its_line() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("septet.toml");
    std::fs::write(&file, "listen = \"127.0.0.1:0\"\nlisten_on = 1\n").unwrap();
    let file = file.to_str().unwrap();
    let (code, sentence) = failure(&["serve", "--config", file]);
    assert_eq!(code, 1);
    assert!(
        sentence.starts_with(&format!("septet: {file}: line 2: unknown field `listen_on`")),
        "{sentence}"
    );
}

/// A log in a file of its own.
fn log(lines: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), lines).unwrap();
    file
}

const SENDING: &str = "\
> AT+CMGS=18\\r
< \\r\\n>\\x20
> 0011000B915155100024F70000FF04F4F29C0E\\x1a
~ 900
< \\r\\n+CMGS: 7\\r\\n\\r\\nOK\\r\\n
";

#[test]
fn a_log_is_played_and_its_conclusions_are_checked() {
    let right = log(&format!("{SENDING}= sent mr=7\n"));
    let wrong = log(&format!("{SENDING}= refused cms=500\n"));
    let (right, wrong) = (right.path().to_str().unwrap(), wrong.path().to_str().unwrap());
    assert_eq!(stdout(&["replay", right]), "    5      920 ms  sent mr=7\nok, 1 conclusion\n");
    for chunk in ["octet", "3", "whole"] {
        let chunked = stdout(&["replay", "--chunk", chunk, "--profile", "sim800", right]);
        assert_eq!(chunked, stdout(&["replay", right]));
    }

    let sentence = "line 6: refused cms=500 is not concluded, but sent mr=7 (line 5)";
    let output = septet(&["replay", wrong]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "    5      920 ms  sent mr=7\n");
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr, format!("septet: {wrong}: {sentence}\n"));

    let output = septet(&["replay", "--quiet", wrong, right, wrong]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        format!(
            "{wrong}: not ok, {sentence}\n{right}: ok, 1 conclusion\n{wrong}: not ok, {sentence}\n"
        )
    );
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "septet: 2 of 3 logs are not ok\n");
}

/// A session whose host enters the PIN.
const PIN: &str = "\
> AT+CPIN?\\r
< \\r\\n+CPIN: SIM PIN\\r\\n\\r\\nOK\\r\\n
> AT+CPIN=CODE\\r
< \\r\\nOK\\r\\n
> AT+CPIN?\\r
< \\r\\n+CPIN: READY\\r\\n\\r\\nOK\\r\\n
> AT+CMGF=0\\r
< \\r\\nOK\\r\\n
= ready
";

#[test]
fn the_pin_of_a_log_is_entered_with_and_without_quotation_marks() {
    let played = |code: &str| {
        let log = log(&PIN.replace("CODE", code));
        stdout(&["replay", log.path().to_str().unwrap()])
    };
    let quoted = played("\"1234\"");
    assert!(!quoted.contains("lost pin"), "{quoted}");
    for code in ["1234", "0000", "12345678", "\"0000\""] {
        assert_eq!(played(code), quoted, "{code}");
    }
}

#[test]
fn what_is_no_log_is_told_with_line_and_column() {
    let broken = log("> AT\\r\n< \\r\\nO\\q\n");
    let broken = broken.path().to_str().unwrap();
    assert_eq!(
        failure(&["replay", broken]),
        (
            1,
            format!(
                "septet: {broken}: line 2, column 8: \\q is no escape; \\r \\n \\\\ and \\xHH are"
            )
        )
    );
    let (code, sentence) = failure(&["replay", "/nowhere/a.txt"]);
    assert_eq!(code, 1);
    assert!(sentence.starts_with("septet: /nowhere/a.txt: cannot be read: "), "{sentence}");
    assert_eq!(failure(&["replay"]).0, 2);
    assert_eq!(failure(&["replay", "--chunk", "0", broken]).0, 2);
    assert_eq!(failure(&["replay", "--profile", "none", broken]).0, 2);
}
