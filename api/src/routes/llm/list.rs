//! `GET /api/v1/llm`: the language model providers.

use std::sync::Arc;

use axum::extract::State;
use config::LlmProvider;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{App, extract::Json, problem::problems};

/// A language model provider as it is configured; its key is never shown.
#[derive(Serialize, ToSchema)]
pub struct Provider {
    /// `extractive`, `ollama`, `lmstudio`, `openai` or `gemini`.
    name: &'static str,
    /// Whether it writes the minutes.
    chosen: bool,
    /// Its server's address; none of the built-in method.
    #[schema(required)]
    address: Option<String>,
    /// The model that is asked for; empty where none is configured.
    model: String,
    /// Whether a key is configured.
    has_key: bool,
}

/// The language model providers.
#[derive(Serialize, ToSchema)]
pub struct Providers {
    /// All there are.
    providers: Vec<Provider>,
}

problems!(Problems:);

/// List the language model providers as they are configured.
#[utoipa::path(get, path = "/api/v1/llm", operation_id = "list_llm", responses((status = 200, body = Providers), Problems))]
pub async fn list(State(app): State<Arc<App>>) -> Json<Providers> {
    let provider = |provider: &LlmProvider| {
        let config = app.llm.of(*provider);
        let server = config.server();
        Provider {
            name: provider.as_str(),
            chosen: *provider == app.llm.provider,
            address: server.map(|server| server.public_address()),
            model: server.map(|server| server.model.clone()).unwrap_or_default(),
            has_key: server.is_some_and(|server| !server.api_key.is_empty()),
        }
    };
    Json(Providers { providers: LlmProvider::ALL.iter().map(provider).collect() })
}
