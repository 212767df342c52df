//! The configuration: a default file that is the manual, over it a user's file, the environment and flags.

mod environment;
mod llm;
mod sections;
mod server;
mod speech;
mod storage;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use environment::ENVIRONMENT;
pub use figment::value::Value;
use figment::{
    Figment,
    providers::{Format, Serialized, Toml},
};
pub use llm::*;
pub use sections::*;
use serde::Deserialize;
pub use server::*;
pub use speech::*;
pub use storage::*;

/// The default configuration with a comment on every key: the manual.
pub const MANUAL: &str = include_str!("default.toml");

/// Everything that can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the API listens, and whom it lets in.
    pub server: ServerConfig,
    /// Who may do what.
    pub auth: AuthConfig,
    /// Where recordings are kept.
    pub storage: StorageConfig,
    /// Where jobs are kept.
    pub database: DatabaseConfig,
    /// What joins the processes.
    pub redis: RedisConfig,
    /// How speech is recognised.
    pub speech: SpeechConfig,
    /// Who writes the minutes.
    pub llm: LlmConfig,
    /// Questions about meetings.
    pub chat: ChatConfig,
    /// How minutes are written.
    pub minutes: MinutesConfig,
    /// What is too much.
    pub limits: LimitsConfig,
    /// How work is done.
    pub worker: WorkerConfig,
    /// What is logged.
    pub log: LogConfig,
}

/// What is wrong with the configuration, in one sentence that says what to change.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl ConfigError {
    /// An error with this sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl Config {
    /// Reads the configuration: defaults, then `file`, then the variables that `env` knows, then `flags` (pairs of a
    /// dotted key and its value).
    ///
    /// # Errors
    /// A key that is unknown, a value that does not fit, or two that contradict each other.
    pub fn load(
        file: Option<&Path>,
        env: impl Fn(&str) -> Option<String>,
        flags: Vec<(&'static str, Value)>,
    ) -> Result<Self, ConfigError> {
        let mut figment = Figment::from(Toml::string(MANUAL));
        if let Some(path) = file {
            figment = figment.merge(Toml::string(&read(path)?));
        }
        for (key, value) in environment::settings(env)?.into_iter().chain(flags) {
            figment = figment.merge(Serialized::default(key, value));
        }
        let config: Self = figment.extract().map_err(|error| ConfigError(explain(&error)))?;
        config.validate()?;
        Ok(config)
    }

    /// The database's URL, that of the embedded one if none is set.
    pub fn database_url(&self) -> String {
        match self.database.url.as_str() {
            "" => format!("sqlite:{}", self.storage.data.join("seogi.db").display()),
            url => url.to_owned(),
        }
    }

    /// The folder of the user's own templates, the one in the data folder if none is set.
    pub fn templates_folder(&self) -> PathBuf {
        let set = &self.minutes.templates;
        if set.as_os_str().is_empty() { self.storage.data.join("templates") } else { set.clone() }
    }

    fn validate(&self) -> Result<(), ConfigError> {
        self.server.validate()?;
        self.storage.validate(self.limits.max_file_size)?;
        self.database.validate()?;
        self.speech.validate()?;
        self.chat.validate()?;
        self.minutes.validate()?;
        self.limits.validate()?;
        self.worker.validate()?;
        self.llm.validate()
    }
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|error| {
        ConfigError(format!(
            "the configuration file {} cannot be read ({error}); check the path",
            path.display()
        ))
    })
}

/// Figment's error as one sentence, with the key and the variable that sets it.
fn explain(error: &figment::Error) -> String {
    let key = error.path.join(".");
    let variable = ENVIRONMENT.iter().rfind(|(_, known)| *known == key);
    let place = match variable {
        Some((name, _)) => format!(" in {key} (variable {name})"),
        None if key.is_empty() => String::new(),
        None => format!(" in {key}"),
    };
    format!(
        "the configuration is wrong{place}: {}; `seogi config` prints every key with its meaning",
        error.kind
    )
}

/// A condition that must hold, or else the sentence.
fn require(holds: bool, sentence: impl Into<String>) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError(sentence.into())) }
}
