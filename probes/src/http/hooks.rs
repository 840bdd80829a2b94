//! Where reqwest's connecting is listened to.

use std::future::Future;
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

use super::exchange::{Current, Link};
use crate::Aim;

/// Resolves along the aim, and tells the exchange.
pub(super) struct Lookup {
    pub(super) aim: Aim,
    pub(super) current: Current,
}

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        let (aim, exchange) = (self.aim.clone(), self.current.get());
        Box::pin(async move {
            exchange.resolving();
            match aim.resolve(name.as_str()).await {
                Ok(found) => {
                    exchange.resolved(&found.addresses, found.ttl.map(|_| found.took));
                    // The port 0 stands for the URL's.
                    let addresses = found.addresses.into_iter().map(|address| SocketAddr::new(address, 0));
                    Ok(Box::new(addresses) as Addrs)
                }
                Err(error) => {
                    exchange.unresolved(error.clone());
                    Err(error.into())
                }
            }
        })
    }
}

/// Tells the exchange when a connection is asked for and when it is ready.
#[derive(Clone)]
pub(super) struct Listen(pub(super) Current);

#[derive(Clone)]
pub(super) struct Listening<S> {
    inner: S,
    current: Current,
}

impl<S> Layer<S> for Listen {
    type Service = Listening<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Listening { inner, current: self.0.clone() }
    }
}

impl<S, R> Service<R> for Listening<S>
where
    S: Service<R, Response: Connection, Future: Send + 'static>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let exchange = self.current.get();
        exchange.connecting();
        let connecting = self.inner.call(request);
        Box::pin(async move {
            let connection = connecting.await?;
            let mut known = Extensions::new();
            connection.connected().get_extras(&mut known);
            exchange.connected(known.get().map(link));
            Ok(connection)
        })
    }
}

/// The two ends of the connection that `info` is about.
pub(super) fn link(info: &HttpInfo) -> Link {
    Link { local: info.local_addr(), peer: info.remote_addr() }
}

/// A session store that keeps nothing. rustls asks it first of all when a handshake starts, which is the only sign
/// of that moment that reqwest lets through. Keeping nothing is on purpose: each session is a fresh user's.
#[derive(Debug)]
pub(super) struct HandshakeStart(pub(super) Current);

impl ClientSessionStore for HandshakeStart {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}

    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        self.0.get().shaking_hands();
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
