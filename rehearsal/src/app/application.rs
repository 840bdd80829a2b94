//! What one side's application does.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::Utc;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    conduct::Conduct,
    passwords::Passwords,
    replication::Outflow,
    store::{DevicePoint, Point, Store, Write},
};
use crate::{faults::Turns, side::Side};

/// The application of one side. Everything that reaches it, over HTTP or MQTT, ends here.
#[derive(Debug)]
pub(crate) struct Application {
    side: Side,
    passwords: Passwords,
    operator: (String, String),
    outflow: Option<Outflow>,
    store: Mutex<Store>,
    conduct: Mutex<Conduct>,
    errors: Turns,
    slow: Turns,
    lost_over_http: Turns,
    lost_over_mqtt: Turns,
    forgotten: Turns,
}

/// Why something is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("a user with this address exists already")]
    Taken,
    #[error("address or password is wrong")]
    BadCredentials,
    #[error("no session: sign in, and send its token as `authorization: Bearer TOKEN`")]
    NoSession,
    #[error("this belongs to another user")]
    NotYours,
    #[error("there is no such device")]
    NoDevice,
    #[error("a value is a number, `true`, `false` or a text of at most 256 bytes")]
    BadValue,
    #[error("a device's name has 1 to 64 letters, digits, `-`, `_` and `.`")]
    BadName,
}

/// The payload of a device's datapoint.
#[derive(Deserialize)]
struct Payload {
    seq: u64,
    value: Value,
}

impl Application {
    /// An empty application; `operator` is the account that may always connect to its broker.
    pub(crate) fn new(
        side: Side,
        passwords: Passwords,
        operator: (String, String),
        outflow: Option<Outflow>,
    ) -> Arc<Self> {
        Arc::new(Self {
            side,
            passwords,
            operator,
            outflow,
            store: Mutex::default(),
            conduct: Mutex::default(),
            errors: Turns::default(),
            slow: Turns::default(),
            lost_over_http: Turns::default(),
            lost_over_mqtt: Turns::default(),
            forgotten: Turns::default(),
        })
    }

    pub(crate) fn side(&self) -> Side {
        self.side
    }

    pub(crate) fn set_conduct(&self, conduct: Conduct) {
        *self.conduct.lock().unwrap_or_else(PoisonError::into_inner) = conduct;
    }

    pub(crate) fn conduct(&self) -> Conduct {
        *self.conduct.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the next request is one to be answered with 500.
    pub(crate) fn errs(&self) -> bool {
        self.errors.take(self.conduct().errors)
    }

    /// Whether the next request is one of those that take much longer.
    pub(crate) fn dawdles(&self) -> bool {
        self.slow.take(self.conduct().tail)
    }

    /// A user signs up; gives their id.
    pub(crate) fn sign_up(&self, email: String, password: String) -> Result<String, Refusal> {
        let mut store = self.store();
        if store.id_of(&email).is_some() {
            return Err(Refusal::Taken);
        }
        let id = Uuid::new_v4().to_string();
        self.commit(&mut store, Write::User { id: id.clone(), email, password });
        Ok(id)
    }

    /// A user signs in; gives the session's token and their id.
    pub(crate) fn sign_in(&self, email: &str, password: &str) -> Result<(String, String), Refusal> {
        let mut store = self.store();
        let id = store.id_of(email).ok_or(Refusal::BadCredentials)?.to_owned();
        if store.user(&id).is_none_or(|user| user.password != password) {
            return Err(Refusal::BadCredentials);
        }
        let token = Uuid::new_v4().to_string();
        self.commit(&mut store, Write::Session { token: token.clone(), user: id.clone() });
        Ok((token, id))
    }

    /// The address of the user whose session it is.
    pub(crate) fn email_in(&self, token: &str) -> Option<String> {
        let store = self.store();
        store.user(store.id_in(token)?).map(|user| user.email.clone())
    }

    /// A user leaves.
    pub(crate) fn delete(&self, token: &str, id: &str) -> Result<(), Refusal> {
        let mut store = self.store();
        let id = own(&store, token, id)?;
        self.commit(&mut store, Write::UserGone { id });
        Ok(())
    }

    /// A user posts a datapoint; gives its id.
    pub(crate) fn post(&self, token: &str, name: String, value: Value) -> Result<String, Refusal> {
        let mut store = self.store();
        let user = store.id_in(token).ok_or(Refusal::NoSession)?.to_owned();
        if !fits(&value) {
            return Err(Refusal::BadValue);
        }
        if !self.lost_over_http.take(self.conduct().lost) {
            self.commit(&mut store, Write::Point { user, name, value, at: Utc::now() });
        }
        Ok(Uuid::new_v4().to_string())
    }

    /// The datapoints of a user, the oldest first.
    pub(crate) fn points(&self, token: &str, id: &str) -> Result<Vec<Point>, Refusal> {
        let store = self.store();
        let id = own(&store, token, id)?;
        let points = store.user(&id).map_or_else(Vec::new, |user| user.points.iter().cloned().collect());
        let conduct = self.conduct();
        Ok(points.into_iter().map(|p| Point { value: conduct.tell(p.n, &p.value), ..p }).collect())
    }

    /// A device registers, for the first time or again; gives its user name and password.
    pub(crate) fn register(&self, device: &str) -> Result<(String, String), Refusal> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if !(1..=64).contains(&device.len()) || !device.chars().all(fits) {
            return Err(Refusal::BadName);
        }
        let mut store = self.store();
        if store.device(device).is_none() {
            self.commit(&mut store, Write::Device { device: device.to_owned() });
        }
        Ok((device.to_owned(), self.passwords.of(device)))
    }

    /// The last datapoints of a device, the oldest first.
    pub(crate) fn device_points(&self, device: &str) -> Result<Vec<DevicePoint>, Refusal> {
        let store = self.store();
        let points: VecDeque<_> = store.device(device).ok_or(Refusal::NoDevice)?.clone();
        let conduct = self.conduct();
        Ok(points.into_iter().map(|p| DevicePoint { value: conduct.tell(p.n, &p.value), ..p }).collect())
    }

    /// Whether the broker is to let this account in.
    pub(crate) fn admits(&self, user: &str, password: &str) -> bool {
        (user, password) == (&self.operator.0, &self.operator.1)
            || (self.store().device(user).is_some() && self.passwords.of(user) == password)
    }

    /// Takes in what was published on the broker: `{"seq": n, "value": x}` on `devices/ID/datapoints` is kept.
    pub(crate) fn take_in(&self, topic: &str, payload: &[u8]) {
        let Some(device) = topic.strip_prefix("devices/").and_then(|rest| rest.strip_suffix("/datapoints"))
        else {
            return;
        };
        let Payload { seq, value } = match serde_json::from_slice(payload) {
            Ok(payload) => payload,
            Err(error) => return tracing::debug!(device, %error, "a datapoint cannot be read"),
        };
        if !fits(&value) {
            return tracing::debug!(device, "{}", Refusal::BadValue);
        }
        let conduct = self.conduct();
        let lost =
            self.lost_over_mqtt.take(conduct.lost) || (seq > 1 && self.forgotten.take(conduct.forgetful));
        let mut store = self.store();
        if store.device(device).is_some() && !lost {
            self.commit(&mut store, Write::DevicePoint { device: device.to_owned(), seq, value });
        }
    }

    /// Takes in a write that has been replicated. It flows no further.
    pub(super) fn absorb(&self, write: Write) {
        self.store().apply(write);
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a change here and sends it on its way, both under the store's lock: the other side sees the same order.
    fn commit(&self, store: &mut Store, write: Write) {
        if let Some(outflow) = &self.outflow {
            outflow.push(write.clone());
        }
        store.apply(write);
    }
}

/// Whether a value is small enough to be kept.
fn fits(value: &Value) -> bool {
    match value {
        Value::Number(_) | Value::Bool(_) => true,
        Value::String(text) => text.len() <= 256,
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// The id, if it is the one whose session it is.
fn own(store: &Store, token: &str, id: &str) -> Result<String, Refusal> {
    match store.id_in(token) {
        None => Err(Refusal::NoSession),
        Some(user) if user == id => Ok(user.to_owned()),
        Some(_) => Err(Refusal::NotYours),
    }
}
