//! whisper.cpp through `whisper_rs`, which is named nowhere else.
//!
//! What is kept away from (whisper.cpp 1.8.3, whisper-rs 0.16): its segments, whose begins are wrong and
//! whose text may be torn (the tokens are read instead); its abort callback for plain closures, which is
//! unsound (a boxed one works); its own voice activity, which does nothing; windows of under a second, which
//! it reads over the end of.

mod model;
mod tokens;

use std::ops::Range;
use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;
use whisper::{DecodeOptions, MIN_SAMPLES, RANDOM_HYPOTHESES, Sampling, by_probability};
use whisper_rs::{FullParams, SamplingStrategy, WhisperContext, WhisperError, WhisperState, WhisperTokenId};

pub(crate) use self::model::BUILT_FOR_GPU;
pub(super) use self::model::LoadedModel;
use self::tokens::read;
use super::attempts::Pass;
use super::engine::Engine;
use super::{DetectedLanguage, TranscriberError};

type Params = FullParams<'static, 'static>;

/// What one thread needs to work a model.
struct WhisperEngine {
    model: LoadedModel,
    state: Option<WhisperState>,
    /// Made once for each language and way of sampling: whisper_rs frees no callback and no language.
    params: Vec<(&'static str, Sampling, Params)>,
    /// What the pass in hand listens to.
    halt: Arc<Mutex<CancellationToken>>,
    padded: Vec<f32>,
}

impl Engine for WhisperEngine {
    fn set_audio(&mut self, samples: &[f32]) {
        self.padded.clear();
        self.padded.extend_from_slice(samples);
        self.padded.resize(samples.len().max(MIN_SAMPLES), 0.0);
    }

    fn pass(
        &mut self,
        options: &DecodeOptions,
        sampling: Sampling,
        halt: &CancellationToken,
    ) -> Result<Pass, TranscriberError> {
        let (language, prompt) = (self.model.language(&options.language)?, self.prompt(&options.prompt)?);
        if matches!(sampling, Sampling::Random(_)) {
            // A new state starts its random numbers anew, so that a window taken up again gets the same words.
            self.state = None;
        }
        if let Ok(mut listened_to) = self.halt.lock() {
            *listened_to = halt.clone();
        }
        let (mut params, max_tokens) = (self.params(language, sampling), self.max_tokens());
        params.set_translate(options.translate);
        params.set_no_timestamps(!options.timestamps);
        params.set_tokens(&prompt);
        let state = ready(&self.model.context, &mut self.state)?;
        let done = state.full(params, &self.padded);
        if halt.is_cancelled() {
            return Err(TranscriberError::Stopped);
        }
        done.map_err(failed)?;
        Ok(read(&self.model.context, state, max_tokens))
    }

    /// By a pass of the encoder. What whisper.cpp says of it is taken from the wrong token: the model says so right
    /// after the start token, nowhere else.
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

    /// By a pass of the encoder.
    fn languages(&mut self, span: &Range<usize>) -> Result<Vec<DetectedLanguage>, TranscriberError> {
        let Self { model: LoadedModel { context, threads, .. }, state, padded, .. } = self;
        let mut audio = padded.get(span.start..span.end.min(padded.len())).unwrap_or_default().to_vec();
        audio.resize(audio.len().max(MIN_SAMPLES), 0.0);
        let state = ready(context, state)?;
        state.pcm_to_mel(&audio, *threads).map_err(failed)?;
        let (_, probabilities) = state.lang_detect(0, *threads).map_err(failed)?;
        let languages: Vec<_> =
            by_probability(probabilities).into_iter().map(DetectedLanguage::from).collect();
        if languages.is_empty() {
            Err(TranscriberError::failed("it named no language"))
        } else {
            Ok(languages)
        }
    }

    fn reset(&mut self) {
        self.state = None;
        self.params.clear();
        self.halt = Arc::default();
    }
}

impl WhisperEngine {
    fn new(model: LoadedModel) -> Self {
        Self { model, state: None, params: Vec::new(), halt: Arc::default(), padded: Vec::new() }
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

    /// Half the text context, less what whisper.cpp keeps for itself: reaching it means going in circles.
    fn max_tokens(&self) -> i32 {
        self.model.context.n_text_ctx() / 2 - 5
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
        Sampling::Random(_) => SamplingStrategy::Greedy { best_of: RANDOM_HYPOTHESES as i32 },
    });
    if let Sampling::Random(temperature) = sampling {
        params.set_temperature(temperature);
    }
    params.set_temperature_inc(0.0);
    params.set_single_segment(true);
    params.set_no_context(true);
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
    use crate::transcriber::WhisperSettings;

    fn engine() -> WhisperEngine {
        let settings = WhisperSettings { threads: 1, ..WhisperSettings::default() };
        WhisperEngine::new(LoadedModel::load(&ground_truth::toy_model(), &settings).unwrap())
    }

    fn english() -> DecodeOptions {
        DecodeOptions { language: "en".into(), ..DecodeOptions::default() }
    }

    #[test]
    fn a_cancelled_token_aborts_a_pass() {
        let (mut engine, halt) = (engine(), CancellationToken::new());
        halt.cancel();
        engine.set_audio(&[0.0; 16_000]);
        let params = engine.params("en", Sampling::Greedy);
        *engine.halt.lock().unwrap() = halt.clone();
        let aborted = ready(&engine.model.context, &mut engine.state).unwrap().full(params, &engine.padded);
        assert!(matches!(aborted, Err(WhisperError::GenericError(_))), "{aborted:?}");
        let stopped = engine.pass(&english(), Sampling::Greedy, &halt);
        assert_eq!(stopped.unwrap_err().code(), "stopped");
        assert!(engine.pass(&english(), Sampling::Greedy, &CancellationToken::new()).is_ok());
    }
}
