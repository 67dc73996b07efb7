//! HTTP/1.1 over the host line of a board.
//!
//! A cable has no connections: what the program before has asked may still be answered. So the line is
//! read until it is silent before anything is asked. A board on a network has connections, one at a time,
//! and closes one for the sake of others: then another one is opened.

use std::time::Duration;

use base64ct::{Base64, Encoding as _};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::io::AsyncReadExt as _;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::Failed;
use crate::callbacks::causes;
use crate::handset::harmless;
use crate::port::{self, Port, TCP};

/// For how long a line is silent before it is asked: longer than a board reads over what is no request.
const SILENCE: Duration = Duration::from_millis(100);

/// How long a line may take to be silent.
const SILENT: Duration = Duration::from_secs(5);

/// How long a reply may take; the longest one has 4 KB.
const REPLY: Duration = Duration::from_secs(10);

/// How long a board may take to say that there is no event: it waits 30 seconds for one.
const EVENT: Duration = Duration::from_secs(40);

/// The line to a board's gateway.
pub struct Line {
    path: String,
    baud: u32,
    connection: Connection,
    /// The operator's password.
    operator: Option<String>,
}

/// A connection over the line; over a cable, the only one.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    /// Whether a board has answered over it.
    answered: bool,
    /// What drives it, as long as it is kept.
    _driver: JoinSet<()>,
}

impl Connection {
    async fn open(path: &str, baud: u32) -> Result<Self, Failed> {
        let mut port = port::open_to("board", path, baud).await?;
        silence(&mut port, path).await?;
        let (sender, connection) =
            handshake(TokioIo::new(port)).await.map_err(|error| failed(&error))?;
        let mut driver = JoinSet::new();
        driver.spawn(async move {
            // Whoever asks is told.
            let _ = connection.await;
        });
        Ok(Self { sender, answered: false, _driver: driver })
    }

    /// Whether a board has closed it.
    fn is_over(&self) -> bool {
        self.answered && self.sender.is_closed()
    }

    async fn ask(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<(StatusCode, Bytes)> {
        self.sender.ready().await?;
        let reply = self.sender.send_request(request).await?;
        let status = reply.status();
        let body = reply.into_body().collect().await?.to_bytes();
        self.answered = true;
        Ok((status, body))
    }
}

/// What a board said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Status.
    pub status: StatusCode,
    /// Body.
    pub body: String,
}

impl Line {
    /// The line at a port, once it is silent.
    ///
    /// # Errors
    /// One sentence.
    pub async fn open(path: &str, baud: u32, operator: Option<String>) -> Result<Self, Failed> {
        let connection = Connection::open(path, baud).await?;
        Ok(Self { path: path.to_owned(), baud, connection, operator })
    }

    /// Gets a path whose reply is JSON.
    ///
    /// # Errors
    /// One sentence.
    pub async fn get<T: DeserializeOwned>(&mut self, path: &str) -> Result<T, Failed> {
        let Reply { status, body } = self.ask(Method::GET, path, String::new(), REPLY).await?;
        if status != StatusCode::OK {
            return Err(unexpected("GET", path, status, &body));
        }
        read(path, &body)
    }

    /// What a board has gathered at a path, as it is.
    ///
    /// # Errors
    /// One sentence.
    pub async fn tape(&mut self, path: &str) -> Result<Bytes, Failed> {
        let (status, body) = self.octets(Method::GET, path, String::new(), REPLY).await?;
        match status {
            StatusCode::OK => Ok(body),
            StatusCode::NOT_FOUND => Err(Failed::input(format!(
                "the board has no {}: its firmware was built without",
                path.trim_start_matches('/')
            ))),
            _ => Err(unexpected("GET", path, status, &String::from_utf8_lossy(&body))),
        }
    }

    /// Has the board change its settings by a form.
    ///
    /// # Errors
    /// One sentence.
    pub async fn set(&mut self, form: &str) -> Result<(), Failed> {
        let path = "/settings";
        let Reply { status, body } = self.ask(Method::POST, path, form.to_owned(), REPLY).await?;
        let said = harmless(body.trim_end());
        match status {
            StatusCode::OK => Ok(()),
            StatusCode::UNAUTHORIZED if self.operator.is_some() => {
                Err(Failed::input("the board has another operator's password: nothing was changed"))
            }
            StatusCode::UNAUTHORIZED => Err(Failed::input(
                "the board wants its operator's password: give its file as --operator-file",
            )),
            StatusCode::BAD_REQUEST => {
                Err(Failed::input(format!("the board has changed nothing: {said}")))
            }
            StatusCode::SERVICE_UNAVAILABLE => Err(Failed::input(
                "the board cannot keep it, and has changed nothing: its memory is full or broken",
            )),
            _ => Err(unexpected("POST", path, status, &body)),
        }
    }

    /// The oldest event that was not acknowledged, in one line; `None` where none came in the time that
    /// a board waits.
    ///
    /// # Errors
    /// One sentence.
    pub async fn event(&mut self) -> Result<Option<String>, Failed> {
        let path = "/events";
        let Reply { status, body } = self.ask(Method::GET, path, String::new(), EVENT).await?;
        match status {
            StatusCode::OK => Ok(Some(body.trim_end().to_owned())),
            StatusCode::NO_CONTENT => Ok(None),
            _ => Err(unexpected("GET", path, status, &body)),
        }
    }

    /// Acknowledges an event: the board forgets it.
    ///
    /// # Errors
    /// One sentence; then it will be told again.
    pub async fn acknowledge(&mut self, id: u64) -> Result<(), Failed> {
        let path = format!("/events/{id}");
        let Reply { status, body } = self.ask(Method::DELETE, &path, String::new(), REPLY).await?;
        match status {
            // Somebody else has acknowledged it, or the board has made room: it is gone either way.
            StatusCode::OK | StatusCode::NOT_FOUND => Ok(()),
            StatusCode::SERVICE_UNAVAILABLE => Err(Failed::input(format!(
                "the board cannot keep that event {id} was taken, and will tell it again: its memory \
                 is full or broken"
            ))),
            _ => Err(unexpected("DELETE", &path, status, &body)),
        }
    }

    async fn ask(
        &mut self,
        method: Method,
        path: &str,
        form: String,
        patience: Duration,
    ) -> Result<Reply, Failed> {
        let (status, body) = self.octets(method, path, form, patience).await?;
        Ok(Reply { status, body: String::from_utf8_lossy(&body).into_owned() })
    }

    async fn octets(
        &mut self,
        method: Method,
        path: &str,
        form: String,
        patience: Duration,
    ) -> Result<(StatusCode, Bytes), Failed> {
        let mut request = Request::builder().method(&method).uri(path).header(HOST, "board");
        if method == Method::POST {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
            if let Some(password) = &self.operator {
                let basic = Base64::encode_string(format!("operator:{password}").as_bytes());
                request = request.header(AUTHORIZATION, format!("Basic {basic}"));
            }
        }
        let request = request
            .body(Full::new(Bytes::from(form)))
            .map_err(|error| Failed::input(format!("{path} cannot be asked: {error}")))?;
        let asked = async {
            match self.connection.ask(request.clone()).await {
                // The board has closed the connection, perhaps as it was asked. Whatever it is asked here
                // may be asked again.
                Err(_) if self.path.starts_with(TCP) && self.connection.is_over() => {
                    self.connection = Connection::open(&self.path, self.baud).await?;
                    self.connection.ask(request).await.map_err(|error| failed(&error))
                }
                reply => reply.map_err(|error| failed(&error)),
            }
        };
        match timeout(patience, asked).await {
            Ok(reply) => reply,
            Err(_) => Err(Failed::input(format!(
                "no reply from the board in {} seconds: check that its gateway runs, and that no other \
                 program has the line",
                patience.as_secs()
            ))),
        }
    }
}

/// What a board said, read as JSON.
///
/// # Errors
/// One sentence.
pub fn read<T: DeserializeOwned>(path: &str, body: &str) -> Result<T, Failed> {
    serde_json::from_str(body).map_err(|error| {
        Failed::input(format!(
            "{path} is not what a board's gateway says ({error}): look at the port"
        ))
    })
}

/// Reads what still comes until nothing does.
async fn silence(port: &mut Port, path: &str) -> Result<(), Failed> {
    let mut rest = [0; 256];
    let until_silent = async {
        loop {
            match timeout(SILENCE, port.read(&mut rest)).await {
                Err(_) => return Ok(()),
                Ok(Ok(0)) => return Err("it was closed at the other end".to_owned()),
                Ok(Ok(_)) => {}
                Ok(Err(error)) => return Err(error.to_string()),
            }
        }
    };
    match timeout(SILENT, until_silent).await {
        Ok(silent) => silent.map_err(|why| Failed::input(format!("no board at {path}: {why}"))),
        Err(_) => Err(Failed::input(format!(
            "what is at {path} talks without being asked, as no board's gateway does: look at the port"
        ))),
    }
}

fn failed(error: &hyper::Error) -> Failed {
    Failed::input(if error.is_parse() {
        format!("what answers is no board's gateway ({}): look at the port", causes(error))
    } else {
        format!("the line to the board failed: {}", causes(error))
    })
}

fn unexpected(method: &str, path: &str, status: StatusCode, body: &str) -> Failed {
    let said = harmless(body.trim_end());
    Failed::input(format!("{method} {path}: the board says {} {said}", status.as_u16()))
}
