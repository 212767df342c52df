//! Models: which there are, where they lie, how they are fetched and checked.
//!
//! A model is asked for by a name of the [`catalogue()`], or by the path of a file: in ggml format for speech, in ONNX format
//! for speakers. A named one is taken from the models folder, or else from what comes with the program, or else fetched.
//! One more published model is one more line in `catalogue.rs`.

mod bundled;
mod catalogue;
mod checksum;
mod error;
mod fetch;
mod folder;
mod noted;
mod part;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

pub use bundled::{bundled, bundled_folders};
pub use catalogue::{ModelEntry, ModelKind, catalogue, find};
use config::SpeechConfig;
pub use error::ModelError;
pub use fetch::fetch;
pub use folder::{InstalledModel, list_installed, remove};
pub(crate) use noted::{Checksums, is_published};

/// A model file that lies ready to be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFile {
    /// The name to show and to store with a job: the catalogue's, or the file's own without its ending.
    pub name: String,
    /// The file.
    pub path: PathBuf,
    /// Whether it is a file of the user's own, which its name does not tell from others.
    pub own: bool,
}

/// What [`resolve`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelSource {
    /// The file is there; if it is a published one, its checksum is right.
    Ready(ModelFile),
    /// A published model that is not on this machine yet: [`fetch()`] it.
    Missing(&'static ModelEntry),
}

/// Finds the model of that kind called `name_or_path`. Blocks while it reads the disk: a fetched model is hashed when first seen.
///
/// # Errors
/// When there is no such name or file, when a file in the models folder is not what its name says, and when
/// the disk cannot be read.
pub fn resolve(
    kind: ModelKind,
    name_or_path: &str,
    speech: &SpeechConfig,
) -> Result<ModelSource, ModelError> {
    let Some(entry) = find(name_or_path).filter(|entry| entry.kind == kind) else {
        return own_file(kind, name_or_path).map(ModelSource::Ready);
    };
    let own = entry.path_in(&speech.models);
    let path = if own.exists() {
        checksum::verify(entry, &speech.models)?;
        own
    } else if let Some(path) = bundled(entry, speech) {
        path
    } else {
        return Ok(ModelSource::Missing(entry));
    };
    Ok(ModelSource::Ready(ModelFile { name: entry.name.to_owned(), path, own: false }))
}

/// [`resolve`], and [`fetch()`] if the model is missing; `progress` is told the bytes done and in all.
///
/// # Errors
/// As both of them.
pub async fn ensure(
    kind: ModelKind,
    name_or_path: &str,
    speech: &SpeechConfig,
    progress: impl Fn(u64, u64) + Send + Sync,
) -> Result<ModelFile, ModelError> {
    let (name, config) = (name_or_path.to_owned(), speech.clone());
    let found = tokio::task::spawn_blocking(move || resolve(kind, &name, &config)).await;
    let found = found.map_err(|panic| ModelError::io("read", &speech.models)(panic.into()))?;
    match found? {
        ModelSource::Ready(file) => Ok(file),
        ModelSource::Missing(entry) => {
            let path = fetch(entry, &speech.models, entry.home(speech), progress)
                .await
                .map_err(|error| not_beside(entry, speech, error))?;
            Ok(ModelFile { name: entry.name.to_owned(), path, own: false })
        }
    }
}

/// Whether both names ask for the same model: `turbo` is `large-v3-turbo`, for instance.
pub fn is_name_of(one: &str, other: &str) -> bool {
    one == other || find(one).is_some_and(|entry| find(other) == Some(entry))
}

/// What is wrong where a model that comes with the program had to be fetched, and could not.
fn not_beside(entry: &ModelEntry, speech: &SpeechConfig, source: ModelError) -> ModelError {
    match entry.bundled_sha256 {
        Some(_) => ModelError::NotBeside {
            file: entry.file,
            folders: bundled_folders(speech),
            source: Box::new(source),
        },
        None => source,
    }
}

/// A file of the user's own, taken as it is.
fn own_file(kind: ModelKind, given: &str) -> Result<ModelFile, ModelError> {
    let path = PathBuf::from(given);
    if path.is_file() {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(ModelFile { name, path, own: true });
    }
    if path.components().count() > 1 || is_model_file(&path) {
        return Err(ModelError::NoFile { path });
    }
    Err(ModelError::Unknown { name: given.to_owned(), kind })
}

/// Whether a file's name ends as models' do.
fn is_model_file(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "bin" || ending == "onnx")
}
