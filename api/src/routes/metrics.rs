//! `GET /metrics`: what the program measures of itself.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::{HeaderName, header::CONTENT_TYPE},
};
use telemetry::metrics::{self, METRICS};
use tokio::time::timeout;

use crate::{App, problem::problems};

/// Time that counting in the database may take.
const COUNT_TIMEOUT: Duration = Duration::from_secs(3);

problems!(Problems);

/// Figures for Prometheus, in the OpenMetrics text format.
#[utoipa::path(get, path = "/metrics", responses(
    (status = 200, description = "Every figure", body = String, content_type = "application/openmetrics-text"), Problems))]
pub async fn metrics(State(app): State<Arc<App>>) -> ([(HeaderName, &'static str); 1], String) {
    let counts = match timeout(COUNT_TIMEOUT, app.library.counts()).await {
        Ok(counted) => counted.map_err(|error| error.to_string()),
        Err(late) => Err(late.to_string()),
    };
    if let Err(error) = &counts {
        tracing::warn!(%error, "the jobs could not be counted");
    }
    METRICS.count(counts.as_ref().ok());
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], METRICS.text())
}
