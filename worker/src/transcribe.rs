//! Transcribing a job: its stretches of speech, some at the same time, saved one after the other.

use std::time::Instant;

use futures::{StreamExt, stream::FuturesOrdered};
use shared::{
    coverage::SpeechCoverage,
    job::{Failure, Progress, SEVERAL, Stage},
};
use store::{Language, Window as SavedWindow};
use telemetry::metrics::{METRICS, Stopwatch};

use crate::{
    audio::{SAMPLE_RATE, Stretch, seconds},
    engine::Engine,
    language::{Undecided, main_language},
    listen::{Heard, listen},
    notices,
    outcome::Unfinished,
    recognise::Recognised,
    transcriber::{SpokenLanguage, Transcriber},
    work::Work,
};

impl Work<'_> {
    /// Transcribes what is not transcribed yet, and saves that all text is there.
    pub(crate) async fn transcribe(&self) -> Result<(), Unfinished> {
        let recording = self.parts.blobs.open_reader(&self.claim.job.blob).await?;
        self.save_progress(Progress::at(Stage::Loading, 0.0)).await?;
        let engine = self.engine().await?;
        let mut heard =
            listen(recording, self.decode_limits(), self.claim.checkpoint, self.diariser().await?);
        let mut written = Written::of(self);
        if written.language.is_none()
            && let Some(code) = self.asked_language(&engine)
        {
            self.speak(&engine, &mut written, Language { code, probability: None }).await?;
        }
        let mut under_way = FuturesOrdered::new();
        loop {
            let free = under_way.len() < engine.whisper.parallel();
            tokio::select! {
                biased;
                Some(recognised) = written.whisper.wait(under_way.next()) => {
                    self.write_down(recognised?, &mut written).await?;
                }
                heard = self.or_interrupted(heard.recv()), if free => match heard?.ok_or_else(decoder_died)?? {
                    Heard::Opened(duration) => {
                        written.pace.expect(duration);
                        self.save_progress(written.pace.at(self.claim.checkpoint)).await?;
                    }
                    Heard::Stretch(stretch) => {
                        for stretch in self.ready(&engine, stretch, &mut written).await? {
                            under_way.push_back(self.recognise(&engine, stretch, self.spoken(&engine, &written)));
                        }
                    }
                    Heard::End { samples, notices, peaks, turns } => {
                        for stretch in self.settle(&engine, &mut written).await? {
                            under_way.push_back(self.recognise(&engine, stretch, self.spoken(&engine, &written)));
                        }
                        while let Some(recognised) = written.whisper.wait(under_way.next()).await {
                            self.write_down(recognised?, &mut written).await?;
                        }
                        self.note("decoder", notices).await?;
                        self.note("stt", notices::of_coverage(&written.coverage)).await?;
                        written.pace.tell(samples);
                        self.parts.store.save_peaks(&self.claim.lease, &peaks).await?;
                        self.tell_apart(&turns).await?;
                        return self.end_transcript(&engine, &written, samples).await;
                    }
                },
            }
        }
    }

    async fn engine(&self) -> Result<Engine, Unfinished> {
        let engines = &self.parts.engines;
        let told = |progress| self.tell(progress);
        if let Some(noted) = &self.claim.model {
            return Ok(self.or_interrupted(engines.noted(noted, told)).await??);
        }
        let asked = self.claim.job.options.model.as_deref();
        let name = asked.unwrap_or_else(|| engines.default_model());
        Ok(self.or_interrupted(engines.get(name, told)).await??)
    }

    /// The stretches that can be recognised now that there is one more: all, once it is known what is spoken.
    async fn ready(
        &self,
        engine: &Engine,
        stretch: Stretch,
        written: &mut Written,
    ) -> Result<Vec<Stretch>, Unfinished> {
        if written.language.is_some() {
            return Ok(vec![stretch]);
        }
        let heard = match stretch.windows.iter().max_by_key(|window| window.samples.len()) {
            Some(longest) => written.whisper.wait(self.languages(engine, &longest.samples)).await?,
            None => Vec::new(),
        };
        if written.undecided.add(stretch, heard) {
            self.settle(engine, written).await
        } else {
            Ok(Vec::new())
        }
    }

    /// Settles on the language of the stretches that wait for that, and gives them.
    async fn settle(&self, engine: &Engine, written: &mut Written) -> Result<Vec<Stretch>, Unfinished> {
        if let Some(language) = written.undecided.language() {
            self.note("stt", notices::of_language(&language)).await?;
            self.speak(engine, written, language).await?;
        }
        Ok(std::mem::take(&mut written.undecided).stretches)
    }

    /// Saves what is spoken, with the model that hears it.
    async fn speak(
        &self,
        engine: &Engine,
        written: &mut Written,
        language: Language,
    ) -> Result<(), Unfinished> {
        self.parts.store.save_speech(&self.claim.lease, &engine.model, &language).await?;
        written.language = Some(language.code);
        Ok(())
    }

    /// Saves what is said in a stretch.
    async fn write_down(
        &self,
        Recognised { mut segments, coverage, end }: Recognised,
        written: &mut Written,
    ) -> Result<(), Unfinished> {
        for (number, segment) in (written.segments + 1..).zip(&mut segments) {
            segment.number = number;
        }
        written.segments += segments.len() as u64;
        METRICS.count_speech(&coverage);
        written.coverage.add(coverage);
        let saved = SavedWindow {
            segments,
            checkpoint: end,
            coverage: written.coverage.clone(),
            progress: written.pace.at(end),
        };
        Ok(self.parts.store.save_window(&self.claim.lease, saved).await?)
    }

    /// What is known of the language in which all is spoken.
    fn spoken(&self, engine: &Engine, written: &Written) -> SpokenLanguage {
        match &written.language {
            Some(code) if code == SEVERAL => SpokenLanguage::Any,
            Some(code) if self.asked_language(engine).is_some() => SpokenLanguage::Only(code.clone()),
            Some(code) => SpokenLanguage::Mostly(code.clone()),
            None => SpokenLanguage::Any,
        }
    }

    fn asked_language(&self, engine: &Engine) -> Option<String> {
        if !engine.whisper.is_multilingual() {
            return Some("en".into());
        }
        let asked = self.claim.job.options.language.as_deref();
        asked.or_else(|| self.parts.config.speech.language()).map(str::to_owned)
    }

    async fn note(
        &self,
        service: &str,
        notices: impl IntoIterator<Item = Failure>,
    ) -> Result<(), Unfinished> {
        for notice in notices {
            self.parts.store.note_error(&self.claim.lease, service, &notice).await?;
        }
        Ok(())
    }

    async fn end_transcript(
        &self,
        engine: &Engine,
        written: &Written,
        samples: u64,
    ) -> Result<(), Unfinished> {
        if written.segments == 0 {
            let message = "No speech was found in the recording. Check that the right file was uploaded and that its \
                           microphone was on.";
            return Err(Unfinished::Failed { service: "stt", failure: Failure::new("no_speech", message) });
        }
        if written.is_in_several_languages()
            && let Some(main) = main_language(&self.parts.store.segments(self.claim.job.job_id).await?)
        {
            self.parts.store.save_speech(&self.claim.lease, &engine.model, &main).await?;
        }
        Ok(self.parts.store.finish_transcript(&self.claim.lease, seconds(samples)).await?)
    }
}

/// What is known of the transcript so far.
struct Written {
    segments: u64,
    coverage: SpeechCoverage,
    language: Option<String>,
    undecided: Undecided,
    pace: Pace,
    whisper: Stopwatch,
}

impl Written {
    fn of(work: &Work<'_>) -> Self {
        // A language is saved together with the model that the transcript was begun with.
        let job = &work.claim.job;
        let language = job.speech_model.as_ref().and(job.language.clone());
        let pace = Pace { begun: Instant::now(), from: work.claim.checkpoint, total: None };
        let (undecided, whisper) = (Undecided::default(), Stopwatch::new("whisper"));
        let coverage = job.coverage.clone().unwrap_or_default();
        Self { segments: job.segment_count, coverage, language, undecided, pace, whisper }
    }

    fn is_in_several_languages(&self) -> bool {
        self.language.as_deref() == Some(SEVERAL)
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

    /// Tells the metrics how fast the work went until its end at `position`.
    fn tell(&self, position: u64) {
        let audio = seconds(position.saturating_sub(self.from));
        if audio > 0.0 {
            METRICS.audio_seconds.inc_by(audio);
            METRICS.real_time_factor.observe(self.begun.elapsed().as_secs_f64() / audio);
        }
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

fn decoder_died() -> Unfinished {
    let message = "The recording brought the decoder down. Convert it to WAV or FLAC and upload it again.";
    Unfinished::Failed { service: "decoder", failure: Failure::new("damaged_media", message) }
}
