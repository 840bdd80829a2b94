//! All that the HTTP surface has of the canary.

use std::sync::Arc;

use cutover::Snapshot;
use tokio::sync::{mpsc, watch};

use super::{CheckIns, Command, Inquiry, Token};
use crate::metrics::Metrics;

/// All that the HTTP surface has of the canary: it sees pictures and counts, and can ask for a change.
#[derive(Debug)]
pub struct Surface {
    /// The latest picture.
    pub snapshots: watch::Receiver<Arc<Snapshot>>,
    /// What has broken off of all that must live as long as the canary; `None` while all is well.
    pub broken: watch::Receiver<Option<Arc<str>>>,
    /// The metrics to render.
    pub metrics: Arc<Metrics>,
    /// Where commands go.
    pub commands: mpsc::Sender<Command>,
    /// Where questions about single devices go, and orders to them.
    pub inquiries: mpsc::Sender<Inquiry>,
    /// What one must know to command; without it nobody can.
    pub token: Option<Token>,
    /// The real canaries that check in.
    pub check_ins: CheckIns,
}

impl Surface {
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshots.borrow())
    }
}
