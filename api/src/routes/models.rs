//! What can be done with speech models.

pub mod fetch;
pub mod list;
pub mod remove;

use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::{
    App,
    models::{ModelShelf, ShelfError},
    problem::{Code, Problem},
};

/// Does something with the models, if they lie here.
async fn with_shelf<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&dyn ModelShelf) -> Result<T, ShelfError> + Send + 'static,
) -> Result<T, Problem> {
    let shelf = app.models.clone().ok_or_else(elsewhere)?;
    let done = spawn_blocking(move || work(Arc::as_ref(&shelf))).await;
    Ok(done.map_err(|panic| Problem::internal(&panic))??)
}

fn elsewhere() -> Problem {
    let sentence =
        "The speech models lie with the workers, which are other processes; use `seogi models` there.";
    Problem::new(Code::ModelsElsewhere, sentence)
}

impl From<ShelfError> for Problem {
    fn from(error: ShelfError) -> Self {
        let code = match &error {
            ShelfError::NotThere(_) => Code::ModelNotFound,
            ShelfError::InUse(_) => Code::ModelInUse,
            ShelfError::Failed(_) => Code::Unavailable,
        };
        Self::of(code, &error)
    }
}
