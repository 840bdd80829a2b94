//! Sessions with a broker.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use probes::mqtt::{Event, Message, Qos};
use probes::{MqttOptions, MqttSession, MqttTarget, ProbeError, Timeouts, Trust};

pub(crate) async fn try_open(
    at: SocketAddr,
    url: &str,
    options: &MqttOptions,
    trust: &Trust,
) -> Result<MqttSession, ProbeError> {
    let target: MqttTarget = url.replace("PORT", &at.port().to_string()).parse().unwrap();
    MqttSession::open(at, &target, options, trust, &Timeouts::default()).await.map(|(session, _)| session)
}

/// A session with a broker that is believed.
pub(crate) async fn open(at: SocketAddr, url: &str, options: &MqttOptions) -> MqttSession {
    try_open(at, url, options, &Trust::new(&[]).unwrap()).await.unwrap()
}

/// The next event, for which nobody waits for ever.
pub(crate) async fn next(session: &mut MqttSession) -> Event {
    tokio::time::timeout(Duration::from_secs(10), session.next()).await.unwrap().unwrap()
}

pub(crate) async fn message(session: &mut MqttSession) -> Message {
    match next(session).await {
        Event::Message(message) => message,
        other @ Event::Acknowledged(_) => unreachable!("{other:?}"),
    }
}

pub(crate) async fn publish(session: &mut MqttSession, topic: &str, payload: &str, qos: Qos) -> Option<u16> {
    session.publish(topic, Bytes::from(payload.to_owned()), qos, false).await.unwrap()
}

/// With each QoS `session` sends a message to itself: acknowledged as it should be, and heard once.
pub(crate) async fn echo(session: &mut MqttSession, highest: Qos) {
    session.subscribe("echo/#", highest).await.unwrap();
    for qos in [Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce].into_iter().filter(|qos| *qos <= highest)
    {
        let id = publish(session, "echo/x", "again?", qos).await;
        assert_eq!(id.is_some(), qos != Qos::AtMostOnce);
        let (mut heard, mut acknowledged) = (0, id.is_none());
        while heard == 0 || !acknowledged {
            match next(session).await {
                Event::Message(message) => {
                    assert_eq!((&*message.payload, message.qos), (&b"again?"[..], qos));
                    heard += 1;
                }
                Event::Acknowledged(acknowledges) => {
                    assert_eq!(Some(acknowledges), id);
                    acknowledged = true;
                }
            }
        }
        assert_eq!(heard, 1);
    }
}
