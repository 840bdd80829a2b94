//! Where a name is: one question to one resolver, over UDP.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use hickory_proto::{
    op::{Message, Query},
    rr::{Name, RData, RecordType},
};
use tokio::net::UdpSocket;

/// An answer that fits into a packet without EDNS (RFC 1035 section 4.2.1).
const PACKET: usize = 512;

/// The first address that `resolver` gives for `host`; `None` if it gives none. May wait for ever for a lost packet.
pub(super) async fn lookup(resolver: SocketAddr, host: &str) -> io::Result<Option<Ipv4Addr>> {
    let name = Name::from_utf8(format!("{host}.")).map_err(io::Error::other)?;
    let mut question = Message::query();
    question.add_query(Query::query(name, RecordType::A));
    question.metadata.recursion_desired = true;
    let id = question.metadata.id;
    let socket = UdpSocket::bind((IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0)).await?;
    socket.connect(resolver).await?;
    socket.send(&question.to_vec().map_err(io::Error::other)?).await?;
    let mut packet = [0; PACKET];
    loop {
        let length = socket.recv(&mut packet).await?;
        let answer = Message::from_vec(&packet[..length]).map_err(io::Error::other)?;
        if answer.metadata.id == id {
            return Ok(answer.answers.iter().find_map(|record| match &record.data {
                RData::A(address) => Some(address.0),
                _ => None,
            }));
        }
    }
}
