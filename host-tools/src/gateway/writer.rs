//! What the writer does in a transaction, and what goes out once that is safe.

use std::sync::Arc;
use std::time::{Duration, Instant};

use septet::api::Reason;
use septet_firmware::{Event, EventKind};
use tokio::runtime::{Handle as Runtime, RuntimeFlavor};
use tokio::sync::{mpsc, oneshot};
use tracing::{info, warn};

use super::exchange::Done;
use super::look::{Look, Tell};
use super::{Batch, Exchange, Input, Outside, OwnExchange, Told, Work};
use crate::Failed;
use crate::callbacks;
use crate::config::Config;
use crate::own;
use crate::store::{DueCallback, SqlStore};
use crate::watch::live::Live;

/// How long after its beginning a transaction takes what comes meanwhile: who came first waits for it.
const GATHERING_TIME: Duration = Duration::from_millis(20);

/// How long the writer waits after a transaction that failed.
const FAILED_PAUSE: Duration = Duration::from_millis(200);

/// How often a transaction is repeated that another gateway was in the way of.
const REPEATS: usize = 10;

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

/// The store, and what works on it. Who has it is the writer.
pub(super) struct Writer {
    pub store: SqlStore,
    pub config: Arc<Config>,
    /// For what callbacks come to. It keeps nobody waiting for more.
    pub own: mpsc::WeakSender<Input>,
    /// To each modem, in the order of the configuration.
    pub modems: Vec<mpsc::UnboundedSender<Work>>,
    pub callbacks: callbacks::Client,
    /// What callbacks are made by.
    pub runtime: Runtime,
    /// Whom it is told that no modem sends anything, where nothing more is to be sent.
    pub draining: Option<oneshot::Sender<()>>,
    pub is_draining: bool,
    /// What a transaction that failed had in it, and must not be lost.
    pub told: Vec<Told>,
    /// When something is to be done without being told anything.
    pub wake: Option<Instant>,
    pub live: Arc<Live>,
}

impl Writer {
    /// Whether a task may have it for one transaction: other tasks go on meanwhile, and no other gateway is
    /// waited for.
    pub fn may_be_lent(&self) -> bool {
        self.runtime.runtime_flavor() == RuntimeFlavor::MultiThread && !self.store.is_shared()
    }

    /// Does what is told and asked together, as often as it takes, and lets go what came of it. `more` adds
    /// what comes meanwhile, and says whether there was something.
    pub fn work(&mut self, mut batch: Batch, more: &mut dyn FnMut(&mut Batch) -> bool) {
        batch.told.splice(..0, self.told.drain(..));
        let mut done = self.transact(&mut batch, more);
        for _ in 0..REPEATS {
            if done.is_ok() || !self.store.is_to_be_repeated() {
                break;
            }
            done = self.transact(&mut batch, more);
        }
        self.live.committed(done.is_ok());
        match done {
            Ok(leaving) => {
                self.wake = leaving.wake;
                self.leave(batch, leaving);
                if !self.store.is_sending()
                    && let Some(drained) = self.draining.take()
                {
                    // Who asked may have lost patience.
                    let _ = drained.send(());
                }
            }
            Err(failed) => {
                let Batch { requests, own, told, looks: _ } = batch;
                self.told = told;
                warn!(why = failed.sentence, requests = requests.len(), "nothing is accepted");
                let latin1 = self.config.latin1.charset();
                for Exchange { request, reply, .. } in requests {
                    let _ = reply.send(Done::Answered(request.refused(latin1, Reason::Busy)));
                }
                for OwnExchange { reply, .. } in own {
                    let _ = reply.send(Err(own::Refused::busy()));
                }
                self.wake = Some(Instant::now() + FAILED_PAUSE);
            }
        }
    }

    /// Does what is no part of a transaction.
    pub fn do_outside(&mut self, outside: &mut Vec<Outside>) {
        for outside in outside.drain(..) {
            match outside {
                Outside::Configure(configure) => configure.done(&mut self.store),
                Outside::Drain(drained) => {
                    self.is_draining = true;
                    self.draining = Some(drained);
                }
            }
        }
    }

    /// Does what is told and asked, and what is due, in one transaction. What comes while it is at it is
    /// part of it: the more share a sync, the less each has to wait for those of others.
    fn transact(
        &mut self,
        batch: &mut Batch,
        more: &mut dyn FnMut(&mut Batch) -> bool,
    ) -> Result<Leaving, Failed> {
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
            if is_over || !more(batch) {
                break;
            }
        }
        leaving.looked = batch.looks.iter().map(|Look(look)| look(&mut self.store)).collect();
        for OwnExchange { text, .. } in &batch.own {
            leaving.own.push(if self.is_draining {
                Err(own::Refused::busy())
            } else {
                own::accept(&mut self.store, text)
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

    /// Lets go what is safe.
    fn leave(&self, batch: Batch, leaving: Leaving) {
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
            self.runtime.spawn(async move {
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
