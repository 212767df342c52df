//! Where recordings and the embedded database are kept, and for how long.

use std::{path::PathBuf, time::Duration};

use bytesize::ByteSize;
use serde::Deserialize;

use super::{ApiKey, ConfigError, require};

/// Where recordings and the embedded database are kept, and for how long.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageConfig {
    /// The folder of the embedded database and, unless `recordings` says otherwise, of the recordings.
    pub data: PathBuf,
    /// A folder, or `s3://BUCKET/PREFIX`; empty: `data`.
    pub recordings: String,
    /// Folder for copies that ffmpeg needs of recordings in a bucket; empty: the system's for temporary files.
    pub spool: PathBuf,
    /// Largest such copy.
    pub spool_size: ByteSize,
    /// Room that a file keeps free for SQLite, so that a job can be deleted when the disk is full; 0: none.
    pub reserve: ByteSize,
    /// Days that finished jobs are kept; 0: for ever.
    pub retention_days: f64,
    /// Hours after which what an upload left that never became a job is deleted.
    pub orphan_hours: f64,
    /// Seconds between two looks for what is to be deleted.
    pub tidy_seconds: u64,
    /// The object store of `s3://…`.
    pub s3: S3Config,
}

/// How an object store that speaks S3 is reached.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Config {
    /// Address; empty: Amazon's.
    pub endpoint: String,
    /// Region.
    pub region: String,
    /// Name of the key; empty: as Amazon's tools find one on this machine.
    pub access_key: String,
    /// The key.
    pub secret_key: ApiKey,
    /// What goes with a key that is lent for a time.
    pub session_token: ApiKey,
    /// Whether the bucket stands in the path of addresses, and not in the host's name.
    pub path_style: bool,
    /// Seconds that one request may take.
    pub timeout_seconds: u64,
    /// Seconds that a request is made again and again after failures that may pass.
    pub retry_seconds: u64,
}

/// A place in an object store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Name of the bucket.
    pub name: String,
    /// What every key in it begins with; empty: nothing.
    pub prefix: String,
}

impl StorageConfig {
    /// Most that an upload into a bucket can hold: 10,000 parts of 5 MiB.
    const MAX_UPLOAD_SIZE: ByteSize = ByteSize::mib(50_000);

    /// The bucket that recordings are kept in, unless it is a folder.
    pub fn bucket(&self) -> Option<Bucket> {
        let (name, prefix) = self.recordings.strip_prefix("s3://").map(|place| {
            let (name, prefix) = place.split_once('/').unwrap_or((place, ""));
            (name, prefix.trim_matches('/'))
        })?;
        Some(Bucket { name: name.to_owned(), prefix: prefix.to_owned() })
    }

    /// The folder that recordings are kept in, if it is one.
    pub fn folder(&self) -> PathBuf {
        if self.recordings.is_empty() { self.data.clone() } else { PathBuf::from(&self.recordings) }
    }

    /// The folder for copies that ffmpeg needs of recordings in a bucket.
    pub fn spool_folder(&self) -> PathBuf {
        if self.spool.as_os_str().is_empty() { std::env::temp_dir() } else { self.spool.clone() }
    }

    /// How long finished jobs are kept; none: for ever.
    pub fn retention(&self) -> Option<Duration> {
        (self.retention_days > 0.0).then(|| Duration::from_secs_f64(self.retention_days * 86_400.0))
    }

    /// How long an upload may take before what it left counts as forgotten.
    pub fn orphan_age(&self) -> Duration {
        Duration::from_secs_f64(self.orphan_hours * 3600.0)
    }

    /// Time between two garbage collections.
    pub fn gc_interval(&self) -> Duration {
        Duration::from_secs(self.tidy_seconds)
    }

    pub(super) fn validate(&self, max_file_size: ByteSize) -> Result<(), ConfigError> {
        let days = (0.0..=36_500.0).contains(&self.retention_days);
        require(days, "storage.retention_days is not between 0 (for ever) and 36500")?;
        let hours = self.orphan_hours > 0.0 && self.orphan_hours <= 8760.0;
        require(hours, "storage.orphan_hours is not above 0 and at most 8760, which is a year")?;
        require(self.tidy_seconds >= 1, "storage.tidy_seconds is 0; look every 1 second or less often")?;
        let Some(bucket) = self.bucket() else {
            let scheme = self.recordings.split_once("://").map(|(scheme, _)| scheme);
            return require(
                scheme.is_none(),
                format!(
                    "storage.recordings begins with {}://, which is not supported; write a folder or s3://BUCKET/PREFIX",
                    scheme.unwrap_or_default()
                ),
            );
        };
        self.s3.validate()?;
        require(!bucket.name.is_empty(), "storage.recordings names no bucket; write s3://BUCKET/PREFIX")?;
        require(
            max_file_size <= Self::MAX_UPLOAD_SIZE,
            "limits.max_file_size is above 50000 MiB, the most that one upload into a bucket holds; lower it",
        )
    }
}

impl S3Config {
    fn validate(&self) -> Result<(), ConfigError> {
        let web = ["http://", "https://"].iter().any(|scheme| self.endpoint.starts_with(scheme));
        require(
            web || self.endpoint.is_empty(),
            "storage.s3.endpoint is no address; write one such as http://127.0.0.1:9000",
        )?;
        let both = self.access_key.is_empty() == self.secret_key.reveal().is_empty();
        require(
            both,
            "of storage.s3.access_key and storage.s3.secret_key only one is set; set both or none",
        )?;
        require(self.timeout_seconds >= 1, "storage.s3.timeout_seconds is 0; give a request some seconds")
    }
}
