//! Many channels become one.

/// Averages `planes` (one slice of samples per channel, equally long) into `mono`, which it replaces.
/// Samples that are no numbers, as hostile float files hold them, become silence; the rest stays in ±1.
pub(super) fn mix_down(planes: &[Vec<f32>], mono: &mut Vec<f32>) {
    mono.clear();
    let Some((first, others)) = planes.split_first() else { return };
    mono.extend_from_slice(first);
    for plane in others {
        mono.iter_mut().zip(plane).for_each(|(sum, sample)| *sum += sample);
    }
    let share = 1.0 / planes.len() as f32;
    mono.iter_mut().for_each(|sample| *sample = tame(*sample * share));
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
}
