//! The address people open.

use std::net::{IpAddr, SocketAddr, UdpSocket};

use crate::config::Web;

/// As the configuration says, else where it listens, as seen from the office's network.
pub fn address(web: &Web, local: SocketAddr) -> String {
    if let Some(address) = &web.address {
        return address.clone();
    }
    let scheme = if web.certificate.is_some() {
        "https"
    } else {
        "http"
    };
    let ip = match local.ip() {
        ip if ip.is_unspecified() => own_ip().unwrap_or(ip),
        ip => ip,
    };
    format!("{scheme}://{}", SocketAddr::new(ip, local.port()))
}

/// Whether a phone could open it.
pub fn is_for_phones(web: &Web, local: SocketAddr) -> bool {
    web.address.is_some() || !local.ip().is_loopback()
}

/// The address this machine would speak to others from. Nothing is sent: connecting a datagram socket
/// only asks the routes (192.0.2.0/24 is set aside for examples, RFC 5737).
fn own_ip() -> Option<IpAddr> {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    socket.connect(("192.0.2.1", 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_unspecified()).then_some(ip)
}
