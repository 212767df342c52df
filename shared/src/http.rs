//! Clients for other people's HTTP servers.

use std::time::Duration;

/// The beginning of every client: our name, encryption by ring, and an end to waiting for a connection.
///
/// Read answers with a limit on their time and size; the builder sets none.
pub fn builder() -> reqwest::ClientBuilder {
    // An error says that a provider is installed already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("seogi/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
}
