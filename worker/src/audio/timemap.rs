//! From places in a window to places in the recording, by counting samples.

use std::ops::Range;

/// One stretch of the recording inside a window. All counts are 16 kHz samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Where it lies in the window.
    pub(super) at: usize,
    /// Where it comes from in the recording.
    pub(super) from: Range<u64>,
    /// The part of `from` that holds the speech; the rest is padding and pause.
    pub(super) speech: Range<u64>,
}

/// Where in the recording the samples of a window come from: exact, whatever the recording's length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TimeMap {
    pieces: Vec<Piece>,
}

impl TimeMap {
    pub(super) fn add(&mut self, piece: Piece) {
        self.pieces.push(piece);
    }

    /// Each stretch of speech: where it begins in the recording, and its place in the window.
    pub(super) fn speech(&self) -> impl Iterator<Item = (u64, Range<usize>)> {
        let place =
            |piece: &Piece, position: u64| piece.at + (position.saturating_sub(piece.from.start)) as usize;
        self.pieces.iter().map(move |piece| {
            (piece.speech.start, place(piece, piece.speech.start)..place(piece, piece.speech.end))
        })
    }

    /// The position in the recording (16 kHz samples) of a sample in the window. Past the window's end it is
    /// the end of its last stretch.
    pub(super) fn recording_position(&self, sample: usize) -> u64 {
        self.piece_at(sample).map_or(0, |piece| position_in(piece, sample))
    }

    /// The span in the recording (16 kHz samples) of a word that was said between two samples of the window. No word
    /// goes on over a pause: it belongs to the stretch of speech that it overlaps most.
    pub(super) fn word_span(&self, start: usize, end: usize) -> (u64, u64) {
        let end = end.max(start);
        let overlap = |piece: &&Piece| {
            let place = |position: u64| piece.at + (position - piece.from.start) as usize;
            let (from, to) = (place(piece.speech.start).max(start), place(piece.speech.end).min(end));
            to.saturating_sub(from)
        };
        let most = self.pieces.iter().rev().max_by_key(overlap).filter(|piece| overlap(piece) > 0);
        let Some(piece) = most.or_else(|| self.piece_at(start.midpoint(end))) else { return (0, 0) };
        (position_in(piece, start), position_in(piece, end))
    }

    fn piece_at(&self, sample: usize) -> Option<&Piece> {
        let index = self.pieces.partition_point(|piece| piece.at <= sample).checked_sub(1)?;
        self.pieces.get(index)
    }
}

fn position_in(piece: &Piece, sample: usize) -> u64 {
    (piece.from.start + sample.saturating_sub(piece.at) as u64).min(piece.from.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two stretches: speech at 10,000..20,000 and at 100,000..110,000, with padding and a pause before it.
    fn map() -> TimeMap {
        let mut map = TimeMap::default();
        map.add(Piece { at: 0, from: 7_000..23_000, speech: 10_000..20_000 });
        map.add(Piece { at: 16_000, from: 92_000..113_000, speech: 100_000..110_000 });
        map
    }

    #[test]
    fn samples_map_to_where_they_come_from() {
        let map = map();
        let positions =
            [0, 15_999, 16_000, 36_999, 37_000, 99_999].map(|sample| map.recording_position(sample));
        assert_eq!(positions, [7_000, 22_999, 92_000, 112_999, 113_000, 113_000]);
        assert_eq!(TimeMap::default().recording_position(5), 0);
    }

    #[test]
    fn speech_is_found_in_the_window() {
        let found: Vec<_> = map().speech().collect();
        assert_eq!(found, [(10_000, 3_000..13_000), (100_000, 24_000..34_000)]);
    }

    #[test]
    fn a_word_does_not_reach_over_a_pause() {
        let map = map();
        assert_eq!(map.word_span(3_000, 13_500), (10_000, 20_500));
        assert_eq!(map.word_span(3_000, 26_000), (10_000, 23_000), "more of it lies before the pause");
        assert_eq!(map.word_span(11_000, 34_000), (92_000, 110_000), "more of it lies behind the pause");
        assert_eq!(map.word_span(14_000, 15_000), (21_000, 22_000), "beside all speech");
        assert_eq!(map.word_span(30_000, 100), (106_000, 106_000), "an end before its begin");
        assert_eq!(TimeMap::default().word_span(1, 2), (0, 0));
    }
}
