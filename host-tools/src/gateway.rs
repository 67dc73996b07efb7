//! The gateway's one writer: everything that changes the [`SqlStore`] passes through its thread.
//!
//! HTTP requests, what modems say and how callbacks went come in through one bounded channel. The
//! writer takes as many as wait, gives idle modems their next part and makes the callbacks that are
//! due, all in one transaction. Only when the disk has it, replies leave, modems are given their parts
//! and told that what they received is safe, and callbacks are made. What takes long is done before or
//! after: passwords are checked on the way in, callbacks are made by tasks of their own.
//!
//! Where the disk does not take it, requests are refused in words that have them be made again, and
//! what modems and customers' servers said is told to the store again until it is kept.

mod configure;
mod look;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ipnet::IpNet;
use septet::answer::{self, Said, Served, answer_with, refuse};
use septet::api::{APIS, Answer, Authorization, Head, Method, Reason, Refusal, Request, Status};
use septet::error::{Error, ErrorKind};
use septet::pdu::Pdu;
use septet::text::{Charset, Text};
use septet::wire::Writer;
use septet_firmware::{Event, EventKind, Ticket};
use tokio::runtime::Handle as Runtime;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep_until;
use tracing::{info, warn};

use self::configure::Configure;
use self::look::{Look, Tell};
use crate::Failed;
use crate::accounts::Verifier;
use crate::admission::Admission;
use crate::callbacks;
use crate::config::{Config, Live as Configured};
use crate::failures::Failures;
use crate::own;
use crate::store::{CallbackId, CallbackOutcome, DueCallback, KEY_HEADER, SqlStore};
use crate::watch::live::Live;
use crate::watch::metrics::Request as Counted;

/// How many inputs wait for the writer before requests are answered with "try later".
const INPUTS_MAX: usize = 4096;

/// How many inputs are taken between two looks at modems and callbacks.
const BATCH: usize = 256;

/// How long the writer waits after a transaction that failed.
const FAILED_PAUSE: Duration = Duration::from_millis(200);

/// Room for a reply at first, and at most, in octets.
const REPLY_FIRST: usize = 4096;
const REPLY_MAX: usize = 64 * 1024 * 1024;

/// How often a transaction is repeated that another gateway was in the way of.
const REPEATS: usize = 10;

/// What changes the store.
#[derive(Clone, Debug)]
enum Told {
    /// Something that happened on a modem, by its place in the configuration.
    Modem(usize, Event),
    /// A modem did not take the part that it was given: it is not ready after all.
    NotTaken(usize),
    /// How a callback went.
    Called(CallbackId, CallbackOutcome),
}

/// What comes to the writer.
#[derive(Debug)]
enum Input {
    /// A request of a customer.
    Request(Exchange),
    /// A text of the operator's.
    Own(OwnExchange),
    /// What is not asked, and must not be lost.
    Told(Told),
    /// Another gateway has work.
    Wake,
    /// No modem is to be given anything more. It is told when none has anything.
    Drain(oneshot::Sender<()>),
    /// What the operator asks.
    Look(Look),
    /// Another configuration.
    Configure(Configure),
}

/// What a modem is to do.
#[derive(Debug)]
pub enum Work {
    /// Send a part. Its fate comes back as an event.
    Send(Box<Pdu>),
    /// A received message is safe.
    Done(Ticket),
}

/// An HTTP request, owned.
#[derive(Clone, Debug)]
pub struct OwnedRequest {
    /// Method.
    pub method: Method,
    /// Path.
    pub path: String,
    /// Query, escaped.
    pub query: String,
    /// Headers, by name and value.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// The address that it comes from.
    pub peer: Option<IpAddr>,
}

/// The most characters of a refusal's subject in the log.
const NOTED_MAX: usize = 80;

/// A refusal as it is in the log: one line, not longer than that of others, and with no name that may be
/// a password in the wrong place.
fn noted(refusal: &Refusal<'_>) -> String {
    let Refusal { reason, subject, detail: _ } = refusal;
    if subject.is_empty() || matches!(reason, Reason::UnknownUser | Reason::WrongPassword) {
        return reason.to_string();
    }
    let subject: String = subject.chars().take(NOTED_MAX).flat_map(char::escape_debug).collect();
    format!("{reason}: {subject}")
}

impl OwnedRequest {
    /// Hands the request to `work`.
    pub fn with<R>(&self, latin1: Charset, work: impl FnOnce(&Request<'_>) -> R) -> R {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut request = Request::new(self.method, &self.path, self.query.as_bytes(), &self.body);
        let authorization =
            headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        let authorization = authorization.map_or("", |(_, value)| *value);
        let mut buffer = vec![0; authorization.len()];
        if !authorization.is_empty() {
            request.authorization = Authorization::read(authorization, &mut buffer);
        }
        work(&Request { headers: &headers, latin1, ..request })
    }

    /// The request without headers, query and body.
    fn without_content(&self) -> Self {
        let Self { method, path, peer, .. } = self;
        let (query, headers, body) = Default::default();
        Self { method: *method, path: path.clone(), query, headers, body, peer: *peer }
    }

    /// What the store makes of the request, once that is safe.
    fn answer(&self, latin1: Charset, store: &mut SqlStore) -> Answered {
        let peer = self.peer.map(|peer| peer.to_string()).unwrap_or_default();
        store.asked_from(self.peer);
        self.with(latin1, |request| {
            store.set_request_key(request.header(KEY_HEADER));
            answer_with(APIS, store, request, |said| {
                let Said::Answer(call, Answer::Refused(refusal)) = said else {
                    let counted = match said {
                        Said::Answer(..) => Counted::Taken,
                        Said::OtherMethod(..) | Said::NoPath(_) => Counted::Refused,
                    };
                    return Answered { reply: written(|w| said.emit(w)), counted, refused: None };
                };
                let mut refusal = *refusal;
                if refusal.reason == Reason::Forbidden && refusal.subject.is_empty() {
                    refusal.subject = Text::plain(&peer);
                }
                info!(call = call.name(), peer, why = noted(&refusal), "refused");
                let reply = written(|w| call.emit_reply(&Answer::Refused(refusal), w));
                Answered::refused(refusal.reason, reply)
            })
        })
    }

    /// The interface that it is asked by.
    fn interface(&self) -> &'static str {
        match answer::served(APIS, self.method, &self.path) {
            Served::Call(api, _) => api.name,
            Served::OtherMethod | Served::Nothing => "none",
        }
    }

    /// A refusal in the vendor's words.
    fn refused(&self, latin1: Charset, reason: Reason) -> Answered {
        let reply = self.with(latin1, |request| written(|w| refuse(APIS, request, reason, w)));
        Answered::refused(reason, reply)
    }
}

/// The reply that `write` writes, given room enough.
pub fn written(write: impl Fn(&mut Writer<'_>) -> Result<Head, Error>) -> OwnedReply {
    let mut buffer = vec![0; REPLY_FIRST];
    loop {
        let mut w = Writer::new(&mut buffer);
        match write(&mut w) {
            Ok(head) => return OwnedReply { head, body: w.written().to_vec() },
            Err(Error { kind: ErrorKind::Full, .. }) if buffer.len() < REPLY_MAX => {}
            Err(error) => {
                warn!(%error, "a reply that cannot be written");
                let head = Head::new(Status::INTERNAL_SERVER_ERROR, "text/plain");
                return OwnedReply { head, body: Vec::new() };
            }
        }
        buffer.resize(buffer.len() * 4, 0);
    }
}

/// An HTTP reply, owned.
#[derive(Clone, Debug)]
pub struct OwnedReply {
    /// Status and content type.
    pub head: Head,
    /// Body.
    pub body: Vec<u8>,
}

/// What became of a request.
#[derive(Debug)]
struct Answered {
    reply: OwnedReply,
    counted: Counted,
    /// Why its call refuses it, where that does.
    refused: Option<Reason>,
}

impl Answered {
    const fn refused(reason: Reason, reply: OwnedReply) -> Self {
        let counted = match reason {
            Reason::Busy => Counted::Busy,
            _ => Counted::Refused,
        };
        Self { reply, counted, refused: Some(reason) }
    }
}

/// A request, and where its reply goes.
#[derive(Debug)]
pub struct Exchange {
    request: OwnedRequest,
    reply: oneshot::Sender<Answered>,
}

/// A text of the operator's, and where it goes what came of it.
#[derive(Debug)]
struct OwnExchange {
    text: own::Text,
    reply: oneshot::Sender<Result<own::Accepted, own::Refused>>,
}

/// The writer's end of the way to it.
pub struct Inputs(mpsc::Receiver<Input>);

/// The way to the writer.
#[derive(Clone)]
pub struct Handle {
    inputs: mpsc::Sender<Input>,
    /// What the gateway was started with, for what is only read then.
    config: Arc<Config>,
    /// What counts now.
    configured: Configured,
    admission: Arc<Admission>,
    failures: Arc<Failures>,
    live: Arc<Live>,
}

impl Handle {
    /// The way to a writer, and the writer's end of it.
    pub fn new(config: Arc<Config>, verifier: Arc<Verifier>) -> (Self, Inputs) {
        let (inputs, receiver) = mpsc::channel(INPUTS_MAX);
        let configured = Configured::new(config.clone());
        let admission = Arc::new(Admission::new(configured.clone(), verifier));
        let failures = Arc::default();
        let live = Arc::new(Live::new(&config));
        (Self { inputs, config, configured, admission, failures, live }, Inputs(receiver))
    }

    /// What is so now, and what was counted.
    pub const fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// The proxies whose word counts for whom they speak.
    pub fn proxies(&self) -> &[IpNet] {
        &self.config.trusted_proxies
    }

    /// Answers a request. What cannot be taken now is answered in the vendor's words for that.
    pub async fn ask(&self, request: OwnedRequest) -> OwnedReply {
        let interface = request.interface();
        let Answered { reply, counted, .. } = self.asked(request).await;
        self.live.metrics.requested(interface, counted);
        reply
    }

    async fn asked(&self, request: OwnedRequest) -> Answered {
        let latin1 = self.config.latin1.charset();
        let who = request.with(latin1, |request| self.failures.who(request));
        if let Some(who) = &who
            && self.failures.is_shut_out(who, request.peer)
        {
            return request.refused(latin1, Reason::TooManyFailures);
        }
        let Some(who) = who else { return self.answered(request, latin1).await };
        let (peer, asked) = (request.peer, request.without_content());
        let answered = self.answered(request, latin1).await;
        let status = answered.reply.head.status;
        if self.failures.is_shut_out_for(&who, peer, status) {
            return asked.refused(latin1, Reason::TooManyFailures);
        }
        self.failures.note(who, peer, status);
        answered
    }

    async fn answered(&self, request: OwnedRequest, latin1: Charset) -> Answered {
        let guess = match self.admission.look(&request, latin1).await {
            Ok(guess) => guess,
            Err(reason) => return request.refused(latin1, reason),
        };
        let (reply, replied) = oneshot::channel();
        match self.inputs.try_send(Input::Request(Exchange { request, reply })) {
            Ok(()) => {
                let Ok(answered) = replied.await else { return stopping() };
                if let Some(guess) = guess {
                    self.admission.note(&guess, answered.refused);
                }
                answered
            }
            Err(TrySendError::Full(Input::Request(Exchange { request, .. }))) => {
                request.refused(latin1, Reason::Busy)
            }
            Err(_) => stopping(),
        }
    }

    /// Accepts a text of the operator's.
    ///
    /// # Errors
    /// Why it is not accepted.
    pub async fn send(&self, text: own::Text) -> Result<own::Accepted, own::Refused> {
        let (reply, replied) = oneshot::channel();
        let accepted = match self.inputs.try_send(Input::Own(OwnExchange { text, reply })) {
            Ok(()) => replied.await.unwrap_or_else(|_| Err(own::Refused::busy())),
            Err(_) => Err(own::Refused::busy()),
        };
        let counted = match &accepted {
            Ok(_) => Counted::Taken,
            Err(refused) if refused.later => Counted::Busy,
            Err(_) => Counted::Refused,
        };
        self.live.metrics.requested(own::API.name, counted);
        accepted
    }

    /// Refuses a request whose body is longer than its call's may be, in the vendor's words.
    pub fn too_large(&self, request: &OwnedRequest) -> OwnedReply {
        self.turned_away(request, Reason::TooLarge)
    }

    /// Has a request be made again later, in the vendor's words.
    pub fn busy(&self, request: &OwnedRequest) -> OwnedReply {
        self.turned_away(request, Reason::Busy)
    }

    fn turned_away(&self, request: &OwnedRequest, reason: Reason) -> OwnedReply {
        let Answered { reply, counted, .. } = request.refused(self.config.latin1.charset(), reason);
        self.live.metrics.requested(request.interface(), counted);
        reply
    }

    /// Has requests refused that are to be made again, and nothing more given to modems. Returns when none
    /// sends anything.
    pub async fn drain(&self) {
        let (drained, is_drained) = oneshot::channel();
        if self.inputs.send(Input::Drain(drained)).await.is_ok() {
            // A writer that has ended gives nothing to modems either.
            let _ = is_drained.await;
        }
    }

    /// Tells the writer what happened on a modem. Waits for room: nothing of a modem's is lost.
    ///
    /// Returns whether the writer still runs.
    pub async fn tell(&self, modem: usize, event: Event) -> bool {
        self.inputs.send(Input::Told(Told::Modem(modem, event))).await.is_ok()
    }

    /// Tells the writer that a modem did not take the part that it was given.
    ///
    /// Returns whether the writer still runs.
    pub async fn not_taken(&self, modem: usize) -> bool {
        self.inputs.send(Input::Told(Told::NotTaken(modem))).await.is_ok()
    }
}

fn stopping() -> Answered {
    let head = Head::new(Status::SERVICE_UNAVAILABLE, "text/plain");
    let body = b"The gateway is stopping, try again later".to_vec();
    Answered::refused(Reason::Busy, OwnedReply { head, body })
}

/// The writer: the store, and what it works on.
pub struct Gateway {
    store: SqlStore,
    config: Arc<Config>,
    inputs: mpsc::Receiver<Input>,
    /// For what callbacks come to. It keeps nobody waiting for more.
    own: mpsc::WeakSender<Input>,
    /// To each modem, in the order of the configuration.
    modems: Vec<mpsc::UnboundedSender<Work>>,
    callbacks: callbacks::Client,
    /// Whom it is told that no modem sends anything, where nothing more is to be sent.
    draining: Option<oneshot::Sender<()>>,
    is_draining: bool,
    live: Arc<Live>,
}

/// What is asked together.
#[derive(Default)]
struct Batch {
    requests: Vec<Exchange>,
    own: Vec<OwnExchange>,
    looks: Vec<Look>,
}

/// What goes out once a transaction is safe.
#[derive(Default)]
struct Leaving {
    replies: Vec<Answered>,
    own: Vec<Result<own::Accepted, own::Refused>>,
    works: Vec<(usize, Work)>,
    calls: Vec<DueCallback>,
    /// When something is due next.
    wake: Option<Instant>,
    looked: Vec<Tell>,
}

impl Gateway {
    /// A writer over `store`, whose inputs come through `handle`.
    pub fn new(
        store: SqlStore,
        (handle, Inputs(inputs)): (&Handle, Inputs),
        modems: Vec<mpsc::UnboundedSender<Work>>,
        callbacks: callbacks::Client,
    ) -> Self {
        let (config, own) = (handle.config.clone(), handle.inputs.downgrade());
        let (live, draining, is_draining) = (handle.live.clone(), None, false);
        Self { store, config, inputs, own, modems, callbacks, draining, is_draining, live }
    }

    /// Runs until nobody has a [`Handle`] any more. It blocks: it is to have a thread of its own.
    pub fn run(mut self, runtime: &Runtime) {
        self.listen();
        let mut batch = Vec::with_capacity(BATCH);
        // What a transaction that failed had in it, and must not be lost.
        let mut told = Vec::new();
        let mut wake = Some(Instant::now());
        loop {
            let taken = runtime.block_on(async {
                tokio::select! {
                    taken = self.inputs.recv_many(&mut batch, BATCH) => taken != 0,
                    () = sleep_until(wake.unwrap_or_else(Instant::now).into()), if wake.is_some() => true,
                }
            });
            if !taken {
                return;
            }
            let mut asked = Batch::default();
            for input in batch.drain(..) {
                match input {
                    Input::Request(exchange) => asked.requests.push(exchange),
                    Input::Own(exchange) => asked.own.push(exchange),
                    Input::Told(input) => told.push(input),
                    Input::Look(look) => asked.looks.push(look),
                    Input::Configure(configure) => configure.done(&mut self.store),
                    Input::Wake => {}
                    Input::Drain(drained) => {
                        self.is_draining = true;
                        self.draining = Some(drained);
                    }
                }
            }
            let mut done = self.transact(&asked, &told);
            for _ in 0..REPEATS {
                if done.is_ok() || !self.store.is_to_be_repeated() {
                    break;
                }
                done = self.transact(&asked, &told);
            }
            self.live.committed(done.is_ok());
            wake = match done {
                Ok(leaving) => {
                    told.clear();
                    let wake = leaving.wake;
                    self.leave(asked, leaving, runtime);
                    if !self.store.is_sending()
                        && let Some(drained) = self.draining.take()
                    {
                        // Who asked may have lost patience.
                        let _ = drained.send(());
                    }
                    wake
                }
                Err(failed) => {
                    let Batch { requests, own, looks: _ } = asked;
                    warn!(why = failed.sentence, requests = requests.len(), "nothing is accepted");
                    let latin1 = self.config.latin1.charset();
                    for Exchange { request, reply } in requests {
                        let _ = reply.send(request.refused(latin1, Reason::Busy));
                    }
                    for OwnExchange { reply, .. } in own {
                        let _ = reply.send(Err(own::Refused::busy()));
                    }
                    Some(Instant::now() + FAILED_PAUSE)
                }
            };
        }
    }

    /// Has another gateway's words wake the writer, as long as it runs.
    fn listen(&self) {
        let Some((listener, own)) = self.store.listener() else { return };
        let inputs = self.own.clone();
        std::thread::spawn(move || {
            listener.run(|who| {
                let Some(inputs) = inputs.upgrade() else { return false };
                if who.is_some_and(|who| who != own) {
                    // A writer that has much to do is awake.
                    let _ = inputs.try_send(Input::Wake);
                }
                true
            });
        });
    }

    /// Does what is asked and told, and what is due, in one transaction.
    fn transact(&mut self, asked: &Batch, told: &[Told]) -> Result<Leaving, Failed> {
        let mut leaving = Leaving::default();
        self.store.begin();
        self.store.set_now(Instant::now());
        for input in told {
            self.take(input.clone(), &mut leaving);
        }
        let latin1 = self.config.latin1.charset();
        for Exchange { request, .. } in &asked.requests {
            leaving.replies.push(if self.is_draining {
                request.refused(latin1, Reason::Busy)
            } else {
                request.answer(latin1, &mut self.store)
            });
        }
        leaving.looked = asked.looks.iter().map(|Look(look)| look(&mut self.store)).collect();
        for OwnExchange { text, .. } in &asked.own {
            leaving.own.push(if self.is_draining {
                Err(own::Refused::busy())
            } else {
                own::accept(&mut self.store, &self.config, text)
            });
        }
        if !self.is_draining {
            for (modem, pdu) in self.store.next_parts() {
                leaving.works.push((modem, Work::Send(Box::new(pdu))));
            }
            leaving.calls = self.store.due_callbacks();
            let due = [self.store.next_due(), self.store.next_look()];
            leaving.wake = due.into_iter().flatten().min();
        }
        let begun = Instant::now();
        self.store.commit()?;
        self.live.metrics.committed(begun.elapsed());
        Ok(leaving)
    }

    /// Lets go what is safe.
    fn leave(&self, asked: Batch, leaving: Leaving, runtime: &Runtime) {
        let Leaving { replies, own: accepted, works, calls, looked, wake: _ } = leaving;
        let Batch { requests, own, looks: _ } = asked;
        looked.into_iter().for_each(|tell| tell());
        for (exchange, accepted) in own.into_iter().zip(accepted) {
            let _ = exchange.reply.send(accepted);
        }
        for (exchange, reply) in requests.into_iter().zip(replies) {
            // A customer who has gone away does not hear that the message was accepted.
            let _ = exchange.reply.send(reply);
        }
        for (modem, work) in works {
            // A modem's task ends with the process.
            let _ = self.modems[modem].send(work);
        }
        for DueCallback { id, request } in calls {
            let (client, own) = (self.callbacks.clone(), self.own.clone());
            let live = self.live.clone();
            runtime.spawn(async move {
                let outcome = client.call(request).await;
                live.metrics.called(&outcome);
                // Where the gateway has ended, the callback is made again after the next start.
                if let Some(inputs) = own.upgrade() {
                    let _ = inputs.send(Input::Told(Told::Called(id, outcome))).await;
                }
            });
        }
    }

    fn take(&mut self, input: Told, leaving: &mut Leaving) {
        match input {
            Told::Called(id, outcome) => self.store.called(id, outcome),
            Told::Modem(modem, event) => self.event(modem, event, leaving),
            Told::NotTaken(modem) => self.store.not_taken(modem),
        }
    }

    fn event(&mut self, modem: usize, Event { generation, kind }: Event, leaving: &mut Leaving) {
        match kind {
            EventKind::Ready => {
                info!(modem, generation, "ready");
                self.store.set_ready(modem, true);
            }
            EventKind::Lost(why) => {
                warn!(modem, generation, %why, "lost");
                self.store.set_ready(modem, false);
            }
            EventKind::Rebooted => {
                warn!(modem, generation, "restarted");
                self.store.set_ready(modem, false);
            }
            EventKind::Registered(carries) => {
                info!(modem, generation, carries, "network");
                self.store.set_network(modem, carries);
            }
            EventKind::Finished(outcome) => self.store.finished(modem, outcome),
            EventKind::Received { pdu, ticket } => {
                self.store.received(modem, &pdu);
                leaving.works.push((modem, Work::Done(ticket)));
            }
            EventKind::Waiting { .. } => {}
            EventKind::Full { store } => {
                let words = "a store is full: what is in it is taken over, and then deleted";
                warn!(modem, generation, ?store, "{words}");
            }
            // Who asked hears it.
            EventKind::Ussd(_) | EventKind::Answer(_) | EventKind::Answered(_) => {}
            EventKind::Damaged => {
                warn!(modem, generation, "a received message is damaged, and stays in the modem");
            }
            other => info!(modem, generation, ?other, "modem"),
        }
    }
}
