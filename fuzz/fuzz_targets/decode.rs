//! Any bytes: probe, decode, resample. A panic inside a decoder is caught, as in the program; whatever else goes wrong
//! is found.
#![no_main]

use std::{io::Cursor, panic};

use libfuzzer_sys::fuzz_target;
use worker::audio::{BuiltIn, DecodeLimits, SAMPLE_RATE};

/// Sound that is enough of one input: two minutes.
const ENOUGH: usize = 120 * SAMPLE_RATE as usize;

fuzz_target!(
    init: panic::set_hook(Box::new(|_| ())),
    |bytes: &[u8]| {
        let Ok(mut recording) = BuiltIn::open(Cursor::new(bytes.to_vec()), &DecodeLimits::default()) else { return };
        let (mut samples, mut made) = (Vec::new(), 0);
        while made < ENOUGH && recording.fill(&mut samples).unwrap_or(false) {
            assert!(samples.iter().all(|sample| (-1.0..=1.0).contains(sample)), "a sample out of bounds");
            made += samples.len();
            samples.clear();
        }
    }
);
