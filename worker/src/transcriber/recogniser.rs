//! An engine at work: windows are checked, decoded until their words hold up, in halves if need be, and become
//! sentences; what their text leaves out is decoded again by itself. Everything here blocks, on the threads of `worker_pool.rs`.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use whisper::{DecodeOptions, MAX_SAMPLES, Sampling};

use super::attempts::{Attempt, Budget, MAX_NO_SPEECH, QualityIssue, decode_with_fallback};
use super::coverage::{subtract, total, uncovered};
use super::engine::{Engine, SpeechModel};
use super::hallucination::is_invented;
use super::languages::{Run, runs};
use super::sentences::sentences;
use super::sounds;
use super::split_at_pause::split_at_pause;
use super::{
    DetectedLanguage, Sound, SpokenLanguage, SpokenText, SpokenWord, TranscribeRequest, TranscriberError,
    Transcription,
};
use crate::audio::SAMPLE_RATE;

/// What may be spent on a window beyond its first pass.
const MAX_MORE_PASSES: u32 = 6;
/// What is decoded on either side of a stretch that was left out: 0.3 s.
const MARGIN: usize = SAMPLE_RATE as usize * 3 / 10;

/// What one thread needs to work a model.
pub(super) struct Recogniser {
    model: Arc<dyn SpeechModel>,
    engine: Box<dyn Engine>,
}

impl Recogniser {
    pub(super) fn new(model: Arc<dyn SpeechModel>) -> Result<Self, TranscriberError> {
        Ok(Self { engine: model.engine()?, model })
    }

    /// Forgets everything but the model.
    pub(super) fn reset(&mut self) {
        self.engine.reset();
    }

    /// Costs nothing with a model that knows only English.
    pub(super) fn detect_languages(
        &mut self,
        samples: &[f32],
    ) -> Result<Vec<DetectedLanguage>, TranscriberError> {
        if !self.model.is_multilingual() {
            return Ok(vec![DetectedLanguage { code: "en".into(), probability: 1.0 }]);
        }
        let samples = samples.get(..MAX_SAMPLES).unwrap_or(samples);
        self.engine.set_audio(samples);
        self.engine.languages(&(0..samples.len()))
    }

    /// What is said in a window. Where its text leaves voiced time out, that is recognised once more by itself.
    pub(super) fn transcribe(
        &mut self,
        request: &TranscribeRequest,
        halt: &CancellationToken,
    ) -> Result<Transcription, TranscriberError> {
        self.check(request)?;
        let mut found = Transcription { voiced: request.voiced.clone(), ..Transcription::default() };
        for run in self.runs(request)? {
            let budget = Budget::new(MAX_MORE_PASSES);
            let mut decoding = Decoding { recogniser: self, request, run, budget, halt };
            let whole = decoding.decode_or_split()?;
            if whole.silent {
                found.voiced = subtract(&found.voiced, &decoding.run.range);
            }
            let mut gaps = VecDeque::from(found.add(whole));
            while let Some(gap) = gaps.pop_front() {
                gaps.extend(decoding.decode_gap(&gap, &mut found)?);
            }
        }
        found.spoken.sort_by_key(|text| text.start);
        Ok(found)
    }

    /// The stretches of a window that are each in one language.
    fn runs(&mut self, request: &TranscribeRequest) -> Result<Vec<Run>, TranscriberError> {
        let all = 0..request.samples.len();
        let main = match &request.language {
            SpokenLanguage::Only(code) => return Ok(vec![Run { range: all, language: code.clone() }]),
            SpokenLanguage::Mostly(code) => Some(code.as_str()),
            SpokenLanguage::Any => None,
        };
        let (language, multilingual) = (main.unwrap_or("en").to_owned(), self.model.is_multilingual());
        if !multilingual {
            return Ok(vec![Run { range: all, language }]);
        }
        self.engine.set_audio(&request.samples);
        let spans = if request.voiced.is_empty() { std::slice::from_ref(&all) } else { &request.voiced };
        let detect = |span: &Range<usize>| Ok((span.clone(), self.engine.languages(span)?));
        let detected = spans.iter().map(detect).collect::<Result<Vec<_>, TranscriberError>>()?;
        Ok(runs(all, &detected, main))
    }

    /// Whether the model can do it.
    fn check(&self, request: &TranscribeRequest) -> Result<(), TranscriberError> {
        let TranscribeRequest { samples, language, translate, .. } = request;
        if samples.len() > MAX_SAMPLES {
            return Err(TranscriberError::WindowTooLong { samples: samples.len() });
        }
        if *translate && !self.model.is_multilingual() {
            return Err(TranscriberError::CannotTranslate);
        }
        match language {
            SpokenLanguage::Only(code) | SpokenLanguage::Mostly(code) if !self.model.knows(code) => {
                Err(TranscriberError::UnsupportedLanguage { language: code.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// The work on a stretch of a window.
struct Decoding<'a> {
    recogniser: &'a mut Recogniser,
    request: &'a TranscribeRequest,
    run: Run,
    budget: Budget,
    halt: &'a CancellationToken,
}

impl Decoding<'_> {
    /// What is said in the stretch; in its halves, if these are understood better.
    fn decode_or_split(&mut self) -> Result<Recognition, TranscriberError> {
        let Range { start, end } = self.run.range;
        let whole = self.decode(start..end)?;
        let samples = self.request.samples.get(start..end).unwrap_or_default();
        let Some((first, _)) = split_at_pause(samples).filter(|_| whole.doubtful && self.budget.take())
        else {
            return Ok(whole);
        };
        tracing::debug!("decoding the halves of a window");
        let middle = start + first.len();
        let (one, other) = (self.decode(start..middle)?, self.decode(middle..end)?);
        Ok(if one.doubtful && other.doubtful { whole } else { one.and(other) })
    }

    /// What is said in some of the samples, decoded until it holds up or all ways are tried.
    fn decode(&mut self, range: Range<usize>) -> Result<Recognition, TranscriberError> {
        let samples = self.request.samples.get(range.clone()).unwrap_or_default();
        let options = self.options(true);
        let Self { recogniser: Recogniser { model, engine }, budget, halt, .. } = self;
        engine.set_audio(samples);
        let attempt = decode_with_fallback(&mut **engine, model.beam(), &options, budget, halt)?;
        let first = self.read(attempt, &range)?;
        if first.gaps.is_empty() || first.doubtful || !self.recogniser.model.aligns() || !self.budget.take() {
            return Ok(first);
        }
        tracing::debug!(gaps = ?first.gaps, "decoding without timestamps");
        let options = self.options(false);
        let pass = self.recogniser.engine.pass(&options, Sampling::Greedy, self.halt)?;
        let second = self.read(Attempt { pass, no_speech: None }, &range)?;
        Ok(if !second.doubtful && total(&second.gaps) < total(&first.gaps) { second } else { first })
    }

    fn options(&self, timestamps: bool) -> DecodeOptions {
        let TranscribeRequest { translate, prompt, .. } = self.request;
        let (language, prompt) = (self.run.language.clone(), Arc::clone(prompt));
        DecodeOptions { language, translate: *translate, prompt, timestamps }
    }

    /// Reads what was decoded of some of the samples.
    fn read(
        &mut self,
        Attempt { mut pass, mut no_speech }: Attempt,
        range: &Range<usize>,
    ) -> Result<Recognition, TranscriberError> {
        let options = self.options(false);
        let engine = &mut self.recogniser.engine;
        engine.align(&options, &mut pass.tokens, self.halt)?;
        let samples = self.request.samples.get(range.clone()).unwrap_or_default();
        let doubtful = pass.issue() > QualityIssue::None;
        let written = sentences(&pass.tokens, samples).into_iter();
        let written = written.map(|text| self.run.spoken(text.later(range.start), doubtful)).collect();
        let (written, sounds) = sounds::part(written, range);
        if written.is_empty() || written.iter().any(|text| is_invented(text, 1.0)) {
            no_speech = Some(no_speech.map_or_else(|| engine.no_speech(), Ok)?);
        }
        let silent = written.is_empty() && no_speech > Some(MAX_NO_SPEECH);
        let (invented, spoken): (Vec<_>, _) =
            written.into_iter().partition(|text| is_invented(text, no_speech.unwrap_or_default()));
        for text in invented {
            tracing::debug!(text = text.text, "nobody said this");
        }
        let mut recognised = Recognition { spoken, sounds, doubtful, silent, gaps: Vec::new() };
        if !recognised.silent {
            let voiced = recognised
                .sounds
                .iter()
                .fold(self.voiced(range), |voiced, sound| subtract(&voiced, &sound.range));
            recognised.gaps = uncovered(&voiced, recognised.spoken.iter().flat_map(|text| &text.words));
        }
        Ok(recognised)
    }

    /// Where there is voice within some of the samples.
    fn voiced(&self, range: &Range<usize>) -> Vec<Range<usize>> {
        let clipped = |voiced: &Range<usize>| voiced.start.max(range.start)..voiced.end.min(range.end);
        self.request.voiced.iter().map(clipped).filter(|voiced| !voiced.is_empty()).collect()
    }

    /// Hears a stretch by itself that was left out, and adds what is said there. Gives what is still left out, if it is
    /// worth another look.
    fn decode_gap(
        &mut self,
        gap: &Range<usize>,
        found: &mut Transcription,
    ) -> Result<Vec<Range<usize>>, TranscriberError> {
        let all = &self.run.range;
        let around = gap.start.saturating_sub(MARGIN).max(all.start)..(gap.end + MARGIN).min(all.end);
        if around.len() + 2 * MARGIN >= all.len() || !self.budget.take() {
            found.given_up.push(gap.clone());
            return Ok(Vec::new());
        }
        tracing::debug!(?gap, "decoding again what was left out");
        let mut recognised = self.decode(around)?;
        recognised.keep_within(gap);
        found.decoded_again += gap.len();
        if recognised.silent {
            found.voiced = subtract(&found.voiced, gap);
        }
        let left = found.add(recognised);
        if total(&left) < gap.len() {
            return Ok(left);
        }
        found.given_up.extend(left);
        Ok(Vec::new())
    }
}

/// What was recognised in some samples. All places are in the window.
#[derive(Default)]
struct Recognition {
    spoken: Vec<SpokenText>,
    sounds: Vec<Sound>,
    doubtful: bool,
    /// Whether nobody speaks.
    silent: bool,
    /// Voiced stretches that are not in the text.
    gaps: Vec<Range<usize>>,
}

impl Recognition {
    /// This, and what was recognised behind it.
    fn and(mut self, later: Self) -> Self {
        self.spoken.extend(later.spoken);
        self.sounds.extend(later.sounds);
        self.gaps.extend(later.gaps);
        Self { doubtful: self.doubtful || later.doubtful, silent: self.silent && later.silent, ..self }
    }

    /// Leaves out what lies beside a stretch, which is in the text already.
    fn keep_within(&mut self, stretch: &Range<usize>) {
        let within = |word: &SpokenWord| stretch.contains(&((word.start + word.end) / 2));
        let texts = std::mem::take(&mut self.spoken).into_iter();
        self.spoken = texts.filter_map(|text| text.only(within)).collect();
        for gap in &mut self.gaps {
            *gap = gap.start.max(stretch.start)..gap.end.min(stretch.end);
        }
    }
}

impl Transcription {
    /// Adds what was recognised, and gives what is left out of it.
    fn add(&mut self, recognised: Recognition) -> Vec<Range<usize>> {
        for Sound { range, .. } in &recognised.sounds {
            self.voiced = subtract(&self.voiced, range);
        }
        self.spoken.extend(recognised.spoken);
        self.sounds.extend(recognised.sounds);
        recognised.gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcriber::{WhisperSettings, batched::BatchedModel, whisper_cpp::LoadedModel};

    /// One of each engine.
    fn recognisers() -> [Recogniser; 2] {
        let (path, settings) =
            (ground_truth::toy_model(), WhisperSettings { threads: 1, ..Default::default() });
        let models: [Arc<dyn SpeechModel>; 2] = [
            Arc::new(BatchedModel::load(&path, &settings).unwrap()),
            Arc::new(LoadedModel::load(&path, &settings).unwrap()),
        ];
        models.map(|model| Recogniser::new(model).unwrap())
    }

    fn request(samples: usize, language: &str) -> TranscribeRequest {
        let samples = vec![0.0; samples].into();
        TranscribeRequest {
            samples,
            language: SpokenLanguage::Only(language.into()),
            ..TranscribeRequest::default()
        }
    }

    #[test]
    fn a_cancelled_token_stops_the_work() {
        for (mut recogniser, halt) in recognisers().map(|one| (one, CancellationToken::new())) {
            halt.cancel();
            let stopped = recogniser.transcribe(&request(16_000, "en"), &halt);
            assert_eq!(stopped.unwrap_err().code(), "stopped");
            assert_eq!(
                recogniser.transcribe(&request(16_000, "en"), &CancellationToken::new()).unwrap().spoken,
                []
            );
        }
    }

    #[test]
    fn windows_of_any_length_up_to_thirty_seconds_are_taken() {
        for (mut recogniser, halt) in recognisers().map(|one| (one, CancellationToken::new())) {
            for samples in [0, 200, 480_000] {
                assert_eq!(
                    recogniser.transcribe(&request(samples, "ko"), &halt).unwrap().spoken,
                    [],
                    "{samples}"
                );
                assert!(recogniser.detect_languages(&vec![0.0; samples]).is_ok(), "{samples}");
            }
            assert!(recogniser.detect_languages(&vec![0.0; 480_001]).is_ok(), "the first 30 s count");
            let too_long = recogniser.transcribe(&request(480_001, "ko"), &halt);
            assert_eq!(too_long.unwrap_err().code(), "window_too_long");
        }
    }

    #[test]
    fn unknown_languages_are_refused() {
        for (mut recogniser, halt) in recognisers().map(|one| (one, CancellationToken::new())) {
            for language in ["", "xx", "auto", "e\0n", "한국어"] {
                let error = recogniser.transcribe(&request(16_000, language), &halt).unwrap_err();
                assert_eq!(error.code(), "unsupported_language", "{language}");
            }
            assert!(recogniser.model.knows("ko"));
        }
    }
}
