//! How long each part of an exchange may take.

use std::time::Duration;

/// The longest time that each part of an exchange may take. There is no total: it is the sum of the parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Looking up the name.
    pub resolve: Duration,
    /// Establishing the TCP connection.
    pub connect: Duration,
    /// The TLS handshake.
    pub tls: Duration,
    /// From the connection's readiness to the first byte of the answer.
    pub wait: Duration,
    /// From the first byte of the answer to its last; for MQTT, getting a packet out.
    pub transfer: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            resolve: Duration::from_secs(2),
            connect: Duration::from_secs(3),
            tls: Duration::from_secs(3),
            wait: Duration::from_secs(10),
            transfer: Duration::from_secs(10),
        }
    }
}

impl Timeouts {
    /// The same, with no part longer than `limit`: for a step that has a deadline of its own.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self {
            resolve: self.resolve.min(limit),
            connect: self.connect.min(limit),
            tls: self.tls.min(limit),
            wait: self.wait.min(limit),
            transfer: self.transfer.min(limit),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_shortens_what_is_longer_and_nothing_else() {
        let limited = Timeouts::default().within(Duration::from_millis(2500));
        assert_eq!(limited.resolve, Duration::from_secs(2));
        assert_eq!(limited.connect, Duration::from_millis(2500));
        assert_eq!(limited.transfer, Duration::from_millis(2500));
    }
}
