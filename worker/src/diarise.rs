//! Telling a job's speakers apart, where that is asked for.

use crate::{
    outcome::Unfinished,
    speakers::{self, Count, Diariser, Turn},
    work::Work,
};

impl Work<'_> {
    /// What tells the speakers apart, if that was asked for.
    pub(crate) async fn diariser(&self) -> Result<Option<(Diariser, Count)>, Unfinished> {
        let (asked, limits) = (&self.claim.job.options.speakers, &self.parts.config.limits);
        if !asked.diarize {
            return Ok(None);
        }
        let exactly = asked.num_speakers;
        let bound = |bound: Option<u32>, default| exactly.or(bound).unwrap_or(default) as usize;
        let count = Count {
            least: bound(asked.min_speakers, 1),
            most: bound(asked.max_speakers, limits.max_speakers),
        };
        let told = |progress| self.tell(progress);
        let diariser = self.or_interrupted(self.parts.diarisers.get(told)).await??;
        Ok(Some((diariser, count)))
    }

    /// Writes down who speaks in the segments.
    pub(crate) async fn tell_apart(&self, turns: &[Turn]) -> Result<(), Unfinished> {
        if turns.is_empty() {
            return Ok(());
        }
        let segments = self.parts.store.segments(self.claim.job.job_id).await?;
        let changed = speakers::label(&segments, turns);
        if changed.is_empty() {
            return Ok(());
        }
        Ok(self.parts.store.save_speakers(&self.claim.lease, changed).await?)
    }
}
