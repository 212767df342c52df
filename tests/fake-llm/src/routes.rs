//! The paths of both servers.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{OriginalUri, State as Extract},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};

use crate::{Seen, State, stream::Answering, wire};

type Server = Extract<Arc<State>>;

pub(crate) fn router(state: Arc<State>) -> Router {
    Router::new()
        .route("/api/chat", post(ollama_chat))
        .route("/api/show", post(ollama_show))
        .route("/api/tags", get(ollama_tags))
        .route("/api/v0/models", get(lm_studio_models))
        .route("/v1/models", get(openai_models))
        .route("/v1/chat/completions", post(openai_chat))
        .with_state(state)
}

async fn ollama_chat(
    server: Server,
    uri: OriginalUri,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let model = wire::text(&body, "model");
    if model != server.settings.model {
        return no_ollama_model(model);
    }
    chat(server, wire::Form::Ollama, uri, &headers, body).await
}

async fn openai_chat(
    server: Server,
    uri: OriginalUri,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    if let Some(refusal) = refused(&server, &headers) {
        return refusal;
    }
    let model = wire::text(&body, "model");
    if model != server.settings.model {
        let message = format!("The model `{model}` does not exist or you do not have access to it.");
        return openai_error(StatusCode::NOT_FOUND, &message, "model_not_found");
    }
    chat(server, wire::Form::OpenAi, uri, &headers, body).await
}

async fn chat(
    Extract(state): Server,
    form: wire::Form,
    OriginalUri(uri): OriginalUri,
    headers: &HeaderMap,
    body: Value,
) -> Response {
    let seen =
        Seen { path: uri.path().to_owned(), authorization: authorization(headers), body: body.clone() };
    let under_way = state.begin();
    let reply = state.reply_to(seen);
    // Lets other requests come in, so that what is allowed to overlap does.
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
    let answering = Answering { form, model: &state.settings.model, request: &body, under_way };
    wire::respond(reply, answering).await
}

async fn ollama_show(Extract(state): Server, Json(body): Json<Value>) -> Response {
    let model = wire::text(&body, "model");
    if model != state.settings.model {
        return no_ollama_model(model);
    }
    Json(json!({
        "license": "", "modelfile": "FROM fake", "parameters": "temperature 0.7\nstop \"<end>\"", "template": "{{ .Prompt }}",
        "details": { "format": "gguf", "family": "fake", "parameter_size": "1B", "quantization_level": "Q4_0" },
        "model_info": {
            "general.architecture": "fake", "general.parameter_count": 1_000_000_000_u64,
            "fake.context_length": state.settings.context_tokens, "fake.embedding_length": 64,
        },
        "capabilities": ["completion"],
    }))
    .into_response()
}

async fn ollama_tags(Extract(state): Server) -> Json<Value> {
    let model = &state.settings.model;
    Json(json!({ "models": [{
        "name": model, "model": model, "modified_at": "2026-01-01T00:00:00Z", "size": 700_000_000_u64, "digest": "0",
    }] }))
}

async fn openai_models(server: Server, headers: HeaderMap) -> Response {
    if let Some(refusal) = refused(&server, &headers) {
        return refusal;
    }
    let model = &server.settings.model;
    Json(json!({ "object": "list", "data": [{ "id": model, "object": "model", "created": 0, "owned_by": "fake" }] }))
        .into_response()
}

async fn lm_studio_models(Extract(state): Server) -> Json<Value> {
    let context = state.settings.context_tokens;
    Json(json!({ "object": "list", "data": [
        { "id": "fake-embedding", "object": "model", "type": "embeddings", "state": "loaded", "max_context_length": 512 },
        { "id": "other-model", "object": "model", "type": "llm", "state": "not-loaded", "max_context_length": 131_072 },
        { "id": state.settings.model, "object": "model", "type": "llm", "state": "loaded",
          "max_context_length": 131_072, "loaded_context_length": context },
    ] }))
}

fn authorization(headers: &HeaderMap) -> Option<String> {
    headers.get(header::AUTHORIZATION)?.to_str().ok().map(str::to_owned)
}

fn refused(state: &State, headers: &HeaderMap) -> Option<Response> {
    let key = state.settings.key.as_ref()?;
    (authorization(headers) != Some(format!("Bearer {key}")))
        .then(|| openai_error(StatusCode::UNAUTHORIZED, "Incorrect API key provided.", "invalid_api_key"))
}

fn openai_error(status: StatusCode, message: &str, code: &str) -> Response {
    let error = json!({ "error": { "message": message, "type": "invalid_request_error", "param": null, "code": code } });
    (status, Json(error)).into_response()
}

fn no_ollama_model(name: &str) -> Response {
    (StatusCode::NOT_FOUND, Json(json!({ "error": format!("model '{name}' not found") }))).into_response()
}
