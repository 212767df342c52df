//! The file that a model grows in while it is fetched: locked, hashed as it grows, and renamed when whole.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::io::{AsyncWriteExt, BufWriter};
use tokio::task::spawn_blocking;

use super::checksum::{remember, sync_folder};
use super::{ModelEntry, ModelError};

/// Another process writes the same file: how often to look whether it is done.
const POLL_INTERVAL: Duration = Duration::from_millis(200);

/// Bytes gathered before a write.
const BUFFER_BYTES: usize = 1 << 20;

/// A model file in the making. While it lives, no other process writes it.
pub(super) struct Part {
    path: PathBuf,
    file: BufWriter<tokio::fs::File>,
    hasher: Sha256,
    bytes: u64,
    inherited: bool,
}

impl Part {
    /// Opens the part of the model file `target` and waits for its lock; `waiting` is told its size in bytes
    /// meanwhile. What an earlier, broken transfer left is kept and hashed.
    pub(super) async fn open(target: &Path, waiting: impl Fn(u64)) -> Result<Self, ModelError> {
        let path = path_of(target);
        let file = lock(&path, waiting).await.map_err(ModelError::io("opened", &path))?;
        let (file, hasher, bytes) = spawn_blocking(move || hash(file))
            .await
            .unwrap_or_else(|panic| Err(io::Error::other(panic)))
            .map_err(ModelError::io("read", &path))?;
        let file = BufWriter::with_capacity(BUFFER_BYTES, tokio::fs::File::from_std(file));
        Ok(Self { path, file, hasher, bytes, inherited: bytes > 0 })
    }

    /// Bytes so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether some bytes come from an earlier run of the program.
    pub(super) fn inherited(&self) -> bool {
        self.inherited
    }

    /// Adds `chunk` at the end.
    pub(super) async fn append(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.file.write_all(chunk).await?;
        self.hasher.update(chunk);
        self.bytes += chunk.len() as u64;
        Ok(())
    }

    /// Writes out what is still in memory, so that a later run can go on from there.
    pub(super) async fn flush(&mut self) -> io::Result<()> {
        self.file.flush().await
    }

    /// Empties the file.
    pub(super) async fn restart(&mut self) -> Result<(), ModelError> {
        if self.bytes == 0 {
            return Ok(());
        }
        let emptied = async {
            self.file.flush().await?;
            self.file.get_ref().set_len(0).await
        };
        emptied.await.map_err(ModelError::io("written", &self.path))?;
        (self.hasher, self.bytes, self.inherited) = (Sha256::new(), 0, false);
        Ok(())
    }

    /// The SHA-256 of what is there, hexadecimal.
    pub(super) fn sha256(&self) -> String {
        hex::encode(self.hasher.clone().finalize())
    }

    /// Makes it the model file `target`, safe against a power cut.
    pub(super) async fn finish(mut self, entry: &ModelEntry, target: &Path) -> Result<(), ModelError> {
        let finished = async {
            self.file.flush().await?;
            self.file.get_ref().sync_all().await?;
            if !lies_at(&self.file.get_ref().metadata().await?, &self.path) {
                return Err(io::Error::other("it was deleted while it was written"));
            }
            tokio::fs::rename(&self.path, target).await?;
            target.parent().map_or(Ok(()), sync_folder)
        };
        finished.await.map_err(ModelError::io("written", target))?;
        remember(entry, target);
        Ok(())
    }

    /// Deletes it: someone else has made the model meanwhile.
    pub(super) fn discard(self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Where the part of the model file `target` lies.
pub(super) fn path_of(target: &Path) -> PathBuf {
    target.with_added_extension("part")
}

/// Whether some process is writing the part of `target` at this moment.
pub(super) fn is_being_written(target: &Path) -> bool {
    File::open(path_of(target)).is_ok_and(|file| try_lock(&file).is_ok_and(|locked| !locked))
}

/// Opens and locks the file at `path`; again if it was renamed or deleted while this process waited for it.
async fn lock(path: &Path, waiting: impl Fn(u64)) -> io::Result<File> {
    loop {
        let file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        while !try_lock(&file)? {
            waiting(file.metadata()?.len());
            tokio::time::sleep(POLL_INTERVAL).await;
        }
        if lies_at(&file.metadata()?, path) {
            return Ok(file);
        }
    }
}

fn lies_at(file: &Metadata, path: &Path) -> bool {
    path.metadata().is_ok_and(|there| (there.dev(), there.ino()) == (file.dev(), file.ino()))
}

fn try_lock(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        // Some network file systems know no locks.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn hash(file: File) -> io::Result<(File, Sha256, u64)> {
    let mut hasher = Sha256::new();
    let bytes = io::copy(&mut (&file).take(file.metadata()?.len()), &mut hasher)?;
    Ok((file, hasher, bytes))
}
