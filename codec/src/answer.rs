//! The server, without sockets: a request in, a reply out, over a [`Store`].
//!
//! Five steps: the endpoint by its path, who asks, what is asked, what the store makes of it, the
//! reply. A daemon and a board share it.
//!
//! ```
//! use septet::answer::{Store, answer};
//! use septet::api::bulksms::API;
//! use septet::api::{Answer, Api, Credentials, Credits, Method, Op, Reason, Refusal, Request};
//! use septet::wire::Writer;
//!
//! /// Anybody has twelve credits.
//! struct Shop;
//!
//! impl Store for Shop {
//!     type Account = ();
//!
//!     fn admit<'a>(&mut self, _: &'static Api, _: &Credentials<'a>) -> Result<(), Refusal<'a>> {
//!         Ok(())
//!     }
//!
//!     fn perform<R>(
//!         &mut self,
//!         (): &(),
//!         _: &'static Api,
//!         op: &Op<'_>,
//!         reply: impl FnOnce(&Answer<'_>) -> R,
//!     ) -> R {
//!         match op {
//!             Op::Credits(_) => {
//!                 reply(&Answer::Credits(Credits { hundredths: 1200, aliases: false }))
//!             }
//!             _ => reply(&Answer::Refused(Refusal::plain(Reason::Other))),
//!         }
//!     }
//! }
//!
//! let path = "/eapi/user/get_credits/1/1.1";
//! let request = Request::new(Method::Post, path, b"", b"username=john&password=s3cret");
//! let mut buffer = [0; 64];
//! let mut w = Writer::new(&mut buffer);
//! let head = answer(&[&API], &mut Shop, &request, &mut w)?;
//! assert_eq!((head.status.0, w.written()), (200, &b"0|12.00"[..]));
//! # Ok::<(), septet::Error>(())
//! ```

use crate::api::{
    Answer, Answering, Api, Credentials, Endpoint, Head, Method, Op, Reason, Refusal, Request,
    Status,
};
use crate::error::Error;
use crate::text::{Charset, Text};
use crate::wire::Writer;

/// What a server knows and keeps. It serves interfaces of the type `A`.
pub trait Store<A: 'static = Api> {
    /// An account of the store.
    type Account;

    /// The account whose credentials these are.
    ///
    /// # Errors
    /// The refusal.
    fn admit<'a>(
        &mut self,
        api: &'static A,
        credentials: &Credentials<'a>,
    ) -> Result<Self::Account, Refusal<'a>>;

    /// The charset of the account's requests to this interface, where it is another one than the
    /// interface says.
    fn charset(&self, _account: &Self::Account, _api: &'static A) -> Option<Charset> {
        None
    }

    /// Does what is asked, whole or not at all, and hands the answer to `reply`. Callbacks that follow
    /// from it are made in the words of `api`.
    fn perform<R>(
        &mut self,
        account: &Self::Account,
        api: &'static A,
        op: &Op<'_>,
        reply: impl FnOnce(&Answer<'_>) -> R,
    ) -> R;
}

/// Where a request goes.
pub enum Served<C: ?Sized + 'static = dyn Endpoint, B: ?Sized + 'static = C> {
    /// To this call of this interface.
    Call(&'static Api<C, B>, &'static C),
    /// Nowhere: the path is served, by another method.
    OtherMethod,
    /// Nowhere: no interface has the path.
    Nothing,
}

impl<C: ?Sized, B: ?Sized> Clone for Served<C, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: ?Sized, B: ?Sized> Copy for Served<C, B> {}

impl<C: Answering + ?Sized, B: ?Sized> Served<C, B> {
    /// The longest body that a request there may have, in octets.
    pub fn body_max(&self) -> usize {
        match self {
            Self::Call(_, endpoint) => endpoint.facts().body_max,
            Self::OtherMethod | Self::Nothing => 0,
        }
    }
}

/// The call that serves a path by a method.
pub fn served<C: Answering + ?Sized, B: ?Sized>(
    apis: &[&'static Api<C, B>],
    method: Method,
    path: &str,
) -> Served<C, B> {
    let mut served = Served::Nothing;
    for (api, call) in calls(apis) {
        if call.facts().captures(path).is_some() {
            if call.facts().methods.contains(&method) {
                return Served::Call(api, call);
            }
            served = Served::OtherMethod;
        }
    }
    served
}

fn calls<C: Answering + ?Sized, B: ?Sized>(
    apis: &[&'static Api<C, B>],
) -> impl Iterator<Item = (&'static Api<C, B>, &'static C)> + Clone {
    apis.iter().flat_map(|api| api.calls.iter().map(move |call| (*api, *call)))
}

/// The longest body that a request to this path may have, in octets.
pub fn body_max<C: Answering + ?Sized, B: ?Sized>(
    apis: &[&'static Api<C, B>],
    method: Method,
    path: &str,
) -> usize {
    served(apis, method, path).body_max()
}

/// Who asks, where the request tells: so that a server can look them up before it answers.
pub fn credentials<'a, C: Answering + ?Sized, B: ?Sized>(
    apis: &[&'static Api<C, B>],
    request: &Request<'a>,
) -> Option<(&'static Api<C, B>, Credentials<'a>)> {
    let Served::Call(api, endpoint) = served(apis, request.method, request.path) else {
        return None;
    };
    Some((api, endpoint.facts().credentials(request).ok()??))
}

/// What is answered to a request, before it is written: writing it may be tried again.
pub enum Said<'s, 'a, C: ?Sized + 'static = dyn Endpoint, B: ?Sized + 'static = C> {
    /// The answer to this call.
    Answer(&'static C, &'s Answer<'a>),
    /// The path is served, by other methods.
    OtherMethod(&'s [&'static Api<C, B>], &'s str),
    /// No interface has the path.
    NoPath(&'s [&'static Api<C, B>]),
}

impl<C: Answering + ?Sized, B: ?Sized> Said<'_, '_, C, B> {
    /// Writes the reply's body and returns its head.
    ///
    /// # Errors
    /// [`ErrorKind::Full`](crate::ErrorKind::Full).
    pub fn emit(&self, w: &mut Writer<'_>) -> Result<Head, Error> {
        match self {
            Self::Answer(endpoint, answer) => endpoint.emit_reply(answer, w),
            Self::OtherMethod(apis, path) => {
                w.text("The path is served, but not by this method. Methods:")?;
                for method in Method::ALL {
                    if matches!(served(apis, method, path), Served::Call(..)) {
                        w.text(" ")?;
                        w.text(method.name())?;
                    }
                }
                w.text("\n")?;
                Ok(Head::new(Status::METHOD_NOT_ALLOWED, "text/plain"))
            }
            Self::NoPath(apis) => {
                w.text("No such path. Paths that are served:\n")?;
                for path in calls(apis).flat_map(|(_, call)| call.facts().paths) {
                    w.text(path)?;
                    w.text("\n")?;
                }
                Ok(Head::new(Status::NOT_FOUND, "text/plain"))
            }
        }
    }
}

/// Answers one request: what was asked is done, once, and what is said of it handed to `reply`.
///
/// A request with a path that no interface has is a 404 that names the paths, one with a method that
/// the path has not is a 405.
pub fn answer_with<C, B, S, R>(
    apis: &[&'static Api<C, B>],
    store: &mut S,
    request: &Request<'_>,
    reply: impl FnOnce(&Said<'_, '_, C, B>) -> R,
) -> R
where
    C: Answering + ?Sized,
    B: ?Sized,
    S: Store<Api<C, B>>,
{
    match served(apis, request.method, request.path) {
        Served::Call(api, endpoint) => {
            perform(api, endpoint, store, request, |answer| reply(&Said::Answer(endpoint, answer)))
        }
        Served::OtherMethod => reply(&Said::OtherMethod(apis, request.path)),
        Served::Nothing => reply(&Said::NoPath(apis)),
    }
}

/// Answers one request: writes the reply's body to `w` and returns its head.
///
/// # Errors
/// [`ErrorKind::Full`](crate::ErrorKind::Full) when the reply does not fit; what the request asked
/// for has been done: who can make room uses [`answer_with`].
pub fn answer<C, B, S>(
    apis: &[&'static Api<C, B>],
    store: &mut S,
    request: &Request<'_>,
    w: &mut Writer<'_>,
) -> Result<Head, Error>
where
    C: Answering + ?Sized,
    B: ?Sized,
    S: Store<Api<C, B>>,
{
    answer_with(apis, store, request, |said| said.emit(w))
}

/// Refuses a request in the vendor's words, without a look at it.
///
/// # Errors
/// [`ErrorKind::Full`](crate::ErrorKind::Full).
pub fn refuse<C: Answering + ?Sized, B: ?Sized>(
    apis: &[&'static Api<C, B>],
    request: &Request<'_>,
    reason: Reason,
    w: &mut Writer<'_>,
) -> Result<Head, Error> {
    match served(apis, request.method, request.path) {
        Served::Call(_, endpoint) => {
            endpoint.emit_reply(&Answer::Refused(Refusal::plain(reason)), w)
        }
        Served::OtherMethod | Served::Nothing => {
            w.text(reason.words())?;
            Ok(Head::new(Status::SERVICE_UNAVAILABLE, "text/plain"))
        }
    }
}

fn perform<A, S: Store<A>, R>(
    api: &'static A,
    endpoint: &(impl Answering + ?Sized),
    store: &mut S,
    request: &Request<'_>,
    reply: impl FnOnce(&Answer<'_>) -> R,
) -> R {
    let mut request = *request;
    let account = match admitted(api, endpoint, store, &request) {
        Ok(account) => account,
        Err(refusal) => return reply(&Answer::Refused(refusal)),
    };
    request.charset = store.charset(&account, api);
    match endpoint.parse_request(&request) {
        Ok(op) => store.perform(&account, api, &op, reply),
        Err(error) => reply(&Answer::Refused(endpoint.facts().refusal(error))),
    }
}

/// The account that asks.
fn admitted<'a, A, S: Store<A>>(
    api: &'static A,
    endpoint: &(impl Answering + ?Sized),
    store: &mut S,
    request: &Request<'a>,
) -> Result<S::Account, Refusal<'a>> {
    let credentials = match endpoint.facts().credentials(request) {
        Ok(Some(credentials)) => credentials,
        // Only callbacks have no credentials, and no callback has a path here.
        Ok(None) => return Err(Refusal::plain(Reason::NoCredentials)),
        Err(error) => {
            let refusal = endpoint.facts().refusal(error);
            let is_credential = |scheme: &crate::api::Scheme| scheme.has_name(error.field);
            if endpoint.facts().schemes.iter().any(is_credential) {
                let subject = Text::plain(error.field);
                return Err(Refusal::new(Reason::NoCredentials, subject));
            }
            return Err(refusal);
        }
    };
    store.admit(api, &credentials)
}
