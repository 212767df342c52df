//! Any rate and channels, and samples in any chunks: the output is as long as the input, to the sample, and in bounds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use worker::audio::{Resampler, SAMPLE_RATE};

fuzz_target!(|input: (u32, u8, Vec<(u16, f32)>)| {
    let (rate, channels, chunks) = input;
    let channels = 1 + usize::from(channels % 8);
    let rate = 4_000 + rate % 380_001;
    let Ok(mut resampler) = Resampler::new(rate, channels) else { return };
    let (mut out, mut taken) = (Vec::new(), 0);
    for (length, level) in chunks.into_iter().take(64) {
        let samples = vec![level; usize::from(length) * channels];
        resampler.push(&samples, &mut out).unwrap();
        taken += u64::from(length);
    }
    resampler.finish(&mut out).unwrap();
    let due = (taken * u64::from(SAMPLE_RATE) + u64::from(rate) / 2) / u64::from(rate);
    assert_eq!((out.len() / channels) as u64, due, "{taken} samples at {rate} Hz");
    assert!(rate == SAMPLE_RATE || out.iter().all(|sample| (-1.0..=1.0).contains(sample)));
});
