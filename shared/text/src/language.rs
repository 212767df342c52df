//! In which language a text is written.

use whatlang::{Lang, Script, detect};

/// The language of `text` as an ISO 639-1 code; `en` where it cannot be told.
pub fn of(text: &str) -> &'static str {
    // Of a few words in Latin letters there is mostly no telling.
    let found = detect(text).filter(|found| found.is_reliable() || found.script() != Script::Latin);
    match found.map(|found| found.lang()) {
        Some(Lang::Ara) => "ar",
        Some(Lang::Ben) => "bn",
        Some(Lang::Bul) => "bg",
        Some(Lang::Cat) => "ca",
        Some(Lang::Ces) => "cs",
        Some(Lang::Cmn) => "zh",
        Some(Lang::Dan) => "da",
        Some(Lang::Deu) => "de",
        Some(Lang::Ell) => "el",
        Some(Lang::Est) => "et",
        Some(Lang::Fin) => "fi",
        Some(Lang::Fra) => "fr",
        Some(Lang::Heb) => "he",
        Some(Lang::Hin) => "hi",
        Some(Lang::Hrv) => "hr",
        Some(Lang::Hun) => "hu",
        Some(Lang::Ind) => "id",
        Some(Lang::Ita) => "it",
        Some(Lang::Jpn) => "ja",
        Some(Lang::Kor) => "ko",
        Some(Lang::Lit) => "lt",
        Some(Lang::Lav) => "lv",
        Some(Lang::Nld) => "nl",
        Some(Lang::Nob) => "no",
        Some(Lang::Pes) => "fa",
        Some(Lang::Pol) => "pl",
        Some(Lang::Por) => "pt",
        Some(Lang::Ron) => "ro",
        Some(Lang::Rus) => "ru",
        Some(Lang::Slk) => "sk",
        Some(Lang::Slv) => "sl",
        Some(Lang::Spa) => "es",
        Some(Lang::Srp) => "sr",
        Some(Lang::Swe) => "sv",
        Some(Lang::Tam) => "ta",
        Some(Lang::Tha) => "th",
        Some(Lang::Tur) => "tr",
        Some(Lang::Ukr) => "uk",
        Some(Lang::Urd) => "ur",
        Some(Lang::Vie) => "vi",
        _ => "en",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_by_their_words() {
        for (text, code) in [
            ("Okay, I think we can start. Tom, you are on mute, I think, and nobody can hear you.", "en"),
            ("네, 그럼 시작해 볼까요. 다들 들리시죠?", "ko"),
            ("Guten Morgen, wir fangen jetzt mit der Besprechung an, sobald alle da sind.", "de"),
            ("", "en"),
            ("?!", "en"),
        ] {
            assert_eq!(of(text), code, "{text}");
        }
    }
}
