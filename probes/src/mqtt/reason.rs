//! What a broker's codes mean, in words.

use cutover::FailureKind;

/// The meaning of a code in CONNACK of MQTT 3.1.1 (table 3.1); `None` for those that the standard reserves.
pub(super) const fn refusal(code: u8) -> Option<&'static str> {
    Some(match code {
        1 => "it does not speak this version of MQTT",
        2 => "the client id is not allowed",
        3 => "it is not available",
        4 => "wrong user name or password",
        5 => "not authorized",
        _ => return None,
    })
}

/// The meaning of a reason code of MQTT 5 (section 2.4); `None` for those that the standard does not know.
pub(super) const fn reason(code: u8) -> Option<&'static str> {
    Some(match code {
        0x00 => "no reason given",
        0x10 => "nobody has subscribed to that",
        0x80 => "it does not say why",
        0x81 => "what we sent was malformed",
        0x82 => "what we sent broke the protocol",
        0x83 => "what we sent is not to its liking",
        0x84 => "it does not speak this version of MQTT",
        0x85 => "the client id is not allowed",
        0x86 => "wrong user name or password",
        0x87 => "not authorized",
        0x88 => "it is not available",
        0x89 => "it is busy",
        0x8a => "this client is banned",
        0x8b => "it is shutting down",
        0x8c => "the authentication method is not the right one",
        0x8d => "it heard nothing from us for the keep-alive",
        0x8e => "another connection with the same client id has taken the session over",
        0x8f => "the topic filter is not accepted",
        0x90 => "the topic is not accepted",
        0x91 => "the packet id is in use",
        0x92 => "the packet id is not known",
        0x93 => "more messages are open than it takes",
        0x94 => "the topic alias is not valid",
        0x95 => "the packet is larger than it takes",
        0x96 => "the messages come too fast",
        0x97 => "a quota is exceeded",
        0x98 => "an administrator ended it",
        0x99 => "the payload is not of the form it claims",
        0x9a => "it does not keep messages (retain)",
        0x9b => "it does not support that QoS",
        0x9c => "another server is to be used for now",
        0x9d => "the server has moved",
        0x9e => "it does not support shared subscriptions",
        0x9f => "connections come too fast",
        0xa0 => "the connection's longest time is over",
        0xa1 => "it does not support subscription identifiers",
        0xa2 => "it does not support wildcards in subscriptions",
        _ => return None,
    })
}

/// In which way a session has failed that the broker ends with DISCONNECT and this reason. A broker of 3.1.1 cuts the
/// connection where one of MQTT 5 first says why: what is its own affair is the same failure with both.
pub(super) const fn farewell(code: u8) -> FailureKind {
    match code {
        0x00 | 0x8b | 0x8e | 0x98 | 0x9c | 0x9d | 0xa0 => FailureKind::Reset,
        0x81 | 0x82 | 0x90 | 0x93 | 0x94 | 0x95 | 0x99 => FailureKind::Protocol,
        0x8d => FailureKind::Timeout,
        _ => FailureKind::Status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_either_standard_has_its_words() {
        assert_eq!((0..=u8::MAX).filter(|code| refusal(*code).is_some()).count(), 5);
        // Section 2.4's table has 43 codes; four are success (0x00 to 0x02, 0x04) and three belong to AUTH, UNSUBACK
        // and re-authentication (0x11, 0x18, 0x19).
        let failures = (0x80..=u8::MAX).filter(|code| reason(*code).is_some());
        assert_eq!(failures.collect::<Vec<_>>(), (0x80..=0xa2).collect::<Vec<_>>());
    }
}
