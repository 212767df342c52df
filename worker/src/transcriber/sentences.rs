//! The tokens of a window become sentences: the timestamps between them are where they begin and end.

use whisper::{STEP_SAMPLES, TextToken, Token};

use super::words::{is_unspaced, words};
use super::{SpokenText, SpokenWord};

/// A pause of so many samples ends a segment, whether or not the sentence is at its end: 1 s.
const LONG_PAUSE_SAMPLES: usize = 16_000;
/// The longest segment in samples (15 s), if there is a place to cut it.
const MAX_SEGMENT_SAMPLES: usize = 240_000;
/// Signs that end a sentence.
const ENDS: [char; 8] = ['.', '?', '!', '…', '。', '？', '！', '．'];
/// Words with a full stop that ends no sentence.
const ABBREVIATIONS: [&str; 12] =
    ["dr.", "mr.", "mrs.", "ms.", "prof.", "st.", "vs.", "no.", "e.g.", "i.e.", "etc.", "approx."];

/// The sentences that tokens spell, with the times of their words. The bytes between two timestamps are joined
/// before they are read as letters, so none is lost. Nothing reaches over the window's samples (16 kHz).
pub(super) fn sentences(tokens: &[Token], samples: &[f32]) -> Vec<SpokenText> {
    let mut segments: Vec<Vec<SpokenWord>> = Vec::new();
    for piece in pieces(tokens, samples.len()) {
        let mut spoken = words(&piece.text, piece.start, piece.end, samples);
        if let Some(first) = spoken.first_mut()
            && !first.text.starts_with(|char| char == ' ' || is_unspaced(char))
        {
            first.text.insert(0, ' ');
        }
        for word in spoken {
            match segments.last_mut().filter(|segment| belongs(segment, &word)) {
                Some(segment) => segment.push(word),
                None => segments.push(vec![word]),
            }
        }
    }
    segments.into_iter().flat_map(short_enough).map(SpokenText::of).collect()
}

/// Text between two timestamps.
struct Piece {
    text: Vec<TextToken>,
    start: usize,
    end: usize,
}

fn pieces(tokens: &[Token], length: usize) -> Vec<Piece> {
    let mut found = Vec::new();
    let (mut start, mut text) = (0, Vec::new());
    for token in tokens {
        match token {
            Token::Text(token) => text.push(token.clone()),
            Token::Time(step) => {
                let time = (*step as usize * STEP_SAMPLES).min(length);
                found.push(Piece { text: std::mem::take(&mut text), start, end: time.max(start) });
                start = time;
            }
        }
    }
    found.push(Piece { text, start, end: length.max(start) });
    found
}

/// Whether a word goes on with a segment: no sentence ends between them, and no long pause is.
fn belongs(segment: &[SpokenWord], word: &SpokenWord) -> bool {
    let (Some(first), Some(last)) = (segment.first(), segment.last()) else { return true };
    let goes_on = word.start < last.end + LONG_PAUSE_SAMPLES && word.end < first.start + MAX_SEGMENT_SAMPLES;
    goes_on && !(ends_sentence(&last.text) && begins_sentence(&word.text))
}

fn ends_sentence(word: &str) -> bool {
    let word = word.trim().trim_end_matches(['"', '\'', '”', '’', ')', '」', '』']);
    let initial = word.chars().count() == 2 && word.starts_with(char::is_alphabetic) && word.is_ascii();
    word.ends_with(ENDS) && !initial && !ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

/// Whether a word may begin a sentence: one in small letters does not.
fn begins_sentence(word: &str) -> bool {
    word.trim_start().chars().find(|char| char.is_alphanumeric()).is_none_or(|char| !char.is_lowercase())
}

/// Cuts a segment that is too long at its longest pause, the middle ones first.
fn short_enough(mut words: Vec<SpokenWord>) -> Vec<Vec<SpokenWord>> {
    let length = |words: &[SpokenWord]| match (words.first(), words.last()) {
        (Some(first), Some(last)) => last.end - first.start,
        _ => 0,
    };
    let (count, long) = (words.len(), length(&words) > MAX_SEGMENT_SAMPLES);
    let pauses = words.windows(2).enumerate().skip(count / 4).take(count / 2);
    let pause = |(at, pair): (usize, &[SpokenWord])| match pair {
        [before, after] => {
            (after.start.saturating_sub(before.end), before.text.ends_with([',', '、', '，']), at + 1)
        }
        _ => (0, false, at + 1),
    };
    match pauses.map(pause).max().filter(|_| long) {
        Some((_, _, at)) => {
            let rest = words.split_off(at);
            [short_enough(words), short_enough(rest)].concat()
        }
        None => vec![words],
    }
}

impl SpokenText {
    /// The same, said so many samples later.
    pub(crate) fn later(mut self, samples: usize) -> Self {
        (self.start, self.end) = (self.start + samples, self.end + samples);
        for word in &mut self.words {
            (word.start, word.end) = (word.start + samples, word.end + samples);
        }
        self
    }

    /// Those of its words that are chosen, if there are any.
    pub(super) fn only(self, chosen: impl FnMut(&SpokenWord) -> bool) -> Option<Self> {
        let words: Vec<_> = self.words.into_iter().filter(chosen).collect();
        (!words.is_empty()).then(|| Self {
            low_confidence: self.low_confidence,
            language: self.language,
            ..Self::of(words)
        })
    }

    /// The sentence that some words make.
    pub(crate) fn of(words: Vec<SpokenWord>) -> Self {
        let text: String = words.iter().map(|word| word.text.as_str()).collect();
        let logprob: f32 = words.iter().map(|word| word.probability.max(f32::MIN_POSITIVE).ln()).sum();
        Self {
            start: words.first().map_or(0, |word| word.start),
            end: words.last().map_or(0, |word| word.end),
            text: text.trim().to_owned(),
            confidence: (logprob / words.len().max(1) as f32).exp(),
            low_confidence: false,
            language: String::new(),
            words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: impl AsRef<[u8]>) -> Token {
        Token::Text(TextToken { bytes: bytes.as_ref().to_vec(), logprob: 0.0, time: None })
    }

    /// Begin, end and text of the sentences in a window of so many samples.
    fn found(tokens: &[Token], length: usize) -> Vec<(usize, usize, String)> {
        let spoken = sentences(tokens, &vec![0.5; length]);
        spoken.into_iter().map(|SpokenText { start, end, text, .. }| (start, end, text)).collect()
    }

    fn one(start: usize, end: usize, text: &str) -> Vec<(usize, usize, String)> {
        vec![(start, end, text.into())]
    }

    use Token::Time;

    #[test]
    fn timestamps_are_where_sentences_begin_and_end() {
        let tokens = [Time(10), text(" Hello"), text(" there."), Time(60)];
        let more = [Time(75), text(" Bye."), Time(100)];
        let found = found(&[tokens.as_slice(), &more].concat(), 40_000);
        assert_eq!(found, [one(3_200, 19_200, "Hello there."), one(24_000, 32_000, "Bye.")].concat());
    }

    #[test]
    fn characters_that_lie_across_tokens_stay_whole() {
        let word = "회의".as_bytes();
        let tokens = [Time(0), text(&word[..2]), text(&word[2..5]), text(&word[5..]), Time(50)];
        assert_eq!(found(&tokens, 16_000), one(0, 16_000, "회의"));
    }

    #[test]
    fn missing_early_and_late_timestamps_are_repaired() {
        assert_eq!(found(&[text(" a")], 9_000), one(0, 9_000, "a"));
        assert_eq!(found(&[Time(5), text(" a")], 9_000), one(1_600, 9_000, "a"));
        assert_eq!(found(&[Time(20), text("a"), Time(90)], 9_000), one(6_400, 9_000, "a"));
        assert_eq!(found(&[Time(20), text("a"), Time(3)], 9_000), one(6_400, 6_400, "a"));
        assert_eq!(found(&[Time(0), text("  "), Time(9), text(b"\xed\x95")], 9_000), []);
    }

    #[test]
    fn segments_end_where_sentences_do() {
        let tokens = [Time(0), text(" Dr."), text(" Kim"), text(" agrees."), text(" We"), Time(100)];
        let more =
            [Time(110), text(" vote"), text(" at 3."), text("5"), text(" p.m."), text(" today."), Time(300)];
        let found = found(&[tokens.as_slice(), &more].concat(), 480_000);
        let texts: Vec<&str> = found.iter().map(|(_, _, text)| text.as_str()).collect();
        assert_eq!(texts, ["Dr. Kim agrees.", "We vote at 3.5 p.m. today."]);
        let pause = [Time(0), text(" we"), Time(50), Time(101), text(" vote"), Time(150)];
        assert_eq!(self::found(&pause, 480_000).len(), 2, "a long pause ends a segment");
    }

    #[test]
    fn what_goes_on_and_on_is_cut_at_a_pause() {
        let said =
            |n: u32| [Time(n * 50), text(" and"), text(" so"), Time(n * 50 + if n == 12 { 20 } else { 45 })];
        let found = found(&(0..27).flat_map(said).collect::<Vec<_>>(), 464_000);
        assert!(found.iter().all(|(start, end, _)| end - start <= MAX_SEGMENT_SAMPLES), "{found:?}");
        let text: String = found.iter().map(|(_, _, text)| text.as_str()).collect::<Vec<_>>().join(" ");
        assert_eq!(text.matches("and so").count(), 27);
    }

    #[test]
    fn words_stand_in_their_order_inside_the_sentence() {
        let mut samples = vec![0.5; 32_000];
        samples[16_000..24_000].fill(0.0);
        let tokens = [Time(0), text(" one"), text(" thr"), text("ee,"), text(" seven"), Time(100)];
        let spoken = sentences(&tokens, &samples);
        let words = &spoken[0].words;
        let texts: Vec<&str> = words.iter().map(|word| word.text.trim()).collect();
        assert_eq!(texts, ["one", "three,", "seven"]);
        assert!(words.iter().all(|word| word.start < word.end));
        assert!(words.windows(2).all(|pair| pair[0].end <= pair[1].start));
        assert!(
            words.iter().all(|word| !(17_000..23_000).contains(&word.start)),
            "no word begins in the pause"
        );
        assert_eq!((words[0].start, words[2].end), (0, 32_000));
    }

    #[test]
    fn words_are_separated_where_no_space_is_written() {
        let tokens = [Time(0), text("今日"), text("は"), text("会議"), text("です"), text("。"), Time(100)];
        let spoken = sentences(&tokens, &[0.5; 32_000]);
        let words: Vec<&str> = spoken[0].words.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(words, ["今日", "は", "会議", "です。"]);
        assert_eq!(spoken[0].text, "今日は会議です。");
    }

    #[test]
    fn confidence_is_that_of_the_tokens() {
        let token =
            |bytes: &str, p: f32| Token::Text(TextToken { bytes: bytes.into(), logprob: p.ln(), time: None });
        let spoken = sentences(&[Time(0), token(" a", 0.5), token(" b", 0.5), Time(50)], &[0.5; 16_000]);
        assert!(
            (spoken[0].confidence - 0.5).abs() < 1e-3 && (spoken[0].words[1].probability - 0.5).abs() < 1e-3
        );
    }
}
