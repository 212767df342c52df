//! One window at a time, given to the thread of a model.

use std::ops::Range;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};

use tokio_util::sync::CancellationToken;

use crate::batcher::{Audio, Job, Request, Response};
use crate::decoder::EncoderOutput;
use crate::dtw::{TokenSteps, align};
use crate::languages::{LanguageProbability, by_probability};
use crate::logit_filter::log_sum;
use crate::model::Known;
use crate::output::{DecodeOptions, Decoded, MIN_SAMPLES, STEP_SAMPLES, Sampling, Token, TokenTime};

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SessionError {
    /// Its token was cancelled.
    #[error("decoding was stopped")]
    Stopped,
    /// The network broke down over what was asked of it, twice.
    #[error("it broke down")]
    BrokeDown,
}

/// Decodes one window after the other.
pub struct Session {
    known: Arc<Known>,
    jobs: Sender<Job>,
    samples: Arc<[f32]>,
    encoded: Option<Arc<EncoderOutput>>,
}

impl Session {
    pub(crate) fn new(known: Arc<Known>, jobs: Sender<Job>) -> Self {
        Self { known, jobs, samples: Arc::new([]), encoded: None }
    }

    /// Takes up a window (16 kHz mono in ±1, at most 30 s, may be empty): all below is about it. The same window again is
    /// not encoded again.
    pub fn set_audio(&mut self, samples: &[f32]) {
        if *self.samples != *samples {
            (self.samples, self.encoded) = (samples.into(), None);
        }
    }

    /// Forgets what was encoded.
    pub fn reset(&mut self) {
        self.encoded = None;
    }

    /// Decodes it, in a language that the model knows.
    ///
    /// # Errors
    /// Both [`SessionError`]s.
    pub fn decode(
        &mut self,
        options: &DecodeOptions,
        sampling: Sampling,
        halt: &CancellationToken,
    ) -> Result<Decoded, SessionError> {
        let prompt = self.known.prompt(options);
        let stop = self.known.stop_criteria(self.samples.len(), options.timestamps);
        let response = self.ask(Request::Decode { prompt, sampling, stop }, halt)?;
        Ok(self.known.decoded(&response.tokens, stop.max_tokens))
    }

    /// The probability that nobody speaks in it, 0 to 1.
    ///
    /// # Errors
    /// [`SessionError::BrokeDown`].
    pub fn no_speech(&mut self) -> Result<f32, SessionError> {
        let logits = self.first_logits()?;
        let logit = logits.get(self.known.vocabulary.no_speech as usize);
        Ok(logit.map_or(0.0, |logit| (logit - log_sum(&logits)).exp()))
    }

    /// The languages that may be spoken in some of its samples, the most probable first. For multilingual models only.
    ///
    /// # Errors
    /// [`SessionError::BrokeDown`].
    pub fn languages(&mut self, span: &Range<usize>) -> Result<Vec<LanguageProbability>, SessionError> {
        // All steps for all samples: the silence behind them counts, too.
        let end = if span.end < self.samples.len() { span.end.div_ceil(STEP_SAMPLES) } else { usize::MAX };
        let logits = self.opening(span.start / STEP_SAMPLES..end)?;
        let tokens = &self.known.vocabulary.languages;
        let logits = logits.get(tokens.start as usize..tokens.end as usize).unwrap_or_default();
        let all = log_sum(logits);
        Ok(by_probability(logits.iter().map(|logit| (logit - all).exp())))
    }

    /// Says when each token of text is said. Of a translation that cannot be told: its words stand in another order.
    ///
    /// # Errors
    /// Both [`SessionError`]s.
    pub fn align(
        &mut self,
        options: &DecodeOptions,
        tokens: &mut [Token],
        halt: &CancellationToken,
    ) -> Result<(), SessionError> {
        let plain = DecodeOptions { prompt: Arc::from(""), timestamps: false, ..options.clone() };
        let mut read = self.known.prompt(&plain);
        let first = read.len() - 1;
        let mut texts: Vec<_> = tokens.iter_mut().filter_map(Token::as_text_mut).collect();
        read.extend(texts.iter().filter_map(|text| self.known.vocabulary.token(&text.bytes)));
        let rows = read.len();
        if options.translate || texts.is_empty() || rows != first + 1 + texts.len() {
            return Ok(());
        }
        let attention = self.ask(Request::CrossAttention(read), halt)?.attention;
        let all = attention.len() / rows;
        let steps = self.samples.len().max(MIN_SAMPLES).div_ceil(STEP_SAMPLES).min(all);
        let rows = attention.chunks_exact(all.max(1)).skip(first);
        let rows: Vec<f32> = rows.flat_map(|row| row.iter().take(steps)).copied().collect();
        for (text, found) in texts.iter_mut().zip(align(&rows, steps)) {
            text.time = Some(self.token_time(&found));
        }
        Ok(())
    }

    fn token_time(&self, TokenSteps { steps, peak }: &TokenSteps) -> TokenTime {
        let sample = |step: usize| step.saturating_add_signed(-self.known.late_steps) * STEP_SAMPLES;
        TokenTime { start: sample(steps.start), end: sample(steps.end), peak: sample(*peak) }
    }

    /// The logits of all tokens that may follow the one that begins a text.
    ///
    /// # Errors
    /// [`SessionError::BrokeDown`].
    pub fn first_logits(&mut self) -> Result<Vec<f32>, SessionError> {
        self.opening(0..usize::MAX)
    }

    /// The same over some steps of what was encoded.
    fn opening(&mut self, steps: Range<usize>) -> Result<Vec<f32>, SessionError> {
        let token = self.known.vocabulary.start;
        Ok(self.ask(Request::Logits { token, steps }, &CancellationToken::new())?.logits)
    }

    fn ask(&mut self, request: Request, halt: &CancellationToken) -> Result<Response, SessionError> {
        let audio = match &self.encoded {
            Some(encoded) => Audio::Encoded(Arc::clone(encoded)),
            None => Audio::Samples(Arc::clone(&self.samples)),
        };
        let (reply, answer) = channel();
        let sent = self.jobs.send(Job { audio, request, halt: halt.clone(), reply });
        let response = sent.ok().and_then(|()| answer.recv().ok());
        if halt.is_cancelled() {
            return Err(SessionError::Stopped);
        }
        let response = response.ok_or(SessionError::BrokeDown)?;
        self.encoded = Some(Arc::clone(&response.encoded));
        Ok(response)
    }
}
