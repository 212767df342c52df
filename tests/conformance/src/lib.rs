//! Holds every answer that a test receives against the OpenAPI document: its status, its media type, and its body, whose JSON
//! and whose server-sent events have to fit their schemas. A test whose server says something else than the document does
//! panics where it reads the answer.
#![expect(clippy::indexing_slicing, reason = "what JSON does not have is null")]

mod body;
mod description;

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware, Middleware, Next};

pub use self::description::{Description, Expected};

/// The client, whose answers are checked from now on.
pub fn checked(client: reqwest::Client) -> ClientWithMiddleware {
    ClientBuilder::new(client).with(Conformance).build()
}

struct Conformance;

#[async_trait]
impl Middleware for Conformance {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let response = next.run(request, extensions).await?;
        Ok(body::checked(Description::current(), &method, &path, response))
    }
}
