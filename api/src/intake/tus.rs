//! The tus protocol, version 1.0: what its headers say. <https://tus.io/protocols/resumable-upload>

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, header::CONTENT_LENGTH},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::DateTime;
use config::LimitsConfig;
use shared::{job::JobId, upload::Upload};

use crate::{
    intake::{fields::Fields, file_name, upload},
    problem::{Code, Problem},
};

/// The version that is spoken here.
const PROTOCOL_VERSION: HeaderValue = HeaderValue::from_static("1.0.0");

pub const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
pub const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
pub const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
pub const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub const UPLOAD_DEFER_LENGTH: HeaderName = HeaderName::from_static("upload-defer-length");
pub const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
pub const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
pub const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");
/// Ours: the job that a whole upload became.
pub const SEOGI_JOB: HeaderName = HeaderName::from_static("seogi-job");

/// What is understood beside the core of the protocol.
pub const EXTENSIONS: &str = "creation,creation-defer-length,termination,expiration";

/// Refuses other versions of the protocol, and says in every answer which one is spoken.
pub async fn version(request: Request, next: Next) -> Response {
    let version_header = request.headers().get(TUS_RESUMABLE);
    let mut response = if request.method() == Method::OPTIONS || version_header == Some(&PROTOCOL_VERSION) {
        next.run(request).await
    } else {
        let sentence = "Uploads in pieces follow tus 1.0.0; send the header `Tus-Resumable: 1.0.0`.";
        ([(TUS_VERSION, PROTOCOL_VERSION)], Problem::new(Code::TusVersion, sentence)).into_response()
    };
    response.headers_mut().insert(TUS_RESUMABLE, PROTOCOL_VERSION);
    response
}

/// The header as a number of bytes, if it was sent.
pub fn bytes(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    // A sign would be understood as well.
    let digits =
        value.to_str().ok().map(str::trim).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    let number = digits.and_then(|digits| digits.parse().ok());
    number.map(Some).ok_or_else(|| {
        Problem::invalid(format!("`{name}` is not a number of bytes; send one, in digits alone."))
    })
}

/// Bytes that the body of a request will have, if it says so.
pub fn content_length(headers: &HeaderMap) -> u64 {
    bytes(headers, &CONTENT_LENGTH).ok().flatten().unwrap_or_default()
}

/// The size of the whole recording, none if it is still being made.
pub fn upload_length(headers: &HeaderMap, limits: &LimitsConfig) -> Result<Option<u64>, Problem> {
    let max_bytes = limits.max_file_size.as_u64();
    match bytes(headers, &UPLOAD_LENGTH)? {
        Some(0) => Err(Problem::new(Code::FileEmpty, "The file has no bytes; choose another one.")),
        Some(size) if size > max_bytes => Err(upload::too_large(max_bytes)),
        size => Ok(size),
    }
}

/// The file's name, made safe, and the fields: pairs of a key and a value in Base64, with commas between them.
pub fn metadata(headers: &HeaderMap, limits: &LimitsConfig) -> Result<(String, Fields), Problem> {
    let (mut name, mut fields) = (String::new(), Fields::default());
    let text = headers.get(UPLOAD_METADATA).map(HeaderValue::to_str).transpose().map_err(|_| {
        Problem::invalid("`Upload-Metadata` holds other letters than ASCII; send each value in Base64.")
    })?;
    for pair in text.unwrap_or_default().split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = BASE64_STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let value = value.ok_or_else(|| {
            Problem::invalid(format!("The metadata `{key}` is not UTF-8 text in Base64; send it as such."))
        })?;
        match key {
            "filename" | "name" => name = value,
            // What clients of the protocol add by themselves.
            "filetype" | "type" | "relativePath" => {}
            _ => fields.put(key, value, limits)?,
        }
    }
    Ok((file_name::safe(&name), fields))
}

/// Where an upload stands.
pub fn state(upload: &Upload, job: Option<JobId>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(UPLOAD_OFFSET, upload.received.into());
    match upload.size {
        Some(size) => headers.insert(UPLOAD_LENGTH, size.into()),
        None => headers.insert(UPLOAD_DEFER_LENGTH, 1.into()),
    };
    let job = job.map(|id| (SEOGI_JOB, id.to_string()));
    let text = job.into_iter().chain(expires(upload).map(|at| (UPLOAD_EXPIRES, at)));
    // Ids and dates fit into a header.
    headers.extend(text.filter_map(|(name, value)| Some((name, HeaderValue::try_from(value).ok()?))));
    headers
}

fn expires(upload: &Upload) -> Option<String> {
    let at = DateTime::from_timestamp_millis(upload.expires_at)?;
    Some(at.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
}
