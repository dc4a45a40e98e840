//! The way in over TCP: where the pages and the API are served to browsers and phones, plain or by
//! TLS, and what is known of who comes: from which address, and whether anybody on the way can read.

pub mod address;
pub mod headers;
pub mod listen;
pub mod tls;
pub mod way;

use std::net::IpAddr;

use axum::extract::connect_info::Connected;
use axum::serve::IncomingStream;

/// The other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remote {
    /// Its address.
    pub ip: IpAddr,
    /// Whether we speak TLS with it ourselves.
    pub tls: bool,
}

impl Connected<IncomingStream<'_, listen::Doors>> for Remote {
    fn connect_info(stream: IncomingStream<'_, listen::Doors>) -> Self {
        *stream.remote_addr()
    }
}
