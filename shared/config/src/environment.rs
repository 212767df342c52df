//! Environment variables, and the keys they set.

use figment::value::Value;
use url::Url;

use super::ConfigError;

/// Variables and the keys they set. Where two set one key, the later wins.
pub const ENVIRONMENT: &[(&str, &str)] = &[
    ("HOST", "server.host"),
    ("PORT", "server.port"),
    ("SEOGI_HOSTS", "server.hosts"),
    ("SEOGI_ORIGINS", "server.origins"),
    ("SEOGI_TRUSTED_PROXIES", "server.trusted_proxies"),
    ("SEOGI_HEADER_TIMEOUT", "server.header_timeout_seconds"),
    ("SEOGI_BODY_TIMEOUT", "server.body_timeout_seconds"),
    ("SEOGI_WRITE_TIMEOUT", "server.write_timeout_seconds"),
    ("SEOGI_SMALL_BODY_TIMEOUT", "server.small_body_timeout_seconds"),
    ("SEOGI_MAX_CONNECTIONS", "server.max_connections"),
    ("SEOGI_AUTH_OPEN", "auth.open"),
    ("SEOGI_DATA", "storage.data"),
    ("SEOGI_RECORDINGS", "storage.recordings"),
    ("SEOGI_SPOOL", "storage.spool"),
    ("SEOGI_SPOOL_SIZE", "storage.spool_size"),
    ("RETENTION_DAYS", "storage.retention_days"),
    ("SEOGI_RESERVE", "storage.reserve"),
    ("SEOGI_ORPHAN_HOURS", "storage.orphan_hours"),
    // Its name until version 0.2.
    ("SEOGI_TIDY_SECONDS", "storage.tidy_seconds"),
    ("SEOGI_GC_SECONDS", "storage.tidy_seconds"),
    ("AWS_ENDPOINT_URL", "storage.s3.endpoint"),
    ("AWS_REGION", "storage.s3.region"),
    ("AWS_ACCESS_KEY_ID", "storage.s3.access_key"),
    ("AWS_SECRET_ACCESS_KEY", "storage.s3.secret_key"),
    ("AWS_SESSION_TOKEN", "storage.s3.session_token"),
    ("SEOGI_S3_PATH_STYLE", "storage.s3.path_style"),
    ("SEOGI_S3_TIMEOUT", "storage.s3.timeout_seconds"),
    ("SEOGI_S3_RETRY", "storage.s3.retry_seconds"),
    ("DATABASE_URL", "database.url"),
    ("SEOGI_DATABASE_CONNECTIONS", "database.connections"),
    ("SEOGI_DATABASE_TIMEOUT", "database.timeout_seconds"),
    ("REDIS_URL", "redis.url"),
    ("STT_MODEL_SIZE", "speech.model"),
    ("SEOGI_MODEL", "speech.model"),
    ("SEOGI_MODELS", "speech.models"),
    ("SEOGI_BUNDLED_MODELS", "speech.bundled_models"),
    ("SEOGI_MODEL_URL", "speech.model_url"),
    ("STT_DEVICE_TYPE", "speech.device"),
    ("STT_LANGUAGE", "speech.language"),
    ("STT_PROMPT", "speech.prompt"),
    ("STT_HOTWORDS", "speech.hotwords"),
    ("STT_BEAM_SIZE", "speech.beam_size"),
    ("SEOGI_SPEECH_THREADS", "speech.threads"),
    ("SEOGI_SPEECH_ENGINE", "speech.engine"),
    ("SEOGI_VOICE_ACTIVITY", "speech.voice_activity"),
    ("SEOGI_PARALLEL_WINDOWS", "speech.parallel_windows"),
    ("SEOGI_FFMPEG", "speech.ffmpeg"),
    ("SEOGI_DECODE_MEMORY", "speech.decode_memory"),
    ("SEOGI_DECODE_SECONDS", "speech.decode_seconds"),
    ("SEOGI_DECODE_PATIENCE", "speech.decode_patience_seconds"),
    ("SEOGI_SPEAKER_MODEL", "speech.speakers.model"),
    ("SEOGI_SPEAKER_MODEL_URL", "speech.speakers.model_url"),
    ("SEOGI_SPEAKER_THRESHOLD", "speech.speakers.threshold"),
    ("LLM_PROVIDER", "llm.provider"),
    ("SEOGI_LLM_RETRIES", "llm.retries"),
    ("SEOGI_LLM_RETRY_WAIT", "llm.retry_wait_seconds"),
    ("SEOGI_LLM_RETRY_BUDGET", "llm.retry_budget_seconds"),
    ("SEOGI_LLM_MAX_ANSWER_BYTES", "llm.max_answer_bytes"),
    ("OLLAMA_BASE_URL", "llm.ollama.base_url"),
    ("OLLAMA_MODEL_NAME", "llm.ollama.model"),
    ("OLLAMA_API_KEY", "llm.ollama.api_key"),
    ("OLLAMA_TIMEOUT", "llm.ollama.timeout_seconds"),
    ("OLLAMA_CONTEXT_TOKENS", "llm.ollama.context_tokens"),
    ("OLLAMA_CONCURRENCY", "llm.ollama.concurrency"),
    ("LMSTUDIO_BASE_URL", "llm.lmstudio.base_url"),
    ("LMSTUDIO_MODEL_NAME", "llm.lmstudio.model"),
    ("LMSTUDIO_API_KEY", "llm.lmstudio.api_key"),
    ("LMSTUDIO_TIMEOUT", "llm.lmstudio.timeout_seconds"),
    ("LMSTUDIO_CONTEXT_TOKENS", "llm.lmstudio.context_tokens"),
    ("LMSTUDIO_CONCURRENCY", "llm.lmstudio.concurrency"),
    ("OPENAI_BASE_URL", "llm.openai.base_url"),
    ("OPENAI_MODEL_NAME", "llm.openai.model"),
    ("OPENAI_API_KEY", "llm.openai.api_key"),
    ("OPENAI_TIMEOUT", "llm.openai.timeout_seconds"),
    ("OPENAI_CONTEXT_TOKENS", "llm.openai.context_tokens"),
    ("OPENAI_CONCURRENCY", "llm.openai.concurrency"),
    ("GEMINI_BASE_URL", "llm.gemini.base_url"),
    ("GEMINI_MODEL_NAME", "llm.gemini.model"),
    ("GEMINI_API_KEY", "llm.gemini.api_key"),
    ("GEMINI_TIMEOUT", "llm.gemini.timeout_seconds"),
    ("GEMINI_CONTEXT_TOKENS", "llm.gemini.context_tokens"),
    ("GEMINI_CONCURRENCY", "llm.gemini.concurrency"),
    ("SEOGI_CHAT_MAX_LETTERS", "chat.max_letters"),
    ("SEOGI_CHAT_KEPT", "chat.kept"),
    ("SEOGI_CHAT_CONCURRENCY", "chat.concurrency"),
    ("SEOGI_TEMPLATE", "minutes.template"),
    ("SEOGI_SUMMARY_LANGUAGE", "minutes.language"),
    ("SEOGI_SUMMARY_LENGTH", "minutes.length"),
    ("SEOGI_TEMPLATES", "minutes.templates"),
    ("MAX_FILE_SIZE", "limits.max_file_size"),
    ("SEOGI_MAX_TRANSCRIPT_SIZE", "limits.max_transcript_size"),
    ("SEOGI_MAX_HOURS", "limits.max_hours"),
    ("SEOGI_MAX_SPLIT_CHANNELS", "limits.max_split_channels"),
    ("SEOGI_MAX_SPEAKERS", "limits.max_speakers"),
    ("SEOGI_MAX_FIELDS", "limits.max_fields"),
    ("SEOGI_MAX_FIELD_BYTES", "limits.max_field_bytes"),
    ("SEOGI_UPLOAD_HOURS", "limits.upload_hours"),
    ("SEOGI_MAX_WAITING_SUMMARIES", "limits.max_waiting_summaries"),
    ("SEOGI_MAX_TAGS", "limits.max_tags"),
    ("SEOGI_MAX_TAG_LETTERS", "limits.max_tag_letters"),
    ("SEOGI_MAX_SEGMENT_LETTERS", "limits.max_segment_letters"),
    ("SEOGI_MAX_SPEAKER_LETTERS", "limits.max_speaker_letters"),
    ("SEOGI_MAX_UNDO", "limits.max_undo"),
    ("SEOGI_MAX_SEARCH_LETTERS", "limits.max_search_letters"),
    ("SEOGI_MIN_FREE_SPACE", "limits.min_free_space"),
    ("SEOGI_WORKER_CONCURRENCY", "worker.concurrency"),
    ("SEOGI_WORKER_LISTEN", "worker.listen"),
    ("SEOGI_LEASE_SECONDS", "worker.lease_seconds"),
    ("SEOGI_SWEEP_SECONDS", "worker.sweep_seconds"),
    ("LOG_LEVEL", "log.level"),
    ("SEOGI_LOG_FORMAT", "log.format"),
];

/// Last parts of keys whose value is text even where it looks like a number.
const TEXT: &[&str] = &[
    "access_key",
    "api_key",
    "base_url",
    "data",
    "endpoint",
    "host",
    "hosts",
    "hotwords",
    "language",
    "level",
    "listen",
    "model",
    "model_url",
    "models",
    "origins",
    "prompt",
    "recordings",
    "region",
    "secret_key",
    "session_token",
    "spool",
    "template",
    "templates",
    "trusted_proxies",
    "url",
];

/// Keys and values of the variables that are set; an empty one counts as not set.
pub(super) fn settings(
    env: impl Fn(&str) -> Option<String>,
) -> Result<Vec<(&'static str, Value)>, ConfigError> {
    let env = |name: &str| env(name).filter(|text| !text.trim().is_empty());
    let set = |(name, key): &(&str, &'static str)| env(name).map(|text| (*key, value(key, text)));
    let servers = [("database.url", database_url(&env)?), ("redis.url", redis_url(&env)?)];
    let servers = servers.into_iter().filter_map(|(key, url)| Some((key, Value::from(url?))));
    Ok(servers.chain(ENVIRONMENT.iter().filter_map(set)).collect())
}

/// The URL that `DB_TYPE`, `DB_HOST` and so on make together; `DATABASE_URL` wins over it.
fn database_url(env: &impl Fn(&str) -> Option<String>) -> Result<Option<String>, ConfigError> {
    let scheme = env("DB_TYPE").unwrap_or_else(|| "mariadb".into());
    let Some(host) = env("DB_HOST").filter(|_| scheme != "sqlite") else { return Ok(None) };
    let user = env("DB_USER").unwrap_or_default();
    let path = env("DB_NAME").unwrap_or_else(|| "seogi".into());
    url(&scheme, &host, env("DB_PORT"), &user, env("DB_PASSWORD"), &path, "DB_").map(Some)
}

/// The URL that `REDIS_HOST`, `REDIS_PORT` and `REDIS_PASSWORD` make together; `REDIS_URL` wins over it.
fn redis_url(env: &impl Fn(&str) -> Option<String>) -> Result<Option<String>, ConfigError> {
    let Some(host) = env("REDIS_HOST") else { return Ok(None) };
    url("redis", &host, env("REDIS_PORT"), "", env("REDIS_PASSWORD"), "0", "REDIS_").map(Some)
}

fn url(
    scheme: &str,
    host: &str,
    port: Option<String>,
    user: &str,
    password: Option<String>,
    path: &str,
    prefix: &str,
) -> Result<String, ConfigError> {
    let wrong = |name: &str| ConfigError::new(format!("{prefix}{name} does not fit into a URL; correct it"));
    let mut url = Url::parse(&format!("{scheme}://{host}")).map_err(|_| wrong("HOST"))?;
    let port = port.map(|port| port.parse()).transpose().map_err(|_| wrong("PORT"))?;
    url.set_port(port).map_err(|()| wrong("PORT"))?;
    url.set_username(user).map_err(|()| wrong("USER"))?;
    url.set_password(password.as_deref()).map_err(|()| wrong("PASSWORD"))?;
    url.set_path(path);
    Ok(url.into())
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
