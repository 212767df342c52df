//! Writing the minutes of a job whose text is all there.

use llm::LlmError;
use minutes::{DraftEvent, Transcript};
use shared::{
    event::Event,
    job::{Failure, Job, JobStatus, Progress, Stage, SummaryOptions},
};
use telemetry::metrics::Stopwatch;

use crate::{
    outcome::{Unfinished, sentence},
    work::Work,
};

impl Work<'_> {
    /// Writes and saves the minutes that were asked for, one version after the other, which completes the job. When
    /// that fails, the transcript and the versions that were there stay as they are.
    pub(crate) async fn summarise(&self) -> Result<(), Unfinished> {
        loop {
            let job = self.parts.store.job(self.claim.job.job_id).await?;
            let asked = self.parts.store.wanted_summary(job.job_id).await?;
            if self.write_minutes(&job, &asked.unwrap_or_default()).await? == JobStatus::Completed {
                return Ok(());
            }
        }
    }

    async fn write_minutes(&self, job: &Job, asked: &SummaryOptions) -> Result<JobStatus, Unfinished> {
        let failed = |error| failed(job, &error);
        // Before the segments: what is edited in between is said to be edited since.
        let revision = self.parts.store.job(job.job_id).await?.transcript_revision;
        let segments = self.parts.store.segments(job.job_id).await?;
        let transcript = Transcript {
            segments: &segments,
            language: job.written_language(),
            title: &job.title,
            duration_seconds: job.duration_seconds.unwrap_or_default(),
        };
        self.tell(Progress::at(Stage::Summarising, 0.0));
        let told = |heard| match heard {
            DraftEvent::Share(share) => self.tell(Progress::at(Stage::Summarising, share)),
            DraftEvent::Delta(delta) => {
                self.parts.store.publish_passing(job.job_id, Event::SummaryDelta(delta));
            }
        };
        let brief = self.parts.templates.brief(asked).map_err(failed)?;
        let written = self.parts.summariser.summarise(&transcript, &brief, &told);
        let written = Stopwatch::new("summary").wait(self.or_interrupted(written)).await?;
        let mut minutes = written.map_err(failed)?;
        minutes.transcript_revision = revision;
        Ok(self.parts.store.complete(&self.claim.lease, minutes).await?)
    }
}

fn failed(job: &Job, error: &LlmError) -> Unfinished {
    let reason = sentence(&error.to_string());
    let message = match job.current_summary {
        None => format!("The transcript is complete, but the summary failed: {reason}"),
        Some(_) => format!("The minutes that were there are kept, but their new version failed: {reason}"),
    };
    Unfinished::Failed { service: "llm", failure: Failure::new("summary_failed", message) }
}
