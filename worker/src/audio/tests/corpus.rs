//! The seeds of the fuzz targets in `fuzz/`, and what fuzzing found: each ends in sound or in a typed error.

use std::{fs, io::Cursor, path::Path};

use super::super::{AudioError, BuiltIn, SAMPLE_RATE};
use super::limits;

/// How many samples come out, at most those of a minute.
fn decoded(bytes: Vec<u8>) -> Result<usize, AudioError> {
    let mut recording = BuiltIn::open(Cursor::new(bytes), &limits())?;
    let (mut samples, mut made) = (Vec::new(), 0);
    while made < 60 * SAMPLE_RATE as usize && recording.fill(&mut samples)? {
        assert!(samples.iter().all(|sample| (-1.0..=1.0).contains(sample)));
        made += samples.len();
        samples.clear();
    }
    Ok(made)
}

/// Names and bytes; those that fuzzing found have no ending.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/decode");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap()))
        .collect()
}

#[test]
fn every_seed_gives_its_moment_of_sound() {
    let seeds = seeds();
    for (name, bytes) in seeds.iter().filter(|(name, _)| name.contains('.')) {
        let made = decoded(bytes.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!((3_000..8_000).contains(&made), "{name}: {made} samples");
    }
    assert!(seeds.len() >= 20, "{} seeds", seeds.len());
}

#[test]
fn spoilt_seeds_and_what_fuzzing_found_end_in_sound_or_a_typed_error() {
    let mut state = 1_u32;
    let mut random = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    for (name, bytes) in seeds() {
        let _ = decoded(bytes.clone());
        for _ in 0..40 {
            let mut spoilt = bytes.clone();
            for _ in 0..=random(8) {
                // Heads are where most of the harm is done.
                let place = if random(2) == 0 { random(bytes.len().min(256)) } else { random(bytes.len()) };
                spoilt[place] = random(256) as u8;
            }
            spoilt.truncate(spoilt.len() - random(2) * random(bytes.len()));
            if let Err(error) = decoded(spoilt) {
                assert!(error.to_string().ends_with('.'), "{name}: {error}");
            }
        }
    }
}
