//! What is done with a job: tasks, each with the handles that it uses and no others.

mod decode;
mod diarise;
mod import;
mod language;
mod notices;
mod recognise;
mod summarise;
mod throughput;
mod transcribe;

pub(crate) use diarise::Diarise;
pub(crate) use import::Import;
pub(crate) use summarise::Summarise;
pub(crate) use transcribe::Transcribe;

use crate::run::TaskError;

/// A step of a job's way to its minutes. It goes on where a worker before it left off.
pub(crate) trait Task {
    /// What the log calls it.
    const NAME: &'static str;

    /// Does what is not done yet.
    ///
    /// # Errors
    /// Whether the job may be tried again, or fails.
    fn run(&self) -> impl Future<Output = Result<(), TaskError>> + Send;
}
