//! What a start of the program says about itself: data, speech model, summariser.

use indicatif::HumanBytes;
use shared::config::{Config, LlmProvider, SpeechConfig};
use url::Url;
use worker::models::{self, ModelError, ModelSource};

use crate::screen::Screen;

/// Says where the data lies, which speech model is used and who writes the minutes.
///
/// # Errors
/// When the speech model can neither be loaded nor fetched, so that there is no use in starting.
pub async fn tell(config: &Config, screen: &Screen) -> anyhow::Result<()> {
    let model = match find_model(&config.speech).await? {
        ModelSource::Ready(file) => {
            file.notice.map_or(file.name.clone(), |notice| format!("{}. {notice}", file.name))
        }
        ModelSource::Missing(entry) => {
            format!("{}, which is fetched when it is needed first ({})", entry.name, HumanBytes(entry.bytes))
        }
    };
    screen.notice(format!("  data     {} and {}", config.storage.data.display(), database(config)));
    screen.notice(format!("  model    {model}"));
    screen.notice(format!("  minutes  {}", summariser(config)));
    Ok(())
}

/// Finds the configured speech model; what is found first is hashed, away from the threads that serve.
///
/// # Errors
/// When there is no such model, or its file is broken.
pub async fn find_model(speech: &SpeechConfig) -> anyhow::Result<ModelSource> {
    let (name, folder) = (speech.model.clone(), speech.models.clone());
    let found: Result<ModelSource, ModelError> =
        tokio::task::spawn_blocking(move || models::resolve(&name, &folder)).await?;
    Ok(found?)
}

/// Who writes the minutes.
pub fn summariser(config: &Config) -> String {
    match (config.llm.provider, config.llm.server()) {
        (LlmProvider::Extractive, _) | (_, None) => {
            "extractive: sentences picked from the transcript; set LLM_PROVIDER to have a language model write them".to_owned()
        }
        (provider, Some(server)) => {
            let model = Some(server.model.as_str()).filter(|name| !name.is_empty()).unwrap_or("the model it has loaded");
            format!("{} at {}, {model}", provider.as_str(), without_login(&server.base_url))
        }
    }
}

/// The database's URL as it may be shown.
pub fn database(config: &Config) -> String {
    let url = config.database_url();
    // A path is shown as it was given.
    if url.starts_with("sqlite:") { url } else { without_login(&url) }
}

/// The address without the user's name and password.
fn without_login(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else { return String::new() };
    let removed = url.set_username("").and_then(|()| url.set_password(None));
    removed.map_or_else(|()| String::new(), |()| url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_in_addresses_are_not_shown() {
        assert_eq!(without_login("http://anna:secret@llm.example:11434/v1"), "http://llm.example:11434/v1");
        assert_eq!(without_login("postgres://anna:secret@db.example/seogi"), "postgres://db.example/seogi");
    }
}
