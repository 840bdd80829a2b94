//! One fleet.

use devices::FleetPlan;
use document::{Fields, Key, Node, Source};
use probes::MqttTarget;

use super::{Around, login, personality, talk};
use crate::config::values::{count, duration, parsed};

const EXAMPLE: &str = r#"{ count: 200, broker: "mqtts://mqtt.acme.example" }"#;

/// Reads it. What is wrong is told with its own place, and leaves the plan as it was: the file is refused anyway.
pub(super) fn one(key: &Key, node: &Node, around: Around<'_>, source: &mut Source<'_>) -> Option<FleetPlan> {
    let mut fields = Fields::like(node, "a fleet", EXAMPLE, source)?;
    let mut plan = named(key, source)?;
    if let Some(node) = fields.require("count", source) {
        let devices = count(node, source).unwrap_or(plan.count);
        if devices == 0 {
            source.complain(node.place(), "a fleet without devices shows nothing", None);
        }
        set(&mut plan, node, source, |plan| plan.count = devices);
    }
    if let Some(node) = fields.require("broker", source) {
        plan.broker = talk::broker(node, around.names, source).unwrap_or(plan.broker);
    }
    let (register, account) = (fields.take("register"), fields.take("account"));
    plan.login = login::read(register, account, around, source);
    for (name, field) in [
        ("datapoint-every", (|plan| &mut plan.datapoint_every) as fn(&mut FleetPlan) -> &mut _),
        ("keep-alive", |plan| &mut plan.keep_alive),
        ("grace", |plan| &mut plan.grace),
    ] {
        let Some(node) = fields.take(name) else { continue };
        if let Some(value) = duration(node, source) {
            set(&mut plan, node, source, |plan| *field(plan) = value);
        }
    }
    if let Some(node) = fields.take("ramp") {
        let value = count(node, source).unwrap_or(plan.ramp);
        set(&mut plan, node, source, |plan| plan.ramp = value);
    }
    if let Some(node) = fields.take("commands") {
        let topics = talk::commands(node, source);
        set(&mut plan, node, source, |plan| plan.commands = topics);
    }
    if let Some(node) = fields.take("datapoints")
        && let Some(topic) = parsed(node, source)
    {
        set(&mut plan, node, source, |plan| plan.datapoints = topic);
    }
    if let Some(shares) = fields.take("personality").and_then(|node| personality::read(node, source)) {
        plan.shares = shares;
    }
    fields.finish(source);
    Some(plan)
}

/// A plan of that name with the usual habits; what must be stated is a stand-in as yet.
fn named(key: &Key, source: &mut Source<'_>) -> Option<FleetPlan> {
    let nowhere = || MqttTarget::plain("localhost", 1883);
    match FleetPlan::new(&key.name, 1, nowhere()) {
        Ok(plan) => Some(plan),
        Err(error) => {
            source.complain(key.place, error.to_string(), None);
            FleetPlan::new("unnamed", 1, nowhere()).ok()
        }
    }
}

/// Makes a change to the plan if a fleet can live by it, else says why not.
fn set(plan: &mut FleetPlan, node: &Node, source: &mut Source<'_>, change: impl FnOnce(&mut FleetPlan)) {
    let mut changed = plan.clone();
    change(&mut changed);
    match changed.check() {
        Ok(()) => *plan = changed,
        Err(error) => source.complain(node.place(), error.to_string(), None),
    }
}
