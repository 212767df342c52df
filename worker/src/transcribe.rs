//! Transcribing a job: its windows of speech, one after the other, each saved before the next.

use std::time::Instant;

use shared::{
    job::{Failure, Progress, Stage},
    segment::{Recognition, Segment, Word},
    store::{Language, Window as SavedWindow},
};

use crate::{
    audio::{SAMPLE_RATE, Window},
    engine::Engine,
    listen::{Heard, listen},
    outcome::Unfinished,
    transcriber::{SpokenText, SpokenWord, TranscribeRequest, Transcriber},
    work::Work,
};

impl Work<'_> {
    /// Transcribes what is not transcribed yet, and saves that all text is there.
    pub(crate) async fn transcribe(&self) -> Result<(), Unfinished> {
        let path = self.parts.blobs.file(&self.claim.job.blob).await?;
        self.save_progress(Progress::at(Stage::Loading, 0.0)).await?;
        let engine = self.engine().await?;
        let mut heard = listen(path, self.decode_limits(), self.claim.checkpoint);
        let mut written = Written::of(self);
        loop {
            match self.or_interrupted(heard.recv()).await?.ok_or_else(decoder_died)?? {
                Heard::Opened(duration) => {
                    written.pace.expect(duration);
                    self.save_progress(written.pace.at(self.claim.checkpoint)).await?;
                }
                Heard::Window(window) => self.write_down(&engine, window, &mut written).await?,
                Heard::End { samples, warning } => {
                    self.note(warning).await?;
                    return self.end_transcript(written.segments, samples).await;
                }
            }
        }
    }

    async fn engine(&self) -> Result<Engine, Unfinished> {
        let job = &self.claim.job;
        let name = job.speech_model.as_deref().or(job.options.model.as_deref());
        let name = name.unwrap_or_else(|| self.parts.engines.default_model());
        let told = |progress| self.tell(progress);
        Ok(self.or_interrupted(self.parts.engines.get(name, told)).await??)
    }

    /// Recognises one window and saves it.
    async fn write_down(
        &self,
        engine: &Engine,
        window: Window,
        written: &mut Written,
    ) -> Result<(), Unfinished> {
        let language = self.language(engine, &window, written).await?;
        let samples = window.samples.clone();
        let request = TranscribeRequest { samples, language, ..TranscribeRequest::default() };
        let spoken = engine.whisper.transcribe(request, self.stop.clone()).await?;
        let segment = |(number, spoken)| segment(&window, number, spoken);
        let segments: Vec<Segment> = (written.segments + 1..).zip(spoken).map(segment).collect();
        written.segments += segments.len() as u64;
        let progress = written.pace.at(window.end);
        let saved = SavedWindow { segments, checkpoint: window.end, progress };
        Ok(self.parts.store.save_window(&self.claim.lease, saved).await?)
    }

    /// The language of the recording: what was asked for, or found out in an earlier window, or in this one.
    async fn language(
        &self,
        engine: &Engine,
        window: &Window,
        written: &mut Written,
    ) -> Result<String, Unfinished> {
        if let Some(known) = &written.language {
            return Ok(known.clone());
        }
        let found = match self.asked_language(engine) {
            Some(code) => Language { code, probability: None },
            None => {
                let found = engine
                    .whisper
                    .detect_languages(window.samples.clone(), self.stop.clone())
                    .await?
                    .remove(0);
                Language { code: found.code, probability: Some(f64::from(found.probability)) }
            }
        };
        self.parts.store.save_speech(&self.claim.lease, &engine.model, &found).await?;
        written.language = Some(found.code.clone());
        Ok(found.code)
    }

    fn asked_language(&self, engine: &Engine) -> Option<String> {
        if !engine.whisper.is_multilingual() {
            return Some("en".into());
        }
        let asked = self.claim.job.options.language.as_deref();
        asked.or_else(|| self.parts.config.speech.language()).map(str::to_owned)
    }

    async fn note(&self, warning: Option<String>) -> Result<(), Unfinished> {
        let Some(warning) = warning else { return Ok(()) };
        let failure = Failure::new("damaged_media", warning);
        Ok(self.parts.store.note_error(&self.claim.lease, "decoder", &failure).await?)
    }

    async fn end_transcript(&self, segments: u64, samples: u64) -> Result<(), Unfinished> {
        if segments == 0 {
            let message = "No speech was found in the recording. Check that the right file was uploaded and that its \
                           microphone was on.";
            return Err(Unfinished::Failed { service: "stt", failure: Failure::new("no_speech", message) });
        }
        Ok(self.parts.store.finish_transcript(&self.claim.lease, seconds(samples)).await?)
    }
}

/// What was said in a window, at its place in the recording.
fn segment(window: &Window, number: u64, spoken: SpokenText) -> Segment {
    let span = |start, end| {
        let (start, end) = window.recording_span(start, end);
        (seconds(start), seconds(end))
    };
    let word = |SpokenWord { start, end, text, probability }: SpokenWord| {
        let (start, end) = span(start, end);
        Word { start, end, word: text.trim().to_owned(), probability: rounded(probability) }
    };
    let (start, end) = span(spoken.start, spoken.end);
    let recognition = Recognition {
        confidence: Some(rounded(spoken.confidence)),
        low_confidence: spoken.low_confidence,
        language: None,
        words: spoken.words.into_iter().map(word).collect(),
    };
    Segment { number, start, end, text: spoken.text, recognition }
}

/// A probability with as many digits as mean something.
fn rounded(probability: f32) -> f64 {
    (f64::from(probability) * 1000.0).round() / 1000.0
}

/// What is known of the transcript so far.
struct Written {
    segments: u64,
    language: Option<String>,
    pace: Pace,
}

impl Written {
    fn of(work: &Work<'_>) -> Self {
        // A language is saved together with the model that the transcript was begun with.
        let job = &work.claim.job;
        let language = job.speech_model.as_ref().and(job.language.clone());
        let pace = Pace { begun: Instant::now(), from: work.claim.checkpoint, total: None };
        Self { segments: job.segment_count, language, pace }
    }
}

/// How fast the work goes, in samples at 16 kHz.
struct Pace {
    begun: Instant,
    from: u64,
    total: Option<f64>,
}

impl Pace {
    fn expect(&mut self, duration: Option<f64>) {
        self.total = duration.map(|seconds| seconds * f64::from(SAMPLE_RATE)).filter(|total| *total > 0.0);
    }

    /// Where the work stands at `position`; nothing is known of a recording that does not say how long it is.
    fn at(&self, position: u64) -> Progress {
        let Some(total) = self.total else { return Progress::at(Stage::Transcribing, 0.0) };
        let (done, position) = (position.saturating_sub(self.from) as f64, position as f64);
        let eta =
            (done > 0.0).then(|| self.begun.elapsed().as_secs_f64() / done * (total - position).max(0.0));
        Progress { eta_seconds: eta, ..Progress::at(Stage::Transcribing, (position / total).min(1.0)) }
    }
}

fn seconds(samples: u64) -> f64 {
    samples as f64 / f64::from(SAMPLE_RATE)
}

fn decoder_died() -> Unfinished {
    let message = "The recording brought the decoder down. Convert it to WAV or FLAC and upload it again.";
    Unfinished::Failed { service: "decoder", failure: Failure::new("damaged_media", message) }
}
