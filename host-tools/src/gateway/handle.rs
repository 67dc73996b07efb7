//! The way to the writer: for requests, for what modems say, and for the operator.

use std::sync::Arc;

use ipnet::IpNet;
use septet::api::{Head, Reason, Status};
use septet::text::Charset;
use septet_firmware::Event;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::exchange::{Answered, OwnedReply, OwnedRequest};
use super::{Exchange, Input, OwnExchange, Told};
use crate::accounts::Verifier;
use crate::admission::Admission;
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
