//! The gateway's one writer: everything that changes the [`Store`] passes through its task.
//!
//! HTTP requests, what modems say and how callbacks went come in through one bounded channel. The
//! task takes as many as wait, and afterwards gives idle modems their next part and makes the
//! callbacks that are due.

use std::sync::Arc;
use std::time::Instant;

use septet::answer::{self, answer};
use septet::api::{
    APIS, Answer, Api, Credentials, Head, Method, Op, Reason, Refusal, Request, Status,
};
use septet::pdu::Pdu;
use septet::text::{Charset, Text};
use septet::wire::Writer;
use septet_firmware::{Event, EventKind, Ticket};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::sleep_until;
use tracing::{info, warn};

use crate::callbacks;
use crate::store::{CallbackId, DueCallback, Store};

/// How many inputs wait for the writer before requests are answered with "try later".
const INPUTS_MAX: usize = 4096;

/// How many inputs are taken between two looks at modems and callbacks.
const BATCH: usize = 256;

/// How many callbacks are under way at once.
const CALLBACKS_AT_ONCE: usize = 256;

/// The longest reply, in octets.
const REPLY_MAX: usize = 64 * 1024;

/// What changes the store.
#[derive(Debug)]
pub enum Input {
    /// A request of a customer.
    Request(Exchange),
    /// Something that happened on a modem, by its place in the configuration.
    Modem(usize, Event),
    /// A modem did not take the part that it was given: it is not ready after all.
    NotTaken(usize),
    /// How a callback went.
    Called(CallbackId, Result<bool, String>),
}

/// What a modem is to do.
#[derive(Debug)]
pub enum Work {
    /// Send a part. Its fate comes back as an event.
    Send(Box<Pdu>),
    /// A received message is safe.
    Done(Ticket),
}

/// A request of a customer, owned.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Method.
    pub method: Method,
    /// Path.
    pub path: String,
    /// Query, escaped.
    pub query: String,
    /// Body.
    pub body: Vec<u8>,
}

impl Asked {
    fn request(&self, latin1: Charset) -> Request<'_> {
        Request {
            method: self.method,
            path: &self.path,
            query: self.query.as_bytes(),
            body: &self.body,
            latin1,
        }
    }
}

/// A reply to a customer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Status and content type.
    pub head: Head,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    fn stopping() -> Self {
        let head = Head { status: Status::SERVICE_UNAVAILABLE, content_type: "text/plain" };
        Self { head, body: b"The gateway is stopping, try again later".to_vec() }
    }
}

/// A request, and where its reply goes.
#[derive(Debug)]
pub struct Exchange {
    asked: Asked,
    reply: oneshot::Sender<Reply>,
}

/// The way to the writer.
#[derive(Clone, Debug)]
pub struct Handle {
    inputs: mpsc::Sender<Input>,
    latin1: Charset,
}

impl Handle {
    /// The way to a writer, and the writer's end of it.
    pub fn new(latin1: Charset) -> (Self, mpsc::Receiver<Input>) {
        let (inputs, receiver) = mpsc::channel(INPUTS_MAX);
        (Self { inputs, latin1 }, receiver)
    }

    /// Answers a request. What cannot be taken now is answered in the vendor's words for that.
    pub async fn ask(&self, asked: Asked) -> Reply {
        let (reply, replied) = oneshot::channel();
        match self.inputs.try_send(Input::Request(Exchange { asked, reply })) {
            Ok(()) => replied.await.unwrap_or_else(|_| Reply::stopping()),
            Err(TrySendError::Full(Input::Request(Exchange { asked, .. }))) => {
                reply_to(&mut Full, &asked, self.latin1)
            }
            Err(_) => Reply::stopping(),
        }
    }

    /// Tells the writer what happened on a modem. Waits for room: nothing of a modem's is lost.
    ///
    /// Returns whether the writer still runs.
    pub async fn tell(&self, modem: usize, event: Event) -> bool {
        self.inputs.send(Input::Modem(modem, event)).await.is_ok()
    }

    /// Tells the writer that a modem did not take the part that it was given.
    ///
    /// Returns whether the writer still runs.
    pub async fn not_taken(&self, modem: usize) -> bool {
        self.inputs.send(Input::NotTaken(modem)).await.is_ok()
    }
}

/// A store that has no room: it makes every vendor's words for "try later".
struct Full;

impl answer::Store for Full {
    type Account = ();

    fn admit<'a>(&mut self, _: &Credentials<'a>) -> Result<(), Refusal<'a>> {
        Err(Refusal::new(Reason::Busy, Text::EMPTY))
    }

    fn perform<'a>(&'a mut self, _: &(), _: &'static Api, _: &Op<'a>) -> Answer<'a> {
        Answer::Refused(Refusal::new(Reason::Busy, Text::EMPTY))
    }
}

fn reply_to(store: &mut impl answer::Store, asked: &Asked, latin1: Charset) -> Reply {
    let mut buffer = vec![0; REPLY_MAX];
    let mut w = Writer::new(&mut buffer);
    let head = answer(APIS, store, &asked.request(latin1), &mut w).unwrap_or_else(|error| {
        warn!(%error, "a reply is too long");
        Head { status: Status::SERVICE_UNAVAILABLE, content_type: "text/plain" }
    });
    Reply { head, body: w.written().to_vec() }
}

/// The writer: the store, and what it works on.
pub struct Gateway {
    store: Store,
    handle: Handle,
    inputs: mpsc::Receiver<Input>,
    /// To each modem, in the order of the configuration.
    modems: Vec<mpsc::UnboundedSender<Work>>,
    callbacks: callbacks::Client,
    under_way: Arc<Semaphore>,
}

impl Gateway {
    /// A writer over `store`, whose inputs come through `handle`.
    pub fn new(
        store: Store,
        (handle, inputs): (Handle, mpsc::Receiver<Input>),
        modems: Vec<mpsc::UnboundedSender<Work>>,
        callbacks: callbacks::Client,
    ) -> Self {
        let under_way = Arc::new(Semaphore::new(CALLBACKS_AT_ONCE));
        Self { store, handle, inputs, modems, callbacks, under_way }
    }

    /// Runs until it is dropped.
    pub async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            let wake = self.store.next_due();
            tokio::select! {
                taken = self.inputs.recv_many(&mut batch, BATCH) => if taken == 0 { return },
                () = sleep_until(wake.unwrap_or_else(Instant::now).into()), if wake.is_some() => {}
            }
            self.store.set_now(Instant::now());
            for input in batch.drain(..) {
                self.take(input);
            }
            for modem in 0..self.modems.len() {
                if let Some(pdu) = self.store.next_part(modem) {
                    self.work(modem, Work::Send(Box::new(pdu)));
                }
            }
            for due in self.store.due_callbacks() {
                self.call(due);
            }
        }
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Request(Exchange { asked, reply }) => {
                // A customer who has gone away does not hear that the message was accepted.
                let _ = reply.send(reply_to(&mut self.store, &asked, self.handle.latin1));
            }
            Input::Called(id, taken) => self.store.called(id, taken),
            Input::Modem(modem, event) => self.event(modem, event),
            Input::NotTaken(modem) => self.store.not_taken(modem),
        }
    }

    fn event(&mut self, modem: usize, Event { generation, kind }: Event) {
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
            EventKind::Finished(outcome) => self.store.finished(modem, outcome),
            EventKind::Received { pdu, ticket } => {
                self.store.received(modem, &pdu);
                self.work(modem, Work::Done(ticket));
            }
            other => info!(modem, generation, ?other, "modem"),
        }
    }

    fn work(&self, modem: usize, work: Work) {
        // A modem's task ends with the process.
        let _ = self.modems[modem].send(work);
    }

    fn call(&self, DueCallback { id, endpoint, url }: DueCallback) {
        let (client, under_way) = (self.callbacks.clone(), self.under_way.clone());
        let inputs = self.handle.inputs.clone();
        tokio::spawn(async move {
            let _permit = under_way.acquire_owned().await;
            let taken = client.call(endpoint, url).await;
            let _ = inputs.send(Input::Called(id, taken)).await;
        });
    }
}
