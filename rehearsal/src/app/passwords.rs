//! The passwords of devices.

use std::hash::{BuildHasher, RandomState};

/// Makes a device's password out of its name and a key that both sides share, as they would after a migration.
///
/// So a device that registers again, or on the other side before its registration has been replicated, is given the
/// credentials that it already has. A keyed SipHash is enough for a world that lives on loopback for minutes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Passwords(RandomState);

impl Passwords {
    pub(crate) fn of(&self, device: &str) -> String {
        format!("{:016x}", self.0.hash_one(device))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_device_s_own_and_the_world_s_own() {
        let passwords = Passwords::default();
        assert_eq!(passwords.of("d1"), passwords.clone().of("d1"));
        assert_ne!(passwords.of("d1"), passwords.of("d2"));
        assert_ne!(passwords.of("d1"), Passwords::default().of("d1"));
    }
}
