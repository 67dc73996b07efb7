//! Another configuration for a gateway that runs.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{Handle, Input, Outside};
use crate::Failed;
use crate::config::Config;
use crate::store::SqlStore;

/// Another configuration, and who is told whether it counts.
#[derive(Debug)]
pub(super) struct Configure {
    config: Arc<Config>,
    answer: oneshot::Sender<Result<(), Failed>>,
}

impl Configure {
    /// Has it count for the store.
    pub(super) fn done(self, store: &mut SqlStore) {
        // Who asked may have gone away.
        let _ = self.answer.send(store.reconfigure(self.config));
    }
}

impl Handle {
    /// Has another configuration count, from the next request on.
    ///
    /// # Errors
    /// One sentence: why the one before counts still.
    pub async fn reconfigure(&self, config: Config) -> Result<(), Failed> {
        let config = Arc::new(config);
        let (answer, answered) = oneshot::channel();
        let configure = Configure { config: config.clone(), answer };
        let stopping = |_| Failed::input("the gateway is stopping");
        self.inputs
            .send(Input::Outside(Outside::Configure(configure)))
            .await
            .map_err(|_| stopping(()))?;
        answered.await.map_err(|_| stopping(()))??;
        self.configured.set(config);
        Ok(())
    }
}
