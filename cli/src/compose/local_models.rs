//! The worker's models, for the API of the same process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use api::{Fetching, ModelManager, ModelManagerError, ModelState};
use config::SpeechConfig;
use tokio::task::AbortHandle;
use worker::{
    Worker,
    models::{self, InstalledModel, ModelEntry, ModelError, ModelKind},
};

/// The models folder, and what is being fetched into it.
pub struct LocalModels {
    config: SpeechConfig,
    worker: Worker,
    fetches: Arc<Mutex<HashMap<&'static str, Fetch>>>,
}

/// A fetching that goes on, or one that failed.
struct Fetch {
    progress: Fetching,
    problem: Option<String>,
    task: AbortHandle,
}

impl LocalModels {
    /// The models of a worker.
    pub fn new(config: &SpeechConfig, worker: Worker) -> Self {
        Self { config: config.clone(), worker, fetches: Arc::default() }
    }

    fn fetches(&self) -> MutexGuard<'_, HashMap<&'static str, Fetch>> {
        lock(&self.fetches)
    }

    fn published(&self, entry: &ModelEntry, fetched: bool) -> ModelState {
        let bundled = !fetched && models::bundled(entry, &self.config).is_some();
        let fetches = self.fetches();
        let fetch = fetches.get(entry.name);
        ModelState {
            name: entry.name.to_owned(),
            kind: word(entry.kind),
            bytes: Some(entry.bytes),
            sha256: Some(entry.sha256.to_owned()),
            installed: fetched || bundled,
            bundled,
            in_use: false,
            own: false,
            fetching: fetch.filter(|fetch| fetch.problem.is_none()).map(|fetch| fetch.progress),
            problem: fetch.and_then(|fetch| fetch.problem.clone()),
        }
    }
}

impl ModelManager for LocalModels {
    fn list(&self) -> Result<Vec<ModelState>, ModelManagerError> {
        let installed = models::list_installed(&self.config.models).map_err(refused)?;
        let is_there = |name: &str| installed.iter().any(|model| model.name == name);
        let own = installed.iter().filter(|model| model.entry.is_none()).map(own);
        let published = models::catalogue().iter().map(|entry| self.published(entry, is_there(entry.name)));
        let mut models: Vec<ModelState> = published.chain(own).collect();
        // While one is being loaded, the one in memory is not known; the list is not worth waiting.
        let in_use = self.worker.models_in_use().unwrap_or_else(|_| vec![self.config.model.clone()]);
        for model in &mut models {
            model.in_use = in_use.iter().any(|name| models::is_name_of(name, &model.name));
        }
        Ok(models)
    }

    fn fetch(&self, name: &str) -> Result<(), ModelManagerError> {
        let entry = models::find(name)
            .ok_or_else(|| refused(ModelError::Unknown { name: name.to_owned(), kind: ModelKind::Speech }))?;
        if models::bundled(entry, &self.config).is_some() {
            return Ok(());
        }
        let mut fetches = self.fetches();
        if fetches.get(entry.name).is_some_and(|fetch| fetch.problem.is_none()) {
            return Ok(());
        }
        let (config, all) = (self.config.clone(), Arc::clone(&self.fetches));
        let task = tokio::spawn(async move {
            let on_progress = |done, of| {
                if let Some(fetch) = lock(&all).get_mut(entry.name) {
                    fetch.progress = Fetching { done, of };
                }
            };
            let fetched = models::fetch(entry, &config.models, entry.home(&config), on_progress).await;
            let mut fetches = lock(&all);
            match fetched {
                Ok(_) => drop(fetches.remove(entry.name)),
                Err(error) => {
                    tracing::warn!(model = entry.name, %error, "a model was not fetched");
                    if let Some(fetch) = fetches.get_mut(entry.name) {
                        fetch.problem = Some(error.to_string());
                    }
                }
            }
        });
        let progress = Fetching { done: 0, of: entry.bytes };
        fetches.insert(entry.name, Fetch { progress, problem: None, task: task.abort_handle() });
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<u64, ModelManagerError> {
        if self.worker.models_in_use().map_err(refused)?.iter().any(|used| models::is_name_of(used, name)) {
            let sentence = format!("the model {name} is in use; make another one the default, then restart");
            return Err(ModelManagerError::InUse(sentence));
        }
        let ended = models::find(name).and_then(|entry| self.fetches().remove(entry.name));
        if let Some(fetch) = &ended {
            fetch.task.abort();
        }
        match models::remove(name, &self.config) {
            // What was ended had hardly begun, or has its file still open: the next fetching goes on with that.
            Err(ModelError::NotInstalled { .. } | ModelError::Busy { .. }) if ended.is_some() => Ok(0),
            removed => removed.map_err(refused),
        }
    }
}

/// A file of the owner's own.
fn own(model: &InstalledModel) -> ModelState {
    ModelState {
        name: model.name.clone(),
        kind: word(model.kind),
        bytes: Some(model.bytes),
        sha256: None,
        installed: true,
        bundled: false,
        in_use: false,
        own: true,
        fetching: None,
        problem: None,
    }
}

fn word(kind: ModelKind) -> &'static str {
    match kind {
        ModelKind::Speech => "speech",
        ModelKind::Speakers => "speakers",
    }
}

fn refused(error: ModelError) -> ModelManagerError {
    let sentence = error.to_string();
    match error {
        ModelError::Unknown { .. } | ModelError::NotInstalled { .. } | ModelError::NoFile { .. } => {
            ModelManagerError::NotFound(sentence)
        }
        ModelError::Busy { .. } | ModelError::Loading | ModelError::Bundled { .. } => {
            ModelManagerError::InUse(sentence)
        }
        _ => ModelManagerError::Failed(sentence),
    }
}

/// A fetching that panicked leaves numbers that are as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
