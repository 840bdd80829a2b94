//! The greeting of a mail server, over TLS.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

pub(super) fn serve(listener: TcpListener, acceptor: TlsAcceptor) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(greet(acceptor.clone(), stream));
        }
    })
}

/// Greets, and says goodbye to whatever it is told.
async fn greet(acceptor: TlsAcceptor, stream: TcpStream) -> std::io::Result<()> {
    let mut stream = acceptor.accept(stream).await?;
    stream.write_all(b"220 mail.acme.example ESMTP ready\r\n").await?;
    let _ = stream.read(&mut [0; 512]).await?;
    stream.write_all(b"221 mail.acme.example goodbye\r\n").await?;
    stream.shutdown().await
}
