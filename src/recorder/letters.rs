//! Notices that are written down before they are posted: a crash between the two sends one again, never two of them.

use std::future::Future;
use std::time::Duration;

use alerts::Notice;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesOrdered;

/// How long the store may keep a notice waiting: a warning that is lost in a crash is better than one that comes late.
const LONGEST: Duration = Duration::from_secs(1);

/// The notices on their way, in their order.
#[derive(Default)]
pub(super) struct Letters(FuturesOrdered<BoxFuture<'static, Vec<Notice>>>);

impl Letters {
    /// Holds `notices` back until they are `committed`, or that has failed, or takes too long.
    pub(super) fn hold(
        &mut self,
        notices: Vec<Notice>,
        committed: impl Future<Output = bool> + Send + 'static,
    ) {
        self.0.push_back(Box::pin(async move {
            // What failed was said by the store.
            let _ = tokio::time::timeout(LONGEST, committed).await;
            notices
        }));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next ones to post; `None` if there are none on their way.
    pub(super) async fn next(&mut self) -> Option<Vec<Notice>> {
        self.0.next().await
    }
}

impl std::fmt::Debug for Letters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Letters").field(&self.0.len()).finish()
    }
}
