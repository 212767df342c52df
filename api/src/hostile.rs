//! What a hostile client may send, read as the routes read it: for the fuzz targets in `fuzz/`, and for the tests that replay
//! their seeds.

use std::convert::Infallible;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header::CONTENT_TYPE},
};
use bytes::Bytes;
use config::{Config, LimitsConfig};
use futures::{executor::block_on, stream};
use minutes::Templates;

use crate::{
    intake::{
        fields::Fields,
        form::Form,
        tus::{self, UPLOAD_LENGTH, UPLOAD_METADATA},
    },
    problem::Problem,
    stream::resume::{self, LAST_EVENT_ID},
};

/// What requests are read with: the defaults of the configuration.
pub struct Reader {
    limits: LimitsConfig,
    templates: Templates,
}

impl Reader {
    /// None if the defaults themselves are not understood.
    pub fn new() -> Option<Self> {
        let config = Config::load(None, |_| None, Vec::new()).ok()?;
        Some(Self { templates: Templates::load(&config).ok()?, limits: config.limits })
    }

    /// Reads a form with the boundary `b`, which comes in chunks of so many bytes; how many bytes were in its files, if it is
    /// one that would be accepted.
    pub fn form(&self, bytes: &[u8], chunk: usize) -> Option<usize> {
        let (headers, chunks) = (headers(CONTENT_TYPE, b"multipart/form-data; boundary=b")?, chunk.max(1));
        let chunks = bytes.chunks(chunks).map(|chunk| Ok::<_, Infallible>(Bytes::copy_from_slice(chunk)));
        let body = Body::from_stream(stream::iter(chunks.collect::<Vec<_>>()));
        block_on(self.take(&headers, body)).ok()
    }

    async fn take(&self, headers: &HeaderMap, body: Body) -> Result<usize, Problem> {
        let (mut form, mut fields, mut taken) = (Form::new(headers, body)?, Fields::default(), 0);
        while let Some(mut part) = form.next().await? {
            let name = part.name().unwrap_or_default().to_owned();
            if part.file_name().is_none() {
                fields.read(name, part, &self.limits).await?;
                continue;
            }
            while let Some(chunk) = part.chunk().await? {
                taken += chunk.len();
            }
        }
        self.check(fields)?;
        Ok(taken)
    }

    /// Reads the headers `Upload-Metadata` and `Upload-Length`; the file's name and its size, if an upload would begin.
    pub fn upload(&self, metadata: &[u8], length: &[u8]) -> Option<(String, Option<u64>)> {
        let (metadata, length) = (headers(UPLOAD_METADATA, metadata)?, headers(UPLOAD_LENGTH, length)?);
        let size = tus::upload_length(&length, &self.limits).ok()?;
        let (name, fields) = tus::metadata(&metadata, &self.limits).ok()?;
        self.check(fields).ok()?;
        Some((name, size))
    }

    fn check(&self, mut fields: Fields) -> Result<(), Problem> {
        fields.parse(&self.templates, &self.limits).map(drop)
    }
}

/// Reads the header `Last-Event-ID`.
pub fn last_event_id(id: &[u8]) -> Option<u64> {
    resume::last_event_id(&headers(LAST_EVENT_ID, id)?).ok()?
}

fn headers(name: axum::http::HeaderName, value: &[u8]) -> Option<HeaderMap> {
    Some(HeaderMap::from_iter([(name, HeaderValue::from_bytes(value).ok()?)]))
}
