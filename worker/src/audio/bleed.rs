//! Whoever speaks into one microphone is heard by the others, too, but fainter: such frames are no speech there.

/// One frame of one channel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// How probably it is speech, 0 to 1.
    pub(super) probability: f32,
    /// The sum of its amplitudes.
    pub(super) loudness: f32,
}

/// From this probability on somebody speaks.
const SPEECH: f32 = 0.5;
/// A voice that is so many times fainter than another at the same time bleeds through from there: 10 dB. Two people who
/// speak at the same time are seldom so far apart.
const FAINTER: f32 = 3.2;
/// How much a frame changes the loudness, so that it is that of about 0.1 s.
const CHANGE: f32 = 1.0 / 6.0;
/// Frames that a voice counts after its last one of speech, as rooms do not fall silent at once.
const LINGERS: u32 = 20;

/// Tells own voices from others in channels that are heard side by side.
pub(super) struct Bleed {
    voices: Vec<Voice>,
}

#[derive(Clone, Default)]
struct Voice {
    loudness: f32,
    /// Frames for which it still counts.
    counts: u32,
}

impl Voice {
    fn hear(&mut self, frame: Frame) -> f32 {
        self.loudness += (frame.loudness - self.loudness) * CHANGE;
        self.counts = if frame.probability >= SPEECH { LINGERS } else { self.counts.saturating_sub(1) };
        if self.counts > 0 { self.loudness } else { 0.0 }
    }
}

impl Bleed {
    /// For so many channels.
    pub(super) fn of(channels: usize) -> Self {
        Self { voices: vec![Voice::default(); channels] }
    }

    /// Makes the frames that bled through no speech. All channels give equally many frames at a time.
    pub(super) fn silence(&mut self, heard: &mut [Vec<Frame>]) {
        if heard.len() < 2 {
            return;
        }
        for at in 0..heard.iter().map(Vec::len).min().unwrap_or_default() {
            let now = heard.iter().map(|frames| frames.get(at).copied());
            let loud = self
                .voices
                .iter_mut()
                .zip(now)
                .map(|(voice, frame)| frame.map_or(0.0, |frame| voice.hear(frame)));
            let loudest = loud.fold(0.0, f32::max);
            for (voice, frames) in self.voices.iter().zip(heard.iter_mut()) {
                if let Some(frame) = frames.get_mut(at).filter(|_| voice.loudness * FAINTER < loudest) {
                    frame.probability = 0.0;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many frames are left as speech when two channels are so loud for so many frames each.
    fn left(runs: &[(usize, [f32; 2])]) -> [usize; 2] {
        let mut bleed = Bleed::of(2);
        let frame = |loudness: f32| Frame { probability: if loudness > 0.0 { 0.9 } else { 0.0 }, loudness };
        let mut heard: [Vec<Frame>; 2] = std::array::from_fn(|channel| {
            runs.iter().flat_map(|(count, loud)| vec![frame(loud[channel]); *count]).collect()
        });
        bleed.silence(&mut heard);
        heard.map(|frames| frames.iter().filter(|frame| frame.probability > 0.0).count())
    }

    #[test]
    fn the_echo_of_another_voice_is_no_speech() {
        let [own, echo] = left(&[(20, [0.0, 0.0]), (200, [10.0, 1.0]), (40, [0.0, 0.0]), (100, [1.0, 10.0])]);
        assert_eq!((own, echo), (200, 100));
    }

    #[test]
    fn two_who_speak_at_once_are_both_heard() {
        assert_eq!(left(&[(200, [10.0, 5.0])]), [200, 200]);
        // An answer that is as loud begins while the room still sounds.
        let [_, answer] = left(&[(200, [10.0, 0.0]), (100, [0.0, 10.0])]);
        assert!(answer >= 92, "{answer}");
    }

    #[test]
    fn a_loud_hum_silences_nobody() {
        let mut bleed = Bleed::of(2);
        let mut heard = [
            vec![Frame { probability: 0.1, loudness: 50.0 }; 99],
            vec![Frame { probability: 0.9, loudness: 1.0 }; 99],
        ];
        bleed.silence(&mut heard);
        assert!(heard[1].iter().all(|frame| frame.probability > 0.5));
    }
}
