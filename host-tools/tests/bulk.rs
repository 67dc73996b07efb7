//! `septet bulk`: what a table's rows come to, and what is said of them.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use septet_host::accounts::hash;
use septet_host::config::Config;
use septet_host::serve::Running;
use tempfile::TempDir;

/// A gateway inside this process, and tables beside it.
struct Gateway {
    _running: Running,
    folder: TempDir,
}

impl Gateway {
    /// One with the accounts `demo` and `other`, and what more the configuration says.
    async fn start(extra: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let hash = hash("secret").unwrap();
        let config = format!(
            r#"
            listen = "127.0.0.1:0"
            data = {:?}
            {extra}
            [[account]]
            name = "demo"
            password = "{hash}"
            [[account]]
            name = "other"
            password = "{hash}"
            [[modem]]
            name = "one"
            port = "virtual"
            profile = "generic"
            number = "4520001204"
            "#,
            folder.path().join("data").display().to_string()
        );
        let config = Config::parse(&config).unwrap();
        Self { _running: Running::start(config).await.unwrap(), folder }
    }

    /// Writes a table.
    fn write(&self, octets: impl AsRef<[u8]>) {
        fs::write(self.file("table.csv"), octets).unwrap();
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn septet(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
        command.args(arguments).current_dir(self.folder.path()).env_remove("SEPTET_TOKEN");
        command.args(["--data", "data"]).output().unwrap()
    }

    /// Runs the command on the table: what it prints, and the sentence where it fails.
    fn bulk(&self, more: &[&str]) -> (String, String) {
        let output = self.septet(&[&["bulk", "table.csv"], more].concat());
        let [said, sentence] =
            [output.stdout, output.stderr].map(|words| String::from_utf8(words).unwrap());
        assert_eq!(output.status.success(), sentence.is_empty(), "{said}{sentence}");
        (said, sentence)
    }

    /// The texts of all messages, newest first.
    fn texts(&self) -> Vec<String> {
        let list = self.septet(&["messages", "--limit", "1000", "--json"]).stdout;
        let list: Vec<serde_json::Value> = serde_json::from_slice(&list).unwrap();
        list.iter().map(|message| message["text"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_cannot_be_sent_are_named_all_or_twenty_and_counted() {
    let gateway = Gateway::start("").await;
    gateway.write("to,text\n,a\n4512345678,a\n4512345678,\nnobody,a\n");
    let (said, sentence) = gateway.bulk(&[]);
    assert_eq!(sentence, "septet: 2 rows cannot be sent, so nothing was sent\n");
    assert_eq!(said, "line 2: there is no number\nline 4: there is no text\n");
    gateway.write("to,text\n".to_owned() + &",a\n".repeat(21));
    let (said, _) = gateway.bulk(&[]);
    assert!(said.ends_with("line 21: there is no number\nand 1 more line\n"), "{said}");
    assert_eq!(said.lines().count(), 21);
    assert!(gateway.texts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_as_spreadsheets_save_it_is_read_or_said_how_to_save() {
    let gateway = Gateway::start("").await;
    gateway.write("to;text\r\n4512345678;\"a; b, c\"\r\n");
    let (said, _) = gateway.bulk(&[]);
    assert!(said.starts_with("1 accepted in 1 part, "), "{said}");
    assert_eq!(gateway.texts(), ["a; b, c"]);
    gateway.write(b"to,text\n4512345678,a\n4512345679,K\xf8benhavn\n");
    let (_, sentence) = gateway.bulk(&[]);
    assert_eq!(
        sentence,
        "septet: table.csv: line 3 is not in UTF-8: save the table as \"CSV UTF-8\", or convert it \
         with `iconv -f windows-1252 -t utf-8`\n"
    );
}
