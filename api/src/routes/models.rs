//! What can be done with speech models.

pub mod fetch;
pub mod list;
pub mod remove;

use std::sync::Arc;

use tokio::task::spawn_blocking;

use crate::{
    App,
    models::{ModelManager, ModelManagerError},
    problem::{Code, Problem},
};

/// Does something with the models, if they lie here.
async fn with_models<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&dyn ModelManager) -> Result<T, ModelManagerError> + Send + 'static,
) -> Result<T, Problem> {
    let manager = app.models.clone().ok_or_else(elsewhere)?;
    let done = spawn_blocking(move || work(Arc::as_ref(&manager))).await;
    Ok(done.map_err(|panic| Problem::internal(&panic))??)
}

fn elsewhere() -> Problem {
    let sentence =
        "The speech models lie with the workers, which are other processes; use `seogi models` there.";
    Problem::new(Code::ModelsElsewhere, sentence)
}

impl From<ModelManagerError> for Problem {
    fn from(error: ModelManagerError) -> Self {
        let code = match &error {
            ModelManagerError::NotFound(_) => Code::ModelNotFound,
            ModelManagerError::InUse(_) => Code::ModelInUse,
            ModelManagerError::Failed(_) => Code::Unavailable,
        };
        Self::of(code, &error)
    }
}
