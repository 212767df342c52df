//! Errors as answers: one table from what went wrong to a status, a stable code and a sentence for people.
//!
//! What the program says about itself is logged, not sent.

pub mod responses;

use std::{error::Error, iter};

use axum::{
    Json,
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use library::{BlobError, LibraryError, StoreError};
use serde::Serialize;
use shared::edit::EditError;
use telemetry::metrics::METRICS;
use utoipa::ToSchema;

pub(crate) use responses::problems;

/// Everything that can be wrong with a request or its answer: variant, status, stable code, title.
macro_rules! table {
    ($($variant:ident, $status:ident, $code:literal, $title:literal;)+) => {
        /// What went wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $(#[doc = $title] $variant),+ }

        impl Code {
            /// All there are.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable code, for programs.
            pub const fn as_str(self) -> &'static str {
                self.row().1
            }

            const fn row(self) -> (StatusCode, &'static str, &'static str) {
                match self { $(Self::$variant => (StatusCode::$status, $code, $title)),+ }
            }
        }
    };
}

table! {
    InvalidRequest, BAD_REQUEST, "invalid_request", "The request is not well formed";
    FileMissing, BAD_REQUEST, "file_missing", "No recording came with the request";
    FileEmpty, BAD_REQUEST, "file_empty", "The recording is empty";
    CrossOrigin, FORBIDDEN, "cross_origin", "The request comes from another site's page";
    UnknownHost, MISDIRECTED_REQUEST, "unknown_host", "The server has another name";
    UploadNotFound, NOT_FOUND, "upload_not_found", "There is no such upload";
    NotFound, NOT_FOUND, "not_found", "There is nothing at this address";
    JobNotFound, NOT_FOUND, "job_not_found", "There is no such job";
    SummaryNotFound, NOT_FOUND, "summary_not_found", "There are no such minutes";
    NoPeaks, NOT_FOUND, "no_peaks", "The recording has no waveform";
    SegmentNotFound, NOT_FOUND, "segment_not_found", "There is no such segment";
    SpeakerNotFound, NOT_FOUND, "speaker_not_found", "There is no such speaker";
    RecordingMissing, NOT_FOUND, "recording_missing", "The recording is gone";
    MethodNotAllowed, METHOD_NOT_ALLOWED, "method_not_allowed", "This address knows no such method";
    Timeout, REQUEST_TIMEOUT, "timeout", "The request stopped coming";
    KeyReused, CONFLICT, "key_reused", "The idempotency key stands for another request";
    ModelNotFound, NOT_FOUND, "model_not_found", "There is no such model";
    ModelInUse, CONFLICT, "model_in_use", "The model is in use";
    ModelsElsewhere, NOT_IMPLEMENTED, "models_elsewhere", "The models are not with this process";
    WrongOffset, CONFLICT, "wrong_offset", "The piece belongs elsewhere";
    TusVersion, PRECONDITION_FAILED, "tus_version", "The request follows another version of the protocol";
    WrongStatus, CONFLICT, "wrong_status", "The job's status does not allow it";
    NoTranscript, CONFLICT, "no_transcript", "There is no transcript yet";
    StaleRevision, CONFLICT, "stale_revision", "The transcript was edited since";
    NothingToUndo, CONFLICT, "nothing_to_undo", "There is no edit to undo";
    NothingToRedo, CONFLICT, "nothing_to_redo", "There is no edit to make again";
    FileTooLarge, PAYLOAD_TOO_LARGE, "file_too_large", "The recording is too large";
    FieldLimit, PAYLOAD_TOO_LARGE, "field_limit", "Too many or too long text fields";
    BodyTooLarge, PAYLOAD_TOO_LARGE, "body_too_large", "The request is too long";
    UnsupportedMediaType, UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "The request has the wrong content type";
    RangeNotSatisfiable, RANGE_NOT_SATISFIABLE, "range_not_satisfiable", "The recording has no such bytes";
    TooManyChats, TOO_MANY_REQUESTS, "too_many_chats", "Too many questions are being answered";
    SummariesWaiting, TOO_MANY_REQUESTS, "summaries_waiting", "Too many versions of the minutes wait to be written";
    Internal, INTERNAL_SERVER_ERROR, "internal", "The server made a mistake";
    Unavailable, SERVICE_UNAVAILABLE, "unavailable", "The server cannot do it now";
    TooManyConnections, SERVICE_UNAVAILABLE, "too_many_connections", "Too many clients are connected";
    StorageFull, INSUFFICIENT_STORAGE, "storage_full", "There is no room left";
}

/// Seconds after which a client may try again what is unavailable.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// A request that was not done, and why.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind of thing went wrong.
    pub code: Code,
    /// What happened and what to do, for people.
    pub detail: String,
}

/// A problem as it is sent (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// `urn:seogi:problem:` and the code.
    r#type: String,
    /// What kind of thing went wrong, for people.
    title: &'static str,
    /// HTTP status.
    status: u16,
    /// What went wrong here and what to do, for people.
    detail: String,
    /// What kind of thing went wrong, for programs.
    code: &'static str,
}

impl Problem {
    /// A problem with a sentence that says what happened and what to do.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// The error as a sentence.
    pub fn of(code: Code, error: &dyn Error) -> Self {
        Self::new(code, text::sentence(&error.to_string()))
    }

    /// A request that is not well formed.
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(Code::InvalidRequest, detail)
    }

    /// A mistake of ours: logged, and not explained to the client.
    pub fn internal(error: &(dyn Error + 'static)) -> Self {
        tracing::error!(error, "a request failed");
        Self::new(Code::Internal, "The server made a mistake, which its log tells more about; try again.")
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, title) = self.code.row();
        METRICS.errors.get_or_create(&[("code", code.to_owned())]).inc();
        let r#type = format!("urn:seogi:problem:{code}");
        let body = ProblemBody { r#type, title, status: status.as_u16(), detail: self.detail, code };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let code = match error {
            StoreError::NotFound(_) => Code::JobNotFound,
            StoreError::NoUpload(_) => Code::UploadNotFound,
            StoreError::NoSummary { .. } => Code::SummaryNotFound,
            StoreError::SummariesWaiting { .. } => Code::SummariesWaiting,
            StoreError::Status { .. } | StoreError::Incomplete(_) => Code::WrongStatus,
            StoreError::Stale { .. } => Code::StaleRevision,
            StoreError::NothingToUndo(_) => Code::NothingToUndo,
            StoreError::NothingToRedo(_) => Code::NothingToRedo,
            StoreError::Edit(EditError::NoSegment(_)) => Code::SegmentNotFound,
            StoreError::Edit(EditError::NoSpeaker(_)) => Code::SpeakerNotFound,
            StoreError::Edit(_) => Code::InvalidRequest,
            StoreError::KeyReused => Code::KeyReused,
            StoreError::UploadExpired => Code::Timeout,
            StoreError::Full(_) => {
                tracing::error!(%error, "the database is full");
                let sentence = "The server's database has no room left; delete recordings or give it more room, then try again.";
                return Self::new(Code::StorageFull, sentence);
            }
            StoreError::Database(_) => {
                tracing::error!(%error, "the database failed");
                return Self::new(Code::Unavailable, "The database does not answer; try again in a moment.");
            }
            _ => return Self::internal(&error),
        };
        Self::of(code, &error)
    }
}

impl From<LibraryError> for Problem {
    fn from(error: LibraryError) -> Self {
        match error {
            LibraryError::Store(error) => error.into(),
            LibraryError::Blob(error) => error.into(),
        }
    }
}

impl From<BlobError> for Problem {
    fn from(error: BlobError) -> Self {
        if matches!(error, BlobError::Missing) {
            return Self::of(Code::RecordingMissing, &error);
        }
        tracing::error!(%error, "the storage failed");
        match &error {
            BlobError::Full { .. } => Self::new(
                Code::StorageFull,
                "The server's storage is full; delete recordings or give it more room, then send this one again.",
            ),
            _ => Self::new(
                Code::Unavailable,
                "The storage for recordings does not answer; try again in a moment.",
            ),
        }
    }
}

/// The first `T` among an error and its causes.
pub fn cause<'a, T: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a T> {
    iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
}
