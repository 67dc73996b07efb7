//! What comes over a socket that no customer's program writes: the gateway says no, once, and goes on.

use std::io::{BufRead, BufReader, ErrorKind};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use septet_host::accounts;
use septet_host::config::{Config, key_hash};
use septet_host::serve::Running;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};

/// How long something that will happen may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The demo's gateway, with the password `secret`, on a free port.
struct Gateway {
    address: SocketAddr,
    /// It ends when this is dropped.
    _running: Running,
    _data: TempDir,
}

impl Gateway {
    async fn start() -> Self {
        let data = TempDir::new().unwrap();
        let demo = Config::demo(&accounts::hash("secret").unwrap(), &key_hash("secret"));
        let mut config = Config::parse(&demo).unwrap();
        config.data = data.path().to_owned();
        config.listen.set_port(0);
        let running = Running::start(config).await.unwrap();
        let address = running.url.trim_start_matches("http://").parse().unwrap();
        Self { address, _running: running, _data: data }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// All that comes back for octets, until the gateway closes.
    async fn said(&self, octets: &[u8]) -> String {
        let mut stream = self.connect().await;
        // It may have closed before all was said.
        let _ = stream.write_all(octets).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let Ok(ended) = timeout(PATIENCE, stream.read_to_end(&mut answer)).await else {
            panic!("the connection stays open after {:?}", String::from_utf8_lossy(&answer));
        };
        // Where it closes before it has read all that was said, that is a reset.
        if let Err(error) = ended {
            assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
        }
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Sends a text as customers do; its id must be new.
    async fn takes(&self, id: &str) {
        let body = form(id);
        let request = format!(
            "POST /sendsms HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = self.said(request.as_bytes()).await;
        assert!(answer.ends_with(&format!("\r\n\r\nProcessing:{id}")), "{answer}");
    }
}

fn form(id: &str) -> String {
    format!("user=demo&password=secret&to=4512345678&sessionid={id}&text=t")
}

/// The status codes of the answers in what came back, of which none may have a body that has some.
fn statuses(answer: &str) -> Vec<&str> {
    let lines = answer.split("HTTP/1.").skip(1);
    lines.map(|line| line.split(' ').nth(1).unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_request_ends_in_one_place_only() {
    let gateway = Gateway::start().await;
    // What a proxy before the gateway may have taken for the body, or for another request.
    let second = format!("GET /sendsms?{} HTTP/1.1\r\nHost: a\r\n\r\n", form("smuggled"));
    // Each would be accepted, were it not for what is wrong with it.
    let post = format!("POST /sendsms?{} HTTP/1.1\r\nHost: a\r\n", form("first"));
    let get = format!("GET /sendsms?{} HTTP/1.1\r\nHost: a\r\n", form("first"));
    let chunked = format!("{post}Transfer-Encoding: chunked\r\n");
    for (request, status) in [
        // Which of the two says how long it is: chunks do, and nothing more is read.
        (format!("{post}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "200"),
        (format!("{post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"), "200"),
        (format!("{post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"), "400"),
        (format!("{post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), "400"),
        (format!("{post}Transfer-Encoding: identity\r\nContent-Length: 0\r\n\r\n"), "400"),
        (get.replace("1.1", "1.0") + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
        (format!("{post}Content-Length: 0\r\nContent-Length: 9\r\n\r\n"), "400"),
        (format!("{post}Content-Length: 0, 9\r\n\r\n"), "400"),
        (format!("{post}Content-Length: +0\r\n\r\n"), "400"),
        (format!("{post}Content-Length: 0x0\r\n\r\n"), "400"),
        (format!("{post}Content-Length: -1\r\n\r\n"), "400"),
        (format!("{post}Content-Length: 99999999999999999999\r\n\r\n"), "400"),
        (format!("{chunked}\r\nfffffffffffffffff\r\n"), "400"),
        (format!("{chunked}\r\n-1\r\n\r\n"), "400"),
        (format!("{chunked}\r\n0x1\r\na\r\n0\r\n\r\n"), "400"),
        (format!("{chunked}\r\n1\r\nab\r\n0\r\n\r\n"), "400"),
        (format!("{chunked}\r\n1;{}\r\na\r\n0\r\n\r\n", "x".repeat(64 * 1024)), "400"),
        (format!("{chunked}\r\n0\r\n{}\r\n", "T: x\r\n".repeat(20_000)), "400"),
        (format!("{get}A: b\r\n c: d\r\n\r\n"), "400"),
        (format!("{get}A : b\r\n\r\n"), "400"),
        (format!("{get}A: b\rc: d\r\n\r\n"), "400"),
        (format!("{get}A: b\0\r\n\r\n"), "400"),
        (format!("{get}: b\r\n\r\n"), "400"),
        (get.replace("1.1", "2.0") + "\r\n", "400"),
        (get.replace("/sendsms", "/send\0sms") + "\r\n", "400"),
        (get.replace(" HTTP", "\tHTTP") + "\r\n", "400"),
        ("\0\0\0\r\n\r\n".into(), "400"),
        (format!("{get}{}\r\n", "A: b\r\n".repeat(101)), "431"),
        (format!("{get}A: {}\r\n\r\n", "b".repeat(200 * 1024)), "431"),
    ] {
        let answer = gateway.said((request.clone() + &second).as_bytes()).await;
        let shown: String = request.chars().take(120).collect();
        assert_eq!(statuses(&answer), [status], "{shown:?}: {answer}");
    }
    // A line may end with LF alone, and then it does so in one way for all.
    let bare = get.replace("\r\n", "\n") + "Connection: close\n\n" + &second;
    assert_eq!(statuses(&gateway.said(bare.as_bytes()).await), ["200"]);
    gateway.takes("1").await;
}

#[tokio::test]
async fn a_path_has_one_meaning_and_none_is_behind_another() {
    let gateway = Gateway::start().await;
    for (target, status) in [
        ("/septet/handsets/1", "401"),
        ("http://elsewhere/septet/handsets/1", "401"),
        ("//septet/handsets/1", "404"),
        ("/septet//handsets/1", "401"),
        ("/%73eptet/handsets/1", "404"),
        ("/sendsms/../septet/handsets/1", "404"),
        ("/sendsms/%2e%2e/septet/handsets/1", "404"),
        ("/septet/../sendsms", "401"),
        ("/septet/%2e%2e/sendsms", "401"),
        ("/./sendsms", "404"),
        ("/SENDSMS", "404"),
        ("/sendsms;a=b", "404"),
        ("/sendsms%00", "404"),
        ("/sendsms%2F", "404"),
        ("/..", "404"),
        ("/../../../../etc/passwd", "404"),
        ("/%2e%2e%2f%2e%2e%2fetc/passwd", "404"),
        ("/etc/passwd", "404"),
        ("/.git/config", "404"),
        // The same call, and the parameters are missing.
        ("/sendsms", "400"),
        ("/sendsms/", "400"),
        ("//sendsms", "400"),
        ("http://elsewhere/sendsms", "400"),
    ] {
        let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        let answer = gateway.said(request.as_bytes()).await;
        assert_eq!(statuses(&answer), [status], "{target}: {answer}");
    }
    for (line, status) in [
        ("OPTIONS * HTTP/1.1", "405"),
        ("CONNECT elsewhere:80 HTTP/1.1", "405"),
        ("TRACE /sendsms HTTP/1.1", "405"),
        ("HEAD /sendsms HTTP/1.1", "405"),
        ("BREW /sendsms HTTP/1.1", "405"),
    ] {
        let request = format!("{line}\r\nHost: a\r\nCookie: secret\r\nConnection: close\r\n\r\n");
        let answer = gateway.said(request.as_bytes()).await;
        assert_eq!(statuses(&answer), [status], "{line}: {answer}");
        assert!(!answer.contains("secret"), "{answer}");
    }
}

/// A head with this in it has a line that nobody wrote.
const INJECTED: &str = "x-injected";

#[tokio::test]
async fn what_customers_say_is_never_a_line_of_a_head() {
    let gateway = Gateway::start().await;
    let value = "a%0D%0AX-Injected:%20b%0D%0A%0D%0A<script>X-Injected";
    for (path, names) in [
        ("/legacy/http/v2/sendsms", "user password to sessionid from text charset callbackurl"),
        ("/Gateway/Kunder/Opret/Gateway.aspx", "username password number countryCode message"),
        ("/v2/sms", "account_id api_key to from msg reference report_url"),
        ("/rest/smsmessaging/simple", "access_token messageContent recipientAddressList"),
        ("/API/v1.0/REST/login", "username password"),
        ("/eapi/submission/send_sms/2/2.0", "username password msisdn message source_id"),
    ] {
        for name in names.split(' ') {
            let query = format!("user=demo&username=demo&password=secret&{name}={value}");
            for request in [
                format!("GET {path}?{query} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
                format!(
                    "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\
                     Content-Type: application/x-www-form-urlencoded\r\n\r\n{query}",
                    query.len()
                ),
            ] {
                let answer = gateway.said(request.as_bytes()).await;
                let (head, _) = answer.split_once("\r\n\r\n").expect("a head");
                assert!(!head.to_lowercase().contains(INJECTED), "{name}: {answer}");
                assert!(head.starts_with("HTTP/1.1 "), "{answer}");
                // Nor does it act in a browser that was sent there.
                let head = head.to_lowercase();
                assert!(head.contains("x-content-type-options: nosniff"), "{answer}");
                let policy =
                    "content-security-policy: default-src 'none'; frame-ancestors 'none'; sandbox";
                assert!(head.contains(policy), "{answer}");
            }
        }
    }
}

#[tokio::test]
async fn what_customers_say_is_never_a_line_of_a_callback() {
    let gateway = Gateway::start().await;
    let customer = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = customer.local_addr().unwrap();
    let id = "i%0D%0AX-Injected:%20b";
    let lines = "%0D%0AX-Injected:%20b";
    for (url, status) in [
        (format!("http://{own}{lines}/dsn"), "400"),
        (format!("http://{own}/dsn{lines}"), "400"),
        // What is escaped twice stays escaped.
        (format!("http://{own}/dsn{}", lines.replace('%', "%25")), "200"),
    ] {
        let body = form(id) + "&callbackurl=" + &url;
        let request = format!(
            "POST /sendsms HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = gateway.said(request.as_bytes()).await;
        assert_eq!(statuses(&answer), [status], "{url}: {answer}");
    }
    let (mut stream, _) = timeout(PATIENCE, customer.accept()).await.expect("a callback").unwrap();
    let mut head = String::new();
    while !head.contains("\r\n\r\n") {
        let mut octets = [0; 4096];
        let count = stream.read(&mut octets).await.unwrap();
        assert_ne!(count, 0, "{head}");
        head.push_str(&String::from_utf8_lossy(&octets[..count]));
    }
    let (line, fields) = head.split_once("\r\n").unwrap();
    assert!(line.starts_with("GET /dsn") && line.ends_with(" HTTP/1.1"), "{head}");
    for field in fields.lines() {
        assert!(!field.to_lowercase().starts_with(INJECTED), "{head}");
    }
}

/// How many customers are slow together: more than whose whole bodies there would be room for.
const SLOW: usize = 300;

#[tokio::test]
async fn slow_customers_hold_nobody_up() {
    let gateway = Gateway::start().await;
    let mut slow = Vec::new();
    for n in 0..SLOW {
        let mut stream = gateway.connect().await;
        let said = match n % 3 {
            0 => "POST /sendsms HTTP/1.1\r\nHost: a\r\nContent-Le".to_owned(),
            1 => format!("GET /sendsms?{}", form("never")),
            _ => String::new(),
        };
        stream.write_all(said.as_bytes()).await.unwrap();
        slow.push(stream);
        // And one whose body does not come, as long as one may be.
        let mut stream = gateway.connect().await;
        let head = "POST /sendsms HTTP/1.1\r\nHost: a\r\nContent-Length: 1048576\r\n\r\nuser=";
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    gateway.takes("1").await;
    // All of them are still there.
    for mut stream in slow {
        let nothing = timeout(Duration::ZERO, stream.read_u8()).await;
        assert!(nothing.is_err(), "{nothing:?}");
    }
}

#[tokio::test]
async fn a_customer_that_reads_nothing_holds_nobody_up() {
    let gateway = Gateway::start().await;
    let request = "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1000);
    let mut deaf = Vec::new();
    for _ in 0..20 {
        let mut stream = gateway.connect().await;
        // The gateway takes no more than it can answer.
        let _ = timeout(Duration::from_millis(10), stream.write_all(request.as_bytes())).await;
        deaf.push(stream);
    }
    gateway.takes("1").await;
}

/// Ends a process.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[tokio::test]
async fn an_address_with_too_many_connections_leaves_room_for_others() {
    let folder = TempDir::new().unwrap();
    // A process that may have 64 files open has far fewer connections.
    let script =
        format!("ulimit -n 64 && exec {} serve --listen 127.0.0.1:0", env!("CARGO_BIN_EXE_septet"));
    let mut command = Command::new("sh");
    command.args(["-c", &script]).current_dir(folder.path()).env("SEPTET_DEMO_PASSWORD", "secret");
    let mut child = Ended(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let mut said = BufReader::new(child.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let url = said.next().unwrap();
    let address: SocketAddr = url.rsplit_once("//").unwrap().1.parse().unwrap();
    thread::spawn(move || said.for_each(drop));

    let mut many = Vec::new();
    for _ in 0..100 {
        many.push(TcpStream::connect(address).await.unwrap());
    }
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    let mut other = socket.connect(address).await.unwrap();
    let request = format!("GET /sendsms?{} HTTP/1.0\r\n\r\n", form("1"));
    other.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(PATIENCE, other.read_to_string(&mut answer)).await.expect("an answer").unwrap();
    assert!(answer.ends_with("\r\n\r\nProcessing:1"), "{answer}");

    // Some are open, and the rest is closed, not left waiting.
    let mut closed = 0;
    for stream in &mut many {
        let ended = timeout(Duration::ZERO, stream.read_u8()).await;
        closed += usize::from(ended.is_ok());
    }
    assert!((1..many.len()).contains(&closed), "{closed}");
    // Where they have gone, the address is welcome again.
    drop(many);
    let answer = loop {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut answer = String::new();
        // Until the gateway has seen them go, it may close at once.
        let _ = stream.write_all(request.as_bytes()).await;
        let _ = stream.read_to_string(&mut answer).await;
        if !answer.is_empty() {
            break answer;
        }
        sleep(Duration::from_millis(5)).await;
    };
    assert!(answer.ends_with("\r\n\r\nProcessing:1"), "{answer}");
}

#[tokio::test]
async fn many_parameters_and_deep_values_are_refused_like_others() {
    let gateway = Gateway::start().await;
    let many = 1_000_000 / 4;
    let nested = |open: &str, close: &str| {
        let depth = 1_000_000 / (open.len() + close.len());
        format!("{{\"to\":{}{}}}", open.repeat(depth), close.repeat(depth))
    };
    let members: String = (0..60_000).map(|n| format!("\"n{n}\":{n},")).collect();
    let part = "--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n\r\n";
    let (form, json) = ("application/x-www-form-urlencoded", "application/json");
    let (nextpod, websms, eapi) =
        ("/v2/sms", "/rest/smsmessaging/text", "/eapi/submission/send_sms/2/2.0");
    for (path, content_type, body, status) in [
        ("/sendsms", form, "a=b&".repeat(many), "400"),
        ("/sendsms", form, "&".repeat(many), "400"),
        (eapi, form, "a=b&".repeat(many), "200"),
        (nextpod, json, nested("[", "]"), "400"),
        (nextpod, json, nested("{\"a\":", "}"), "400"),
        (nextpod, json, format!("{{\"to\":{}", "[".repeat(many)), "400"),
        (nextpod, json, format!("{{{members}\"to\":1}}"), "400"),
        (nextpod, "multipart/form-data; boundary=b", part.repeat(15_000) + "--b--\r\n", "400"),
        (websms, json, nested("[", "]"), "400"),
        (websms, json, format!("{{{members}\"messageContent\":\"t\"}}"), "200"),
    ] {
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Basic {}\r\n\
             Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
            // The key alone, or the account with its password.
            if path == nextpod { "OnNlY3JldA==" } else { "ZGVtbzpzZWNyZXQ=" },
            body.len()
        );
        let answer = gateway.said(request.as_bytes()).await;
        let shown: String = body.chars().take(40).collect();
        assert_eq!(statuses(&answer), [status], "{path} {shown}: {answer}");
        let is_taken =
            ["Processing", "IN_PROGRESS", ":2000"].iter().any(|word| answer.contains(word));
        assert!(!is_taken, "{path} {shown}: {answer}");
    }
    gateway.takes("1").await;
}
