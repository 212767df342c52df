//! Recognising one stretch of speech: the words of each of its windows, at their places in the recording.

use std::sync::Arc;

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
    transcriber::{DetectedLanguage, SpokenText, SpokenWord, TranscribeRequest, Transcriber, halves},
    work::Work,
};

impl Work<'_> {
    /// What is said in one stretch, without numbers, and where it ends. Without a language, each window, or half of
    /// one, is in the one that is heard in it.
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
        let own = language.is_none();
        let parts = match language {
            Some(language) => vec![Part { offset: 0, samples: window.samples.clone(), language }],
            None => self.parts_by_language(engine, window).await?,
        };
        let mut segments = Vec::new();
        for Part { offset, samples, language } in parts {
            let told = own.then(|| language.clone());
            let spoken =
                engine.whisper.transcribe(self.request(samples, language), self.stop.clone()).await?;
            segments.extend(spoken.into_iter().map(|text| segment(window, text.later(offset), told.clone())));
        }
        Ok(segments)
    }

    /// The whole window, or its halves if they are not in the same language.
    async fn parts_by_language(&self, engine: &Engine, window: &Window) -> Result<Vec<Part>, Unfinished> {
        let (first, second) = halves(&window.samples).unwrap_or((&window.samples, &[]));
        let halves = [(0, first), (first.len(), second)].into_iter().filter(|(_, half)| !half.is_empty());
        let heard = halves.map(|(offset, half)| async move {
            let samples: Arc<[f32]> = half.into();
            let heard = self.languages(engine, &samples).await?;
            let language = heard.into_iter().next().map(|found| found.code).unwrap_or_default();
            Ok::<_, Unfinished>(Part { offset, samples, language })
        });
        let mut parts = try_join_all(heard).await?;
        if let [one, other] = parts.as_mut_slice()
            && one.language == other.language
        {
            one.samples = window.samples.clone();
            parts.truncate(1);
        }
        Ok(parts)
    }

    /// The languages that may be spoken in some samples, the most probable first.
    pub(crate) async fn languages(
        &self,
        engine: &Engine,
        samples: &Arc<[f32]>,
    ) -> Result<Vec<DetectedLanguage>, Unfinished> {
        Ok(engine.whisper.detect_languages(samples.clone(), self.stop.clone()).await?)
    }

    fn request(&self, samples: Arc<[f32]>, language: String) -> TranscribeRequest {
        let (asked, speech) = (&self.claim.job.options, &self.parts.config.speech);
        let prompt = asked.prompt.as_ref().unwrap_or(&speech.prompt);
        let hotwords = asked.hotwords.as_ref().unwrap_or(&speech.hotwords);
        TranscribeRequest {
            samples,
            language,
            translate: asked.task == Task::Translate,
            prompt: format!("{prompt} {hotwords}").into(),
        }
    }
}

/// What is heard in one go, in one language.
struct Part {
    /// Its first sample in the window.
    offset: usize,
    samples: Arc<[f32]>,
    language: String,
}

/// What was said in a window, at its place in the recording.
fn segment(window: &Window, spoken: SpokenText, language: Option<String>) -> Segment {
    let span = |start, end| {
        let (start, end) = window.recording_span(start, end);
        (seconds(start), seconds(end))
    };
    let word = |SpokenWord { start, end, text, probability }: SpokenWord| {
        let (start, end) = span(start, end);
        Word { start, end, word: text.trim().to_owned(), probability: rounded(probability), speaker: None }
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
