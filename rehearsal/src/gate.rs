//! The gate at which connections to a side arrive.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{copy, sink},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{Semaphore, watch},
    time::sleep,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::service::Service;

/// Enough for a fleet that reconnects all at once; the kernel takes less where it is set to less.
const BACKLOG: u32 = 4096;
/// The most connections that a gate has at once; further ones wait in the backlog.
const CONNECTIONS: usize = 20_000;
/// How long to rest when a socket cannot be had, which mostly means that there are no file descriptors left.
const REST: Duration = Duration::from_millis(100);

/// What a gate does with those who come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Lets them in.
    Open,
    /// Refuses them.
    Down,
    /// Accepts them and says nothing.
    Hang,
    /// Lets them in, to the other side's service.
    Forward,
}

/// A gate: an address, and what is behind it.
pub(crate) struct Gate {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What serves those who are let in.
    pub(crate) here: Service,
    /// What serves those who are handed on.
    pub(crate) there: Service,
}

impl Gate {
    /// Minds the gate, whose listener is open, until `stop`. Every change of manner cuts the connections made before
    /// it: a side that goes down, hangs or is replaced by a forwarder loses those it had, and so does one that comes
    /// back.
    pub(crate) async fn mind(
        self,
        mut listener: TcpListener,
        mut manner: watch::Receiver<Manner>,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) {
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        while !stop.is_cancelled() {
            let cut = stop.child_token();
            let now = *manner.borrow_and_update();
            let changed = async { manner.changed().await.is_ok() };
            let go_on = if now == Manner::Down {
                drop(listener);
                let opened = async {
                    let refusing = retry(|| bind(self.address)).await;
                    let go_on = changed.await;
                    drop(refusing);
                    (retry(|| listen(self.address)).await, go_on)
                };
                let Some((opened, go_on)) = stop.run_until_cancelled(opened).await else { return };
                listener = opened;
                go_on
            } else {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => false,
                    go_on = changed => go_on,
                    () = self.accept(&listener, now, &room, &tasks, &cut) => false,
                }
            };
            cut.cancel();
            if !go_on {
                return;
            }
        }
    }

    async fn accept(
        &self,
        listener: &TcpListener,
        manner: Manner,
        room: &Arc<Semaphore>,
        tasks: &TaskTracker,
        cut: &CancellationToken,
    ) {
        while let Ok(place) = room.clone().acquire_owned().await {
            let stream = match listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(address = %self.address, %error, "a connection could not be accepted");
                    sleep(REST).await;
                    continue;
                }
            };
            let service = match manner {
                Manner::Open => Some(self.here.clone()),
                Manner::Forward => Some(self.there.clone()),
                Manner::Hang | Manner::Down => None,
            };
            let cut = cut.clone();
            tasks.spawn(async move {
                match service {
                    Some(service) => service.serve(stream, cut).await,
                    None => say_nothing(stream, &cut).await,
                }
                drop(place);
            });
        }
    }
}

/// Reads, so as to notice when the other end gives up, and never answers.
async fn say_nothing(mut stream: TcpStream, cut: &CancellationToken) {
    if let Some(Err(error)) = cut.run_until_cancelled(copy(&mut stream, &mut sink())).await {
        tracing::debug!(%error, "a connection that was kept hanging broke");
    }
}

/// A listener at `address`; port 0 is any free one.
pub(crate) fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    bind(address)?.listen(BACKLOG)
}

/// A bound socket that does not listen: it refuses connections, and keeps the port from being taken by another.
fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Connections that were cut linger on the port; they must not keep it from being opened again (TIME-WAIT).
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn retry<T>(mut make: impl FnMut() -> io::Result<T>) -> T {
    loop {
        match make() {
            Ok(made) => return made,
            Err(error) => {
                tracing::warn!(%error, "a gate's port could not be had again, and is asked for once more");
            }
        }
        sleep(REST).await;
    }
}
