//! Spans of speech go into windows, those of all channels in step.

use std::collections::VecDeque;

use super::{LONGEST, PAUSE, Stretch, Window};
use crate::audio::spans::Span;
use crate::audio::timemap::{Piece, TimeMap};

/// A full window is cut at its longest pause behind this share of the longest window: 6 of 10. There a sentence is likely to
/// end, and what a model hears of half a sentence it may leave out.
const CUT_FROM: (u64, u64) = (6, 10);

/// A span of speech.
pub(super) struct Spoken {
    pub(super) span: Span,
    /// Its samples, after at most [`PAUSE`] samples of the pause before it.
    pub(super) samples: Vec<f32>,
}

impl Spoken {
    /// Where it ends in the recording.
    pub(super) fn end(&self) -> u64 {
        self.span.kept.end
    }
}

/// The spans of all channels that are being packed.
pub(super) struct Packings {
    channels: Vec<Option<usize>>,
    /// By their ends, each with the place of its channel.
    spans: VecDeque<(usize, Spoken)>,
}

impl Packings {
    /// Windows of these channels; none: of all of them, mixed.
    pub(super) fn of(channels: impl Iterator<Item = Option<usize>>) -> Self {
        Self { channels: channels.collect(), spans: VecDeque::new() }
    }

    /// Packs spans that all end at the same place, at most one for each channel; gives the stretches that are full.
    pub(super) fn add(&mut self, together: Vec<(usize, Spoken)>) -> Vec<Stretch> {
        self.spans.extend(together);
        std::iter::from_fn(|| if self.fits() { None } else { self.cut() }).collect()
    }

    /// What is packed so far, if there is any speech in it.
    pub(super) fn wrap_up(&mut self) -> Option<Stretch> {
        self.stretch(self.spans.len())
    }

    fn fits(&self) -> bool {
        self.filled(self.spans.len()) <= LONGEST
    }

    /// Samples of the longest window over the first `count` spans.
    fn filled(&self, count: usize) -> u64 {
        let window = |channel: usize| {
            let mut end = None;
            let spans = self.spans.iter().take(count).filter(|(at, _)| *at == channel);
            let lengths = spans.map(|(_, Spoken { span, .. })| {
                pause_before(end.replace(span.kept.end), span) + span.kept.end - span.kept.start
            });
            lengths.sum::<u64>()
        };
        (0..self.channels.len()).map(window).max().unwrap_or_default()
    }

    /// The stretch before the longest pause behind which windows are rather full.
    fn cut(&mut self) -> Option<Stretch> {
        let pauses = (1..self.spans.len()).filter_map(|count| Some((self.pause_behind(count)?, count)));
        let pauses: Vec<_> = pauses.filter(|(_, count)| self.filled(*count) <= LONGEST).collect();
        let full = |count: usize| self.filled(count) * CUT_FROM.1 >= LONGEST * CUT_FROM.0;
        let longest = pauses.iter().filter(|(_, count)| full(*count)).max();
        let (_, count) = longest.or(pauses.last()).copied().unwrap_or((0, 1));
        self.stretch(count)
    }

    /// How long nobody speaks behind the first `count` spans, unless spans end together there.
    fn pause_behind(&self, count: usize) -> Option<u64> {
        let end = self.spans.get(count.checked_sub(1)?)?.1.end();
        let next = self.spans.get(count)?.1.end();
        let begin = self.spans.iter().skip(count).map(|(_, spoken)| spoken.span.kept.start).min()?;
        (next > end).then(|| begin.saturating_sub(end))
    }

    /// The windows of the first `count` spans.
    fn stretch(&mut self, count: usize) -> Option<Stretch> {
        let mut packings: Vec<Packing> = self.channels.iter().map(|channel| Packing::of(*channel)).collect();
        let mut end = 0;
        for (at, spoken) in self.spans.drain(..count) {
            end = spoken.end();
            if let Some(packing) = packings.get_mut(at) {
                packing.add(spoken);
            }
        }
        let windows: Vec<Window> = packings.into_iter().filter_map(Packing::window).collect();
        (!windows.is_empty()).then_some(Stretch { windows, end })
    }
}

/// How much of the pause before a span is kept.
fn pause_before(end: Option<u64>, span: &Span) -> u64 {
    end.map_or(0, |end| PAUSE.min(span.kept.start.saturating_sub(end)))
}

/// The window that is being packed.
struct Packing {
    channel: Option<usize>,
    samples: Vec<f32>,
    map: TimeMap,
    end: Option<u64>,
}

impl Packing {
    fn of(channel: Option<usize>) -> Self {
        Self { channel, samples: Vec::new(), map: TimeMap::default(), end: None }
    }

    fn add(&mut self, spoken: Spoken) {
        let Spoken { span, samples } = spoken;
        let pause = pause_before(self.end.replace(span.kept.end), &span);
        let from = span.kept.start - pause..span.kept.end;
        let surplus = samples.len().saturating_sub((from.end - from.start) as usize);
        self.map.add(Piece { at: self.samples.len(), from, speech: span.speech });
        self.samples.extend(samples.into_iter().skip(surplus));
    }

    fn window(self) -> Option<Window> {
        let Self { channel, samples, map, .. } = self;
        (!samples.is_empty()).then(|| Window { samples: samples.into(), channel, map })
    }
}
