//! Any bytes as the metadata and the length of an upload in pieces.
#![no_main]

use api::hostile::Reader;
use libfuzzer_sys::fuzz_target;

thread_local!(static READER: Reader = Reader::new().unwrap());

fuzz_target!(|input: (Vec<u8>, Vec<u8>)| {
    let Some((name, _)) = READER.with(|reader| reader.upload(&input.0, &input.1)) else { return };
    assert!((1..=255).contains(&name.chars().count()) && !name.contains(['/', '\\', '\0', '\n']), "{name:?}");
});
