//! What a gateway says in its log, read as programs read it.

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// `septet serve` in a folder of its own.
struct Gateway {
    child: Child,
    url: String,
    log: Lines<BufReader<ChildStderr>>,
    folder: TempDir,
}

impl Gateway {
    /// One with this configuration, or that of the demo.
    fn start(config: Option<&str>) -> Self {
        let folder = TempDir::new().unwrap();
        if let Some(config) = config {
            fs::write(folder.path().join("septet.toml"), config).unwrap();
        }
        let mut child = septet(&folder)
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "json"])
            .env("SEPTET_DEMO_PASSWORD", "secret")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let url = said.next().unwrap().unwrap().rsplit(' ').next().unwrap().to_owned();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, url, log, folder }
    }

    /// What it says next, up to the event with this message.
    fn says(&mut self, last: &str) -> Vec<Value> {
        let mut events: Vec<Value> = Vec::new();
        while events.last().is_none_or(|event| event["message"] != last) {
            let line = self.log.next().unwrap().unwrap();
            events.push(serde_json::from_str(&line).unwrap());
        }
        events
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.child.kill().and_then(|()| self.child.wait());
    }
}

fn septet(folder: &TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
    command.current_dir(folder.path()).env_remove("SEPTET_TOKEN");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_named_from_its_acceptance_to_its_report() {
    let mut gateway = Gateway::start(None);
    septet_host::callbacks::install_tls();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let form = "user=demo&password=secret&to=4512345678&sessionid=1&text=x\
                &callbackurl=http%3A%2F%2F127.0.0.1%3A9%2F";
    let reply = http.post(format!("{}/sendsms", gateway.url)).body(form).send().await.unwrap();
    assert_eq!(reply.status(), 200);
    let events = gateway.says("final");
    let step = |step: &str| events.iter().find(|event| event["message"] == step).unwrap();
    for name in ["accepted", "sent", "reported", "final"] {
        assert_eq!(step(name)["request"], 1, "{name}: {events:?}");
    }
    assert_eq!(step("final")["callback"], 1);
    // In the words of the page, with names, and nothing of what is not there.
    for name in ["ready", "sent"] {
        assert_eq!(step(name)["modem"], "virtual");
    }
    for name in ["reported", "final"] {
        assert_eq!(step(name)["state"], "delivered");
    }
    for event in &events {
        let says_something = |value: &Value| {
            value.as_str().is_none_or(|words| !words.is_empty() && words == words.trim())
        };
        assert!(event.as_object().unwrap().values().all(says_something), "{event}");
    }
}

const OPT_OUT: &str = r#"
    [account.opt_out]
    stop_answer = "You get no more."
    [[modem]]
    name = "one"
    port = "virtual"
    number = "4520001204"
"#;

#[test]
fn who_wants_nothing_more_is_understood_and_no_message_for_nobody() {
    let hash = septet_host::accounts::hash("secret").unwrap();
    let account = format!("[[account]]\nname = \"demo\"\npassword = \"{hash}\"\n");
    let mut gateway = Gateway::start(Some(&(account + OPT_OUT)));
    gateway.says("ready");
    for (text, words, answered) in [
        ("Stop!", "understood as stop: it gets nothing more", Some(true)),
        ("stop it", "understood as stop: it got nothing already", Some(false)),
        ("START", "understood as start: it gets messages again", Some(false)),
        ("start", "understood as start: it got messages already", Some(false)),
        ("I do not stop", "received for nobody: no keyword matched", None),
    ] {
        let sent = septet(&gateway.folder)
            .args(["handset", "4512345678", "--to", "4520001204", "--send", text])
            .output()
            .unwrap();
        assert!(sent.status.success(), "{sent:?}");
        let events = gateway.says(words);
        let last = events.last().unwrap();
        assert_eq!((&last["modem"], &last["sender"]), (&"one".into(), &"4512345678".into()));
        assert_eq!(last.get("answered").and_then(Value::as_bool), answered, "{last}");
        assert_eq!(last.get("account").is_some(), answered.is_some(), "{last}");
        let received = |event: &&Value| event["message"].as_str().unwrap().starts_with("received");
        assert_eq!(events.iter().filter(received).count(), usize::from(answered.is_none()));
    }
}
