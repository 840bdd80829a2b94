//! What a side remembers, and the writes that change it.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::bounded::Bounded;

/// The most users that a side keeps; then the oldest goes, with all that is theirs.
const USERS: usize = 10_000;
/// The most devices that a side keeps; then the oldest goes.
const DEVICES: usize = 20_000;
/// The most datapoints that a side keeps of one user or one device; then the oldest goes.
const POINTS: usize = 100;
/// The most sessions of one user; then the oldest ends.
const SESSIONS: usize = 16;

/// A change to what a side remembers. The only way to change it, and what replication carries.
#[derive(Debug, Clone)]
pub(crate) enum Write {
    /// A user has signed up.
    User { id: String, email: String, password: String },
    /// A user has left.
    UserGone { id: String },
    /// A user has signed in.
    Session { token: String, user: String },
    /// A user has posted a datapoint.
    Point { user: String, name: String, value: Value, at: DateTime<Utc> },
    /// A device has registered.
    Device { device: String },
    /// A device has sent a datapoint.
    DevicePoint { device: String, seq: u64, value: Value },
}

/// A user and what is theirs.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) points: VecDeque<Point>,
    sessions: VecDeque<String>,
}

/// A datapoint that a user has posted.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Point {
    /// Its number among all that this side has been given.
    #[serde(skip)]
    pub(crate) n: u64,
    pub(crate) name: String,
    pub(crate) value: Value,
    pub(crate) at: DateTime<Utc>,
}

/// A datapoint that a device has sent.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DevicePoint {
    /// Its number among all that this side has been given.
    #[serde(skip)]
    pub(crate) n: u64,
    /// The device's own count.
    pub(crate) seq: u64,
    pub(crate) value: Value,
}

/// What a side remembers.
#[derive(Debug)]
pub(crate) struct Store {
    users: Bounded<User>,
    ids: HashMap<String, String>,
    sessions: HashMap<String, String>,
    devices: Bounded<VecDeque<DevicePoint>>,
    points: u64,
    device_points: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self::with_limits(USERS, DEVICES)
    }
}

impl Store {
    fn with_limits(users: usize, devices: usize) -> Self {
        Self {
            users: Bounded::new(users),
            ids: HashMap::new(),
            sessions: HashMap::new(),
            devices: Bounded::new(devices),
            points: 0,
            device_points: 0,
        }
    }

    /// The id of the user with that address.
    pub(crate) fn id_of(&self, email: &str) -> Option<&str> {
        self.ids.get(email).map(String::as_str)
    }

    /// The user whose session it is.
    pub(crate) fn id_in(&self, token: &str) -> Option<&str> {
        self.sessions.get(token).map(String::as_str)
    }

    pub(crate) fn user(&self, id: &str) -> Option<&User> {
        self.users.get(id)
    }

    /// The datapoints of a device; `None` when it is not registered.
    pub(crate) fn device(&self, device: &str) -> Option<&VecDeque<DevicePoint>> {
        self.devices.get(device)
    }

    /// Makes a change. One that has nothing to change is passed over: what it was about has been evicted or deleted
    /// since, or is here already.
    pub(crate) fn apply(&mut self, write: Write) {
        match write {
            Write::User { id, email, password } => self.add_user(id, email, password),
            Write::UserGone { id } => {
                let gone = self.users.remove(&id);
                self.forget(gone);
            }
            Write::Session { token, user } => self.add_session(token, user),
            Write::Point { user, name, value, at } => {
                if let Some(user) = self.users.get_mut(&user) {
                    push(&mut user.points, Point { n: self.points, name, value, at }, POINTS);
                    self.points += 1;
                }
            }
            Write::Device { device } => {
                if !self.devices.contains(&device) {
                    self.devices.insert(device, VecDeque::new());
                }
            }
            Write::DevicePoint { device, seq, value } => {
                if let Some(points) = self.devices.get_mut(&device) {
                    push(points, DevicePoint { n: self.device_points, seq, value }, POINTS);
                    self.device_points += 1;
                }
            }
        }
    }

    fn add_user(&mut self, id: String, email: String, password: String) {
        if self.ids.contains_key(&email) {
            tracing::debug!(%email, "a user signed up on both sides: the first one stays");
            return;
        }
        self.ids.insert(email.clone(), id.clone());
        let user = User { email, password, points: VecDeque::new(), sessions: VecDeque::new() };
        let evicted = self.users.insert(id, user);
        self.forget(evicted);
    }

    fn add_session(&mut self, token: String, id: String) {
        if let Some(user) = self.users.get_mut(&id) {
            if let Some(ended) = push(&mut user.sessions, token.clone(), SESSIONS) {
                self.sessions.remove(&ended);
            }
            self.sessions.insert(token, id);
        }
    }

    fn forget(&mut self, user: Option<User>) {
        let Some(user) = user else { return };
        self.ids.remove(&user.email);
        for token in user.sessions {
            self.sessions.remove(&token);
        }
    }
}

/// Adds an item, and gives the oldest one if it had to go.
fn push<T>(queue: &mut VecDeque<T>, item: T, limit: usize) -> Option<T> {
    let oldest = if queue.len() >= limit { queue.pop_front() } else { None };
    queue.push_back(item);
    oldest
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use serde_json::json;

    use super::*;

    fn user(n: usize) -> Write {
        Write::User { id: format!("u{n}"), email: format!("{n}@acme.example"), password: "p".into() }
    }

    #[test]
    fn the_oldest_user_goes_with_everything() {
        let mut store = Store::with_limits(2, 2);
        store.apply(user(1));
        store.apply(Write::Session { token: "t".into(), user: "u1".into() });
        assert_eq!(store.id_in("t"), Some("u1"));
        store.apply(user(2));
        store.apply(user(3));
        assert!(store.user("u1").is_none() && store.user("u3").is_some());
        assert_eq!((store.id_of("1@acme.example"), store.id_in("t")), (None, None));
        assert_eq!((store.ids.len(), store.sessions.len()), (2, 0));
    }

    #[test]
    fn sessions_and_points_are_bounded() {
        let mut store = Store::default();
        store.apply(user(1));
        for n in 0..SESSIONS + 5 {
            store.apply(Write::Session { token: format!("t{n}"), user: "u1".into() });
        }
        assert_eq!(store.sessions.len(), SESSIONS);
        store.apply(Write::Device { device: "d".into() });
        for seq in 0..150 {
            store.apply(Write::DevicePoint { device: "d".into(), seq, value: json!(seq) });
        }
        let points = store.device("d").unwrap();
        assert_eq!((points.len(), points.front().unwrap().seq), (POINTS, 50));
    }

    #[test]
    fn what_comes_too_late_changes_nothing() {
        let mut store = Store::default();
        store.apply(user(1));
        store.apply(Write::UserGone { id: "u1".into() });
        store.apply(Write::Session { token: "t".into(), user: "u1".into() });
        store.apply(Write::DevicePoint { device: "nobody".into(), seq: 1, value: json!(1) });
        assert!(store.sessions.is_empty() && store.device("nobody").is_none());
    }
}
