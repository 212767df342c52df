//! Recognising one stretch of speech: the words of each of its windows, at their places in the recording.

use std::{ops::Range, sync::Arc};

use config::SpeechConfig;
use futures::future::try_join_all;
use shared::{
    coverage::{SpeechCoverage, SpeechStretch},
    job::Task,
    segment::{Recognition, Segment, Word},
};

use crate::{
    audio::{SAMPLE_RATE, Stretch, Window, seconds},
    engine::Engine,
    run::{JobContext, TaskError},
    speakers,
    transcriber::{
        DetectedLanguage, SpokenLanguage, SpokenText, SpokenWord, TranscribeRequest, Transcriber,
        Transcription,
    },
};

/// A pause between two words that ends a segment, in samples of the recording: 1 s.
const MAX_PAUSE_SAMPLES: u64 = SAMPLE_RATE as u64;

/// What came of a stretch, at its place in the recording.
#[derive(Default)]
pub(crate) struct Recognised {
    /// What is said, in order, without numbers.
    pub(crate) segments: Vec<Segment>,
    pub(crate) coverage: SpeechCoverage,
    /// Where the stretch ends.
    pub(crate) end: u64,
}

/// Turns stretches of speech into segments, several at the same time.
#[derive(Clone, Copy)]
pub(crate) struct Recognise<'a> {
    pub(crate) job: &'a JobContext<'a>,
    pub(crate) engine: &'a Engine,
    pub(crate) speech: &'a SpeechConfig,
}

impl Recognise<'_> {
    /// What is said in one stretch.
    pub(crate) async fn run(
        self,
        stretch: Stretch,
        language: SpokenLanguage,
    ) -> Result<Recognised, TaskError> {
        let windows = stretch.windows.iter().map(|window| self.recognise_window(window, &language));
        let mut all = Recognised { end: stretch.end, ..Recognised::default() };
        for (segments, coverage) in try_join_all(windows).await? {
            all.segments.extend(segments);
            all.coverage.add(coverage);
        }
        all.segments.sort_by(|one, other| one.start.total_cmp(&other.start));
        Ok(all)
    }

    async fn recognise_window(
        &self,
        window: &Window,
        language: &SpokenLanguage,
    ) -> Result<(Vec<Segment>, SpeechCoverage), TaskError> {
        let request = self.request(window, language.clone());
        let found = self.engine.whisper.transcribe(request, self.job.stop.clone()).await?;
        let coverage = coverage(window, &found);
        let segments = found.spoken.into_iter().flat_map(|text| segments(window, text, language)).collect();
        Ok((segments, coverage))
    }

    /// The languages that may be spoken in some samples, the most probable first.
    pub(crate) async fn languages(&self, samples: &Arc<[f32]>) -> Result<Vec<DetectedLanguage>, TaskError> {
        Ok(self.engine.whisper.detect_languages(samples.clone(), self.job.stop.clone()).await?)
    }

    fn request(&self, window: &Window, language: SpokenLanguage) -> TranscribeRequest {
        let options = &self.job.claim.job.options;
        let prompt = options.prompt.as_ref().unwrap_or(&self.speech.prompt);
        let hotwords = options.hotwords.as_ref().unwrap_or(&self.speech.hotwords);
        TranscribeRequest {
            samples: window.samples.clone(),
            voiced: window.voiced(),
            language,
            translate: options.task == Task::Translate,
            prompt: format!("{prompt} {hotwords}").into(),
        }
    }
}

/// How much of the speech in a window is in its text.
fn coverage(window: &Window, found: &Transcription) -> SpeechCoverage {
    let length = |samples: usize| seconds(samples as u64);
    let stretch = |range: &Range<usize>, sound: Option<String>| SpeechStretch {
        start: seconds(window.recording_position(range.start)),
        end: seconds(window.recording_position(range.end)),
        sound,
    };
    let total = |ranges: &[Range<usize>]| length(ranges.iter().map(ExactSizeIterator::len).sum());
    let (voiced, given_up) = (total(&found.voiced), total(&found.given_up));
    SpeechCoverage {
        voiced_seconds: voiced,
        covered_seconds: (voiced - given_up).max(0.0),
        heard_again_seconds: length(found.decoded_again),
        given_up_seconds: given_up,
        given_up: found.given_up.iter().map(|range| stretch(range, None)).collect(),
        sounds: found.sounds.iter().map(|sound| stretch(&sound.range, Some(sound.name.clone()))).collect(),
    }
}

/// What was said in a window, at its place in the recording: a segment, or several where there are pauses in it.
fn segments(window: &Window, spoken: SpokenText, language: &SpokenLanguage) -> Vec<Segment> {
    let is_known = match language {
        SpokenLanguage::Only(code) | SpokenLanguage::Mostly(code) => *code == spoken.language,
        SpokenLanguage::Any => false,
    };
    let span = |word: &SpokenWord| window.word_span(word.start, word.end);
    let parts = spoken.words.chunk_by(|one, other| span(other).0 <= span(one).1 + MAX_PAUSE_SAMPLES);
    parts
        .map(|words| {
            let SpokenText { text, confidence, words, .. } = SpokenText::of(words.to_vec());
            let words: Vec<Word> = words.into_iter().map(|word| timed(span(&word), word)).collect();
            let recognition = Recognition {
                confidence: Some(rounded(confidence)),
                low_confidence: spoken.low_confidence,
                language: (!is_known).then(|| spoken.language.clone()),
                words,
            };
            let (words, speaker) = (&recognition.words, window.channel.map(speakers::name));
            let start = words.first().map_or(0.0, |word| word.start);
            let end = words.last().map_or(start, |word| word.end);
            Segment { start, end, text, recognition, speaker, ..Segment::default() }
        })
        .collect()
}

fn timed((start, end): (u64, u64), SpokenWord { text, probability, .. }: SpokenWord) -> Word {
    let (start, end) = (seconds(start), seconds(end));
    Word { start, end, word: text.trim().to_owned(), probability: rounded(probability), speaker: None }
}

/// A probability with as many digits as mean something.
fn rounded(probability: f32) -> f64 {
    (f64::from(probability) * 1000.0).round() / 1000.0
}
