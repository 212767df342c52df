//! The sections of the configuration; `default.toml` says what each key means.

use std::{fmt, net::SocketAddr, path::PathBuf, time::Duration};

use bytesize::ByteSize;
use serde::Deserialize;

use super::{ConfigError, require};
use shared::{
    job::{Length, SummaryOptions},
    language,
};

/// Where jobs are kept.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:PATH`, `postgres://…` or `mariadb://…`; empty: in the data folder.
    pub url: String,
    /// Connections open at the same time.
    pub connections: u32,
    /// Seconds that a server may take to answer a statement.
    pub timeout_seconds: u64,
}

impl DatabaseConfig {
    /// Time that a server may take to answer a statement.
    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        require(self.timeout_seconds >= 1, "database.timeout_seconds is 0; give the database some seconds")
    }
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url, connections, timeout_seconds } = self;
        let url = without_password(url);
        f.debug_struct("DatabaseConfig")
            .field("url", &url)
            .field("connections", connections)
            .field("timeout_seconds", timeout_seconds)
            .finish()
    }
}

/// A URL without what stands between scheme and host.
fn without_password(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, place))) => format!("{scheme}://(secret)@{place}"),
        _ => url.to_owned(),
    }
}

/// What joins the processes.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisConfig {
    /// `redis://…`; empty: there is one process.
    pub url: String,
}

impl fmt::Debug for RedisConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisConfig").field("url", &without_password(&self.url)).finish()
    }
}

/// Questions about meetings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChatConfig {
    /// Letters of one question.
    pub max_letters: usize,
    /// Questions, with their answers, that are kept for each job.
    pub kept: u64,
    /// Questions that are answered at the same time.
    pub concurrency: usize,
}

impl ChatConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        require(self.max_letters > 0, "chat.max_letters is 0, so that nothing could be asked")?;
        require(self.kept > 0, "chat.kept is 0, so that no answer would be kept")?;
        require(self.concurrency > 0, "chat.concurrency is 0, so that no question would be answered")
    }
}

/// How minutes are written where nobody asks for anything else.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinutesConfig {
    /// Name of a template.
    pub template: String,
    /// ISO 639-1 code, or `auto` for the recording's language.
    pub language: String,
    /// How much they say.
    pub length: Length,
    /// Folder of the user's own templates; empty: in the data folder.
    pub templates: PathBuf,
}

impl MinutesConfig {
    /// The same as wishes, none of them open.
    pub fn defaults(&self) -> SummaryOptions {
        let (template, language) = (Some(self.template.clone()), Some(self.language.clone()));
        SummaryOptions { template, language, length: Some(self.length) }
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let sentence = "minutes.language is neither `auto` nor an ISO 639-1 code such as `en` or `ko`";
        let known = self.language == language::AUTO || language::is_code(&self.language);
        require(known, sentence)
    }
}

/// What is too much.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Largest recording.
    pub max_file_size: ByteSize,
    /// Largest transcript that comes instead of a recording.
    pub max_transcript_size: ByteSize,
    /// Longest recording in hours of sound.
    pub max_hours: f64,
    /// Channels that are taken for a speaker each.
    pub max_split_channels: usize,
    /// Speakers that are told apart in a recording.
    pub max_speakers: u32,
    /// Text fields that may come with an upload.
    pub max_fields: usize,
    /// Bytes of all text fields together.
    pub max_field_bytes: usize,
    /// Hours after its last byte that an unfinished upload is kept.
    pub upload_hours: f64,
    /// Versions of one job's minutes that may wait to be written.
    pub max_waiting_summaries: u32,
    /// Tags of one recording.
    pub max_tags: usize,
    /// Letters of a tag.
    pub max_tag_letters: usize,
    /// Letters of a text that recordings are searched for.
    pub max_search_letters: usize,
    /// Letters of a segment that somebody edits.
    pub max_segment_letters: usize,
    /// Letters of a speaker's name.
    pub max_speaker_letters: usize,
    /// Edits of a transcript that are kept to be undone.
    pub max_undo: u32,
    /// Free space below which no recording is accepted.
    pub min_free_space: ByteSize,
}

impl LimitsConfig {
    /// How long an unfinished upload is kept after its last byte.
    pub fn upload_kept(&self) -> Duration {
        Duration::from_secs_f64(self.upload_hours * 3600.0)
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        require(
            self.max_file_size.as_u64() > 0,
            "limits.max_file_size is 0, so that no recording would be accepted",
        )?;
        require(
            self.upload_hours > 0.0 && self.upload_hours <= 8760.0,
            "limits.upload_hours is not above 0 and at most 8760 (a year)",
        )?;
        require(
            self.max_hours > 0.0,
            "limits.max_hours is not above 0, so that no recording would be accepted",
        )?;
        require(self.max_speakers > 0, "limits.max_speakers is 0, so that nobody could speak")?;
        require(
            (1..=200).contains(&self.max_tag_letters),
            "limits.max_tag_letters is not between 1 and 200, which the databases have room for",
        )
    }
}

/// How work is done.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkerConfig {
    /// Recordings at the same time.
    pub concurrency: usize,
    /// Address and port at which a worker alone says how it is; empty: nowhere.
    pub listen: String,
    /// Seconds a lease runs without being renewed.
    pub lease_seconds: u64,
    /// Seconds between two looks for work.
    pub sweep_seconds: u64,
}

impl WorkerConfig {
    /// How long a lease runs without being renewed.
    pub fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_seconds)
    }

    /// Where a worker alone says how it is, if anywhere.
    pub fn listen(&self) -> Option<SocketAddr> {
        self.listen.parse().ok()
    }

    /// Time between two looks for work that nobody was told of.
    pub fn sweep(&self) -> Duration {
        Duration::from_secs(self.sweep_seconds)
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        require((1..=64).contains(&self.concurrency), "worker.concurrency is not between 1 and 64")?;
        require(
            self.listen.is_empty() || self.listen().is_some(),
            "worker.listen is no address with a port; write one such as 127.0.0.1:9100",
        )?;
        require(
            self.lease_seconds >= 2,
            "worker.lease_seconds is under 2, so that leases would run out during work",
        )?;
        require(
            self.sweep_seconds >= 1,
            "worker.sweep_seconds is 0; look for work every 1 second or less often",
        )
    }
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Pretty on a terminal, JSON otherwise.
    Auto,
    /// For people.
    Pretty,
    /// For machines.
    Json,
}

/// What is logged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// A level or a filter.
    pub level: String,
    /// How lines look.
    pub format: LogFormat,
}
