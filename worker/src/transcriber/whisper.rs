//! whisper.cpp through `whisper_rs`, which is named nowhere else. Everything here blocks, on the threads of
//! `owner.rs`.
//!
//! What is kept away from (whisper.cpp 1.8.3, whisper-rs 0.16): its segments, whose begins are wrong and
//! whose text may be torn (the tokens are read instead); its abort callback for plain closures, which is
//! unsound (a boxed one works); its own voice activity, which does nothing; windows of under a second, which
//! it reads over the end of.

mod loaded;
mod tokens;

use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;
use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperError, WhisperState, WhisperTokenId, get_lang_id,
    get_lang_str,
};

pub(crate) use self::loaded::BUILT_FOR_GPU;
pub(super) use self::loaded::LoadedModel;
pub use self::loaded::WhisperSettings;
use self::tokens::read;
use super::attempts::{Doubt, Model, Pass, Sampling, first_try, most_trusted};
use super::halves::halves;
use super::sentences::{STEP, sentences};
use super::{DetectedLanguage, SpokenText, TranscribeRequest, TranscriberError};
use crate::audio::SAMPLE_RATE;

/// What whisper.cpp is given at least, in samples: the rest is silence.
const SHORTEST: usize = SAMPLE_RATE as usize * 5 / 4;
/// What it can hear at once, in samples.
const LONGEST: usize = SAMPLE_RATE as usize * 30;
/// Steps of 0.02 s that the encoder hears at least, and after the end of a window: models, which were trained to hear
/// 30 s, lose the thread with fewer.
const FEWEST_STEPS: usize = 512;
const STEPS_AFTER: usize = 128;
/// Steps are rounded up to a multiple of this, which suits the processor.
const ROUND_STEPS: usize = 64;
/// Sequences among which chance picks the best.
const RANDOM_SEQUENCES: i32 = 5;

type Params = FullParams<'static, 'static>;

/// What one thread needs to work a model.
pub(super) struct Engine {
    model: LoadedModel,
    state: Option<WhisperState>,
    /// Made once for each language and way of sampling: whisper_rs frees no callback and no language.
    params: Vec<(&'static str, Sampling, Params)>,
    /// What the pass in hand listens to.
    halt: Arc<Mutex<CancellationToken>>,
    padded: Vec<f32>,
    /// What the state's encoder hears, in steps of 0.02 s; 0 means all it can.
    steps: i32,
}

impl Engine {
    pub(super) fn new(model: LoadedModel) -> Self {
        Self { model, state: None, params: Vec::new(), halt: Arc::default(), padded: Vec::new(), steps: 0 }
    }

    /// Forgets everything but the model.
    pub(super) fn start_afresh(&mut self) {
        self.state = None;
        self.params.clear();
        self.halt = Arc::default();
    }

    /// One pass of the encoder, and none for a model that knows only English.
    pub(super) fn detect_languages(
        &mut self,
        samples: &[f32],
    ) -> Result<Vec<DetectedLanguage>, TranscriberError> {
        if !self.model.is_multilingual() {
            return Ok(vec![DetectedLanguage { code: "en".into(), probability: 1.0 }]);
        }
        self.pad(samples.get(..LONGEST).unwrap_or(samples));
        if std::mem::take(&mut self.steps) > 0 {
            // Only a pass can tell a state to hear all again.
            self.state = None;
        }
        let Self { model: LoadedModel { context, threads, .. }, state, padded, .. } = self;
        let state = ready(context, state)?;
        state.pcm_to_mel(padded, *threads).map_err(failed)?;
        let (_, probabilities) = state.lang_detect(0, *threads).map_err(failed)?;
        let named = |(id, probability): (i32, f32)| {
            Some(DetectedLanguage { code: get_lang_str(id)?.to_owned(), probability })
        };
        let mut languages: Vec<_> = (0..).zip(probabilities).filter_map(named).collect();
        languages.sort_by(|one, other| other.probability.total_cmp(&one.probability));
        if languages.is_empty() {
            return Err(TranscriberError::failed("it named no language"));
        }
        Ok(languages)
    }

    pub(super) fn transcribe(
        &mut self,
        request: &TranscribeRequest,
        halt: &CancellationToken,
    ) -> Result<Vec<SpokenText>, TranscriberError> {
        let length = request.samples.len();
        if length > LONGEST {
            return Err(TranscriberError::WindowTooLong { samples: length });
        }
        if request.translate && !self.model.is_multilingual() {
            return Err(TranscriberError::CannotTranslate);
        }
        let wanted = Wanted {
            language: self.known(&request.language)?,
            translate: request.translate,
            prompt: self.prompt(&request.prompt)?,
        };
        let whole = self.hear(&request.samples, &wanted, halt)?;
        match halves(&request.samples).filter(|_| whole.doubtful) {
            None => Ok(whole.spoken),
            Some((first, second)) => {
                tracing::debug!("hearing the halves of a window");
                let (one, other) = (self.hear(first, &wanted, halt)?, self.hear(second, &wanted, halt)?);
                Ok(if one.doubtful && other.doubtful { whole } else { one.and(other, first.len()) }.spoken)
            }
        }
    }

    /// What is said in some samples, decoded until it holds up or all ways are tried.
    fn hear(
        &mut self,
        samples: &[f32],
        wanted: &Wanted,
        halt: &CancellationToken,
    ) -> Result<Heard, TranscriberError> {
        self.pad(samples);
        let pass = match self.hear_no_more_than(samples.len(), wanted, halt)? {
            Some(pass) => pass,
            None => {
                let beam = self.model.beam;
                most_trusted(&mut PaddedWindow { engine: self, wanted, halt }, beam)?
            }
        };
        let doubtful = pass.doubt() > Doubt::None;
        let mut spoken = sentences(&pass.tokens, samples);
        for text in &mut spoken {
            text.low_confidence = doubtful;
        }
        Ok(Heard { spoken, doubtful })
    }

    /// A pass over no more than the `length` of the window, which saves most of the work for a short one. It counts only
    /// if nothing speaks against its words and they go on to the window's end.
    fn hear_no_more_than(
        &mut self,
        length: usize,
        wanted: &Wanted,
        halt: &CancellationToken,
    ) -> Result<Option<Pass>, TranscriberError> {
        let steps = (length.div_ceil(STEP) + STEPS_AFTER).next_multiple_of(ROUND_STEPS).max(FEWEST_STEPS);
        let all = self.model.context.n_audio_ctx();
        let Some(steps) = i32::try_from(steps).ok().filter(|steps| self.model.fit_windows && *steps < all)
        else {
            return Ok(None);
        };
        let pass = self.pass(wanted, first_try(self.model.beam), steps, halt)?;
        let counts = pass.doubt() == Doubt::None && pass.reaches(length);
        tracing::debug!(steps, counts, "heard no more than a window");
        Ok(counts.then_some(pass))
    }

    /// The end of the prompt, as much as the model reads, as its tokens.
    fn prompt(&self, prompt: &str) -> Result<Vec<WhisperTokenId>, TranscriberError> {
        if prompt.trim().is_empty() {
            return Ok(Vec::new());
        }
        let text = format!(" {}", prompt.trim().replace('\0', ""));
        let tokens = self.model.context.tokenize(&text, text.len()).map_err(failed)?;
        let most = usize::try_from(self.model.context.n_text_ctx() / 2 - 1).unwrap_or_default();
        Ok(tokens.get(tokens.len().saturating_sub(most)..).unwrap_or_default().to_vec())
    }

    /// The language as whisper.cpp writes it.
    fn known(&self, language: &str) -> Result<&'static str, TranscriberError> {
        let plain = language.bytes().all(|byte| byte.is_ascii_alphabetic());
        let code = plain.then(|| get_lang_id(language)).flatten().and_then(get_lang_str);
        code.filter(|code| self.model.is_multilingual() || *code == "en")
            .ok_or_else(|| TranscriberError::UnsupportedLanguage { language: language.to_owned() })
    }

    fn pad(&mut self, samples: &[f32]) {
        self.padded.clear();
        self.padded.extend_from_slice(samples);
        self.padded.resize(samples.len().max(SHORTEST), 0.0);
    }

    /// One pass over the padded samples, of which the encoder hears so many `steps`.
    fn pass(
        &mut self,
        wanted: &Wanted,
        sampling: Sampling,
        steps: i32,
        halt: &CancellationToken,
    ) -> Result<Pass, TranscriberError> {
        if matches!(sampling, Sampling::Random(_)) {
            // A new state throws its dice from the start, so that a window taken up again gets the same words.
            self.state = None;
        }
        if let Ok(mut listened_to) = self.halt.lock() {
            *listened_to = halt.clone();
        }
        let (mut params, max_tokens) = (self.params(wanted.language, sampling), self.max_tokens());
        params.set_translate(wanted.translate);
        params.set_audio_ctx(steps);
        self.steps = steps;
        params.set_tokens(&wanted.prompt);
        let state = ready(&self.model.context, &mut self.state)?;
        let done = state.full(params, &self.padded);
        if halt.is_cancelled() {
            return Err(TranscriberError::Stopped);
        }
        done.map_err(failed)?;
        Ok(read(&self.model.context, state, max_tokens))
    }

    fn params<'a>(&mut self, language: &'static str, sampling: Sampling) -> FullParams<'static, 'a> {
        let made = self.params.iter().find(|made| made.0 == language && made.1 == sampling);
        if let Some((_, _, params)) = made {
            return params.clone();
        }
        let mut params = params(sampling);
        params.set_language(Some(language));
        params.set_n_threads(self.model.threads as i32);
        params.set_max_tokens(self.max_tokens());
        let halt = Arc::clone(&self.halt);
        let halted = Box::new(move || halt.lock().is_ok_and(|halt| halt.is_cancelled()));
        // The closure must be a box to whisper_rs too: it mistakes any other for one.
        params.set_abort_callback_safe::<_, Box<dyn FnMut() -> bool>>(halted as Box<dyn FnMut() -> bool>);
        self.params.push((language, sampling, params.clone()));
        params
    }

    /// The probability that nobody speaks in the padded samples, by a pass of the encoder. What whisper.cpp says
    /// of it is taken from the wrong token: the model says so right after the start token, nowhere else.
    fn no_speech(&mut self) -> Result<f32, TranscriberError> {
        let (start, no_speech) = (self.model.context.token_sot(), self.model.context.token_nosp());
        let state = ready(&self.model.context, &mut self.state)?;
        state.pcm_to_mel(&self.padded, self.model.threads).map_err(failed)?;
        state.encode(0, self.model.threads).map_err(failed)?;
        state.decode(&[start], 0, self.model.threads).map_err(failed)?;
        let logits = state.get_logits().map_err(failed)?;
        let logit = usize::try_from(no_speech).ok().and_then(|token| logits.get(token)).copied();
        let all: f32 = logits.iter().map(|other| (other - logit.unwrap_or_default()).exp()).sum();
        Ok(logit.map_or(0.0, |_| 1.0 / all))
    }

    /// Half the text context, less what whisper.cpp keeps for itself: reaching it means going in circles.
    fn max_tokens(&self) -> i32 {
        self.model.context.n_text_ctx() / 2 - 5
    }
}

/// What a window is to become.
struct Wanted {
    language: &'static str,
    translate: bool,
    prompt: Vec<WhisperTokenId>,
}

/// What was heard in some samples.
struct Heard {
    spoken: Vec<SpokenText>,
    doubtful: bool,
}

impl Heard {
    /// This, and what was heard in the samples from `offset` on.
    fn and(mut self, later: Self, offset: usize) -> Self {
        self.spoken.extend(later.spoken.into_iter().map(|text| text.later(offset)));
        Self { spoken: self.spoken, doubtful: self.doubtful || later.doubtful }
    }
}

/// What is in [`Engine::padded`], to be decoded in one way and another.
struct PaddedWindow<'a> {
    engine: &'a mut Engine,
    wanted: &'a Wanted,
    halt: &'a CancellationToken,
}

impl Model for PaddedWindow<'_> {
    type Error = TranscriberError;

    fn pass(&mut self, sampling: Sampling) -> Result<Pass, TranscriberError> {
        self.engine.pass(self.wanted, sampling, 0, self.halt)
    }

    fn no_speech(&mut self) -> Result<f32, TranscriberError> {
        self.engine.no_speech()
    }
}

/// The state, made when it is first needed.
fn ready<'a>(
    context: &WhisperContext,
    state: &'a mut Option<WhisperState>,
) -> Result<&'a mut WhisperState, TranscriberError> {
    match state {
        Some(state) => Ok(state),
        None => Ok(state.insert(context.create_state().map_err(failed)?)),
    }
}

/// One pass over one window, which knows nothing of the windows before it. Whether to try again is decided
/// in `attempts.rs`.
fn params(sampling: Sampling) -> Params {
    let mut params = FullParams::new(match sampling {
        Sampling::Greedy => SamplingStrategy::Greedy { best_of: 1 },
        Sampling::Beam(width) => SamplingStrategy::BeamSearch { beam_size: width as i32, patience: -1.0 },
        Sampling::Random(_) => SamplingStrategy::Greedy { best_of: RANDOM_SEQUENCES },
    });
    if let Sampling::Random(temperature) = sampling {
        params.set_temperature(temperature);
    }
    params.set_temperature_inc(0.0);
    params.set_single_segment(true);
    params.set_no_context(true);
    params.set_suppress_nst(true);
    params.set_print_progress(false);
    params.set_print_realtime(false);
    params.set_print_special(false);
    params.set_print_timestamps(false);
    params
}

fn failed(error: WhisperError) -> TranscriberError {
    TranscriberError::failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{DecodeLimits, Recording};

    fn engine_with(fit_windows: bool) -> Engine {
        let settings = WhisperSettings { threads: 1, fit_windows, ..WhisperSettings::default() };
        Engine::new(LoadedModel::load(&ground_truth::demo_model(), &settings).unwrap())
    }

    fn engine() -> Engine {
        engine_with(true)
    }

    fn request(samples: usize, language: &str) -> TranscribeRequest {
        let samples = vec![0.0; samples].into();
        TranscribeRequest { samples, language: language.into(), ..TranscribeRequest::default() }
    }

    #[test]
    fn a_cancelled_token_aborts_a_pass() {
        let (mut engine, halt) = (engine(), CancellationToken::new());
        halt.cancel();
        engine.pad(&[0.0; 16_000]);
        let params = engine.params("en", Sampling::Greedy);
        *engine.halt.lock().unwrap() = halt.clone();
        let aborted = ready(&engine.model.context, &mut engine.state).unwrap().full(params, &engine.padded);
        assert!(matches!(aborted, Err(WhisperError::GenericError(_))), "{aborted:?}");
        assert_eq!(engine.transcribe(&request(16_000, "en"), &halt).unwrap_err().code(), "stopped");
        assert_eq!(engine.transcribe(&request(16_000, "en"), &CancellationToken::new()).unwrap(), []);
    }

    #[test]
    fn windows_of_any_length_up_to_thirty_seconds_are_taken() {
        let (mut engine, halt) = (engine(), CancellationToken::new());
        for samples in [0, 200, 480_000] {
            assert_eq!(engine.transcribe(&request(samples, "ko"), &halt).unwrap(), [], "{samples}");
            assert!(engine.detect_languages(&vec![0.0; samples]).is_ok(), "{samples}");
        }
        assert_eq!(engine.transcribe(&request(480_001, "ko"), &halt).unwrap_err().code(), "window_too_long");
    }

    /// The only window of a short recording.
    fn sentence() -> Arc<[f32]> {
        let path = ground_truth::recording("short_en.wav").path();
        let mut recording = Recording::open(&path, &DecodeLimits::default()).unwrap();
        recording.next_stretch().unwrap().unwrap().windows.remove(0).samples
    }

    #[test]
    fn short_windows_are_heard_alone_unless_that_leaves_a_doubt() {
        let wanted = Wanted { language: "en", translate: false, prompt: Vec::new() };
        let heard = |fit_windows, silence| {
            let (mut engine, samples) =
                (engine_with(fit_windows), [&sentence()[..], &vec![0.0; silence]].concat());
            engine.pad(&samples);
            engine.hear_no_more_than(samples.len(), &wanted, &CancellationToken::new()).unwrap()
        };
        assert!(heard(true, 0).is_some());
        assert!(heard(true, 160_000).is_none(), "the words end early");
        assert!(heard(true, 400_000).is_none(), "not short");
        assert!(heard(false, 0).is_none(), "not wanted");
    }

    #[test]
    fn a_language_is_told_from_all_there_is_to_hear() {
        let (mut engine, sentence) = (engine(), sentence());
        let fresh = engine.detect_languages(&sentence).unwrap().remove(0);
        let request = TranscribeRequest { samples: sentence.clone(), ..request(0, "en") };
        assert_eq!(engine.transcribe(&request, &CancellationToken::new()).unwrap().len(), 1);
        assert_eq!(engine.detect_languages(&sentence).unwrap().remove(0), fresh);
    }

    #[test]
    fn unknown_languages_are_refused() {
        let (mut engine, halt) = (engine(), CancellationToken::new());
        for language in ["", "xx", "auto", "e\0n", "한국어"] {
            let error = engine.transcribe(&request(16_000, language), &halt).unwrap_err();
            assert_eq!(error.code(), "unsupported_language", "{language}");
        }
        assert_eq!(engine.known("KO".to_lowercase().as_str()).unwrap(), "ko");
    }
}
