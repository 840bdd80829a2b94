//! Where reqwest's connecting is listened to.

use std::error::Error;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::Extensions;
use hyper_util::client::legacy::connect::{Connection, HttpInfo};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::NamedGroup;
use rustls::client::{ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue};
use rustls::pki_types::ServerName;
use tower::{Layer, Service};

use super::exchange::{Exchange, Link};
use crate::Aim;

/// Resolves along the aim, and tells the exchange.
pub(super) struct Lookup(pub(super) Aim);

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        let aim = self.0.clone();
        Box::pin(async move {
            let exchange = Exchange::current();
            let tell = |news: &dyn Fn(&Exchange)| exchange.as_ref().map_or((), news);
            tell(&Exchange::resolving);
            match aim.resolve(name.as_str()).await {
                Ok(found) => {
                    tell(&|exchange| exchange.resolved(&found.addresses, found.ttl.map(|_| found.took)));
                    // The port 0 stands for the URL's.
                    let addresses = found.addresses.into_iter().map(|address| SocketAddr::new(address, 0));
                    Ok(Box::new(addresses) as Addrs)
                }
                Err(error) => {
                    tell(&|exchange| exchange.unresolved(error.clone()));
                    Err(error.into())
                }
            }
        })
    }
}

/// Tells the exchange when a connection is being made and when it is ready, and gives up those that nobody waits for.
///
/// The client below reqwest asks its pool and the connector at once. When the connection of the exchange before is
/// back in the pool a moment later, the exchange takes it, and the client would go on connecting in the background: a
/// connection more at the target than a user has. So the connector is given a moment's start by the pool, and a
/// connection that is polled outside its exchange ends there.
#[derive(Clone)]
pub(super) struct Listen;

#[derive(Clone)]
pub(super) struct Listening<S>(S);

type BoxError = Box<dyn Error + Send + Sync>;

impl<S> Layer<S> for Listen {
    type Service = Listening<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Listening(inner)
    }
}

impl<S, R> Service<R> for Listening<S>
where
    S: Service<R, Response: Connection, Error = BoxError, Future: Send + 'static>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let connecting = self.0.call(request);
        let mut waited_for = Box::pin(async move {
            let exchange = Exchange::current().ok_or("nobody waits for this connection")?;
            let patience = exchange.progress().patience;
            // Even a sleep of nothing lasts until the timer's next tick.
            if !patience.is_zero() {
                tokio::time::sleep(patience).await;
            }
            exchange.connecting();
            let connection = connecting.await?;
            let mut known = Extensions::new();
            connection.connected().get_extras(&mut known);
            exchange.connected(known.get().map(link));
            Ok(connection)
        });
        Box::pin(poll_fn(move |cx| match Exchange::current() {
            Some(_) => waited_for.as_mut().poll(cx),
            None => Poll::Ready(Err("nobody waits for this connection any longer".into())),
        }))
    }
}

/// The two ends of the connection that `info` is about.
pub(super) fn link(info: &HttpInfo) -> Link {
    Link { local: info.local_addr(), peer: info.remote_addr() }
}

/// A session store that keeps nothing. rustls asks it first of all when a handshake starts, which is the only sign
/// of that moment that reqwest lets through. Keeping nothing is on purpose: each session is a fresh user's.
#[derive(Debug)]
pub(super) struct HandshakeStart;

impl ClientSessionStore for HandshakeStart {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        if let Some(exchange) = Exchange::current() {
            exchange.shaking_hands();
        }
        None
    }

    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}

    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }

    fn remove_tls12_session(&self, _: &ServerName<'static>) {}

    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {}

    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}
