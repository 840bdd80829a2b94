//! The broker over real sockets: against rumqttc's client, and against bytes that no client would send.

mod clients;
mod wire;

use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{Broker, Inbound};

/// A broker that listens, until it is dropped. One account: `user`, `right`.
struct Served {
    broker: Broker,
    addr: SocketAddr,
    inbound: mpsc::Receiver<Inbound>,
    _stop: DropGuard,
}

async fn served() -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (sender, inbound) = mpsc::channel(10_000);
    let broker = Broker::new(|user, password| (user, password) == ("user", "right"), sender);
    let stop = CancellationToken::new();
    let (accepting, cut) = (broker.clone(), stop.clone());
    tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (broker, cut) = (accepting.clone(), cut.clone());
            tokio::spawn(async move { broker.serve(stream, cut).await });
        }
    }));
    Served { broker, addr, inbound, _stop: stop.drop_guard() }
}
