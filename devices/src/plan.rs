//! What a fleet is to be, as its user states it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cutover::{Observation, Sides};
use probes::{MqttTarget, Pins, Resolver, Timeouts, Trust};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{Shares, TopicError, TopicPattern};

/// A fleet: devices of one kind.
#[derive(Debug, Clone)]
pub struct FleetPlan {
    /// The fleet's name; device `7` of the fleet `lamps` is `lamps-000007`.
    pub name: Arc<str>,
    /// How many devices there are.
    pub count: u32,
    /// How a device comes to its account on the broker.
    pub login: Login,
    /// The broker, by the name that the devices resolve.
    pub broker: MqttTarget,
    /// The time between two datapoints of a device; each is off by up to a tenth of it, so that no crowd forms.
    pub datapoint_every: Duration,
    /// MQTT's keep-alive: a whole number of seconds.
    pub keep_alive: Duration,
    /// Which share of the devices treats DNS in which way.
    pub shares: Shares,
    /// Where the devices listen for commands.
    pub commands: Vec<TopicPattern>,
    /// Where each device publishes its datapoints.
    pub datapoints: TopicPattern,
    /// A device without a session for longer than this is lost.
    pub grace: Duration,
    /// How many devices start per second.
    pub ramp: u32,
}

/// How a device comes to its account on the broker.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// It needs none.
    Anonymous,
    /// One account for all.
    Account(Account),
    /// Each device asks for its own: `POST {"device": NAME, "fleet": FLEET}` to this URL, answered by
    /// `{"username": .., "password": ..}` with 200 or 201.
    Register(Url),
}

/// A user of the broker.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Account {
    /// The user's name.
    pub username: String,
    /// The password; it is shown nowhere.
    pub password: String,
}

/// What all the devices of a fleet need from the process that they live in.
#[derive(Debug, Clone)]
pub struct FleetContext {
    /// The DNS server that the fleet asks.
    pub resolver: Resolver,
    /// Which address is on which side.
    pub sides: Arc<Sides>,
    /// Where the names that move are on each side, for what is read back there.
    pub pins: Arc<Pins>,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// How long each part of an exchange may take.
    pub timeouts: Timeouts,
    /// Where the fleet's tallies go. When it is full the fleet waits, and sums up what happens meanwhile.
    pub observations: mpsc::Sender<Observation>,
    /// Ends the fleet.
    pub cancel: CancellationToken,
    /// What the registration calls itself.
    pub user_agent: Arc<str>,
}

/// Why a plan is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The name cannot be part of a topic or of a client id.
    #[error("`{0}` is no fleet's name: it has 1 to 64 letters, digits, `-`, `_` or `.`")]
    Name(String),
    /// Too many devices for one process.
    #[error("a fleet of {0} devices: one process holds at most {MOST_DEVICES}")]
    Count(u32),
    /// A time is too short or too long.
    #[error("`{what}` is {given:?}: it must be from {least:?} to {most:?}")]
    Time {
        /// Which one.
        what: &'static str,
        /// What was given.
        given: Duration,
        /// The shortest allowed.
        least: Duration,
        /// The longest allowed.
        most: Duration,
    },
    /// No device would ever start.
    #[error("`ramp` is 0 per second: no device would ever start")]
    Ramp,
    /// The topic of the datapoints is none to publish on.
    #[error("datapoints: {0}")]
    Datapoints(#[from] TopicError),
    /// Too many command topics.
    #[error("{0} command topics: a device listens on at most {MOST_COMMANDS}")]
    Commands(usize),
}

/// The most devices in one process; the file limit is reached long before.
const MOST_DEVICES: u32 = 1_000_000;
/// The most command topics of a device.
const MOST_COMMANDS: usize = 8;
/// No time in a plan needs to be longer.
const DAY: Duration = Duration::from_secs(86_400);

impl FleetPlan {
    /// A fleet with the usual habits: anonymous, a datapoint each 30 s, everyone waiting for the reset on
    /// `fleets/{fleet}/commands` and `devices/{device}/commands`, 50 starts a second.
    ///
    /// # Errors
    /// Never for the usual topics; the error is [`check`](Self::check)'s.
    pub fn new(name: &str, count: u32, broker: MqttTarget) -> Result<Self, PlanError> {
        let plan = Self {
            name: name.into(),
            count,
            login: Login::Anonymous,
            broker,
            datapoint_every: Duration::from_secs(30),
            keep_alive: Duration::from_secs(60),
            shares: Shares::default(),
            commands: vec!["fleets/{fleet}/commands".parse()?, "devices/{device}/commands".parse()?],
            datapoints: "devices/{device}/datapoints".parse()?,
            grace: Duration::from_secs(30),
            ramp: 50,
        };
        plan.check()?;
        Ok(plan)
    }

    /// Whether a fleet can live by this plan.
    ///
    /// # Errors
    /// Says which setting is wrong, and what it may be.
    pub fn check(&self) -> Result<(), PlanError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if !(1..=64).contains(&self.name.len()) || !self.name.chars().all(plain) {
            return Err(PlanError::Name(self.name.chars().take(80).collect()));
        }
        if self.count > MOST_DEVICES {
            return Err(PlanError::Count(self.count));
        }
        if self.ramp == 0 {
            return Err(PlanError::Ramp);
        }
        if self.commands.len() > MOST_COMMANDS {
            return Err(PlanError::Commands(self.commands.len()));
        }
        self.datapoints.clone().single()?;
        let time = |what, given, least: Duration, most: Duration| {
            let fits = (least..=most).contains(&given);
            if fits { Ok(()) } else { Err(PlanError::Time { what, given, least, most }) }
        };
        time("datapoint-every", self.datapoint_every, Duration::from_millis(10), DAY)?;
        // MQTT 3.1.1, section 3.1.2.10: two bytes of seconds; zero would switch it off.
        time("keep-alive", self.keep_alive, Duration::from_secs(1), Duration::from_secs(65_535))?;
        time("grace", self.grace, Duration::from_secs(1), DAY)
    }

    /// The name of the device with this index.
    pub fn device(&self, index: u32) -> String {
        format!("{}-{index:06}", self.name)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("Anonymous"),
            Self::Account(account) => account.fmt(f),
            Self::Register(url) => write!(f, "Register({url})"),
        }
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({})", self.username)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn plan() -> FleetPlan {
        FleetPlan::new("lamps", 3, "mqtt://mqtt.acme.example:1883".parse().unwrap()).unwrap()
    }

    fn refused(change: impl FnOnce(&mut FleetPlan)) -> String {
        let mut plan = plan();
        change(&mut plan);
        plan.check().unwrap_err().to_string()
    }

    #[test]
    fn what_no_fleet_can_live_by_is_refused_with_the_way_out() {
        assert_eq!(plan().device(7), "lamps-000007");
        let name = "`a/b` is no fleet's name: it has 1 to 64 letters, digits, `-`, `_` or `.`";
        assert_eq!(refused(|plan| plan.name = "a/b".into()), name);
        assert_eq!(refused(|plan| plan.ramp = 0), "`ramp` is 0 per second: no device would ever start");
        let time = "`keep-alive` is 100ms: it must be from 1s to 65535s";
        assert_eq!(refused(|plan| plan.keep_alive = Duration::from_millis(100)), time);
        assert!(
            refused(|plan| plan.datapoint_every = Duration::ZERO).starts_with("`datapoint-every` is 0ns")
        );
        let count = "a fleet of 4294967295 devices: one process holds at most 1000000";
        assert_eq!(refused(|plan| plan.count = u32::MAX), count);
        let wide = "datapoints: `d/+` has a wildcard: datapoints are published on one topic";
        assert_eq!(refused(|plan| plan.datapoints = "d/+".parse().unwrap()), wide);
    }

    #[test]
    fn a_password_is_shown_nowhere() {
        let account = Account { username: "lamp".into(), password: "secret".into() };
        assert_eq!(format!("{:?}", Login::Account(account)), "Account(lamp)");
    }
}
