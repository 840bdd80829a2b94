//! One UDP socket to a DNS server, shared by many questions.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use tokio::net::UdpSocket;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

/// The largest answer that is read: more than any server sends over UDP without being asked to (RFC 6891).
const MAX_DATAGRAM: usize = 4096;

/// A socket connected to the server, so that the kernel drops what comes from elsewhere, and the task that reads it.
#[derive(Debug)]
pub(super) struct Lane {
    socket: Arc<UdpSocket>,
    waiting: Arc<Waiting>,
    reader: AbortHandle,
}

/// A question's place among those that wait; it leaves when dropped.
#[derive(Debug)]
pub(super) struct Ticket {
    waiting: Arc<Waiting>,
    /// The message id, random and in use by no other question on this socket.
    pub(super) id: u16,
    /// Where the answer arrives; an error is what the network said about the server.
    pub(super) answer: oneshot::Receiver<io::Result<Message>>,
}

#[derive(Debug, Default)]
struct Waiting(Mutex<HashMap<u16, Waiter>>);

#[derive(Debug)]
struct Waiter {
    question: Query,
    answer: oneshot::Sender<io::Result<Message>>,
}

impl Lane {
    /// Opens a socket to `server` and starts to read it.
    pub(super) async fn open(server: SocketAddr) -> io::Result<Self> {
        let any = if server.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = Arc::new(UdpSocket::bind(any).await?);
        socket.connect(server).await?;
        let waiting = Arc::new(Waiting::default());
        let reader = tokio::spawn(read(Arc::clone(&socket), Arc::clone(&waiting))).abort_handle();
        Ok(Self { socket, waiting, reader })
    }

    /// Takes a place for `question`. `None` when every id is in use.
    pub(super) fn ticket(&self, question: &Query) -> Option<Ticket> {
        let (sender, answer) = oneshot::channel();
        let mut waiting = self.waiting.lock();
        // Half of the ids stay free, so that a random one is soon found and hard to guess.
        if waiting.len() > usize::from(u16::MAX / 2) {
            return None;
        }
        let id = loop {
            let id = rand::random();
            if !waiting.contains_key(&id) {
                break id;
            }
        };
        waiting.insert(id, Waiter { question: question.clone(), answer: sender });
        drop(waiting);
        Some(Ticket { waiting: Arc::clone(&self.waiting), id, answer })
    }

    /// Sends a message to the server.
    pub(super) async fn send(&self, message: &[u8]) -> io::Result<()> {
        self.socket.send(message).await.map(drop)
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.waiting.lock().remove(&self.id);
    }
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, HashMap<u16, Waiter>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands an answer to the one who asked. Whatever is no answer to an open question is dropped.
    fn deliver(&self, datagram: &[u8]) {
        let Some(id) = datagram.first_chunk().map(|bytes| u16::from_be_bytes(*bytes)) else { return };
        if !self.lock().contains_key(&id) {
            return;
        }
        let message = match Message::from_vec(datagram) {
            Ok(message) => message,
            Err(error) => return tracing::debug!(%error, "a DNS answer that cannot be read is dropped"),
        };
        let mut waiting = self.lock();
        if waiting.get(&id).is_some_and(|waiter| is_answer(&message, id, &waiter.question))
            && let Some(waiter) = waiting.remove(&id)
        {
            drop(waiting);
            // Whoever no longer waits does not want it.
            drop(waiter.answer.send(Ok(message)));
        }
    }

    /// Tells all who wait what the network said about the server.
    fn fail(&self, error: &io::Error) {
        for (_, waiter) in self.lock().drain() {
            let error =
                error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error);
            drop(waiter.answer.send(Err(error)));
        }
    }
}

/// Whether `message` answers this very question: the defence against forged and belated answers (RFC 5452).
pub(super) fn is_answer(message: &Message, id: u16, question: &Query) -> bool {
    let metadata = &message.metadata;
    let asked = match message.queries.as_slice() {
        [asked] => {
            asked.name.eq_ignore_root(&question.name)
                && asked.query_type == question.query_type
                && asked.query_class == question.query_class
        }
        // A server that could not even read the question may leave it out.
        [] => metadata.response_code != hickory_proto::op::ResponseCode::NoError,
        _ => false,
    };
    asked
        && metadata.id == id
        && metadata.message_type == MessageType::Response
        && metadata.op_code == OpCode::Query
}

async fn read(socket: Arc<UdpSocket>, waiting: Arc<Waiting>) {
    let mut buffer = vec![0; MAX_DATAGRAM];
    loop {
        match socket.recv(&mut buffer).await {
            Ok(length) => waiting.deliver(buffer.get(..length).unwrap_or_default()),
            // Such as "port unreachable" for an earlier question: nobody need wait for an answer any longer.
            Err(error) => waiting.fail(&error),
        }
    }
}
