//! What HTTP asks of every request, and what every answer tells those in between.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Version, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::problem::{Code, Problem};

/// Refuses what no route could answer rightly.
pub async fn followed(request: Request, next: Next) -> Response {
    if let Err(problem) = check(request.version(), request.headers()) {
        return problem.into_response();
    }
    next.run(request).await
}

fn check(version: Version, headers: &HeaderMap) -> Result<(), Problem> {
    let hosts = headers.get_all(header::HOST).iter().count();
    if hosts > 1 || (hosts == 0 && version == Version::HTTP_11) {
        return Err(Problem::invalid("A request has one header `Host`; send it once."));
    }
    let encoded = headers.get_all(header::CONTENT_ENCODING).iter().any(|coding| coding != "identity");
    if encoded {
        let sentence =
            "The request is compressed, which is not understood; send it without `Content-Encoding`.";
        return Err(Problem::new(Code::UnsupportedMediaType, sentence));
    }
    Ok(())
}

/// What is JSON changes with every job, and is nobody's else to keep.
pub async fn not_stored(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().is_some_and(|kind| kind.trim_end().ends_with("json")) {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}
