//! A broker that speaks MQTT 5, of one packet after the other: it says whose it is, and acknowledges what is published.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub(super) fn serve(listener: TcpListener, side: &'static str) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream, side));
        }
    })
}

/// Answers each packet (MQTT 5.0, chapter 3) by its type; all of them are short here.
async fn converse(mut stream: TcpStream, side: &'static str) -> std::io::Result<()> {
    loop {
        let head = stream.read_u8().await?;
        let mut packet = vec![0; usize::from(stream.read_u8().await?)];
        stream.read_exact(&mut packet).await?;
        let answer = match (head >> 4, (head >> 1) & 3) {
            (1, _) => vec![0x20, 3, 0, 0, 0],
            // The packet's identifier stands behind the topic.
            (3, qos @ 1..) => {
                let at = 2 + usize::from(u16::from_be_bytes([packet[0], packet[1]]));
                vec![if qos == 1 { 0x40 } else { 0x50 }, 2, packet[at], packet[at + 1]]
            }
            (6, _) => vec![0x70, 2, packet[0], packet[1]],
            (8, _) => [&[0x90, 4, packet[0], packet[1], 0, 0], marker(side).as_slice()].concat(),
            (12, _) => vec![0xd0, 0],
            (14, _) => return Ok(()),
            _ => vec![],
        };
        stream.write_all(&answer).await?;
    }
}

/// The retained message by which the sides are told apart.
fn marker(side: &str) -> Vec<u8> {
    let topic = b"served-by";
    let length = 2 + topic.len() + 1 + side.len();
    let head = [0x31, length as u8, 0, topic.len() as u8];
    [&head, topic.as_slice(), &[0], side.as_bytes()].concat()
}
