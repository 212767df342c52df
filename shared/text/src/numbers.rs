//! Numbers in a text, in digits and in English or Korean words: an invented number is the costliest mistake.

mod english;
mod korean;

use std::{collections::HashSet, sync::LazyLock};

use regex::Regex;

use crate::{pattern::fixed, words::tokens};

/// Words for numbers up to this are counted with by people who write what nobody counted before.
const MAX_SMALL: u64 = 10;

/// A number in words: its value, and the values of its words.
#[derive(Debug, Default, PartialEq)]
struct Spelled {
    value: u64,
    parts: Vec<u64>,
}

/// Numbers that `text` states as a fact. Small ones in words are left out, since people also count with them what
/// nobody counted before.
pub fn stated(text: &str) -> HashSet<u64> {
    let in_digits = digits(text).into_iter().flat_map(|number| number.stated);
    let in_words = spelled(text).into_iter().map(|spelled| spelled.value).filter(|value| *value > MAX_SMALL);
    in_digits.chain(in_words).filter(|value| *value > 0).collect()
}

/// Numbers that `text` can support, however they are read: "sixty thousand" is 60,000 and also the 60 of 60k.
pub fn known(text: &str) -> HashSet<u64> {
    let mut found: HashSet<u64> =
        digits(text).into_iter().flat_map(|number| number.parts.into_iter().chain(number.stated)).collect();
    for spelled in spelled(text) {
        found.insert(spelled.value);
        found.extend(spelled.parts);
    }
    for token in tokens(text) {
        let word = token.to_lowercase();
        found.extend(english::generous(&word).or_else(|| korean::generous(&word)));
    }
    found
}

/// Numbers that are shares: 80 %, eighty percent, 팔십 퍼센트.
pub fn shares(text: &str) -> HashSet<u64> {
    let before = SHARE.captures_iter(text).filter_map(|found| found.get(1));
    before.flat_map(|number| known(number.as_str())).filter(|number| *number > 0).collect()
}

/// The word or the words before a sign for per cent.
static SHARE: LazyLock<Regex> =
    LazyLock::new(|| fixed(r"(?i)((?:[a-z]+[ -])?[\w.,]+) ?(?:%|per ?cent\b|퍼센트|프로(?:[^가-힣]|$))"));

fn spelled(text: &str) -> Vec<Spelled> {
    let words: Vec<String> = tokens(text).map(str::to_lowercase).collect();
    let mut found = english::spelled(&words);
    found.extend(korean::spelled(&words));
    found
}

/// A number in digits: what it states, and what it is made of.
struct Digits {
    stated: Vec<u64>,
    parts: Vec<u64>,
}

/// Numbers in digits: 60,000 is one, 3.5 is 3 and 5, 4.5 million and 30만 are multiplied, 60k is 60,000.
fn digits(text: &str) -> Vec<Digits> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find(|character: char| character.is_ascii_digit()) {
        let from = rest.get(begin..).unwrap_or_default();
        let end = from
            .find(|character: char| !character.is_ascii_digit() && character != ',')
            .unwrap_or(from.len());
        let (number, after) = from.split_at(end);
        let whole = value(number);
        // One digit behind the point, or two, as in 4.5 million; more are no amount.
        let fraction = after.strip_prefix('.').map(|rest| {
            rest.get(..rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len()))
                .unwrap_or_default()
        });
        let fraction = fraction.filter(|digits| (1..=3).contains(&digits.len())).unwrap_or_default();
        let tail = after.get(if fraction.is_empty() { 0 } else { fraction.len() + 1 }..).unwrap_or_default();
        let scale = korean::scale_of(tail).or_else(|| english::scale_of(tail));
        let parts: Vec<u64> =
            std::iter::once(whole).chain((!fraction.is_empty()).then(|| value(fraction))).collect();
        let stated = match scale {
            Some(scale) => {
                let power = 10_u64.pow(fraction.len() as u32);
                let small = value(fraction).saturating_mul(scale) / power;
                vec![whole.saturating_mul(scale).saturating_add(small)]
            }
            None => parts.clone(),
        };
        found.push(Digits { stated, parts });
        rest = tail;
    }
    found
}

fn value(digits: &str) -> u64 {
    let digits = digits.chars().filter_map(|character| character.to_digit(10));
    digits.fold(0, |value: u64, digit| value.saturating_mul(10).saturating_add(digit.into()))
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
        for (text, numbers) in [
            ("It costs $60,000.", &[60_000][..]),
            ("It costs sixty thousand dollars.", &[60_000]),
            ("two hundred and twelve, ninety nine, fifteen, 14%", &[14, 15, 99, 212]),
            ("one million two hundred thousand and forty", &[1_200_040]),
            ("a hundred and fifty, a thousand", &[150, 1000]),
            ("four and a half thousand", &[4500]),
            ("two and a half million, half a million", &[500_000, 2_500_000]),
            ("on the fourteenth, then the twenty-first", &[14, 21]),
            ("the thirtieth and the hundred and first", &[30, 101]),
            ("twenty twenty-six", &[2026]),
            ("nineteen eighty-four", &[1984]),
            ("4.5 million, 60k, 2.25 thousand", &[2250, 60_000, 4_500_000]),
            ("version 3.5", &[3, 5]),
            ("예산은 삼십만 원, 이백만원, 30만 원", &[300_000, 2_000_000]),
            ("십사일, 이십이일, 이백열두 건, 사백오십만 원", &[14, 22, 212, 4_500_000]),
            ("팔십 퍼센트, 천이백 명, 이천이십육년", &[80, 1200, 2026]),
            ("이사님이 세 시에 오십니다", &[]),
            ("오십니다, 만나요, 백업, 천천히, 십자가", &[]),
            ("", &[]),
        ] {
            assert_eq!(all(text), numbers, "{text}");
        }
    }

    #[test]
    fn shares_are_told_from_other_numbers() {
        for (text, number) in
            [("80% of 340", 80), ("eighty-five percent", 85), ("팔십 퍼센트가", 80), ("10 per cent", 10)]
        {
            assert!(shares(text).contains(&number), "{text}");
        }
        assert!(shares("80 crashes, 십 명").is_empty());
        assert!(!shares("340 crashes, 80%").contains(&340));
    }

    #[test]
    fn evidence_is_read_generously() {
        let known = known(
            "On the twenty first at half past nine, for sixty thousand dollars, a couple of times. 다음 회의는 열한 시입니다. \
             한 이 주는 걸리고 구월, 일월에, 삼 개월, 스물다섯 명, 서른 개.",
        );
        for value in [21, 9, 30, 60, 60_000, 2, 11, 1, 3, 25] {
            assert!(known.contains(&value), "{value}");
        }
        assert!(!known.contains(&70_000));
        assert!(super::known("three forty").is_superset(&HashSet::from([3, 40, 340])));
        assert!(super::known("300 and 40").is_superset(&HashSet::from([300, 40, 340])));
    }
}
