//! Threads of their own for those who must answer at once, whatever the actors are busy with.
//!
//! A reset wakes thousands of devices in one instant. On the threads of all, whoever asks for the page, the gate or the
//! metrics would wait in line behind each of them.

use tokio::runtime::{Builder, Handle, Runtime};

use crate::failure::Failure;

/// The threads on which the recorder, the outbox and the server live.
#[derive(Debug)]
pub(crate) struct Control(Option<Runtime>);

impl Control {
    /// Starts them.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub(crate) fn start() -> Result<Self, Failure> {
        // A second one, so that a long text for one reader does not keep the recorder from folding.
        let runtime =
            Builder::new_multi_thread().worker_threads(2).thread_name("control").enable_all().build();
        let failed =
            |error| Failure::canary(format!("cannot start the threads of recorder and server: {error}"));
        runtime.map(|runtime| Self(Some(runtime))).map_err(failed)
    }

    /// Where tasks, and what they listen on, are made.
    pub(crate) fn handle(&self) -> Handle {
        // It is there until it is dropped.
        self.0.as_ref().map_or_else(Handle::current, |runtime| runtime.handle().clone())
    }

    /// Leaves them to the end of the process: a reader that takes nothing is on one of them, and has not broken off.
    pub(crate) fn leave(mut self) {
        std::mem::forget(self.0.take());
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // What is left is nothing that anybody waits for.
            runtime.shutdown_background();
        }
    }
}
