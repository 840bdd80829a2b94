//! The servers that the examples need and the rehearsal's world has not, a file for each.

mod bus;
mod cache;
mod mail;
mod names;
mod partner;
mod prices;
mod shop;
mod tls;

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::folder::Authority;
use crate::stage::{ALSO_OLD, NEW, OLD};

/// The names at which they are.
pub(crate) const NAMES: [&str; 6] = [
    "shop.acme.example",
    "cache.acme.example",
    "mail.acme.example",
    "partner.acme.example",
    "live.acme.example",
    "bus.acme.example",
];

/// All of them.
pub(crate) struct Stands {
    /// As what the examples know them.
    pub(crate) vars: Vec<(&'static str, String)>,
    /// Who says where they are.
    pub(crate) resolver: SocketAddr,
    pub(crate) tasks: Vec<JoinHandle<()>>,
}

/// Starts them; what the resolver does not know itself, `world` is asked for.
pub(crate) async fn start(authority: &Authority, world: SocketAddr) -> Stands {
    let (resolver, task) = names::serve(world).await;
    let mut tasks = vec![task];
    let (shop, sides) = everywhere().await;
    tasks.extend(sides.map(|(listener, side)| shop::serve(listener, side)));
    let (cache, sides) = everywhere().await;
    tasks.extend(sides.map(|(listener, _)| cache::serve(listener)));
    let (prices, sides) = everywhere().await;
    tasks.extend(sides.map(|(listener, side)| prices::serve(listener, side)));
    let (bus, sides) = everywhere().await;
    tasks.extend(sides.map(|(listener, side)| bus::serve(listener, side)));
    let (mail, sides) = everywhere().await;
    tasks.extend(
        sides.map(|(listener, _)| mail::serve(listener, tls::acceptor(authority, "mail.acme.example"))),
    );
    let (partner, sides) = everywhere().await;
    tasks.extend(sides.map(|(listener, side)| partner::serve(listener, side, authority)));
    let vars = vec![
        ("shop", format!("http://shop.acme.example:{shop}")),
        ("cache", format!("cache.acme.example:{cache}")),
        ("prices", format!("ws://live.acme.example:{prices}/prices")),
        ("bus", format!("mqtt://bus.acme.example:{bus}")),
        ("mail", format!("mail.acme.example:{mail}")),
        ("partner", format!("https://partner.acme.example:{partner}")),
    ];
    Stands { vars, resolver, tasks }
}

/// The same free port at every address, and whose each is.
async fn everywhere() -> (u16, std::array::IntoIter<(TcpListener, &'static str), 3>) {
    let bind = |address: Ipv4Addr, port| TcpListener::bind((address, port));
    loop {
        let old = bind(OLD, 0).await.unwrap();
        let port = old.local_addr().unwrap().port();
        if let (Ok(also), Ok(new)) = (bind(ALSO_OLD, port).await, bind(NEW, port).await) {
            return (port, [(old, "old"), (also, "old"), (new, "new")].into_iter());
        }
    }
}
