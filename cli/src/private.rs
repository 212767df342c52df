//! Files are their owner's: recordings, transcripts and database are nobody else's on this machine.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
};

use config::Config;
use rustix::{fs::Mode, process::umask};

/// What others may do to a file, in its mode.
const OTHERS: u32 = 0o077;

/// Makes everything that this process writes from now on its owner's alone, and the data folder with what lies directly in
/// it. What another user owns stays as it is, which `seogi doctor` tells of.
pub fn keep(config: &Config) {
    umask(Mode::from_raw_mode(OTHERS));
    for path in exposed(config) {
        if let Err(error) = close(&path) {
            tracing::warn!(path = %path.display(), %error, "others on this machine may read what is here");
        }
    }
}

/// The data folder and what lies directly in it, as far as others may do anything to it.
pub fn exposed(config: &Config) -> Vec<PathBuf> {
    let data = &config.storage.data;
    let inside = fs::read_dir(data).into_iter().flatten().flatten().map(|entry| entry.path());
    [data.clone()].into_iter().chain(inside).filter(|path| is_exposed(path).unwrap_or(false)).collect()
}

fn is_exposed(path: &Path) -> io::Result<bool> {
    let metadata = path.symlink_metadata()?;
    Ok(!metadata.is_symlink() && metadata.mode() & OTHERS != 0)
}

fn close(path: &Path) -> io::Result<()> {
    let mode = path.metadata()?.mode();
    fs::set_permissions(path, Permissions::from_mode(mode & !OTHERS))
}
