//! What a fleet is to be, as its user states it.

mod context;
mod error;
mod fleet;
mod http;
mod login;
mod mqtt;
mod reset;
mod scale;
mod verify;

pub use context::FleetContext;
pub use error::PlanError;
pub use fleet::{FleetPlan, Protocol};
pub use http::{HttpError, HttpPlan, Request};
pub use login::{Account, Accounts, AccountsError, Login};
pub use mqtt::{Identities, MqttPlan, SESSION_EXPIRY, Session, WillPlan};
pub use reset::ResetPlan;
pub use scale::{Process, Scale};
pub use verify::{ReadOn, VerifyError, VerifyPlan};
