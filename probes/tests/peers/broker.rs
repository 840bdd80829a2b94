//! A broker's process, and sessions with it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use bytes::Bytes;
use probes::mqtt::{Event, Message, Qos};
use probes::{MqttOptions, MqttSession, MqttTarget, ProbeError, Timeouts, Trust};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

/// A broker's process, which ends with the test, in a folder of its own.
pub(crate) struct Broker {
    process: Child,
    _folder: TempDir,
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// Where a program is, if it is installed. Debian keeps daemons apart from what users call.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    let found = folders.map(|folder| folder.join(program)).find(|file| file.is_file());
    if found.is_none() {
        let required = std::env::var_os("SERIN_PEERS").is_some();
        assert!(!required, "{program} is required here (SERIN_PEERS), and is missing");
        eprintln!("skipped: {program} is not installed");
    }
    found
}

/// A port of loopback that was free a moment ago.
pub(crate) fn free() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

impl Broker {
    /// Starts `program`, with its configuration in a file `broker.conf`, and waits until it listens at each of `at`.
    pub(crate) async fn start(program: &Path, folder: TempDir, config: &str, at: &[SocketAddr]) -> Self {
        let file = folder.path().join("broker.conf");
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new(program);
        command.arg("-c").arg(file).stdout(Stdio::null()).stderr(Stdio::null());
        let mut broker = Self { process: command.spawn().unwrap(), _folder: folder };
        let until = Instant::now() + Duration::from_secs(20);
        for address in at {
            while TcpStream::connect(address).await.is_err() {
                assert_eq!(
                    broker.process.try_wait().unwrap(),
                    None,
                    "the broker ended: is its configuration right?"
                );
                assert!(Instant::now() < until, "the broker does not listen at {address}");
                sleep(Duration::from_millis(20)).await;
            }
        }
        broker
    }
}

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
