//! One fleet.

use devices::{FleetPlan, Login, Protocol};
use document::{Diagnostic, Fields, Key, Node, Source};
use probes::MqttTarget;

use super::{Around, data, http, login, mqtt, personality, reset, scale, verify};
use crate::config::values::{count, duration, share};

const EXAMPLE: &str = r#"{ count: 200, broker: "mqtts://mqtt.acme.example" }"#;

/// Reads it. What is wrong is told with its own place, and leaves the plan as it was: the file is refused anyway.
pub(super) fn one(
    key: &Key,
    node: &Node,
    around: Around<'_>,
    elsewhere: &mut Vec<Diagnostic>,
    source: &mut Source<'_>,
) -> Option<FleetPlan> {
    let mut fields = Fields::like(node, "a fleet", EXAMPLE, source)?;
    let mut plan = named(key, source)?;
    let keys = login::Keys {
        register: fields.take("register"),
        account: fields.take("account"),
        credentials: fields.take("credentials"),
    };
    let login = login::read(&keys, around, elsewhere, source);
    // The accounts say how many devices there are; a count may say that not all of them are meant.
    let counted = match &login {
        Login::Listed(accounts) => {
            plan.count = u32::try_from(accounts.len()).unwrap_or(u32::MAX);
            fields.take("count")
        }
        _ if keys.credentials.is_some() => fields.take("count"),
        _ => fields.require("count"),
    };
    plan.login = login;
    if let Some(node) = counted {
        let devices = count(node, source).unwrap_or(plan.count);
        if devices == 0 {
            source.complain(node.place(), "a fleet without devices shows nothing", None);
        }
        set(&mut plan, node, source, |plan| plan.count = devices);
    }
    if let Some(protocol) = protocol(&mut fields, &plan, around, source) {
        plan.protocol = protocol;
    }
    for (name, field) in [
        ("datapoint-every", (|plan| &mut plan.datapoint_every) as fn(&mut FleetPlan) -> &mut _),
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
    if let Some(node) = fields.take("jitter")
        && let Some(value) = share(node, source)
    {
        set(&mut plan, node, source, |plan| plan.jitter = value);
    }
    if let Some(node) = fields.take("datapoint")
        && let Some(value) = data::generator(node, around.base, elsewhere, source)
    {
        plan.generator = value;
    }
    if let Some(node) = fields.take("payload")
        && let Some(value) = data::payload(node, source)
    {
        plan.payload = value;
    }
    if let Some(node) = fields.take("verify")
        && let Some(value) = verify::read(node, around.base, around.names, source)
    {
        set(&mut plan, node, source, |plan| plan.verify = Some(value));
    }
    plan.scale = scale::read(&mut fields, source);
    if let Some(read) = fields.take("personality").and_then(|node| personality::read(node, source)) {
        (plan.shares, plan.scale.delays) = read;
    }
    if let Some(reset) = fields.take("reset").and_then(|node| reset::read(node, around.names, source)) {
        plan.reset = reset;
    }
    fields.finish(source);
    Some(plan)
}

/// A broker or an API; each has its own keys.
fn protocol(
    fields: &mut Fields<'_>,
    plan: &FleetPlan,
    around: Around<'_>,
    source: &mut Source<'_>,
) -> Option<Protocol> {
    let (api, poll, post) = (fields.take("api"), fields.take("poll"), fields.take("post"));
    let Some(api) = api else {
        for (key, node) in [("poll", poll), ("post", post)] {
            let Some(node) = node else { continue };
            let message =
                format!("`{key}` is for devices that talk with an `api`, and these talk with a broker");
            source.complain(node.place(), message, None);
        }
        let broker = fields.require("broker");
        let keys = mqtt::take(fields);
        return mqtt::read(broker?, &keys, around.base, around.names, source).map(Protocol::Mqtt);
    };
    let broker = fields.take("broker").map(|node| ("broker", node));
    for (key, node) in broker.into_iter().chain(mqtt::take(fields)) {
        let message = format!("`{key}` is for devices that talk with a broker, and these talk with an `api`");
        source.complain(node.place(), message, None);
    }
    http::read(&http::Keys { api, poll, post }, &plan.name, around.names, source).map(Protocol::Http)
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
