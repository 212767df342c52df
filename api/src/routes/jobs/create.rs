//! `POST /api/v1/jobs`: a recording, or a transcript, is uploaded and becomes a job.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header::LOCATION},
};
use library::NewJob;
use serde::Serialize;
use shared::job::{Channels, Job, JobId, JobStatus, JobType, Length, Task};
use telemetry::metrics::METRICS;
use utoipa::ToSchema;

use crate::{
    App,
    extract::Json,
    intake::{
        form::Form,
        space, tus,
        upload::{self, Upload},
    },
    problem::{Problem, problems},
};

/// What a form's own text adds to its length at most, beside the text fields.
const MAX_FRAMING_BYTES: u64 = 64 * 1024;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The form of an upload; the fields named here come before the file. Other text fields are the job's metadata.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read as it comes")]
struct UploadForm {
    /// The recording; or a transcript, told by its content: WebVTT, SRT, JSON of Seogi, Whisper, WhisperX or whisper.cpp,
    /// or text with `Name: words`.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What people shall call it; the file's name if nothing is said.
    #[schema(max_length = 200)]
    title: Option<String>,
    /// Spoken language as an ISO 639-1 code, or `auto`.
    #[schema(pattern = "^(auto|multi|[A-Za-z]{2,3})$")]
    language: Option<String>,
    /// Name of the speech model; the server's default if nothing is said.
    #[schema(pattern = "^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$")]
    model: Option<String>,
    /// `translate`: English text, whatever is spoken.
    task: Option<Task>,
    /// Text as it could stand before the transcript, with its names and terms.
    prompt: Option<String>,
    /// Words to expect, separated by commas.
    hotwords: Option<String>,
    /// Whether speakers are told apart by their voices.
    diarize: Option<bool>,
    /// With `diarize`: how many speakers there are, if that is known.
    #[schema(minimum = 1)]
    num_speakers: Option<u32>,
    /// With `diarize`: at least so many.
    #[schema(minimum = 1)]
    min_speakers: Option<u32>,
    /// With `diarize`: at most so many.
    #[schema(minimum = 1)]
    max_speakers: Option<u32>,
    /// `split`: each channel is a speaker of its own.
    channels: Option<Channels>,
    /// Name of the template of the minutes, as `GET /api/v1/templates` lists them.
    template: Option<String>,
    /// Language of the minutes as an ISO 639-1 code, or `auto` for the recording's.
    summary_language: Option<String>,
    /// How much the minutes say.
    summary_length: Option<Length>,
}

/// A recording that was accepted, and so is kept.
#[derive(Serialize, ToSchema)]
pub struct Accepted {
    /// The job's name for ever.
    job_id: JobId,
    /// `BATCH`.
    job_type: JobType,
    /// `PENDING`, unless the same request was made before.
    status: JobStatus,
    /// What to do next, for people.
    message: String,
}

problems!(Problems: FileMissing, FileEmpty, KeyReused, FileTooLarge, FieldLimit, Timeout, StorageFull);

/// Upload a recording.
///
/// The same `Idempotency-Key` with the same content gives the same job, however often it is sent.
#[utoipa::path(post, path = "/api/v1/jobs",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters", pattern = "^[!-~]{1,255}$")),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses(
        (status = 202, body = Accepted, headers(("Location" = String, description = "The job's address"))), Problems))]
pub async fn create(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<Accepted>), Problem> {
    let key = idempotency_key(&headers)?;
    let content_length = tus::content_length(&headers);
    let max_bytes = app.limits.max_file_size.as_u64();
    if content_length > max_bytes.saturating_add(app.limits.max_field_bytes as u64 + MAX_FRAMING_BYTES) {
        return Err(upload::too_large(max_bytes));
    }
    // What would be refused in the end need not come at all.
    space::check(&app, content_length).await?;
    let id = JobId::new();
    let form = Form::new(&headers, body)?;
    let upload = Upload::receive(form, &app, format!("recordings/{id}")).await?;
    // Everything is there: from here on the job comes to be, even if the client goes away.
    let job =
        tokio::spawn(accept(app, id, upload, key)).await.map_err(|error| Problem::internal(&error))??;
    let message = format!("The recording is accepted; follow it at /api/v1/jobs/{}/events.", job.job_id);
    let location = [(LOCATION, format!("/api/v1/jobs/{}", job.job_id))];
    let accepted = Accepted { job_id: job.job_id, job_type: job.job_type, status: job.status, message };
    Ok((StatusCode::ACCEPTED, location, Json(accepted)))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = key.to_str().unwrap_or_default();
    if (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(Some(key.to_owned()));
    }
    Err(Problem::invalid(
        "An Idempotency-Key has 1 to 255 visible ASCII characters; use a UUID, for instance.",
    ))
}

/// Puts the recording on storage, then the job into the library.
async fn accept(app: Arc<App>, id: JobId, upload: Upload, key: Option<String>) -> Result<Job, Problem> {
    let Upload { file_name, recording, request, metadata } = upload;
    let blob = recording.finish().await?;
    let new = NewJob { idempotency_key: key, ..request.job(id, file_name, blob, metadata) };
    let job = app.library.create_job(new).await?;
    METRICS.uploads.inc();
    METRICS.upload_bytes.inc_by(job.size_bytes);
    Ok(job)
}
