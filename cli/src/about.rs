//! What the program says about itself: database and summariser.

use config::{Config, LlmProvider};
use url::Url;

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
