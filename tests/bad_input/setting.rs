//! What `serin run` needs around it: a resolver, somebody who listens, a folder with its files.

use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;

use tempfile::TempDir;

/// A resolver that knows no name (NXDOMAIN, RFC 1035 section 4.1.1), until it is dropped.
pub(crate) struct Nobody {
    pub(crate) at: SocketAddr,
    task: Option<JoinHandle<()>>,
}

impl Nobody {
    pub(crate) fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let at = socket.local_addr().unwrap();
        let task = std::thread::spawn(move || {
            let mut packet = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut packet) {
                // A question has a header of 12 bytes; less than that is the word to end.
                if length < 12 {
                    return;
                }
                packet[2] |= 0x80;
                packet[3] = (packet[3] & 0xf0) | 3;
                let _ = socket.send_to(&packet[..length], from);
            }
        });
        Self { at, task: Some(task) }
    }
}

impl Drop for Nobody {
    fn drop(&mut self) {
        let ended = UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.send_to(b"end", self.at));
        if let (Ok(_), Some(task)) = (ended, self.task.take()) {
            let _ = task.join();
        }
    }
}

/// A folder with a configuration, and what it watches: an API and a broker that take connections and say nothing.
pub(crate) struct Setting {
    folder: TempDir,
    api: TcpListener,
    broker: TcpListener,
}

impl Setting {
    /// `resolver` and `serve` as they are written into the configuration.
    pub(crate) fn new(resolver: SocketAddr, serve: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [api, broker] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let (port, broker_port) = (api.local_addr().unwrap().port(), broker.local_addr().unwrap().port());
        let journey = format!(
            "journey: look\nsteps:\n  - {{ name: look, http: GET http://api.acme.example:{port}/ }}\nfinally:\n  \
             - {{ name: leave, http: DELETE http://api.acme.example:{port}/ }}\n"
        );
        let config = format!(
            "cutover:\n  name: acme\n  names: [api.acme.example]\n  sides:\n    old: {{ addresses: 127.0.0.1 }}\n    \
             new: {{ addresses: 127.0.0.2 }}\nresolvers: {{ office: \"udp://{resolver}\" }}\njourneys:\n  \
             - {{ run: look.yaml, every: 100ms, on: old }}\ndevices:\n  \
             lamps: {{ count: 3, broker: \"mqtt://127.0.0.1:{broker_port}\" }}\nserve: {serve}\n"
        );
        std::fs::write(folder.path().join("look.yaml"), journey).unwrap();
        std::fs::write(folder.path().join("serin.yaml"), config).unwrap();
        std::fs::write(folder.path().join("token"), "hunter2hunter2\n").unwrap();
        Self { folder, api, broker }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path().join("serin.yaml")
    }

    /// Waits until a run is under way; it lasts as long as what is given back.
    pub(crate) fn run(&self) -> TcpStream {
        self.api.accept().unwrap().0
    }

    /// Whether anybody has connected so far.
    pub(crate) fn was_touched(&self) -> bool {
        [&self.api, &self.broker].into_iter().any(|listener| {
            listener.set_nonblocking(true).unwrap();
            listener.accept().is_ok()
        })
    }
}
