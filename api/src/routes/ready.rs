//! `GET /readyz`: whether the program can work.

use std::{sync::Arc, time::Duration};

use axum::{extract::State, http::StatusCode};
use futures::future::{BoxFuture, join_all};
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::{App, extract::Json, intake::space, problem::problems};

/// Time that a check may take.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);

/// Whether the program can work.
#[derive(Serialize, ToSchema)]
pub struct Readiness {
    /// Whether every check passed.
    ready: bool,
    /// What was checked.
    checks: Vec<CheckResult>,
}

/// One thing that has to work.
#[derive(Serialize, ToSchema)]
pub struct CheckResult {
    /// What was checked: `database`, `storage`, `queue`, `model` …
    name: &'static str,
    /// Whether it works.
    ok: bool,
    /// What is wrong and what to do, if it does not.
    #[schema(required)]
    detail: Option<String>,
}

problems!(Problems);

/// Whether the program can work: database, storage, queue and model, each by name.
#[utoipa::path(get, path = "/readyz", responses(
    (status = 200, body = Readiness),
    (status = 503, description = "Something does not work", body = Readiness), Problems))]
pub async fn ready(State(app): State<Arc<App>>) -> (StatusCode, Json<Readiness>) {
    let others = app.checks.iter().map(|check| checked(check.name, (check.check)()));
    let ours = [
        checked("database", Box::pin(database(Arc::clone(&app)))),
        checked("storage", Box::pin(storage(Arc::clone(&app)))),
    ];
    let checks = join_all(ours.into_iter().chain(others)).await;
    let ready = checks.iter().all(|check| check.ok);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, checks }))
}

async fn checked(name: &'static str, check: BoxFuture<'static, Result<(), String>>) -> CheckResult {
    let late = |_| Err(format!("it did not answer within {} seconds", CHECK_TIMEOUT.as_secs()));
    let detail = timeout(CHECK_TIMEOUT, check).await.unwrap_or_else(late).err();
    CheckResult { name, ok: detail.is_none(), detail }
}

async fn database(app: Arc<App>) -> Result<(), String> {
    app.library.check_database().await.map_err(|error| error.to_string())
}

async fn storage(app: Arc<App>) -> Result<(), String> {
    app.library.check_storage().await.map_err(|error| error.to_string())?;
    space::check(&app, 0).await.map_err(|problem| problem.to_string())
}
