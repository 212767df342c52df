//! A disk that gets full, breaks or may not be written, for one program: its system calls fail, and no disk is harmed.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::process::{give_away, run};

/// What the disk does with what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// Keeps it.
    Good,
    /// Has no room for it.
    Full,
    /// Fails.
    Broken,
    /// Refuses it.
    ReadOnly,
}

/// A folder as the disk of a program, whose faults are turned on and off while that runs.
pub struct FaultyDisk {
    disk: PathBuf,
    /// With the library that fails system calls, and the file that tells it how.
    folder: TempDir,
}

impl FaultyDisk {
    /// A disk that is good so far.
    pub fn at(disk: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/faulty_disk.c");
        let mut compiler = Command::new("cc");
        compiler
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(folder.path().join("faulty_disk.so"))
            .arg(source);
        run(compiler);
        give_away(folder.path());
        Self { disk: disk.to_path_buf(), folder }
    }

    /// Makes it the disk of a program that is yet to be started.
    pub fn put_under(&self, command: &mut Command) {
        command.env("LD_PRELOAD", self.folder.path().join("faulty_disk.so"));
        command.env("FAULTY_DISK", &self.disk).env("FAULT", self.order());
    }

    /// Makes it another disk from now on.
    pub fn turn(&self, disk: Disk) {
        let word = match disk {
            Disk::Good => "good",
            Disk::Full => "full",
            Disk::Broken => "broken",
            Disk::ReadOnly => "read-only",
        };
        // Whole at every moment for whoever reads it.
        let fresh = self.folder.path().join("fresh");
        std::fs::write(&fresh, word).expect("a file can be written");
        std::fs::rename(fresh, self.order()).expect("a file can be renamed");
    }

    fn order(&self) -> PathBuf {
        self.folder.path().join("fault")
    }
}
