use std::io;
use std::path::{Path, PathBuf};

use super::catalogue::{ModelKind, names, nearest};

/// Why there is no model to work with; each message says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The catalogue has no such name for what the model is to do, and no such file exists.
    #[error("there is no model called {name} {}{}; choose one of {}", purpose(*.kind), hint(.name, *.kind), choice(*.kind))]
    Unknown {
        /// What was asked for.
        name: String,
        /// What it is to do.
        kind: ModelKind,
    },
    /// A path was given, and no file is there.
    #[error("there is no model file at {}; check the path, or give a model's name, as `seogi models` lists them", .path.display())]
    NoFile {
        /// The path as given.
        path: PathBuf,
    },
    /// A file's content is not what was published under its name.
    #[error("{} is not the published model (its SHA-256 is {found}, not {expected}); delete it, and it is fetched again", .path.display())]
    Checksum {
        /// The damaged or foreign file.
        path: PathBuf,
        /// The catalogue's SHA-256, hexadecimal.
        expected: String,
        /// The file's own, hexadecimal; of what came over the network if it never became a file.
        found: String,
    },
    /// A file of the models folder has the wrong length, so its checksum need not be computed.
    #[error("{} is not the published model (it has {found} bytes, not {expected}); delete it, and it is fetched again", .path.display())]
    Size {
        /// The damaged or foreign file.
        path: PathBuf,
        /// The catalogue's size, bytes.
        expected: u64,
        /// The file's own size, bytes.
        found: u64,
    },
    /// The server was not reached, or the transfer broke off again and again.
    #[error("{url} could not be fetched: {reason}; check the network and try again, or fetch it with another machine and save it as {}", .path.display())]
    Unreachable {
        /// What was fetched.
        url: String,
        /// Where a file fetched by hand belongs.
        path: PathBuf,
        /// The network's own words.
        reason: String,
    },
    /// The server answered, and not with the file.
    #[error("{url} was refused with HTTP status {status}; check the address of the mirror, or fetch the model elsewhere and save it as {}", .path.display())]
    Refused {
        /// What was fetched.
        url: String,
        /// Where a file fetched by hand belongs.
        path: PathBuf,
        /// The answer's HTTP status.
        status: u16,
    },
    /// The server has a file of that name which is not the published one.
    #[error("{url} is not the published model ({problem}); use another mirror, or fetch the model elsewhere and save it as {}", .path.display())]
    Foreign {
        /// What was fetched.
        url: String,
        /// Where a file fetched by hand belongs.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// No room for the model.
    #[error("the disk is full: {} needs {bytes} bytes; make room and try again, the transfer goes on where it stopped", .path.display())]
    DiskFull {
        /// The file being written.
        path: PathBuf,
        /// Its whole size, bytes.
        bytes: u64,
    },
    /// The file system refused.
    #[error("{} could not be {doing}: {source}; check the models folder's permissions", .path.display())]
    Io {
        /// `read`, `written`, `deleted` …
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// The system's own words.
        source: io::Error,
    },
    /// A model that comes with the program is not where it should lie, and could not be fetched either.
    #[error("{file} comes with the program, but lies in none of {}, and {source}; or copy it there from assets/models of Seogi's sources, or name its folder with SEOGI_BUNDLED_MODELS", list(.folders))]
    NotBeside {
        /// The file's name.
        file: &'static str,
        /// Where it was looked for.
        folders: Vec<PathBuf>,
        /// Why it could not be fetched.
        source: Box<ModelError>,
    },
    /// Asked to delete a model that came with the program.
    #[error("the model {name} comes with the program, at {}, and stays there", .path.display())]
    Bundled {
        /// What was asked for.
        name: String,
        /// Its file.
        path: PathBuf,
    },
    /// Asked to delete a model that is not there.
    #[error("the model {name} is not in {}; `seogi models` lists those that are", .models_dir.display())]
    NotInstalled {
        /// What was asked for.
        name: String,
        /// The models folder.
        models_dir: PathBuf,
    },
    /// Asked which models are in use while one is being loaded.
    #[error("a model is being fetched or loaded at this moment; try again when that is done")]
    Loading,
    /// Asked to delete a model while it is being fetched.
    #[error("the model {name} is being fetched at this moment; stop that first")]
    Busy {
        /// What was asked for.
        name: String,
    },
}

impl ModelError {
    /// Wraps a failure of the file system, for `map_err`.
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { doing, path: path.to_path_buf(), source }
    }

    /// Whether the same request may well succeed in a few seconds.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => matches!(status, 408 | 429 | 500..),
            _ => false,
        }
    }
}

fn list(folders: &[PathBuf]) -> String {
    folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn purpose(kind: ModelKind) -> &'static str {
    match kind {
        ModelKind::Speech => "for speech",
        ModelKind::Speakers => "that tells speakers apart",
    }
}

fn hint(name: &str, kind: ModelKind) -> String {
    nearest(name, kind).map(|near| format!(" (did you mean {near}?)")).unwrap_or_default()
}

fn choice(kind: ModelKind) -> String {
    let others = match kind {
        ModelKind::Speech => &["or the path of a ggml model file"][..],
        ModelKind::Speakers => &["campplus", "built-in", "or the path of an ONNX file"],
    };
    names(kind).chain(others.iter().copied()).collect::<Vec<_>>().join(", ")
}
