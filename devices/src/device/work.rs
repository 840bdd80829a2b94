//! What takes a device's time while its sessions go on: registering, asking DNS, opening a session.
//!
//! Each is a boxed future that lives as long as the work does: a device at rest pays nothing for it.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use cutover::Side;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use probes::mqtt::Qos;
use probes::{HttpRequest, HttpSession, MqttOptions, MqttSession, ProbeError, Resolution};
use url::Url;

use crate::fleet::Fleet;
use crate::plan::Account;

/// Work under way.
pub(crate) type Work = Pin<Box<dyn Future<Output = Done> + Send>>;

/// Work that is done.
pub(crate) enum Done {
    /// The registration, and the side that was reached.
    Registered(Result<Account, String>, Option<Side>),
    /// The answer of DNS.
    Resolved(Result<Resolution, ProbeError>),
    /// A session at an address, subscribed to the commands.
    Opened(Place, IpAddr, Result<Box<MqttSession>, ProbeError>),
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
                    StatusCode::OK | StatusCode::CREATED => serde_json::from_slice(&response.body)
                        .map_err(|error| format!("the registration's answer is no account: {error}")),
                    status => Err(format!("the registration was answered with {status}")),
                };
                Done::Registered(account, response.reached.side())
            }
            Err(error) => Done::Registered(Err(error.to_string()), fleet.blame(&error)),
        }
    })
}

/// Asks DNS for the broker.
pub(crate) fn resolve(fleet: Arc<Fleet>) -> Work {
    Box::pin(async move { Done::Resolved(fleet.aim.resolve(&fleet.plan.broker.host).await) })
}

/// Opens a session at `address` and subscribes to the commands.
pub(crate) fn open(
    fleet: Arc<Fleet>,
    index: u32,
    account: Option<Account>,
    place: Place,
    address: IpAddr,
) -> Work {
    Box::pin(async move {
        let session = subscribed(&fleet, index, account, address).await;
        Done::Opened(place, address, session.map(Box::new))
    })
}

async fn subscribed(
    fleet: &Fleet,
    index: u32,
    account: Option<Account>,
    address: IpAddr,
) -> Result<MqttSession, ProbeError> {
    let (plan, context) = (&fleet.plan, &fleet.context);
    let device = plan.device(index);
    let mut options = MqttOptions::new(&device);
    options.keep_alive = plan.keep_alive;
    options.credentials = account.map(|account| (account.username, account.password));
    let at = SocketAddr::new(address, plan.broker.port);
    let (mut session, _) =
        MqttSession::open(at, &plan.broker, &options, &context.trust, &context.timeouts).await?;
    for filter in &plan.commands {
        session.subscribe(&filter.fill(&plan.name, &device), Qos::AtLeastOnce).await?;
    }
    Ok(session)
}
