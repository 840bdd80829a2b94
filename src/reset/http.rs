//! The reset by HTTP: for devices that an API tells.

use std::sync::Mutex;
use std::sync::PoisonError;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cutover::{Route, Side};
use devices::{FleetPlan, Request};
use futures_util::future::join_all;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use probes::{Aim, HttpRequest, HttpSession, Timeouts};
use url::Url;

use super::Sender;
use crate::engine::USER_AGENT;

/// How many requests are under way at once: the API has users to serve.
const AT_ONCE: usize = 16;

impl Sender {
    /// Tells an API of the instruction `id` on one side, for each of the devices, or once where the request names none.
    /// Says how many requests were answered well.
    pub(super) async fn tell(
        &self,
        fleet: &FleetPlan,
        request: &Request,
        side: Side,
        id: &str,
        whom: Option<&[u32]>,
    ) -> Result<usize, String> {
        let urls = urls(fleet, request, whom)?;
        let (all, body) = (urls.len(), fleet.reset.instruction.write(id));
        let waiting = Mutex::new(urls.into_iter());
        let route = match side {
            Side::Old => Route::Old,
            Side::New => Route::New,
        };
        let aim = Aim::new(route, self.sides.clone(), self.pins.clone(), None);
        let worker = async || -> (usize, Option<String>) {
            let mut done = 0;
            let client = HttpSession::new(aim.clone(), &self.trust, Timeouts::default(), USER_AGENT);
            let mut client = match client {
                Ok(client) => client,
                Err(error) => return (0, Some(error.to_string())),
            };
            loop {
                let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some(url) = next else { return (done, None) };
                let mut asked = HttpRequest::new(request.method.clone(), url);
                asked.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                asked.headers.extend(self.authorization().map(|value| (AUTHORIZATION, value)));
                asked.body = body.clone().into();
                let trouble = match client.send(asked).await {
                    Ok(answer) if answer.status.is_success() => {
                        done += 1;
                        continue;
                    }
                    Ok(answer) => format!("answered with {}", answer.status),
                    Err(error) => error.to_string(),
                };
                // One that fails is likely not the only one: who is left would take its time to fail as well.
                waiting.lock().unwrap_or_else(PoisonError::into_inner).by_ref().for_each(drop);
                return (done, Some(trouble));
            }
        };
        let ended = join_all((0..AT_ONCE.min(all)).map(|_| worker())).await;
        let done = ended.iter().map(|(done, _)| done).sum();
        match ended.into_iter().find_map(|(_, trouble)| trouble) {
            Some(why) if all > 1 => Err(format!("{why}; {done} of {all} were told")),
            Some(why) => Err(why),
            None => Ok(done),
        }
    }

    /// RFC 7617: the operator's account.
    fn authorization(&self) -> Option<HeaderValue> {
        let account = self.account.as_ref()?;
        let pair = format!("{}:{}", account.username, account.password);
        let mut value = HeaderValue::try_from(format!("Basic {}", BASE64_STANDARD.encode(pair))).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// The URLs to ask: one for each device, or one for all.
fn urls(fleet: &FleetPlan, request: &Request, whom: Option<&[u32]>) -> Result<Vec<Url>, String> {
    let url = |device: &str| {
        let text = request.url.sample(&fleet.name, device);
        Url::parse(&text).map_err(|error| format!("`{text}` is no URL: {error}"))
    };
    if !request.url.has(devices::Slot::Device) {
        return match whom {
            None => Ok(vec![url("")?]),
            Some(_) => {
                Err("`reset: { http: .. }` names no {device}: it tells all of them or none".to_owned())
            }
        };
    }
    match whom {
        Some(indices) => indices.iter().map(|index| url(&fleet.device(*index))).collect(),
        None => (0..fleet.count).map(|index| url(&fleet.device(index))).collect(),
    }
}
