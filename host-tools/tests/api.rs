//! `septet api`, `septet send --via` and `septet account` as a user meets them.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Output, Stdio};

use septet::api::APIS;
use septet_host::api::parse::parsed;
use septet_host::config::Config;
use septet_host::network::Message;
use septet_host::serve::Running;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::spawn_blocking;

const VARIABLES: [&str; 7] = [
    "SEPTET_API_USER",
    "SEPTET_API_PASSWORD",
    "SEPTET_API_ACCOUNT",
    "SEPTET_API_KEY",
    "SEPTET_API_TOKEN",
    "SEPTET_PASSWORD",
    "SEPTET_KEY",
];

fn septet(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
    command.args(arguments).current_dir(std::env::temp_dir());
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).unwrap()
}

/// What stands on standard output; nothing is on standard error.
fn stdout(arguments: &[&str]) -> String {
    let output = septet(arguments).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    text(&output.stdout)
}

/// The exit code, and the first line on standard error.
fn failure(arguments: &[&str]) -> (i32, String) {
    let output = septet(arguments).output().unwrap();
    let line = text(&output.stderr).lines().next().unwrap_or_default().to_owned();
    (output.status.code().unwrap(), line)
}

#[test]
fn every_captured_request_is_read_as_its_client_meant_it() {
    let vectors = include_str!("../../codec/vectors/http_requests.json");
    let vectors: Value = serde_json::from_str(vectors).unwrap();
    let all = vectors["requests"].as_array().unwrap();
    assert_eq!(all.len(), 62);
    let mut read = 0;
    for entry in all {
        let (said, expected) = (parsed(entry), &entry["expected"]);
        for key in ["api", "auth", "fields"] {
            assert_eq!(said[key], expected[key], "{}: {key} of {said}", entry["id"]);
        }
        assert!(said["call"].is_string(), "{}: {said}", entry["id"]);
        let message = match &said["messages"] {
            Value::Array(messages) => messages.first().cloned().unwrap_or_default(),
            _ => {
                let inbound = &said["op"]["inbound"];
                let body = &inbound["body"];
                json!({ "text": body["text"].as_str().or(inbound["rest"].as_str()) })
            }
        };
        if let Some(text) = expected.get("message_text") {
            assert_eq!(message["text"], *text, "{}: {said}", entry["id"]);
        }
        if let Some(octets) = expected.get("message_octets_hex") {
            assert_eq!(message["octets"], *octets, "{}: {said}", entry["id"]);
        }
        read += 1;
    }
    assert_eq!(read, 62);
}

#[test]
fn a_line_is_answered_whatever_stands_in_it() {
    let mut child = septet(&["api", "parse", "--jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = [
        r#"{"method":"GET","path_and_query":"/sendsms?user=a&password=b&to=4512345678&text=%E6&sessionid=1"}"#,
        r#"{"method":"POST","path_and_query":"/sendsms?to=1&x=a&x=b","headers":[["Content-Type","application/x-www-form-urlencoded"]],"body":"user=a&password=b&to=4512345678"}"#,
        r#"{"method":"GET","path_and_query":"/sendsms"}"#,
        r#"{"method":"GET","path_and_query":"/nowhere"}"#,
        r#"{"method":"DELETE","path_and_query":"/sendsms"}"#,
        r#"{"method":"PUT","path_and_query":"/sendsms"}"#,
        r#"{"path_and_query":"/sendsms"}"#,
        r#"{"method":"GET","path_and_query":"/mo?statuscode=9","api":"gatewayapi-v2"}"#,
        r#"{"method":"POST","path_and_query":"/mo","api":"gatewayapi-v2"}"#,
        r#"{"method":"GET","path_and_query":"/mo","api":"none"}"#,
        r#"{"method":"GET","path_and_query":"/mo","headers":[["a"]]}"#,
        r#"{"method":"GET","path_and_query":"/mo","body_base64":"?"}"#,
        "[]",
        "{",
        r#"{"method":"GET","path_and_query":"/mo?sender=4512345678&smsc=unknown&sessionid=1&appnr=1204&keyword=test&text=bl%E5","api":"gatewayapi-v2"}"#,
    ];
    child.stdin.take().unwrap().write_all(lines.join("\n").as_bytes()).unwrap();
    let output = text(&child.wait_with_output().unwrap().stdout);
    let said: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(said.len(), lines.len());
    assert_eq!(said[0]["call"], "sendsms");
    assert_eq!(said[0].get("auth"), None);
    assert_eq!(said[0]["messages"], json!([{ "to": "4512345678", "text": "æ" }]));
    assert_eq!(said[0]["op"]["send"]["client_id"], "1");
    let fields = json!({ "user": "a", "password": "b", "to": "4512345678", "x": ["a", "b"] });
    assert_eq!(said[1]["fields"], fields);
    let missing = |body: &str| json!({ "status": 400, "content_type": "text/plain", "body": body });
    assert_eq!(said[1]["reply"], missing("Missing required parameter text"));
    assert_eq!(said[2]["reply"], missing("Missing required parameter user"));
    assert_eq!(said[7]["call"], "dsn");
    assert_eq!(
        said[7]["reply"],
        json!({ "status": 503, "content_type": "text/plain", "body": "" })
    );
    assert_eq!(said[14]["fields"]["text"], "blå");
    assert_eq!(said[14]["op"]["inbound"]["rest"], "blå");
    let errors = [
        (3, "path_and_query is no path that is served; these are: /legacy/http/v1/sendsms, "),
        (4, "method is not served; the path is by GET, POST"),
        (5, "method is none of GET, POST, DELETE"),
        (6, "method is missing"),
        (8, "method callbacks of gatewayapi-v2 come by GET"),
        (9, "api is none of gatewayapi-v1, gatewayapi-v2"),
        (10, "headers is no list of names with values"),
        (11, "body_base64 is no Base64"),
        (12, "line is no object"),
        (13, "line is no JSON"),
    ];
    for (line, words) in errors {
        let message = said[line]["error"]["message"].as_str().unwrap();
        assert!(message.starts_with(words), "{message}");
    }
}

#[test]
fn the_longest_body_of_a_call_fits_a_line() {
    let messages: String =
        (0..30_000).map(|n| format!("%2244{n:010}%22,%22{}%22%0A", "x".repeat(40))).collect();
    let body = format!("username=u&password=p&batch_data=msisdn,message%0A{messages}");
    assert!(body.len() > septet_host::jsonl::LINE_MAX);
    let line = json!({
        "method": "POST",
        "path_and_query": "/eapi/submission/send_batch/1/1.0",
        "headers": [["Content-Type", "application/x-www-form-urlencoded"]],
        "body": body,
    });
    let mut child = septet(&["api", "parse", "--jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{line}").unwrap();
    let output = child.wait_with_output().unwrap();
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["messages"].as_array().map(Vec::len), Some(30_000));
}

#[test]
fn interfaces_and_calls_are_listed() {
    let list = stdout(&["api"]);
    assert_eq!(list.lines().count(), APIS.len());
    for api in APIS {
        let calls = stdout(&["api", api.name]);
        for call in api.calls {
            assert!(list.contains(call.name()));
            let line = calls.lines().find(|line| line.starts_with(&format!("{}  ", call.name())));
            assert!(line.unwrap().contains(call.paths()[0]), "{calls}");
        }
    }
}

const CALL: [&str; 5] = ["api", "gatewayapi-v2", "sendsms", "--via", "http://127.0.0.1:1"];

#[test]
fn bad_usage_is_2() {
    let call = |more: &[&'static str]| [&CALL, more].concat();
    let via = |more: &[&'static str]| {
        let way = ["send", "--via", "http://127.0.0.1:1", "--api", "nextpod", "--to", "4512345678"];
        [&way, more, &["Hello"]].concat()
    };
    let cases: &[Vec<&str>] = &[
        CALL[..3].to_vec(),
        call(&["--field", "text"]),
        call(&["--method", "PUT"]),
        call(&["--carrier", "xml"]),
        call(&["--charset", "ascii"]),
        call(&["--count", "1"]),
        call(&["--jsonl"]),
        call(&["--password", "secret"]),
        vec!["api", "gatewayapi-v2", "sendsms", "--via", "http://demo:secret@127.0.0.1/"],
        vec!["api", "gatewayapi-v2", "sendsms", "--via", "http:demo:secret@127.0.0.1/"],
        vec!["api", "gatewayapi-v2", "sendsms", "x", "http://demo:secret@127.0.0.1/"],
        vec!["api", "gatewayapi-v2", "sendsms", "--via", "127.0.0.1:4812"],
        vec!["api", "parse"],
        vec!["api", "--json"],
        vec!["api", "gatewayapi-v2", "listen", "--count", "0"],
        vec!["api", "gatewayapi-v2", "listen", "--listen", "here"],
        vec!["send", "--to", "4512345678", "Hello"],
        vec!["send", "--to", "4512345678", "--via", "http://127.0.0.1:1", "Hello"],
        vec!["send", "--to", "4512345678", "--port", "x", "--flash", "Hello"],
        via(&["--report"]),
        via(&["--baud", "9600"]),
        via(&["--profile", "SIM800"]),
        vec!["send", "--to", "4512345678", "--port", "x", "--report-wait", "5", "Hello"],
        vec!["send", "--to", "4512345678", "--port", "x", "--via", "http://127.0.0.1:1", "Hello"],
        vec!["account"],
    ];
    for arguments in cases {
        let (code, sentence) = failure(arguments);
        assert_eq!(code, 2, "{arguments:?}: {sentence}");
        assert!(!sentence.contains("secret"), "{sentence}");
    }
}

#[test]
fn wrong_input_is_one_sentence_and_1() {
    let fields =
        "fields of sendsms: to, smsc, price, text, sessionid, from, callbackurl, class, charset";
    let call = |more: &[&'static str]| [&CALL, more].concat();
    let names: Vec<&str> = APIS.iter().map(|api| api.name).collect();
    let send = |api: &'static str, more: &[&'static str]| {
        let way = ["send", "--via", "http://127.0.0.1:1", "--api", api, "--to", "4512345678"];
        [&way, more].concat()
    };
    let token = "sms of nextpod needs in the environment SEPTET_API_KEY, or SEPTET_API_ACCOUNT and \
                 SEPTET_API_KEY; in the file of --credentials these are key, or account and key";
    let cases = [
        (send("nextpod", &["Hello"]), format!("nextpod cannot send it: from is missing; {token}")),
        (send("nextpod", &["Hello", "--from", "4512340000"]), token.to_owned()),
        (vec!["api", "x"], format!("no interface is called x; known: {}", names.join(", "))),
        (
            vec!["api", "gatewayapi-v2", "x", "--via", "http://127.0.0.1:1"],
            "gatewayapi-v2 has no call x; known: sendsms, dsn, mo".to_owned(),
        ),
        (call(&["--field", "txt=x"]), format!("sendsms has no field txt; {fields}")),
        (
            call(&["--field", "password=x"]),
            "password has no place on a command line: see --credentials".to_owned(),
        ),
        (call(&["--dry-run"]), format!("to is missing; {fields}")),
        (
            call(&[
                "--dry-run",
                "--field",
                "to=4512345678",
                "--field",
                "sessionid=1",
                "--field",
                "text=€",
            ]),
            format!("text has '€', which its charset lacks; try --charset utf-8; {fields}"),
        ),
        (
            call(&["--dry-run", "--field", "sessionid=1", "--field", "sessionid=2"]),
            format!("sessionid is given twice; {fields}"),
        ),
        (call(&["--carrier", "json"]), "no json carries sendsms: form, multipart".to_owned()),
        (
            call(&["--carrier", "form", "--method", "get"]),
            "sendsms has no body by GET, so that --carrier says nothing".to_owned(),
        ),
        (call(&["--method", "delete"]), "sendsms is no DELETE: POST, GET".to_owned()),
        (
            call(&["--field", "to=4512345678", "--field", "sessionid=1", "--field", "text=x"]),
            "sendsms of gatewayapi-v2 needs in the environment SEPTET_API_USER and \
             SEPTET_API_PASSWORD; in the file of --credentials these are user and password"
                .to_owned(),
        ),
        (
            call(&["--credentials", "no-such-file"]),
            "cannot read no-such-file: No such file or directory (os error 2)".to_owned(),
        ),
        (
            send("gatewayapi-v2", &["Hello", "--at", "2026-12-31T18:00:00Z"]),
            "gatewayapi-v2 cannot carry --at".to_owned(),
        ),
        (send("gatewayapi-v2", &[""]), "the text is empty".to_owned()),
        (
            vec!["send", "--port", "x", "--to", "4512345678", "--to", "4512345679", "Hello"],
            "through a modem a text goes to one number at a time".to_owned(),
        ),
    ];
    for (arguments, sentence) in cases {
        let (code, line) = failure(&arguments);
        assert_eq!((code, line), (1, format!("septet: {sentence}")), "{arguments:?}");
    }
}

#[test]
fn a_dry_run_is_a_curl_command_line_without_secrets() {
    let call = |more: &[&'static str]| stdout(&[&CALL, more].concat());
    let fields =
        ["--field", "to=4512345678", "--field", "text=it's & \"æ\"", "--field", "sessionid=1"];
    let with = |more: &[&'static str]| call(&[&["--dry-run"], &fields[..], more].concat());
    assert_eq!(
        with(&[]),
        "curl --data-urlencode \"user=${SEPTET_API_USER}\" \
         --data-urlencode \"password=${SEPTET_API_PASSWORD}\" \
         --data-raw 'to=4512345678&text=it%27s+%26+%22%E6%22&sessionid=1' \
         http://127.0.0.1:1/legacy/http/v2/sendsms\n"
    );
    assert_eq!(
        with(&["--method", "get", "--charset", "utf-8"]),
        "curl --get --data-urlencode \"user=${SEPTET_API_USER}\" \
         --data-urlencode \"password=${SEPTET_API_PASSWORD}\" \
         --data-raw 'to=4512345678&text=it%27s+%26+%22%C3%A6%22&sessionid=1&charset=utf-8' \
         http://127.0.0.1:1/legacy/http/v2/sendsms\n"
    );
    assert_eq!(
        with(&["--carrier", "multipart", "--charset", "utf-8"]),
        "curl --form-string \"user=${SEPTET_API_USER}\" \
         --form-string \"password=${SEPTET_API_PASSWORD}\" --form-string 'to=4512345678' \
         --form-string \"text=it's & \\\"æ\\\"\" --form-string 'sessionid=1' \
         --form-string 'charset=utf-8' http://127.0.0.1:1/legacy/http/v2/sendsms\n"
    );
    let send = stdout(&[
        "send",
        "--via",
        "http://127.0.0.1:1/own",
        "--api",
        "gatewayapi-v2",
        "--to",
        "+4512345678",
        "--to",
        "4512345679",
        "--id",
        "7",
        "--dry-run",
        "Hello",
    ]);
    assert_eq!(
        send,
        "curl --data-urlencode \"user=${SEPTET_API_USER}\" \
         --data-urlencode \"password=${SEPTET_API_PASSWORD}\" \
         --data-raw 'to=4512345678%2C4512345679&smsc=dk.unknown&text=Hello&sessionid=7&charset=iso-8859-1' \
         http://127.0.0.1:1/own/sendsms\n"
    );
}

/// A gateway in this process.
struct Gateway {
    running: Running,
    _data: TempDir,
}

/// A password that every carrier escapes some of.
const PASSWORD: &str = "p\"w d+%&'$HOME\\";

/// A key that JSON escapes some of.
const KEY: &str = "k\"e\\y";

impl Gateway {
    async fn start() -> Self {
        let data = TempDir::new().unwrap();
        let section = septet_host::account::section("demo", Some(2532), PASSWORD, KEY).unwrap();
        let config = format!(
            "listen = \"127.0.0.1:0\"\ndata = {:?}\n{section}[[modem]]\nname = \"virtual\"\n\
             port = \"virtual\"\nnumber = \"4520001204\"\n",
            data.path().display().to_string()
        );
        let running = Running::start(Config::parse(&config).unwrap()).await.unwrap();
        Self { running, _data: data }
    }

    /// Runs a command with the account's credentials in the environment.
    async fn run(&self, mut command: Command) -> Output {
        command.env("SEPTET_API_USER", "demo").env("SEPTET_API_PASSWORD", PASSWORD);
        command.env("SEPTET_API_ACCOUNT", "2532").env("SEPTET_API_KEY", KEY);
        spawn_blocking(move || command.output().unwrap()).await.unwrap()
    }

    async fn septet(&self, arguments: &[&str]) -> Output {
        let url = self.running.url.as_str();
        let with_url: Vec<&str> =
            arguments.iter().map(|own| if *own == "URL" { url } else { own }).collect();
        self.run(septet(&with_url)).await
    }

    async fn message(&self, number: &str) -> Message {
        let network = self.running.network.as_ref().unwrap();
        for _ in 0..6000 {
            if let Some(message) = network.handset(number).messages.into_iter().next() {
                return message;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("no message at {number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_and_its_curl_line_and_send_reach_the_handset() {
    let gateway = Gateway::start().await;
    let call = |to: &'static str| {
        let ask = ["api", "gatewayapi-v2", "sendsms", "--via", "URL", "--charset", "utf-8"];
        let fields =
            ["--field", to, "--field", "text=it's 5 € & \"æ\"", "--field", "sessionid=a b"];
        [&ask[..], &fields[..]].concat()
    };
    let said = gateway.septet(&call("to=4512345601")).await;
    assert_eq!(text(&said.stdout), "message a b is accepted\n", "{said:?}");
    assert!(said.status.success() && said.stderr.is_empty());
    assert_eq!(gateway.message("4512345601").await.text, "it's 5 € & \"æ\"");

    let said =
        gateway.septet(&[&call("to=4512345602")[..], &["--json", "--verbose"]].concat()).await;
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    let json: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(json["status"], 400);
    assert_eq!(json["advice"], "duplicate");
    assert_eq!(json["answer"]["refused"]["reason"], "duplicate_client_id");
    let said = text(&said.stderr);
    assert!(said.starts_with("> POST http://127.0.0.1:"), "{said}");
    assert!(said.contains("> user=demo&password=***&to=4512345602&"), "{said}");
    assert!(said.contains("septet: refused: the id was used for another message"), "{said}");

    for (i, more) in [&[][..], &["--method", "get"], &["--carrier", "multipart"]].iter().enumerate()
    {
        let number = format!("451234561{i}");
        let (to, id) = (format!("to={number}"), format!("sessionid=curl {i}"));
        let ask = ["api", "gatewayapi-v2", "sendsms", "--via", "URL", "--dry-run"];
        let fields = ["--field", &to, "--field", "text=it's æ\n\"$HOME\"", "--field", &id];
        let line = gateway.septet(&[&ask[..], &fields[..], more].concat()).await;
        let mut shell = Command::new("sh");
        shell.args(["-c", &text(&line.stdout)]).env("no_proxy", "127.0.0.1");
        let said = gateway.run(shell).await;
        assert_eq!(text(&said.stdout), format!("Processing:curl {i}"), "{line:?} {said:?}");
        assert_eq!(gateway.message(&number).await.text, "it's æ\n\"$HOME\"");
    }

    let send = ["send", "--via", "URL", "--api", "gatewayapi-v2", "--to", "4512345603", "5 €"];
    let said = text(&gateway.septet(&send).await.stdout);
    let (accepted, id) = said.trim_end().split_once("\nid ").unwrap();
    assert!(id.starts_with("4512345603-"), "{said}");
    assert_eq!(accepted, format!("message {id} is accepted"));
    assert_eq!(gateway.message("4512345603").await.text, "5 €");
    let send = ["send", "--via", "URL", "--api", "gatewayapi-v1", "--to", "4512345604", "æ"];
    assert_eq!(text(&gateway.septet(&send).await.stdout), "the message is accepted\n");
    assert_eq!(gateway.message("4512345604").await.text, "æ");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_interface_sends_and_its_curl_line_does() {
    let gateway = Gateway::start().await;
    for (i, api) in APIS.iter().enumerate() {
        let number = format!("45123457{i}0");
        // One of them wants a sender.
        let from: &[&str] = if api.name == "nextpod" { &["--from", "4520001204"] } else { &[] };
        let way = ["send", "--via", "URL", "--api", api.name, "--to", &number, "it's æ"];
        let said = gateway.septet(&[&way[..], from].concat()).await;
        assert!(said.status.success(), "{}: {said:?}", api.name);
        assert_eq!(gateway.message(&number).await.text, "it's æ", "{}", api.name);

        let number = format!("45123457{i}1");
        let way =
            ["send", "--via", "URL", "--api", api.name, "--to", &number, "it's æ", "--dry-run"];
        let lines = text(&gateway.septet(&[&way[..], from].concat()).await.stdout);
        assert!(!lines.contains(PASSWORD) && !lines.contains(KEY), "{lines}");
        let mut shell = Command::new("sh");
        let script = match lines.lines().collect::<Vec<_>>().as_slice() {
            [line] => (*line).to_owned(),
            // The reply of this login is the two keys.
            [login, _, line] => format!(
                "keys=$({login}) SEPTET_API_SESSION_USER=${{keys%;*}} \
                 SEPTET_API_SESSION_KEY=${{keys#*;}}\n{line}"
            ),
            lines => panic!("{lines:?}"),
        };
        shell.args(["-c", &script]).env("no_proxy", "127.0.0.1");
        let said = gateway.run(shell).await;
        assert!(said.status.success(), "{}: {script} {said:?}", api.name);
        assert_eq!(gateway.message(&number).await.text, "it's æ", "{}", api.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_that_needs_no_field_is_answered() {
    let gateway = Gateway::start().await;
    let mut asked = 0;
    for api in APIS {
        for call in api.calls.iter().filter(|call| call.fields().is_empty()) {
            for more in [&[][..], &["--json"]] {
                let ask = ["api", api.name, call.name(), "--via", "URL"];
                let said = gateway.septet(&[&ask[..], more].concat()).await;
                assert!(said.status.success(), "{} {}: {said:?}", api.name, call.name());
                asked += 1;
            }
        }
    }
    assert!(asked >= 8 || APIS.len() < 6, "{asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_over_is_begun_anew_once() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    // The second session is the first that lives; in the other run none does.
    for (lives, status, logins_wanted) in [(2, 0, 2), (9, 1, 2)] {
        let logins = Arc::new(AtomicUsize::new(0));
        let count = logins.clone();
        let answer = async move |request: axum::extract::Request| {
            if request.uri().path().ends_with("/login") {
                let login = 1 + count.fetch_add(1, Ordering::SeqCst);
                return (axum::http::StatusCode::OK, format!("USER;SESSION{login}"));
            }
            let key = request.headers()["session_key"].to_str().unwrap();
            if key == format!("SESSION{lives}") {
                (axum::http::StatusCode::OK, "true".to_owned())
            } else {
                (axum::http::StatusCode::UNAUTHORIZED, String::new())
            }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = axum::Router::new().fallback(answer);
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let ask = ["api", "skebby-rest", "status", "--via", &url, "--verbose"];
        let mut command = septet(&ask);
        command.env("SEPTET_API_USER", "user").env("SEPTET_API_PASSWORD", "secret");
        let said = spawn_blocking(move || command.output().unwrap()).await.unwrap();
        server.abort();
        assert_eq!(logins.load(Ordering::SeqCst), logins_wanted, "{said:?}");
        let words = text(&said.stderr);
        assert!(words.contains("> user_key: USER\n> Session_key: ***\n"), "{words}");
        assert!(words.contains("> Authorization: Basic ***\n"), "{words}");
        assert!(!words.contains("SESSION") && !words.contains("secret"), "{words}");
        let is_login = words.contains("log in");
        assert_eq!(is_login, status == 1, "{words}");
    }
}

/// A server that reads a request and hangs up.
fn hang_up() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
    });
    url
}

#[test]
fn a_lost_answer_is_unknown_and_not_failed() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("who.toml");
    fs::write(&file, "user = \"demo\"\npassword = \"secret\"\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let file = file.to_str().unwrap();
    for (api, again) in [
        ("gatewayapi-v2", "again with --id 4512345678-"),
        ("gatewayapi-v1", "again it may be sent twice"),
    ] {
        let url = hang_up();
        let send = ["send", "--via", &url, "--api", api, "--to", "4512345678", "Hello", "--json"];
        let output = septet(&[&send[..], &["--credentials", file]].concat()).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            said.starts_with("septet: unknown: no reply came from http://127.0.0.1:"),
            "{said}"
        );
        assert!(said.contains(again) && !said.contains("secret"), "{said}");
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["advice"], "unknown");
        assert_eq!(json["same_id_is_safe"], api == "gatewayapi-v2");
    }
    // Nobody listens there: nothing was sent.
    let send = ["send", "--via", "http://127.0.0.1:1", "--api", "gatewayapi-v2"];
    let more = ["--to", "4512345678", "Hello", "--credentials", file];
    let (code, line) = failure(&[&send[..], &more[..]].concat());
    assert_eq!(code, 1);
    assert!(line.starts_with("septet: cannot reach http://127.0.0.1:1/"), "{line}");
}

/// A server that gives requests these replies, the last one to all that follow.
fn replying(replies: &[&'static str]) -> String {
    let (last, replies) = (*replies.last().unwrap(), replies.to_vec());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut replies = replies.into_iter().chain(std::iter::repeat(last));
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut len = 0;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    len = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            reader.read_exact(&mut vec![0; len]).unwrap();
            stream.write_all(replies.next().unwrap().as_bytes()).unwrap();
        }
    });
    url
}

#[test]
fn what_the_other_end_says_of_secrets_is_not_printed_and_its_status_is() {
    let (login, status) = (["skebby-rest", "login"], ["skebby-rest", "status"]);
    let send = ["gatewayapi-v2", "sendsms", "--field", "to=4512345678", "--field", "text=x"];
    let send = [&send[..], &["--field", "sessionid=1"]].concat();
    let key = "HTTP/1.0 200 OK\r\n\r\n{\"user_key\":\"UK1\",\"Session_key\":\"SESSION\"}";
    let echo = "HTTP/1.0 400 Bad Request\r\n\r\nbad: password=secret, Basic ZGVtbzpzZWNyZXQ=";
    let session = "HTTP/1.0 200 OK\r\n\r\nUK1;SESSION";
    let no_session = "HTTP/1.0 400 Bad Request\r\n\r\n{\"result\":\"Not allowed: key=SESSION\"}";
    for (call, replies, words) in [
        (&login[..], &[key][..], "refused: the answer is no key; the same again is refused again"),
        (&status, &[key], "login: refused: the answer is no key; the same again is refused again"),
        (
            &status,
            &[session, no_session],
            "refused: Not allowed: key=***; the same again is refused again; HTTP 400",
        ),
        (
            &send,
            &[echo],
            "refused: bad: password=***, Basic ***; the same again is refused again; HTTP 400",
        ),
        (
            &send,
            &["HTTP/1.0 404 Not Found\r\n\r\n"],
            "refused; the same again is refused again; HTTP 404",
        ),
    ] {
        for more in [&[][..], &["--json"]] {
            let url = replying(replies);
            let command = [&["api"], call, &["--via", &url], more].concat();
            let mut command = septet(&command);
            command.env("SEPTET_API_USER", "demo").env("SEPTET_API_PASSWORD", "secret");
            let output = command.output().unwrap();
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(1));
            assert_eq!(said, format!("septet: {words}\n"));
            let printed = text(&output.stdout);
            assert!(!printed.contains("SESSION") && !printed.contains("secret"), "{printed}");
            let json = serde_json::from_str::<Value>(&printed);
            assert_eq!(json.is_ok(), !more.is_empty(), "{printed}");
        }
    }
}

#[test]
fn a_file_of_credentials_is_read_and_never_shown() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("who.toml");
    let said = |contents: &str, mode: u32| {
        fs::write(&file, contents).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let name = file.to_str().unwrap();
        let fields = ["--field", "to=4512345678", "--field", "sessionid=1", "--field", "text=x"];
        let output =
            septet(&[&CALL[..], &fields[..], &["--credentials", name]].concat()).output().unwrap();
        text(&output.stderr).replace(name, "FILE")
    };
    for (contents, sentence) in [
        (
            "pasword = \"secret\"",
            "FILE: no key is called pasword; known: user, password, account, key, token",
        ),
        ("user = \"a\"\npassword = secret", "FILE: line 2 is no TOML"),
        ("password = 4711", "FILE: password is no string"),
        (
            "password = \"secret\"",
            "sendsms of gatewayapi-v2 needs in the environment SEPTET_API_USER; in the file of \
             --credentials these are user",
        ),
    ] {
        let said = said(contents, 0o600);
        assert_eq!(said, format!("septet: {sentence}\n"));
    }
    let said = said("user = \"demo\"\npassword = \"secret\"", 0o644);
    assert!(said.starts_with("septet: others can read FILE: chmod 600 FILE\n"), "{said}");
    assert!(said.contains("septet: cannot reach ") && !said.contains("secret"), "{said}");
}

/// A customer's end; it is stopped when this is dropped.
struct Listening {
    child: Child,
    url: String,
    errors: BufReader<std::process::ChildStderr>,
}

impl Listening {
    fn start(arguments: &[&str]) -> Self {
        let mut command = septet(&["api", "gatewayapi-v2", "listen"]);
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut errors = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        errors.read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ").unwrap().to_owned();
        Self { child, url, errors }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn a_customer_takes_reports_and_messages_in_the_vendors_words() {
    septet_host::callbacks::install_tls();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    for json in [false, true] {
        let count = ["--count", "2"];
        let mut listening =
            Listening::start(if json { &["--count", "2", "--json"] } else { &count });
        let get = async |path_and_query: &str| {
            let response = client.get(format!("{}{path_and_query}", listening.url)).send().await;
            let response = response.unwrap();
            let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
            (response.status().as_u16(), content_type, response.text().await.unwrap())
        };
        let plain = |status, body: &str| (status, "text/plain".to_owned(), body.to_owned());
        assert_eq!(get("/any?statuscode=9&sessionid=7").await, plain(503, ""));
        assert_eq!(get("/callback?sessionid=4587654321:1234&statuscode=1").await, plain(200, ""));
        let post = client.post(&listening.url).send().await.unwrap();
        assert_eq!(post.status().as_u16(), 405);
        let mo = "/example/mosms?sender=4512345678&smsc=unknown&sessionid=4512345678%3A9379401\
                  &appnr=1204&keyword=test";
        assert_eq!(get(mo).await, plain(200, "cmd=asynch-no-trace"));
        let status = listening.child.wait().unwrap();
        assert!(status.success());
        let mut out = String::new();
        listening.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines.len(), 2, "{out}");
        if json {
            let report: Value = serde_json::from_str(lines[0]).unwrap();
            assert_eq!(report["report"]["state"], "delivered");
            assert_eq!(report["report"]["client_id"], "4587654321:1234");
            assert_eq!(report["path"], "/callback");
            assert_eq!(report["query"], "sessionid=4587654321:1234&statuscode=1");
            let inbound: Value = serde_json::from_str(lines[1]).unwrap();
            assert_eq!(inbound["inbound"]["keyword"], "test");
        } else {
            assert_eq!(lines[0], "report of message 4587654321:1234: delivered");
            assert_eq!(lines[1], "received from 4512345678 to 1204: keyword \"test\"");
        }
        let mut errors = String::new();
        listening.errors.read_to_string(&mut errors).unwrap();
        assert_eq!(
            errors,
            "septet: GET /any: no dsn: statuscode has a value that is not allowed; no mo: sender is \
             missing\nseptet: POST /: callbacks of gatewayapi-v2 come by GET\n"
        );
    }
}

#[tokio::test]
async fn a_callback_can_be_made_to_a_customer() {
    let mut listening = Listening::start(&["--count", "1"]);
    let url = format!("{}/own?c=d", listening.url);
    let call = ["api", "gatewayapi-v2", "mo", "--via", &url, "--field", "sender=4512345678"];
    let fields = ["--field", "sessionid=1", "--field", "appnr=1204", "--field", "keyword=TEST"];
    let said = stdout(&[&call[..], &fields[..], &["--field", "text=æ"]].concat());
    assert_eq!(said, "taken\n");
    assert!(listening.child.wait().unwrap().success());
    let mut out = String::new();
    listening.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    assert_eq!(out, "received from 4512345678 to 1204: keyword \"TEST\", \"æ\"\n");
}

#[test]
fn an_account_is_made_for_the_configuration() {
    let mut command = septet(&["account", "demo", "--number", "2532"]);
    let output = command.env("SEPTET_PASSWORD", "secret").env("SEPTET_KEY", "sesame").output();
    let output = output.unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let section = text(&output.stdout);
    assert!(
        section.starts_with("[[account]]\nname = \"demo\"\nnumber = 2532\npassword = \"$argon2id$")
    );
    assert!(section.lines().last().unwrap().starts_with("key = \""));

    let output = septet(&["account", "demo"]).output().unwrap();
    let (section, made) = (text(&output.stdout), text(&output.stderr));
    let mut lines = made.lines();
    let password = lines.next().unwrap().strip_prefix("password: ").unwrap();
    let key = lines.next().unwrap().strip_prefix("key: ").unwrap();
    assert!(password.len() == 24 && key.len() == 40, "{made}");
    assert!(!section.contains(password) && !section.contains(key));
}
