//! Who speaks.

/// What a speaker is called until somebody knows better: `Speaker 1` is the first (0).
pub fn name(place: usize) -> String {
    format!("Speaker {}", place + 1)
}
