//! Where batches are left for the writer: a desk with a bell. Leaving one is a push under a lock that nobody holds for
//! longer, so that whoever leaves one never waits for the disk.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::{Batch, Health};

/// Told whether everything that was left before is now in the file.
pub(crate) type Waiter = oneshot::Sender<bool>;

#[derive(Debug, Default)]
pub(crate) struct Desk {
    inner: Mutex<Inner>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct Inner {
    batch: Batch,
    waiters: Vec<Waiter>,
    closing: bool,
    health: Health,
}

/// What the writer finds.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) batch: Batch,
    pub(crate) waiters: Vec<Waiter>,
    /// Whether nothing more will come.
    pub(crate) closing: bool,
}

impl Desk {
    /// Leaves a batch.
    pub(crate) fn leave(&self, batch: Batch) {
        let mut inner = self.lock();
        inner.health.dropped += inner.batch.absorb(batch);
    }

    /// Asks to be told when everything that was left so far is in the file; the writer begins at once.
    pub(crate) fn ask(&self, waiter: Waiter) {
        self.lock().waiters.push(waiter);
        self.bell.notify_one();
    }

    /// Nothing more will come.
    pub(crate) fn close(&self) {
        self.lock().closing = true;
        self.bell.notify_one();
    }

    /// Takes everything, after `pause`, or as soon as somebody asks to be told, or the end.
    pub(crate) fn take(&self, pause: Duration) -> Taken {
        let idle = |inner: &mut Inner| inner.waiters.is_empty() && !inner.closing;
        let waited = self.bell.wait_timeout_while(self.lock(), pause, idle);
        let (mut inner, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *inner;
        let (batch, waiters) = (std::mem::take(&mut inner.batch), std::mem::take(&mut inner.waiters));
        Taken { batch, waiters, closing: inner.closing }
    }

    /// Puts back what could not be written, before what has come since, and says why.
    pub(crate) fn put_back(&self, mut batch: Batch, why: String) {
        let mut inner = self.lock();
        let later = std::mem::take(&mut inner.batch);
        inner.health.dropped += batch.absorb(later);
        inner.batch = batch;
        inner.health.trouble = Some(why);
    }

    /// Everything was written.
    pub(crate) fn well(&self) {
        self.lock().health.trouble = None;
    }

    pub(crate) fn health(&self) -> Health {
        self.lock().health.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing under the lock can be left half done.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
