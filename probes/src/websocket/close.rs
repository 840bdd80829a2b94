//! What a peer says when it closes a WebSocket.

use cutover::FailureKind;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

/// In which way a WebSocket has failed that the peer closes so, and in words (RFC 6455 section 7.4).
pub(super) fn farewell(frame: Option<&CloseFrame>) -> (FailureKind, String) {
    let Some(frame) = frame else {
        return (FailureKind::Reset, "the peer closed the WebSocket and did not say why".to_owned());
    };
    let code = u16::from(frame.code);
    let meaning = meaning(code).map(|words| format!(", {words}")).unwrap_or_default();
    let more = if frame.reason.is_empty() { String::new() } else { format!(": {:?}", frame.reason.as_str()) };
    (kind(code), format!("the peer closed the WebSocket: {code}{meaning}{more}"))
}

const fn kind(code: u16) -> FailureKind {
    match code {
        1000 | 1001 | 1012 => FailureKind::Reset,
        1002 | 1003 | 1007 | 1009 | 1010 => FailureKind::Protocol,
        _ => FailureKind::Status,
    }
}

/// The codes of the registry that RFC 6455 section 11.7 opened.
const fn meaning(code: u16) -> Option<&'static str> {
    Some(match code {
        1000 => "it is done",
        1001 => "it is going away",
        1002 => "a protocol error",
        1003 => "it cannot take data of this type",
        1007 => "it cannot make sense of a message",
        1008 => "a message is against its policy",
        1009 => "a message is too big for it",
        1010 => "it lacks an extension",
        1011 => "an internal error",
        1012 => "it restarts",
        1013 => "it wants to be asked later",
        1014 => "a bad gateway",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(code: u16, reason: &'static str) -> (FailureKind, String) {
        farewell(Some(&CloseFrame { code: code.into(), reason: reason.into() }))
    }

    #[test]
    fn what_the_peer_says_is_told() {
        assert_eq!(
            said(1011, "no \"database\""),
            (
                FailureKind::Status,
                r#"the peer closed the WebSocket: 1011, an internal error: "no \"database\"""#.to_owned()
            )
        );
        assert_eq!(
            said(1001, ""),
            (FailureKind::Reset, "the peer closed the WebSocket: 1001, it is going away".to_owned())
        );
        assert_eq!(said(1009, "").0, FailureKind::Protocol);
        assert_eq!(
            said(4001, "signed out"),
            (FailureKind::Status, r#"the peer closed the WebSocket: 4001: "signed out""#.to_owned())
        );
        assert_eq!(farewell(None).0, FailureKind::Reset);
    }
}
