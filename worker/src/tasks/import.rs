//! A transcript that came instead of a recording: nothing is recognised, its segments are taken as they are.

use std::io::{self, Read};

use blobs::{BlobReader, Blobs};
use config::LimitsConfig;
use shared::{
    coverage::SpeechCoverage,
    job::{Progress, Stage},
    segment::Segment,
};
use store::{Language, Window};
use text::{
    import::{self, HEAD_BYTES, ImportError, Imported},
    language,
};

use super::Task;
use crate::{
    audio::AudioError,
    run::{JobContext, TaskError},
};

/// Segments that are saved at a time.
const SEGMENTS_PER_WINDOW: usize = 500;

/// Saves the segments of a transcript that are not saved yet.
pub(crate) struct Import<'a> {
    pub(crate) job: &'a JobContext<'a>,
    pub(crate) transcript: Imported,
}

impl<'a> Import<'a> {
    /// The task, if the job's file is a transcript; none if it is a recording.
    pub(crate) async fn of(
        job: &'a JobContext<'a>,
        blobs: &Blobs,
        limits: &LimitsConfig,
    ) -> Result<Option<Self>, TaskError> {
        let file = blobs.open_reader(&job.claim.job.blob).await?;
        let most = limits.max_transcript_size.as_u64();
        let read = tokio::task::spawn_blocking(move || read(file, most)).await;
        let read = read.unwrap_or_else(|error| Err(io::Error::other(error)));
        let transcript = read.map_err(AudioError::UnreadableRecording)?;
        Ok(transcript.transpose()?.map(|transcript| Self { job, transcript }))
    }

    /// The language that was asked for, else what the file says, else what the words tell.
    fn language(&self) -> String {
        let asked = self.job.claim.job.options.language.clone();
        asked.or_else(|| self.transcript.language.clone()).unwrap_or_else(|| {
            let some = self.transcript.segments.iter().take(SEGMENTS_PER_WINDOW);
            let words: Vec<&str> = some.map(|segment| segment.text.as_str()).collect();
            language::of(&words.join("\n")).to_owned()
        })
    }
}

impl Task for Import<'_> {
    const NAME: &'static str = "import";

    async fn run(&self) -> Result<(), TaskError> {
        let (job, segments) = (self.job, &self.transcript.segments);
        let lease = &job.claim.lease;
        job.store.save_language(lease, &Language { code: self.language(), probability: None }).await?;
        // What an earlier worker saved stays.
        let saved = usize::try_from(job.claim.job.segment_count).unwrap_or(usize::MAX);
        for (count, segments) in windows(segments, saved) {
            let progress =
                Progress::at(Stage::Transcribing, count as f64 / self.transcript.segments.len() as f64);
            let (checkpoint, coverage) = (count as u64, SpeechCoverage::default());
            let window = Window { segments, checkpoint, coverage, progress };
            job.or_interrupted(job.store.save_window(lease, window)).await??;
        }
        let duration = segments.iter().map(|segment| segment.end).fold(0.0, f64::max);
        Ok(job.store.finish_transcript(lease, duration).await?)
    }
}

/// The segments behind the first `saved` ones, some at a time, and how many are saved with them.
fn windows(segments: &[Segment], saved: usize) -> impl Iterator<Item = (usize, Vec<Segment>)> {
    let rest = segments.get(saved..).unwrap_or_default();
    rest.chunks(SEGMENTS_PER_WINDOW).scan(saved, |count, window| {
        *count += window.len();
        Some((*count, window.to_vec()))
    })
}

/// The transcript that a file is; none if it is a recording.
fn read(mut file: BlobReader, most: u64) -> io::Result<Option<Result<Imported, ImportError>>> {
    let mut bytes = Vec::new();
    file.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut bytes)?;
    if import::detect(&bytes).is_none() {
        return Ok(None);
    }
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    let too_large = bytes.len() as u64 > most;
    Ok(Some(if too_large { Err(ImportError::TooLarge(most)) } else { import::read(&bytes) }))
}
