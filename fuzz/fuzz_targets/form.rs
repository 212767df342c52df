//! Any bytes as a form, in chunks of any length.
#![no_main]

use api::hostile::Reader;
use libfuzzer_sys::fuzz_target;

thread_local!(static READER: Reader = Reader::new().unwrap());

fuzz_target!(|input: (u8, Vec<u8>)| {
    let (chunk, bytes) = input;
    let chunked = READER.with(|reader| reader.form(&bytes, usize::from(chunk)));
    assert_eq!(chunked, READER.with(|reader| reader.form(&bytes, 4096)), "it depends on how the form is cut");
});
