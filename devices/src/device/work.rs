//! What takes a device's time while its sessions go on: registering, asking DNS, opening a session.
//!
//! Each is a boxed future that lives as long as the work does: a device at rest pays nothing for it.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cutover::{AbortCause, Side};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use probes::mqtt::{Qos, Will};
use probes::{HttpRequest, HttpSession, MqttOptions, MqttSession, ProbeError, Resolution, Trust};
use tokio::time::sleep;
use url::Url;

use super::line::Line;
use super::trouble;
use crate::data::Fill;
use crate::fleet::Fleet;
use crate::http::HttpLine;
use crate::identity;
use crate::pass::Pass;
use crate::plan::{FleetPlan, MqttPlan, Protocol, Session};

/// Work under way.
pub(crate) type Work = Pin<Box<dyn Future<Output = Done> + Send>>;

/// Work that is done.
pub(crate) enum Done {
    /// The registration, and the side that was reached.
    Registered(Result<Pass, String>, Option<Side>),
    /// The answer of DNS.
    Resolved(Result<Resolution, ProbeError>),
    /// A session at an address, listening for commands, and the certificate that the device showed.
    Opened(Place, IpAddr, Result<(Line, Option<Trust>), ProbeError>),
}

/// Which of a device's two sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Where DNS says.
    Main,
    /// The one that a split device keeps beside it.
    Beside,
}

/// An account is two short strings.
const ANSWER: usize = 4096;

/// Asks for the device's account.
pub(crate) fn register(fleet: Arc<Fleet>, index: u32, url: Url) -> Work {
    Box::pin(async move {
        // The semaphore is never closed; were it, the limit would be gone and not the registration.
        let _turn = fleet.registrations.acquire().await;
        let context = &fleet.context;
        let session =
            HttpSession::new(fleet.aim.clone(), &context.trust, context.timeouts, &context.user_agent);
        let mut session = match session {
            Ok(session) => session,
            Err(error) => return Done::Registered(Err(error.message), None),
        };
        let body = serde_json::json!({"device": fleet.plan.device(index), "fleet": &*fleet.plan.name});
        let mut request = HttpRequest::new(Method::POST, url);
        request.headers =
            HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        request.body = Bytes::from(body.to_string());
        request.keep = ANSWER;
        match session.send(request).await {
            Ok(response) => {
                let account = match response.status {
                    StatusCode::OK | StatusCode::CREATED => Pass::read(&response.body),
                    status => Err(format!("the registration was answered with {status}")),
                };
                Done::Registered(account, response.reached.side())
            }
            Err(error) => Done::Registered(Err(error.to_string()), fleet.blame(&error)),
        }
    })
}

/// Asks DNS for the broker.
pub(crate) fn resolve(fleet: Arc<Fleet>, index: u32) -> Work {
    Box::pin(async move {
        let _turn = fleet.opening(index).await;
        Done::Resolved(fleet.aim.resolve(fleet.plan.host()).await)
    })
}

/// The session that is to be opened.
pub(crate) struct Opening {
    /// The device.
    pub(crate) index: u32,
    /// With what it shows that it may come in.
    pub(crate) pass: Option<Pass>,
    /// The fleet's trust with the device's own certificate, if it has one already.
    pub(crate) identity: Option<Trust>,
    /// For which of its sessions.
    pub(crate) place: Place,
    /// Where.
    pub(crate) address: IpAddr,
    /// How long the device takes before it begins.
    pub(crate) wait: Duration,
    /// Whether the broker there has its session, as far as it knows.
    pub(crate) known: bool,
}

/// Opens a session in which the device listens for commands.
pub(crate) fn open(fleet: Arc<Fleet>, opening: Opening) -> Work {
    Box::pin(async move {
        let (place, address) = (opening.place, opening.address);
        if !opening.wait.is_zero() {
            sleep(opening.wait).await;
        }
        let _turn = fleet.may_connect(opening.index).await;
        let line = match &fleet.plan.protocol {
            Protocol::Mqtt(mqtt) => subscribed(&fleet, mqtt, opening).await,
            Protocol::Http(http) => {
                let authorization = opening.pass.as_ref().and_then(Pass::authorization);
                let line =
                    HttpLine::open(Arc::clone(&fleet), http, opening.index, authorization, address).await;
                line.map(|line| (Line::Http(Box::new(line)), None))
            }
        };
        Done::Opened(place, address, line)
    })
}

async fn subscribed(
    fleet: &Fleet,
    mqtt: &MqttPlan,
    opening: Opening,
) -> Result<(Line, Option<Trust>), ProbeError> {
    let (plan, context) = (&fleet.plan, &fleet.context);
    let device = plan.device(opening.index);
    let own = match opening.identity {
        Some(own) => Some(own),
        None => {
            let made = identity::trust(&mqtt.identities, &device, &context.trust).await;
            // Its certificate is missing or broken on this machine: neither side is to blame.
            made.map_err(|error| trouble::own(AbortCause::Local, error.to_string()))?
        }
    };
    let mut options = introduction(plan, mqtt, &device, opening.pass);
    options.source = fleet.source(opening.index, opening.address);
    let at = SocketAddr::new(opening.address, mqtt.broker.port);
    let trust = own.as_ref().unwrap_or(&context.trust);
    let (mut session, _) = MqttSession::open(at, &mqtt.broker, &options, trust, &context.timeouts).await?;
    // A broker that kept the session kept its subscriptions (MQTT 3.1.1 section 3.1.2.4); to what an earlier process
    // subscribed nobody knows here. Subscribed anew, the device hears what is retained once more, as it does at its first
    // connection in a clean session.
    if !(session.resumed() && opening.known) {
        for filter in &mqtt.commands {
            session
                .subscribe(&filter.fill(&plan.name, &options.client_id), mqtt.qos.max(Qos::AtLeastOnce))
                .await?;
        }
    }
    Ok((Line::Mqtt(Box::new(session)), own))
}

/// How a device introduces itself to its broker.
fn introduction(plan: &FleetPlan, mqtt: &MqttPlan, device: &str, pass: Option<Pass>) -> MqttOptions {
    let will = mqtt.will.as_ref().map(|will| Will {
        topic: will.topic.fill(&plan.name, device),
        payload: will.payload.fill(Fill { device, fleet: &plan.name, reading: None }).into(),
        qos: will.qos,
        retain: will.retain,
    });
    let mut options = MqttOptions::new(device);
    options.credentials = pass.map(|pass| pass.credentials(device));
    options.keep_alive = mqtt.keep_alive;
    options.version = mqtt.version;
    options.will = will;
    if let Session::Persistent(expiry) = mqtt.session {
        options.clean_session = false;
        options.session_expiry = expiry;
    }
    options
}
