//! A server's process.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a server may take until it listens. A busy machine needs a multiple of what an idle one does.
const PATIENCE: Duration = Duration::from_secs(30);
const BETWEEN: Duration = Duration::from_millis(10);

/// A server's process, and the folder with its files. Both end with it.
#[derive(Debug)]
pub struct Server {
    process: Child,
    _folder: TempDir,
}

/// A port of loopback that was free a moment ago: servers that are not ours cannot tell which one they chose.
pub fn free() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

impl Server {
    /// Starts a server, and waits until it takes connections at each of `at`.
    ///
    /// # Panics
    /// When it ends instead, or does not listen within half a minute.
    pub fn start(mut command: Command, folder: TempDir, at: &[SocketAddr]) -> Self {
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let mut server = Self { process: process.unwrap(), _folder: folder };
        let until = Instant::now() + PATIENCE;
        for address in at {
            while TcpStream::connect(address).is_err() {
                let ended = server.process.try_wait().unwrap();
                assert_eq!(ended, None, "{command:?} ended: are its settings right?");
                assert!(Instant::now() < until, "{command:?} does not listen at {address}");
                sleep(BETWEEN);
            }
        }
        server
    }

    /// The same, with its settings in a file in the folder, which it is given as `-c FILE`.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    pub fn configured(mut command: Command, folder: TempDir, settings: &str, at: &[SocketAddr]) -> Self {
        let file = folder.path().join("settings.conf");
        std::fs::write(&file, settings).unwrap();
        command.arg("-c").arg(file);
        Self::start(command, folder, at)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail for a process that has ended, which is what is wanted.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
