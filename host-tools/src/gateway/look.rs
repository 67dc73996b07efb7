//! What the operator asks of the store: between requests, in their transaction.

use std::fmt;

use tokio::sync::oneshot;

use super::{Handle, Input};
use crate::store::SqlStore;

/// What the operator asks of the store. What it answers is told once the transaction is safe.
pub(super) struct Look(pub(super) Box<dyn FnOnce(&mut SqlStore) -> Tell + Send>);

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
        work: impl FnOnce(&mut SqlStore) -> R + Send + 'static,
    ) -> Option<R> {
        let (answer, answered) = oneshot::channel();
        let look = Look(Box::new(move |store| {
            let found = work(store);
            Box::new(move || {
                // Who asked may have gone away.
                let _ = answer.send(found);
            })
        }));
        self.inputs.send(Input::Look(look)).await.ok()?;
        answered.await.ok()
    }
}
