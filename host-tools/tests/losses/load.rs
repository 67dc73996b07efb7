//! Customers that send as fast as they can.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::runtime;
use tokio::sync::mpsc;
use tokio::task::{JoinSet, block_in_place};
use tokio::time::timeout;

use super::{Accepting, NUMBER, Number};

/// How many of them there are, each with a connection and one request after the other.
const CUSTOMERS: usize = 16;

/// How long a reply may take, and anything else that ends a load: longer than it takes anywhere, so that a
/// gateway that hangs ends the run.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often one looks whether it was enough, where no reply comes.
const LOOK: Duration = Duration::from_millis(1);

/// What customers send.
pub struct Load<'a> {
    /// The numbers of the messages; they stop at the last.
    pub numbers: Range<Number>,
    /// Whether the gateway has done enough to be killed, after so many replies.
    pub is_enough: &'a dyn Fn(usize) -> bool,
}

impl Load<'_> {
    /// Sends until it is enough, and kills the gateway: the numbers of all messages whose acceptance was
    /// read.
    pub fn run(&self, mut accepting: Accepting) -> BTreeSet<Number> {
        septet_host::callbacks::install_tls();
        let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        runtime.unwrap().block_on(async {
            let next = Arc::new(AtomicU64::new(self.numbers.start));
            let (read, mut replies) = mpsc::unbounded_channel();
            let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
            let mut customers = JoinSet::new();
            for _ in 0..CUSTOMERS {
                let (client, next, read) = (client.clone(), next.clone(), read.clone());
                let (url, accepts) = (accepting.url.clone(), accepting.accepts);
                let end = self.numbers.end;
                customers.spawn(async move {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= end {
                            return;
                        }
                        let asked = client.get(url.replace(NUMBER, &number.to_string())).send();
                        // Where it was killed, nobody answers.
                        let Ok(reply) = asked.await else { return };
                        let status = reply.status().as_u16();
                        let Ok(words) = reply.text().await else { return };
                        assert_eq!(status, accepts, "{words}");
                        // The other end outlives this one.
                        let _ = read.send(number);
                    }
                });
            }
            let mut accepted = BTreeSet::new();
            let enough = async {
                while !(self.is_enough)(accepted.len()) {
                    if let Ok(number) = timeout(LOOK, replies.recv()).await {
                        accepted.extend(number);
                    }
                }
            };
            assert!(timeout(PATIENCE, enough).await.is_ok(), "the gateway does not get on");
            block_in_place(|| accepting.kill());
            drop(read);
            while let Some(number) = replies.recv().await {
                accepted.insert(number);
            }
            customers.join_all().await;
            accepted
        })
    }
}
