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

    /// The lines of a file of results, but for the first.
    fn results(&self, name: &str) -> Vec<String> {
        let text = fs::read_to_string(self.file(name)).unwrap();
        text.lines().skip(1).map(str::to_owned).collect()
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
async fn a_table_is_sent_once_however_often_it_is_asked_for() {
    let gateway = Gateway::start("").await;
    let mut rows = "to,name\n".to_owned();
    (0..130).for_each(|row| rows += &format!("451234{row:04},N{row}\n"));
    gateway.write(&rows);
    let bulk = ["--text", "Dear {name}"];
    let said =
        "130 new in 130 parts, 0 accepted before, 0 refused; table.csv.result.csv says which\n";
    assert_eq!(gateway.bulk(&bulk), (said.to_owned(), String::new()));
    let results = gateway.results("table.csv.result.csv");
    assert_eq!(results.len(), 130);
    assert!(results[0].starts_with("4512340000,accepted,1,"), "{results:?}");
    let said =
        "0 new in 0 parts, 130 accepted before, 0 refused; table.csv.result.csv says which\n";
    assert_eq!(gateway.bulk(&bulk), (said.to_owned(), String::new()));
    let results = gateway.results("table.csv.result.csv");
    assert!(results[0].starts_with("4512340000,accepted before,1,"), "{results:?}");

    // With rows behind: only those are sent. One of them is no number.
    gateway.write(rows + "4512349999,last\nnobody,x\n");
    let (said, sentence) = gateway.bulk(&bulk);
    assert_eq!(sentence, "septet: 1 row was refused\n");
    assert_eq!(
        said,
        "1 new in 1 part, 130 accepted before, 1 refused; table.csv.result.csv says which\n\
         line 133: \"nobody\" is no number: write 5 to 15 digits, country code first\n"
    );
    let texts = gateway.texts();
    assert_eq!((texts.len(), texts[0].as_str()), (131, "Dear last"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_finds_every_row_that_the_run_refuses() {
    let gateway = Gateway::start("[lists]\nblacklist = [\"4599*\"]").await;
    let long = "x".repeat(153 * 255 + 1);
    let parts = "y".repeat(161);
    gateway.write(format!(
        "to,text\n4512345678,{parts}\nnobody,a\n123,b\n0045 12 34 56 79,c\n4512345678,{long}\n\
         4599123456,d\n"
    ));
    let (said, sentence) = gateway.bulk(&["--dry-run"]);
    assert_eq!(sentence, "septet: 4 rows cannot be sent\n");
    let (first, dry) = said.split_once('\n').unwrap();
    assert_eq!(first, "2 rows can be sent in 3 parts, 0 were accepted before");
    assert_eq!(
        dry.lines().map(|line| &line[..7]).collect::<Vec<_>>(),
        ["line 3:", "line 4:", "line 6:", "line 7:"]
    );
    assert!(gateway.texts().is_empty() && !gateway.file("table.csv.result.csv").exists());

    let (said, sentence) = gateway.bulk(&[]);
    assert_eq!(sentence, "septet: 4 rows were refused\n");
    let (first, run) = said.split_once('\n').unwrap();
    assert!(first.starts_with("2 new in 3 parts, 0 accepted before, 4 refused; "), "{said}");
    assert_eq!(run, dry);
    let (said, _) = gateway.bulk(&["--dry-run"]);
    assert!(said.starts_with("0 rows can be sent in 0 parts, 2 were accepted before\n"), "{said}");
    let (said, _) = gateway.bulk(&["--dry-run", "--job", "other"]);
    assert!(said.starts_with("2 rows can be sent in 3 parts, 0 were accepted before\n"), "{said}");
    assert_eq!(gateway.texts().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_cannot_be_sent_are_named_all_or_twenty_and_counted() {
    let gateway = Gateway::start("").await;
    gateway.write("to,text\n,a\n4512345678,a\n4512345678,\nnobody,a\n");
    let (said, sentence) = gateway.bulk(&[]);
    assert_eq!(sentence, "septet: 2 rows cannot be sent, so nothing was sent\n");
    assert_eq!(said, "line 2: there is no number\nline 4: there is no text\n");
    let (said, sentence) = gateway.bulk(&["--dry-run"]);
    assert_eq!(sentence, "septet: 3 rows cannot be sent\n");
    assert!(
        said.ends_with(
            "line 5: \"nobody\" is no number: write 5 to 15 digits, country code first\n"
        )
    );

    gateway.write("to,text\n".to_owned() + &",a\n".repeat(21));
    let (said, _) = gateway.bulk(&[]);
    assert!(said.ends_with("line 21: there is no number\nand 1 more line\n"), "{said}");
    assert_eq!(said.lines().count(), 21);
    assert!(gateway.texts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_job_is_kept_from_any_other() {
    let gateway = Gateway::start("").await;
    gateway.write("to,text\n4512345678,a\n");
    let (_, sentence) = gateway.bulk(&["--account", "nobody"]);
    assert_eq!(sentence, "septet: there is no account \"nobody\": `septet accounts` lists them\n");
    assert!(!gateway.file("table.csv.result.csv").exists());
    gateway.bulk(&[]);
    let kept = gateway.results("table.csv.result.csv");
    assert!(kept[0].ends_with(",,table.csv,demo"), "{kept:?}");

    // Another job has results of its own; its name is no path.
    let (said, _) = gateway.bulk(&["--job", "May/2"]);
    assert!(said.ends_with("; table.csv.May-2.result.csv says which\n"), "{said}");
    assert!(gateway.results("table.csv.May-2.result.csv")[0].ends_with(",,May/2,demo"));
    let cases: [&[&str]; 4] = [
        &["--account", "other"],
        &["--account", "nobody"],
        &["--job", "June", "--result", "table.csv.result.csv"],
        &["--result", "table.csv"],
    ];
    for case in cases {
        let (said, sentence) = gateway.bulk(case);
        assert!(said.is_empty() && sentence.starts_with("septet: t"), "{said}{sentence}");
        assert_eq!(gateway.results("table.csv.result.csv"), kept, "{case:?}");
        assert_eq!(gateway.results("table.csv"), ["4512345678,a"]);
    }
    assert_eq!(gateway.texts().len(), 2);
    // What is empty, or no file, keeps nothing that could be lost.
    fs::write(gateway.file("empty.csv"), "").unwrap();
    for result in ["empty.csv", "empty.csv", "/dev/null"] {
        let (_, sentence) = gateway.bulk(&["--account", "other", "--result", result]);
        assert_eq!(sentence, "");
    }
    assert_eq!(gateway.texts().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_as_spreadsheets_save_it_is_read_or_said_how_to_save() {
    let gateway = Gateway::start("").await;
    gateway.write("to;text\r\n4512345678;\"a; b, c\"\r\n");
    let (said, _) = gateway.bulk(&[]);
    assert!(said.starts_with("1 new in 1 part, "), "{said}");
    assert_eq!(gateway.texts(), ["a; b, c"]);
    gateway.write(b"to,text\n4512345678,a\n4512345679,K\xf8benhavn\n");
    let (_, sentence) = gateway.bulk(&[]);
    assert_eq!(
        sentence,
        "septet: table.csv: line 3 is not in UTF-8: save the table as \"CSV UTF-8\", or convert it, \
         as with `iconv -f windows-1252 -t utf-8`\n"
    );
}
