//! Spans of speech go into windows, those of all channels in step.

use super::{LONGEST, PAUSE, Stretch, Window};
use crate::audio::spans::Span;
use crate::audio::timemap::{Piece, TimeMap};

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

/// The windows of all channels that are being packed.
pub(super) struct Packings {
    packings: Vec<Packing>,
    end: u64,
}

impl Packings {
    /// Windows of these channels; none: of all of them, mixed.
    pub(super) fn of(channels: impl Iterator<Item = Option<usize>>) -> Self {
        Self { packings: channels.map(Packing::of).collect(), end: 0 }
    }

    /// Packs spans that all end at `end`, at most one for each packing; if one does not fit any more, gives the stretch
    /// before them.
    pub(super) fn add(&mut self, together: Vec<(usize, Spoken)>, end: u64) -> Option<Stretch> {
        let fits = |(at, spoken): &(usize, Spoken)| {
            self.packings.get(*at).is_none_or(|packing| packing.fits(spoken))
        };
        let full = if together.iter().all(fits) { None } else { self.wrap_up() };
        for (at, spoken) in together {
            if let Some(packing) = self.packings.get_mut(at) {
                packing.add(spoken);
            }
        }
        self.end = end;
        full
    }

    /// The stretch that was packed so far, if there is any speech in it.
    pub(super) fn wrap_up(&mut self) -> Option<Stretch> {
        let windows: Vec<Window> = self.packings.iter_mut().filter_map(Packing::wrap_up).collect();
        if windows.is_empty() {
            return None;
        }
        Some(Stretch { windows, end: self.end })
    }
}

/// The window that is being packed.
struct Packing {
    channel: Option<usize>,
    samples: Vec<f32>,
    map: TimeMap,
    end: u64,
}

impl Packing {
    fn of(channel: Option<usize>) -> Self {
        Self { channel, samples: Vec::new(), map: TimeMap::default(), end: 0 }
    }

    fn fits(&self, spoken: &Spoken) -> bool {
        let span = &spoken.span.kept;
        self.samples.len() as u64 + self.pause_before(spoken) + (span.end - span.start) <= LONGEST
    }

    /// How much of the pause before a span is kept.
    fn pause_before(&self, spoken: &Spoken) -> u64 {
        if self.samples.is_empty() { 0 } else { PAUSE.min(spoken.span.kept.start - self.end) }
    }

    fn add(&mut self, spoken: Spoken) {
        let pause = self.pause_before(&spoken);
        let Spoken { span, samples } = spoken;
        let from = span.kept.start - pause..span.kept.end;
        let surplus = samples.len().saturating_sub((from.end - from.start) as usize);
        self.map.add(Piece { at: self.samples.len(), from, speech: span.speech });
        self.samples.extend(samples.into_iter().skip(surplus));
        self.end = span.kept.end;
    }

    fn wrap_up(&mut self) -> Option<Window> {
        let Self { channel, samples, map, .. } = std::mem::replace(self, Self::of(self.channel));
        (!samples.is_empty()).then(|| Window { samples: samples.into(), channel, map })
    }
}
