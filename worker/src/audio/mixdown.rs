//! What becomes of a recording's channels.

/// How many channels come out of a recording of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Layout {
    /// One, the average of all.
    #[default]
    Mix,
    /// As many as there are.
    Split,
}

/// Puts `planes` (one slice of samples per channel, equally long) into `out` as so many interleaved channels: one is the
/// average of all. A plane that is missing, where a recording changes its channels on the way, is silence, and one too many
/// is left out.
pub(super) fn arrange(planes: &[Vec<f32>], channels: usize, out: &mut Vec<f32>) {
    if channels == 1 {
        return mix_down(planes, out);
    }
    out.clear();
    out.resize(planes.first().map_or(0, Vec::len) * channels, 0.0);
    for (channel, plane) in planes.iter().take(channels).enumerate() {
        let places = out.iter_mut().skip(channel).step_by(channels);
        places.zip(plane).for_each(|(place, sample)| *place = tame(*sample));
    }
}

/// Averages `planes` (one slice of samples per channel, equally long) into `mono`, which it replaces.
/// Samples that are no numbers, as hostile float files hold them, become silence; the rest stays in ±1.
fn mix_down(planes: &[Vec<f32>], mono: &mut Vec<f32>) {
    mono.clear();
    let Some((first, others)) = planes.split_first() else { return };
    mono.extend_from_slice(first);
    for plane in others {
        mono.iter_mut().zip(plane).for_each(|(sum, sample)| *sum += sample);
    }
    let share = 1.0 / planes.len() as f32;
    mono.iter_mut().for_each(|sample| *sample = tame(*sample * share));
}

/// The average of so many interleaved channels, which replaces what is in `mono`.
pub(super) fn mix_channels(samples: &[f32], channels: usize, mono: &mut Vec<f32>) {
    mono.clear();
    mono.extend(
        samples.chunks_exact(channels.max(1)).map(|frame| frame.iter().sum::<f32>() / frame.len() as f32),
    );
}

/// A sample in ±1, whatever came in.
pub(super) fn tame(sample: f32) -> f32 {
    if sample.is_nan() { 0.0 } else { sample.clamp(-1.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_averaged_and_kept_in_bounds() {
        let mut mono = vec![9.0];
        mix_down(&[vec![0.5, f32::NAN, 4.0], vec![0.25, 0.5, f32::INFINITY]], &mut mono);
        assert_eq!(mono, [0.375, 0.0, 1.0]);
        mix_down(&[], &mut mono);
        assert!(mono.is_empty());
    }

    #[test]
    fn channels_that_are_kept_apart_stand_side_by_side() {
        let (planes, mut out) = ([vec![0.5, 0.25], vec![f32::NAN, -3.0]], vec![9.0]);
        arrange(&planes, 2, &mut out);
        assert_eq!(out, [0.5, 0.0, 0.25, -1.0]);
        arrange(&planes, 3, &mut out);
        assert_eq!(out, [0.5, 0.0, 0.0, 0.25, -1.0, 0.0]);
        arrange(&planes, 1, &mut out);
        assert_eq!(out, [0.0, -1.0]);
    }
}
