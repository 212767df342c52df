//! A file that keeps room on the disk, and is given up when something has to be deleted and nothing else fits: deleting
//! from a database takes room first.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use bytesize::ByteSize;

/// Name of the file in the data folder.
const NAME: &str = "reserve";

/// Room that is kept free. Nothing is done until [`take`](Self::take).
#[derive(Clone, Debug)]
pub struct Reserve {
    file: PathBuf,
    size: ByteSize,
}

impl Reserve {
    /// So much room in this folder.
    pub fn new(folder: &Path, size: ByteSize) -> Self {
        Self { file: folder.join(NAME), size }
    }

    /// Takes the room, if it is not taken and as much stays free besides. Blocks while it writes.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn take(&self) -> io::Result<()> {
        let (taken, size) = (self.file.metadata().map_or(0, |file| file.len()), self.size.as_u64());
        let folder = self.file.parent().unwrap_or_else(|| Path::new("."));
        if taken == size || fs4::available_space(folder)? < size.saturating_mul(2) {
            return Ok(());
        }
        if size == 0 {
            return fs::remove_file(&self.file);
        }
        self.write(size).inspect_err(|_| {
            self.give_up();
        })
    }

    fn write(&self, size: u64) -> io::Result<()> {
        let mut file = File::create(&self.file)?;
        io::copy(&mut io::repeat(0).take(size), &mut file)?;
        file.flush()?;
        file.sync_all()
    }

    /// Gives the room up; whether there was any.
    pub fn give_up(&self) -> bool {
        fs::remove_file(&self.file).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_taken_given_up_and_taken_again() {
        let folder = tempfile::tempdir().unwrap();
        let reserve = Reserve::new(folder.path(), ByteSize::kib(64));
        assert!(!reserve.give_up(), "none was taken");
        for _ in 0..2 {
            reserve.take().unwrap();
            assert_eq!(folder.path().join(NAME).metadata().unwrap().len(), 64 * 1024);
        }
        assert!(reserve.give_up() && !reserve.give_up());
        reserve.take().unwrap();
        Reserve::new(folder.path(), ByteSize::kib(0)).take().unwrap();
        assert!(!reserve.give_up(), "none is wanted any more");
        Reserve::new(folder.path(), ByteSize(u64::MAX)).take().unwrap();
        assert!(!reserve.give_up(), "the disk is smaller");
    }
}
