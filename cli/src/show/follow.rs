//! Following a job to its end: a bar or lines for its progress, its text as it comes.

use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar};
use minutes::render::{Recording, Starts};
use serde_json::{Value, json};
use shared::{
    edit::EditAction,
    event::Event,
    job::{JobId, Progress, Stage},
};
use text::printable;

use super::segment;
use crate::{
    client::{Client, Ending, RetryPolicy, StreamItem},
    screen::Screen,
};

/// What became of a job.
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// When its segments begin.
    pub recording: Recording,
}

/// Follows `job` to its end. `label` names it beside the bar; its text is shown if `with_text`.
///
/// # Errors
/// When the server is lost, or the job deleted.
pub async fn follow(
    client: &Client,
    job: JobId,
    screen: &Screen,
    label: &str,
    with_text: bool,
) -> anyhow::Result<Outcome> {
    let label = printable(label);
    let bar = screen.stage_bar(label.clone());
    let mut view = View { screen, job, label, bar, with_text, last: String::new(), starts: Starts::new() };
    let mut events = client.follow(job, RetryPolicy::default());
    let ending = loop {
        match events.next().await? {
            StreamItem::Event { event, raw } => view.show(&event, raw)?,
            StreamItem::Lost { reason, delay } => view.lost(&reason, delay),
            StreamItem::Ended(ending) => break ending,
        }
    };
    view.bar.finish_and_clear();
    Ok(Outcome { ending, recording: Recording { starts: view.starts, page: None } })
}

struct View<'a> {
    screen: &'a Screen,
    job: JobId,
    label: String,
    bar: ProgressBar,
    with_text: bool,
    last: String,
    starts: Starts,
}

impl View<'_> {
    fn show(&mut self, event: &Event, raw: Value) -> anyhow::Result<()> {
        let segments = match event {
            Event::TranscriptSegment { segment, .. } => std::slice::from_ref(segment),
            Event::TranscriptEdited { segments, .. } => segments,
            _ => &[],
        };
        self.starts.extend(segments.iter().map(|segment| (segment.number, segment.start)));
        if self.screen.is_json() {
            return self.screen.print_json(&tagged(self.job, raw));
        }
        match event {
            Event::TranscriptSegment { segment: said, .. } if self.with_text => {
                self.screen.print(segment(said))?
            }
            Event::TranscriptEdited { action: EditAction::Speakers, segments, .. } if self.with_text => {
                self.screen.print("\nThe same, with who speaks:")?;
                segments.iter().try_for_each(|said| self.screen.print(segment(said)))?;
            }
            Event::Progress(progress) => self.progress(progress),
            _ => {}
        }
        Ok(())
    }

    fn progress(&mut self, progress: &Progress) {
        let doing = doing(progress);
        if self.screen.draws_bars() {
            let left = progress.eta_seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            let left = left.map(|left| format!(", {:#} left", HumanDuration(left)));
            self.bar.set_position((progress.progress * 1000.0) as u64);
            self.bar.set_message(format!("{doing}{}", left.unwrap_or_default()));
            return;
        }
        // A line for every tenth is enough for a log.
        let tenths = (progress.progress * 10.0).floor() * 10.0;
        let line = match progress.stage {
            Stage::Queued | Stage::Done => format!("{}: {doing}", self.label),
            _ => format!("{}: {doing}, {tenths} %", self.label),
        };
        if line != self.last {
            self.screen.notice(&line);
            self.last = line;
        }
    }

    fn lost(&self, reason: &str, delay: Duration) {
        let seconds = delay.as_secs_f64();
        self.screen.notice(format!(
            "{}: the connection is lost ({reason}); trying again in {seconds} s",
            self.label
        ));
    }
}

/// The event with its job, for scripts that follow several.
fn tagged(job: JobId, mut raw: Value) -> Value {
    if let Some(fields) = raw.as_object_mut() {
        fields.insert("job_id".to_owned(), json!(job));
    }
    raw
}

/// What is being done, in words.
pub fn doing(progress: &Progress) -> String {
    let fixed = match (progress.stage, progress.queue_position) {
        (Stage::Queued, Some(1)) => "waiting, 1 recording goes first",
        (Stage::Queued, Some(before @ 2..)) => return format!("waiting, {before} recordings go first"),
        (Stage::Queued, _) => "waiting for a worker",
        (Stage::Loading, _) => "fetching and loading the speech model",
        (Stage::Transcribing, _) => "recognising speech",
        (Stage::Summarising, _) => "writing the minutes",
        (Stage::Done, _) => "done",
    };
    fixed.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_is_told_in_words() {
        let queued = |queue_position| doing(&Progress { queue_position, ..Progress::at(Stage::Queued, 0.0) });
        assert_eq!(queued(None), "waiting for a worker");
        assert_eq!(queued(Some(1)), "waiting, 1 recording goes first");
        assert_eq!(queued(Some(7)), "waiting, 7 recordings go first");
    }
}
