//! A surface on a port of its own, and the hands to ask it.

use std::net::SocketAddr;
use std::sync::Arc;

use chrono::Utc;
use cutover::{Decision, Phase, Snapshot, Verdict};
use dashboards::{CheckIns, Command, Inquiry, Metrics, Surface, Token, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) struct World {
    pub(crate) at: SocketAddr,
    pub(crate) snapshots: watch::Sender<Arc<Snapshot>>,
    pub(crate) broken: watch::Sender<Option<Arc<str>>>,
    pub(crate) commands: mpsc::Receiver<Command>,
    pub(crate) asked: mpsc::Receiver<Inquiry>,
    pub(crate) metrics: Arc<Metrics>,
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl World {
    pub(crate) async fn start(token: Option<&str>) -> Self {
        let now = Utc::now();
        let verdict = Verdict::bare(Decision::Hold, now);
        let first = Snapshot::first("acme <script>".into(), Phase::Set, verdict, now);
        let (snapshots, receiver) = watch::channel(Arc::new(first));
        let (broken, breaks) = watch::channel(None);
        let (sender, commands) = mpsc::channel(1);
        let (inquiries, asked) = mpsc::channel(1);
        let metrics = Arc::new(Metrics::new().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let cancel = CancellationToken::new();
        let surface = Surface {
            snapshots: receiver,
            broken: breaks,
            metrics: Arc::clone(&metrics),
            commands: sender,
            inquiries,
            token: token.and_then(Token::new),
            check_ins: CheckIns::new([
                ("lobby-thermostat".into(), Token::new("of the lobby")),
                ("van-gateway".into(), None),
            ]),
        };
        let task = tokio::spawn(serve(listener, surface, cancel.clone()));
        Self { at, snapshots, broken, commands, asked, metrics, cancel, task }
    }

    /// The head and the body of the answer to one request, whatever it was.
    pub(crate) async fn raw(&self, request: &[u8]) -> (String, String) {
        Self::exchange(self.at, request).await
    }

    pub(crate) async fn get(&self, path: &str) -> (String, String) {
        Self::ask(self.at, path.to_owned()).await
    }

    pub(crate) async fn post(&self, path: &str, headers: &str, body: &str) -> (String, String) {
        Self::tell(self.at, path.to_owned(), headers, body).await
    }

    /// A question that leaves the world free to answer it.
    pub(crate) async fn ask(at: SocketAddr, path: String) -> (String, String) {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Self::exchange(at, request.as_bytes()).await
    }

    /// The same of an order.
    pub(crate) async fn tell(at: SocketAddr, path: String, headers: &str, body: &str) -> (String, String) {
        let length = body.len();
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}");
        Self::exchange(at, format!("{head}Content-Length: {length}\r\n\r\n{body}").as_bytes()).await
    }

    async fn exchange(at: SocketAddr, request: &[u8]) -> (String, String) {
        let mut stream = TcpStream::connect(at).await.unwrap();
        // The server may answer and close before it has read all.
        stream.write_all(request).await.ok();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.ok();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        (head.to_owned(), body.to_owned())
    }

    pub(crate) async fn stop(self) {
        self.cancel.cancel();
        self.task.await.unwrap();
    }
}

pub(crate) fn status(head: &str) -> u16 {
    head.split(' ').nth(1).unwrap().parse().unwrap()
}
