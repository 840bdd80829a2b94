//! A message over MQTT, published or awaited.

use bytes::Bytes;
use probes::MqttVersion;
use probes::mqtt::Qos;

use super::askable::{CONTENT, SIDE};
use super::target::target;
use super::{Askable, JsonTemplate, Trouble, Wanted};
use crate::answer::Answer;
use crate::grammar::Expectation;
use crate::session::{Address, Call, Session};
use crate::template::Template;
use crate::vars::{ScriptError, Vars};

/// What is done with a broker.
#[derive(Debug)]
pub(crate) struct MqttAction {
    pub(crate) deed: Deed,
    pub(crate) broker: Template,
    pub(crate) credentials: Option<(Template, Template)>,
    pub(crate) client_id: Option<Template>,
    pub(crate) version: MqttVersion,
    pub(crate) qos: Qos,
}

/// What is done.
#[derive(Debug)]
pub(crate) enum Deed {
    /// A message is sent, and with QoS 1 and 2 its acknowledgement waited for.
    Publish { topic: Template, payload: Payload, retain: bool },
    /// A message that matches the filter, and of which all of `wanted` holds, is waited for.
    Await { filter: Template, wanted: Vec<Expectation> },
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
            Deed::Publish { topic, payload, retain } => {
                let topic = call.vars.render(topic)?;
                let payload = Bytes::from(payload.text(call.vars)?);
                let link = session.mqtt(key, call).await?;
                link.publish(&topic, payload, self.qos, *retain, call.timeouts.wait).await
            }
            Deed::Await { filter, wanted } => {
                let filter = call.vars.render(filter)?;
                let wanted = Wanted::new(wanted, call.vars, call.route);
                let link = session.mqtt(key, call).await?;
                link.await_message(&filter, self.qos, &wanted, call.timeouts.wait).await
            }
        }
    }

    fn key(&self, call: &Call<'_>) -> Result<Address, Trouble> {
        let target = target(&self.broker, call.vars)?;
        let credentials = match &self.credentials {
            Some((username, password)) => Some((call.vars.render(username)?, call.vars.render(password)?)),
            None => None,
        };
        let client_id = self.client_id.as_ref().map(|template| call.vars.render(template)).transpose()?;
        Ok(Address { route: call.route, target, credentials, client_id, version: self.version })
    }

    pub(super) const fn askable(&self) -> Askable {
        match self.deed {
            Deed::Publish { .. } => Askable {
                described: "an `mqtt: publish` step",
                queries: &[&["duration", "certificate"], SIDE],
            },
            Deed::Await { .. } => Askable {
                described: "an `mqtt: await` step",
                queries: &[&["topic"], CONTENT, &["duration", "certificate"], SIDE],
            },
        }
    }
}

impl Payload {
    /// The message, with everything filled in.
    pub(super) fn text(&self, vars: &Vars) -> Result<String, ScriptError> {
        Ok(match self {
            Self::Text(template) => vars.render(template)?,
            Self::Json(template) => template.render(vars)?.to_string(),
        })
    }
}
