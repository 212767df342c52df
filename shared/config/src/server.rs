//! Where the API listens, how patient it is, and whom it lets in.

use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de::Error};
use url::{Host, Url};

use super::{ConfigError, require};

/// Where the API listens, how patient it is, and which names, pages and proxies it knows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Address.
    pub host: IpAddr,
    /// Port; 0 takes a free one.
    pub port: u16,
    /// Names besides the loopback ones that requests may call this server by.
    #[serde(deserialize_with = "separated")]
    pub hosts: Vec<HostName>,
    /// Origins of other sites whose pages may use the API.
    #[serde(deserialize_with = "separated")]
    pub origins: Vec<Origin>,
    /// Proxies that are believed when they say whom they speak for.
    #[serde(deserialize_with = "separated")]
    pub trusted_proxies: Vec<Network>,
    /// Seconds that the head of a request may take.
    pub header_timeout_seconds: u64,
    /// Seconds of silence that end an upload.
    pub body_timeout_seconds: u64,
    /// Seconds in which a client may take no byte of its answer before it is hung up on.
    pub write_timeout_seconds: u64,
    /// Seconds that a request without a recording may take, and all text fields beside one together.
    pub small_body_timeout_seconds: u64,
    /// Clients connected at the same time; 0: as the limit of open files allows.
    pub max_connections: usize,
}

/// Who may do what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthConfig {
    /// Whether to listen where others reach it, although there is no log-in.
    pub open: bool,
}

impl ServerConfig {
    /// Clients that may be connected where the system lets the process have `open_files` files open.
    pub fn connections(&self, open_files: u64) -> usize {
        match self.max_connections {
            0 => usize::try_from(open_files / 2).unwrap_or(usize::MAX).max(1),
            most => most,
        }
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        require(
            self.small_body_timeout_seconds >= 1,
            "server.small_body_timeout_seconds is 0, so that no request would be understood",
        )
    }

    /// Refuses an address that others reach, unless `auth` says that this is meant.
    ///
    /// # Errors
    /// What to do instead.
    pub fn check_exposure(&self, auth: &AuthConfig) -> Result<(), ConfigError> {
        let sentence = format!(
            "{} (server.host, variable HOST) is reached from other machines, and there is no log-in: listen on 127.0.0.1, or \
             say auth.open = true (SEOGI_AUTH_OPEN=true) if only people who may read every recording can reach it",
            self.host
        );
        require(self.host.to_canonical().is_loopback() || auth.open, sentence)
    }

    /// Whether this address is that of a proxy which is believed.
    pub fn is_trusted_proxy(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|Network(network)| network.contains(&address.to_canonical()))
    }
}

/// The name of a host, in lower case, without a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostName(String);

impl HostName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HostName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        match Host::parse(text) {
            Ok(Host::Domain(name)) if name.bytes().all(is_known) => Ok(Self(name)),
            Ok(Host::Ipv4(_) | Host::Ipv6(_)) => {
                Err(format!("'{text}' is an address; addresses need not be listed, names do"))
            }
            _ => Err(format!(
                "'{text}' is no name of a host; write one such as seogi.example.org, without a port"
            )),
        }
    }
}

/// Scheme, host and port of a site's pages, as browsers send it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// As browsers send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("'{text}' is no origin; write one such as https://notes.example.org, without a path");
        let url = Url::parse(text).map_err(|_| wrong())?;
        let origin = url.origin().ascii_serialization();
        let whole = matches!(url.scheme(), "http" | "https") && url.as_str() == format!("{origin}/");
        if whole { Ok(Self(origin)) } else { Err(wrong()) }
    }
}

/// One address, or a network of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map(Self).map_err(|_| {
            format!(
                "'{text}' is neither an address nor a network; write one such as 172.18.0.2 or 172.18.0.0/16"
            )
        })
    }
}

/// A list whose parts are separated by commas.
fn separated<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(from: D) -> Result<Vec<T>, D::Error> {
    let text = String::deserialize(from)?;
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| part.parse().map_err(D::Error::custom)).collect()
}
