//! Whom a request comes from, also behind proxies.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName},
    middleware::Next,
    response::Response,
};
use config::ServerConfig;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of the client that a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Notes on each request whom it comes from.
pub async fn note(State(server): State<Arc<ServerConfig>>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
    if let Some(peer) = peer {
        let client = client(peer, request.headers(), |address| server.is_trusted_proxy(address));
        request.extensions_mut().insert(ClientAddress(client));
    }
    next.run(request).await
}

/// The nearest address that is no trusted proxy's. Each proxy appends whom it was asked by, so that what a client made up
/// stands before what is true.
fn client(peer: IpAddr, headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> IpAddr {
    let lines: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or("?")).collect();
    let mut hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
    let mut client = peer.to_canonical();
    while is_trusted(client) {
        match hops.next().and_then(address) {
            Some(hop) => client = hop,
            None => break,
        }
    }
    client
}

/// An address, with or without a port.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let with_port = || hop.parse::<SocketAddr>().map(|address| address.ip());
    let address =
        hop.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().or_else(|_| with_port());
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client_of(peer: &str, lines: &[&str]) -> String {
        let trusted: [IpAddr; 2] = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        let headers = lines.iter().map(|line| (FORWARDED_FOR, line.parse().unwrap())).collect();
        client(peer.parse().unwrap(), &headers, |address| trusted.contains(&address)).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(client_of("203.0.113.9", &["198.51.100.1"]), "203.0.113.9", "a client makes it up");
        assert_eq!(client_of("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client_of("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(client_of("10.0.0.1", &["1.2.3.4, 198.51.100.1"]), "198.51.100.1", "the first is made up");
        assert_eq!(client_of("10.0.0.1", &["1.2.3.4, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(client_of("10.0.0.1", &["1.2.3.4", "198.51.100.1", "10.0.0.2"]), "198.51.100.1");
        assert_eq!(client_of("10.0.0.1", &["[2001:db8::7]:443"]), "2001:db8::7");
        assert_eq!(client_of("10.0.0.1", &["198.51.100.1:1234"]), "198.51.100.1");
    }

    #[test]
    fn what_is_no_address_ends_at_the_proxy() {
        for lines in [&[][..], &[""], &["unknown"], &["198.51.100.1, nobody"], &["\u{e9}"]] {
            assert_eq!(client_of("10.0.0.1", lines), "10.0.0.1", "{lines:?}");
        }
    }
}
