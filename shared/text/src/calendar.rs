//! Weekdays and months, in whatever language they are said: a wrong date is as costly as a wrong number.

use std::{collections::HashSet, sync::LazyLock};

use regex::Regex;

use crate::{pattern::fixed, words::tokens};

/// A weekday or a month, the same in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Calendar {
    /// A weekday, Monday being 0.
    Weekday(u8),
    /// A month, January being 0.
    Month(u8),
}

/// Weekdays from Monday: English, German, French, Spanish, Italian, Portuguese, Dutch.
const WEEKDAYS: [&[&str]; 7] = [
    &["monday", "montag", "lundi", "lunes", "lunedì", "segunda-feira", "maandag"],
    &["tuesday", "dienstag", "mardi", "martes", "martedì", "terça-feira", "dinsdag"],
    &["wednesday", "mittwoch", "mercredi", "miércoles", "mercoledì", "quarta-feira", "woensdag"],
    &["thursday", "donnerstag", "jeudi", "jueves", "giovedì", "quinta-feira", "donderdag"],
    &["friday", "freitag", "vendredi", "viernes", "venerdì", "sexta-feira", "vrijdag"],
    &["saturday", "samstag", "sonnabend", "samedi", "sábado", "sabato", "zaterdag"],
    &["sunday", "sonntag", "dimanche", "domingo", "domenica", "zondag"],
];

/// Months from January, in the same languages.
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "jänner", "janvier", "enero", "gennaio", "janeiro", "januari"],
    &["february", "februar", "février", "febrero", "febbraio", "fevereiro", "februari"],
    &["march", "märz", "mars", "marzo", "março", "maart"],
    &["april", "avril", "abril", "aprile"],
    &["may", "mai", "mayo", "maggio", "maio", "mei"],
    &["june", "juni", "juin", "junio", "giugno", "junho"],
    &["july", "juli", "juillet", "julio", "luglio", "julho"],
    &["august", "août", "agosto", "augustus"],
    &["september", "septembre", "septiembre", "settembre", "setembro"],
    &["october", "oktober", "octobre", "octubre", "ottobre", "outubro"],
    &["november", "novembre", "noviembre", "novembro"],
    &["december", "dezember", "décembre", "diciembre", "dicembre", "dezembro"],
];

/// Korean and Japanese weekdays in their order, Korean and Japanese months as they are written and said.
static EAST_ASIAN: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"([월화수목금토일])요일|([月火水木金土日])曜|\b(\d{1,2}) ?월|(\d{1,2})月|(?:^|[^가-힣])(일|이|삼|사|오|유|칠|팔|구|시|십일|십이)월(?:$|[^가-힣]|[은는이가을에의중말초])",
    )
});

const SPOKEN_MONTHS: [&str; 12] =
    ["일", "이", "삼", "사", "오", "유", "칠", "팔", "구", "시", "십일", "십이"];

/// The weekdays and months that are named in `text`.
pub fn named(text: &str) -> HashSet<Calendar> {
    let find = |names: &[&[&str]], word: &str| {
        let is = |name: &&str| word == *name || word.strip_suffix('s') == Some(name);
        names.iter().position(|names| names.iter().any(&is)).and_then(|at| u8::try_from(at).ok())
    };
    let mut found = HashSet::new();
    let words: Vec<&str> = text
        .split_whitespace()
        .flat_map(|word| if word.contains("-feira") { vec![word] } else { tokens(word).collect() })
        .collect();
    for (at, word) in words.iter().enumerate() {
        let lower = word.to_lowercase();
        found.extend(find(&WEEKDAYS, &lower).map(Calendar::Weekday));
        let month = find(&MONTHS, &lower).filter(|_| !is_verb(&words, at, &lower));
        found.extend(month.map(Calendar::Month));
    }
    for day in EAST_ASIAN.captures_iter(text) {
        let group = |at: usize| day.get(at).map(|found| found.as_str());
        let place =
            |chars: &str, character: &str| chars.chars().position(|known| character.starts_with(known));
        let weekday = group(1)
            .and_then(|day| place("월화수목금토일", day))
            .or_else(|| place("月火水木金土日", group(2)?));
        found.extend(weekday.and_then(|day| u8::try_from(day).ok()).map(Calendar::Weekday));
        let digits = group(3).or(group(4)).and_then(|month| month.parse::<u8>().ok()?.checked_sub(1));
        let spoken = || {
            group(5)
                .and_then(|said| u8::try_from(SPOKEN_MONTHS.iter().position(|month| *month == said)?).ok())
        };
        found.extend(digits.or_else(spoken).filter(|month| *month < 12).map(Calendar::Month));
    }
    found
}

/// Whether "may" or "march" is a verb here: a month has a capital letter and does not begin the text, or has a number
/// beside it.
fn is_verb(words: &[&str], at: usize, lower: &str) -> bool {
    let word = words.get(at).copied().unwrap_or_default();
    let number = |at: Option<usize>| {
        at.and_then(|at| words.get(at))
            .is_some_and(|near| near.starts_with(|character: char| character.is_ascii_digit()))
    };
    let dated = number(at.checked_sub(1)) || number(Some(at + 1));
    let asks = words.get(at + 1).is_some_and(|next| {
        matches!(next.to_lowercase().as_str(), "i" | "we" | "you" | "he" | "she" | "they")
    });
    matches!(lower, "may" | "march" | "mars" | "mei") && !dated && (at == 0 || asks || word == lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_months_are_the_same_in_every_language() {
        use Calendar::{Month, Weekday};
        for (text, expected) in [
            ("by Friday, Mondays off", &[Weekday(0), Weekday(4)][..]),
            ("금요일까지, 월요일에", &[Weekday(0), Weekday(4)]),
            ("bis Freitag", &[Weekday(4)]),
            ("terça-feira", &[Weekday(1)]),
            ("金曜日まで", &[Weekday(4)]),
            ("in September, May 5, in May", &[Month(4), Month(8)]),
            ("We may march. May we?", &[]),
            ("9월에, 12월", &[Month(8), Month(11)]),
            ("구월에 대현 씨, 일월 전에는", &[Month(0), Month(8)]),
            ("12月", &[Month(11)]),
            ("99월", &[]),
            ("이월된 예산, 매월", &[]),
        ] {
            let mut found: Vec<Calendar> = named(text).into_iter().collect();
            found.sort_unstable();
            assert_eq!(found, expected, "{text}");
        }
    }
}
