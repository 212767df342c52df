//! Decoding in a process of its own, which a hostile recording may bring down without harm to anything else.
//!
//! The worker starts the program that it was given with the argument [`DECODE_CHILD`] and its [`Orders`]. That child
//! takes away its own rights ([`rights`]) before it sees a byte, has no file and no network, and talks with the
//! worker over the one socket that is its standard input and output ([`frames`]): it asks for bytes of the recording
//! and gives samples. What it says is not trusted either.

mod child;
mod frames;
mod parent;
mod process;
mod rights;

pub use child::decode_child;
pub(super) use parent::Apart;
pub(super) use process::Process;

use std::{os::unix::process::CommandExt, process::Command};

use serde::{Deserialize, Serialize};

use super::{AudioError, DecodeLimits, Layout};

/// The argument that makes a program the decoder child: it has to call [`decode_child`] with the argument behind it,
/// before it starts any thread.
pub const DECODE_CHILD: &str = "decode-child";

/// What a child is told when it is started.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Orders {
    /// Bytes of the recording.
    pub(super) length: u64,
    /// Bytes of memory that it may take beyond those of its start.
    pub(super) memory: u64,
    /// Seconds that it may compute.
    pub(super) seconds: u64,
    /// What becomes of the channels.
    pub(super) layout: Layout,
    /// Whether it is to become ffmpeg, with the recording as its standard input.
    pub(super) ffmpeg: bool,
}

impl Orders {
    pub(super) fn new(limits: &DecodeLimits, length: u64, ffmpeg: bool) -> Self {
        let seconds = limits.computing.as_secs();
        Self { length, memory: limits.memory, seconds, layout: limits.layout, ffmpeg }
    }

    /// The command line of a child with these orders; no variable of the environment goes with it but what a start
    /// takes.
    pub(super) fn command(&self, program: &std::path::Path) -> Result<Command, AudioError> {
        let orders = serde_json::to_string(self).map_err(|_| AudioError::DecoderFailed)?;
        let mut command = Command::new(program);
        command.arg0("seogi").args([DECODE_CHILD, &orders]);
        only_needed_variables(&mut command);
        Ok(command)
    }
}

/// Takes everything out of a command's environment but what programs are found and loaded by.
pub(super) fn only_needed_variables(command: &mut Command) {
    let needed = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT"];
    command.env_clear().envs(needed.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
}
