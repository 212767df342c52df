//! Signs that a text was not heard but made up: models that lose the thread repeat themselves, and over music and noise
//! they write what they saw most.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::SpokenText;

/// A text that compresses better than this repeats itself.
const MAX_COMPRESSION: f64 = 2.4;
/// A phrase of up to so many words is looked for in a loop.
const MAX_PHRASE_WORDS: usize = 12;
/// So many words must repeat what came before them, and the phrase must come three times at least.
const MIN_REPEATED_WORDS: usize = 8;
/// Words of which the model is less sure than this on average, and doubts in other ways, were not said.
const MIN_CONFIDENCE: f32 = 0.3;
/// A sentence that models make up is believed from this confidence on, if the model also hears speech.
const MIN_GHOST_CONFIDENCE: f32 = 0.6;
/// With a higher probability of silence, a sentence that models make up is not believed.
const MAX_GHOST_NO_SPEECH: f32 = 0.3;

/// Sentences that models make up.
static GHOSTS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("ghosts.txt").lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect()
});

/// Whether a text goes round in circles.
pub(super) fn is_repetitive(text: &str) -> bool {
    compression_ratio(text) > MAX_COMPRESSION || has_loop(text)
}

/// Whether nobody said a sentence, given the probability that nobody speaks in its window.
pub(super) fn is_invented(spoken: &SpokenText, no_speech: f32) -> bool {
    let text = spoken.text.trim();
    !text.contains(char::is_alphanumeric)
        || (spoken.low_confidence && spoken.confidence < MIN_CONFIDENCE)
        || (is_ghost(text)
            && (spoken.low_confidence
                || spoken.confidence < MIN_GHOST_CONFIDENCE
                || no_speech > MAX_GHOST_NO_SPEECH))
}

fn is_ghost(text: &str) -> bool {
    let chars = text.chars().filter(|char| char.is_alphanumeric() || char.is_whitespace());
    let plain = chars.collect::<String>().to_lowercase();
    GHOSTS.contains(plain.split_whitespace().collect::<Vec<_>>().join(" ").as_str())
}

fn compression_ratio(text: &str) -> f64 {
    let packed = miniz_oxide::deflate::compress_to_vec_zlib(text.as_bytes(), 6);
    text.len() as f64 / packed.len() as f64
}

/// Whether a phrase is said three times running. The phrase may well come again later: people do that.
fn has_loop(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    (1..=MAX_PHRASE_WORDS)
        .any(|phrase| longest_repetition(&words, phrase) >= MIN_REPEATED_WORDS.max(2 * phrase))
}

/// The longest run of words that are the same as the word `distance` before them.
fn longest_repetition(words: &[String], distance: usize) -> usize {
    let pairs = words.iter().zip(words.iter().skip(distance));
    let runs = pairs.scan(0, |run, (before, word)| {
        *run = if before == word { *run + 1 } else { 0 };
        Some(*run)
    });
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_are_noticed() {
        assert!(is_repetitive("Thank you. Thank you. Thank you. Thank you. Thank you."));
        assert!(is_repetitive("so we will see the plan we will see the plan we will see the plan"));
        assert!(is_repetitive(&"감사합니다. ".repeat(12)));
        assert!(is_repetitive(&"謝謝".repeat(40)));
    }

    #[test]
    fn people_may_say_a_phrase_again() {
        let meeting = "Action item for the marketing team, prepare the invoice by Thursday. Action item for the \
            support team, test the invoice by Monday. Action item for the marketing team, change the schedule by \
            Wednesday. Do we have the training for the engineer? No, no, no.";
        assert!(!is_repetitive(meeting));
        assert!(!is_repetitive(""));
        assert!(!is_repetitive("다음 회의는 월요일 세 시입니다. 다음 달에 홈페이지를 준비하겠습니다."));
    }
}
