//! The models folder: what lies in it, and making room.

use std::io;
use std::path::{Path, PathBuf};

use config::SpeechConfig;

use super::checksum::note_path;
use super::{ModelEntry, ModelError, ModelKind, bundled, catalogue, find, is_model_file, part};

/// A model file of the models folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledModel {
    /// The name that asks for it; for a file of the user's own, its path.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// What it does: of a file of the user's own, what its ending says.
    pub kind: ModelKind,
    /// What it should be; `None` for files of the user's own.
    pub entry: Option<&'static ModelEntry>,
}

/// The model files (`*.bin` and `*.onnx`) of `models_dir` by name, without reading them; none if there is no such folder.
///
/// # Errors
/// When the folder cannot be read.
pub fn list_installed(models_dir: &Path) -> Result<Vec<InstalledModel>, ModelError> {
    let entries = match std::fs::read_dir(models_dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(ModelError::io("read", models_dir))?,
    };
    let mut models: Vec<_> =
        entries.flatten().filter_map(|entry| installed(entry.path(), models_dir)).collect();
    models.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(models)
}

/// Deletes the model `name` of the catalogue from the models folder, with what an unfinished transfer left, and answers the
/// bytes that came free.
///
/// # Errors
/// When nothing of it is there, when it is being fetched, and when the file system refuses.
pub fn remove(name: &str, speech: &SpeechConfig) -> Result<u64, ModelError> {
    let entry =
        find(name).ok_or_else(|| ModelError::Unknown { name: name.to_owned(), kind: ModelKind::Speech })?;
    let path = entry.path_in(&speech.models);
    if part::is_being_written(&path) {
        return Err(ModelError::Busy { name: name.to_owned() });
    }
    delete(&note_path(&path))?;
    match (delete(&path)?, delete(&part::path_of(&path))?) {
        (None, None) => Err(match bundled(entry, speech) {
            Some(path) => ModelError::Bundled { name: name.to_owned(), path },
            None => ModelError::NotInstalled { name: name.to_owned(), models_dir: speech.models.clone() },
        }),
        (model, part) => Ok(model.unwrap_or(0) + part.unwrap_or(0)),
    }
}

fn installed(path: PathBuf, models_dir: &Path) -> Option<InstalledModel> {
    let metadata = path.metadata().ok().filter(|metadata| metadata.is_file() && is_model_file(&path))?;
    let entry = catalogue().iter().find(|entry| entry.path_in(models_dir) == path);
    let name = match entry {
        Some(entry) => entry.name.to_owned(),
        None => path.display().to_string(),
    };
    let is_network = path.extension().is_some_and(|ending| ending == "onnx");
    let kind = if is_network { ModelKind::Speakers } else { ModelKind::Speech };
    Some(InstalledModel { name, path, bytes: metadata.len(), kind, entry })
}

/// Deletes a file and answers its size in bytes; `None` if there was none.
fn delete(path: &Path) -> Result<Option<u64>, ModelError> {
    let bytes = match path.metadata() {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(ModelError::io("read", path)(error)),
    };
    std::fs::remove_file(path).map_err(ModelError::io("deleted", path))?;
    Ok(Some(bytes))
}
