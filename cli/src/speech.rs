//! What a start of the program says about its work, and how it finds the speech model.

use config::{Config, SpeechConfig, StorageConfig};
use indicatif::HumanBytes;
use worker::models::{self, ModelEntry, ModelError, ModelKind, ModelSource};

use crate::{about, screen::Screen};

/// Says where the data lies, which speech model is used and who writes the minutes.
///
/// # Errors
/// When the speech model can neither be loaded nor fetched, so that there is no use in starting.
pub async fn report(config: &Config, screen: &Screen) -> anyhow::Result<()> {
    let model = match find_model(&config.speech).await? {
        ModelSource::Ready(file) => file.name,
        ModelSource::Missing(entry) => {
            let (name, bytes) = (missing(entry, &config.speech), HumanBytes(entry.bytes));
            format!("{name}; it is fetched when it is needed first ({bytes})")
        }
    };
    screen.notice(format!("  data     {} and {}", recordings(&config.storage), about::database(config)));
    screen.notice(format!("  model    {model}"));
    screen.notice(format!("  minutes  {}", about::summariser(config)));
    Ok(())
}

/// A model that is not on this machine, and where it should be if it comes with the program.
pub fn missing(entry: &ModelEntry, speech: &SpeechConfig) -> String {
    if entry.bundled_sha256.is_none() {
        return format!("{} is not here yet", entry.name);
    }
    let folders = models::bundled_folders(speech).into_iter().map(|folder| folder.display().to_string());
    format!(
        "{} comes with the program, but {} lies in none of {} (copy it there from assets/models of Seogi's sources, or name its \
         folder with SEOGI_BUNDLED_MODELS)",
        entry.name,
        entry.file,
        folders.collect::<Vec<_>>().join(", ")
    )
}

/// Where recordings are kept, as it may be shown.
fn recordings(storage: &StorageConfig) -> String {
    match storage.bucket() {
        Some(_) => storage.recordings.clone(),
        None => storage.folder().display().to_string(),
    }
}

/// Finds the configured speech model; what is found first is hashed, away from the threads that serve.
///
/// # Errors
/// When there is no such model, or its file is broken.
pub async fn find_model(speech: &SpeechConfig) -> anyhow::Result<ModelSource> {
    find(ModelKind::Speech, &speech.model, speech).await
}

/// Finds the configured model that tells speakers apart; none if what is built in does.
///
/// # Errors
/// As [`find_model`].
pub async fn find_speaker_model(speech: &SpeechConfig) -> anyhow::Result<Option<ModelSource>> {
    match speech.speakers.model() {
        Some(name) => find(ModelKind::Speakers, name, speech).await.map(Some),
        None => Ok(None),
    }
}

async fn find(kind: ModelKind, name: &str, speech: &SpeechConfig) -> anyhow::Result<ModelSource> {
    let (name, speech) = (name.to_owned(), speech.clone());
    let found: Result<ModelSource, ModelError> =
        tokio::task::spawn_blocking(move || models::resolve(kind, &name, &speech)).await?;
    Ok(found?)
}

/// Whether this is the name of a speech model, and not a file's.
pub fn is_model_name(name: &str) -> bool {
    models::find(name).is_some_and(|entry| entry.kind == ModelKind::Speech)
}
