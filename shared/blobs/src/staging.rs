//! What an upload to a folder leaves when the process is killed in its midst.

use std::{ffi::OsString, io};

use object_store::{Result, local::LocalFileSystem, path::Path};

/// Deletes the files in which `object_store` gathers the parts of `path`: beside it, with `#1`, `#2` … behind the name.
pub(super) async fn sweep(files: &LocalFileSystem, path: &Path) -> Result<()> {
    let file = files.path_to_filesystem(path)?;
    for number in 1.. {
        let mut staged = OsString::from(&file);
        staged.push(format!("#{number}"));
        match tokio::fs::remove_file(staged).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(error) => return Err(object_store::Error::Generic { store: "folder", source: error.into() }),
            Ok(()) => {}
        }
    }
    Ok(())
}
