//! How a device comes to its account.

use std::fmt;
use std::sync::Arc;

use url::Url;

/// How a device comes to its account.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// It needs none.
    Anonymous,
    /// One account for all.
    Account(Account),
    /// Each device has its own, listed beforehand.
    Listed(Arc<Accounts>),
    /// Each device asks for its own: `POST {"device": NAME, "fleet": FLEET}` to this URL, answered by
    /// `{"username": .., "password": ..}` or `{"token": ..}` with 200 or 201.
    Register(Url),
}

/// A user.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The user's name.
    pub username: String,
    /// The password; it is shown nowhere.
    pub password: String,
}

/// The accounts of a fleet's devices, by index; the devices go by the names that stand there.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Accounts(Vec<Listed>);

#[derive(Clone, PartialEq, Eq)]
struct Listed {
    device: Box<str>,
    account: Account,
}

/// Why a device and its account cannot be listed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountsError {
    /// The name cannot be part of a topic, a URL or a client id.
    #[error("`{0}` is no device's name: it has 1 to 128 letters, digits, `-`, `_`, `.`, `:`, `@` or `~`")]
    Name(String),
    /// Too many.
    #[error("more than {MOST} devices")]
    Many,
}

/// The most devices in one list.
const MOST: usize = 1_000_000;

impl Accounts {
    /// Adds a device, the next one by index.
    ///
    /// # Errors
    /// When its name is none, or the list is full.
    pub fn push(&mut self, device: &str, account: Account) -> Result<(), AccountsError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:@~".contains(c);
        if !(1..=128).contains(&device.len()) || !device.chars().all(plain) {
            return Err(AccountsError::Name(device.chars().take(80).collect()));
        }
        if self.0.len() >= MOST {
            return Err(AccountsError::Many);
        }
        self.0.push(Listed { device: device.into(), account });
        Ok(())
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name of the device with this index.
    pub(crate) fn device(&self, index: u32) -> Option<&str> {
        self.0.get(index as usize).map(|listed| &*listed.device)
    }

    /// Its account.
    pub(crate) fn account(&self, index: u32) -> Option<&Account> {
        self.0.get(index as usize).map(|listed| &listed.account)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("Anonymous"),
            Self::Account(account) => account.fmt(f),
            Self::Listed(accounts) => accounts.fmt(f),
            Self::Register(url) => write!(f, "Register({url})"),
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({})", self.username)
    }
}

impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Accounts({})", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_shown_nowhere() {
        let account = || Account { username: "lamp".into(), password: "secret".into() };
        assert_eq!(format!("{:?}", Login::Account(account())), "Account(lamp)");
        let mut accounts = Accounts::default();
        assert_eq!(accounts.push("aa:bb:01", account()), Ok(()));
        assert_eq!(accounts.push("a/b", account()), Err(AccountsError::Name("a/b".to_owned())));
        assert_eq!((accounts.device(0), accounts.device(1)), (Some("aa:bb:01"), None));
        assert_eq!(format!("{:?}", Login::Listed(accounts.into())), "Accounts(1)");
    }
}
