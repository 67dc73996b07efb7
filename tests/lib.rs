//! What the tests of several crates share: a gateway with a virtual modem on loopback, and a customer
//! who answers its callbacks. Both end when they are dropped.

pub mod virtual_board;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use septet::api::{APIS, Emitted, Method as Asked};
use septet_host::accounts;
use septet_host::config::{Config, key_hash};
use septet_host::network::{Message, Network};
use septet_host::serve::Running;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// How long something that will happen may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The number of the gateway's SIM.
pub const SIM: &str = "4520001204";

/// What a test wants of its gateway beyond the usual.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Faults of the virtual modem, as its configuration has them.
    pub faults: &'static [&'static str],
    /// Where the modem is.
    pub port: String,
    /// Networks that callbacks may go to.
    pub allow: &'static str,
    /// The account's name and password.
    pub account: (&'static str, &'static str),
    /// Where keyword TEST on 1204 goes.
    pub keyword_url: String,
    /// The interface that it goes there by.
    pub keyword_api: &'static str,
    /// What is done with a sender that cannot be carried.
    pub sender: &'static str,
    /// More lines of the configuration itself.
    pub extra: &'static str,
    /// More lines of the account.
    pub account_extra: String,
    /// More sections of the account.
    pub sections: String,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            faults: &[],
            port: "virtual".to_owned(),
            allow: "127.0.0.0/8",
            account: ("demo", "secret"),
            keyword_url: "http://127.0.0.1:1/mo".to_owned(),
            keyword_api: "gatewayapi-v2",
            sender: "record",
            extra: "",
            account_extra: String::new(),
            sections: String::new(),
        }
    }
}

/// A gateway with one virtual modem, on a free port of loopback.
pub struct Gateway {
    running: Running,
    http: reqwest::Client,
    _data: TempDir,
}

impl Gateway {
    /// Starts the gateway. Callbacks that are not taken are tried again after 10 ms, three times.
    pub async fn start(wish: Wish) -> Self {
        let data = TempDir::new().expect("a temporary folder");
        let (account, password) = wish.account;
        let hash = accounts::hash(password).expect("a hash");
        let retries: String = APIS
            .iter()
            .map(|api| {
                format!(
                    "[callbacks.retry.{}]\nfirst = [\"10ms\", \"10ms\", \"10ms\"]\nthen = \"1h\"\n\
                     until = \"1min\"\n",
                    api.name
                )
            })
            .collect();
        let config = format!(
            r#"
            listen = "127.0.0.1:0"
            data = {data:?}
            sender = "{sender}"
            {extra}
            [callbacks]
            allow = ["{allow}"]
            {retries}
            [[account]]
            name = "{account}"
            password = "{hash}"
            number = 2532
            key = "{key}"
            zone = "Europe/Copenhagen"
            {account_extra}
            [[account.group]]
            id = 12
            name = "G1"
            members = ["4512340001", "4512340002"]
            {sections}
            [[account.keyword]]
            number = "1204"
            keyword = "TEST"
            url = "{keyword_url}"
            api = "{keyword_api}"
            [[modem]]
            name = "virtual"
            port = "{port}"
            number = "{SIM}"
            short_codes = ["1204"]
            faults = {faults:?}
            "#,
            data = data.path().display().to_string(),
            sender = wish.sender,
            extra = wish.extra,
            port = wish.port,
            allow = wish.allow,
            keyword_url = wish.keyword_url,
            keyword_api = wish.keyword_api,
            key = key_hash(password),
            account_extra = wish.account_extra,
            sections = wish.sections,
            retries = retries,
            faults = wish.faults,
        );
        let config = Config::parse(&config).expect("a configuration");
        let running = Running::start(config).await.expect("a gateway");
        Self { running, http: http(), _data: data }
    }

    /// The URL of a path.
    pub fn url(&self, path_and_query: &str) -> String {
        format!("{}{path_and_query}", self.running.url)
    }

    /// The virtual network.
    pub fn network(&self) -> &Network {
        self.running.network.as_ref().expect("a virtual modem")
    }

    /// Sends a form and returns status and body.
    pub async fn post(&self, path: &str, form: String) -> (u16, String) {
        let request = self
            .http
            .post(self.url(path))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        answered(request).await
    }

    /// Gets a path and returns status and body.
    pub async fn get(&self, path_and_query: &str) -> (u16, String) {
        answered(self.http.get(self.url(path_and_query))).await
    }

    /// Sends a request as it was written, and returns what came back.
    pub async fn exchange(&self, emitted: &Emitted<'_>) -> Came {
        let query = if emitted.query.is_empty() { "" } else { "?" };
        let url = self.url(&format!("{}{query}{}", emitted.path, emitted.query));
        let mut request = match emitted.method {
            Asked::Get => self.http.get(url),
            Asked::Post => self.http.post(url).body(emitted.body.to_vec()),
            Asked::Delete => self.http.delete(url),
        };
        for (name, value) in &emitted.headers {
            request = request.header(*name, *value);
        }
        if let Some(content_type) = emitted.content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let response = request.send().await.expect("a reply");
        let content_type = response.headers().get(CONTENT_TYPE);
        Came {
            status: response.status().as_u16(),
            content_type: content_type
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            body: response.bytes().await.expect("a body").to_vec(),
        }
    }

    /// Waits until a handset has this many messages.
    pub async fn messages(&self, number: &str, count: usize) -> Vec<Message> {
        until("messages at the handset", || {
            let messages = self.network().handset(number).messages;
            (messages.len() >= count).then_some(messages)
        })
        .await
    }
}

/// A reply that came.
#[derive(Debug)]
pub struct Came {
    /// Status code.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: String,
    /// Body.
    pub body: Vec<u8>,
}

impl Came {
    /// The reply as a vendor's client reads it.
    pub fn reply(&self) -> septet::api::Reply<'_> {
        let Self { status, content_type, body } = self;
        septet::api::Reply { status: septet::api::Status(*status), content_type, body }
    }

    /// The body as a text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

async fn answered(request: reqwest::RequestBuilder) -> (u16, String) {
    let response = request.send().await.expect("a reply");
    let status = response.status().as_u16();
    (status, response.text().await.expect("a body"))
}

/// A client that talks to loopback.
pub fn http() -> reqwest::Client {
    septet_host::callbacks::install_tls();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

/// Waits until `found` finds something.
pub async fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = found() {
                return found;
            }
            sleep(Duration::from_millis(5)).await;
        }
    };
    match timeout(PATIENCE, waiting).await {
        Ok(found) => found,
        Err(_) => panic!("no {what} in {PATIENCE:?}"),
    }
}

/// A form's `name=value`, escaped.
pub fn field(name: &str, value: &str) -> String {
    let escaped: String = value.bytes().map(|octet| format!("%{octet:02X}")).collect();
    format!("&{name}={escaped}")
}

/// An answer of a customer: status, content type and body.
pub type CustomerAnswer = (u16, &'static str, &'static str);

/// What a customer answers and was asked.
#[derive(Default)]
struct Book {
    answers: VecDeque<CustomerAnswer>,
    last: Option<CustomerAnswer>,
    asked: Vec<(Method, String)>,
    bodies: Vec<(String, Vec<u8>)>,
}

/// A customer: answers callbacks on loopback, and notes them.
pub struct Customer {
    /// Where it listens: `http://127.0.0.1:PORT`.
    pub url: String,
    book: Arc<Mutex<Book>>,
    server: JoinHandle<()>,
}

impl Customer {
    /// Starts a customer who gives these answers in their order, and the last one for ever.
    pub async fn start(answers: &[CustomerAnswer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let book = Book { answers: answers.iter().copied().collect(), ..Book::default() };
        let book = Arc::new(Mutex::new(book));
        let app = Router::new().fallback(note).with_state(book.clone());
        let server = tokio::spawn(async move {
            axum::serve(listener, app).await.expect("a server");
        });
        Self { url, book, server }
    }

    /// What it was asked so far: method, path and query.
    pub fn asked(&self) -> Vec<(Method, String)> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner).asked.clone()
    }

    /// Content type and body of what it was asked so far.
    pub fn bodies(&self) -> Vec<(String, Vec<u8>)> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner).bodies.clone()
    }

    /// Waits until it was asked this often.
    pub async fn asked_times(&self, count: usize) -> Vec<(Method, String)> {
        until("callbacks", || Some(self.asked()).filter(|asked| asked.len() >= count)).await
    }
}

impl Drop for Customer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn note(State(book): State<Arc<Mutex<Book>>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1024 * 1024).await.expect("a body");
    let content_type = head.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_owned();
    let mut book = book.lock().unwrap_or_else(PoisonError::into_inner);
    book.bodies.push((content_type, body.to_vec()));
    book.asked.push((head.method, head.uri.to_string()));
    if let Some(answer) = book.answers.pop_front() {
        book.last = Some(answer);
    }
    let (status, content_type, body) = book.last.unwrap_or((200, "text/plain", ""));
    let status = StatusCode::from_u16(status).expect("a status");
    (status, [(CONTENT_TYPE, content_type)], body).into_response()
}
