//! Codes of languages, as people and configurations name them.

/// In place of a language: whichever is spoken.
pub const AUTO: &str = "auto";

/// In place of a language: each window of the recording is recognised in its own.
pub const SEVERAL: &str = "multi";

/// Whether this can be the code of a language: two or three lower-case ASCII letters, as in ISO 639.
pub fn is_code(code: &str) -> bool {
    (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Whether this can stand for what is spoken: a code, or [`SEVERAL`].
pub fn is_spoken(code: &str) -> bool {
    code == SEVERAL || is_code(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_two_or_three_small_letters() {
        for code in ["en", "ko", "yue"] {
            assert!(is_code(code) && is_spoken(code), "{code}");
        }
        for other in ["", "e", "EN", "e1", "english", "한국", AUTO] {
            assert!(!is_code(other) && !is_spoken(other), "{other}");
        }
        assert!(is_spoken(SEVERAL) && !is_code(SEVERAL));
    }
}
