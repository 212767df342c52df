//! An engine at work: windows are checked, decoded until their words hold up, in halves if need be, and become
//! sentences. Everything here blocks, on the threads of `owner.rs`.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::attempts::{Doubt, most_trusted};
use super::engine::{Engine, SpeechModel, Wanted};
use super::halves::halves;
use super::sentences::sentences;
use super::{DetectedLanguage, SpokenText, TranscribeRequest, TranscriberError};
use crate::audio::SAMPLE_RATE;

/// What a model can hear at once, in samples.
const LONGEST: usize = SAMPLE_RATE as usize * 30;

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
    pub(super) fn start_afresh(&mut self) {
        self.engine.start_afresh();
    }

    /// Costs nothing with a model that knows only English.
    pub(super) fn detect_languages(
        &mut self,
        samples: &[f32],
    ) -> Result<Vec<DetectedLanguage>, TranscriberError> {
        if !self.model.is_multilingual() {
            return Ok(vec![DetectedLanguage { code: "en".into(), probability: 1.0 }]);
        }
        self.engine.listen(samples.get(..LONGEST).unwrap_or(samples));
        self.engine.languages()
    }

    pub(super) fn transcribe(
        &mut self,
        request: &TranscribeRequest,
        halt: &CancellationToken,
    ) -> Result<Vec<SpokenText>, TranscriberError> {
        let wanted = self.wanted(request)?;
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

    /// What is wanted, if the model can do it.
    fn wanted(&self, request: &TranscribeRequest) -> Result<Wanted, TranscriberError> {
        let TranscribeRequest { samples, language, translate, prompt } = request.clone();
        if samples.len() > LONGEST {
            return Err(TranscriberError::WindowTooLong { samples: samples.len() });
        }
        if translate && !self.model.is_multilingual() {
            return Err(TranscriberError::CannotTranslate);
        }
        if !self.model.knows(&language) {
            return Err(TranscriberError::UnsupportedLanguage { language });
        }
        Ok(Wanted { language, translate, prompt })
    }

    /// What is said in some samples, decoded until it holds up or all ways are tried.
    fn hear(
        &mut self,
        samples: &[f32],
        wanted: &Wanted,
        halt: &CancellationToken,
    ) -> Result<Heard, TranscriberError> {
        self.engine.listen(samples);
        let mut pass = most_trusted(&mut *self.engine, self.model.beam(), wanted, halt)?;
        let doubtful = pass.doubt() > Doubt::None;
        self.engine.align(wanted, &mut pass.tokens, halt)?;
        let mut spoken = sentences(&pass.tokens, samples);
        for text in &mut spoken {
            text.low_confidence = doubtful;
        }
        Ok(Heard { spoken, doubtful })
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcriber::{WhisperSettings, batched::BatchedModel, whisper::LoadedModel};

    /// One of each engine.
    fn recognisers() -> [Recogniser; 2] {
        let (path, settings) =
            (ground_truth::demo_model(), WhisperSettings { threads: 1, ..Default::default() });
        let models: [Arc<dyn SpeechModel>; 2] = [
            Arc::new(BatchedModel::load(&path, &settings).unwrap()),
            Arc::new(LoadedModel::load(&path, &settings).unwrap()),
        ];
        models.map(|model| Recogniser::new(model).unwrap())
    }

    fn request(samples: usize, language: &str) -> TranscribeRequest {
        let samples = vec![0.0; samples].into();
        TranscribeRequest { samples, language: language.into(), ..TranscribeRequest::default() }
    }

    #[test]
    fn a_cancelled_token_stops_the_work() {
        for (mut recogniser, halt) in recognisers().map(|one| (one, CancellationToken::new())) {
            halt.cancel();
            let stopped = recogniser.transcribe(&request(16_000, "en"), &halt);
            assert_eq!(stopped.unwrap_err().code(), "stopped");
            assert_eq!(recogniser.transcribe(&request(16_000, "en"), &CancellationToken::new()).unwrap(), []);
        }
    }

    #[test]
    fn windows_of_any_length_up_to_thirty_seconds_are_taken() {
        for (mut recogniser, halt) in recognisers().map(|one| (one, CancellationToken::new())) {
            for samples in [0, 200, 480_000] {
                assert_eq!(recogniser.transcribe(&request(samples, "ko"), &halt).unwrap(), [], "{samples}");
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
