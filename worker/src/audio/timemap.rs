//! From places in a window to places in the recording, by counting samples.

use std::ops::Range;

use super::spans::PADDING;

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
        self.piece_at(sample).map_or(0, |(_, piece)| position_in(piece, sample))
    }

    /// The span in the recording (16 kHz samples) of something that was said between two samples of the
    /// window. Where pauses were taken out, a begin after the speech before the pause belongs to the
    /// speech after it, and an end before the speech after the pause to the speech before it.
    pub(super) fn recording_span(&self, start: usize, end: usize) -> (u64, u64) {
        let begin = self.begin(start);
        (begin, self.end(end).max(begin))
    }

    fn begin(&self, sample: usize) -> u64 {
        let Some((index, piece)) = self.piece_at(sample) else { return 0 };
        let position = position_in(piece, sample);
        let next = self.pieces.get(index + 1).filter(|_| position >= piece.speech.end);
        next.map_or(position, |next| next.speech.start.saturating_sub(PADDING).max(next.from.start))
    }

    fn end(&self, sample: usize) -> u64 {
        let Some((index, piece)) = self.piece_at(sample) else { return 0 };
        let position = position_in(piece, sample);
        let before = index.checked_sub(1).and_then(|before| self.pieces.get(before));
        before.filter(|_| position <= piece.speech.start).map_or(position, |before| before.from.end)
    }

    fn piece_at(&self, sample: usize) -> Option<(usize, &Piece)> {
        let index = self.pieces.partition_point(|piece| piece.at <= sample).checked_sub(1)?;
        self.pieces.get(index).map(|piece| (index, piece))
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
    fn what_is_said_does_not_reach_over_a_pause() {
        let map = map();
        assert_eq!(map.recording_span(3_000, 13_500), (10_000, 20_500));
        assert_eq!(map.recording_span(3_000, 18_000), (10_000, 23_000), "ends before the pause");
        assert_eq!(
            map.recording_span(14_000, 30_000),
            (100_000 - PADDING, 106_000),
            "begins after the pause"
        );
        assert_eq!(map.recording_span(36_000, 100), (112_000, 112_000), "an end before its begin");
    }
}
