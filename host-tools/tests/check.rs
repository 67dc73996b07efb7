//! `septet serve --check`: what is wrong is said with its line, and nothing is started or written.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// A password's hash, which nobody asks for here.
const HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA";

fn septet(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
    command.args(arguments).current_dir(folder).env_remove("SEPTET_DEMO_PASSWORD");
    command.output().unwrap()
}

/// What the check prints of a configuration, where it finds something.
fn found(config: &str) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("septet.toml"), config).unwrap();
    let output = septet(folder.path(), &["serve", "--check"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let lines: Vec<String> =
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    let noun = if lines.len() == 1 { "trouble" } else { "troubles" };
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        format!("septet: septet.toml has {} {noun}\n", lines.len())
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "something was written");
    lines
}

#[test]
fn a_configuration_that_is_right_is_said_to_be_and_starts_nothing() {
    let folder = TempDir::new().unwrap();
    let made =
        septet(folder.path(), &["init", "--port", "tcp:127.0.0.1:9", "--number", "4512340000"]);
    assert!(made.status.success(), "{made:?}");
    let output = septet(folder.path(), &["serve", "--check"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "septet.toml is right\n");
    let names: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|own| own.unwrap().file_name()).collect();
    assert_eq!(names, ["septet.toml"]);
}

#[test]
fn what_is_right_and_seldom_meant_is_a_warning() {
    let account = format!("[[account]]\nname = \"a\"\npassword = \"{HASH}\"\n");
    let report = "[[account.report]]\napi = \"websms\"\nurl = \"http://10.0.0.1/secret\"\n";
    let store = "store = \"postgres://septet@db.example.com/septet\"\n";
    let nobody = "there is no account, so that nobody can send: `septet account NAME` prints one";
    let nothing = "there is no modem, so that nothing is sent: name one in [[modem]]";
    let nowhere = "line 6: account \"a\" gets nothing at 10.0.0.1, since its address is not public: name \
                   its network under [callbacks] allow";
    for (config, warnings) in [
        ("", &[nobody, nothing][..]),
        (account.as_str(), &[nothing]),
        (&format!("{account}{report}"), &[nothing, nowhere]),
        (store, &[nobody]),
    ] {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("septet.toml"), config).unwrap();
        let output = septet(folder.path(), &["serve", "--check"]);
        assert!(output.status.success(), "{output:?}");
        let mut expected: String =
            warnings.iter().map(|own| format!("septet.toml: warning: {own}\n")).collect();
        let noun = if warnings.len() == 1 { "warning" } else { "warnings" };
        expected += &format!("septet.toml is right, with {} {noun}\n", warnings.len());
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    }
}

#[test]
fn a_configuration_that_is_not_there_is_not_made() {
    let folder = TempDir::new().unwrap();
    let output = septet(folder.path(), &["serve", "--check"]);
    assert_eq!(output.status.code(), Some(1));
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert!(sentence.starts_with("septet: cannot read septet.toml: "), "{sentence}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn all_that_is_wrong_is_said_at_once_with_the_line_of_each() {
    let config = format!(
        r#"name = ""
[[account]]
name = "a"
password = "secret"
[[account]]
name = "a"
password = "{HASH}"
[[account.keyword]]
number = "1204"
api = "nextpod"
[[modem]]
name = "one"
port = "tcp:nowhere"
number = "4512340000"
"#
    );
    assert_eq!(
        found(&config),
        [
            "septet.toml: line 1: name is empty",
            "septet.toml: line 4: the password of account \"a\" is no Argon2 hash",
            "septet.toml: line 6: account \"a\" is there twice",
            "septet.toml: line 9: the keyword without a word of account \"a\" has number 1204, which \
             no modem has",
            "septet.toml: line 13: modem \"one\" has port \"tcp:nowhere\": write tcp:HOST:PORT, with \
             a port from 1 to 65535",
        ]
    );
}

#[test]
fn what_cannot_be_read_hides_nothing_else_and_is_told_once() {
    // The modem whose number cannot be read may be the one that the keyword and the route mean.
    let config = format!(
        r#"listen = 1
listen_on = 2
waiting_max = -1
trusted_proxies = ["10.0.0.0/8", "x", "y"]
plain_http = "no"
[tls]
certificate = "no.pem"
[callbacks]
timeout = "0s"
[callbacks.retry.websms]
first = []
then = "1h"
[[account]]
name = "a"
password = "{HASH}"
key = "short"
credits = "many"
limits = {{ parts_per_day = 0, parts_per_week = 5 }}
networks = ["everywhere"]
[[account.keyword]]
number = "1204"
api = "nextpod"
[[modem]]
name = "one"
port = 4
number = 4512340000
[[modem]]
name = "two"
port = "tcp:nowhere"
number = "+45"
short_codes = ["1204a", "1205"]
profile = "none"
pin_file = "no-pin"
[[route]]
name = "r"
modems = ["one", "two", 5]
prefixes = ["+45", "46", "+47"]
"#
    );
    let begin = [
        (1, "listen: invalid type: integer `1`"),
        (2, "unknown field `listen_on`"),
        (3, "waiting_max: invalid value: integer `-1`"),
        (
            4,
            "trusted_proxies: invalid value: string \"x\", expected a network, as \"192.0.2.0/24\"",
        ),
        (
            4,
            "trusted_proxies: invalid value: string \"y\", expected a network, as \"192.0.2.0/24\"",
        ),
        (5, "plain_http: invalid type: string \"no\""),
        (6, "tls: missing field `key`"),
        (9, "callbacks.timeout is no time"),
        (10, "websms: missing field `until`"),
        (16, "the key of account \"a\" is no BLAKE2s-256 hash"),
        (17, "credits: invalid type: string \"many\""),
        (18, "unknown field `parts_per_week`"),
        (18, "account \"a\" has parts_per_day = 0"),
        (19, "networks: invalid value: string \"everywhere\", expected a network"),
        (25, "port: invalid type: integer `4`"),
        (26, "number: invalid type: integer `4512340000`"),
        (29, "modem \"two\" has port \"tcp:nowhere\""),
        (30, "modem \"two\" has number \"+45\""),
        (31, "modem \"two\" has number \"1204a\""),
        (32, "modem \"two\": no profile \"none\""),
        (33, "modem \"two\": the PIN cannot be read from no-pin"),
        (36, "modems: invalid type: integer `5`"),
        (37, "route \"r\" has prefix \"+45\""),
        (37, "route \"r\" has prefix \"+47\""),
    ];
    let lines = found(&config);
    assert_eq!(lines.len(), begin.len(), "{lines:#?}");
    for (told, (line, begin)) in lines.iter().zip(begin) {
        assert!(told.starts_with(&format!("septet.toml: line {line}: {begin}")), "{told}");
    }
}

#[test]
fn a_text_that_is_no_toml_is_told_with_the_places_that_make_it_none() {
    let lines =
        found("data = x\nname = \"one\"\nname = \"two\"\nport = tcp:1.2.3.4:5\nlisten = 1\n");
    let places: Vec<&str> = lines.iter().map(|own| own.split(": ").nth(1).unwrap()).collect();
    assert_eq!(places, ["line 1", "line 3", "line 4"], "{lines:#?}");
}

#[test]
fn what_the_configuration_names_is_looked_at() {
    let config = r#"store = "postgres://septet:secret@db.example.com/septet?sslmode=maybe"
data = "septet.toml"
[tls]
certificate = "no.pem"
key = "no.pem"
[[modem]]
name = "one"
port = "/dev/nothing"
number = "4512340000"
pin_file = "no-pin"
[[modem]]
name = "two"
port = "/dev/nothing"
number = "4512340001"
profile = "none"
"#;
    let lines = found(config);
    let begin = [
        "septet.toml: line 1: cannot open the database postgres://***@db.example.com/septet: ",
        "septet.toml: line 2: septet.toml is no folder",
        "septet.toml: line 3: cannot read no.pem: ",
        "septet.toml: line 10: modem \"one\": the PIN cannot be read from no-pin: ",
        "septet.toml: line 15: modem \"two\": no profile \"none\"; known: ",
    ];
    assert_eq!(lines.len(), begin.len(), "{lines:#?}");
    for (line, begin) in lines.iter().zip(begin) {
        assert!(line.starts_with(begin), "{line}");
        assert!(!line.contains("secret"), "{line}");
    }
    let plain = found("listen = \"0.0.0.0:8080\"\n");
    assert!(plain[0].starts_with("septet.toml: line 1: others reach 0.0.0.0:8080"), "{plain:?}");
}
