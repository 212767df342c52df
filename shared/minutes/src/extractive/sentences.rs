//! Sentences: recognisers cut their segments anywhere, people mean sentences.

use shared::segment::Segment;

/// Seconds of silence that end a sentence also without a full stop.
const PAUSE_SECONDS: f64 = 1.5;

/// Letters after which a sentence without a full stop is ended with its segment.
const MAX_SENTENCE_CHARS: usize = 240;

/// One sentence and where it was said.
#[derive(Debug)]
pub(super) struct Sentence {
    pub text: String,
    /// Numbers of the segments it was said in, in order.
    pub segments: Vec<u64>,
    /// Who said it, where that is known.
    pub speaker: Option<String>,
}

impl Sentence {
    /// How many segments lie between this sentence and a later one.
    pub fn distance(&self, later: &Self) -> u64 {
        let (end, begin) = (self.segments.last(), later.segments.first());
        end.zip(begin).map_or(0, |(end, begin)| begin.saturating_sub(*end))
    }

    /// Whether another one may be by somebody else: nobody knows who speaks, or it is known.
    pub fn may_answer(&self, other: &Self) -> bool {
        self.speaker.is_none() || self.speaker != other.speaker
    }
}

/// The sentences of the meeting in order.
pub(super) fn of(segments: &[Segment]) -> Vec<Sentence> {
    let mut builder = Builder::default();
    let mut end = f64::INFINITY;
    for segment in segments {
        if segment.start - end > PAUSE_SECONDS || builder.open.chars().count() > MAX_SENTENCE_CHARS {
            builder.close();
        }
        builder.turn(segment.speaker.as_deref());
        for piece in pieces(&segment.text) {
            builder.add(piece, segment.number);
        }
        end = segment.end;
    }
    builder.close();
    builder.done
}

/// Cuts after full stops and the like that end a word.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text.trim();
    while let Some(cut) = first_end(rest) {
        let (piece, after) = rest.split_at(cut);
        pieces.push(piece);
        rest = after.trim_start();
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// Where the first sentence ends, in bytes; none if `text` is one sentence. "3.5" and "v2.0" do not end one, nor
/// does a single letter, as in a name.
fn first_end(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().peekable();
    let mut word = 0;
    while let Some((at, character)) = chars.next() {
        if character == ',' && text.get(at..).is_some_and(begins_promise) {
            return Some(at + 1);
        }
        let wide = matches!(character, '。' | '？' | '！');
        let narrow = matches!(character, '.' | '?' | '!')
            && chars.peek().is_some_and(|(_, next)| next.is_whitespace());
        if wide || narrow && (character != '.' || word > 1) {
            let cut = at + character.len_utf8();
            return (cut < text.len()).then_some(cut);
        }
        word = if character.is_alphanumeric() { word + 1 } else { 0 };
    }
    None
}

/// Whether another promise begins behind a comma: ", and I'll …", ", and then …".
fn begins_promise(text: &str) -> bool {
    [", and I'll ", ", and I’ll ", ", and I will ", ", and then ", ", but I'll "]
        .iter()
        .any(|begin| text.starts_with(begin))
}

#[derive(Default)]
struct Builder {
    open: String,
    segments: Vec<u64>,
    speaker: Option<String>,
    done: Vec<Sentence>,
}

impl Builder {
    /// Nobody goes on with the sentence of another.
    fn turn(&mut self, speaker: Option<&str>) {
        if self.speaker.as_deref() != speaker {
            self.close();
            self.speaker = speaker.map(str::to_owned);
        }
    }

    fn add(&mut self, piece: &str, segment: u64) {
        if !self.open.is_empty() {
            self.open.push(' ');
        }
        self.open.push_str(piece);
        if self.segments.last() != Some(&segment) {
            self.segments.push(segment);
        }
        if piece.ends_with(['.', '?', '!', '。', '？', '！', ',']) {
            self.close();
        }
    }

    fn close(&mut self) {
        let (text, segments) = (std::mem::take(&mut self.open), std::mem::take(&mut self.segments));
        if text.chars().any(char::is_alphanumeric) {
            self.done.push(Sentence { text, segments, speaker: self.speaker.clone() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_go_over_segments_and_segments_over_sentences() {
        let segment = |number, start, end, text: &str| Segment {
            number,
            start,
            end,
            text: text.to_owned(),
            ..Segment::default()
        };
        let said = [
            segment(1, 0.0, 2.0, "We met J. Smith. The price is 3.5"),
            segment(2, 2.0, 3.0, "dollars. Is that"),
            segment(3, 3.0, 4.0, "all?"),
            segment(4, 4.1, 5.0, "no full stop here"),
            segment(5, 9.0, 10.0, "after a pause"),
            segment(6, 10.1, 11.0, "..."),
        ];
        let sentences = of(&said);
        let found: Vec<_> =
            sentences.iter().map(|one| (one.text.as_str(), one.segments.as_slice())).collect();
        assert_eq!(
            found,
            [
                ("We met J. Smith.", &[1][..]),
                ("The price is 3.5 dollars.", &[1, 2]),
                ("Is that all?", &[2, 3]),
                ("no full stop here", &[4]),
                ("after a pause ...", &[5, 6]),
            ]
        );
    }
}
