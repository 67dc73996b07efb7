//! The sessions of the gateway's modems.

mod ussd;

use std::future::Future;
use std::time::Duration;

use septet_firmware::EventKind;
use tokio::sync::mpsc;
use tokio::time::{self, sleep_until};
use tracing::warn;

pub use self::ussd::{Question, UssdAnswer};
use crate::Failed;
use crate::gateway::{Handle, Work};
use crate::port::Port;
use crate::shell::{Session, words};

/// How long after a failure a port is opened again.
const REOPEN: Duration = Duration::from_secs(1);

/// Runs the session of one of the gateway's modems until the gateway ends.
///
/// A port that fails is opened again; meanwhile the session goes on without one.
pub async fn run<F>(
    modem: usize,
    name: String,
    mut session: Session,
    open: impl Fn() -> F,
    gateway: Handle,
    mut work: mpsc::UnboundedReceiver<Work>,
    mut asked: mpsc::Receiver<Question>,
) where
    F: Future<Output = Result<Port, Failed>>,
{
    let live = gateway.live().clone();
    let mut reopen = time::Instant::now();
    let mut dialogue = ussd::Dialogue::default();
    // Said once until the modem was ready again, whatever else fails meanwhile.
    let mut said = false;
    let mut say = move |trouble: Option<String>| match trouble {
        Some(why) if !said => {
            warn!(modem = name, why, "no line to the modem, trying again until there is one");
            said = true;
        }
        Some(_) => {}
        None => said = false,
    };
    loop {
        let closed = session.port().port().0.is_none();
        let opened = async {
            sleep_until(reopen).await;
            open().await
        };
        let still_runs = tokio::select! {
            event = session.next() => match event {
                Ok(event) => {
                    session.port().concluded(&event);
                    dialogue.heard(&event.kind, session.engine().profile().packs_ussd);
                    live.told(modem, &event, session.engine().signal());
                    if event.kind == EventKind::Ready {
                        say(None);
                    }
                    gateway.tell(modem, event).await
                }
                Err(error) => {
                    say(Some(words(&error)));
                    live.disconnected(modem, words(&error));
                    session.port().port().0 = None;
                    session.disconnected();
                    reopen = time::Instant::now() + REOPEN;
                    true
                }
            },
            work = work.recv() => match work {
                None => false,
                Some(Work::Done(ticket)) => {
                    session.done(&ticket);
                    true
                }
                Some(Work::Send(pdu)) => match session.send(&pdu) {
                    Ok(()) => {
                        live.sending(modem);
                        true
                    }
                    Err(_) => gateway.not_taken(modem).await,
                },
            },
            Some(question) = asked.recv() => {
                dialogue.ask(&mut session, question);
                true
            }
            port = opened, if closed => {
                match port {
                    Ok(port) => {
                        session.port().port().0 = Some(port);
                        live.connected(modem);
                    }
                    Err(failed) => {
                        live.disconnected(modem, failed.sentence.clone());
                        say(Some(failed.sentence));
                        reopen = time::Instant::now() + REOPEN;
                    }
                }
                true
            }
        };
        if !still_runs {
            return;
        }
    }
}
