//! Where to cut a window whose halves may be understood better than the whole.

/// Samples (16 kHz) over which loudness is compared: 0.2 s, the length of a short pause.
const PAUSE: usize = 3_200;
/// A window is cut only if it has so many samples: 10 s.
const SHORTEST: usize = 160_000;

/// The two halves of `samples`, cut at the quietest moment of their middle, if there are enough of them.
pub fn split_at_pause(samples: &[f32]) -> Option<(&[f32], &[f32])> {
    if samples.len() < SHORTEST {
        return None;
    }
    let loudness = |chunk: &[f32]| chunk.iter().map(|sample| sample * sample).sum::<f32>();
    let middle =
        samples.chunks(PAUSE).enumerate().skip(samples.len() / PAUSE / 4).take(samples.len() / PAUSE / 2);
    let quietest = middle.min_by(|(_, one), (_, other)| loudness(one).total_cmp(&loudness(other)));
    quietest.and_then(|(at, _)| samples.split_at_checked(at * PAUSE + PAUSE / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cut_is_in_a_pause_near_the_middle() {
        let mut samples = vec![0.5; 320_000];
        samples[100_000..110_000].fill(0.01);
        samples[..40_000].fill(0.0);
        let (first, second) = split_at_pause(&samples).unwrap();
        assert!((100_000..110_000).contains(&first.len()), "{}", first.len());
        assert_eq!(first.len() + second.len(), samples.len());
        assert_eq!(split_at_pause(&samples[..150_000]), None);
    }
}
