//! When each word of a sentence was said.
//!
//! Where an engine tells when its tokens are said, words are there, and moved to the voice (`word_times.rs`). Elsewhere they are
//! laid out over the voiced time of their sentence by the number of their letters.

use whisper::{TextToken, TokenTime};

use super::SpokenWord;
use super::word_times::Voice;

/// Samples (16 kHz) of one step in which voice is looked for: 0.01 s.
pub(super) const STEP: usize = 160;
/// A step is voiced when it has at least this share of the power of the loudest in its sentence (-30 dB).
const VOICED: f32 = 0.001;
/// With fewer voiced steps than this share, loudness tells nothing.
const FEWEST: f32 = 0.2;

/// The words that `tokens` make up, said between two samples of a window.
pub(super) fn words(tokens: &[TextToken], start: usize, end: usize, samples: &[f32]) -> Vec<SpokenWord> {
    let spelled = spell(tokens);
    match spelled.iter().map(|word| word.time).collect::<Option<Vec<_>>>() {
        Some(times) => in_time(spelled, &times, samples),
        None => laid_out(spelled, start, end, samples),
    }
}

/// Words whose times the engine told.
fn in_time(spelled: Vec<Spelled>, times: &[TokenTime], samples: &[f32]) -> Vec<SpokenWord> {
    let voice = Voice::around(times, samples);
    let mut before = 0;
    let timed = |(word, time): (Spelled, &TokenTime)| {
        let (start, end) = voice.within(*time, weight(&word.text));
        let start = start.max(before);
        before = end.max(start + STEP);
        word.said(start.min(samples.len()), before.min(samples.len()))
    };
    spelled.into_iter().zip(times).map(timed).collect()
}

/// Words of which only the sentence has a time.
fn laid_out(spelled: Vec<Spelled>, start: usize, end: usize, samples: &[f32]) -> Vec<SpokenWord> {
    let voiced = Voiced::between(start, end, samples);
    let all: f32 = spelled.iter().map(|word| weight(&word.text)).sum();
    let mut said = 0.0;
    let timed = |word: Spelled| {
        let from = voiced.begin(said / all);
        said += weight(&word.text);
        let end = voiced.end(said / all).max(from);
        word.said(from, end)
    };
    let mut words: Vec<_> = spelled.into_iter().map(timed).collect();
    // What the model says of the begin and end is better than what loudness says.
    if let Some(first) = words.first_mut() {
        first.start = start;
    }
    if let Some(last) = words.last_mut() {
        last.end = end;
    }
    words
}

/// How long a word takes, in Latin letters; before a full stop or comma people speak more slowly.
pub(super) fn weight(word: &str) -> f32 {
    let character = |character: char| match character {
        '0'..='9' => 3.0,
        _ if is_syllable(character) => 2.5,
        _ if character.is_alphabetic() => 1.0,
        _ => 2.0,
    };
    word.trim().chars().map(character).sum()
}

/// Whether one sign stands for a whole syllable: Hangul, Han and Kana.
const fn is_syllable(character: char) -> bool {
    matches!(character, '\u{ac00}'..='\u{d7a3}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

/// Whether a sign belongs to a script that puts no space between words: Thai to Myanmar, Khmer, Kana and Han.
pub(super) const fn is_unspaced(character: char) -> bool {
    matches!(character, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

/// A word and how sure the model is of it.
#[derive(Default)]
struct Spelled {
    bytes: Vec<u8>,
    text: String,
    logprob: f32,
    tokens: usize,
    /// When it is said, if that is known of all its tokens.
    time: Option<TokenTime>,
}

impl Spelled {
    fn said(self, start: usize, end: usize) -> SpokenWord {
        let probability = (self.logprob / self.tokens as f32).exp();
        SpokenWord { start, end, text: self.text, probability }
    }
}

/// Puts tokens together to words. A word begins at a space or, in scripts without them, with any token.
fn spell(tokens: &[TextToken]) -> Vec<Spelled> {
    let mut words: Vec<Spelled> = Vec::new();
    for token in tokens {
        let begins = words.last().is_none_or(|before| begins_word(&before.bytes, &token.bytes));
        if begins {
            words.push(Spelled { time: token.time, ..Spelled::default() });
        }
        if let Some(word) = words.last_mut() {
            word.time = word.time.zip(token.time).map(|(word, token)| TokenTime { end: token.end, ..word });
            word.bytes.extend_from_slice(&token.bytes);
            word.logprob += token.logprob;
            word.tokens += 1;
        }
    }
    for word in &mut words {
        let text = String::from_utf8_lossy(&word.bytes);
        word.text = text.trim_matches(char::REPLACEMENT_CHARACTER).to_owned();
    }
    words.retain(|word| !word.text.trim().is_empty());
    words
}

fn begins_word(before: &[u8], token: &[u8]) -> bool {
    if token.first() == Some(&b' ') {
        return true;
    }
    let character = |bytes, last: bool| {
        let mut chars = std::str::from_utf8(bytes).ok()?.chars();
        if last { chars.next_back() } else { chars.next() }
    };
    character(before, true).is_some_and(is_unspaced)
        && character(token, false).is_none_or(char::is_alphanumeric)
}

/// The voiced steps of a sentence: where each begins, in samples of the window.
struct Voiced {
    steps: Vec<usize>,
    end: usize,
}

impl Voiced {
    fn between(start: usize, end: usize, samples: &[f32]) -> Self {
        let samples = samples.get(start..end.min(samples.len())).unwrap_or_default();
        let loudness: Vec<f32> = samples.chunks(STEP).map(loudness).collect();
        let loudest = loudness.iter().copied().fold(0.0, f32::max);
        let step = |(at, _): (usize, &f32)| start + at * STEP;
        let loud = loudness.iter().enumerate().filter(|(_, step)| **step >= loudest * VOICED);
        let mut steps: Vec<usize> = loud.map(step).collect();
        if (steps.len() as f32) < loudness.len() as f32 * FEWEST {
            steps = loudness.iter().enumerate().map(step).collect();
        }
        Self { steps, end }
    }

    /// The sample at which so large a share (0 to 1) of the voiced time has gone by.
    fn begin(&self, share: f32) -> usize {
        let (step, rest) = self.place(share);
        self.steps.get(step).map_or(self.end, |begin| (begin + rest).min(self.end))
    }

    /// The same, at the end of the voice before a pause rather than at the begin of that after it.
    fn end(&self, share: f32) -> usize {
        match self.place(share) {
            (step, 0) => {
                let before = step.checked_sub(1).and_then(|before| self.steps.get(before));
                before.map_or(self.end, |begin| (begin + STEP).min(self.end))
            }
            _ => self.begin(share),
        }
    }

    /// The step, and how many of its samples have gone by.
    fn place(&self, share: f32) -> (usize, usize) {
        let samples = (share.clamp(0.0, 1.0) * (self.steps.len() * STEP) as f32).round() as usize;
        (samples / STEP, samples % STEP)
    }
}

/// Mean square of the samples, so that a tenth of the amplitude is a hundredth.
pub(super) fn loudness(samples: &[f32]) -> f32 {
    samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32
}
