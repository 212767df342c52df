//! Which language model writes the minutes, and where it is.

use std::fmt;

use serde::Deserialize;
use url::Url;

use super::{ConfigError, require};

/// Who writes the minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LlmProvider {
    /// The built-in method that picks sentences; needs no server.
    Extractive,
    /// A server of Ollama.
    Ollama,
    /// A server of LM Studio.
    LmStudio,
    /// Any server that speaks the OpenAI API.
    OpenAi,
    /// Google's Gemini, through its endpoint that speaks the OpenAI API.
    Gemini,
}

impl LlmProvider {
    /// Every provider.
    pub const ALL: &'static [Self] =
        &[Self::Extractive, Self::Ollama, Self::LmStudio, Self::OpenAi, Self::Gemini];

    /// The word for it in the configuration and in the minutes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Extractive => "extractive",
            Self::Ollama => "ollama",
            Self::LmStudio => "lmstudio",
            Self::OpenAi => "openai",
            Self::Gemini => "gemini",
        }
    }
}

/// A secret that no log and no error shows.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct ApiKey(String);

impl ApiKey {
    /// The key itself, for the request's header alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether no key is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<&str> for ApiKey {
    fn from(key: &str) -> Self {
        Self(key.to_owned())
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "none" } else { "(secret)" })
    }
}

/// One language model server.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LlmServer {
    /// Address that the paths of the API are appended to.
    pub base_url: String,
    /// Key, where the server wants one; else empty.
    pub api_key: ApiKey,
    /// Name of the model; empty: the one that the server has loaded (LM Studio only).
    pub model: String,
    /// Seconds that one whole answer may take.
    pub timeout_seconds: u64,
    /// Tokens that question and answer may have together; 0: asked from the server.
    pub context_tokens: u64,
    /// Requests under way at the same time.
    pub concurrency: usize,
}

impl LlmServer {
    /// The address without what may be secret in it.
    pub fn public_address(&self) -> String {
        let Ok(mut url) = Url::parse(&self.base_url) else { return String::new() };
        url.set_query(None);
        // Only addresses without a host refuse these.
        let _ = (url.set_username(""), url.set_password(None));
        url.into()
    }
}

/// Everything about language models.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LlmConfig {
    /// Who writes the minutes.
    pub provider: LlmProvider,
    /// Times a request is made again after a failure that may pass.
    pub retries: u32,
    /// Seconds before the first of them; doubled each time.
    pub retry_wait_seconds: f64,
    /// Seconds that all waiting for one answer may take together, whatever the server asks for.
    pub retry_budget_seconds: f64,
    /// Longest answer in bytes; a longer one is given up.
    pub max_answer_bytes: usize,
    /// Ollama.
    pub ollama: LlmServer,
    /// LM Studio.
    pub lmstudio: LlmServer,
    /// Any server that speaks the OpenAI API.
    pub openai: LlmServer,
    /// Gemini.
    pub gemini: LlmServer,
}

impl LlmConfig {
    /// The same with another provider chosen.
    pub fn of(&self, provider: LlmProvider) -> Self {
        Self { provider, ..self.clone() }
    }

    /// The server of the chosen provider; none for the built-in method.
    pub fn server(&self) -> Option<&LlmServer> {
        match self.provider {
            LlmProvider::Extractive => None,
            LlmProvider::Ollama => Some(&self.ollama),
            LlmProvider::LmStudio => Some(&self.lmstudio),
            LlmProvider::OpenAi => Some(&self.openai),
            LlmProvider::Gemini => Some(&self.gemini),
        }
    }

    /// Checks what the chosen provider needs; the settings of the others are not looked at.
    ///
    /// # Errors
    /// What has to be changed.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let day = 0.0..=86_400.0;
        require(day.contains(&self.retry_wait_seconds), "llm.retry_wait_seconds is not between 0 and 86400")?;
        require(
            day.contains(&self.retry_budget_seconds),
            "llm.retry_budget_seconds is not between 0 and 86400",
        )?;
        require(
            self.max_answer_bytes >= 1024,
            "llm.max_answer_bytes is under 1024, so that no minutes would fit",
        )?;
        self.server().map_or(Ok(()), |server| check(self.provider, server))
    }
}

fn check(provider: LlmProvider, server: &LlmServer) -> Result<(), ConfigError> {
    let key = format!("llm.{}", provider.as_str());
    let url = Url::parse(&server.base_url)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    require(url, format!("{key}.base_url is not an address such as http://localhost:11434"))?;
    require(
        !server.base_url.contains(['?', '#']),
        format!("{key}.base_url has a `?` or `#`, after which no path can follow; leave it out"),
    )?;
    require(
        server.timeout_seconds > 0,
        format!("{key}.timeout_seconds is 0, so that no answer would be in time"),
    )?;
    require(server.concurrency > 0, format!("{key}.concurrency is 0, so that nothing would be asked"))?;
    let context = server.context_tokens == 0 || server.context_tokens >= 2048;
    require(context, format!("{key}.context_tokens is under 2048, in which no minutes can be written"))?;
    // Other characters cannot be sent in a header.
    let sendable = server.api_key.reveal().bytes().all(|byte| byte.is_ascii_graphic());
    require(
        sendable,
        format!("{key}.api_key has a space or another character that no key has; copy it again"),
    )?;
    complete(provider, server)
}

fn complete(provider: LlmProvider, server: &LlmServer) -> Result<(), ConfigError> {
    let (model, key) = (!server.model.is_empty(), !server.api_key.is_empty());
    match provider {
        LlmProvider::Extractive | LlmProvider::LmStudio => Ok(()),
        LlmProvider::Ollama => require(
            model,
            "llm.ollama.model (OLLAMA_MODEL_NAME) is not set; name a model that `ollama list` shows",
        ),
        LlmProvider::OpenAi => {
            require(model, "llm.openai.model is not set; name a model that the server offers")?;
            let open = key || !server.base_url.contains("//api.openai.com");
            require(open, "llm.openai.api_key is not set; OpenAI answers no request without a key")
        }
        LlmProvider::Gemini => {
            require(model, "llm.gemini.model (GEMINI_MODEL_NAME) is not set; name one of Gemini's models")?;
            require(
                key,
                "llm.gemini.api_key (GEMINI_API_KEY) is not set; Gemini answers no request without a key",
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    fn defaults() -> LlmConfig {
        Config::load(None, |_| None, Vec::new()).unwrap().llm
    }

    #[test]
    fn keys_are_not_shown() {
        let mut config = defaults();
        config.gemini.api_key = "AIza-very-secret".into();
        let shown = format!("{config:?}");
        assert!(!shown.contains("very-secret") && shown.contains("(secret)"), "{shown}");
    }

    #[test]
    fn contradictions_are_named_for_the_chosen_provider_only() {
        let problem = |provider, change: fn(&mut LlmConfig)| {
            let mut config = LlmConfig { provider, ..defaults() };
            config.ollama.model = "m".to_owned();
            config.gemini.api_key = "k".into();
            change(&mut config);
            config.validate().map_err(|error| error.to_string()).err().unwrap_or_default()
        };
        use LlmProvider::{Extractive, Gemini, LmStudio, Ollama, OpenAi};
        assert_eq!(problem(Extractive, |config| config.ollama.base_url.clear()), "");
        assert_eq!(problem(LmStudio, |_| ()), "");
        assert_eq!(problem(Ollama, |_| ()), "");
        assert!(problem(Ollama, |config| config.ollama.base_url = "localhost".into()).contains("base_url"));
        assert!(problem(Ollama, |config| config.ollama.base_url += "/?key=k").contains("leave it out"));
        assert!(problem(Ollama, |config| config.ollama.model.clear()).contains("OLLAMA_MODEL_NAME"));
        assert!(problem(Ollama, |config| config.ollama.concurrency = 0).contains("concurrency"));
        assert!(problem(Ollama, |config| config.ollama.context_tokens = 100).contains("context_tokens"));
        assert!(problem(OpenAi, |config| config.openai.model = "gpt".into()).contains("api_key"));
        assert!(
            problem(Gemini, |config| config.gemini.api_key = "two\nlines".into()).contains("copy it again")
        );
        assert!(problem(Gemini, |config| config.gemini.api_key = "".into()).contains("GEMINI_API_KEY"));
        assert!(problem(Extractive, |config| config.retry_wait_seconds = f64::NAN).contains("retry_wait"));
    }
}
