//! What programs ask of a gateway: whether it works, and what it has counted.

use std::net::{IpAddr, SocketAddr};

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use base64ct::{Base64, Encoding};

use super::Operator;
use crate::http::customer;
use crate::watch::metrics;

/// The name that programs give with the operator's password.
const BASIC_NAME: &str = "operator";

/// That the process answers.
pub async fn health() -> &'static str {
    "ok\n"
}

/// Whether a message can be accepted and sent now.
pub async fn readiness(State(own): State<Operator>) -> Response {
    let health = own.watch.health();
    let status = if health.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, health.words + "\n").into_response()
}

/// Everything that is counted.
pub async fn all_metrics(
    State(own): State<Operator>,
    Extension(peer): Extension<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    if !own.may_read_metrics(peer.ip(), &headers).await {
        let ask = [(WWW_AUTHENTICATE, "Basic realm=\"septet operator\", charset=\"UTF-8\"")];
        return (StatusCode::UNAUTHORIZED, ask, "the operator's password is asked for\n")
            .into_response();
    }
    match own.watch.metrics().await {
        Ok(text) => ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(failed) => (StatusCode::SERVICE_UNAVAILABLE, failed.sentence + "\n").into_response(),
    }
}

impl Operator {
    /// Programs on this machine may, but for a proxy's, which brings requests of others; so may who has
    /// the password.
    async fn may_read_metrics(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        let is_brought = FORWARDED.iter().any(|name| headers.contains_key(*name));
        if peer.to_canonical().is_loopback() && !is_brought {
            return true;
        }
        let (Some(door), Some(password)) = (&self.door, basic(headers)) else { return false };
        let peer = customer(peer, headers, self.gateway.proxies());
        door.knows(&password, peer).await.is_ok()
    }
}

/// What a proxy adds to the requests of others.
const FORWARDED: [&str; 3] = ["forwarded", "x-forwarded-for", "via"];

/// The password that is given for the operator by HTTP Basic.
fn basic(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let pair = Base64::decode_vec(given.strip_prefix("Basic ")?).ok()?;
    let pair = String::from_utf8(pair).ok()?;
    let (name, password) = pair.split_once(':')?;
    (name == BASIC_NAME).then(|| password.to_owned())
}
