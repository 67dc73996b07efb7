//! What the operator asks of the store: between requests, in their transaction.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::oneshot;

use super::{Handle, Input};
use crate::store::SqlStore;

/// What the operator asks of the store, as often as the transaction is repeated. What it answers is told
/// once that is safe.
pub(super) struct Look(pub(super) Box<dyn Fn(&mut SqlStore) -> Tell + Send>);

/// Tells who asked.
pub(super) type Tell = Box<dyn FnOnce() + Send>;

impl fmt::Debug for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Look")
    }
}

impl Handle {
    /// Asks the store, or has it changed, for the operator. `None` where that was not kept, or the gateway
    /// is stopping.
    pub async fn look<R: Send + 'static>(
        &self,
        work: impl Fn(&mut SqlStore) -> R + Send + 'static,
    ) -> Option<R> {
        let (answer, answered) = oneshot::channel();
        let answer = Arc::new(Mutex::new(Some(answer)));
        let look = Look(Box::new(move |store| {
            let (found, answer) = (work(store), answer.clone());
            Box::new(move || {
                if let Some(answer) = answer.lock().unwrap_or_else(PoisonError::into_inner).take() {
                    // Who asked may have gone away.
                    let _ = answer.send(found);
                }
            })
        }));
        self.inputs.send(Input::Look(look)).await.ok()?;
        answered.await.ok()
    }
}
