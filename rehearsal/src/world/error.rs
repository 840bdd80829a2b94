//! Why a world cannot be started.

use std::{io, net::Ipv4Addr, path::PathBuf};

/// Why a world cannot be started. Nothing is left behind then but, at most, a `ca.pem`.
#[derive(Debug, thiserror::Error)]
pub enum WorldError {
    /// An address or a port cannot be had.
    #[error(
        "the {what} cannot listen on {address}:{port}: {source}; choose another port, or 0 for any free one"
    )]
    Bind {
        /// What was to listen.
        what: &'static str,
        /// The address.
        address: Ipv4Addr,
        /// The port; 0 when any would have done.
        port: u16,
        /// What the system says.
        source: io::Error,
    },
    /// The addresses do not make two sides.
    #[error(
        "the addresses of a world are three different ones of 127.0.0.0/8, but {old}, {new} and {services} were given"
    )]
    Addresses {
        /// The old side's.
        old: Ipv4Addr,
        /// The new side's.
        new: Ipv4Addr,
        /// The one for everything else.
        services: Ipv4Addr,
    },
    /// The domain is none.
    #[error("`{domain}` is not a domain: {why}")]
    Domain {
        /// What was given.
        domain: String,
        /// What is wrong with it.
        why: String,
    },
    /// No certificates can be made.
    #[error("the certificates of the two sides cannot be made: {0}")]
    Certificates(String),
    /// The authority's certificate cannot be written.
    #[error("{path} cannot be written: {source}; choose a directory that exists and is yours", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The system does not say where the sockets are.
    #[error("the sockets that were opened cannot be asked for their ports: {0}")]
    Sockets(#[from] io::Error),
}
