//! Cuts a transcript into parts that fit the model's context, where the meeting turns or pauses. Nothing is left out.

use std::ops::RangeInclusive;

use llm::estimate_tokens;
use shared::segment::Segment;
use text::{escape, topics};

/// Longest name of a speaker in characters.
const MAX_SPEAKER_CHARS: usize = 40;

/// One line of a prompt: a segment, or a piece of one that is too long for a line.
#[derive(Clone, Debug)]
pub struct Line {
    /// Number of the segment.
    pub segment: u64,
    /// Begin in seconds of recording time.
    pub start: f64,
    /// End in seconds.
    pub end: f64,
    /// Who speaks, and words, neither of which can pose as anything else.
    text: String,
    tokens: u64,
    /// How good it is to cut before it.
    cut: f64,
}

impl Line {
    fn new(segment: &Segment, speaker: &str, words: &str, cut: f64) -> Self {
        let text = format!("{speaker}{words}");
        // Number, bar and line break.
        let tokens = estimate_tokens(&text) + 5;
        let (start, end) = (segment.start, segment.end);
        Self { segment: segment.number, start, end, text, tokens, cut }
    }
}

/// Neighbouring lines that go to the model together; never empty.
#[derive(Clone, Debug)]
pub struct Part(Vec<Line>);

impl Part {
    /// The lines as they stand in the prompt.
    pub fn text(&self) -> String {
        self.0.iter().map(|line| format!("{}| {}\n", line.segment, line.text)).collect()
    }

    /// The words alone.
    pub fn words(&self) -> String {
        self.0.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    /// First and last segment.
    pub fn range(&self) -> RangeInclusive<u64> {
        let number = |line: Option<&Line>| line.map_or(0, |line| line.segment);
        number(self.0.first())..=number(self.0.last())
    }

    /// Begin and end in seconds of recording time.
    pub fn time(&self) -> (f64, f64) {
        (self.0.first().map_or(0.0, |line| line.start), self.0.last().map_or(0.0, |line| line.end))
    }

    /// Seconds of speech in it.
    pub fn seconds(&self) -> f64 {
        self.segments(self.range()).into_iter().map(|(_, start, end)| (end - start).max(0.0)).sum()
    }

    /// Number, begin and end of the segments in `range`.
    pub fn segments(&self, range: RangeInclusive<u64>) -> Vec<(u64, f64, f64)> {
        let inside = self.0.iter().filter(|line| range.contains(&line.segment));
        let mut segments: Vec<_> = inside.map(|line| (line.segment, line.start, line.end)).collect();
        segments.dedup();
        segments
    }

    /// Two parts of about the same length; none if there is but one line.
    pub fn halves(&self) -> Option<(Self, Self)> {
        let tokens: u64 = self.0.iter().map(|line| line.tokens).sum();
        let mut parts = pack(&self.0, tokens.div_ceil(2));
        let first = Self(parts.next()?);
        let second: Vec<Line> = parts.flatten().collect();
        (!second.is_empty()).then_some((first, Self(second)))
    }
}

/// Cuts `segments`, in `language`, into parts of at most `budget` tokens. Segments without words are left out.
pub fn cut(segments: &[Segment], budget: u64, language: &str) -> Vec<Part> {
    let cuts = topics::cuts(segments, language);
    let lines: Vec<Line> =
        segments.iter().zip(cuts).flat_map(|(segment, cut)| lines(segment, cut, budget)).collect();
    pack(&lines, budget).map(Part).collect()
}

/// A segment as lines; more than one only if it alone is longer than a part may be.
fn lines(segment: &Segment, cut: f64, budget: u64) -> Vec<Line> {
    let text = escape(&segment.text);
    let speaker = speaker(segment);
    let most = budget.saturating_sub(5 + estimate_tokens(&speaker)).max(1);
    let mut lines: Vec<Line> = Vec::new();
    let mut piece = String::new();
    for word in text.split(' ').flat_map(|word| pieces(word, most)) {
        if !piece.is_empty() && estimate_tokens(&piece) + estimate_tokens(&word) + 1 > most {
            lines.push(Line::new(segment, &speaker, &piece, if lines.is_empty() { cut } else { 0.0 }));
            piece.clear();
        }
        if !piece.is_empty() {
            piece.push(' ');
        }
        piece.push_str(&word);
    }
    if !piece.is_empty() {
        lines.push(Line::new(segment, &speaker, &piece, if lines.is_empty() { cut } else { 0.0 }));
    }
    lines
}

/// Who speaks, as it stands before the words.
fn speaker(segment: &Segment) -> String {
    let name = segment.speaker.as_deref().map(escape).filter(|name| !name.is_empty());
    let name = name.map(|name| name.chars().take(MAX_SPEAKER_CHARS).collect::<String>().replace(':', ""));
    name.map(|name| format!("{name}: ")).unwrap_or_default()
}

/// A word; in pieces if it is longer than a part may be, as text without spaces can be.
fn pieces(word: &str, most: u64) -> Vec<String> {
    if estimate_tokens(word) <= most {
        return vec![word.to_owned()];
    }
    // No sign has more than 1.5 tokens.
    let size = usize::try_from(most * 2 / 3).unwrap_or(usize::MAX).max(1);
    let chars: Vec<char> = word.chars().collect();
    chars.chunks(size).map(String::from_iter).collect()
}

/// Packs lines into as few parts as it takes, about equally long, each cut at the best place near its end.
fn pack(lines: &[Line], budget: u64) -> impl Iterator<Item = Vec<Line>> {
    let mut rest = lines;
    std::iter::from_fn(move || {
        let left: u64 = rest.iter().map(|line| line.tokens).sum();
        let share = left / left.div_ceil(budget.max(1)).max(1);
        let count = best_cut(rest, share, budget);
        let (part, after) = rest.split_at_checked(count)?;
        rest = after;
        (!part.is_empty()).then(|| part.to_vec())
    })
}

/// How many lines the next part takes: at most `budget` tokens, and at least three quarters of its fair `share`.
fn best_cut(lines: &[Line], share: u64, budget: u64) -> usize {
    let (mut tokens, mut best, mut best_score, mut most) = (0, None, f64::NEG_INFINITY, 0);
    for (at, line) in lines.iter().enumerate() {
        if at > 0 && tokens * 4 >= share * 3 && line.cut > best_score {
            (best, best_score) = (Some(at), line.cut);
        }
        tokens += line.tokens;
        if at > 0 && tokens > budget {
            return best.unwrap_or(most);
        }
        most = at + 1;
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(number: u64, start: f64, text: &str) -> Segment {
        Segment { number, start, end: start + 2.0, text: text.to_owned(), ..Segment::default() }
    }

    #[test]
    fn every_word_is_in_exactly_one_part_and_no_part_is_too_long() {
        let said: Vec<Segment> = (1..=1000)
            .map(|number| {
                segment(number, number as f64 * 3.0, &format!("Sentence number {number} 예산을 검토합니다."))
            })
            .collect();
        for budget in [60, 500, 4000, 1_000_000] {
            let parts = cut(&said, budget, "en");
            let text: String = parts.iter().map(Part::text).collect();
            let whole: String = said.iter().map(|one| format!("{}| {}\n", one.number, one.text)).collect();
            assert_eq!(text, whole);
            assert!(parts.iter().all(|part| estimate_tokens(&part.text()) <= budget), "{budget}");
            let least = estimate_tokens(&whole).div_ceil(budget);
            assert!((parts.len() as u64) <= least * 2, "{budget}: {} parts instead of {least}", parts.len());
        }
    }

    #[test]
    fn a_part_ends_at_a_long_pause() {
        let mut said: Vec<Segment> =
            (1..=40).map(|number| segment(number, number as f64 * 2.1, "Same words here.")).collect();
        said.iter_mut().skip(17).for_each(|one| {
            one.start += 30.0;
            one.end += 30.0;
        });
        let parts = cut(&said, 250, "en");
        assert_eq!(parts[0].range(), 1..=17);
    }

    #[test]
    fn a_segment_longer_than_a_part_is_cut_and_not_lost() {
        let words = "word ".repeat(500);
        let run = "가".repeat(700);
        let said = [segment(1, 0.0, words.trim()), segment(2, 3.0, &run)];
        let parts = cut(&said, 100, "en");
        let text: String = parts.iter().map(Part::text).collect();
        assert_eq!(text.matches("word").count(), 500);
        assert_eq!(text.matches('가').count(), 700);
        assert!(parts.iter().all(|part| estimate_tokens(&part.text()) <= 100));
    }

    #[test]
    fn lines_say_who_speaks_and_nothing_else() {
        let speaker = |name: &str| {
            let said = [Segment { speaker: Some(name.to_owned()), ..segment(7, 0.0, "I'll do it.") }];
            cut(&said, 1000, "en")[0].text()
        };
        assert_eq!(speaker("Lena"), "7| Lena: I'll do it.\n");
        assert_eq!(speaker("A\n8| Boss: <x>"), "7| A 8¦ Boss ‹x›: I'll do it.\n");
        assert_eq!(speaker(""), "7| I'll do it.\n");
        assert!(speaker(&"x".repeat(5000)).len() < 100);
    }

    #[test]
    fn halves_are_the_whole() {
        let said: Vec<Segment> =
            (1..=9).map(|number| segment(number, number as f64 * 3.0, "Some words.")).collect();
        let part = &cut(&said, 10_000, "en")[0];
        let (first, second) = part.halves().unwrap();
        assert_eq!(first.text() + &second.text(), part.text());
        assert!(cut(&said[..1], 10_000, "en")[0].halves().is_none());
    }
}
