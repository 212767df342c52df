//! Segments cut into subtitles that can be read along: short lines, two at most, and not for long.

use std::ops::Range;

use shared::segment::Segment;

/// Columns of a line; letters of Chinese, Japanese and Korean take two.
const LINE_COLUMNS: usize = 42;
/// The longest that a subtitle stands, in seconds.
const MAX_SUBTITLE_SECONDS: f64 = 7.0;

/// What is shown between two moments of a recording, in seconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cue<'a> {
    pub(crate) start: f64,
    pub(crate) end: f64,
    /// One line or two.
    pub(crate) lines: Vec<&'a str>,
}

/// The subtitles of a segment that says `text`: its words on one line, perhaps behind who speaks. They follow the times
/// of the words where those are known, and share the segment's time by their widths otherwise.
pub(crate) fn cues<'a>(segment: &Segment, text: &'a str) -> Vec<Cue<'a>> {
    let words = timed(segment, text).unwrap_or_else(|| vec![(0..text.len(), segment.start..segment.end)]);
    let mut pieces: Vec<Piece> =
        words.into_iter().flat_map(|(place, time)| spread(text, place, time)).collect();
    if let Some(last) = pieces.last_mut() {
        last.time.end = segment.end;
    }
    Subtitler { text, pieces }.cues()
}

/// A word, or a part of one that is longer than a line.
struct Piece {
    place: Range<usize>,
    time: Range<f64>,
}

struct Subtitler<'a> {
    text: &'a str,
    pieces: Vec<Piece>,
}

impl<'a> Subtitler<'a> {
    fn cues(&self) -> Vec<Cue<'a>> {
        let begins = self.begins();
        let (mut cues, mut end) = (Vec::new(), self.pieces.len());
        while let Some(begin) = begins.get(end).copied().filter(|_| end > 0) {
            cues.extend(self.pieces.get(begin..end).and_then(|part| self.cue(part)));
            end = begin;
        }
        cues.reverse();
        cues
    }

    /// Where the subtitle that ends before each piece begins, so that they are few, alike in length, and end where
    /// sentences do.
    fn begins(&self) -> Vec<usize> {
        let mut best = vec![(0.0, 0)];
        for end in 1..=self.pieces.len() {
            let parts = (0..end).rev().map_while(|begin| Some((begin, self.pieces.get(begin..end)?)));
            let fitting = parts.take_while(|(_, part)| part.len() == 1 || self.fits(part));
            let costs =
                fitting.filter_map(|(begin, part)| Some((best.get(begin)?.0 + self.cost(part), begin)));
            let cheapest = costs.min_by(|(one, _), (other, _)| one.total_cmp(other));
            best.push(cheapest.unwrap_or((f64::INFINITY, end - 1)));
        }
        best.into_iter().map(|(_, begin)| begin).collect()
    }

    /// One more subtitle is worse than anything else; then come uneven widths, and ends within a sentence.
    fn cost(&self, part: &[Piece]) -> f64 {
        let line = self.line(part);
        let end = match line.chars().last() {
            Some('.' | '?' | '!' | '…' | '。' | '？' | '！') => 0.0,
            Some(',' | ';' | ':' | '、' | '，') => 500.0,
            _ => 1500.0,
        };
        20_000.0 + (width(line) as f64).powi(2) + end
    }

    fn fits(&self, part: &[Piece]) -> bool {
        let time = part.first().zip(part.last()).map(|(first, last)| last.time.end - first.time.start);
        time <= Some(MAX_SUBTITLE_SECONDS) && self.lines(part).is_some()
    }

    fn cue(&self, part: &[Piece]) -> Option<Cue<'a>> {
        let (first, last) = part.first().zip(part.last())?;
        let start = first.time.start;
        let end = last.time.end.clamp(start, start + MAX_SUBTITLE_SECONDS);
        Some(Cue { start, end, lines: self.lines(part).unwrap_or_else(|| vec![self.line(part)]) })
    }

    /// The pieces on one line, or on two that are as alike in width as can be; none if they do not fit.
    fn lines(&self, part: &[Piece]) -> Option<Vec<&'a str>> {
        let whole = self.line(part);
        if width(whole) <= LINE_COLUMNS {
            return Some(vec![whole]);
        }
        let cut = |at| part.split_at_checked(at).map(|(first, second)| [self.line(first), self.line(second)]);
        let fitting =
            (1..part.len()).filter_map(cut).filter(|two| two.iter().all(|line| width(line) <= LINE_COLUMNS));
        fitting.min_by_key(|[first, second]| width(first).abs_diff(width(second))).map(Vec::from)
    }

    fn line(&self, part: &[Piece]) -> &'a str {
        let place = part.first().zip(part.last()).map(|(first, last)| first.place.start..last.place.end);
        place.and_then(|place| self.text.get(place)).unwrap_or_default()
    }
}

/// Where each word begins in `text`, up to the next one, and when it is said; none if `text` has other words.
fn timed(segment: &Segment, text: &str) -> Option<Vec<(Range<usize>, Range<f64>)>> {
    let words = &segment.recognition.words;
    let (mut begins, mut from) = (Vec::new(), 0);
    for word in words {
        let begin = from + text.get(from..)?.find(&word.word)?;
        from = begin + word.word.len();
        begins.push(begin);
    }
    // Who speaks is shown with the first word.
    *begins.first_mut()? = 0;
    let ends = begins.iter().copied().skip(1).chain([text.len()]);
    let mut timed: Vec<_> = begins
        .iter()
        .zip(ends)
        .zip(words)
        .map(|((begin, end), word)| (*begin..end, word.start..word.end))
        .collect();
    timed.first_mut()?.1.start = segment.start;
    Some(timed)
}

/// Cuts a place of the text at its spaces, and between letters where a word is longer than a line; its time is shared by
/// width.
fn spread(text: &str, place: Range<usize>, time: Range<f64>) -> Vec<Piece> {
    let part = text.get(place.clone()).unwrap_or_default();
    let share = (time.end - time.start) / width(part).max(1) as f64;
    let (mut pieces, mut at, mut moment) = (Vec::new(), place.start, time.start);
    for word in part.split_inclusive(char::is_whitespace).flat_map(parts_of_word) {
        let next = moment + share * width(word) as f64;
        let shown = word.trim_end();
        if !shown.is_empty() {
            pieces.push(Piece { place: at..at + shown.len(), time: moment..next });
        }
        (at, moment) = (at + word.len(), next);
    }
    pieces
}

/// The word, or its letters if it is longer than a line.
fn parts_of_word(word: &str) -> Vec<&str> {
    if width(word.trim_end()) <= LINE_COLUMNS {
        vec![word]
    } else {
        word.split_inclusive(|_: char| true).collect()
    }
}

/// Columns that the text takes.
fn width(text: &str) -> usize {
    text.chars().map(|character| if is_wide(character) { 2 } else { 1 }).sum()
}

/// Whether a letter takes two columns: Hangul, Chinese characters, Kana, full-width forms, pictures.
const fn is_wide(character: char) -> bool {
    matches!(character,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::segment::{Recognition, Word};

    fn segment(start: f64, end: f64, text: &str) -> Segment {
        Segment { number: 1, start, end, text: text.into(), ..Segment::default() }
    }

    /// The same with words of half a second each, one every second.
    fn with_words(start: f64, words: &[&str], between: &str) -> Segment {
        let word = |(number, word): (usize, &&str)| {
            let start = start + number as f64;
            Word { start, end: start + 0.5, word: (*word).into(), probability: 1.0, speaker: None }
        };
        let timed: Vec<Word> = words.iter().enumerate().map(word).collect();
        let recognition = Recognition { words: timed, ..Recognition::default() };
        let end = start + words.len() as f64 - 0.5;
        Segment { recognition, ..segment(start, end, &words.join(between)) }
    }

    /// All that holds for every subtitle, and that no word is lost.
    fn check<'a>(segment: &Segment, text: &'a str) -> Vec<Cue<'a>> {
        let cues = cues(segment, text);
        for cue in &cues {
            assert!((1..=2).contains(&cue.lines.len()), "{cue:?}");
            assert!(
                cue.lines.iter().all(|line| width(line) <= LINE_COLUMNS && line.trim() == *line),
                "{cue:?}"
            );
            assert!(cue.start <= cue.end && cue.end - cue.start <= MAX_SUBTITLE_SECONDS + 1e-9, "{cue:?}");
        }
        assert!(cues.windows(2).all(|two| two[0].end <= two[1].start + 1e-9), "{cues:?}");
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        let shown: String = cues.iter().flat_map(|cue| &cue.lines).map(|line| bare(line)).collect();
        assert_eq!(shown, bare(text));
        cues
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        let cues = check(&segment(1.0, 3.0, "Good morning."), "Good morning.");
        assert_eq!(cues, [Cue { start: 1.0, end: 3.0, lines: vec!["Good morning."] }]);
        let long = "Good morning, and welcome to the weekly product meeting.";
        let lines = vec!["Good morning, and welcome to", "the weekly product meeting."];
        assert_eq!(check(&segment(1.0, 5.0, long), long), [Cue { start: 1.0, end: 5.0, lines }]);
        assert!(check(&segment(1.0, 5.0, ""), "").is_empty());
    }

    #[test]
    fn long_text_is_cut_evenly_and_where_sentences_end() {
        let text = "We ship on Friday, if nothing else comes up by then. Before that, somebody goes through all the \
                    questions on the list.";
        let cues = check(&segment(0.0, 12.0, text), text);
        assert_eq!(cues.len(), 2);
        assert_eq!(cues[0].lines.last().unwrap().chars().last(), Some('.'), "{cues:?}");
        assert_eq!((cues[0].start, cues[1].end, cues[0].end), (0.0, 12.0, cues[1].start));
        let share = cues[0].end / 12.0;
        assert!((0.4..0.5).contains(&share), "{share}");
    }

    #[test]
    fn words_tell_when() {
        let words = ["So", "we", "wait", "for", "the", "answer", "until", "Monday", "morning,", "then."];
        let segment = with_words(100.0, &words, " ");
        let text = format!("Maria: {}", segment.text);
        let cues = check(&segment, &text);
        assert_eq!(cues.len(), 2);
        assert_eq!((cues[0].start, cues[1].end), (100.0, 109.5));
        let second = cues[1].lines[0].split(' ').next().unwrap();
        let at = words.iter().position(|word| *word == second).unwrap();
        assert_eq!((cues[0].end, cues[1].start), (100.0 + at as f64 - 0.5, 100.0 + at as f64));
        // Somebody wrote other words since.
        let edited = "Nobody waits for anything until the end of next week, which is then too late for most of us all.";
        assert_eq!(check(&segment, edited).len(), 2);
    }

    #[test]
    fn korean_lines_are_half_as_long() {
        let text = "오늘 회의에서는 다음 분기의 제품 출시 일정과 예산을 검토하겠습니다. 먼저 지난주에 정한 일들이 어떻게 되었는지 \
                    한 사람씩 말해 주세요.";
        let cues = check(&segment(0.0, 10.0, text), text);
        assert_eq!(cues.len(), 2);
        assert!(cues[0].lines.last().unwrap().ends_with("검토하겠습니다."), "{cues:?}");
        let words: Vec<&str> = text.split_whitespace().collect();
        assert!(check(&with_words(0.0, &words, " "), text).len() >= 3);
    }

    #[test]
    fn text_without_spaces_is_cut_between_words_or_letters() {
        let words = ["今天", "我们", "讨论", "下", "季度", "的", "产品", "计划", "和", "预算", "。"];
        let segment = with_words(0.0, &words, "");
        let cues = check(&segment, &segment.text);
        assert_eq!(cues.len(), 2);
        assert!(words.iter().any(|word| cues[1].lines[0].starts_with(word)), "{cues:?}");
        let long = "今".repeat(100);
        assert_eq!(check(&self::segment(0.0, 20.0, &long), &long).len(), 3);
        let address = format!("See https://example.org/{} there", "x".repeat(80));
        assert_eq!(check(&self::segment(0.0, 5.0, &address), &address).len(), 2);
    }

    #[test]
    fn a_word_that_never_ends_does_not_stand_for_ever() {
        let cues = check(&segment(10.0, 40.0, "Hm."), "Hm.");
        assert_eq!((cues[0].start, cues[0].end), (10.0, 17.0));
    }
}
