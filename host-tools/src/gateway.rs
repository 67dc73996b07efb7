//! The gateway's one writer: everything that changes the [`SqlStore`] passes through it.
//!
//! HTTP requests, what modems say and how callbacks went come in through one bounded channel. The
//! writer takes as many as wait and what comes meanwhile, gives idle modems their next part and makes the
//! callbacks that are due, all in one transaction. Only when the disk has it, replies leave, modems are
//! given their parts and told that what they received is safe, and callbacks are made. What takes long is
//! done before or after: on the way in passwords are checked and what is to be sent is prepared, as a
//! [`Draft`], and callbacks are made by tasks of their own. A request that comes while nothing else does is
//! not handed to the writer's thread: who brings it is the writer for it.
//!
//! Where the disk does not take it, requests are refused in words that have them be made again, and
//! what modems and customers' servers said is told to the store again until it is kept.

mod configure;
mod exchange;
mod handle;
mod look;
mod writer;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use septet::pdu::Pdu;
use septet_firmware::{Event, Ticket};
use tokio::runtime::Handle as Runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep_until;

pub use self::exchange::{OwnedReply, OwnedRequest, written};
pub use self::handle::{Handle, Inputs};

use self::configure::Configure;
use self::exchange::Done;
use self::look::Look;
use self::writer::Writer;
use crate::callbacks;
use crate::own;
use crate::store::{CallbackId, CallbackOutcome, Draft, SqlStore};

/// How many inputs are taken at once, and in all between two looks at modems and callbacks.
const BATCH: usize = 256;

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
    /// What the operator asks.
    Look(Look),
    /// What is no part of a transaction.
    Outside(Outside),
}

/// What a modem is to do.
#[derive(Debug)]
pub enum Work {
    /// Send a part. Its fate comes back as an event.
    Send(Box<Pdu>),
    /// A received message is safe.
    Done(Ticket),
}

/// A request, and where its reply goes.
#[derive(Debug)]
pub struct Exchange {
    request: Arc<OwnedRequest>,
    /// What is to be sent, prepared; none of what is no request to send, or would be refused.
    draft: Option<Box<Draft>>,
    reply: oneshot::Sender<Done>,
}

/// A text of the operator's, and where it goes what came of it.
#[derive(Debug)]
struct OwnExchange {
    text: own::Text,
    reply: oneshot::Sender<Result<own::Accepted, own::Refused>>,
}

/// The writer's thread: it takes what comes, and what is due.
pub struct Gateway {
    writer: Arc<Mutex<Option<Writer>>>,
    inputs: mpsc::Receiver<Input>,
    /// What came and is no part of a transaction.
    outside: Vec<Outside>,
}

/// What is no part of a transaction.
#[derive(Debug)]
enum Outside {
    /// Another configuration.
    Configure(Configure),
    /// No modem is to be given anything more. It is told when none has anything.
    Drain(oneshot::Sender<()>),
}

/// What is told and asked together.
#[derive(Default)]
struct Batch {
    told: Vec<Told>,
    requests: Vec<Exchange>,
    own: Vec<OwnExchange>,
    looks: Vec<Look>,
}

impl Batch {
    fn len(&self) -> usize {
        self.told.len() + self.requests.len() + self.own.len() + self.looks.len()
    }

    /// Adds what comes, and returns what is no part of a transaction.
    fn add(&mut self, input: Input) -> Option<Outside> {
        match input {
            Input::Request(exchange) => self.requests.push(exchange),
            Input::Own(exchange) => self.own.push(exchange),
            Input::Told(input) => self.told.push(input),
            Input::Look(look) => self.looks.push(look),
            Input::Wake => {}
            Input::Outside(outside) => return Some(outside),
        }
        None
    }
}

impl Gateway {
    /// A writer over `store`, whose inputs come through `handle`. What it begins, tasks of the present
    /// runtime do.
    pub fn new(
        store: SqlStore,
        (handle, Inputs(inputs)): (&Handle, Inputs),
        modems: Vec<mpsc::UnboundedSender<Work>>,
        callbacks: callbacks::Client,
    ) -> Self {
        let writer = Writer {
            store,
            config: handle.config.clone(),
            own: handle.inputs.downgrade(),
            modems,
            callbacks,
            runtime: Runtime::current(),
            draining: None,
            is_draining: false,
            told: Vec::new(),
            wake: Some(Instant::now()),
            live: handle.live.clone(),
        };
        let shared = handle.writer.clone();
        *shared.lock().unwrap_or_else(PoisonError::into_inner) = Some(writer);
        Self { writer: shared, inputs, outside: Vec::new() }
    }

    /// Runs until nobody has a [`Handle`] any more. It blocks: it is to have a thread of its own.
    pub fn run(mut self, runtime: &Runtime) {
        self.listen();
        let mut inputs = Vec::with_capacity(BATCH);
        let mut wake = Some(Instant::now());
        loop {
            let taken = runtime.block_on(async {
                tokio::select! {
                    taken = self.inputs.recv_many(&mut inputs, BATCH) => taken != 0,
                    () = sleep_until(wake.unwrap_or_else(Instant::now).into()), if wake.is_some() => true,
                }
            });
            let Self { writer, inputs: more, outside } = &mut self;
            // Who has panicked with the store in hand has ended the gateway.
            let Ok(mut writer) = writer.lock() else { return };
            if !taken {
                *writer = None;
                return;
            }
            let Some(writer) = writer.as_mut() else { return };
            let mut batch = Batch::default();
            for input in inputs.drain(..) {
                outside.extend(batch.add(input));
            }
            writer.do_outside(outside);
            writer.work(batch, &mut |batch| take_more(more, outside, batch));
            if !outside.is_empty() {
                writer.do_outside(outside);
                writer.wake = Some(Instant::now());
            }
            wake = writer.wake;
        }
    }

    /// Has another gateway's words wake the writer, as long as it runs.
    fn listen(&self) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(writer) = writer.as_ref() else { return };
        let Some((listener, own)) = writer.store.listener() else { return };
        let inputs = writer.own.clone();
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
}

/// Takes what has come meanwhile, where there is room for more. Returns whether there was something.
fn take_more(
    inputs: &mut mpsc::Receiver<Input>,
    outside: &mut Vec<Outside>,
    batch: &mut Batch,
) -> bool {
    let before = batch.len();
    while batch.len() < BATCH
        && outside.is_empty()
        && let Ok(input) = inputs.try_recv()
    {
        outside.extend(batch.add(input));
    }
    batch.len() > before
}
