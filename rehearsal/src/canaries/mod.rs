//! Two real devices, by rumqttc's own client: they find their broker by DNS, say something twice a second, and when they
//! are told to reset they leave and look again.

mod canary;
mod lookup;

pub(crate) use canary::Canary;
