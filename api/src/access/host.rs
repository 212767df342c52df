//! By which names this server may be called.
//!
//! A page on the internet may have its own name lead to this machine (DNS rebinding). Its browser then takes what is here
//! for that page's own, and only the name in the request says otherwise.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Uri, header::HOST, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use config::{AuthConfig, ServerConfig};

use crate::problem::{Code, Problem};

/// The names that requests may call this server by.
pub struct HostAllowList {
    names: Vec<String>,
    /// An address is no name that could lead elsewhere; where others reach this server, they do by one.
    any_address: bool,
}

impl HostAllowList {
    /// What the configuration allows.
    pub fn new(server: &ServerConfig, auth: &AuthConfig) -> Self {
        let names = server.hosts.iter().map(|name| name.as_str().to_owned()).collect();
        Self { names, any_address: auth.open }
    }

    fn allows(&self, authority: &Authority) -> bool {
        let host = authority.host();
        // Behind a bracket anything may follow, and is no part of the host then.
        let behind = authority.as_str().strip_prefix(host);
        let is_whole = behind.is_some_and(|port| port.is_empty() || port.starts_with(':'));
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        is_whole
            && match address {
                Ok(address) => self.any_address || address.to_canonical().is_loopback(),
                Err(_) => ["localhost"]
                    .into_iter()
                    .chain(self.names.iter().map(String::as_str))
                    .any(|name| host.strip_suffix('.').unwrap_or(host).eq_ignore_ascii_case(name)),
            }
    }

    /// A request has one name at least, but for those of HTTP/1.0, which no browser sends.
    fn allows_request(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let named = headers.get_all(HOST).iter().map(|host| Authority::try_from(host.as_bytes()).ok());
        let mut named = named.chain(uri.authority().cloned().map(Some));
        named.all(|authority| authority.is_some_and(|authority| self.allows(&authority)))
    }
}

/// Refuses requests that call this server by another name.
pub async fn check(State(list): State<Arc<HostAllowList>>, request: Request, next: Next) -> Response {
    if list.allows_request(request.uri(), request.headers()) {
        return next.run(request).await;
    }
    let sentence = "This server is not known by the name that the request gives (`Host`). Open it by its address, or add the \
                    name to server.hosts (SEOGI_HOSTS).";
    Problem::new(Code::UnknownHost, sentence).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(host: &str, open: bool) -> bool {
        let list = HostAllowList { names: vec!["seogi.example".into()], any_address: open };
        let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
        list.allows_request(&Uri::from_static("/"), &headers)
    }

    #[test]
    fn loopback_names_and_configured_ones_are_known() {
        for host in [
            "localhost",
            "LocalHost:8000",
            "localhost.",
            "127.0.0.1",
            "127.0.0.1:8000",
            "127.1.2.3:80",
            "[::1]",
            "[::1]:8000",
            "[::ffff:127.0.0.1]:1",
            "seogi.example",
            "Seogi.Example:443",
            "seogi.example.:443",
        ] {
            assert!(allowed(host, false) && allowed(host, true), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:8000",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "seogi.example.evil",
            "127.1",
            "2130706433",
            "0x7f000001",
            "localhost..",
            "",
            " ",
            "localhost@evil.example",
            "a,localhost",
            "::1",
            "localhost/",
            "[::1].evil.example",
        ] {
            assert!(!allowed(host, false) && !allowed(host, true), "{host}");
        }
        for host in ["192.168.1.5:8000", "0.0.0.0", "[fe80::1]:8000"] {
            assert!(!allowed(host, false) && allowed(host, true), "{host}");
        }
    }

    #[test]
    fn every_name_that_a_request_gives_counts() {
        let list = HostAllowList { names: Vec::new(), any_address: false };
        let headers = HeaderMap::from_iter([(HOST, "localhost".parse().unwrap())]);
        assert!(list.allows_request(&Uri::from_static("http://localhost/healthz"), &headers));
        assert!(!list.allows_request(&Uri::from_static("http://evil.example/healthz"), &headers));
        assert!(list.allows_request(&Uri::from_static("/"), &HeaderMap::new()), "HTTP/1.0 needs no name");
    }
}
