//! What a broker sends.

use bytes::Bytes;

use super::properties::{self, Value};
use super::reader::{Malformed, Reader};
use crate::mqtt::limits::Limits;
use crate::mqtt::{Message, MqttVersion, Qos, topic};

/// A packet of the broker's.
#[derive(Debug)]
pub(in crate::mqtt) enum Packet {
    ConnAck(Box<ConnAck>),
    /// A message, with its id unless it is QoS 0's.
    Publish(Option<u16>, Message),
    /// A step of handing a message over: its id, MQTT 5's reason code, and what the broker says to that.
    Ack(Step, u16, Answer),
    SubAck(u16, Answer),
    PingResp,
    Disconnect(Box<Farewell>),
    /// One that is never asked for here, by its name.
    Unasked(&'static str),
}

/// The steps by which a message is handed over (section 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mqtt) enum Step {
    Ack,
    Rec,
    Rel,
    Comp,
}

/// A reason code, and the broker's own words for it.
#[derive(Debug, Default)]
pub(in crate::mqtt) struct Answer {
    pub(in crate::mqtt) code: u8,
    pub(in crate::mqtt) said: Option<Box<str>>,
}

impl Answer {
    /// What the broker adds in its own words.
    pub(in crate::mqtt) fn more(&self) -> String {
        self.said.as_deref().map_or(String::new(), |said| format!(" (\"{}\")", shortened(said)))
    }
}

/// The answer to CONNECT.
#[derive(Debug, Default)]
pub(in crate::mqtt) struct ConnAck {
    pub(in crate::mqtt) session_present: bool,
    pub(in crate::mqtt) farewell: Farewell,
    /// The code is one of 3.1.1, whichever version was asked for.
    pub(in crate::mqtt) old_code: bool,
    pub(in crate::mqtt) limits: Limits,
}

/// The broker ends the session, or does not begin it.
#[derive(Debug, Default)]
pub(in crate::mqtt) struct Farewell {
    pub(in crate::mqtt) answer: Answer,
    /// Where to go instead.
    pub(in crate::mqtt) elsewhere: Option<Box<str>>,
}

impl Farewell {
    /// What the broker adds in its own words, and where it says to go.
    pub(in crate::mqtt) fn more(&self) -> String {
        let elsewhere = self.elsewhere.as_deref().map(|at| format!(" (it names {})", shortened(at)));
        format!("{}{}", self.answer.more(), elsewhere.unwrap_or_default())
    }
}

/// A message is one line, whatever the broker has to say.
fn shortened(text: &str) -> String {
    text.chars().take(200).map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

/// The packet that begins with the byte `first` and has `body` after its length.
pub(in crate::mqtt) fn decode(version: MqttVersion, first: u8, body: &Bytes) -> Result<Packet, Malformed> {
    let mut reader = Reader::new(body);
    let (packet, rest) = match first >> 4 {
        2 => (connack(version, &mut reader)?, reader),
        3 => return publish(version, first, body, reader),
        4 => (ack(version, Step::Ack, &mut reader)?, reader),
        5 => (ack(version, Step::Rec, &mut reader)?, reader),
        6 => (ack(version, Step::Rel, &mut reader)?, reader),
        7 => (ack(version, Step::Comp, &mut reader)?, reader),
        9 => (suback(version, &mut reader)?, reader),
        11 => return Ok(Packet::Unasked("UNSUBACK")),
        13 => (Packet::PingResp, reader),
        14 => (disconnect(&mut reader)?, reader),
        _ => return Ok(Packet::Unasked("AUTH")),
    };
    rest.finish()?;
    Ok(packet)
}

fn connack(version: MqttVersion, reader: &mut Reader<'_>) -> Result<Packet, Malformed> {
    let session_present = match reader.u8()? {
        flag @ (0 | 1) => flag == 1,
        _ => return Err(Malformed("its flags are not those of CONNACK")),
    };
    let mut answer = ConnAck { session_present, ..ConnAck::default() };
    answer.farewell.answer.code = reader.u8()?;
    // A broker that knows 3.1.1 only answers CONNECT of MQTT 5 in its own way.
    answer.old_code = version == MqttVersion::V3_1_1 || reader.is_empty();
    if answer.old_code {
        return Ok(Packet::ConnAck(Box::new(answer)));
    }
    let (limits, farewell) = (&mut answer.limits, &mut answer.farewell);
    properties::each(reader, properties::OF_CONNACK, |id, value| match (id, value) {
        (properties::ASSIGNED_CLIENT_ID, Value::Text(text)) => limits.client_id = Some(text.into()),
        (properties::SERVER_KEEP_ALIVE, Value::Number(number)) => {
            limits.keep_alive = u16::try_from(number).ok();
        }
        (properties::RECEIVE_MAXIMUM, Value::Number(number)) => {
            limits.receive_maximum = u16::try_from(number).unwrap_or(u16::MAX);
        }
        (properties::MAXIMUM_QOS, Value::Number(0)) => limits.qos = Qos::AtMostOnce,
        (properties::MAXIMUM_QOS, Value::Number(_)) => limits.qos = Qos::AtLeastOnce,
        (properties::RETAIN_AVAILABLE, Value::Number(number)) => limits.retain = number == 1,
        (properties::MAXIMUM_PACKET_SIZE, Value::Number(number)) => limits.packet = number,
        (properties::REASON, Value::Text(text)) => farewell.answer.said = Some(text.into()),
        (properties::SERVER_REFERENCE, Value::Text(text)) => farewell.elsewhere = Some(text.into()),
        _ => {}
    })?;
    Ok(Packet::ConnAck(Box::new(answer)))
}

fn publish(
    version: MqttVersion,
    first: u8,
    body: &Bytes,
    mut reader: Reader<'_>,
) -> Result<Packet, Malformed> {
    let qos = match first >> 1 & 3 {
        0 => Qos::AtMostOnce,
        1 => Qos::AtLeastOnce,
        2 => Qos::ExactlyOnce,
        _ => return Err(Malformed("its QoS is 3")),
    };
    let topic = reader.text()?;
    let id = if qos == Qos::AtMostOnce { None } else { Some(reader.id()?) };
    if version == MqttVersion::V5 {
        let mut alias = false;
        properties::each(&mut reader, properties::OF_PUBLISH, |id, _| {
            alias |= id == properties::TOPIC_ALIAS;
        })?;
        if alias {
            return Err(Malformed("it has a topic alias, and none was granted"));
        }
    }
    if !topic::is_topic(topic) {
        return Err(Malformed("its topic is none to publish on"));
    }
    let message = Message {
        topic: topic.to_owned(),
        payload: body.slice_ref(reader.rest()),
        retain: first & 1 == 1,
        dup: first & 8 == 8,
        qos,
    };
    Ok(Packet::Publish(id, message))
}

fn ack(version: MqttVersion, step: Step, reader: &mut Reader<'_>) -> Result<Packet, Malformed> {
    let id = reader.id()?;
    let mut answer = Answer::default();
    if version == MqttVersion::V5 && !reader.is_empty() {
        answer.code = reader.u8()?;
        answer.said = said(reader)?;
    }
    Ok(Packet::Ack(step, id, answer))
}

fn suback(version: MqttVersion, reader: &mut Reader<'_>) -> Result<Packet, Malformed> {
    let id = reader.id()?;
    let said = if version == MqttVersion::V5 { said(reader)? } else { None };
    // One filter is asked for at a time, so one code is the answer.
    let code = reader.u8()?;
    if matches!((code, version), (3..=0x7f, _) | (0x81.., MqttVersion::V3_1_1)) {
        return Err(Malformed("it grants what no broker can"));
    }
    Ok(Packet::SubAck(id, Answer { code, said }))
}

fn disconnect(reader: &mut Reader<'_>) -> Result<Packet, Malformed> {
    let mut farewell = Farewell::default();
    if !reader.is_empty() {
        farewell.answer.code = reader.u8()?;
        properties::each(reader, properties::OF_DISCONNECT, |id, value| match (id, value) {
            (properties::REASON, Value::Text(text)) => farewell.answer.said = Some(text.into()),
            (properties::SERVER_REFERENCE, Value::Text(text)) => farewell.elsewhere = Some(text.into()),
            _ => {}
        })?;
    }
    Ok(Packet::Disconnect(Box::new(farewell)))
}

/// The broker's own words among the properties of an acknowledgement.
fn said(reader: &mut Reader<'_>) -> Result<Option<Box<str>>, Malformed> {
    let mut said = None;
    properties::each(reader, properties::OF_ACK, |id, value| {
        if let (properties::REASON, Value::Text(text)) = (id, value) {
            said = Some(text.into());
        }
    })?;
    Ok(said)
}
