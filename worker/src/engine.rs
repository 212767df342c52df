//! The speech engine: one model in memory per process, fetched and loaded when first needed.

use std::{path::PathBuf, sync::Arc};

use config::{Device, SpeechConfig};
use shared::job::{Progress, Stage};
use store::NotedModel;
use telemetry::metrics::Stopwatch;
use tokio::sync::Mutex;

use crate::{
    models::{self, Checksums, ModelError, ModelFile, ModelKind},
    transcriber::{BUILT_FOR_GPU, TranscriberError, Whisper},
};

/// Why there is no engine to work with.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The model could not be found or fetched.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The model could not be loaded.
    #[error(transparent)]
    Transcriber(#[from] TranscriberError),
    /// The model that a job was begun with is not here; another worker may have it.
    #[error(
        "the transcript was begun with the speech model {name}, which this worker does not have ({reason}), so it is left to \
         others; let a worker run that has it, or delete the job and send the recording again"
    )]
    Elsewhere {
        /// What the model is called.
        name: String,
        /// Why it is not here.
        reason: String,
    },
    /// A GPU was asked for.
    #[error(
        "this program was built for the processor only; set STT_DEVICE_TYPE to cpu or auto, or build it with one of the features cuda, vulkan and hipblas"
    )]
    NoGpu,
}

/// A loaded model.
#[derive(Clone)]
pub struct Engine {
    /// What a job notes of it.
    pub model: NotedModel,
    /// The model's file, by which two of one name are told apart.
    path: PathBuf,
    /// The model.
    pub whisper: Arc<Whisper>,
}

/// Keeps the model that was used last.
pub struct Engines {
    config: SpeechConfig,
    checksums: Arc<Checksums>,
    loaded: Mutex<Option<Engine>>,
}

impl Engines {
    /// No model is loaded yet.
    pub fn new(config: SpeechConfig) -> Self {
        Self { config, checksums: Arc::default(), loaded: Mutex::new(None) }
    }

    /// The name or path of the model that is used when a job names none.
    pub fn default_model(&self) -> &str {
        &self.config.model
    }

    /// The engine with the model that a job was begun with, wherever it lies here.
    ///
    /// # Errors
    /// [`EngineError::Elsewhere`] when it is not here and cannot be had.
    pub async fn noted(
        &self,
        noted: &NotedModel,
        on_progress: impl Fn(Progress) + Send + Sync,
    ) -> Result<Engine, EngineError> {
        let elsewhere = |reason| EngineError::Elsewhere { name: noted.name.clone(), reason };
        if noted.file.is_none() && models::is_published(&noted.name) {
            let got = self.get(&noted.name, on_progress).await;
            return got.map_err(|error| match error {
                EngineError::Model(error) => elsewhere(error.to_string()),
                other => other,
            });
        }
        let (checksums, config, model) = (Arc::clone(&self.checksums), self.config.clone(), noted.clone());
        let found = tokio::task::spawn_blocking(move || checksums.find(&model, &config)).await;
        let found = found.map_err(|panic| ModelError::io("read", &self.config.models)(panic.into()))?;
        let place = found.ok_or_else(|| elsewhere(whereabouts(noted)))?;
        self.get(&place.to_string_lossy(), on_progress).await
    }

    /// The engine with the model called `name`; `on_progress` is called while it is fetched and loaded.
    ///
    /// Another model that was in memory is let go, once the jobs that use it are done.
    pub async fn get(
        &self,
        name: &str,
        on_progress: impl Fn(Progress) + Send + Sync,
    ) -> Result<Engine, EngineError> {
        let mut loaded = self.loaded.lock().await;
        on_progress(Progress::at(Stage::Loading, 0.0));
        let fetched =
            |done: u64, all: u64| on_progress(Progress::at(Stage::Loading, done as f64 / all.max(1) as f64));
        let file = models::ensure(ModelKind::Speech, name, &self.config, fetched).await?;
        if let Some(engine) = loaded.as_ref().filter(|engine| engine.path == file.path) {
            return Ok(engine.clone());
        }
        *loaded = None;
        let engine = self.load(file).await?;
        *loaded = Some(engine.clone());
        Ok(engine)
    }

    /// The configured models and the one in memory.
    pub fn in_use(&self) -> Result<Vec<String>, ModelError> {
        let loaded = self.loaded.try_lock().map_err(|_| ModelError::Loading)?;
        let loaded = loaded.as_ref().map(|engine| engine.model.name.clone());
        let speakers = self.config.speakers.model().map(str::to_owned);
        Ok([Some(self.config.model.clone()), speakers, loaded].into_iter().flatten().collect())
    }

    async fn load(&self, file: ModelFile) -> Result<Engine, EngineError> {
        if self.config.device == Device::Gpu && !BUILT_FOR_GPU {
            return Err(EngineError::NoGpu);
        }
        let path = file.path.clone();
        let whisper = Stopwatch::new("load").wait(Whisper::load(path.clone(), (&self.config).into())).await?;
        tracing::info!(model = file.name, "speech model loaded");
        Ok(Engine { model: self.note(file).await?, path, whisper: Arc::new(whisper) })
    }

    /// What a job notes of a model that is here.
    async fn note(&self, file: ModelFile) -> Result<NotedModel, ModelError> {
        let (checksums, path) = (Arc::clone(&self.checksums), file.path.clone());
        let noted = tokio::task::spawn_blocking(move || checksums.note(&file)).await;
        noted.unwrap_or_else(|panic| Err(panic.into())).map_err(ModelError::io("read", &path))
    }

    /// Whether the default model is there, or can be fetched when it is needed; for readiness checks.
    pub async fn check(&self) -> Result<(), ModelError> {
        let config = self.config.clone();
        let found = move || models::resolve(ModelKind::Speech, &config.model, &config);
        match tokio::task::spawn_blocking(found).await {
            Ok(found) => found.map(drop),
            Err(panic) => Err(ModelError::io("read", &self.config.models)(panic.into())),
        }
    }
}

/// Where the file lay that is missed.
fn whereabouts(noted: &NotedModel) -> String {
    match &noted.file {
        Some(file) => format!("no file with the SHA-256 {}; it was {}", file.sha256, file.path),
        None => "no file of that name".to_owned(),
    }
}
