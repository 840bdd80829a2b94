//! What it takes to open a session.

use std::net::SocketAddr;

use cutover::Parts;
use tokio::time::Instant;

use crate::ProbeError;

/// A session that is being opened at an address: since when, and which parts of it are finished.
#[derive(Debug)]
pub(crate) struct Opening {
    address: SocketAddr,
    started: Instant,
    pub(crate) parts: Parts,
}

impl Opening {
    pub(crate) fn begin(address: SocketAddr) -> Self {
        Self { address, started: Instant::now(), parts: Parts::default() }
    }

    /// The session, with its parts; or the failure, with the address and the parts that were finished before it.
    pub(crate) fn end<T>(mut self, opened: Result<T, ProbeError>) -> Result<(T, Parts), ProbeError> {
        self.parts.total = self.started.elapsed();
        match opened {
            Ok(session) => Ok((session, self.parts)),
            Err(error) => Err(error.at(self.address).after(self.parts)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use cutover::FailureKind;

    use super::*;
    use crate::Fault;

    #[test]
    fn a_failure_says_where_it_was_and_what_came_before_it() {
        let address = SocketAddr::from(([127, 0, 0, 1], 9));
        let mut opening = Opening::begin(address);
        opening.parts.connect = Some(Duration::from_millis(3));
        let error = ProbeError::new(Fault::Failed(FailureKind::Tls), "no handshake");
        let failed = opening.end::<()>(Err(error)).map_err(|error| (error.peer, error.parts.connect));
        assert_eq!(failed, Err((Some(address), Some(Duration::from_millis(3)))));
    }
}
