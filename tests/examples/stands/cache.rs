//! A cache that speaks as memcached does, as far as it goes: each connection has a memory of its own.

use std::collections::BTreeMap;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub(super) fn serve(listener: TcpListener) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(converse(stream));
        }
    })
}

/// Ends when the other one does.
async fn converse(stream: TcpStream) -> Option<()> {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut memory: BTreeMap<String, String> = BTreeMap::new();
    loop {
        let line = lines.next_line().await.ok()??;
        let words: Vec<_> = line.split_whitespace().collect();
        let answer = match words.as_slice() {
            ["set", key, ..] => {
                memory.insert((*key).to_owned(), lines.next_line().await.ok()??);
                "STORED\r\n".to_owned()
            }
            ["get", key] => memory.get(*key).map_or("END\r\n".to_owned(), |value| {
                format!("VALUE {key} 0 {}\r\n{value}\r\nEND\r\n", value.len())
            }),
            ["quit"] => return None,
            _ => "ERROR\r\n".to_owned(),
        };
        writer.write_all(answer.as_bytes()).await.ok()?;
    }
}
