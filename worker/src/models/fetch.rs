//! Fetches a published model over HTTP: resumed where it broke off, checked while it streams.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{io, iter};

use reqwest::header::{CONTENT_RANGE, RANGE};
use reqwest::{Client, Response, StatusCode};

use super::part::Part;
use super::{ModelEntry, ModelError, checksum};

/// How long to wait before each further try; a try that brings [`PROGRESS_BYTES`] bytes earns all of them again.
const RETRY_DELAYS: [Duration; 4] =
    [Duration::from_millis(500), Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(8)];

/// How long a server may send nothing; the transfer as a whole may take hours.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(60);

/// Progress in bytes that shows a slow or shaky line, not a dead one.
const PROGRESS_BYTES: u64 = 1 << 20;

/// Fetches `entry` from the folder `base_url` (its public home or a mirror) into `models_dir` and answers the
/// file's path. `progress` is told the bytes done and in all.
///
/// A broken transfer is taken up where it stopped, also by a later call. When two processes fetch the same
/// model, one waits for the other. The file appears under its name only when its checksum is right.
///
/// # Errors
/// When the server cannot be reached or does not have the published file, and when the disk is full or
/// may not be written; the message says where a file fetched by hand belongs.
pub async fn fetch(
    entry: &ModelEntry,
    models_dir: &Path,
    base_url: &str,
    progress: impl Fn(u64, u64) + Send + Sync,
) -> Result<PathBuf, ModelError> {
    fetch_with(entry, models_dir, base_url, progress, &RETRY_DELAYS).await
}

pub(super) async fn fetch_with(
    entry: &ModelEntry,
    models_dir: &Path,
    base_url: &str,
    progress: impl Fn(u64, u64) + Send + Sync,
    delays: &[Duration],
) -> Result<PathBuf, ModelError> {
    std::fs::create_dir_all(models_dir).map_err(ModelError::io("created", models_dir))?;
    let target = entry.path_in(models_dir);
    let mut part = Part::open(&target, |bytes| progress(bytes, entry.bytes)).await?;
    if target.exists() {
        part.discard();
        checksum::verify(entry, models_dir)?;
        return Ok(target);
    }
    let url = entry.url(base_url);
    let client = telemetry::http::builder().read_timeout(SILENCE_TIMEOUT).build();
    let client = client.map_err(|error| unreachable(&url, &target, causes(&error)))?;
    let transfer = Transfer { client, url, entry, target: &target, progress };
    transfer.complete(&mut part, delays).await?;
    if part.sha256() != entry.sha256 && part.inherited() {
        part.restart().await?;
        transfer.complete(&mut part, delays).await?;
    }
    let found = part.sha256();
    if found != entry.sha256 {
        part.restart().await?;
        return Err(transfer.foreign(format!("its SHA-256 is {found}, not {}", entry.sha256)));
    }
    part.finish(entry, &target).await?;
    Ok(target)
}

struct Transfer<'a, P> {
    client: Client,
    url: String,
    entry: &'a ModelEntry,
    target: &'a Path,
    progress: P,
}

impl<P: Fn(u64, u64) + Send + Sync> Transfer<'_, P> {
    /// Tries until the part has all its bytes, or the pauses are used up without progress.
    async fn complete(&self, part: &mut Part, delays: &[Duration]) -> Result<(), ModelError> {
        let mut left = delays.iter();
        let mut mark = part.bytes();
        while let Err(error) = self.attempt(part).await {
            if part.bytes() >= mark + PROGRESS_BYTES {
                (left, mark) = (delays.iter(), part.bytes());
            }
            match left.next() {
                Some(pause) if error.may_pass() => {
                    tracing::warn!(model = self.entry.name, %error, "the transfer broke off and is tried again");
                    tokio::time::sleep(*pause).await;
                }
                _ => return Err(error),
            }
        }
        Ok(())
    }

    async fn attempt(&self, part: &mut Part) -> Result<(), ModelError> {
        if part.bytes() > self.entry.bytes {
            part.restart().await?;
        }
        if part.bytes() == self.entry.bytes {
            return Ok(());
        }
        let response = self.request(part).await?;
        let received = self.receive(response, part).await;
        part.flush().await.map_err(|error| self.disk(error))?;
        received
    }

    /// Asks for the bytes that are missing; empties the part if the server can only start again.
    async fn request(&self, part: &mut Part) -> Result<Response, ModelError> {
        let mut request = self.client.get(&self.url);
        if part.bytes() > 0 {
            request = request.header(RANGE, format!("bytes={}-", part.bytes()));
        }
        let response = request.send().await.map_err(|error| self.network(error))?;
        match response.status() {
            StatusCode::PARTIAL_CONTENT if starts_at(&response, part.bytes()) => Ok(response),
            StatusCode::OK => part.restart().await.map(|()| response),
            StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
                part.restart().await?;
                Err(self.unreachable("the server did not continue where the transfer stopped".to_owned()))
            }
            status => Err(self.refused(status)),
        }
    }

    async fn receive(&self, mut response: Response, part: &mut Part) -> Result<(), ModelError> {
        let expected = self.entry.bytes;
        if let Some(whole) = response.content_length().map(|rest| part.bytes() + rest)
            && whole != expected
        {
            return Err(self.foreign(format!("it has {whole} bytes, not {expected}")));
        }
        while let Some(chunk) = response.chunk().await.map_err(|error| self.network(error))? {
            if part.bytes() + chunk.len() as u64 > expected {
                return Err(self.foreign(format!("it has more than {expected} bytes")));
            }
            part.append(&chunk).await.map_err(|error| self.disk(error))?;
            (self.progress)(part.bytes(), expected);
        }
        if part.bytes() < expected {
            return Err(
                self.unreachable(format!("the transfer ended after {} of {expected} bytes", part.bytes()))
            );
        }
        Ok(())
    }

    fn network(&self, error: reqwest::Error) -> ModelError {
        self.unreachable(causes(&error.without_url()))
    }

    fn unreachable(&self, reason: String) -> ModelError {
        unreachable(&self.url, self.target, reason)
    }

    fn refused(&self, status: StatusCode) -> ModelError {
        let (url, path) = (self.url.clone(), self.target.to_path_buf());
        ModelError::Refused { url, path, status: status.as_u16() }
    }

    fn foreign(&self, problem: String) -> ModelError {
        ModelError::Foreign { url: self.url.clone(), path: self.target.to_path_buf(), problem }
    }

    fn disk(&self, error: io::Error) -> ModelError {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                ModelError::DiskFull { path: self.target.to_path_buf(), bytes: self.entry.bytes }
            }
            _ => ModelError::io("written", self.target)(error),
        }
    }
}

fn unreachable(url: &str, target: &Path, reason: String) -> ModelError {
    ModelError::Unreachable { url: url.to_owned(), path: target.to_path_buf(), reason }
}

/// Whether the server goes on at byte `from`: `Content-Range: bytes 1000-1999/2000`.
fn starts_at(response: &Response, from: u64) -> bool {
    let range = response.headers().get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    range
        .and_then(|range| range.strip_prefix("bytes ")?.split_once('-'))
        .is_some_and(|(start, _)| start.parse() == Ok(from))
}

/// An error with what caused it: reqwest's own text alone says little.
fn causes(error: &dyn Error) -> String {
    let chain = iter::successors(Some(error), |&error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
