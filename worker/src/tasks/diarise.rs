//! Telling a job's speakers apart, where that is asked for.

use config::LimitsConfig;

use crate::{
    run::{JobContext, TaskError},
    speakers::{self, Count, Diariser, Diarisers, Turn},
};

/// The part of a transcription that names speakers.
pub(crate) struct Diarise<'a> {
    pub(crate) job: &'a JobContext<'a>,
    pub(crate) diarisers: &'a Diarisers,
    pub(crate) limits: &'a LimitsConfig,
}

impl Diarise<'_> {
    /// What tells the speakers apart while the recording is decoded, if that was asked for.
    pub(crate) async fn load(&self) -> Result<Option<(Diariser, Count)>, TaskError> {
        let options = &self.job.claim.job.options.speakers;
        if !options.diarize {
            return Ok(None);
        }
        let exactly = options.num_speakers;
        let bound = |bound: Option<u32>, default| exactly.or(bound).unwrap_or(default) as usize;
        let count = Count {
            least: bound(options.min_speakers, 1),
            most: bound(options.max_speakers, self.limits.max_speakers),
        };
        let on_progress = |progress| self.job.publish_progress(progress);
        let diariser = self.job.or_interrupted(self.diarisers.get(on_progress)).await??;
        Ok(Some((diariser, count)))
    }

    /// Saves who speaks in the segments.
    pub(crate) async fn save_speakers(&self, turns: &[Turn]) -> Result<(), TaskError> {
        if turns.is_empty() {
            return Ok(());
        }
        let segments = self.job.store.segments(self.job.claim.job.job_id).await?;
        let changed = speakers::label(&segments, turns);
        if changed.is_empty() {
            return Ok(());
        }
        Ok(self.job.store.save_speakers(&self.job.claim.lease, changed).await?)
    }
}
