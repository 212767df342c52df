//! `GET /api/v1/jobs/{job_id}/audio`: the recording, whole or in part.

use std::{
    ops::{Range, RangeInclusive},
    sync::Arc,
};

use axum::{
    body::Body,
    extract::State,
    http::{
        HeaderMap, StatusCode,
        header::{
            ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
            ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
        },
    },
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use http_range_header::{
    EndPosition, RangeUnsatisfiableError, StartPosition, SyntacticallyCorrectRange, parse_range_header,
};
use library::BlobError;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use shared::job::Job;
use utoipa::ToSchema;

use crate::{
    App,
    access::job::JobPath,
    intake::media_type,
    problem::{Code, Problem, problems},
};

/// What RFC 5987 wants escaped in a name.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

problems!(Problems: JobNotFound, RecordingMissing, RangeNotSatisfiable);

/// Bytes as they are.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it describes the recording, which is sent as it lies on storage")]
struct Binary(Vec<u8>);

/// Get the recording, or the part that the header `Range` names.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}/audio",
    params(("job_id" = String, Path, format = Uuid),
        ("Range" = Option<String>, Header, description = "One range of bytes"),
        ("If-Range" = Option<String>, Header, description = "The `ETag` that the range belongs to")),
    responses(
        (status = 200, description = "The recording", content((Binary = "audio/*"), (Binary = "video/*"), (Binary = "application/octet-stream"))),
        (status = 206, description = "A part of it", content((Binary = "audio/*"), (Binary = "video/*"), (Binary = "application/octet-stream"))),
        (status = 304, description = "The client has it"), Problems))]
pub async fn audio(
    State(app): State<Arc<App>>,
    JobPath(id): JobPath,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let job = app.library.job(id).await?;
    let tag = format!("\"{}\"", job.sha256);
    let same = [(ETAG, tag.clone()), (CACHE_CONTROL, "no-cache".to_owned())];
    let has = |name| headers.get(name).is_some_and(|value| value.as_bytes() == tag.as_bytes());
    if has(IF_NONE_MATCH) {
        return Ok((StatusCode::NOT_MODIFIED, same).into_response());
    }
    let range = headers.get(RANGE).filter(|_| !headers.contains_key(IF_RANGE) || has(IF_RANGE));
    let (status, range) = match range_request(range.and_then(|range| range.to_str().ok()), job.size_bytes) {
        RangeRequest::Whole => (StatusCode::OK, 0..job.size_bytes),
        RangeRequest::Part(part) => (StatusCode::PARTIAL_CONTENT, *part.start()..part.end() + 1),
        RangeRequest::Impossible => return Ok(impossible(job.size_bytes)),
    };
    let head = head(&app, &job).await?;
    if text::import::detect(&head).is_some() {
        let sentence = "This job came as a transcript, so there is nothing to hear; ask for its transcript.";
        return Err(Problem::new(Code::RecordingMissing, sentence));
    }
    let about = [
        (ACCEPT_RANGES, "bytes".to_owned()),
        (CONTENT_TYPE, media_type::of(&head, &job.file_name)),
        (CONTENT_DISPOSITION, disposition(&job.file_name)),
        (CONTENT_LENGTH, (range.end - range.start).to_string()),
    ];
    let part = (status == StatusCode::PARTIAL_CONTENT)
        .then(|| [(CONTENT_RANGE, content_range(&range, job.size_bytes))]);
    let body = Body::from_stream(app.library.read(&job.blob, range).await?);
    Ok((status, same, about, part.map(axum::response::AppendHeaders), body).into_response())
}

/// What a client wants of a recording.
#[derive(Debug, PartialEq)]
enum RangeRequest {
    Whole,
    Part(RangeInclusive<u64>),
    Impossible,
}

/// What is not understood or makes no sense counts as nothing said, and so do several ranges at once, which is the server's
/// choice. No byte at all is a range that cannot be given.
fn range_request(range: Option<&str>, size: u64) -> RangeRequest {
    let ranges = match range.map(parse_range_header) {
        Some(Ok(ranges)) => ranges,
        Some(Err(RangeUnsatisfiableError::ZeroSuffix)) => return RangeRequest::Impossible,
        Some(Err(_)) | None => return RangeRequest::Whole,
    };
    match ranges.validate(size).as_deref() {
        Ok([part]) => RangeRequest::Part(part.clone()),
        Err(RangeUnsatisfiableError::FileSuffixOutOfBounds) => RangeRequest::Part(0..=size.saturating_sub(1)),
        _ if ranges.ranges.len() > 1 || ranges.ranges.iter().any(ends_before_it_begins) => {
            RangeRequest::Whole
        }
        _ => RangeRequest::Impossible,
    }
}

fn ends_before_it_begins(range: &SyntacticallyCorrectRange) -> bool {
    matches!((range.start, range.end), (StartPosition::Index(start), EndPosition::Index(end)) if end < start)
}

fn impossible(size: u64) -> Response {
    let sentence = format!("The recording has {size} bytes; ask for some of these.");
    let problem = Problem::new(Code::RangeNotSatisfiable, sentence);
    ([(CONTENT_RANGE, format!("bytes */{size}"))], problem).into_response()
}

fn content_range(range: &Range<u64>, size: u64) -> String {
    format!("bytes {}-{}/{size}", range.start, range.end - 1)
}

/// The recording's first bytes.
async fn head(app: &App, job: &Job) -> Result<Vec<u8>, BlobError> {
    let head = app.library.read(&job.blob, 0..job.size_bytes.min(media_type::SNIFF_BYTES)).await?;
    Ok(head.try_collect::<Vec<_>>().await?.concat())
}

/// The name to save under, for clients that know only ASCII and for all others.
fn disposition(name: &str) -> String {
    let plain = |character: char| {
        if character.is_ascii() && !matches!(character, '"' | '\\' | '%') { character } else { '_' }
    };
    let ascii: String = name.chars().map(plain).collect();
    format!("inline; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(name, ESCAPED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_served_and_what_makes_no_sense_is_not() {
        for (range, expected) in [
            ("bytes=0-0", RangeRequest::Part(0..=0)),
            ("bytes=5-", RangeRequest::Part(5..=9)),
            ("bytes=-3", RangeRequest::Part(7..=9)),
            ("bytes=-300", RangeRequest::Part(0..=9)),
            ("bytes=2-300", RangeRequest::Part(2..=9)),
            ("bytes=10-", RangeRequest::Impossible),
            ("bytes=99-100", RangeRequest::Impossible),
            ("bytes=0-1,4-5", RangeRequest::Whole),
            ("bytes=0-5,4-6", RangeRequest::Whole),
            ("bytes=x-y", RangeRequest::Whole),
            ("bytes=5-2", RangeRequest::Whole),
            ("bytes=-0", RangeRequest::Impossible),
            ("lines=1-2", RangeRequest::Whole),
            ("", RangeRequest::Whole),
        ] {
            assert_eq!(range_request(Some(range), 10), expected, "{range}");
        }
        assert_eq!(range_request(None, 10), RangeRequest::Whole);
    }

    #[test]
    fn any_name_fits_into_a_header() {
        let name = "회의 \"a\"\\ 100%.wav";
        let expected = "inline; filename=\"__ _a__ 100_.wav\"; \
                        filename*=UTF-8''%ED%9A%8C%EC%9D%98%20%22a%22%5C%20100%25.wav";
        assert_eq!(disposition(name), expected);
    }
}
