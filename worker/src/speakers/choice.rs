//! Which way voices are told apart, as configured.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use config::{SpeakersConfig, SpeechConfig};
use shared::job::{Progress, Stage};
use tokio::sync::OnceCell;

use super::{
    BuiltIn, Diariser, SpeakerEmbedder,
    neural::{Neural, NeuralModel},
};
use crate::models::{self, ModelError, ModelKind};

/// Why voices cannot be told apart; each message says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum SpeakerModelError {
    /// The model could not be found or fetched.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The file is there, and no model of speakers.
    #[error("{} cannot tell speakers apart: {reason}; name another model in SEOGI_SPEAKER_MODEL, `campplus` or `built-in`", .path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// Makes a diariser for each recording. A model is loaded when it is first needed, and kept.
pub struct Diarisers {
    config: SpeechConfig,
    model: OnceCell<Arc<NeuralModel>>,
}

impl Diarisers {
    /// Nothing is loaded yet.
    pub fn new(config: SpeechConfig) -> Self {
        Self { config, model: OnceCell::new() }
    }

    /// A diariser; `on_progress` is called while a model is fetched and loaded.
    pub async fn get(
        &self,
        on_progress: impl Fn(Progress) + Send + Sync,
    ) -> Result<Diariser, SpeakerModelError> {
        let embedder: Box<dyn SpeakerEmbedder> = if self.config.speakers.model == SpeakersConfig::BUILT_IN {
            Box::<BuiltIn>::default()
        } else {
            let model = self.model.get_or_try_init(|| self.load(on_progress)).await?;
            Box::new(Neural::new(Arc::clone(model)))
        };
        Ok(Diariser::new(embedder, self.config.speakers.threshold()))
    }

    async fn load(
        &self,
        on_progress: impl Fn(Progress) + Send + Sync,
    ) -> Result<Arc<NeuralModel>, SpeakerModelError> {
        let Some(name) = self.config.speakers.model() else {
            return load(Path::new(SpeakersConfig::BUNDLED), |_| NeuralModel::bundled()).await;
        };
        let fetched =
            |done: u64, all: u64| on_progress(Progress::at(Stage::Loading, done as f64 / all.max(1) as f64));
        let file = models::ensure(ModelKind::Speakers, name, &self.config, fetched).await?;
        let loaded = load(&file.path, NeuralModel::load).await?;
        tracing::info!(model = name, "speaker model loaded");
        Ok(loaded)
    }
}

/// Loads the model away from the threads that serve. What brings its reader down is no model.
async fn load(
    path: &Path,
    reader: impl FnOnce(&Path) -> Result<NeuralModel, SpeakerModelError> + Send + 'static,
) -> Result<Arc<NeuralModel>, SpeakerModelError> {
    let file = path.to_path_buf();
    let loaded = tokio::task::spawn_blocking(move || reader(&file)).await;
    let broken = |_| {
        let reason = "it brings down what reads it".to_owned();
        Err(SpeakerModelError::Unusable { path: path.to_path_buf(), reason })
    };
    loaded.unwrap_or_else(broken).map(Arc::new)
}
