//! How commands talk to a running gateway: paths under `/septet/` that ask for a token, and the file
//! in the data folder that the token is kept in.

mod reach;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Path as UrlPath, Request, State};
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use url::Url;

pub use self::reach::{Changed, Lines, OptedOut, Reach, UssdString};
use crate::Failed;
use crate::accounts::{equal, random_hex};
use crate::callbacks::{causes, install_tls, without_credentials};
use crate::network::{Handset, Network};
use crate::own;
use crate::virtual_modem::{self, Inbox};
use crate::watch::{Account, Message, Status, Wanted, Watch};

/// Where a gateway listens, and the token that its control paths ask for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Control {
    /// The gateway.
    pub url: String,
    /// The token: new at every start.
    pub token: String,
}

/// How long a gateway's answer is waited for.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// The environment variable that holds the token where the data folder is out of reach.
pub const TOKEN_VARIABLE: &str = "SEPTET_TOKEN";

fn file(data: &Path) -> PathBuf {
    data.join("control.json")
}

impl Control {
    /// A new token for a gateway at `url`.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn new(url: String) -> Result<Self, Failed> {
        Ok(Self { url, token: random_hex(32)? })
    }

    /// Writes the file, which nobody but its owner may read.
    ///
    /// # Errors
    /// One sentence with the file.
    pub fn write(&self, data: &Path) -> Result<(), Failed> {
        let file = file(data);
        let failed = |e: &dyn std::fmt::Display| {
            Failed::input(format!("cannot write {}: {e}", file.display()))
        };
        let text = serde_json::to_string(self).map_err(|e| failed(&e))?;
        // A new file, so that nobody has the old one open and its mode does not matter.
        let _ = fs::remove_file(&file);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&file)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|e| failed(&e))
    }

    /// Removes the file of a gateway that has stopped.
    pub fn remove(data: &Path) {
        let _ = fs::remove_file(file(data));
    }

    /// Locks a data folder for one gateway, as long as the file is open.
    ///
    /// # Errors
    /// One sentence: another gateway has it, or it cannot be written.
    pub fn lock(data: &Path) -> Result<File, Failed> {
        let path = data.join("lock");
        let failed = |e: &dyn std::fmt::Display| {
            Failed::input(format!("cannot write {}: {e}", path.display()))
        };
        let file = File::create(&path).map_err(|e| failed(&e))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Failed::input(format!(
                "another gateway runs with the data folder {}: stop it, or take another with --data",
                data.display()
            ))),
            Err(TryLockError::Error(e)) => Err(failed(&e)),
        }
    }

    /// The gateway of a data folder, or the one at `url`, whose token then may stand in the
    /// environment instead.
    ///
    /// # Errors
    /// One sentence that says what to do.
    pub fn find(data: &Path, url: Option<&str>) -> Result<Self, Failed> {
        let kept = fs::read_to_string(file(data));
        let token = std::env::var(TOKEN_VARIABLE).ok();
        if let (Some(url), Some(token)) = (url, token) {
            return Ok(Self { url: url.to_owned(), token });
        }
        let kept = kept.map_err(|error| {
            if error.kind() != ErrorKind::NotFound {
                let file = file(data);
                return Failed::input(format!("cannot read {}: {error}", file.display()));
            }
            Failed::input(format!(
                "no gateway runs with the data folder {}: start one with `septet serve`, or say \
                 which folder with --data{}",
                data.display(),
                if url.is_some() { ", or put its token into SEPTET_TOKEN" } else { "" },
            ))
        })?;
        let kept: Self = serde_json::from_str(&kept)
            .map_err(|e| Failed::input(format!("{} is damaged: {e}", file(data).display())))?;
        // A token is for the gateway that made it, not for whatever address was typed.
        match url {
            Some(url) if url.trim_end_matches('/') != kept.url => Err(Failed::input(format!(
                "the data folder {} is that of {}: put the token of {} into SEPTET_TOKEN",
                data.display(),
                kept.url,
                without_credentials(url)
            ))),
            _ => Ok(kept),
        }
    }
}

/// A virtual network with its virtual modems.
#[derive(Clone)]
pub struct Air {
    /// The network.
    pub network: Network,
    /// Where each modem takes troubles, in the order of the modems.
    pub modems: Vec<Arc<Inbox>>,
}

/// What the control paths work on.
#[derive(Clone)]
struct Controlled {
    token: Arc<str>,
    air: Option<Air>,
    reach: Option<Reach>,
}

/// The most octets of texts that are sent together: a hundred of the longest, and then some.
const TEXTS_MAX: usize = 16 * 1024 * 1024;

/// A gateway, as commands watch it and send through it.
#[derive(Clone)]
pub struct Served {
    /// Its reading end.
    pub watch: Watch,
    /// Its store and its modems.
    pub reach: Reach,
}

/// The control paths; `air` is the virtual network and `served` the gateway, where there is one.
pub fn router(control: &Control, air: Option<Air>, served: Option<Served>) -> Router {
    let reach = served.as_ref().map(|served| served.reach.clone());
    let controlled = Controlled { token: control.token.as_str().into(), air, reach };
    let watched = served.map(|served| {
        Router::new()
            .route("/status", get(status))
            .route("/messages", post(messages))
            .route("/accounts", get(accounts))
            .route("/texts", post(texts).layer(DefaultBodyLimit::max(TEXTS_MAX)))
            .with_state(served)
    });
    let paths = Router::new()
        .route("/handsets/{number}", get(received).post(send))
        .route("/handsets/{number}/power", put(switch))
        .route("/modems/{number}/troubles", post(trouble))
        .merge(reach::router())
        .fallback(async || error(StatusCode::NOT_FOUND, "no such control path".to_owned()))
        .with_state(controlled.clone())
        .merge(watched.unwrap_or_default())
        .layer(middleware::from_fn_with_state(controlled, authorized));
    Router::new().nest("/septet", paths)
}

async fn authorized(State(own): State<Controlled>, request: Request, next: Next) -> Response {
    let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    if equal(given.as_bytes(), own.token.as_bytes()) {
        next.run(request).await
    } else {
        error(StatusCode::UNAUTHORIZED, "the token is wrong".to_owned())
    }
}

/// Why a control path did nothing.
#[derive(Debug, Serialize, Deserialize)]
struct Refused {
    error: String,
}

fn error(status: StatusCode, error: String) -> Response {
    (status, Json(Refused { error })).into_response()
}

fn no_network() -> Response {
    error(StatusCode::NOT_FOUND, "the gateway has no virtual modem".to_owned())
}

async fn received(State(own): State<Controlled>, UrlPath(number): UrlPath<String>) -> Response {
    match own.air {
        Some(Air { network, .. }) => Json(network.handset(&number)).into_response(),
        None => no_network(),
    }
}

/// Whether a handset is on.
#[derive(Debug, Serialize, Deserialize)]
pub struct Power {
    /// Whether it is.
    pub on: bool,
}

async fn switch(
    State(own): State<Controlled>,
    UrlPath(number): UrlPath<String>,
    Json(Power { on }): Json<Power>,
) -> Response {
    let Some(Air { network, .. }) = own.air else { return no_network() };
    network.switch_handset(&number, on);
    Json(Power { on }).into_response()
}

/// Troubles for a modem: the lines of a script.
#[derive(Debug, Serialize, Deserialize)]
pub struct Troubles {
    /// The lines.
    pub script: String,
}

/// How many troubles were made known.
#[derive(Debug, Serialize, Deserialize)]
pub struct Armed {
    /// The troubles.
    pub troubles: usize,
}

/// `number` counts the virtual modems from 1.
async fn trouble(
    State(own): State<Controlled>,
    UrlPath(number): UrlPath<usize>,
    Json(Troubles { script }): Json<Troubles>,
) -> Response {
    let Some(Air { modems, .. }) = own.air else { return no_network() };
    let Some(modem) = number.checked_sub(1).and_then(|at| modems.get(at)) else {
        let count = modems.len();
        return error(StatusCode::NOT_FOUND, format!("there is no modem {number}, of {count}"));
    };
    match virtual_modem::script(&script) {
        Ok(troubles) => {
            let count = troubles.len();
            modem.put(troubles);
            Json(Armed { troubles: count }).into_response()
        }
        Err(e) => error(StatusCode::BAD_REQUEST, e.to_string()),
    }
}

/// A text from a handset.
#[derive(Debug, Serialize, Deserialize)]
pub struct FromHandset {
    /// To which number.
    pub to: String,
    /// The text.
    pub text: String,
}

/// How many parts the text from a handset has.
#[derive(Debug, Serialize, Deserialize)]
pub struct SentFromHandset {
    /// The parts.
    pub parts: u8,
}

async fn send(
    State(own): State<Controlled>,
    UrlPath(number): UrlPath<String>,
    Json(FromHandset { to, text }): Json<FromHandset>,
) -> Response {
    let Some(Air { network, .. }) = own.air else { return no_network() };
    match network.send_from_handset(&number, &to, &text) {
        Ok(parts) => Json(SentFromHandset { parts }).into_response(),
        Err(e) => error(StatusCode::BAD_REQUEST, e.to_string()),
    }
}

fn told<T: Serialize>(found: Result<T, Failed>) -> Response {
    match found {
        Ok(found) => Json(found).into_response(),
        Err(failed) => error(StatusCode::SERVICE_UNAVAILABLE, failed.sentence),
    }
}

async fn status(State(own): State<Served>) -> Response {
    told(own.watch.status().await)
}

async fn messages(State(own): State<Served>, Json(wanted): Json<Wanted>) -> Response {
    told(own.watch.messages(wanted).await)
}

async fn accounts(State(own): State<Served>) -> Response {
    told(own.watch.accounts().await)
}

/// What became of a text: it is accepted, or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It is accepted, now or when it was asked for first.
    Accepted(own::Accepted),
    /// It is not, and why.
    Refused(own::Refused),
}

/// Texts are given to the writer together, so that they share a transaction.
async fn texts(State(own): State<Served>, Json(texts): Json<Vec<own::Text>>) -> Response {
    let mut asked = JoinSet::new();
    for (place, text) in texts.into_iter().enumerate() {
        let gateway = own.reach.gateway.clone();
        asked.spawn(async move { (place, gateway.send(text).await) });
    }
    let mut fates = asked.join_all().await;
    fates.sort_by_key(|(place, _)| *place);
    let fate = |(_, fate)| match fate {
        Ok(accepted) => Fate::Accepted(accepted),
        Err(refused) => Fate::Refused(refused),
    };
    Json(fates.into_iter().map(fate).collect::<Vec<Fate>>()).into_response()
}

/// The asking end of the control paths.
pub struct Client {
    control: Control,
    http: reqwest::Client,
}

impl Client {
    /// A client of this gateway.
    ///
    /// It speaks http, and trusts no certificate.
    ///
    /// # Errors
    /// One sentence.
    pub fn new(control: Control) -> Result<Self, Failed> {
        install_tls();
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .timeout(ANSWER_TIME)
            .build()
            .map_err(|e| Failed::input(causes(&e)))?;
        Ok(Self { control, http })
    }

    /// What a handset has received.
    ///
    /// # Errors
    /// One sentence.
    pub async fn handset(&self, number: &str) -> Result<Handset, Failed> {
        let url = self.url(&["handsets", number])?;
        self.answer(self.http.get(url)).await
    }

    /// Sends a text from a handset.
    ///
    /// # Errors
    /// One sentence.
    pub async fn send_from_handset(
        &self,
        number: &str,
        text: &FromHandset,
    ) -> Result<SentFromHandset, Failed> {
        let url = self.url(&["handsets", number])?;
        self.answer(self.http.post(url).json(text)).await
    }

    /// Switches a handset on or off.
    ///
    /// # Errors
    /// One sentence.
    pub async fn switch_handset(&self, number: &str, power: &Power) -> Result<Power, Failed> {
        let url = self.url(&["handsets", number, "power"])?;
        self.answer(self.http.put(url).json(power)).await
    }

    /// How the gateway is.
    ///
    /// # Errors
    /// One sentence.
    pub async fn status(&self) -> Result<Status, Failed> {
        self.answer(self.http.get(self.url(&["status"])?)).await
    }

    /// The messages that are wanted, newest first.
    ///
    /// # Errors
    /// One sentence.
    pub async fn messages(&self, wanted: &Wanted) -> Result<Vec<Message>, Failed> {
        self.answer(self.http.post(self.url(&["messages"])?).json(wanted)).await
    }

    /// The accounts, in the order of the configuration.
    ///
    /// # Errors
    /// One sentence.
    pub async fn accounts(&self) -> Result<Vec<Account>, Failed> {
        self.answer(self.http.get(self.url(&["accounts"])?)).await
    }

    /// Has texts be sent, and returns what became of each.
    ///
    /// # Errors
    /// One sentence: then nobody knows what became of them, and they are to be asked for again.
    pub async fn send(&self, texts: &[own::Text]) -> Result<Vec<Fate>, Failed> {
        self.answer(self.http.post(self.url(&["texts"])?).json(texts)).await
    }

    /// Makes troubles known to a modem, which are counted from 1.
    ///
    /// # Errors
    /// One sentence.
    pub async fn trouble(&self, modem: usize, troubles: &Troubles) -> Result<Armed, Failed> {
        let url = self.url(&["modems", &modem.to_string(), "troubles"])?;
        self.answer(self.http.post(url).json(troubles)).await
    }

    /// The URL of a control path.
    fn url(&self, path: &[&str]) -> Result<Url, Failed> {
        let bad = || Failed::input(format!("{} is no URL of a gateway", self.place()));
        let mut url = Url::parse(&self.control.url).map_err(|_| bad())?;
        url.path_segments_mut().map_err(|()| bad())?.pop_if_empty().push("septet").extend(path);
        Ok(url)
    }

    /// The gateway, as it may be shown.
    fn place(&self) -> String {
        without_credentials(&self.control.url)
    }

    async fn answer<T: serde::de::DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> Result<T, Failed> {
        let failed = |e: reqwest::Error| {
            let why = causes(&e.without_url());
            Failed::input(format!("cannot ask the gateway at {}: {why}", self.place()))
        };
        let request = request.bearer_auth(&self.control.token);
        let response = request.send().await.map_err(failed)?;
        if response.status().is_success() {
            return response.json().await.map_err(failed);
        }
        let status = response.status();
        Err(match response.json::<Refused>().await {
            Ok(Refused { error }) => Failed::input(error),
            Err(_) => Failed::input(format!("{} answered {status}", self.place())),
        })
    }
}
