//! The reset by HTTP: for devices that an API tells.

use std::sync::Mutex;
use std::sync::PoisonError;

use cutover::{Route, Side};
use devices::{FleetPlan, Request};
use futures_util::future::join_all;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use probes::{Aim, HttpRequest, HttpSession, Timeouts, basic};
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
        let mut value = HeaderValue::try_from(basic(&account.username, &account.password)).ok()?;
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use cutover::Sides;
    use probes::{Pins, Trust};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// The requests' lines until the listener is dropped; the device `refused` is not told.
    async fn serve(listener: &TcpListener, requests: usize) -> BTreeSet<String> {
        let mut lines = BTreeSet::new();
        while lines.len() < requests {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut read = vec![0; 4096];
            let length = stream.read(&mut read).await.unwrap();
            let text = String::from_utf8_lossy(&read[..length]).into_owned();
            let basic = BASE64_STANDARD.encode("operator:p");
            assert!(text.contains(&format!("Basic {basic}")) && text.contains("application/json"), "{text}");
            lines.insert(text.lines().next().unwrap().to_owned());
            let status = if text.contains("lamps-000004") { "503 Busy" } else { "204 Told" };
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        lines
    }

    #[tokio::test]
    async fn an_api_is_told_of_each_device_and_how_far_it_came_is_said() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let net = |text: &str| vec![text.parse().unwrap()];
        let mut pins = Pins::default();
        pins.pin(Side::Old, "api.acme.example", [127, 0, 0, 1].into());
        let sender = Sender {
            pins: Arc::new(pins),
            sides: Arc::new(Sides::new(net("127.0.0.1/32"), net("127.0.0.2/32")).unwrap()),
            trust: Trust::new(&[]).unwrap(),
            account: Some(devices::Account { username: "operator".to_owned(), password: "p".to_owned() }),
        };
        let fleet = FleetPlan::new("lamps", 5, "mqtt://mqtt.acme.example".parse().unwrap()).unwrap();
        let request =
            |path: &str| format!("POST http://api.acme.example:{port}/{path}").parse::<Request>().unwrap();
        let each = request("{device}/commands");
        let told = sender.tell(&fleet, &each, Side::Old, "go", Some(&[0, 3]));
        let (told, lines) = tokio::join!(told, serve(&listener, 2));
        assert_eq!(told, Ok(2));
        let expected = [0, 3].map(|index| format!("POST /lamps-{index:06}/commands HTTP/1.1"));
        assert_eq!(lines, BTreeSet::from(expected));

        let one = sender.tell(&fleet, &each, Side::Old, "go", Some(&[4]));
        let (refused, _) = tokio::join!(one, serve(&listener, 1));
        assert_eq!(refused.unwrap_err(), "answered with 503 Service Unavailable");
        let all = request("commands");
        let (told, _) = tokio::join!(sender.tell(&fleet, &all, Side::Old, "go", None), serve(&listener, 1));
        assert_eq!(told, Ok(1));
        let some = sender.tell(&fleet, &all, Side::Old, "go", Some(&[1])).await;
        assert!(some.unwrap_err().contains("names no {device}"));
    }
}
