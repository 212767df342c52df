//! A client of Seogi's own API: what `transcribe`, `watch` and `jobs` talk through, to a server elsewhere as to the
//! one that they start themselves.

mod chat;
mod error;
mod events;
mod jobs;
mod ready;
mod upload;

use std::time::Duration;

pub use error::ClientError;
#[cfg(feature = "worker")]
pub use error::root_cause;
pub use events::{Ending, RetryPolicy, StreamItem};
pub use jobs::{JobList, JobView, ListFilter};
use reqwest::{RequestBuilder, Response};
use serde::de::DeserializeOwned;
pub use upload::Upload;
use url::{Host, Url};

/// How long an answer that is made at once may take.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(60);

/// Silence on a stream of events that shows that its connection is dead: three keep-alives that did not come.
const STREAM_IDLE_TIMEOUT: Duration = Duration::from_secs(50);

/// A client of one server.
#[derive(Clone)]
pub struct Client {
    base: Url,
    http: reqwest::Client,
    stream: reqwest::Client,
    /// Pauses before an upload is tried again.
    retry_delays: &'static [Duration],
}

impl Client {
    /// A client of the server at `base`.
    ///
    /// # Errors
    /// When the system's certificates or proxies cannot be used.
    pub fn new(base: Url) -> Result<Self, ClientError> {
        let builder = || match is_this_machine(&base) {
            true => telemetry::http::builder().no_proxy(),
            false => telemetry::http::builder(),
        };
        let build = |builder: reqwest::ClientBuilder| {
            builder.build().map_err(|error| error::unreachable(&base, &error))
        };
        let (http, stream) = (build(builder())?, build(builder().read_timeout(STREAM_IDLE_TIMEOUT))?);
        Ok(Self { base, http, stream, retry_delays: &upload::RETRY_DELAYS })
    }

    /// The server's address.
    pub const fn base(&self) -> &Url {
        &self.base
    }

    /// Whether a Seogi server answers.
    ///
    /// # Errors
    /// When nobody does, or somebody else.
    pub async fn check(&self) -> Result<(), ClientError> {
        self.answer(self.http.get(self.at_top("healthz")).timeout(RESPONSE_TIMEOUT)).await.map(drop)
    }

    /// The address of what is not below `/api/v1`.
    fn at_top(&self, name: &str) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(name);
        }
        url
    }

    /// The address of `path` below `/api/v1`.
    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v1"]).extend(path);
        }
        url
    }

    /// The answer, if it is one of success.
    async fn answer(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let response = request.send().await.map_err(|error| error::unreachable(&self.base, &error))?;
        if response.status().is_success() { Ok(response) } else { Err(error::refused(response).await) }
    }

    async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, ClientError> {
        let response = self.answer(request.timeout(RESPONSE_TIMEOUT)).await?;
        response.json().await.map_err(|error| error::foreign(&self.base, &error))
    }
}

/// Whether no proxy can lie between us and the server.
fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
