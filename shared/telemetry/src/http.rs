//! Clients for other people's HTTP servers.

use std::time::Duration;

/// The beginning of every client: our name, encryption by ring, and an end to waiting for a connection.
///
/// Read answers with a limit on their time and size; the builder sets none.
pub fn builder() -> reqwest::ClientBuilder {
    install_encryption();
    reqwest::Client::builder()
        .user_agent(concat!("seogi/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(10))
}

/// Makes ring what clients encrypt with; harmless when it was done before.
pub fn install_encryption() {
    // An error says that a provider is installed already, which is what is wanted.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
