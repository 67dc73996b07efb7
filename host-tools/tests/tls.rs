//! TLS: what customers are shown, how it becomes another one, and what is wrong with it in words.

use std::fs;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use reqwest::header::SET_COOKIE;
use reqwest::redirect::Policy;
use septet_host::config::Config;
use septet_host::http::Certificates;
use tempfile::TempDir;

/// Who signs certificates, and is trusted for it.
struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key, both in PEM.
struct Pair {
    certificate: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// A certificate of this machine's loopback, as `change` has it.
    fn signs(&self, change: impl FnOnce(&mut CertificateParams)) -> Pair {
        let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Pair { certificate, key: key.serialize_pem() }
    }

    /// A client that trusts nobody else.
    fn client(&self) -> reqwest::Client {
        septet_host::callbacks::install_tls();
        let own = reqwest::Certificate::from_pem(self.pem.as_bytes()).unwrap();
        let client = reqwest::Client::builder().no_proxy().redirect(Policy::none());
        client.tls_certs_only([own]).build().unwrap()
    }
}

/// The lines of a configuration that has TLS.
const TLS: &str = "[tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n";

impl Pair {
    fn write(&self, folder: &Path) {
        fs::write(folder.join("cert.pem"), &self.certificate).unwrap();
        fs::write(folder.join("key.pem"), &self.key).unwrap();
    }
}

/// A gateway with TLS on a free port; it is stopped when this is dropped.
struct Gateway {
    child: Child,
    url: String,
    /// What it logs.
    log: Receiver<String>,
}

fn septet(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_septet"));
    command.current_dir(folder).env_remove("SEPTET_TOKEN").env("SEPTET_DEMO_PASSWORD", "secret");
    command
}

impl Gateway {
    fn start(folder: &Path) -> Self {
        let hash = septet_host::accounts::hash("secret").unwrap();
        let demo = Config::demo(&hash, &septet_host::config::key_hash("secret"));
        fs::write(folder.join("septet.toml"), format!("{demo}\n{TLS}")).unwrap();
        let mut command = septet(folder);
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, log) = channel();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| {
                // A test that is over reads no more.
                let _ = sender.send(line);
            })
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let url = lines.next().unwrap().rsplit(' ').next().unwrap().to_owned();
        thread::spawn(move || lines.for_each(drop));
        Self { child, url, log }
    }

    /// Has the files read again, and waits until the log says `words`.
    fn hang_up(&self, words: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-HUP", &id]).status().unwrap().success());
        self.log.iter().find(|line| line.contains(words)).expect(words);
    }

    /// Sends a text; whether it was taken.
    async fn takes(&self, client: &reqwest::Client, id: &str) -> bool {
        let form =
            format!("user=demo&password=secret&to=4512345678&sessionid={id}&text=Hello+{id}");
        let sent = client.post(format!("{}/sendsms", self.url)).body(form).send().await;
        sent.is_ok_and(|reply| reply.status() == 200)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[tokio::test]
async fn customers_speak_tls_and_the_certificate_may_become_another_one() {
    let folder = TempDir::new().unwrap();
    let (old, new) = (Authority::new(), Authority::new());
    old.signs(|_| ()).write(folder.path());
    let gateway = Gateway::start(folder.path());
    assert!(gateway.url.starts_with("https://"), "{}", gateway.url);
    let by_old = old.client();
    assert!(gateway.takes(&by_old, "1").await);
    assert!(!gateway.takes(&new.client(), "2").await, "nobody is trusted for nothing");

    // Who speaks no TLS is told nothing, and who says nothing keeps nobody waiting.
    let address = gateway.url.trim_start_matches("https://");
    let mut plain = TcpStream::connect(address).unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    // It may end by a reset, since not all was read that was said.
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/"), "{answer:?}");
    let silent: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(address).unwrap()).collect();
    assert!(gateway.takes(&old.client(), "3").await);
    drop(silent);

    // The operator's page is there, too, and its cookie is for nothing else.
    let login = by_old.post(format!("{}/login", gateway.url)).body("password=secret").send();
    let login = login.await.unwrap();
    assert_eq!(login.status(), 303);
    let cookie = login.headers()[SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("septet-operator=") && cookie.ends_with("; Secure"), "{cookie}");

    // Commands on this machine need no certificate, and their paths are nowhere else.
    for command in [&["handset", "4512345678"][..], &["accounts"], &["messages"]] {
        let output = septet(folder.path()).args(command).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let status = by_old.get(format!("{}/septet/status", gateway.url)).send().await.unwrap();
    assert_eq!(status.status(), 404);

    // One that cannot be shown changes nothing; the next one is shown, and open connections go on.
    fs::write(folder.path().join("key.pem"), new.signs(|_| ()).key).unwrap();
    gateway.hang_up("the certificate stays the old one");
    assert!(gateway.takes(&old.client(), "4").await);
    new.signs(|_| ()).write(folder.path());
    gateway.hang_up("the certificate was read again");
    assert!(gateway.takes(&new.client(), "5").await);
    assert!(!gateway.takes(&old.client(), "6").await);
    assert!(gateway.takes(&by_old, "7").await);
}

#[test]
fn what_cannot_be_shown_is_one_sentence_with_the_file() {
    let folder = TempDir::new().unwrap();
    let authority = Authority::new();
    let good = authority.signs(|_| ());
    let cases = [
        (good.certificate.clone(), "cert.pem has no private key in PEM"),
        (authority.signs(|_| ()).key, "is not that of the first certificate in "),
        ("nonsense".to_owned(), "key.pem has no private key in PEM"),
    ];
    let load = |pair: &Pair, key: &str| {
        pair.write(folder.path());
        let path = |name: &str| folder.path().join(name);
        let tls = septet_host::config::Tls { certificate: path("cert.pem"), key: path(key) };
        Certificates::load(&tls).err().map(|failed| failed.sentence)
    };
    assert_eq!(load(&good, "key.pem"), None);
    for (key, words) in cases {
        let name = if words.starts_with("cert") { "cert.pem" } else { "key.pem" };
        let why = load(&Pair { certificate: good.certificate.clone(), key }, name).unwrap();
        assert!(why.contains(words) && !why.contains('\n'), "{why}");
    }
    let none = Pair { certificate: good.key.clone(), key: good.key.clone() };
    let why = load(&none, "key.pem").unwrap();
    assert!(why.contains("cert.pem has no certificate in PEM"), "{why}");
    let why = load(&good, "missing.pem").unwrap();
    assert!(why.starts_with("cannot read ") && why.contains("missing.pem"), "{why}");
    let over = authority.signs(|params| params.not_after = date_time_ymd(2001, 2, 3));
    let why = load(&over, "key.pem").unwrap();
    assert!(why.ends_with("cert.pem has expired on 2001-02-03T00:00:00Z: renew it"), "{why}");
    let early = authority.signs(|params| params.not_before = date_time_ymd(4000, 2, 3));
    let why = load(&early, "key.pem").unwrap();
    assert!(why.contains("is not valid yet, but from 4000-02-03T00:00:00Z"), "{why}");
}

#[test]
fn passwords_do_not_cross_a_network_in_plain_http_unless_somebody_says_so() {
    let check = |text: &str| Config::parse(text).unwrap().check_listen();
    for text in [
        "",
        "listen = \"[::1]:80\"",
        "listen = \"127.0.0.2:80\"",
        "listen = \"0.0.0.0:80\"\nplain_http = true",
        &format!("listen = \"0.0.0.0:443\"\n{TLS}"),
    ] {
        assert!(check(text).is_ok(), "{text}");
    }
    for address in ["0.0.0.0:80", "[::]:80", "192.0.2.1:80"] {
        let why = check(&format!("listen = \"{address}\"")).unwrap_err().sentence;
        assert!(why.contains(address) && why.contains("[tls]"), "{why}");
    }
    let both = Config::parse(&format!("plain_http = true\n{TLS}")).unwrap_err();
    assert_eq!(both, "line 1: plain_http and [tls] exclude each other: leave one out");
    // The address of the command line is no other case.
    let folder = TempDir::new().unwrap();
    let output = septet(folder.path()).args(["serve", "--listen", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(why.starts_with("septet: others reach 0.0.0.0:0, "), "{why}");
}
