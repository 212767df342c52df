//! Whether the server can work, by its own account.

use serde::Deserialize;

use super::{Client, ClientError, RESPONSE_TIMEOUT, error};

/// What `GET /readyz` answers, with status 200 as with 503.
#[derive(Deserialize)]
struct Readiness {
    checks: Vec<Checked>,
}

#[derive(Deserialize)]
struct Checked {
    name: String,
    ok: bool,
    detail: Option<String>,
}

impl Client {
    /// What does not work, each by its name with what to do; empty if all is well.
    ///
    /// # Errors
    /// When nobody answers, or somebody who is no Seogi server.
    pub async fn troubles(&self) -> Result<Vec<String>, ClientError> {
        let request = self.http.get(self.at_top("readyz")).timeout(RESPONSE_TIMEOUT);
        let response = request.send().await.map_err(|error| error::unreachable(&self.base, &error))?;
        let answer: Readiness = response.json().await.map_err(|error| error::foreign(&self.base, &error))?;
        let broken = answer.checks.into_iter().filter(|check| !check.ok);
        Ok(broken.map(|check| format!("{}: {}", check.name, check.detail.unwrap_or_default())).collect())
    }
}
