//! The page, embedded in the program.

use axum::{
    http::{
        HeaderMap, Method, StatusCode, Uri,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH},
    },
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::problem::{Code, Problem};

/// The page's files as its build leaves them; none of them if it was not built.
#[derive(RustEmbed)]
#[folder = "../web/dist"]
struct Files;

/// A file of the page, or the answer to what is no route at all.
pub async fn asset(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    let sentence = match Files::get(path) {
        Some(file) if method == Method::GET || method == Method::HEAD => return send(path, file, &headers),
        None if path == "index.html" => {
            "This program was built without its page: install Node.js 20.19 or newer and start ./run.sh again. The API is at \
             /api/v1."
        }
        _ => "There is nothing at this address; see /api/v1/openapi.json.",
    };
    Problem::new(Code::NotFound, sentence).into_response()
}

fn send(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash()));
    // Names under `assets/` change with what is in them.
    let kept = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = headers.get(IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let about = [(ETAG, tag.as_str()), (CACHE_CONTROL, kept)];
    if known {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    (about, [(CONTENT_TYPE, file.metadata.mimetype())], file.data.into_owned()).into_response()
}
