//! Finding the model that a job was begun with: by its name if it is a published one, otherwise by what is in it.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use config::SpeechConfig;
use store::{NotedFile, NotedModel};

use super::{ModelFile, ModelKind, checksum::sha256, find, list_installed};

/// Whether the name is that of a model which every worker can have.
pub(crate) fn is_published(name: &str) -> bool {
    find(name).is_some_and(|entry| entry.kind == ModelKind::Speech)
}

/// SHA-256 of files, each read once as long as it does not change.
#[derive(Default)]
pub(crate) struct Checksums {
    known: Mutex<HashMap<PathBuf, (Stamp, String)>>,
}

/// What changes when a file does.
type Stamp = (u64, SystemTime);

impl Checksums {
    /// What a job notes of a model that is loaded. Blocks while it reads a file of the user's own.
    pub(crate) fn note(&self, model: &ModelFile) -> io::Result<NotedModel> {
        let file = if model.own {
            let path = std::path::absolute(&model.path)?.to_string_lossy().into_owned();
            Some(NotedFile { path, sha256: self.of(&model.path)? })
        } else {
            None
        };
        Ok(NotedModel { name: model.name.clone(), file })
    }

    /// The file that a job noted, wherever it lies here; none if it is not here. Blocks while it reads files.
    ///
    /// What an older version noted is the name of the file alone.
    pub(crate) fn find(&self, noted: &NotedModel, config: &SpeechConfig) -> Option<PathBuf> {
        let mut places: Vec<PathBuf> = noted.file.iter().map(|file| PathBuf::from(&file.path)).collect();
        places.push(PathBuf::from(&config.model));
        let installed = list_installed(&config.models).unwrap_or_default();
        let own =
            installed.into_iter().filter(|model| model.entry.is_none() && model.kind == ModelKind::Speech);
        places.extend(own.map(|model| model.path));
        places.into_iter().find(|place| match &noted.file {
            Some(file) => self.of(place).is_ok_and(|sha256| sha256 == file.sha256),
            None => place.is_file() && place.file_stem().is_some_and(|stem| stem == noted.name.as_str()),
        })
    }

    fn of(&self, path: &Path) -> io::Result<String> {
        let metadata = path.metadata()?;
        if !metadata.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let stamp = (metadata.len(), metadata.modified()?);
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, sha256)) = known().get(path)
            && *at == stamp
        {
            return Ok(sha256.clone());
        }
        let found = sha256(path)?;
        known().insert(path.to_path_buf(), (stamp, found.clone()));
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(models: &Path, model: &str) -> SpeechConfig {
        let flags = vec![("speech.model", model.into()), ("speech.models", models.to_str().unwrap().into())];
        config::Config::load(None, |_| None, flags).unwrap().speech
    }

    fn own(path: &Path) -> ModelFile {
        ModelFile { name: "own".into(), path: path.to_path_buf(), own: true }
    }

    #[test]
    fn a_file_is_found_by_what_is_in_it_wherever_it_lies() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let path = here.path().join("own.bin");
        std::fs::write(&path, b"model").unwrap();
        let (first, elsewhere) = (Checksums::default(), Checksums::default());
        let noted = first.note(&own(&path)).unwrap();
        let empty = config(there.path(), "base");
        assert_eq!(elsewhere.find(&noted, &empty), Some(path.clone()), "where it was");
        // Another model under the same path, and under the same name elsewhere.
        std::fs::write(&path, b"another model").unwrap();
        std::fs::write(there.path().join("own.bin"), b"another model").unwrap();
        assert_eq!(elsewhere.find(&noted, &empty), None);
        let moved = there.path().join("moved.bin");
        std::fs::write(&moved, b"model").unwrap();
        assert_eq!(elsewhere.find(&noted, &empty), Some(moved.clone()), "in the folder of models");
        let asked = here.path().join("asked-for");
        std::fs::rename(&moved, &asked).unwrap();
        assert_eq!(elsewhere.find(&noted, &empty), None);
        let configured = config(there.path(), asked.to_str().unwrap());
        assert_eq!(elsewhere.find(&noted, &configured), Some(asked), "as the one that is configured");
    }

    #[test]
    fn what_an_older_version_noted_is_found_by_the_name_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("own.bin");
        std::fs::write(&path, b"model").unwrap();
        let noted = NotedModel { name: "own".into(), file: None };
        assert_eq!(Checksums::default().find(&noted, &config(folder.path(), "base")), Some(path));
        let noted = NotedModel { name: "other".into(), file: None };
        assert_eq!(Checksums::default().find(&noted, &config(folder.path(), "base")), None);
    }
}
