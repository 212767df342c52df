//! What can go wrong between us and a Seogi server.

use std::{error::Error, iter, path::PathBuf};

use reqwest::Response;
use serde::Deserialize;
use url::Url;

/// Why the server did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers there, or the connection broke.
    #[error(
        "no Seogi server answers at {url} ({reason}); start one with `seogi serve`, or name another with --server"
    )]
    Unreachable {
        /// The server's address.
        url: String,
        /// What the network said.
        reason: String,
    },
    /// The server answered that it does not do it, and why.
    #[error("{sentence}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The server's own sentence.
        sentence: String,
    },
    /// Something answered that is no Seogi server of this kind.
    #[error(
        "what answers at {url} does not speak as a Seogi server of this version does ({reason}); check the address"
    )]
    Foreign {
        /// The server's address.
        url: String,
        /// What is wrong with the answer.
        reason: String,
    },
    /// A recording cannot be read.
    #[error("{} cannot be read ({reason}); check the path and its permissions", .path.display())]
    File {
        /// The recording.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
}

impl ClientError {
    /// Whether the same request may work in a while, with nobody changing anything.
    pub const fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => matches!(status, 408 | 429 | 500 | 502..=504),
            Self::Foreign { .. } | Self::File { .. } => false,
        }
    }
}

/// What a Seogi server says about a request that it refuses (`application/problem+json`).
#[derive(Deserialize)]
struct Problem {
    detail: String,
}

pub(super) fn unreachable(base: &Url, error: &reqwest::Error) -> ClientError {
    ClientError::Unreachable { url: base.to_string(), reason: root_cause(error) }
}

pub(super) fn foreign(base: &Url, error: &reqwest::Error) -> ClientError {
    ClientError::Foreign { url: base.to_string(), reason: root_cause(error) }
}

/// The server's refusal in its own words.
pub(super) async fn refused(response: Response) -> ClientError {
    let (status, url) = (response.status(), response.url().to_string());
    match response.json::<Problem>().await {
        Ok(problem) => ClientError::Refused { status: status.as_u16(), sentence: problem.detail },
        Err(_) if status.is_server_error() => {
            let sentence =
                format!("the server at {url} failed with status {status}; look into its log, then try again");
            ClientError::Refused { status: status.as_u16(), sentence }
        }
        Err(_) => ClientError::Foreign { url, reason: format!("status {status}") },
    }
}

/// What lies behind an error: the layers above only say that a request failed, one after the other.
pub fn root_cause(error: &(dyn Error + 'static)) -> String {
    iter::successors(Some(error), |error| (*error).source())
        .last()
        .map(ToString::to_string)
        .unwrap_or_default()
}
