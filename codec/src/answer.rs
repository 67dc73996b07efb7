//! The server, without sockets: a request in, a reply out, over a [`Store`].
//!
//! Four steps: the endpoint by its path, the request, what the store makes of it, the reply. A daemon
//! and a board share it.

use crate::api::{Answer, Api, Asked, Credentials, Endpoint, Head, Op, Refusal, Request, Status};
use crate::error::Error;
use crate::wire::Writer;

/// What a server knows and keeps.
pub trait Store {
    /// An account of the store.
    type Account;

    /// The account whose credentials these are.
    ///
    /// # Errors
    /// The refusal.
    fn admit<'a>(&mut self, credentials: &Credentials<'a>) -> Result<Self::Account, Refusal<'a>>;

    /// Does what is asked, whole or not at all.
    fn perform<'a>(&'a mut self, account: &Self::Account, op: &Op<'a>) -> Answer<'a>;
}

/// Answers one request: writes the reply's body to `w` and returns its head.
///
/// A request with a path that no interface has is a 404 that names the paths, one with a method that
/// the path has not is a 405.
///
/// # Errors
/// [`ErrorKind::Full`](crate::ErrorKind::Full) when the reply does not fit; what the request asked
/// for has been done.
pub fn answer<S: Store>(
    apis: &[&Api],
    store: &mut S,
    request: &Request<'_>,
    w: &mut Writer<'_>,
) -> Result<Head, Error> {
    let calls = || apis.iter().flat_map(|api| api.calls);
    let Some(endpoint) = calls().find(|call| call.paths().contains(&request.path)) else {
        w.text("No such path. Paths that are served:\n")?;
        for path in calls().flat_map(|call| call.paths()) {
            w.text(path)?;
            w.text("\n")?;
        }
        return Ok(Head { status: Status::NOT_FOUND, content_type: "text/plain" });
    };
    if !endpoint.methods().contains(&request.method) {
        w.text("The path is not served by this method.\n")?;
        return Ok(Head { status: Status::METHOD_NOT_ALLOWED, content_type: "text/plain" });
    }
    answer_at(*endpoint, store, request, w)
}

fn answer_at<S: Store>(
    endpoint: &dyn Endpoint,
    store: &mut S,
    request: &Request<'_>,
    w: &mut Writer<'_>,
) -> Result<Head, Error> {
    let asked = match endpoint.parse_request(request) {
        Ok(asked) => asked,
        Err(error) => return endpoint.emit_reply(&Answer::Refused(error.into()), w),
    };
    let Asked { credentials: Some(credentials), op } = asked else {
        // Only callbacks have no credentials, and no callback has a path here.
        return Ok(Head { status: Status::NOT_FOUND, content_type: "text/plain" });
    };
    match store.admit(&credentials) {
        Ok(account) => endpoint.emit_reply(&store.perform(&account, &op), w),
        Err(refusal) => endpoint.emit_reply(&Answer::Refused(refusal), w),
    }
}
