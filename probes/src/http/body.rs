//! An answer's body: unpacked, counted to its end, and kept as far as asked.

use std::io;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZlibDecoder};
use bytes::{Bytes, BytesMut};
use cutover::FailureKind;
use futures_util::{StreamExt, TryStreamExt};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use http_body_util::{BodyExt, BodyStream};
use hyper::body::{Body, Incoming};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::Instant;
use tokio_util::io::StreamReader;

use crate::Fault;

/// How a body is packed (RFC 9110 section 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Brotli,
    Deflate,
}

/// Why a body could not be read.
#[derive(Debug)]
pub(super) enum Stop {
    /// It did not end in time.
    Late,
    Broken(hyper::Error),
    /// It is not packed as it is said to be.
    Unpackable(Packing, io::Error),
}

/// What was kept of a body, and how long all of it was.
#[derive(Debug, Default)]
pub(super) struct Kept {
    bytes: BytesMut,
    /// The only piece, as it came.
    whole: Bytes,
    length: u64,
}

impl Packing {
    /// What is said of the body. What is packed in another way, or twice, is left as it is.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let said = headers.get(CONTENT_ENCODING)?.to_str().ok()?.trim();
        if said.eq_ignore_ascii_case("gzip") || said.eq_ignore_ascii_case("x-gzip") {
            Some(Self::Gzip)
        } else if said.eq_ignore_ascii_case("br") {
            Some(Self::Brotli)
        } else if said.eq_ignore_ascii_case("deflate") {
            Some(Self::Deflate)
        } else {
            None
        }
    }

    /// The failure, in words that follow the peer's name.
    pub(super) fn failure(self, error: &io::Error) -> (Fault, String) {
        let name = match self {
            Self::Gzip => "gzip",
            Self::Brotli => "brotli",
            Self::Deflate => "deflate",
        };
        let words = format!("the body is said to be packed with {name}, and cannot be unpacked ({error})");
        (Fault::Failed(FailureKind::Protocol), words)
    }
}

/// Reads a body to its end, but not beyond `deadline`, and keeps its first `keep` bytes.
pub(super) async fn read(
    mut body: Incoming,
    packing: Option<Packing>,
    keep: usize,
    deadline: Instant,
) -> Result<(Bytes, u64), Stop> {
    let mut kept = Kept::default();
    match packing.filter(|_| !body.is_end_stream()) {
        None => {
            while !body.is_end_stream() {
                let Some(frame) = body.frame().await else { break };
                if let Ok(chunk) = frame.map_err(Stop::Broken)?.into_data() {
                    kept.take(chunk, keep);
                }
                on_time(deadline)?;
            }
        }
        Some(packing) => {
            let chunks = BodyStream::new(body).try_filter_map(async |frame| Ok(frame.into_data().ok()));
            let mut reader = StreamReader::new(Box::pin(chunks.map_err(io::Error::other)));
            let unpacked = match packing {
                Packing::Gzip => unpack(GzipDecoder::new(&mut reader), &mut kept, keep, deadline).await,
                Packing::Brotli => unpack(BrotliDecoder::new(&mut reader), &mut kept, keep, deadline).await,
                Packing::Deflate => unpack(ZlibDecoder::new(&mut reader), &mut kept, keep, deadline).await,
            };
            unpacked?.map_err(|error| broken(packing, error))?;
            // What follows the packed form is of no use; but the connection is, once it is read.
            let mut rest = reader.into_inner();
            while let Some(chunk) = rest.next().await {
                chunk.map_err(|error| broken(packing, error))?;
                on_time(deadline)?;
            }
        }
    }
    Ok(kept.finish())
}

async fn unpack<D: AsyncRead + Unpin>(
    mut decoder: D,
    kept: &mut Kept,
    keep: usize,
    deadline: Instant,
) -> Result<io::Result<()>, Stop> {
    let mut piece = BytesMut::with_capacity(16 * 1024);
    loop {
        match decoder.read_buf(&mut piece).await {
            Ok(0) => return Ok(Ok(())),
            Ok(_) => kept.add(&piece, keep),
            Err(error) => return Ok(Err(error)),
        }
        piece.clear();
        on_time(deadline)?;
    }
}

/// Looked at for each piece: a timeout by itself says nothing while there is always another one.
fn on_time(deadline: Instant) -> Result<(), Stop> {
    if Instant::now() < deadline { Ok(()) } else { Err(Stop::Late) }
}

/// Whether it was the connection that broke, or what came over it.
fn broken(packing: Packing, error: io::Error) -> Stop {
    match error.downcast::<hyper::Error>() {
        Ok(error) => Stop::Broken(error),
        Err(error) => Stop::Unpackable(packing, error),
    }
}

impl Kept {
    /// Takes a piece as it came: most bodies come in one.
    fn take(&mut self, piece: Bytes, keep: usize) {
        if self.length == 0 && piece.len() <= keep {
            self.length = piece.len() as u64;
            self.whole = piece;
        } else {
            self.add(&piece, keep);
        }
    }

    fn add(&mut self, piece: &[u8], keep: usize) {
        if !self.whole.is_empty() {
            self.bytes.extend_from_slice(&std::mem::take(&mut self.whole));
        }
        self.length += piece.len() as u64;
        let room = keep.saturating_sub(self.bytes.len()).min(piece.len());
        self.bytes.extend_from_slice(piece.get(..room).unwrap_or_default());
    }

    fn finish(self) -> (Bytes, u64) {
        (if self.whole.is_empty() { self.bytes.freeze() } else { self.whole }, self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_the_beginning_and_all_is_counted() {
        let kept = |pieces: &[&'static str], keep| {
            let mut kept = Kept::default();
            for piece in pieces {
                kept.take(Bytes::from_static(piece.as_bytes()), keep);
            }
            kept.finish()
        };
        assert_eq!(kept(&[], 4), (Bytes::new(), 0));
        assert_eq!(kept(&["abc"], 4), (Bytes::from("abc"), 3));
        assert_eq!(kept(&["abc", "def"], 4), (Bytes::from("abcd"), 6));
        assert_eq!(kept(&["abcdef"], 4), (Bytes::from("abcd"), 6));
        assert_eq!(kept(&["abc", "def", "ghi"], 0), (Bytes::new(), 9));
    }
}
