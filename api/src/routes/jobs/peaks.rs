//! `GET /api/v1/jobs/{job_id}/peaks`: the recording's waveform, without the recording.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH},
    },
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    App,
    access::job::JobPath,
    extract::Json,
    problem::{Code, Problem, problems},
};

/// Samples a second that peaks are counted in.
const SAMPLE_RATE_HZ: f64 = 16_000.0;

/// A recording's waveform never changes.
const CACHE_IMMUTABLE: &str = "private, max-age=31536000, immutable";

/// How loud a recording is, from its beginning to its end.
#[derive(Serialize, ToSchema)]
pub struct Waveform {
    /// Seconds that each peak stands for; the last may stand for fewer.
    seconds_per_peak: f64,
    /// The greatest amplitudes, from 0 (silence) to 255 (full scale); at most 8,192, however long the recording is.
    peaks: Vec<u64>,
}

problems!(Problems: JobNotFound, NoPeaks);

/// Get the recording's waveform, which is there once the recording was decoded to its end.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}/peaks", params(("job_id" = String, Path, format = Uuid)), responses(
    (status = 200, body = Waveform), (status = 304, description = "The client has it"), Problems))]
pub async fn peaks(
    State(app): State<Arc<App>>,
    JobPath(id): JobPath,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let job = app.library.job(id).await?;
    let found = app.library.peaks(id).await?.ok_or_else(|| {
        let sentence = if job.status.is_final() {
            "This recording has no waveform, because it was transcribed without one; upload it again to get one."
        } else {
            "The recording has no waveform yet; ask again when it is transcribed."
        };
        Problem::new(Code::NoPeaks, sentence)
    })?;
    let tag = format!("\"{}-peaks\"", job.sha256);
    let known = headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let about = [(ETAG, tag), (CACHE_CONTROL, CACHE_IMMUTABLE.to_owned())];
    if known {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let seconds_per_peak = found.samples_per_peak as f64 / SAMPLE_RATE_HZ;
    let peaks = found.amplitudes.into_iter().map(u64::from).collect();
    Ok((about, Json(Waveform { seconds_per_peak, peaks })).into_response())
}
