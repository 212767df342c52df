//! Checks a model file against the catalogue, and remembers having done so: hashing gigabytes at each start is slow.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use super::{ModelEntry, ModelError};

/// Fails unless the file of `entry` in `models_dir` is the published one, or the one that comes with the program. Reads the whole file the first time;
/// after that only its size and time of change are compared with the note beside it.
pub(super) fn verify(entry: &ModelEntry, models_dir: &Path) -> Result<(), ModelError> {
    let path = entry.path_in(models_dir);
    let metadata = path.metadata().map_err(ModelError::io("read", &path))?;
    if metadata.len() != entry.bytes {
        return Err(ModelError::Size { path, expected: entry.bytes, found: metadata.len() });
    }
    if std::fs::read_to_string(note_path(&path)).is_ok_and(|note| note == note_of(entry, &metadata)) {
        return Ok(());
    }
    let found = sha256(&path).map_err(ModelError::io("read", &path))?;
    if found != entry.sha256 && entry.bundled_sha256 != Some(found.as_str()) {
        return Err(ModelError::Checksum { path, expected: entry.sha256.to_owned(), found });
    }
    remember(entry, &path);
    Ok(())
}

/// SHA-256 of the file at `path`, in lower-case hexadecimal digits.
pub(super) fn sha256(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut File::open(path)?, &mut hasher)?;
    Ok(hex::encode(hasher.finalize()))
}

/// Notes that the file at `path` is known to be `entry`'s. Without the note it is only hashed again next time.
pub(super) fn remember(entry: &ModelEntry, path: &Path) {
    let noted =
        path.metadata().and_then(|metadata| std::fs::write(note_path(path), note_of(entry, &metadata)));
    if let Err(error) = noted {
        tracing::debug!(model = entry.name, %error, "no note of the verified checksum; the model is hashed at each start");
    }
}

/// The note beside a model file.
pub(super) fn note_path(model: &Path) -> PathBuf {
    model.with_added_extension("verified")
}

/// Makes a rename in `folder` survive a power cut.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn note_of(entry: &ModelEntry, metadata: &Metadata) -> String {
    let changed = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    format!("{} {} {}\n", entry.sha256, metadata.len(), changed.unwrap_or_default().as_nanos())
}
