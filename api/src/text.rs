//! Answers that are text for people and their programs, not JSON.

use axum::{
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};

/// A text and its media type, such as `text/plain`.
pub struct Text(pub &'static str, pub String);

impl IntoResponse for Text {
    fn into_response(self) -> Response {
        let Self(kind, text) = self;
        ([(CONTENT_TYPE, format!("{kind}; charset=utf-8"))], text).into_response()
    }
}
