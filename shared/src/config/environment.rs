//! Environment variables, and the keys they set.

use figment::value::Value;

use super::ConfigError;

/// Variables and the keys they set. Where two set one key, the later wins.
pub const ENVIRONMENT: &[(&str, &str)] = &[
    ("HOST", "server.host"),
    ("PORT", "server.port"),
    ("SEOGI_HEADER_TIMEOUT", "server.header_timeout_seconds"),
    ("SEOGI_BODY_TIMEOUT", "server.body_timeout_seconds"),
    ("SEOGI_DATA", "storage.data"),
    ("DATABASE_URL", "database.url"),
    ("SEOGI_DATABASE_CONNECTIONS", "database.connections"),
    ("STT_MODEL_SIZE", "speech.model"),
    ("SEOGI_MODEL", "speech.model"),
    ("SEOGI_MODELS", "speech.models"),
    ("SEOGI_MODEL_URL", "speech.model_url"),
    ("STT_DEVICE_TYPE", "speech.device"),
    ("STT_LANGUAGE", "speech.language"),
    ("STT_BEAM_SIZE", "speech.beam_size"),
    ("SEOGI_SPEECH_THREADS", "speech.threads"),
    ("SEOGI_FFMPEG", "speech.ffmpeg"),
    ("MAX_FILE_SIZE", "limits.max_file_size"),
    ("SEOGI_MAX_HOURS", "limits.max_hours"),
    ("SEOGI_MAX_FIELDS", "limits.max_fields"),
    ("SEOGI_MAX_FIELD_BYTES", "limits.max_field_bytes"),
    ("SEOGI_MIN_FREE_SPACE", "limits.min_free_space"),
    ("SEOGI_WORKER_CONCURRENCY", "worker.concurrency"),
    ("SEOGI_LEASE_SECONDS", "worker.lease_seconds"),
    ("SEOGI_SWEEP_SECONDS", "worker.sweep_seconds"),
    ("LOG_LEVEL", "log.level"),
    ("SEOGI_LOG_FORMAT", "log.format"),
];

/// Last parts of keys whose value is text even where it looks like a number.
const TEXT: &[&str] = &["api_key", "base_url", "data", "host", "language", "level", "model", "model_url", "models", "url"];

/// Variables of servers that this version does not talk to; going on without them would put the data elsewhere.
const UNSUPPORTED: &[&str] = &["DB_HOST", "REDIS_URL", "REDIS_HOST"];

/// Keys and values of the variables that are set; an empty one counts as not set.
pub(super) fn settings(env: impl Fn(&str) -> Option<String>) -> Result<Vec<(&'static str, Value)>, ConfigError> {
    let env = |name: &str| env(name).filter(|text| !text.trim().is_empty());
    if let Some(name) = UNSUPPORTED.iter().find(|name| env(name).is_some()) {
        return Err(ConfigError::new(format!(
            "{name} is set, but this version keeps everything in one process with SQLite; unset it"
        )));
    }
    let set = |(name, key): &(&str, &'static str)| env(name).map(|text| (*key, value(key, text)));
    Ok(ENVIRONMENT.iter().filter_map(set).collect())
}

/// A variable's text as the value of `key`: text, or what it reads as (a number, a truth value).
fn value(key: &str, text: String) -> Value {
    if key.rsplit('.').next().is_some_and(|last| TEXT.contains(&last)) {
        return Value::from(text);
    }
    match text.parse() {
        Ok(value) => value,
        Err(never) => match never {},
    }
}
