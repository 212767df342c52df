//! What a start of the program says about its work, and how it finds the speech model.

use config::{Config, SpeechConfig, StorageConfig};
use indicatif::HumanBytes;
use worker::models::{self, DEMO_NAME, ModelError, ModelKind, ModelSource};

use crate::{about, screen::Screen};

/// Says where the data lies, which speech model is used and who writes the minutes.
///
/// # Errors
/// When the speech model can neither be loaded nor fetched, so that there is no use in starting.
pub async fn report(config: &Config, screen: &Screen) -> anyhow::Result<()> {
    let model = match find_model(&config.speech).await? {
        ModelSource::Ready(file) => {
            file.notice.map_or(file.name.clone(), |notice| format!("{}. {notice}", file.name))
        }
        ModelSource::Missing(entry) => {
            format!("{}, which is fetched when it is needed first ({})", entry.name, HumanBytes(entry.bytes))
        }
    };
    screen.notice(format!("  data     {} and {}", recordings(&config.storage), about::database(config)));
    screen.notice(format!("  model    {model}"));
    screen.notice(format!("  minutes  {}", about::summariser(config)));
    Ok(())
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
    let (name, folder) = (name.to_owned(), speech.models.clone());
    let found: Result<ModelSource, ModelError> =
        tokio::task::spawn_blocking(move || models::resolve(kind, &name, &folder)).await?;
    Ok(found?)
}

/// Whether this is the name of a speech model, and not a file's.
pub fn is_model_name(name: &str) -> bool {
    name == DEMO_NAME || models::find(name).is_some_and(|entry| entry.kind == ModelKind::Speech)
}
