//! Any bytes as the number of the event that a watcher received last.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(number) = api::hostile::last_event_id(bytes) else { return };
    assert_eq!(String::from_utf8_lossy(bytes).trim().parse(), Ok(number));
});
