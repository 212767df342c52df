//! Writing the minutes of a job whose text is all there.

use llm::LlmError;
use minutes::{DraftEvent, Summariser, Templates, Transcript};
use shared::{
    event::Event,
    job::{Failure, Job, JobStatus, Progress, Stage, SummaryOptions},
};
use telemetry::metrics::Stopwatch;
use text::sentence;

use super::Task;
use crate::run::{JobContext, TaskError};

/// Writes and saves the minutes that were asked for, one version after the other, which completes the job. When
/// that fails, the transcript and the versions that were there stay as they are.
pub(crate) struct Summarise<'a> {
    pub(crate) job: &'a JobContext<'a>,
    pub(crate) summariser: &'a Summariser,
    pub(crate) templates: &'a Templates,
}

impl Task for Summarise<'_> {
    const NAME: &'static str = "summarise";

    async fn run(&self) -> Result<(), TaskError> {
        let (store, id) = (self.job.store, self.job.claim.job.job_id);
        loop {
            // Each time anew, and before the segments: what is edited in between is said to be edited since.
            let job = store.job(id).await?;
            let options = store.requested_summary(id).await?.unwrap_or_default();
            if self.write_version(&job, &options).await? == JobStatus::Completed {
                return Ok(());
            }
        }
    }
}

impl Summarise<'_> {
    async fn write_version(&self, job: &Job, options: &SummaryOptions) -> Result<JobStatus, TaskError> {
        let failed = |error| failed(job, &error);
        let segments = self.job.store.segments(job.job_id).await?;
        let transcript = Transcript {
            segments: &segments,
            language: job.written_language(),
            title: &job.title,
            duration_seconds: job.duration_seconds.unwrap_or_default(),
        };
        self.job.publish_progress(Progress::at(Stage::Summarising, 0.0));
        let on_event = |event| match event {
            DraftEvent::Share(share) => self.job.publish_progress(Progress::at(Stage::Summarising, share)),
            DraftEvent::Delta(delta) => {
                self.job.store.publish_passing(job.job_id, Event::SummaryDelta(delta));
            }
        };
        let brief = self.templates.brief(options).map_err(failed)?;
        let writing = self.summariser.summarise(&transcript, &brief, &on_event);
        let minutes = Stopwatch::new("summary").wait(self.job.or_interrupted(writing)).await?;
        let mut minutes = minutes.map_err(failed)?;
        minutes.transcript_revision = job.transcript_revision;
        Ok(self.job.store.complete(&self.job.claim.lease, minutes).await?)
    }
}

fn failed(job: &Job, error: &LlmError) -> TaskError {
    let reason = sentence(&error.to_string());
    let message = match job.current_summary {
        None => format!("The transcript is complete, but the summary failed: {reason}"),
        Some(_) => format!("The minutes that were there are kept, but their new version failed: {reason}"),
    };
    TaskError::Fail { service: "llm", failure: Failure::new("summary_failed", message) }
}
