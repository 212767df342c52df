//! A multipart form, read part by part and chunk by chunk in bounded memory.
//!
//! multer reads the form. What it does not do is done here: it takes all that the body has to give at once, and it
//! keeps whatever comes before the first part and in the heads of parts, however long that is.

use std::{
    error::Error,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
};

use axum::{
    body::{Body, BodyDataStream},
    http::{
        HeaderMap,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
};
use bytes::Bytes;
use futures::Stream;
use percent_encoding::percent_decode_str;
use tower_http::timeout::TimeoutError;

use crate::problem::{Code, Problem, cause};

/// Bytes that may come before something can be made of them.
const MAX_UNREAD_BYTES: usize = 256 * 1024;

/// A form on its way in.
pub struct Form {
    parts: multer::Multipart<'static>,
    unread: Arc<AtomicUsize>,
}

/// One part of a form: a file, or a text field.
pub struct Part {
    field: multer::Field<'static>,
    unread: Arc<AtomicUsize>,
}

impl Form {
    /// The form in a request's body.
    pub fn new(headers: &HeaderMap, body: Body) -> Result<Self, Problem> {
        let content_type =
            headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let boundary = multer::parse_boundary(content_type).map_err(|_| {
            Problem::new(
                Code::UnsupportedMediaType,
                "Send a form (multipart/form-data) with the recording in the field `file`.",
            )
        })?;
        let unread = Arc::new(AtomicUsize::new(0));
        let measured = Measured { body: body.into_data_stream(), unread: Arc::clone(&unread), pause: false };
        Ok(Self { parts: multer::Multipart::new(measured, boundary), unread })
    }

    /// The next part; what was not read of the one before is passed over.
    pub async fn next(&mut self) -> Result<Option<Part>, Problem> {
        let field = self.parts.next_field().await?;
        self.unread.store(0, Ordering::Relaxed);
        Ok(field.map(|field| Part { field, unread: Arc::clone(&self.unread) }))
    }
}

impl Part {
    /// The field's name.
    pub fn name(&self) -> Option<&str> {
        self.field.name()
    }

    /// The file's name as the client says it, empty if that cannot be read; none for text fields.
    pub fn file_name(&self) -> Option<String> {
        if let Some(name) = self.field.file_name() {
            return Some(name.to_owned());
        }
        // multer does not read names in the form of RFC 5987 (`filename*=UTF-8''%ED…`) or in old alphabets.
        let header = String::from_utf8_lossy(self.field.headers().get(CONTENT_DISPOSITION)?.as_bytes());
        let (_, name) = header.split_once("; filename")?;
        let encoded =
            name.strip_prefix("*=").and_then(|value| value.splitn(3, '\'').nth(2)).unwrap_or_default();
        Some(percent_decode_str(encoded.split(';').next()?).decode_utf8_lossy().into_owned())
    }

    /// The next bytes.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Problem> {
        let chunk = self.field.chunk().await?;
        self.unread.store(0, Ordering::Relaxed);
        Ok(chunk)
    }
}

/// A body that gives one chunk at a time, and not more than [`MAX_UNREAD_BYTES`] bytes between two things found in it.
struct Measured {
    body: BodyDataStream,
    unread: Arc<AtomicUsize>,
    pause: bool,
}

#[derive(Debug, thiserror::Error)]
#[error("a part's head is longer than {MAX_UNREAD_BYTES} bytes")]
struct TooMuchUnread;

impl Stream for Measured {
    type Item = Result<Bytes, Box<dyn Error + Send + Sync>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.pause) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let chunk = match ready!(Pin::new(&mut self.body).poll_next(cx)) {
            Some(Ok(chunk)) => chunk,
            Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
            None => return Poll::Ready(None),
        };
        self.pause = true;
        let unread = self.unread.fetch_add(chunk.len(), Ordering::Relaxed) + chunk.len();
        Poll::Ready(Some(if unread > MAX_UNREAD_BYTES { Err(TooMuchUnread.into()) } else { Ok(chunk) }))
    }
}

impl From<multer::Error> for Problem {
    fn from(error: multer::Error) -> Self {
        if timed_out(&error) {
            return Self::new(Code::Timeout, "The upload stopped coming; send it again.");
        }
        if let Some(too_much) = cause::<TooMuchUnread>(&error) {
            return Self::invalid(format!("The form is not understood: {too_much}."));
        }
        match error {
            multer::Error::IncompleteFieldData { .. }
            | multer::Error::IncompleteHeaders
            | multer::Error::IncompleteStream
            | multer::Error::StreamReadFailed(_) => Self::invalid("The upload broke off; send it again."),
            other => Self::invalid(format!("The form is not understood: {other}.")),
        }
    }
}

/// Whether an error comes from a body that stopped coming.
pub fn timed_out(error: &(dyn Error + 'static)) -> bool {
    cause::<TimeoutError>(error).is_some()
}
