//! Numbers in a text, in digits and in English or Korean words: an invented number is the costliest mistake.

use std::collections::HashSet;

use crate::words::tokens;

const UNITS: &[(&str, u64)] = &[
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];

const SCALES: &[(&str, u64)] =
    &[("hundred", 100), ("thousand", 1_000), ("million", 1_000_000), ("billion", 1_000_000_000)];

/// Words that are numbers only when one reads them so: used to support a number, not to ask for one.
const WORDS_FOR_NUMBERS: &[(&str, u64)] = &[
    ("half", 30),
    ("quarter", 15),
    ("dozen", 12),
    ("first", 1),
    ("second", 2),
    ("third", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("sixth", 6),
    ("seventh", 7),
    ("eighth", 8),
    ("ninth", 9),
    ("tenth", 10),
    ("한", 1),
    ("하나", 1),
    ("두", 2),
    ("둘", 2),
    ("세", 3),
    ("셋", 3),
    ("네", 4),
    ("넷", 4),
    ("다섯", 5),
    ("여섯", 6),
    ("일곱", 7),
    ("여덟", 8),
    ("아홉", 9),
    ("열", 10),
    ("열한", 11),
    ("열두", 12),
    ("반", 30),
];

const KOREAN_DIGITS: &str = "영일이삼사오육칠팔구";

/// What follows a number in the same word: counters and particles.
const KOREAN_AFTER: &str = "원명개년월일시분초건대회차번장점세주은는이가을를에로";

const KOREAN_SCALES: &[(char, u64)] =
    &[('십', 10), ('백', 100), ('천', 1_000), ('만', 10_000), ('억', 100_000_000)];

/// Numbers that `text` states as a fact. Small ones in words are left out, since people also count with them what
/// nobody counted before.
pub fn stated(text: &str) -> HashSet<u64> {
    let in_digits = digits(text).map(|(value, scale)| value.saturating_mul(scale));
    let in_words = spelled(text).into_iter().map(|run| run.total).filter(|value| *value > 10);
    in_digits.chain(in_words).filter(|value| *value > 0).collect()
}

/// Numbers that `text` can support, however they are read: "sixty thousand" is 60,000 and also the 60 of 60k.
pub fn known(text: &str) -> HashSet<u64> {
    let mut found: HashSet<u64> =
        digits(text).flat_map(|(value, scale)| [value, value.saturating_mul(scale)]).collect();
    for run in spelled(text) {
        found.insert(run.total);
        found.extend(run.parts);
    }
    for token in tokens(text) {
        found.extend(lookup(WORDS_FOR_NUMBERS, &token.to_lowercase()));
    }
    found
}

fn lookup(table: &[(&str, u64)], word: &str) -> Option<u64> {
    table.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

/// Numbers in digits with what they are multiplied by: 60,000 is one, 3.5 is 3 and 5, 30만 is 30 times 10,000.
fn digits(text: &str) -> impl Iterator<Item = (u64, u64)> {
    let mut chars = text.chars().peekable();
    std::iter::from_fn(move || {
        let mut value = u64::from(chars.find_map(|character| character.to_digit(10))?);
        while let Some(next) = chars.next_if(|next| next.is_ascii_digit() || *next == ',') {
            if let Some(digit) = next.to_digit(10) {
                value = value.saturating_mul(10).saturating_add(digit.into());
            }
        }
        let scale = chars.peek().and_then(|next| KOREAN_SCALES.iter().find(|(known, _)| known == next));
        Some((value, scale.map_or(1, |(_, scale)| *scale)))
    })
}

/// A number in words: its value, and the values of its words.
#[derive(Default)]
struct Run {
    total: u64,
    /// Below the last thousand or million.
    rest: u64,
    parts: Vec<u64>,
}

impl Run {
    /// Goes on with a word, if the number can go on with it: "ninety nine", but not "nine ninety".
    fn take(&mut self, word: &str) -> bool {
        // "Twenty" goes on with "first".
        let ordinal = || lookup(WORDS_FOR_NUMBERS, word).filter(|_| !self.parts.is_empty());
        if let Some(value) = lookup(UNITS, word).or_else(ordinal) {
            let fits = self.parts.is_empty()
                || self.rest.is_multiple_of(100) && value < 100
                || self.rest.is_multiple_of(10) && self.rest % 100 >= 20 && (1..10).contains(&value);
            if fits {
                self.rest += value;
                self.parts.push(value);
            }
            return fits;
        }
        let Some(scale) = lookup(SCALES, word).filter(|_| self.rest > 0) else { return false };
        let scaled = self.rest.saturating_mul(scale);
        (self.total, self.rest) =
            if scale == 100 { (self.total, scaled) } else { (self.total.saturating_add(scaled), 0) };
        true
    }
}

fn spelled(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut open = Run::default();
    for token in tokens(text) {
        let word = token.to_lowercase();
        let is_link = word == "and" && !open.parts.is_empty() && open.rest.is_multiple_of(100);
        if is_link || open.take(&word) {
            continue;
        }
        runs.push(std::mem::take(&mut open));
        if !open.take(&word) {
            runs.extend(korean(token).map(|total| Run { total, parts: vec![total], rest: 0 }));
        }
    }
    runs.push(open);
    runs.retain(|run| !run.parts.is_empty());
    runs.iter_mut().for_each(|run| run.total = run.total.saturating_add(run.rest));
    runs
}

/// 삼십만원 is 300,000. Without a scale it is no number: 이사 is a director, not 24; nor is 오십니다, somebody comes.
fn korean(token: &str) -> Option<u64> {
    let (mut total, mut group, mut digit, mut scaled) = (0_u64, 0_u64, 0_u64, false);
    let mut length = 0;
    for character in token.chars() {
        if let Some(value) = KOREAN_DIGITS.chars().position(|known| known == character) {
            digit = u64::try_from(value).ok()?;
        } else if let Some((_, scale)) = KOREAN_SCALES.iter().find(|(known, _)| *known == character) {
            scaled = true;
            if *scale >= 10_000 {
                (total, group, digit) = (total + (group + digit).max(1) * scale, 0, 0);
            } else {
                (group, digit) = (group + digit.max(1) * scale, 0);
            }
        } else if KOREAN_AFTER.contains(character) {
            break;
        } else {
            return None;
        }
        length += 1;
    }
    (scaled && length >= 2).then_some(total + group + digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<u64> {
        let mut found: Vec<u64> = stated(text).into_iter().collect();
        found.sort_unstable();
        found
    }

    #[test]
    fn digits_and_words_mean_the_same() {
        assert_eq!(all("It costs $60,000."), [60_000]);
        assert_eq!(all("It costs sixty thousand dollars."), [60_000]);
        assert_eq!(all("two hundred and twelve, ninety nine, fifteen, 14%"), [14, 15, 99, 212]);
        assert_eq!(all("one million two hundred thousand and forty"), [1_200_040]);
        assert_eq!(all("예산은 삼십만 원, 이백만원, 30만 원"), [300_000, 2_000_000]);
        assert_eq!(all("이사님이 세 시에 오십니다"), Vec::<u64>::new());
    }

    #[test]
    fn evidence_is_read_generously() {
        let known = known(
            "On the twenty first at half past nine, for sixty thousand dollars. 다음 회의는 열한 시입니다.",
        );
        for value in [21, 9, 30, 60, 60_000, 11] {
            assert!(known.contains(&value), "{value}");
        }
        assert!(!known.contains(&70_000));
    }
}
