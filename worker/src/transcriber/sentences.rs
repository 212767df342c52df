//! The tokens of a window become sentences: the timestamps between them are where they begin and end.

use super::SpokenText;

/// Samples (16 kHz) in one step of a timestamp: 0.02 s.
const STEP: usize = 320;

/// What the model wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Bytes of text, which need not be whole letters.
    Text(Vec<u8>),
    /// A timestamp, in steps of 0.02 s from the window's begin.
    Time(u32),
}

/// Splits tokens at their timestamps. The bytes between two are joined before they are read as letters, so
/// none is lost. No sentence reaches over the window's `length` in samples.
pub(super) fn sentences(tokens: &[Token], length: usize) -> Vec<SpokenText> {
    let mut found = Vec::new();
    let (mut start, mut bytes) = (0, Vec::new());
    for token in tokens {
        match token {
            Token::Text(more) => bytes.extend_from_slice(more),
            Token::Time(step) => {
                let time = (*step as usize * STEP).min(length);
                found.extend(sentence(&bytes, start, time));
                bytes.clear();
                start = time;
            }
        }
    }
    found.extend(sentence(&bytes, start, length));
    found
}

fn sentence(bytes: &[u8], start: usize, end: usize) -> Option<SpokenText> {
    let text = String::from_utf8_lossy(bytes);
    let text =
        text.trim_matches(|letter: char| letter.is_whitespace() || letter == char::REPLACEMENT_CHARACTER);
    (!text.is_empty()).then(|| SpokenText { start, end: end.max(start), text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::Token::{Text, Time};
    use super::*;

    fn spoken(start: usize, end: usize, text: &str) -> SpokenText {
        SpokenText { start, end, text: text.into() }
    }

    #[test]
    fn timestamps_are_where_sentences_begin_and_end() {
        let tokens = [Time(10), Text(b" Hello".into()), Text(b" there.".into()), Time(60)];
        let more = [Time(75), Text(b" Bye.".into()), Time(100)];
        let found = sentences(&[tokens.as_slice(), &more].concat(), 40_000);
        assert_eq!(found, [spoken(3_200, 19_200, "Hello there."), spoken(24_000, 32_000, "Bye.")]);
    }

    #[test]
    fn letters_that_lie_across_tokens_stay_whole() {
        let word = "회의".as_bytes();
        let tokens =
            [Time(0), Text(word[..2].into()), Text(word[2..5].into()), Text(word[5..].into()), Time(50)];
        assert_eq!(sentences(&tokens, 16_000), [spoken(0, 16_000, "회의")]);
    }

    #[test]
    fn missing_early_and_late_timestamps_are_repaired() {
        assert_eq!(sentences(&[Text(b" a".into())], 9_000), [spoken(0, 9_000, "a")]);
        assert_eq!(sentences(&[Time(5), Text(b" a".into())], 9_000), [spoken(1_600, 9_000, "a")]);
        assert_eq!(sentences(&[Time(20), Text(b"a".into()), Time(90)], 9_000), [spoken(6_400, 9_000, "a")]);
        assert_eq!(sentences(&[Time(20), Text(b"a".into()), Time(3)], 9_000), [spoken(6_400, 6_400, "a")]);
        assert_eq!(sentences(&[Time(0), Text(b"  ".into()), Time(9), Text(b"\xed\x95".into())], 9_000), []);
    }
}
