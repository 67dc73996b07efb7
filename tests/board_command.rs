//! `septet board` against the gateway of a board.

use std::fs;
use std::io::{self, Write};
use std::time::Duration;

use clap::Parser;
use reqwest::header::CONTENT_TYPE;
use septet_host::board;
use septet_tests::virtual_board::{Board, SIM};
use septet_tests::{Customer, field, http, until};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::time::timeout;

const HANDSET: &str = "4512345678";

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    options: board::Options,
}

/// A reader who goes away after some lines.
struct Reader {
    lines: Vec<String>,
    most: usize,
    /// What was written and not flushed.
    pending: Vec<u8>,
}

impl Reader {
    fn of(most: usize) -> Self {
        Self { lines: Vec::new(), most, pending: Vec::new() }
    }
}

impl Write for Reader {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.pending.extend(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.lines.len() >= self.most {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let line = String::from_utf8(std::mem::take(&mut self.pending)).unwrap();
        self.lines.push(line.strip_suffix('\n').unwrap().to_owned());
        Ok(())
    }
}

/// A folder with the secrets of a test.
struct Secrets(TempDir);

impl Secrets {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn file(&self, name: &str, secret: &str) -> String {
        let path = self.0.path().join(name);
        fs::write(&path, format!("{secret}\n")).unwrap();
        path.display().to_string()
    }
}

/// What a command prints, or why it fails.
async fn run_at(port: &str, arguments: &[&str], out: &mut impl Write) -> Result<String, String> {
    let arguments = ["board", "--port", port].into_iter().chain(arguments.iter().copied());
    let command = Command::try_parse_from(arguments).map_err(|error| error.to_string())?;
    let ran = timeout(Duration::from_secs(60), board::run_to(&command.options, out)).await;
    ran.expect("a command that ends").map_err(|failed| failed.sentence)
}

async fn run(board: &Board, arguments: &[&str]) -> Result<String, String> {
    run_at(&format!("tcp:{}", board.address), arguments, &mut Vec::new()).await
}

/// The events that a reader gets who goes away after so many.
async fn events(board: &Board, arguments: &[&str], most: usize) -> Vec<Value> {
    let mut reader = Reader::of(most);
    let port = format!("tcp:{}", board.address);
    let arguments: Vec<&str> = ["events"].iter().chain(arguments).copied().collect();
    assert_eq!(run_at(&port, &arguments, &mut reader).await.as_deref(), Ok(""));
    reader.lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A board with an account, whose modem is ready.
async fn board(secrets: &Secrets) -> Board {
    with_account(Board::start().await, secrets).await
}

async fn with_account(board: Board, secrets: &Secrets) -> Board {
    let file = secrets.file("secret", "secret");
    let said = run(&board, &["set", "--account", "demo", "--secret-file", &file]).await;
    assert_eq!(said.as_deref(), Ok(""));
    while run(&board, &["status"]).await.is_err() {}
    board
}

async fn send(board: &Board, more: &str) {
    let form = format!(
        "user=demo&password=secret&to={HANDSET}&sessionid=s:1&smsc=dk.x&from=1204&text=hello{more}"
    );
    let post = http().post(board.url("/legacy/http/v2/sendsms")).body(form);
    let post = post.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    assert_eq!(post.send().await.unwrap().text().await.unwrap(), "Processing:s:1");
}

#[tokio::test]
async fn status_shows_how_a_board_is_and_what_it_was_told() {
    let secrets = Secrets::new();
    let board = board(&secrets).await;
    let pin = secrets.file("pin", "1234");
    let set = ["set", "--keyword", "TEST", "--url", "http://127.0.0.1:1/mo", "--pin-file", &pin];
    assert_eq!(run(&board, &set).await.as_deref(), Ok(""));
    send(&board, "").await;
    until("a message", || board.network.handset(HANDSET).messages.pop()).await;
    let words = run(&board, &["status"]).await.unwrap();
    for line in [
        "modem: ready, registered",
        "  to 4512345678: ",
        "accounts: demo\n",
        "keyword TEST: http://127.0.0.1:1/mo\n",
        "the SIM's PIN: set\n",
        "the operator's password: none: whoever has the line may change the settings\n",
    ] {
        assert!(words.contains(line), "{line}: {words}");
    }
    let json: Value =
        serde_json::from_str(&run(&board, &["status", "--json"]).await.unwrap()).unwrap();
    assert_eq!(json["settings"]["accounts"], json!(["demo"]));
    assert_eq!(json["status"]["ready"], true);
    assert_eq!(json["status"]["messages"][0]["to"], HANDSET);
}

#[tokio::test]
async fn a_board_whose_modem_is_away_is_shown_and_not_ready() {
    let board = Board::without_modem().await;
    let failed = run(&board, &["status"]).await.unwrap_err();
    assert!(failed.starts_with("the board is not ready: its modem "), "{failed}");
}

#[tokio::test]
async fn settings_are_changed_by_who_has_the_password() {
    let secrets = Secrets::new();
    let board = board(&secrets).await;
    let [operator, other] =
        [("operator", "wörd: 1"), ("other", "other")].map(|(name, own)| secrets.file(name, own));
    let set = ["set", "--new-operator-file", &operator];
    assert_eq!(run(&board, &set).await.as_deref(), Ok(""));
    let remove = ["set", "--remove", "demo"];
    assert_eq!(
        run(&board, &remove).await.unwrap_err(),
        "the board wants its operator's password: give its file as --operator-file"
    );
    let with = |file| ["--operator-file", file].into_iter().chain(remove).collect::<Vec<_>>();
    assert_eq!(
        run(&board, &with(&other)).await.unwrap_err(),
        "the board has another operator's password: nothing was changed"
    );
    assert_eq!(run(&board, &with(&operator)).await.as_deref(), Ok(""));
    let words = run(&board, &["status"]).await.unwrap();
    assert!(words.contains("accounts: none\n") && words.contains("password: set\n"), "{words}");
    let last = ["--operator-file", &operator, "set", "--no-operator", "--no-pin"];
    assert_eq!(run(&board, &last).await.as_deref(), Ok(""));
}

#[tokio::test]
async fn what_a_board_does_not_take_changes_nothing_and_is_said() {
    let secrets = Secrets::new();
    let board = board(&secrets).await;
    let long = secrets.file("long", &"x".repeat(65));
    let account = ["set", "--remove", "demo", "--account", "shop", "--secret-file", &long];
    assert_eq!(
        run(&board, &account).await.unwrap_err(),
        "the board has changed nothing: secret is empty or longer than 64 octets"
    );
    let words = run(&board, &["status"]).await.unwrap();
    assert!(words.contains("accounts: demo\n"), "{words}");
    let two = secrets.file("two", "one\ntwo");
    assert_eq!(
        run(&board, &["set", "--account", "a", "--secret-file", &two]).await.unwrap_err(),
        format!("no secret in {two}: it stands there alone, in a line")
    );
    assert!(run(&board, &["set"]).await.unwrap_err().contains("required"));
}

#[tokio::test]
async fn an_event_is_acknowledged_when_it_was_printed() {
    let secrets = Secrets::new();
    let board = board(&secrets).await;
    for text in ["one", "two", "three"] {
        board.network.send_from_handset(HANDSET, "1204", text).unwrap();
    }
    // The second one was not printed.
    let first = events(&board, &[], 1).await;
    assert_eq!(first[0]["text"], "one");
    let second = events(&board, &["--once"], 9).await;
    assert_eq!((second.len(), &second[0]["text"]), (1, &json!("two")));
    assert_eq!(events(&board, &["--once"], 9).await[0]["text"], "three");
    send(&board, "").await;
    let report = events(&board, &["--once"], 9).await;
    assert_eq!((&report[0]["type"], &report[0]["state"]), (&json!("report"), &json!("delivered")));
}

#[tokio::test]
async fn events_become_callbacks_and_are_acknowledged_when_they_are_taken() {
    let secrets = Secrets::new();
    let board = board(&secrets).await;
    let customer = Customer::start(&[
        (500, "text/plain", ""),
        (200, "text/plain", ""),
        (200, "text/plain", "cmd=asynch-no-trace"),
    ])
    .await;
    let url = format!("{}/mo?own=1", customer.url);
    let set = ["set", "--keyword", "Test", "--url", &url];
    assert_eq!(run(&board, &set).await.as_deref(), Ok(""));
    send(&board, &field("callbackurl", &format!("{}/dsn", customer.url))).await;
    until("a message", || board.network.handset(HANDSET).messages.pop()).await;
    let forward = ["forward", "--number", SIM, "--allow", "127.0.0.0/8"];
    let mut reader = Reader::of(1);
    let port = format!("tcp:{}", board.address);
    let ended = tokio::select! {
        ended = run_at(&port, &forward, &mut reader) => ended,
        () = async {
            let asked = customer.asked_times(2).await;
            for (method, uri) in asked {
                assert_eq!((method.as_str(), uri.as_str()), ("GET", "/dsn?sessionid=s%3A1&statuscode=1"));
            }
            board.network.send_from_handset(HANDSET, "1204", "test  the rest").unwrap();
            let (_, uri) = customer.asked_times(3).await.remove(2);
            for piece in ["sender=4512345678", "appnr=4520001204", "keyword=Test", "text=the+rest"] {
                assert!(uri.starts_with("/mo?") && uri.contains(piece), "{piece}: {uri}");
            }
            // What nobody has a URL for is printed; the second one, to a reader that has gone.
            for text in ["for nobody", "nor this"] {
                board.network.send_from_handset(HANDSET, "1204", text).unwrap();
            }
            std::future::pending().await
        } => Ok(String::new()),
    };
    assert_eq!(ended.as_deref(), Ok(""));
    let printed: Value = serde_json::from_str(&reader.lines[0]).unwrap();
    assert_eq!(printed["text"], "for nobody");
    assert_eq!(customer.asked().len(), 3);
    assert_eq!(events(&board, &["--once"], 9).await[0]["text"], "nor this");
}

#[tokio::test]
async fn who_waits_for_the_events_of_a_board_on_a_network_keeps_nobody_waiting() {
    let secrets = Secrets::new();
    let board = with_account(Board::on_network().await, &secrets).await;
    let others = async {
        for _ in 0..3 {
            assert!(run(&board, &["status"]).await.unwrap().contains("modem: ready"));
        }
        send(&board, "").await;
    };
    let (events, ()) = tokio::join!(events(&board, &["--once"], 1), others);
    assert_eq!((&events[0]["to"], &events[0]["state"]), (&json!(HANDSET), &json!("delivered")));
}

#[tokio::test]
async fn a_board_on_a_network_makes_its_callbacks_itself() {
    let secrets = Secrets::new();
    let board = with_account(Board::on_network().await, &secrets).await;
    let text = "text/plain";
    let customer =
        Customer::start(&[(503, text, ""), (200, text, ""), (200, text, "cmd=asynch-no-trace")])
            .await;
    // Loopback is not public.
    let callback = field("callbackurl", &format!("{}/dsn", customer.url));
    send(&board, &callback).await;
    let url = format!("{}/mo", customer.url);
    let keyword = ["set", "--keyword", "TEST", "--url", &url];
    let set = ["--number", SIM, "--interface", "gatewayapi-v2", "--allow", "127.0.0.0/8"];
    run(&board, &[&keyword[..], &set].concat()).await.unwrap();
    // The first one is not taken.
    let asked = customer.asked_times(2).await;
    for (method, uri) in asked {
        assert_eq!(method.as_str(), "GET");
        assert!(uri.starts_with("/dsn?") && uri.contains("statuscode=1"), "{uri}");
    }
    board.network.send_from_handset(HANDSET, "1204", "test  the rest").unwrap();
    let (_, uri) = customer.asked_times(3).await.remove(2);
    for piece in ["sender=4512345678", "appnr=4520001204", "keyword=TEST", "text=the+rest"] {
        assert!(uri.starts_with("/mo?") && uri.contains(piece), "{piece}: {uri}");
    }
    // What nobody has a URL for waits for who fetches it.
    board.network.send_from_handset(HANDSET, "1204", "for nobody").unwrap();
    assert_eq!(events(&board, &["--once"], 1).await[0]["text"], "for nobody");
    assert_eq!(customer.asked().len(), 3);
}

#[tokio::test]
async fn what_is_no_board_is_said() {
    let said = run_at("tcp:127.0.0.1:1", &["status"], &mut Vec::new()).await.unwrap_err();
    assert_eq!(said, "no board at tcp:127.0.0.1:1: nothing listens there, start the board first");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = format!("tcp:{}", listener.local_addr().unwrap());
    let other = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::time::sleep(Duration::from_millis(300)).await;
        stream.write_all(b"\r\n+CREG: 1\r\n").await.unwrap();
        std::future::pending::<()>().await;
    };
    let mut out = Vec::new();
    let said = tokio::select! {
        said = run_at(&port, &["status"], &mut out) => said.unwrap_err(),
        () = other => unreachable!(),
    };
    assert!(said.starts_with("what answers is no board's gateway ("), "{said}");
}

#[tokio::test]
async fn the_trace_of_the_modems_line_is_a_transcript() {
    let board = Board::start().await;
    while run(&board, &["status"]).await.is_err() {}
    let trace = run(&board, &["trace"]).await.unwrap();
    assert!(trace.starts_with("# format: 1\n"), "{trace}");
    assert!(trace.contains("\n> AT") && trace.contains("OK\\r\\n\n"), "{trace}");
    // What it is too short for is gone, from the front.
    assert!(trace.len() < 8192, "{trace}");
    // What a board on a network is told; this one makes no callbacks.
    let set =
        ["set", "--number", "+4520001204", "--allow", "192.168.0.0/16", "--reports", "http://a/"];
    run(&board, &set).await.unwrap();
    let status = run(&board, &["status"]).await.unwrap();
    assert!(status.contains("the SIM's number: 4520001204\n"), "{status}");
    assert!(status.contains("callbacks may go to: 192.168.0.0/16\n"), "{status}");
    let sentence = run(&board, &["set", "--interface", "gatewayapi-v2"]).await.unwrap_err();
    assert!(sentence.contains("no interface of that name with a callback"), "{sentence}");
    let sentence = run(&board, &["log", "--elf", "Cargo.toml"]).await.unwrap_err();
    assert!(sentence.contains("Cargo.toml is no image whose log can be read"), "{sentence}");
    let sentence = run(&board, &["log", "--elf", "nowhere"]).await.unwrap_err();
    assert!(sentence.contains("the image cannot be read from nowhere"), "{sentence}");
}
