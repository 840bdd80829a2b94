//! The keys of an MQTT step.

use super::Loader;
use crate::action::{Askable, CONTENT, Deed, MqttAction, Payload};
use crate::template::Template;
use document::did_you_mean;
use document::{Fields, Kind, Node};
use probes::MqttVersion;
use probes::mqtt::Qos;

impl Loader<'_> {
    /// `mqtt: publish TOPIC` or `mqtt: await FILTER`, with `broker` and, for a publish, `json` or `text`.
    pub(crate) fn mqtt(&mut self, node: &Node, fields: &mut Fields<'_>) -> Option<MqttAction> {
        fields.call("an `mqtt` step");
        let broker = fields.require("broker").and_then(|node| self.broker(node));
        let credentials = fields.take("credentials").map(|node| self.credentials(node));
        let client_id = fields.take("client-id").map(|node| self.template(node));
        let version =
            fields.take("protocol").map_or(Some(MqttVersion::default()), |node| self.protocol(node));
        let qos = fields.take("qos").map_or(Some(Qos::AtLeastOnce), |node| self.qos(node));
        let deed = self.deed(node, fields);
        Some(MqttAction {
            deed: deed?,
            broker: broker?,
            credentials: credentials.map_or(Some(None), |given| given.map(Some))?,
            client_id: client_id.map_or(Some(None), |given| given.map(Some))?,
            version: version?,
            qos: qos?,
        })
    }

    fn deed(&mut self, node: &Node, fields: &mut Fields<'_>) -> Option<Deed> {
        let text = node.text(&mut self.source)?;
        let (word, topic) = text.split_once(char::is_whitespace).unwrap_or((&text, ""));
        let at = text[..text.len() - topic.trim_start().len()].chars().count();
        let topic = topic.trim();
        if !matches!(word, "publish" | "await") {
            let place = node.within(&self.source, 0, word.chars().count());
            let message = format!("`{word}` is nothing that an `mqtt` step does");
            self.source.complain(place, message, Some(did_you_mean(word, ["publish", "await"])));
            // Which of these belong here is not known.
            for name in ["json", "text", "retain", "where"] {
                fields.take(name);
            }
            return None;
        }
        let fault = topic_fault(topic, word == "await");
        if let Some(fault) = fault {
            let place = node.within(&self.source, at, topic.chars().count());
            self.source.complain(place, fault, None);
        }
        let template = self.template_at(node, at, topic);
        let deed = if word == "publish" {
            fields.call("an `mqtt: publish` step");
            fields.refuse("where", "`where` goes with `mqtt: await`", &mut self.source);
            self.publish(template, fields)
        } else {
            fields.call("an `mqtt: await` step");
            for name in ["json", "text", "retain"] {
                let help = format!("`{name}` goes with `mqtt: publish`; what is awaited is said by `where`");
                fields.refuse(name, &help, &mut self.source);
            }
            let of = Askable { described: "an MQTT message", queries: &[&["topic"], CONTENT] };
            let wanted = fields.take("where").map(|node| self.wanted(node, of)).unwrap_or_default();
            template.map(|filter| Deed::Await { filter, wanted })
        };
        if fault.is_some() { None } else { deed }
    }

    fn publish(&mut self, topic: Option<Template>, fields: &mut Fields<'_>) -> Option<Deed> {
        if let [_, second, ..] = fields.present(&["json", "text"]).as_slice() {
            self.source.complain(second.place, "a message has one payload: `json` or `text`", None);
        }
        let json = fields.take("json").map(|node| self.json(node).map(Payload::Json));
        let text = fields.take("text").map(|node| self.template(node).map(Payload::Text));
        if json.is_none() && text.is_none() {
            let help = "an empty message is `text: \"\"`".to_owned();
            self.source.complain(fields.place(), "a publish needs `json:` or `text:`", Some(help));
        }
        let retain = fields.take("retain").map(|node| node.boolean(&mut self.source));
        Some(Deed::Publish {
            topic: topic?,
            payload: json.or(text)??,
            retain: retain.unwrap_or(Some(false))?,
        })
    }

    fn qos(&mut self, node: &Node) -> Option<Qos> {
        if let Kind::Number(number) = &node.kind {
            match number.as_u64() {
                Some(0) => return Some(Qos::AtMostOnce),
                Some(1) => return Some(Qos::AtLeastOnce),
                Some(2) => return Some(Qos::ExactlyOnce),
                _ => {}
            }
        }
        self.source.complain(node.place, "`qos` is 0, 1 or 2", None);
        None
    }

    fn protocol(&mut self, node: &Node) -> Option<MqttVersion> {
        match node.text(&mut self.source)?.as_str() {
            "3.1.1" => Some(MqttVersion::V3_1_1),
            "5" | "5.0" => Some(MqttVersion::V5),
            other => {
                let message = format!("MQTT {other} is not spoken here");
                self.source.complain(node.place, message, Some("`protocol` is 3.1.1 or 5".to_owned()));
                None
            }
        }
    }

    fn broker(&mut self, node: &Node) -> Option<Template> {
        let text = node.text(&mut self.source)?;
        let template = self.template(node)?;
        let trial = self.trial(&text, &template);
        match trial.map(|trial| trial.parse::<probes::MqttTarget>()) {
            None | Some(Ok(_)) => Some(template),
            Some(Err(error)) => {
                self.source.complain(node.place, error.to_string(), None);
                None
            }
        }
    }

    /// `credentials: { username: NAME, password: WORD }`.
    pub(super) fn credentials(&mut self, node: &Node) -> Option<(Template, Template)> {
        let mut fields = Fields::of(node, "`credentials`", &mut self.source)?;
        let username = fields.require("username").map(|node| self.template(node));
        let password = fields.require("password").map(|node| self.template(node));
        fields.finish(&mut self.source);
        Some((username??, password??))
    }
}

/// What is wrong with a topic or a filter (MQTT 3.1.1 section 4.7). What a template fills in is seen in the run.
fn topic_fault(topic: &str, filter: bool) -> Option<&'static str> {
    if topic.is_empty() {
        return Some("the topic is missing");
    }
    if topic.contains("{{") {
        return None;
    }
    if !filter {
        return topic.contains(['+', '#']).then_some("a topic to publish on has no wildcards");
    }
    let levels: Vec<_> = topic.split('/').collect();
    let last = levels.len() - 1;
    let bad = levels.iter().enumerate().any(|(index, level)| {
        (level.contains('+') && *level != "+") || (level.contains('#') && (*level != "#" || index != last))
    });
    bad.then_some("a wildcard fills its level: `a/+/b`, and `#` only at the end: `a/#`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_and_filters_are_checked() {
        assert!(topic_fault("a/b", false).is_none());
        assert!(topic_fault("a/{{ x }}/#", false).is_none());
        assert!(topic_fault("a/+", false).is_some());
        assert!(topic_fault("a/+/b/#", true).is_none());
        assert!(topic_fault("a/#/b", true).is_some());
        assert!(topic_fault("a+/b", true).is_some());
        assert!(topic_fault("", true).is_some());
    }
}
