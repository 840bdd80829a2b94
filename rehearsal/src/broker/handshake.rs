use std::time::Duration;

use bytes::Bytes;
use rumqttc::mqttbytes::v4::{ConnAck, Connect, ConnectReturnCode, LastWill, Packet};
use rumqttc::mqttbytes::{self, Protocol, QoS};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use uuid::Uuid;

use super::ended::Ended;
use super::frames::Frames;
use super::handle::Accounts;
use super::message::{Message, lower};
use super::topics;

/// How long a fresh connection may take until its CONNECT is there (§3.1.4 asks for "a reasonable amount of time").
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest client id that is accepted, in bytes. The standard asks for 23 at least (§3.1.3.1).
const MAX_CLIENT_ID: usize = 256;

/// What a client said of itself, checked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hello {
    pub(super) client_id: String,
    /// How long it may be silent: one and a half times its keep-alive (§3.1.2.10). None when it asked for no limit.
    pub(super) patience: Option<Duration>,
    pub(super) will: Option<Message>,
}

/// Waits for the CONNECT and checks it. Who is refused is told so by a CONNACK, where the standard has a code for it.
pub(super) async fn hello<S: AsyncRead + AsyncWrite + Unpin>(
    frames: &mut Frames<S>,
    accounts: &Accounts,
) -> Result<Hello, Ended> {
    let checked = match timeout(CONNECT_TIMEOUT, frames.read()).await.map_err(|_| Ended::NoConnect)? {
        Ok(Packet::Connect(connect)) => check(connect, accounts),
        Ok(_) => Err(Ended::Violation("the first packet is not a CONNECT (§3.1)")),
        // Another version of the protocol has a code of its own (§3.1.2.2).
        Err(Ended::Malformed(mqttbytes::Error::InvalidProtocolLevel(_))) => {
            Err(Ended::Refused(ConnectReturnCode::RefusedProtocolVersion))
        }
        Err(ended) => Err(ended),
    };
    if let Err(Ended::Refused(code)) = checked {
        frames.put(&Packet::ConnAck(ConnAck::new(code, false)))?;
        frames.close().await;
    }
    checked
}

fn check(connect: Connect, accounts: &Accounts) -> Result<Hello, Ended> {
    if connect.protocol != Protocol::V4 {
        return Err(Ended::Refused(ConnectReturnCode::RefusedProtocolVersion));
    }
    // §3.1.3.1: an empty id only goes with a clean session, and the server makes one up.
    let client_id = match connect.client_id {
        id if id.is_empty() && connect.clean_session => format!("unnamed-{}", Uuid::new_v4()),
        id if id.is_empty() || id.len() > MAX_CLIENT_ID || id.contains('\0') => {
            return Err(Ended::Refused(ConnectReturnCode::BadClientId));
        }
        id => id,
    };
    // §3.1.4: who names nobody is not authorized; who names somebody has a wrong name or password.
    let (accepted, refusal) = match &connect.login {
        None => (accounts("", ""), ConnectReturnCode::NotAuthorized),
        Some(login) => (accounts(&login.username, &login.password), ConnectReturnCode::BadUserNamePassword),
    };
    if !accepted {
        return Err(Ended::Refused(refusal));
    }
    let patience = (connect.keep_alive > 0).then(|| Duration::from_secs(connect.keep_alive.into()) * 3 / 2);
    Ok(Hello { client_id, patience, will: connect.last_will.map(will).transpose()? })
}

fn will(will: LastWill) -> Result<Message, Ended> {
    if !topics::valid_topic(&will.topic) {
        return Err(Ended::Violation("the will's topic cannot be published to (§4.7)"));
    }
    Ok(Message {
        topic: will.topic.into(),
        payload: Bytes::copy_from_slice(&will.message),
        qos: lower(will.qos, QoS::AtLeastOnce),
        retain: will.retain,
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn accounts(user: &str, password: &str) -> bool {
        (user, password) == ("user", "right")
    }

    fn connect(user: &str, password: &str) -> Connect {
        let mut connect = Connect::new("device");
        connect.set_login(user, password);
        connect
    }

    fn refusal(connect: Connect) -> Option<ConnectReturnCode> {
        match check(connect, &accounts) {
            Err(Ended::Refused(code)) => Some(code),
            _ => None,
        }
    }

    #[test]
    fn refusals_have_the_code_of_their_reason() {
        assert_eq!(refusal(connect("user", "right")), None);
        assert_eq!(refusal(connect("user", "wrong")), Some(ConnectReturnCode::BadUserNamePassword));
        assert_eq!(refusal(Connect::new("device")), Some(ConnectReturnCode::NotAuthorized));
        let newer = Connect { protocol: Protocol::V5, ..connect("user", "right") };
        assert_eq!(refusal(newer), Some(ConnectReturnCode::RefusedProtocolVersion));
        let nameless = Connect { client_id: String::new(), clean_session: false, ..connect("user", "right") };
        assert_eq!(refusal(nameless), Some(ConnectReturnCode::BadClientId));
        let long = Connect { client_id: "x".repeat(MAX_CLIENT_ID + 1), ..connect("user", "right") };
        assert_eq!(refusal(long), Some(ConnectReturnCode::BadClientId));
    }

    #[test]
    fn a_nameless_client_with_a_clean_session_gets_a_name_of_its_own() {
        let nameless = || Connect { client_id: String::new(), ..connect("user", "right") };
        let name = || check(nameless(), &accounts).unwrap().client_id;
        assert_ne!(name(), name());
    }

    #[test]
    fn keep_alive_is_stretched_by_half_and_zero_means_forever() {
        let patience = |keep_alive| {
            check(Connect { keep_alive, ..connect("user", "right") }, &accounts).unwrap().patience
        };
        assert_eq!(patience(0), None);
        assert_eq!(patience(1), Some(Duration::from_millis(1_500)));
        assert_eq!(patience(u16::MAX), Some(Duration::from_millis(98_302_500)));
    }

    #[test]
    fn a_will_must_have_a_topic_that_can_be_published_to() {
        let with_will = |topic: &str| Connect {
            last_will: Some(LastWill::new(topic, "gone", QoS::ExactlyOnce, true)),
            ..connect("user", "right")
        };
        assert!(check(with_will("a/#"), &accounts).is_err());
        let will = check(with_will("a/b"), &accounts).unwrap().will.unwrap();
        assert_eq!((will.qos, will.retain), (QoS::AtLeastOnce, true));
    }
}
