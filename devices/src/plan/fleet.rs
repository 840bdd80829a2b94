//! A fleet.

use std::sync::Arc;
use std::time::Duration;

use probes::MqttTarget;

use super::error::{MOST_COMMANDS, MOST_DEVICES};
use super::{HttpPlan, Login, MqttPlan, PlanError, ResetPlan, Scale, VerifyPlan};
use crate::{Generator, Shares, Slot, Template, TemplateError};

/// A fleet: devices of one kind.
#[derive(Debug, Clone)]
pub struct FleetPlan {
    /// The fleet's name; device `7` of the fleet `lamps` is `lamps-000007`.
    pub name: Arc<str>,
    /// How many devices there are.
    pub count: u32,
    /// With whom they talk, and how.
    pub protocol: Protocol,
    /// How a device comes to its account.
    pub login: Login,
    /// The time between two datapoints of a device.
    pub datapoint_every: Duration,
    /// By how much of it (0 to 1) each such time is off, up or down, so that no crowd forms.
    pub jitter: f64,
    /// Where the values of the datapoints come from.
    pub generator: Generator,
    /// How a datapoint is written.
    pub payload: Template,
    /// Which share of the devices treats DNS in which way.
    pub shares: Shares,
    /// A device without a session for longer than this is lost.
    pub grace: Duration,
    /// How many devices start per second.
    pub ramp: u32,
    /// What of the datapoints is read back.
    pub verify: Option<VerifyPlan>,
    /// How it is spread over time and addresses.
    pub scale: Scale,
    /// How it is told to reset.
    pub reset: ResetPlan,
}

/// With whom the devices talk, and how.
#[derive(Debug, Clone)]
pub enum Protocol {
    /// With a broker.
    Mqtt(MqttPlan),
    /// With an HTTP API.
    Http(HttpPlan),
}

/// What a datapoint is written as if nobody says otherwise.
const PAYLOAD: &str = r#"{"seq":{seq},"value":{value}}"#;
/// No time in a plan needs to be longer.
pub(super) const DAY: Duration = Duration::from_secs(86_400);

impl FleetPlan {
    /// A fleet with the usual habits: anonymous at the broker, a datapoint each 30 s, 50 starts a second, everyone
    /// waiting for the reset.
    ///
    /// # Errors
    /// When the name is none; the error is [`check`](Self::check)'s.
    pub fn new(name: &str, count: u32, broker: MqttTarget) -> Result<Self, PlanError> {
        let plan = Self {
            name: name.into(),
            count,
            protocol: Protocol::Mqtt(MqttPlan::new(broker)?),
            login: Login::Anonymous,
            datapoint_every: Duration::from_secs(30),
            jitter: 0.1,
            generator: Generator::default(),
            payload: Self::payload(PAYLOAD).unwrap_or_else(|_| unreachable!("its test fills it in")),
            shares: Shares::default(),
            grace: Duration::from_secs(30),
            ramp: 50,
            verify: None,
            scale: Scale::default(),
            reset: ResetPlan::default(),
        };
        plan.check()?;
        Ok(plan)
    }

    /// Reads how a datapoint is to be written.
    ///
    /// # Errors
    /// When the text has a placeholder that means nothing there.
    pub fn payload(text: &str) -> Result<Template, TemplateError> {
        Template::new(text, &Slot::ALL)
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
        if let Login::Listed(accounts) = &self.login
            && accounts.len() < self.count as usize
        {
            return Err(PlanError::Accounts { count: self.count, accounts: accounts.len() });
        }
        if self.ramp == 0 {
            return Err(PlanError::Ramp);
        }
        if !(0.0..1.0).contains(&self.jitter) {
            return Err(PlanError::Jitter);
        }
        self.generator.check()?;
        time("datapoint-every", self.datapoint_every, Duration::from_millis(10), DAY)?;
        time("grace", self.grace, Duration::from_secs(1), DAY)?;
        match &self.protocol {
            Protocol::Mqtt(mqtt) => mqtt.check()?,
            Protocol::Http(http) => http.check(&self.name, &self.device(0))?,
        }
        self.verify.iter().try_for_each(|verify| verify.check(&self.name, &self.device(0)))?;
        Ok(())
    }

    /// The name of the device with this index.
    pub fn device(&self, index: u32) -> String {
        let listed = match &self.login {
            Login::Listed(accounts) => accounts.device(index),
            Login::Anonymous | Login::Account(_) | Login::Register(_) => None,
        };
        listed.map_or_else(|| format!("{}-{index:06}", self.name), str::to_owned)
    }

    /// What is to be known of its broker, if its devices talk with one.
    pub const fn mqtt(&self) -> Option<&MqttPlan> {
        match &self.protocol {
            Protocol::Mqtt(mqtt) => Some(mqtt),
            Protocol::Http(_) => None,
        }
    }

    /// What is to be known of its API, if its devices talk with one.
    pub const fn http(&self) -> Option<&HttpPlan> {
        match &self.protocol {
            Protocol::Http(http) => Some(http),
            Protocol::Mqtt(_) => None,
        }
    }

    /// What is to be known of its broker, to be changed.
    pub const fn mqtt_mut(&mut self) -> Option<&mut MqttPlan> {
        match &mut self.protocol {
            Protocol::Mqtt(mqtt) => Some(mqtt),
            Protocol::Http(_) => None,
        }
    }

    /// The host that the devices resolve.
    pub fn host(&self) -> &str {
        match &self.protocol {
            Protocol::Mqtt(mqtt) => &mqtt.broker.host,
            Protocol::Http(http) => http.host(),
        }
    }
}

/// Whether a time is neither too short nor too long.
pub(super) fn time(
    what: &'static str,
    given: Duration,
    least: Duration,
    most: Duration,
) -> Result<(), PlanError> {
    let fits = (least..=most).contains(&given);
    if fits { Ok(()) } else { Err(PlanError::Time { what, given, least, most }) }
}

/// Whether a device can listen on so many topics.
pub(super) fn listens(commands: usize) -> Result<(), PlanError> {
    if commands > MOST_COMMANDS { Err(PlanError::Commands(commands)) } else { Ok(()) }
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
        assert_eq!(plan().payload.sample("lamps", "lamps-000007"), r#"{"seq":1,"value":1}"#);
        let name = "`a/b` is no fleet's name: it has 1 to 64 letters, digits, `-`, `_` or `.`";
        assert_eq!(refused(|plan| plan.name = "a/b".into()), name);
        assert_eq!(refused(|plan| plan.ramp = 0), "`ramp` is 0 per second: no device would ever start");
        assert_eq!(refused(|plan| plan.jitter = 1.0), "`jitter` must be below 100 %");
        let time = "`keep-alive` is 100ms: it must be from 1s to 65535s";
        let short = |plan: &mut FleetPlan| plan.mqtt_mut().unwrap().keep_alive = Duration::from_millis(100);
        assert_eq!(refused(short), time);
        assert!(
            refused(|plan| plan.datapoint_every = Duration::ZERO).starts_with("`datapoint-every` is 0ns")
        );
        let count = "a fleet of 4294967295 devices: one process holds at most 1000000";
        assert_eq!(refused(|plan| plan.count = u32::MAX), count);
        let wide = "datapoints: `d/+` has a wildcard: nothing is published on those";
        let many = |plan: &mut FleetPlan| plan.mqtt_mut().unwrap().datapoints = "d/+".parse().unwrap();
        assert_eq!(refused(many), wide);
        let nothing = "datapoint: there is no value to replay";
        assert_eq!(refused(|plan| plan.generator = Generator::Replay([].into())), nothing);
    }
}
