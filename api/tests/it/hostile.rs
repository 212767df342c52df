//! The seeds of the fuzz targets about requests, and what fuzzing found, as they are and spoilt.

use std::{fs, path::Path};

use api::hostile::{Reader, last_event_id};

/// The seeds of a fuzz target, and what fuzzing found.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(target);
    fs::read_dir(folder).unwrap().map(|seed| fs::read(seed.unwrap().path()).unwrap()).collect()
}

/// The seeds, each with a few dozen spoilt copies.
fn spoilt(target: &str, mut judge: impl FnMut(&[u8])) {
    let mut state = 1_u32;
    let mut random = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below.max(1)
    };
    for seed in seeds(target) {
        judge(&seed);
        for _ in 0..50 {
            let mut spoilt = seed.clone();
            for _ in 0..=random(6) {
                let (from, to) = (random(spoilt.len()), random(spoilt.len()));
                match (random(3), spoilt.get(from).copied()) {
                    (0, Some(byte)) => spoilt.insert(to, byte),
                    (1, Some(_)) => drop(spoilt.remove(from)),
                    (_, Some(_)) => spoilt[from] = random(256) as u8,
                    _ => {}
                }
            }
            judge(&spoilt);
        }
    }
}

#[test]
fn forms_are_read_or_refused_however_they_are_cut() {
    let reader = Reader::new().unwrap();
    let accepted = seeds("form").iter().filter(|seed| reader.form(seed, 7).is_some()).count();
    assert!(accepted >= 2, "{accepted}");
    spoilt("form", |bytes| {
        let taken = reader.form(bytes, 4096);
        assert!(taken.is_none_or(|taken| taken <= bytes.len()));
        assert_eq!(reader.form(bytes, 5), taken, "{}", String::from_utf8_lossy(bytes));
    });
}

#[test]
fn metadata_is_read_or_refused() {
    let reader = Reader::new().unwrap();
    assert!(seeds("tus").iter().filter(|seed| reader.upload(seed, b"5").is_some()).count() >= 2);
    spoilt("tus", |bytes| {
        if let Some((name, size)) = reader.upload(bytes, b"5") {
            assert!((1..=255).contains(&name.chars().count()) && size == Some(5));
            assert!(!name.contains(['/', '\\', '\0', '\n']), "{name:?}");
        }
        if let Some((_, Some(size))) = reader.upload(b"", bytes) {
            assert_eq!(String::from_utf8_lossy(bytes).trim().parse(), Ok(size));
        }
    });
}

#[test]
fn numbers_of_events_have_digits_alone() {
    assert_eq!(last_event_id(b" 007 "), Some(7));
    assert_eq!(last_event_id(b"+7"), None);
    spoilt("resume", |bytes| {
        if let Some(number) = last_event_id(bytes) {
            assert_eq!(String::from_utf8_lossy(bytes).trim().parse(), Ok(number));
        }
    });
}
