//! What serves a connection once it has been let in.

use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::broker::Broker;

/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a request's head may take, and with it how long a connection may be idle.
const HEAD: Duration = Duration::from_secs(60);

/// One of the kinds of server there are behind a gate.
#[derive(Clone)]
pub(crate) enum Service {
    /// HTTP/1.1 over TLS.
    Https(TlsAcceptor, Router),
    /// HTTP/1.1 as it is.
    Http(Router),
    /// MQTT 3.1.1 over TCP.
    Mqtt(Broker),
}

impl Service {
    /// Serves one connection until it ends or is cut.
    pub(crate) async fn serve(&self, stream: TcpStream, cut: CancellationToken) {
        // Small answers, each waited for: Nagle's algorithm would only delay them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        match self {
            Self::Https(tls, router) => {
                let serve = async {
                    match timeout(HANDSHAKE, tls.accept(stream)).await {
                        Ok(Ok(stream)) => http(stream, router.clone()).await,
                        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
                        Err(_) => tracing::debug!("a TLS handshake took longer than {HANDSHAKE:?}"),
                    }
                };
                cut.run_until_cancelled(Box::pin(serve)).await;
            }
            Self::Http(router) => {
                cut.run_until_cancelled(Box::pin(http(stream, router.clone()))).await;
            }
            Self::Mqtt(broker) => Box::pin(broker.serve(stream, cut)).await,
        }
    }
}

async fn http<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(stream: S, router: Router) {
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD);
    if let Err(error) = server.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).await
    {
        tracing::debug!(%error, "an HTTP connection ended early");
    }
}
