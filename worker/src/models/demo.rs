//! The demo model: our own, compiled into the program so that it is there whatever folder it is started in.

use std::path::{Path, PathBuf};

use uuid::Uuid;

use super::ModelError;
use super::checksum::{sha256, sync_folder};

/// The name that asks for it.
pub const DEMO_NAME: &str = "demo";

/// What it is, to be said wherever it is used.
pub const DEMO_NOTICE: &str = "The demo model understands only the synthetic speech of the bundled recordings and writes \
                               nonsense for any other; choose a real model with --model, for example --model base.";

const BYTES: &[u8] = include_bytes!("../../../assets/demo-model.bin");
const SHA256: &str = "f89446c5109376245cef1f981f45d7ba17d36b77042619a252c4277d62f7c335";

/// Where the demo model lies in `models_dir` once it has been used; named by its checksum, so that another
/// version of the program does not trip over it.
pub(super) fn path_in(models_dir: &Path) -> PathBuf {
    models_dir.join(format!("demo-{SHA256:.12}.bin"))
}

/// Whether the file at `path` is the demo model. It is not compared with the one compiled in, which would bring all of
/// that into memory.
pub(super) fn is_at(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.len() == BYTES.len() as u64)
        && sha256(path).is_ok_and(|there| there == SHA256)
}

/// Puts the demo model into `models_dir` unless it lies there whole, and answers its path.
pub(super) fn install(models_dir: &Path) -> Result<PathBuf, ModelError> {
    let path = path_in(models_dir);
    if is_at(&path) {
        return Ok(path);
    }
    std::fs::create_dir_all(models_dir).map_err(ModelError::io("created", models_dir))?;
    let part = models_dir.join(format!(".demo-{}.part", Uuid::now_v7()));
    std::fs::write(&part, BYTES)
        .and_then(|()| std::fs::rename(&part, &path))
        .and_then(|()| sync_folder(models_dir))
        .inspect_err(|_| {
            let _ = std::fs::remove_file(&part);
        })
        .map_err(ModelError::io("written", &path))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn the_model_compiled_in_is_the_one_named() {
        assert_eq!(hex::encode(Sha256::digest(BYTES)), SHA256);
    }

    #[test]
    fn a_damaged_copy_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = install(folder.path()).unwrap();
        std::fs::write(&path, b"cut short").unwrap();
        assert_eq!(install(folder.path()).unwrap(), path);
        assert_eq!(std::fs::read(&path).unwrap(), BYTES);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
