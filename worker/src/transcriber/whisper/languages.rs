//! The languages of Whisper's models, in the order of their tokens.

use whisper_rs::{get_lang_id, get_lang_str};

use crate::transcriber::{DetectedLanguage, TranscriberError};

/// The place of a language among the models' tokens.
pub(in super::super) fn language_number(code: &str) -> Option<usize> {
    let plain = code.bytes().all(|byte| byte.is_ascii_alphabetic());
    plain.then(|| get_lang_id(code)).flatten()?.try_into().ok()
}

/// The ISO 639-1 code of the language in that place.
pub(in super::super) fn language_code(number: usize) -> Option<&'static str> {
    get_lang_str(number.try_into().ok()?)
}

/// The languages, of which the probabilities stand in the order of their tokens: the most probable first.
///
/// # Errors
/// [`TranscriberError::EngineFailed`] if there are none.
pub(in super::super) fn most_probable(
    probabilities: impl IntoIterator<Item = f32>,
) -> Result<Vec<DetectedLanguage>, TranscriberError> {
    let named = |(number, probability)| {
        Some(DetectedLanguage { code: language_code(number)?.to_owned(), probability })
    };
    let mut languages: Vec<_> = probabilities.into_iter().enumerate().filter_map(named).collect();
    languages.sort_by(|one, other| other.probability.total_cmp(&one.probability));
    if languages.is_empty() {
        return Err(TranscriberError::failed("it named no language"));
    }
    Ok(languages)
}
