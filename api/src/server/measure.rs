//! Requests in figures.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::Method,
    middleware::Next,
    response::Response,
};
use telemetry::metrics::METRICS;

/// Counts the request by its route and not by its address, of which there are any number.
pub async fn measure(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let method = known(request.method());
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    METRICS.request_seconds.get_or_create(&[("route", route.clone())]).observe(begun.elapsed().as_secs_f64());
    METRICS
        .requests
        .get_or_create(&[("method", method.to_owned()), ("route", route), ("status", status)])
        .inc();
    response
}

/// Anybody may make up a method.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PATCH" => "PATCH",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        _ => "other",
    }
}
