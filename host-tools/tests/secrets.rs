//! No password, key or token is where it should not be: not in the log, whatever is asked for and
//! however it goes wrong, not in an answer, not on the disk, and not on a command line.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64ct::{Base64, Encoding};
use clap::{Command, CommandFactory};
use septet_host::accounts;
use septet_host::cli::Cli;
use septet_host::config::{Config, key_hash};
use septet_host::serve::Running;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tracing::level_filters::LevelFilter;

const PASSWORD: &str = "RightPassword8f3a";
const KEY: &str = "RightKey51d2";
const WRONG: &str = "WrongSecret77b1";
/// What a customer's own server asks callbacks for.
const CALLBACK: &str = "CallbackSecret19c2";

/// Everything that is logged, by whichever library.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Log;

impl io::Write for Log {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn log() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

/// What comes back for octets.
async fn said(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // It may close before all is said.
    let _ = stream.write_all(request.as_bytes()).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(target: &str, headers: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n")
}

fn post(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\
         {headers}\r\n{body}"
    )
}

fn basic(user: &str, password: &str) -> String {
    let pair = Base64::encode_string(format!("{user}:{password}").as_bytes());
    format!("Authorization: Basic {pair}\r\n")
}

const JSON: &str = "Content-Type: application/json\r\n";
const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

/// Requests to every interface, with this password and this key, in all places that take them.
fn asked(password: &str, key: &str) -> Vec<String> {
    let callback = format!("http://u:{CALLBACK}@127.0.0.1:1/dsn?token={CALLBACK}");
    let text = "&to=4512345678&text=t&callbackurl=";
    let v2 = format!("user=demo&password={password}&sessionid=s{text}{callback}");
    let v1 = format!("username=demo&password={password}&number=12345678&countryCode=45&message=t");
    let sms = "\"from\":\"a\",\"to\":\"4512345678\",\"msg\":\"t\"";
    let nextpod = format!("{{{sms},\"report_url\":\"{callback}\"}}");
    let websms = format!(
        "{{\"recipientAddressList\":[\"4512345678\"],\"messageContent\":\"t\",\
         \"notificationCallbackUrl\":\"{callback}\"}}"
    );
    let eapi = format!("username=demo&password={password}&msisdn=4512345678&message=t");
    let text = "/rest/smsmessaging/text";
    let simple = "/rest/smsmessaging/simple?recipientAddressList=4512345678&messageContent=t";
    vec![
        get(&format!("/Gateway/Kunder/Opret/Gateway.aspx?{v1}"), ""),
        get(&format!("/sendsms?{v2}"), ""),
        post("/sendsms", FORM, &v2),
        post("/v2/sms", &(basic("", key) + JSON), &nextpod),
        post("/v2/sms", JSON, &format!("{{{sms},\"account_id\":2532,\"api_key\":\"{key}\"}}")),
        get(&format!("/v2/sms?account_id=2532&api_key={key}&to=4512345678&from=a&msg=t"), ""),
        post(text, &(basic("demo", password) + JSON), &websms),
        post(text, &format!("Authorization: Bearer {key}\r\n{JSON}"), &websms),
        get(&format!("{simple}&access_token={key}"), ""),
        get("/API/v1.0/REST/login", &basic("demo", password)),
        get(&format!("/API/v1.0/REST/token?username=demo&password={password}"), ""),
        post("/eapi/submission/send_sms/2/2.0", FORM, &eapi),
        // A secret in the wrong place, or in a request that nobody can read.
        post("/sendsms", FORM, &v2.replace("user=demo", &format!("user={password}"))),
        post("/sendsms", FORM, &format!("{v2}&password={password}")),
        post("/v2/sms", &(basic(key, "") + JSON), "{"),
        post("/v2/sms", JSON, &format!("{{\"api_key\":[\"{key}\"]}}")),
        post(text, &format!("Authorization: Bearer  {key}, {key}\r\n{JSON}"), &websms),
        post(text, &format!("Authorization: Basic {key}\r\n{JSON}"), &websms),
        get(&format!("/nowhere/{password}?password={password}"), &basic("demo", password)),
        get(&format!("/sendsms?{v2}"), &format!("A: {password}\0\r\n")),
        get(
            &format!("/septet/handsets/1?token={key}"),
            &format!("Authorization: Bearer {key}\r\n"),
        ),
        post("/sendsms", "", &(v2 + &"x".repeat(2 * 1024 * 1024))),
    ]
}

/// What stands between these two in an answer.
fn between(answer: &str, before: &str, after: &str) -> String {
    let (_, rest) = answer.split_once(before).expect(answer);
    rest.split_once(after).expect(answer).0.to_owned()
}

#[tokio::test]
async fn no_secret_is_in_the_log_in_an_answer_or_on_the_disk() {
    tracing_subscriber::fmt().with_max_level(LevelFilter::TRACE).with_writer(|| Log).init();
    let data = TempDir::new().unwrap();
    let demo = Config::demo(&accounts::hash(PASSWORD).unwrap(), &key_hash(KEY));
    let mut config = Config::parse(&demo).unwrap();
    config.data = data.path().to_owned();
    config.listen.set_port(0);
    let running = Running::start(config).await.unwrap();
    let address: SocketAddr = running.url.trim_start_matches("http://").parse().unwrap();

    // Sessions and tokens of a login are secrets like others, but for the answer that makes them.
    let mut secrets: Vec<String> = [PASSWORD, KEY, WRONG, CALLBACK].map(str::to_owned).to_vec();
    for (call, query, header) in [("login", "", "Session_key"), ("token", "", "Access_token")] {
        let path = format!("/API/v1.0/REST/{call}{query}");
        let answer = said(address, &get(&path, &basic("demo", PASSWORD))).await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let (user, key) = body.split_once(';').expect(body);
        for key in [key, WRONG] {
            let headers = format!("user_key: {user}\r\n{header}: {key}\r\n");
            let answer = said(address, &get("/API/v1.0/REST/status", &headers)).await;
            assert_eq!(answer.contains(" 200 "), key != WRONG, "{answer}");
            assert!(!answer.contains(key), "{answer}");
        }
        secrets.push(key.to_owned());
    }
    let control = fs::read_to_string(data.path().join("control.json")).unwrap();
    let token = between(&control, "\"token\":\"", "\"");
    let headers = format!("Authorization: Bearer {token}\r\n");
    assert!(said(address, &get("/septet/handsets/1", &headers)).await.contains(" 200 "));
    secrets.push(token.clone());
    // As HTTP Basic has them.
    for (user, secret) in [("demo", PASSWORD), ("", KEY), ("demo", WRONG), ("u", CALLBACK)] {
        secrets.push(between(&basic(user, secret), "Basic ", "\r\n"));
    }

    for (password, key) in [(PASSWORD, KEY), (WRONG, WRONG)] {
        for request in asked(password, key) {
            let answer = said(address, &request).await;
            assert!(answer.starts_with("HTTP/1.1 "), "{request}: {answer}");
            let is_session = request.contains("/REST/login") || request.contains("/REST/token");
            // GatewayAPI says which name it does not know.
            let is_told = request.contains(&format!("user={password}"));
            for secret in secrets.iter().filter(|_| !is_session && !is_told) {
                assert!(!answer.contains(secret.as_str()), "{request}: {answer}");
            }
        }
    }
    // Both were let in and turned away, and a callback went wrong: the log was there to see it.
    while !log().contains("no answer") {
        sleep(Duration::from_millis(5)).await;
    }
    running.stop().await;
    let log = log();
    assert!(log.contains("refused") && log.contains("accepted"), "{log}");
    for secret in &secrets {
        let line = log.lines().find(|line| line.contains(secret.as_str()));
        assert_eq!(line, None, "{secret}");
    }
    for entry in fs::read_dir(data.path()).unwrap() {
        let path = entry.unwrap().path();
        let octets = fs::read(&path).unwrap();
        for secret in secrets.iter().filter(|secret| !secret.contains(CALLBACK)) {
            let is_in = octets.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!is_in, "{} has {secret}", path.display());
        }
    }
}

/// Every option of the commands below.
fn options(command: &Command) -> Vec<String> {
    let own = command.get_arguments().map(|argument| argument.get_id().to_string());
    own.chain(command.get_subcommands().flat_map(options)).collect()
}

#[test]
fn no_option_takes_a_secret_that_a_list_of_processes_would_show() {
    let options = options(&Cli::command());
    assert!(options.iter().any(|option| option == "credentials"), "{options:?}");
    // A file's name is no secret, nor is the first word of a message.
    let is_none = |option: &String| option.ends_with("_file") || option == "keyword";
    for option in options.into_iter().filter(|option| !is_none(option)) {
        let words = ["password", "secret", "token", "key"];
        assert!(!words.iter().any(|word| option.contains(word)), "{option}");
    }
}
