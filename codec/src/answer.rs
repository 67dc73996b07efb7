//! The server, without sockets: a request in, a reply out, over a [`Store`].
//!
//! Four steps: the endpoint by its path, the request, what the store makes of it, the reply. A daemon
//! and a board share it.

use crate::api::{
    Answer, Api, Asked, Credentials, Endpoint, Head, Op, Reason, Refusal, Request, Status,
};
use crate::error::Error;
use crate::text::Text;
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

    /// Does what is asked, whole or not at all. Callbacks that follow from it are made in the words of
    /// `api`.
    fn perform<'a>(
        &'a mut self,
        account: &Self::Account,
        api: &'static Api,
        op: &Op<'a>,
    ) -> Answer<'a>;
}

/// The call that serves a path, and its interface.
fn served(apis: &[&'static Api], path: &str) -> Option<(&'static Api, &'static dyn Endpoint)> {
    let mut calls = apis.iter().flat_map(|api| api.calls.iter().map(move |call| (*api, *call)));
    calls.find(|(_, call)| call.paths().contains(&path))
}

/// Who asks, where the request can be read: so that a server can look them up before it answers.
pub fn credentials<'a>(apis: &[&'static Api], request: &Request<'a>) -> Option<Credentials<'a>> {
    let (_, endpoint) = served(apis, request.path)?;
    endpoint.parse_request(request).ok()?.credentials
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
    apis: &[&'static Api],
    store: &mut S,
    request: &Request<'_>,
    w: &mut Writer<'_>,
) -> Result<Head, Error> {
    let Some((api, endpoint)) = served(apis, request.path) else {
        w.text("No such path. Paths that are served:\n")?;
        for path in apis.iter().flat_map(|api| api.calls).flat_map(|call| call.paths()) {
            w.text(path)?;
            w.text("\n")?;
        }
        return Ok(Head { status: Status::NOT_FOUND, content_type: "text/plain" });
    };
    if !endpoint.methods().contains(&request.method) {
        w.text("The path is not served by this method.\n")?;
        return Ok(Head { status: Status::METHOD_NOT_ALLOWED, content_type: "text/plain" });
    }
    match perform(api, endpoint, store, request) {
        Ok(answer) => endpoint.emit_reply(&answer, w),
        Err(refusal) => endpoint.emit_reply(&Answer::Refused(refusal), w),
    }
}

fn perform<'a, S: Store>(
    api: &'static Api,
    endpoint: &dyn Endpoint,
    store: &'a mut S,
    request: &Request<'a>,
) -> Result<Answer<'a>, Refusal<'a>> {
    let asked = endpoint.parse_request(request).map_err(|error| endpoint.refusal(error))?;
    let Asked { credentials, op } = asked;
    // Only callbacks have no credentials, and no callback has a path here.
    let credentials = credentials.ok_or(Refusal::new(Reason::Missing, Text::EMPTY))?;
    let account = store.admit(&credentials)?;
    Ok(store.perform(&account, api, &op))
}
