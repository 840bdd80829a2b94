use std::io;

use rumqttc::mqttbytes::{self, v4::ConnectReturnCode};

/// Why a connection ended otherwise than by the client's DISCONNECT.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    #[error("the client closed the connection without a DISCONNECT")]
    Closed,
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
    #[error("not a packet of MQTT 3.1.1: {0}")]
    Malformed(#[from] mqttbytes::Error),
    #[error("against the protocol: {0}")]
    Violation(&'static str),
    #[error("CONNECT was refused: {0:?}")]
    Refused(ConnectReturnCode),
    #[error("no CONNECT came in time")]
    NoConnect,
    #[error("nothing came for one and a half times the keep-alive")]
    Silent,
    #[error("too many retained messages wait for a client that does not read them")]
    Slow,
    #[error("nobody takes the published messages any more")]
    Deaf,
    #[error("cut by the fault that drops every connection")]
    Dropped,
    #[error("cut by the broker: a newer connection took over, a full queue, the drop fault, or the end")]
    Cut,
}
