//! `septet serve` as a user meets it: the first run, the next one, and the commands beside it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

fn septet(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
    command.current_dir(folder).env_remove("SEPTET_DEMO_PASSWORD").env_remove("SEPTET_TOKEN");
    command
}

/// A gateway on a free port; it is stopped when this is dropped.
struct Gateway {
    child: Child,
    url: String,
    /// What it printed after its address.
    said: Vec<String>,
}

impl Gateway {
    /// That of the demo.
    fn start(folder: &Path, password: Option<&str>) -> Self {
        Self::start_saying(14, folder, password)
    }

    /// One that prints so many lines after its address.
    fn start_saying(lines_said: usize, folder: &Path, password: Option<&str>) -> Self {
        let mut command = septet(folder);
        command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped());
        command.stderr(Stdio::null());
        if let Some(password) = password {
            command.env("SEPTET_DEMO_PASSWORD", password);
        }
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.next().unwrap().rsplit(' ').next().unwrap().to_owned();
        let said = lines.by_ref().take(lines_said).collect();
        Self { child, url, said }
    }

    /// Sends a text and returns the status.
    async fn send(&self, password: &str, id: &str) -> u16 {
        let form =
            format!("user=demo&password={password}&to=4512345678&sessionid={id}&text=Hello+{id}");
        let url = format!("{}/sendsms", self.url);
        septet_host::callbacks::install_tls();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        client.post(url).body(form).send().await.unwrap().status().as_u16()
    }

    fn stop(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // It may have been stopped.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    septet(folder).args(arguments).output().unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn the_first_run_makes_a_demo_and_the_next_one_keeps_it() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("septet.toml");
    let gateway = Gateway::start(folder.path(), Some("a+b&c%d"));
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.contains("$argon2id$") && !text.contains("a+b&c%d"));
    for file in [&config, &folder.path().join("septet-data/control.json")] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    assert_eq!(gateway.send("a%2Bb%26c%25d", "1").await, 200);
    assert_eq!(gateway.send("wrong", "2").await, 400);

    // The answer that the last command sends goes to where the one before it listens.
    let program = env!("CARGO_BIN_EXE_septet");
    let commands = [
        format!("  {program} api gatewayapi-v2 listen --listen 127.0.0.1:9000"),
        format!("  {program} handset 4512345678 --send 'TEST hello' --to 1204"),
    ];
    assert_eq!(gateway.said[10..12], commands);
    assert!(text.contains("`septet api gatewayapi-v2 listen --listen 127.0.0.1:9000`"));
    assert!(text.contains("\nurl = \"http://127.0.0.1:9000/"));

    // Another gateway does not take its data folder.
    let second = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    let why = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(why.contains("another gateway runs with the data folder septet-data"), "{why}");
    gateway.stop();

    let gateway = Gateway::start(folder.path(), None);
    assert_eq!(fs::read_to_string(&config).unwrap(), text);
    assert!(gateway.said[1].contains("the one that the configuration was made with"));
    assert_eq!(gateway.send("a%2Bb%26c%25d", "3").await, 200);
}

#[test]
fn a_password_that_is_made_is_not_shown_where_there_is_no_terminal() {
    let folder = TempDir::new().unwrap();
    let gateway = Gateway::start(folder.path(), None);
    assert!(gateway.said[1].starts_with("Password  not shown"), "{:?}", gateway.said);
}

#[test]
fn the_command_lines_that_init_prints_send_the_first_message() {
    let folder = TempDir::new().unwrap();
    // Neither a shell nor a form takes such a name as it is.
    let made = run(folder.path(), &["init", "--port", "virtual", "--account", "it's & co"]);
    assert!(made.status.success(), "{made:?}");
    let told = String::from_utf8(made.stderr).unwrap();
    let (_, told) = told.split_once("Send a message:\n").unwrap();
    let (send, see) = told.split_once("See it arrive:\n").unwrap();
    let gateway = Gateway::start_saying(4, folder.path(), None);
    let shell = |line: &str| {
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(folder.path());
        let done = command.env("no_proxy", "*").env_remove("SEPTET_TOKEN").output().unwrap();
        assert!(done.status.success(), "{line}: {done:?}");
        words(&done)
    };
    let sent = shell(&send.replace("http://127.0.0.1:8080", &gateway.url));
    assert!(sent.contains("Processing:"), "{sent}");
    while !shell(see).contains("Hello from Septet") {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }

    // Through a real modem it would reach somebody.
    let other = TempDir::new().unwrap();
    let told = run(other.path(), &["init", "--port", "tcp:127.0.0.1:9"]).stderr;
    assert!(!String::from_utf8(told).unwrap().contains("curl"));
}

#[test]
fn a_demo_that_cannot_start_leaves_nothing() {
    let folder = TempDir::new().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = run(folder.path(), &["serve", "--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(why.starts_with(&format!("septet: cannot listen on {address}: ")), "{why}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
}

#[tokio::test]
async fn a_handset_shows_what_it_got_and_answers() {
    let folder = TempDir::new().unwrap();
    let gateway = Gateway::start(folder.path(), Some("secret"));
    gateway.send("secret", "1").await;
    let handset = || run(folder.path(), &["handset", "4512345678", "--json"]);
    let json = loop {
        let json: serde_json::Value = serde_json::from_slice(&handset().stdout).unwrap();
        if json["messages"].as_array().is_some_and(|messages| !messages.is_empty()) {
            break json;
        }
    };
    assert_eq!(json["messages"][0]["text"], "Hello 1");
    assert_eq!(json["messages"][0]["from"], "+4520001204");
    let shown = words(&run(folder.path(), &["handset", "+4512345678"]));
    assert!(shown.starts_with("4512345678 has received 1 message\n"), "{shown}");
    assert!(shown.ends_with("from +4520001204  1 part\nHello 1\n"), "{shown}");

    let answer = ["handset", "4512345678", "--send", "-TEST hello", "--to", "1204"];
    assert_eq!(words(&run(folder.path(), &answer)), "sent to 1204 in 1 part\n");
    let nobody = run(folder.path(), &["handset", "4512345678", "--send", "x", "--to", "1205"]);
    assert_eq!(nobody.status.code(), Some(1));
    let why = String::from_utf8_lossy(&nobody.stderr).into_owned();
    assert_eq!(why, "septet: nobody has the number \"1205\"; known are 4520001204, 1204\n");

    // By its address, with the token of the data folder or with none.
    let elsewhere = TempDir::new().unwrap();
    let by_url = |data: &Path| {
        let data = data.to_str().unwrap();
        run(elsewhere.path(), &["handset", "4512345678", "--gateway", &gateway.url, "--data", data])
    };
    assert!(by_url(&folder.path().join("septet-data")).status.success());
    assert_eq!(by_url(elsewhere.path()).status.code(), Some(1));
}

/// A virtual modem at a TCP address; it is stopped when this is dropped.
struct Modem {
    child: Child,
    port: String,
}

impl Modem {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = septet(folder);
        command.args(["modem", "--listen", "tcp:127.0.0.1:0"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap().unwrap();
        // Its later words would end it when nobody reads them.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, port }
    }
}

impl Drop for Modem {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn a_text_goes_through_a_modem_and_each_part_has_its_fate() {
    let folder = TempDir::new().unwrap();
    let long = "a".repeat(161);
    let cases: &[(&[&str], &str, i32, &[&str])] = &[
        (&[], "Hello", 0, &["part 1: sent, reference 1, report 0 (received by the handset)"]),
        (
            &["--fault", "2=status:46"],
            &long,
            1,
            &[
                "part 1: sent, reference 1, report 0 (received by the handset)",
                "part 2: sent, reference 2, report 70 (validity period expired)",
            ],
        ),
        (&["--fault", "1=no-report"], "Hello", 1, &["part 1: sent, reference 1"]),
        (
            &["--fault", "1=cms:1"],
            &long,
            1,
            &[
                "part 1: refused: +CMS ERROR: 1 (unassigned (unallocated) number)",
                "part 2: not sent: an earlier part was not sent",
            ],
        ),
        (
            &["--fault", "1=reboot"],
            "Hello",
            1,
            &[
                "part 1: outcome unknown: modem restarted before it said what became of the message; it may \
               have been sent",
            ],
        ),
    ];
    for (faults, text, code, lines) in cases {
        let modem = Modem::start(folder.path(), faults);
        let arguments = [
            "send",
            "--to",
            "4512345678",
            "--port",
            &modem.port,
            "--report",
            "--report-wait",
            "2",
            text,
        ];
        let output = run(folder.path(), &arguments);
        let said = words(&output);
        let said: Vec<&str> = said.lines().collect();
        assert_eq!((output.status.code(), &said[..]), (Some(*code), *lines));
    }
}
