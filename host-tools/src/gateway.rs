//! The gateway's one writer: everything that changes the [`SqlStore`] passes through its thread.
//!
//! HTTP requests, what modems say and how callbacks went come in through one bounded channel. The
//! writer takes as many as wait and what comes meanwhile, gives idle modems their next part and makes the
//! callbacks that are due, all in one transaction. Only when the disk has it, replies leave, modems are
//! given their parts and told that what they received is safe, and callbacks are made. What takes long is
//! done before or after: on the way in passwords are checked and what is to be sent is prepared, as a
//! [`Draft`], and callbacks are made by tasks of their own.
//!
//! Where the disk does not take it, requests are refused in words that have them be made again, and
//! what modems and customers' servers said is told to the store again until it is kept.

mod configure;
mod exchange;
mod handle;
mod look;

use std::sync::Arc;
use std::time::{Duration, Instant};

use septet::api::Reason;
use septet::pdu::Pdu;
use septet_firmware::{Event, EventKind, Ticket};
use tokio::runtime::Handle as Runtime;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep_until;
use tracing::{info, warn};

pub use self::exchange::{OwnedReply, OwnedRequest, written};
pub use self::handle::{Handle, Inputs};

use self::configure::Configure;
use self::exchange::Done;
use self::look::{Look, Tell};
use crate::Failed;
use crate::callbacks;
use crate::config::Config;
use crate::own;
use crate::store::{CallbackId, CallbackOutcome, Draft, DueCallback, SqlStore};
use crate::watch::live::Live;

/// How many inputs are taken at once, and in all between two looks at modems and callbacks.
const BATCH: usize = 256;

/// How long after its beginning a transaction takes what comes meanwhile: who came first waits for it.
const GATHERING_TIME: Duration = Duration::from_millis(20);

/// How long the writer waits after a transaction that failed.
const FAILED_PAUSE: Duration = Duration::from_millis(200);

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
    /// What came and is no part of a transaction.
    outside: Vec<Outside>,
    live: Arc<Live>,
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

/// What goes out once a transaction is safe.
#[derive(Default)]
struct Leaving {
    replies: Vec<Done>,
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
        let outside = Vec::new();
        Self { store, config, inputs, own, modems, callbacks, draining, is_draining, outside, live }
    }

    /// Runs until nobody has a [`Handle`] any more. It blocks: it is to have a thread of its own.
    pub fn run(mut self, runtime: &Runtime) {
        self.listen();
        let mut inputs = Vec::with_capacity(BATCH);
        // What a transaction that failed had in it, and must not be lost.
        let mut told = Vec::new();
        let mut wake = Some(Instant::now());
        loop {
            let taken = runtime.block_on(async {
                tokio::select! {
                    taken = self.inputs.recv_many(&mut inputs, BATCH) => taken != 0,
                    () = sleep_until(wake.unwrap_or_else(Instant::now).into()), if wake.is_some() => true,
                }
            });
            if !taken {
                return;
            }
            let mut batch = Batch { told: std::mem::take(&mut told), ..Batch::default() };
            for input in inputs.drain(..) {
                self.outside.extend(batch.add(input));
            }
            self.do_outside();
            let mut done = self.transact(&mut batch);
            for _ in 0..REPEATS {
                if done.is_ok() || !self.store.is_to_be_repeated() {
                    break;
                }
                done = self.transact(&mut batch);
            }
            self.live.committed(done.is_ok());
            wake = match done {
                Ok(leaving) => {
                    let wake = leaving.wake;
                    self.leave(batch, leaving, runtime);
                    if !self.store.is_sending()
                        && let Some(drained) = self.draining.take()
                    {
                        // Who asked may have lost patience.
                        let _ = drained.send(());
                    }
                    wake
                }
                Err(failed) => {
                    let Batch { requests, own, told: left, looks: _ } = batch;
                    told = left;
                    warn!(why = failed.sentence, requests = requests.len(), "nothing is accepted");
                    let latin1 = self.config.latin1.charset();
                    for Exchange { request, reply, .. } in requests {
                        let _ = reply.send(Done::Answered(request.refused(latin1, Reason::Busy)));
                    }
                    for OwnExchange { reply, .. } in own {
                        let _ = reply.send(Err(own::Refused::busy()));
                    }
                    Some(Instant::now() + FAILED_PAUSE)
                }
            };
            if !self.outside.is_empty() {
                self.do_outside();
                wake = Some(Instant::now());
            }
        }
    }

    /// Does what is no part of a transaction.
    fn do_outside(&mut self) {
        for outside in self.outside.drain(..) {
            match outside {
                Outside::Configure(configure) => configure.done(&mut self.store),
                Outside::Drain(drained) => {
                    self.is_draining = true;
                    self.draining = Some(drained);
                }
            }
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

    /// Does what is told and asked, and what is due, in one transaction. What comes while it is at it is
    /// part of it: the more share a sync, the less each has to wait for those of others.
    fn transact(&mut self, batch: &mut Batch) -> Result<Leaving, Failed> {
        let mut leaving = Leaving::default();
        let begun = Instant::now();
        self.store.begin();
        self.store.set_now(Instant::now());
        let (mut told, mut asked) = (0, 0);
        loop {
            for input in &batch.told[told..] {
                self.take(input.clone(), &mut leaving);
            }
            for exchange in &batch.requests[asked..] {
                leaving.replies.push(self.answer(exchange));
            }
            (told, asked) = (batch.told.len(), batch.requests.len());
            let is_over = self.store.has_failed() || begun.elapsed() > GATHERING_TIME;
            if is_over || !self.take_more(batch) {
                break;
            }
        }
        leaving.looked = batch.looks.iter().map(|Look(look)| look(&mut self.store)).collect();
        for OwnExchange { text, .. } in &batch.own {
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

    /// Answers a request, of which nothing is safe yet.
    fn answer(&mut self, Exchange { request, draft, .. }: &Exchange) -> Done {
        let latin1 = self.config.latin1.charset();
        if self.is_draining {
            return Done::Answered(request.refused(latin1, Reason::Busy));
        }
        match draft.as_deref().and_then(|draft| self.store.take(draft)) {
            Some(taken) => Done::Taken(taken),
            None => Done::Answered(request.answer(latin1, &mut self.store)),
        }
    }

    /// Takes what has come meanwhile, where there is room for more. Returns whether there was something.
    fn take_more(&mut self, batch: &mut Batch) -> bool {
        let before = batch.len();
        while batch.len() < BATCH
            && self.outside.is_empty()
            && let Ok(input) = self.inputs.try_recv()
        {
            self.outside.extend(batch.add(input));
        }
        batch.len() > before
    }

    /// Lets go what is safe.
    fn leave(&self, batch: Batch, leaving: Leaving, runtime: &Runtime) {
        let Leaving { replies, own: accepted, works, calls, looked, wake: _ } = leaving;
        let Batch { requests, own, told: _, looks: _ } = batch;
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
        let name = &self.config.modems[modem].name;
        match kind {
            EventKind::Ready => {
                info!(modem = name, generation, "ready");
                self.store.set_ready(modem, true);
            }
            EventKind::Lost(why) => {
                warn!(modem = name, generation, %why, "lost");
                self.store.set_ready(modem, false);
            }
            EventKind::Rebooted => {
                warn!(modem = name, generation, "restarted");
                self.store.set_ready(modem, false);
            }
            EventKind::Registered(carries) => {
                info!(modem = name, generation, carries, "network");
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
                warn!(modem = name, generation, ?store, "{words}");
            }
            // Who asked hears it.
            EventKind::Ussd(_) | EventKind::Answer(_) | EventKind::Answered(_) => {}
            EventKind::Damaged => {
                warn!(
                    modem = name,
                    generation, "a received message is damaged, and stays in the modem"
                );
            }
            other => info!(modem = name, generation, ?other, "modem"),
        }
    }
}
