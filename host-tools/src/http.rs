//! HTTP around [`answer`](septet::answer::answer): sockets, limits, time. Nothing of a vendor's.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method as HttpMethod, StatusCode};
use axum::response::{IntoResponse, Response};
use septet::api::Method;
use tokio::time::timeout;

use crate::gateway::{Asked, Handle, Reply};

/// The longest body that is read, in octets.
const BODY_MAX: usize = 1024 * 1024;

/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(30);

/// Serves every vendor's paths.
pub fn vendors(handle: Handle) -> Router {
    Router::new().fallback(vendor).with_state(handle)
}

async fn vendor(State(handle): State<Handle>, request: Request) -> Response {
    let method = match *request.method() {
        HttpMethod::GET => Method::Get,
        HttpMethod::POST => Method::Post,
        _ => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    let (head, body) = request.into_parts();
    let body = match timeout(BODY_TIME, to_bytes(body, BODY_MAX)).await {
        Ok(Ok(body)) => body.into(),
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    };
    let asked = Asked {
        method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        body,
    };
    let Reply { head, body } = handle.ask(asked).await;
    let status = StatusCode::from_u16(head.status.0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(CONTENT_TYPE, head.content_type)], Body::from(body)).into_response()
}
