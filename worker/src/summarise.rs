//! Writing the minutes of a job whose text is all there.

use shared::{
    job::{Failure, Progress, Stage},
    llm::Transcript,
    metrics::Stopwatch,
};

use crate::{
    outcome::{Unfinished, sentence},
    work::Work,
};

impl Work<'_> {
    /// Writes and saves the minutes, which completes the job. When that fails the transcript stays as it is.
    pub(crate) async fn summarise(&self) -> Result<(), Unfinished> {
        let job = self.parts.store.job(self.claim.job.job_id).await?;
        let segments = self.parts.store.segments(job.job_id).await?;
        let transcript = Transcript {
            segments: &segments,
            language: job.written_language(),
            title: &job.title,
            duration_seconds: job.duration_seconds.unwrap_or_default(),
        };
        self.tell(Progress::at(Stage::Summarising, 0.0));
        let told = |share| self.tell(Progress::at(Stage::Summarising, share));
        let minutes = self.or_interrupted(self.parts.summariser.summarise(&transcript, &told));
        let minutes = Stopwatch::new("summary").wait(minutes).await?;
        let minutes = minutes.map_err(|error| Unfinished::Failed {
            service: "llm",
            failure: Failure::new(
                "summary_failed",
                format!(
                    "The transcript is complete, but the summary failed: {}",
                    sentence(&error.to_string())
                ),
            ),
        })?;
        Ok(self.parts.store.complete(&self.claim.lease, minutes).await?)
    }
}
