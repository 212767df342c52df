//! What Seogi runs on: its disks.

use std::path::Path;

use blobs::nameless_file;
use bytesize::ByteSize;
use config::Config;
use indicatif::HumanBytes;

use super::Finding;
use crate::private;

/// Free space under which a warning is due: a few long recordings.
const LOW_DISK_SPACE: ByteSize = ByteSize::gib(2);

/// Looks at the free space where recordings are kept.
pub async fn disk(config: &Config) -> Finding {
    if config.storage.bucket().is_some() {
        return Finding::ok("recordings are in an object store, which says itself when it is full");
    }
    let data = config.storage.folder();
    // The folder itself may not have been made yet.
    let Some(folder) = data.ancestors().find(|folder| folder.exists()) else {
        return measured(config, &data, Path::new("."));
    };
    measured(config, &data, if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
}

/// Looks whether others on this machine may read what is in the data folder.
pub fn privacy(config: &Config) -> Finding {
    let data = config.storage.data.display();
    match private::exposed(config).first() {
        None => Finding::ok(format!("nobody else on this machine may read {data}")),
        Some(path) => Finding::warning(format!(
            "others on this machine may read {}; `chmod -R go= {data}` closes it, and the server does so itself at its next start \
             where the files are its own",
            path.display()
        )),
    }
}

/// Tries the folder for ffmpeg's copies, which only recordings in a bucket need.
pub async fn spool(config: &Config) -> Finding {
    if config.storage.bucket().is_none() {
        return Finding::ok("recordings are files, of which ffmpeg needs no copies");
    }
    let (folder, max_bytes) = (config.storage.spool_folder(), config.storage.spool_size);
    let shown = folder.display();
    match nameless_file(&folder).and_then(|_| fs4::available_space(&folder)) {
        Err(error) => Finding::problem(format!(
            "ffmpeg's copies of recordings cannot be kept in {shown} ({error}); set SEOGI_SPOOL to a folder that can be written"
        )),
        Ok(free) if free < max_bytes.as_u64() => Finding::warning(format!(
            "{} are free in {shown} for ffmpeg's copies of recordings, which may have {max_bytes}; make room, or set SEOGI_SPOOL to a folder elsewhere",
            HumanBytes(free)
        )),
        Ok(free) => {
            Finding::ok(format!("{} are free in {shown} for ffmpeg's copies of recordings", HumanBytes(free)))
        }
    }
}

fn measured(config: &Config, data: &Path, folder: &Path) -> Finding {
    let (data, least) = (data.display(), config.limits.min_free_space);
    let free = match fs4::available_space(folder) {
        Ok(free) => free,
        Err(error) => {
            return Finding::warning(format!("the free space of {data} cannot be measured ({error})"));
        }
    };
    let sentence = format!("{} are free for {data}", HumanBytes(free));
    if free < least.as_u64() {
        return Finding::problem(format!(
            "{sentence}, under the {least} below which no recording is accepted; make room, or set SEOGI_DATA to a folder elsewhere"
        ));
    }
    if free < LOW_DISK_SPACE.as_u64() {
        return Finding::warning(format!("{sentence}, which long recordings fill soon; make room"));
    }
    Finding::ok(sentence)
}
