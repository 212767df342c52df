//! Every route, once; OpenAPI is made from them. Each action is a file of its own.

mod alive;
mod jobs;
mod llm;
mod metrics;
mod models;
mod ready;
mod storage;
mod tags;
mod templates;
mod uploads;
mod workers;

use std::{sync::Arc, time::Duration};

use axum::middleware;
use tower_http::timeout::RequestBodyDeadlineLayer;
use utoipa::OpenApi;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouter},
    routes,
};

use jobs::segments;

use crate::{App, intake::tus, problem::ProblemBody};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Seogi",
        description = "Meeting recordings to transcripts and minutes. Errors are problem documents."
    ),
    components(schemas(ProblemBody))
)]
struct About;

/// The routes, and their description.
pub fn routes(small_body_timeout: Duration) -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(About::openapi())
        .routes(with_alias("/api/v1/conversation/request", routes!(jobs::create::create)))
        .merge(small().layer(RequestBodyDeadlineLayer::new(small_body_timeout)))
        .merge(resumable())
        .merge(status())
}

/// Those whose requests are small.
fn small() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(jobs::list::list))
        .routes(with_alias("/api/v1/conversation/result/{job_id}", routes!(jobs::show::show)))
        .routes(routes!(jobs::change::change, jobs::delete::delete))
        .routes(with_alias("/api/v1/conversation/stream-events/{job_id}", routes!(jobs::events::events)))
        .routes(with_alias("/api/v1/conversation/errors/{job_id}", routes!(jobs::errors::errors)))
        .routes(routes!(jobs::cancel::cancel))
        .routes(routes!(jobs::retry::retry))
        .routes(routes!(jobs::transcript::transcript))
        .routes(routes!(jobs::summaries::summaries, jobs::summaries::summarise))
        .routes(routes!(jobs::summaries::choose))
        .routes(routes!(jobs::minutes::minutes))
        .routes(routes!(segments::undo::undo))
        .routes(routes!(segments::redo::redo))
        .routes(routes!(segments::change::change_segment, segments::delete::delete_segment))
        .routes(routes!(segments::split::split))
        .routes(routes!(segments::merge::merge))
        .routes(routes!(segments::rename_speaker::rename_speaker))
        .routes(routes!(jobs::audio::audio))
        .routes(routes!(jobs::chat::ask::ask, jobs::chat::show::show, jobs::chat::clear::clear))
        .routes(routes!(templates::templates))
        .routes(routes!(workers::workers))
        .routes(routes!(storage::storage))
        .routes(routes!(models::list::list))
        .routes(routes!(models::fetch::fetch, models::remove::remove))
        .routes(routes!(llm::list::list))
        .routes(routes!(llm::check::check))
        .routes(routes!(jobs::peaks::peaks))
        .routes(routes!(tags::tags))
}

/// Those by which a process says how it is.
pub fn status() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(alive::alive))
        .routes(routes!(ready::ready))
        .routes(routes!(metrics::metrics))
}

/// Resumable uploads (tus).
fn resumable() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(uploads::create::create, uploads::options::options))
        .routes(routes!(
            uploads::head::head,
            uploads::patch::patch,
            uploads::terminate::terminate,
            uploads::method_override::method_override
        ))
        .layer(middleware::from_fn(tus::version))
}

/// The same handlers at a second address: the one that clients of the first system know.
fn with_alias(
    address: &str,
    (schemas, mut paths, handlers): UtoipaMethodRouter<Arc<App>>,
) -> UtoipaMethodRouter<Arc<App>> {
    let same = paths.paths.values().next().cloned().map(|mut item| {
        // An operation's id names one operation only.
        for operation in [&mut item.get, &mut item.post].into_iter().flatten() {
            operation.operation_id = None;
        }
        item
    });
    paths.paths.extend(same.map(|item| (address.to_owned(), item)));
    (schemas, paths, handlers)
}
