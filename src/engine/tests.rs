//! The engine with something broken in it.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::net::SocketAddr;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::task::AbortHandle;

use super::*;
use crate::config;

/// A configuration, and a resolver that knows no name.
pub(crate) struct Stage {
    folder: TempDir,
    resolver: AbortHandle,
}

impl Stage {
    pub(crate) async fn start() -> Self {
        Self::with("devices:\n  lamps: { count: 3, broker: \"mqtt://127.0.0.1:1\" }\n").await
    }

    /// The same with these sections in its configuration.
    pub(crate) async fn with(sections: &str) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let config = format!(
            "cutover:\n  name: acme\n  names: [api.acme.example]\n  sides:\n    old: {{ addresses: 127.0.0.1 }}\n    \
             new: {{ addresses: 127.0.0.2 }}\nresolvers: {{ office: \"udp://{}\" }}\njourneys:\n  \
             - {{ run: look.yaml, every: 100ms, on: live }}\nserve: 127.0.0.1:0\nstore: serin.db\n{sections}",
            socket.local_addr().unwrap()
        );
        let folder = tempfile::tempdir().unwrap();
        let journey = "journey: look\nsteps:\n  - { name: look, http: GET http://api.acme.example/ }\n";
        std::fs::write(folder.path().join("look.yaml"), journey).unwrap();
        std::fs::write(folder.path().join("serin.yaml"), config).unwrap();
        let resolver = tokio::spawn(async move {
            let mut packet = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut packet).await {
                // NXDOMAIN (RFC 1035 section 4.1.1).
                packet[2] |= 0x80;
                packet[3] = (packet[3] & 0xf0) | 3;
                socket.send_to(&packet[..length], from).await.unwrap();
            }
        });
        Self { folder, resolver: resolver.abort_handle() }
    }

    pub(crate) fn config(&self) -> Config {
        config::load(&self.folder.path().join("serin.yaml")).unwrap()
    }

    pub(crate) async fn engine(&self) -> Engine {
        Engine::start(self.config(), Options::default()).await.unwrap()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.resolver.abort();
    }
}

async fn healthz(at: SocketAddr) -> String {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_recorder_that_broke_off_is_known_at_once_and_said_to_who_asks() {
    let stage = Stage::start().await;
    let engine = stage.engine().await;
    assert!(healthz(engine.address).await.starts_with("HTTP/1.1 200"));
    engine.recorder.abort();
    assert_eq!(&*engine.vigil.wait().await, "the recorder broke off");
    let answer = healthz(engine.address).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nthe recorder broke off\n"), "{answer}");
    let failure = engine.drain(Deadline::of_drain()).await.unwrap_err();
    assert_eq!(failure.exit, crate::failure::Exit::Canary);
    assert!(failure.to_string().starts_with("not drained: the recorder broke off"), "{failure}");
}

#[tokio::test]
async fn a_drain_leaves_nobody_behind_who_ends() {
    let stage = Stage::start().await;
    let engine = stage.engine().await;
    let (vigil, mut snapshots) = (engine.vigil.clone(), engine.snapshots.clone());
    snapshots.wait_for(|snapshot| snapshot.health.folded > 0).await.unwrap();
    let ended = engine.drain(Deadline::of_drain()).await.unwrap();
    assert!(!ended.cut_short && ended.last.health.folded > 0);
    assert_eq!(vigil.known(), None);
}
