//! The operator's page, and what programs ask of a gateway's health.
//!
//! The page is for whoever has the password of `[operator]` in the configuration. `/healthz` and
//! `/readyz` say nothing but whether the gateway works, to everybody; `/metrics` is for programs on this
//! machine, and for whoever gives the password by HTTP Basic.

mod door;
mod frame;
mod messages;
mod plot;
mod programs;
mod state;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    LOCATION, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use maud::Markup;
use serde::Serialize;
use tracing::{info, warn};
use url::form_urlencoded;

use self::door::{Door, Session, Shut};
use self::frame::Frame;
use self::messages::{Beside, Notice, Phone, Typed};
use crate::config::Config;
use crate::gateway::Handle;
use crate::http::customer;
use crate::network::Network;
use crate::own::{Refused, Text};
use crate::watch::{Wanted, Watch};
use crate::{Failed, split};

/// What the pages are allowed: what comes from here, and nothing written into them.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// The headers of every answer.
const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
];

/// What the browser gets besides pages: path, media type and content.
const ASSETS: [(&str, &str, &str); 3] = [
    ("/operator.css", "text/css; charset=utf-8", include_str!("operator/operator.css")),
    ("/operator.js", "text/javascript; charset=utf-8", include_str!("operator/operator.js")),
    ("/operator.svg", "image/svg+xml", include_str!("operator/operator.svg")),
];

/// How many messages a page has, and how many received ones stand below.
const PAGE: u32 = 50;
const RECEIVED: u32 = 5;

/// The longest form, in octets.
const FORM_MAX: usize = 64 * 1024;

/// The handset that is shown before one was chosen and before any has received anything.
const FIRST_HANDSET: &str = "4512345678";

/// What the pages are made of.
#[derive(Clone)]
struct Operator {
    watch: Watch,
    gateway: Handle,
    /// The virtual network, where there is one.
    network: Option<Network>,
    /// A keyword that somebody has, for who answers from a handset.
    keyword: Arc<str>,
    /// Nothing where the configuration has no password: nobody gets in.
    door: Option<Arc<Door>>,
}

/// The operator's page, `/metrics`, `/healthz` and `/readyz`.
///
/// # Errors
/// When the system has no random numbers.
pub fn router(
    config: &Config,
    watch: Watch,
    gateway: Handle,
    network: Option<Network>,
) -> Result<Router, Failed> {
    let door = config.operator.as_ref();
    let door = door.map(|own| Door::new(own.password.clone(), config.tls.is_some())).transpose()?;
    let words = config.accounts.iter().flat_map(|account| &account.keywords);
    let keyword = words.filter_map(|keyword| keyword.keyword.as_deref()).next();
    let operator = Operator {
        watch,
        gateway,
        network,
        keyword: keyword.unwrap_or("").into(),
        door: door.map(Arc::new),
    };
    let inside = Router::new()
        .route("/", get(overview))
        .route("/messages/{id}", get(message))
        .route("/received", get(received))
        .route("/gateway", get(gateway_page))
        .route("/send", post(send))
        .route("/handset", post(answer))
        .route("/parts", post(parts))
        .route("/logout", post(log_out))
        .layer(middleware::from_fn_with_state(operator.clone(), inside));
    let mut all = inside
        .route("/login", get(log_in_page).post(log_in))
        .route("/metrics", get(programs::all_metrics))
        .route("/healthz", get(programs::health))
        .route("/readyz", get(programs::readiness));
    for (path, media_type, content) in ASSETS {
        all = all.route(path, get(async move || ([(CONTENT_TYPE, media_type)], content)));
    }
    Ok(all
        .layer(DefaultBodyLimit::max(FORM_MAX))
        .layer(middleware::map_response(with_headers))
        .with_state(operator))
}

async fn with_headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Lets those in who have a session, and forms that are one of its own.
async fn inside(State(own): State<Operator>, mut request: Request, next: Next) -> Response {
    let Some(door) = &own.door else { return no_password() };
    let Some(session) = door.session(request.headers()) else {
        return match *request.method() {
            Method::GET => to("/login"),
            _ => (StatusCode::FORBIDDEN, "log in first\n").into_response(),
        };
    };
    request.extensions_mut().insert(session);
    next.run(request).await
}

fn to(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, path)]).into_response()
}

fn html(status: StatusCode, page: Markup) -> Response {
    let kind = [(CONTENT_TYPE, "text/html; charset=utf-8")];
    (status, kind, page.into_string()).into_response()
}

/// A page without anything of the gateway's.
fn outside(status: StatusCode, title: &str, content: Markup) -> Response {
    html(status, Frame { token: None, health: None }.page("", title, content))
}

fn no_password() -> Response {
    let words = "The configuration has no password for this page: put one under [operator], as \
                 `password = \"$argon2id…\"`. `septet init` and `septet account` make one.";
    outside(StatusCode::NOT_FOUND, "Operator", frame::sentence("Operator", words))
}

/// The fields of a form, or of a query.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn read(octets: &[u8]) -> Self {
        Self(form_urlencoded::parse(octets).into_owned().collect())
    }

    /// A field; an empty one where it is not there.
    fn take(&mut self, name: &str) -> String {
        let field = self.0.iter_mut().find(|(own, _)| own == name);
        field.map(|(_, value)| std::mem::take(value)).unwrap_or_default()
    }
}

impl Operator {
    /// A page, or why there is none.
    fn page(
        &self,
        session: &Session,
        path: &str,
        title: &str,
        content: Result<Markup, Failed>,
    ) -> Response {
        let health = self.watch.health();
        let frame = Frame { token: Some(&session.token), health: Some(&health) };
        match content {
            Ok(content) => html(StatusCode::OK, frame.page(path, title, content)),
            Err(failed) => {
                let content = frame::sentence("Nothing can be read now", &failed.sentence);
                html(StatusCode::SERVICE_UNAVAILABLE, frame.page(path, title, content))
            }
        }
    }

    async fn overview(
        &self,
        session: &Session,
        mut query: Fields,
        typed: Typed,
        notice: Option<Notice>,
    ) -> Result<Markup, Failed> {
        let wanted = Wanted {
            search: query.take("q"),
            state: query.take("state"),
            before: query.take("before").parse().ok(),
            limit: PAGE,
        };
        let list = self.watch.messages(wanted.clone()).await?;
        let received = self.watch.received(None, RECEIVED).await?;
        let figures = self.watch.figures().await?;
        let handsets = self.network.as_ref().map(Network::handsets).unwrap_or_default();
        let handset = self.network.as_ref().map(|network| {
            let chosen = query.take("handset");
            let known = list.iter().map(|message| &message.recipient).chain(&handsets).next();
            let number = match chosen.is_empty() {
                false => chosen,
                true => known.cloned().unwrap_or_else(|| FIRST_HANDSET.to_owned()),
            };
            let modems = self.watch.modems();
            let numbers = modems.into_iter().flat_map(|modem| {
                modem.short_codes.into_iter().chain(std::iter::once(modem.number))
            });
            Phone {
                handset: network.handset(&number),
                others: &handsets,
                numbers: numbers.collect(),
                keyword: self.keyword.to_string(),
            }
        });
        let accounts = self.watch.account_names();
        let beside = Beside { token: &session.token, accounts: &accounts, typed, notice, handset };
        Ok(messages::overview(&figures, &self.watch.modems(), &wanted, &list, &received, &beside))
    }
}

async fn overview(
    State(own): State<Operator>,
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    let mut query = Fields::read(query.unwrap_or_default().as_bytes());
    let notice = match (query.take("sent").as_str(), query.take("answered").as_str()) {
        ("", "") => None,
        ("", from) => Some(Notice::Done(format!("Sent from the handset {from}."))),
        (to, _) => Some(Notice::Done(format!("Accepted for {to}."))),
    };
    let content = own.overview(&session, query, Typed::default(), notice).await;
    own.page(&session, "/", "Messages", content)
}

async fn message(
    State(own): State<Operator>,
    Extension(session): Extension<Session>,
    Path(id): Path<String>,
) -> Response {
    let found = match id.parse() {
        Ok(id) => own.watch.message(id).await,
        Err(_) => Ok(None),
    };
    let content = found.map(|found| match found {
        Some(message) => messages::message(&message),
        None => frame::sentence("No such message", "There is no message with this number."),
    });
    own.page(&session, frame::MESSAGE, "Message", content)
}

async fn received(
    State(own): State<Operator>,
    Extension(session): Extension<Session>,
    RawQuery(query): RawQuery,
) -> Response {
    let before = Fields::read(query.unwrap_or_default().as_bytes()).take("before").parse().ok();
    let list = own.watch.received(before, PAGE).await;
    let content = list.map(|list| messages::received(&list, PAGE));
    own.page(&session, "/received", "Received", content)
}

async fn gateway_page(
    State(own): State<Operator>,
    Extension(session): Extension<Session>,
) -> Response {
    let content = async {
        let (figures, callbacks) = (own.watch.figures().await?, own.watch.callbacks().await?);
        let (accounts, others) = (own.watch.accounts().await?, own.watch.others().await?);
        Ok(state::gateway(&figures, (&own.watch.modems(), &others), &callbacks, &accounts))
    };
    own.page(&session, "/gateway", "Gateway", content.await)
}

/// The fields of a form, where it was made for this login.
fn own_form(session: &Session, body: &[u8]) -> Option<Fields> {
    let mut fields = Fields::read(body);
    session.is_own(&fields.take("token")).then_some(fields)
}

fn not_own() -> Response {
    let words =
        "This form is older than your login: go back, load the page again, and send it anew.";
    outside(StatusCode::FORBIDDEN, "Septet", frame::sentence("Not sent", words))
}

/// The way back to the messages, with one field in the query.
fn back(name: &str, value: &str, more: Option<(&str, &str)>) -> Response {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair(name, value).extend_pairs(more);
    to(&format!("/?{}", query.finish()))
}

async fn send(
    State(own): State<Operator>,
    Extension(session): Extension<Session>,
    body: Bytes,
) -> Response {
    let Some(mut form) = own_form(&session, &body) else { return not_own() };
    let typed =
        Typed { account: form.take("account"), to: form.take("to"), text: form.take("text") };
    // A browser writes the ends of lines as two characters, which would be sent.
    let text = typed.text.replace("\r\n", "\n");
    let Typed { account, to, .. } = typed.clone();
    match own.gateway.send(Text { account, to, text, id: None, dry_run: false }).await {
        Ok(accepted) => back(
            "sent",
            &accepted.to,
            own.network.as_ref().map(|_| ("handset", accepted.to.as_str())),
        ),
        Err(Refused { why, later }) => {
            let notice = Some(Notice::Refused(format!("Not sent: {why}.")));
            let content = own.overview(&session, Fields(Vec::new()), typed, notice).await;
            let mut page = own.page(&session, "/", "Messages", content);
            *page.status_mut() =
                if later { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::BAD_REQUEST };
            page
        }
    }
}

/// Sends a text from a handset of the virtual network.
async fn answer(
    State(own): State<Operator>,
    Extension(session): Extension<Session>,
    body: Bytes,
) -> Response {
    let Some(mut form) = own_form(&session, &body) else { return not_own() };
    let Some(network) = &own.network else { return StatusCode::NOT_FOUND.into_response() };
    let number = form.take("number");
    match network.send_from_handset(&number, &form.take("to"), &form.take("text")) {
        Ok(_) => back("answered", &number, Some(("handset", &number))),
        Err(why) => {
            let content = frame::sentence("Not sent", &why.to_string());
            let mut page = own.page(&session, "/", "Not sent", Ok(content));
            *page.status_mut() = StatusCode::BAD_REQUEST;
            page
        }
    }
}

/// What the page says of a text that is being typed.
#[derive(Serialize)]
struct Counted {
    words: String,
}

async fn parts(body: Bytes) -> Response {
    let text = String::from_utf8_lossy(&body);
    let words = match text.is_empty() {
        true => String::new(),
        false => split::brief(&text).unwrap_or_else(|failed| failed.sentence),
    };
    Json(Counted { words }).into_response()
}

async fn log_in_page(State(own): State<Operator>, headers: HeaderMap) -> Response {
    match &own.door {
        None => no_password(),
        Some(door) if door.session(&headers).is_some() => to("/"),
        Some(_) => outside(StatusCode::OK, "Log in", frame::login(None)),
    }
}

async fn log_in(
    State(own): State<Operator>,
    Extension(peer): Extension<SocketAddr>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(door) = &own.door else { return no_password() };
    let peer = customer(peer.ip(), &headers, own.gateway.proxies());
    let password = Fields::read(&body).take("password");
    let opened = match door.knows(&password, peer).await {
        Ok(()) => door.open().map_err(|_| Shut::Failing),
        Err(shut) => Err(shut),
    };
    let (status, words) = match opened {
        Ok(cookie) => {
            info!(%peer, "the operator logged in");
            let mut page = to("/");
            if let Ok(cookie) = cookie.parse() {
                page.headers_mut().insert(SET_COOKIE, cookie);
            }
            return page;
        }
        Err(Shut::Wrong) => (StatusCode::FORBIDDEN, "The password is wrong."),
        Err(Shut::TooOften) => (
            StatusCode::TOO_MANY_REQUESTS,
            "Too many wrong passwords came from your address: try again in twenty minutes.",
        ),
        Err(Shut::Failing) => {
            (StatusCode::SERVICE_UNAVAILABLE, "The gateway cannot log anybody in now.")
        }
    };
    warn!(%peer, why = words, "the operator is not logged in");
    outside(status, "Log in", frame::login(Some(words)))
}

async fn log_out(
    State(own): State<Operator>,
    Extension(session): Extension<Session>,
    body: Bytes,
) -> Response {
    if own_form(&session, &body).is_none() {
        return not_own();
    }
    let mut page = to("/login");
    if let Some(Ok(cookie)) = own.door.as_ref().map(|door| door.close(&session).parse()) {
        page.headers_mut().insert(SET_COOKIE, cookie);
    }
    page
}
