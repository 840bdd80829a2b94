//! A message over MQTT, published or awaited.

use bytes::Bytes;
use probes::MqttTarget;
use probes::mqtt::Qos;

use super::{JsonTemplate, Trouble};
use crate::answer::Answer;
use crate::session::{Address, Call, Session};
use crate::template::Template;
use crate::vars::Vars;

/// What is done with a broker.
#[derive(Debug)]
pub(crate) struct MqttAction {
    pub(crate) deed: Deed,
    pub(crate) broker: Template,
    pub(crate) credentials: Option<(Template, Template)>,
    pub(crate) client_id: Option<Template>,
}

/// What is done.
#[derive(Debug)]
pub(crate) enum Deed {
    /// A message is sent, and with QoS 1 its acknowledgement waited for.
    Publish { topic: Template, payload: Payload, qos: u8, retain: bool },
    /// A message that matches the filter is waited for.
    Await { filter: Template },
}

/// What a message carries.
#[derive(Debug)]
pub(crate) enum Payload {
    Text(Template),
    Json(JsonTemplate),
}

impl MqttAction {
    pub(super) async fn perform(
        &self,
        session: &mut Session<'_>,
        call: &Call<'_>,
    ) -> Result<Answer, Trouble> {
        let key = self.key(call)?;
        // Rendered before anything is connected: what is wrong with the script is no business of the broker's.
        match &self.deed {
            Deed::Publish { topic, payload, qos, retain } => {
                let topic = call.vars.render(topic)?;
                let payload = payload.render(call.vars)?;
                let qos = if *qos == 0 { Qos::AtMostOnce } else { Qos::AtLeastOnce };
                let link = session.mqtt(key, call).await?;
                link.publish(&topic, payload, qos, *retain, call.timeouts.wait).await
            }
            Deed::Await { filter } => {
                let filter = call.vars.render(filter)?;
                session.mqtt(key, call).await?.await_message(&filter, call.timeouts.wait).await
            }
        }
    }

    fn key(&self, call: &Call<'_>) -> Result<Address, Trouble> {
        let broker = call.vars.render(&self.broker)?;
        let target = broker.parse::<MqttTarget>().map_err(|error| Trouble::script(error.to_string()))?;
        let credentials = match &self.credentials {
            Some((username, password)) => Some((call.vars.render(username)?, call.vars.render(password)?)),
            None => None,
        };
        let client_id = self.client_id.as_ref().map(|template| call.vars.render(template)).transpose()?;
        Ok(Address { route: call.route, target, credentials, client_id })
    }

    pub(super) const fn answers(&self) -> &'static [&'static str] {
        match self.deed {
            Deed::Publish { .. } => &["duration", "reached", "answered"],
            Deed::Await { .. } => {
                &["topic", "body", "json", "regex", "bytes", "sha256", "duration", "reached", "answered"]
            }
        }
    }

    pub(super) const fn described(&self) -> &'static str {
        match self.deed {
            Deed::Publish { .. } => "an `mqtt: publish` step",
            Deed::Await { .. } => "an `mqtt: await` step",
        }
    }
}

impl Payload {
    fn render(&self, vars: &Vars) -> Result<Bytes, Trouble> {
        Ok(match self {
            Self::Text(template) => vars.render(template)?.into(),
            Self::Json(template) => template.render(vars)?.to_string().into(),
        })
    }
}
