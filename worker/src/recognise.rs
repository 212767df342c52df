//! Recognising one stretch of speech: the words of each of its windows, at their places in the recording.

use futures::future::try_join_all;
use shared::{
    job::Task,
    segment::{Recognition, Segment, Word},
};

use crate::{
    audio::{Stretch, Window, seconds},
    engine::Engine,
    outcome::Unfinished,
    speakers,
    transcriber::{DetectedLanguage, SpokenText, SpokenWord, TranscribeRequest, Transcriber},
    work::Work,
};

impl Work<'_> {
    /// What is said in one stretch, without numbers, and where it ends. Without a language, each window is in the one
    /// that is heard in it.
    pub(crate) async fn recognise(
        &self,
        engine: &Engine,
        stretch: Stretch,
        language: Option<String>,
    ) -> Result<(Vec<Segment>, u64), Unfinished> {
        let windows =
            stretch.windows.iter().map(|window| self.recognise_window(engine, window, language.clone()));
        let mut segments = try_join_all(windows).await?.concat();
        segments.sort_by(|one, other| one.start.total_cmp(&other.start));
        Ok((segments, stretch.end))
    }

    async fn recognise_window(
        &self,
        engine: &Engine,
        window: &Window,
        language: Option<String>,
    ) -> Result<Vec<Segment>, Unfinished> {
        let (language, own) = match language {
            Some(language) => (language, None),
            None => {
                let heard = self.languages(engine, window).await?;
                let own = heard.into_iter().next().map(|found| found.code).unwrap_or_default();
                (own.clone(), Some(own))
            }
        };
        let spoken = engine.whisper.transcribe(self.request(window, language), self.stop.clone()).await?;
        Ok(spoken.into_iter().map(|spoken| segment(window, spoken, own.clone())).collect())
    }

    pub(crate) async fn languages(
        &self,
        engine: &Engine,
        window: &Window,
    ) -> Result<Vec<DetectedLanguage>, Unfinished> {
        Ok(engine.whisper.detect_languages(window.samples.clone(), self.stop.clone()).await?)
    }

    fn request(&self, window: &Window, language: String) -> TranscribeRequest {
        let (asked, speech) = (&self.claim.job.options, &self.parts.config.speech);
        let prompt = asked.prompt.as_ref().unwrap_or(&speech.prompt);
        let hotwords = asked.hotwords.as_ref().unwrap_or(&speech.hotwords);
        TranscribeRequest {
            samples: window.samples.clone(),
            language,
            translate: asked.task == Task::Translate,
            prompt: format!("{prompt} {hotwords}").into(),
        }
    }
}

/// What was said in a window, at its place in the recording.
fn segment(window: &Window, spoken: SpokenText, language: Option<String>) -> Segment {
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
        language,
        words: spoken.words.into_iter().map(word).collect(),
    };
    let speaker = window.channel.map(speakers::name);
    Segment { start, end, text: spoken.text, recognition, speaker, ..Segment::default() }
}

/// A probability with as many digits as mean something.
fn rounded(probability: f32) -> f64 {
    (f64::from(probability) * 1000.0).round() / 1000.0
}
