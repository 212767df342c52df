//! `POST /api/v1/llm/{provider}/check`: whether a language model would answer.

use std::{sync::Arc, time::Duration};

use axum::extract::{Path, State};
use config::LlmProvider;
use llm::LlmError;
use minutes::Summariser;
use serde::Serialize;
use tokio::time::{Instant, timeout};
use utoipa::ToSchema;

use crate::{
    App,
    extract::Json,
    problem::{Code, Problem, problems},
};

/// Time that a server may take to say that it is there.
const CHECK_TIMEOUT: Duration = Duration::from_secs(15);

/// What came of a test.
#[derive(Serialize, ToSchema)]
pub struct Checked {
    /// Whether the provider would write minutes.
    ok: bool,
    /// One sentence about it, which says what to do where there is something to do.
    detail: String,
    /// Seconds that it took.
    seconds: f64,
}

problems!(Problems: NotFound);

/// Ask a language model provider whether it is there, takes the key and has the model.
#[utoipa::path(post, path = "/api/v1/llm/{provider}/check", operation_id = "check_llm",
    params(("provider" = String, Path)),
    responses((status = 200, body = Checked), Problems))]
pub async fn check(State(app): State<Arc<App>>, Path(name): Path<String>) -> Result<Json<Checked>, Problem> {
    let known = LlmProvider::ALL.iter().find(|provider| provider.as_str() == name);
    let unknown = || Problem::new(Code::NotFound, "There is no such provider; GET /api/v1/llm lists them.");
    let (began, provider) = (Instant::now(), *known.ok_or_else(unknown)?);
    let asked = match timeout(CHECK_TIMEOUT, ask(&app, provider)).await {
        Ok(asked) => asked.map_err(|error| error.to_string()),
        Err(_) => Err(format!("it did not answer within {} seconds; start it", CHECK_TIMEOUT.as_secs())),
    };
    let ok = asked.is_ok();
    let detail = asked.unwrap_or_else(|detail| detail);
    Ok(Json(Checked { ok, detail, seconds: began.elapsed().as_secs_f64() }))
}

async fn ask(app: &App, provider: LlmProvider) -> Result<String, LlmError> {
    Summariser::from_config(&app.llm.of(provider))?.check().await
}
