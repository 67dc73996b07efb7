//! The way to the writer: for requests, for what modems say, and for the operator.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use ipnet::IpNet;
use septet::answer::Served;
use septet::api::{Credentials, Head, Reason, Status};
use septet_firmware::Event;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::task::block_in_place;

use super::exchange::{Answered, Call, Done, OwnedReply, OwnedRequest, interface};
use super::writer::Writer;
use super::{Batch, Exchange, Input, Outside, OwnExchange, Told};
use crate::accounts::Verifier;
use crate::admission::{Admission, Looked, account_of};
use crate::config::{Config, Live as Configured};
use crate::failures::Failures;
use crate::own;
use crate::watch::live::Live;
use crate::watch::metrics::Request as Counted;

/// How many inputs wait for the writer before requests are answered with "try later".
const INPUTS_MAX: usize = 4096;

/// The writer's end of the way to it.
pub struct Inputs(pub(super) mpsc::Receiver<Input>);

/// The way to the writer.
#[derive(Clone)]
pub struct Handle {
    pub(super) inputs: mpsc::Sender<Input>,
    /// The writer, where there is one.
    pub(super) writer: Arc<Mutex<Option<Writer>>>,
    /// How many requests are under way.
    requests: Arc<AtomicUsize>,
    /// What the gateway was started with, for what is only read then.
    pub(super) config: Arc<Config>,
    /// What counts now.
    pub(super) configured: Configured,
    pub(super) admission: Arc<Admission>,
    pub(super) failures: Arc<Failures>,
    pub(super) live: Arc<Live>,
}

impl Handle {
    /// The way to a writer, and the writer's end of it.
    pub fn new(config: Arc<Config>, verifier: Arc<Verifier>) -> (Self, Inputs) {
        let (inputs, receiver) = mpsc::channel(INPUTS_MAX);
        let configured = Configured::new(config.clone());
        let admission = Arc::new(Admission::new(verifier));
        let failures = Arc::default();
        let live = Arc::new(Live::new(&config));
        let (writer, requests) = (Arc::default(), Arc::default());
        let own = Self { inputs, writer, requests, config, configured, admission, failures, live };
        (own, Inputs(receiver))
    }

    /// What is so now, and what was counted.
    pub const fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// What counts now.
    pub const fn configured(&self) -> &Configured {
        &self.configured
    }

    /// The proxies whose word counts for whom they speak.
    pub fn proxies(&self) -> &[IpNet] {
        &self.config.trusted_proxies
    }

    /// Answers a request, which goes to `served`. What cannot be taken now is answered in the vendor's
    /// words for that.
    pub async fn ask(&self, request: OwnedRequest, served: Served) -> OwnedReply {
        let request = Arc::new(request);
        let _under_way = UnderWay::of(&self.requests);
        let Answered { reply, counted, .. } = self.asked(&request, served).await;
        self.live.metrics.requested(interface(served), counted);
        reply
    }

    async fn asked(&self, request: &Arc<OwnedRequest>, served: Served) -> Answered {
        let latin1 = self.config.latin1.charset();
        let (headers, mut room) = (request.headers(), Vec::new());
        let opened = request.opened(latin1, &headers, &mut room);
        let call = match served {
            Served::Call(api, endpoint) => Some(Call { api, endpoint, request: opened }),
            Served::OtherMethod | Served::Nothing => None,
        };
        let credentials = call.as_ref().and_then(Call::credentials);
        let who = call.as_ref().and_then(|call| Failures::who(call.api, credentials.as_ref()));
        let Some(who) = who else { return self.answered(request, call, credentials).await };
        let peer = request.peer;
        if self.failures.is_shut_out(&who, peer) {
            return request.refused(latin1, Reason::TooManyFailures);
        }
        let answered = self.answered(request, call, credentials).await;
        let status = answered.reply.head.status;
        if self.failures.is_shut_out_for(&who, peer, status) {
            return request.refused(latin1, Reason::TooManyFailures);
        }
        self.failures.note(who, peer, status);
        answered
    }

    async fn answered(
        &self,
        request: &Arc<OwnedRequest>,
        call: Option<Call<'_>>,
        credentials: Option<Credentials<'_>>,
    ) -> Answered {
        let latin1 = self.config.latin1.charset();
        let (mut looked, mut drafted) = (Looked::default(), None);
        if let (Some(call), Some(credentials)) = (call, credentials) {
            let config = self.configured.get();
            let who = (call.api, &credentials);
            looked = match self.admission.look(&config, who, request.peer).await {
                Ok(looked) => looked,
                Err(reason) => return request.refused(latin1, reason),
            };
            let is_right = looked.is_right;
            let account = account_of(&config, request.peer, &credentials, |_, _| is_right);
            if let Ok(Some(account)) = account {
                drafted = call.drafted(config, account).map(|drafted| (call, drafted));
            }
        }
        let (draft, told) = match drafted {
            Some((call, (draft, client_id))) => (Some(Box::new(draft)), Some((call, client_id))),
            None => (None, None),
        };
        let (reply, replied) = oneshot::channel();
        let exchange = Exchange { request: request.clone(), draft, reply };
        match self.hand_over(exchange) {
            Ok(()) => {}
            Err(TrySendError::Full(())) => return request.refused(latin1, Reason::Busy),
            Err(TrySendError::Closed(())) => return stopping(),
        }
        let answered = match (replied.await, told) {
            (Ok(Done::Answered(answered)), _) => answered,
            (Ok(Done::Taken(taken)), Some((call, client_id))) => {
                call.told(taken, client_id, request)
            }
            // The writer takes no draft of what has none.
            (Ok(Done::Taken(_)), None) | (Err(_), _) => return stopping(),
        };
        if let Some(guess) = looked.guess {
            self.admission.note(&guess, answered.refused);
        }
        answered
    }

    /// Hands a request to the writer. One that comes alone is done here and now: to hand it to another
    /// thread and to be told of it by that would take as long as much of the work.
    ///
    /// # Errors
    /// That there is no room, or no writer any more.
    fn hand_over(&self, exchange: Exchange) -> Result<(), TrySendError<()>> {
        let is_alone = self.requests.load(Ordering::Relaxed) == 1
            && self.inputs.capacity() == self.inputs.max_capacity();
        if is_alone
            && let Ok(mut writer) = self.writer.try_lock()
            && let Some(writer) = writer.as_mut().filter(|writer| writer.may_be_lent())
        {
            let before = writer.wake;
            let batch = Batch { requests: vec![exchange], ..Batch::default() };
            block_in_place(|| writer.work(batch, &mut |_| false));
            if writer.wake.is_some_and(|wake| before.is_none_or(|before| wake < before)) {
                // A thread that has much to do is awake.
                let _ = self.inputs.try_send(Input::Wake);
            }
            return Ok(());
        }
        self.inputs.try_send(Input::Request(exchange)).map_err(|error| match error {
            TrySendError::Full(_) => TrySendError::Full(()),
            TrySendError::Closed(_) => TrySendError::Closed(()),
        })
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
        self.live.metrics.requested(interface(request.served()), counted);
        reply
    }

    /// Has requests refused that are to be made again, and nothing more given to modems. Returns when none
    /// sends anything.
    pub async fn drain(&self) {
        self.live.stop();
        let (drained, is_drained) = oneshot::channel();
        if self.inputs.send(Input::Outside(Outside::Drain(drained))).await.is_ok() {
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

/// A request that is under way, until this is dropped.
struct UnderWay<'r>(&'r AtomicUsize);

impl<'r> UnderWay<'r> {
    fn of(requests: &'r AtomicUsize) -> Self {
        requests.fetch_add(1, Ordering::Relaxed);
        Self(requests)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn stopping() -> Answered {
    let head = Head::new(Status::SERVICE_UNAVAILABLE, "text/plain");
    let body = b"The gateway is stopping, try again later".to_vec();
    Answered::refused(Reason::Busy, OwnedReply { head, body })
}
