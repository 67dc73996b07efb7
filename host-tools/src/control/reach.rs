//! Control paths that reach into a gateway: its store, and the networks of its modems.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::{Path as UrlPath, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use super::{ANSWER_TIME, Client, Controlled, error};
use crate::Failed;
use crate::gateway::Handle;
use crate::line::{Question, UssdAnswer};
use crate::store::{self, SqlStore};

/// How long a network's answer to a USSD string is waited for.
const USSD_TIME: Duration = Duration::from_secs(60);

/// Where each modem takes USSD strings, by its name.
pub type Lines = BTreeMap<String, mpsc::Sender<Question>>;

/// What the control paths reach of a gateway.
#[derive(Clone)]
pub struct Reach {
    /// Its store.
    pub gateway: Handle,
    /// Its modems.
    pub lines: Lines,
}

/// The paths.
pub(super) fn router() -> Router<Controlled> {
    Router::new()
        .route("/lines/{modem}/ussd", post(ussd))
        .route("/optouts/{account}", get(opted_out))
        .route("/optouts/{account}/{number}", put(opt_out).delete(opt_in))
}

/// Somebody who wants nothing more of an account.
#[derive(Debug, Serialize, Deserialize)]
pub struct OptedOut {
    /// The number.
    pub number: String,
    /// Since when: RFC 3339.
    pub since: String,
}

/// Whether a list has changed.
#[derive(Debug, Serialize, Deserialize)]
pub struct Changed {
    /// Whether it has.
    pub changed: bool,
}

fn no_gateway() -> Response {
    error(StatusCode::NOT_FOUND, "no gateway runs here".to_owned())
}

/// A USSD string.
#[derive(Debug, Serialize, Deserialize)]
pub struct UssdString {
    /// The string.
    pub string: String,
}

async fn ussd(
    State(own): State<Controlled>,
    UrlPath(modem): UrlPath<String>,
    Json(UssdString { string }): Json<UssdString>,
) -> Response {
    let Some(Reach { lines, .. }) = own.reach else { return no_gateway() };
    let Some(line) = lines.get(&modem) else {
        let known: Vec<&str> = lines.keys().map(String::as_str).collect();
        let known = known.join(", ");
        return error(StatusCode::NOT_FOUND, format!("no modem {modem:?}; known: {known}"));
    };
    let (answer, answered) = oneshot::channel();
    let told = async {
        line.send(Question { string, answer }).await.ok()?;
        answered.await.ok()
    };
    match timeout(USSD_TIME, told).await {
        Ok(Some(Ok(answer))) => Json(answer).into_response(),
        Ok(Some(Err(why))) => error(StatusCode::BAD_GATEWAY, why),
        Ok(None) => error(StatusCode::BAD_GATEWAY, "the modem's session has ended".to_owned()),
        Err(_) => {
            error(StatusCode::GATEWAY_TIMEOUT, "the network did not answer in its time".to_owned())
        }
    }
}

/// Answers with what is found in the store for the account of this name.
async fn of_account<R: Serialize + Send + 'static>(
    reach: Option<Reach>,
    account: String,
    look: impl Fn(&mut SqlStore, &str) -> Option<R> + Send + 'static,
) -> Response {
    let Some(Reach { gateway, .. }) = reach else { return no_gateway() };
    let name = account.clone();
    match gateway.look(move |store| look(store, &name)).await {
        Some(Some(found)) => Json(found).into_response(),
        Some(None) => error(StatusCode::NOT_FOUND, format!("there is no account {account:?}")),
        None => {
            let sentence = "the gateway cannot keep it now: try again later";
            error(StatusCode::SERVICE_UNAVAILABLE, sentence.to_owned())
        }
    }
}

async fn opted_out(State(own): State<Controlled>, UrlPath(account): UrlPath<String>) -> Response {
    let told = |own: store::OptedOut| OptedOut { number: own.number, since: own.since.to_string() };
    of_account(own.reach, account, move |store, name| {
        Some(store.opted_out(name)?.into_iter().map(told).collect::<Vec<_>>())
    })
    .await
}

async fn opt_out(
    State(own): State<Controlled>,
    UrlPath((account, number)): UrlPath<(String, String)>,
) -> Response {
    set_opted_out(own.reach, account, number, true).await
}

async fn opt_in(
    State(own): State<Controlled>,
    UrlPath((account, number)): UrlPath<(String, String)>,
) -> Response {
    set_opted_out(own.reach, account, number, false).await
}

async fn set_opted_out(
    reach: Option<Reach>,
    account: String,
    number: String,
    is_out: bool,
) -> Response {
    of_account(reach, account, move |store, name| {
        store.set_opted_out(name, &number, is_out).map(|changed| Changed { changed })
    })
    .await
}

impl Client {
    /// Asks the network of a modem, by the modem's name.
    ///
    /// # Errors
    /// One sentence.
    pub async fn ussd(&self, modem: &str, string: &str) -> Result<UssdAnswer, Failed> {
        let url = self.url(&["lines", modem, "ussd"])?;
        let string = UssdString { string: string.to_owned() };
        self.answer(self.http.post(url).json(&string).timeout(USSD_TIME + ANSWER_TIME)).await
    }

    /// Who wants nothing more of an account.
    ///
    /// # Errors
    /// One sentence.
    pub async fn opted_out(&self, account: &str) -> Result<Vec<OptedOut>, Failed> {
        let url = self.url(&["optouts", account])?;
        self.answer(self.http.get(url)).await
    }

    /// Puts a number on the list of who wants nothing more of an account, or takes it off.
    ///
    /// # Errors
    /// One sentence.
    pub async fn set_opted_out(
        &self,
        account: &str,
        number: &str,
        is_out: bool,
    ) -> Result<Changed, Failed> {
        let url = self.url(&["optouts", account, number])?;
        let request = if is_out { self.http.put(url) } else { self.http.delete(url) };
        self.answer(request).await
    }
}
