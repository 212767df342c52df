//! Transcribing a job: its stretches of speech, some at the same time, saved one after the other.

use blobs::Blobs;
use config::SpeechConfig;
use futures::{StreamExt, stream::FuturesOrdered};
use shared::{
    coverage::SpeechCoverage,
    job::{Failure, Progress, Stage},
    language::SEVERAL,
};
use store::{Language, Window as SavedWindow};
use telemetry::metrics::{METRICS, Stopwatch};

use super::{
    Diarise, Task,
    decode::{DecodeEvent, decode},
    language::{LanguageDetection, main_language},
    notices,
    recognise::{Recognise, Recognised},
    throughput::Throughput,
};
use crate::{
    audio::{DecodeLimits, Stretch, seconds},
    engine::{Engine, Engines},
    run::{JobContext, TaskError},
    transcriber::{SpokenLanguage, Transcriber},
};

/// Transcribes what is not transcribed yet, and saves that all text is there.
pub(crate) struct Transcribe<'a> {
    pub(crate) job: &'a JobContext<'a>,
    pub(crate) blobs: &'a Blobs,
    pub(crate) engines: &'a Engines,
    pub(crate) speech: &'a SpeechConfig,
    pub(crate) decode_limits: DecodeLimits,
    pub(crate) diarise: Diarise<'a>,
}

impl Task for Transcribe<'_> {
    const NAME: &'static str = "transcribe";

    async fn run(&self) -> Result<(), TaskError> {
        let (job, checkpoint) = (self.job, self.job.claim.checkpoint);
        let recording = self.blobs.open_reader(&job.claim.job.blob).await?;
        job.save_progress(Progress::at(Stage::Loading, 0.0)).await?;
        let engine = self.engine().await?;
        let diariser = self.diarise.load().await?;
        let mut decoded = decode(recording, self.decode_limits.clone(), checkpoint, diariser);
        let recognise = Recognise { job, engine: &engine, speech: self.speech };
        let mut transcript = TranscriptState::new(recognise);
        transcript.take_requested_language().await?;
        let mut under_way = FuturesOrdered::new();
        loop {
            let free = under_way.len() < engine.whisper.parallel();
            tokio::select! {
                biased;
                Some(recognised) = transcript.stopwatch.wait(under_way.next()) => {
                    transcript.save_window(recognised?).await?;
                }
                event = job.or_interrupted(decoded.recv()), if free => match event?.ok_or_else(decoder_died)?? {
                    DecodeEvent::Opened(duration) => {
                        transcript.throughput.expect(duration);
                        job.save_progress(transcript.throughput.progress(checkpoint)).await?;
                    }
                    DecodeEvent::Stretch(stretch) => {
                        for stretch in transcript.release_windows(stretch).await? {
                            under_way.push_back(recognise.run(stretch, transcript.spoken_language()));
                        }
                    }
                    DecodeEvent::End { samples, notices, peaks, turns } => {
                        for stretch in transcript.decide_language().await? {
                            under_way.push_back(recognise.run(stretch, transcript.spoken_language()));
                        }
                        while let Some(recognised) = transcript.stopwatch.wait(under_way.next()).await {
                            transcript.save_window(recognised?).await?;
                        }
                        job.note_errors("decoder", notices).await?;
                        job.note_errors("stt", notices::of_coverage(&transcript.coverage)).await?;
                        transcript.throughput.observe(samples);
                        job.store.save_peaks(&job.claim.lease, &peaks).await?;
                        job.note_errors("speakers", notices::of_turns(&turns)).await?;
                        self.diarise.save_speakers(&turns).await?;
                        return transcript.finish(samples).await;
                    }
                },
            }
        }
    }
}

impl Transcribe<'_> {
    async fn engine(&self) -> Result<Engine, TaskError> {
        let on_progress = |progress| self.job.publish_progress(progress);
        if let Some(noted) = &self.job.claim.model {
            return Ok(self.job.or_interrupted(self.engines.noted(noted, on_progress)).await??);
        }
        let requested = self.job.claim.job.options.model.as_deref();
        let name = requested.unwrap_or_else(|| self.engines.default_model());
        Ok(self.job.or_interrupted(self.engines.get(name, on_progress)).await??)
    }
}

/// What is known of the transcript so far.
struct TranscriptState<'a> {
    recognise: Recognise<'a>,
    segments: u64,
    coverage: SpeechCoverage,
    language: Option<String>,
    detection: LanguageDetection,
    throughput: Throughput,
    stopwatch: Stopwatch,
}

impl<'a> TranscriptState<'a> {
    fn new(recognise: Recognise<'a>) -> Self {
        let claim = recognise.job.claim;
        Self {
            recognise,
            segments: claim.job.segment_count,
            coverage: claim.job.coverage.clone().unwrap_or_default(),
            // A language is saved together with the model that the transcript was begun with.
            language: claim.job.speech_model.as_ref().and(claim.job.language.clone()),
            detection: LanguageDetection::default(),
            throughput: Throughput::new(claim.checkpoint),
            stopwatch: Stopwatch::new("whisper"),
        }
    }

    /// Saves the language that was asked for, unless one is saved already.
    async fn take_requested_language(&mut self) -> Result<(), TaskError> {
        match self.requested_language() {
            Some(code) if self.language.is_none() => {
                self.save_language(Language { code, probability: None }).await
            }
            _ => Ok(()),
        }
    }

    /// The stretches that can be recognised now that there is one more: all, once it is known what is spoken.
    async fn release_windows(&mut self, stretch: Stretch) -> Result<Vec<Stretch>, TaskError> {
        if self.language.is_some() {
            return Ok(vec![stretch]);
        }
        let detected = match stretch.windows.iter().max_by_key(|window| window.samples.len()) {
            Some(longest) => self.stopwatch.wait(self.recognise.languages(&longest.samples)).await?,
            None => Vec::new(),
        };
        if self.detection.add(stretch, detected) { self.decide_language().await } else { Ok(Vec::new()) }
    }

    /// Decides on the language of the stretches that wait for that, and gives them.
    async fn decide_language(&mut self) -> Result<Vec<Stretch>, TaskError> {
        if let Some(language) = self.detection.language() {
            self.recognise.job.note_errors("stt", notices::of_language(&language)).await?;
            self.save_language(language).await?;
        }
        Ok(std::mem::take(&mut self.detection).stretches)
    }

    /// Saves what is spoken, with the model that recognises it.
    async fn save_language(&mut self, language: Language) -> Result<(), TaskError> {
        let Recognise { job, engine, .. } = self.recognise;
        job.store.save_speech(&job.claim.lease, &engine.model, &language).await?;
        self.language = Some(language.code);
        Ok(())
    }

    /// Saves what is said in a stretch.
    async fn save_window(&mut self, recognised: Recognised) -> Result<(), TaskError> {
        let Recognised { mut segments, coverage, end } = recognised;
        for (number, segment) in (self.segments + 1..).zip(&mut segments) {
            segment.number = number;
        }
        self.segments += segments.len() as u64;
        METRICS.count_speech(&coverage);
        self.coverage.add(coverage);
        let coverage = self.coverage.clone();
        let saved =
            SavedWindow { segments, checkpoint: end, coverage, progress: self.throughput.progress(end) };
        let job = self.recognise.job;
        Ok(job.store.save_window(&job.claim.lease, saved).await?)
    }

    /// What is known of the language in which all is spoken.
    fn spoken_language(&self) -> SpokenLanguage {
        match &self.language {
            Some(code) if code == SEVERAL => SpokenLanguage::Any,
            Some(code) if self.requested_language().is_some() => SpokenLanguage::Only(code.clone()),
            Some(code) => SpokenLanguage::Mostly(code.clone()),
            None => SpokenLanguage::Any,
        }
    }

    /// The language that the job asks for, or else the configuration, or the only one that the model knows.
    fn requested_language(&self) -> Option<String> {
        let Recognise { job, engine, speech } = self.recognise;
        if !engine.whisper.is_multilingual() {
            return Some("en".into());
        }
        let requested = job.claim.job.options.language.as_deref();
        requested.or_else(|| speech.language()).map(str::to_owned)
    }

    /// Saves that all text of a recording of so many samples is there.
    async fn finish(&self, samples: u64) -> Result<(), TaskError> {
        let Recognise { job, engine, .. } = self.recognise;
        if self.segments == 0 {
            let message = "No speech was found in the recording. Check that the right file was uploaded and that its \
                           microphone was on.";
            return Err(TaskError::Fail { service: "stt", failure: Failure::new("no_speech", message) });
        }
        if self.language.as_deref() == Some(SEVERAL)
            && let Some(main) = main_language(&job.store.segments(job.claim.job.job_id).await?)
        {
            job.store.save_speech(&job.claim.lease, &engine.model, &main).await?;
        }
        Ok(job.store.finish_transcript(&job.claim.lease, seconds(samples)).await?)
    }
}

fn decoder_died() -> TaskError {
    let message = "The recording brought the decoder down. Convert it to WAV or FLAC and upload it again.";
    TaskError::Fail { service: "decoder", failure: Failure::new("damaged_media", message) }
}
