//! Numbers in English words.

use super::Spelled;

const UNITS: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: &[(&str, u64)] = &[
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
];

const ORDINALS: &[(&str, u64)] =
    &[("first", 1), ("second", 2), ("third", 3), ("fifth", 5), ("eighth", 8), ("ninth", 9), ("twelfth", 12)];

const SCALES: &[(&str, u64)] = &[
    ("hundred", 100),
    ("thousand", 1_000),
    ("million", 1_000_000),
    ("billion", 1_000_000_000),
    ("k", 1_000),
];

/// Words that are numbers only when one reads them so: used to support a number, not to ask for one.
const GENEROUS: &[(&str, u64)] =
    &[("half", 30), ("quarter", 15), ("dozen", 12), ("couple", 2), ("pair", 2), ("twice", 2), ("once", 1)];

fn lookup(table: &[(&str, u64)], word: &str) -> Option<u64> {
    table.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

/// A number that a word may be read as.
pub(super) fn generous(word: &str) -> Option<u64> {
    lookup(GENEROUS, word).or_else(|| ordinal(word))
}

/// What a number in digits is multiplied by, as the text behind it says.
pub(super) fn scale_of(after: &str) -> Option<u64> {
    let word = after.trim_start_matches([' ', '-']);
    let word =
        word.get(..word.find(|character: char| !character.is_ascii_alphabetic()).unwrap_or(word.len()))?;
    // "60k" but not "60 K".
    let scale = lookup(SCALES, &word.to_lowercase()).filter(|scale| *scale > 100)?;
    (word.len() > 1 || after.starts_with(word)).then_some(scale)
}

fn cardinal(word: &str) -> Option<u64> {
    let unit = UNITS.iter().position(|known| *known == word).and_then(|value| u64::try_from(value).ok());
    unit.or_else(|| lookup(TENS, word))
}

fn ordinal(word: &str) -> Option<u64> {
    let regular = |word: &str| {
        let base = word.strip_suffix("th")?;
        base.strip_suffix("ie").map_or_else(|| cardinal(base), |tens| lookup(TENS, &format!("{tens}y")))
    };
    lookup(ORDINALS, word).or_else(|| regular(word))
}

/// A number while its words come.
#[derive(Default)]
struct Run {
    total: u64,
    /// Below the last thousand or million.
    rest: u64,
    parts: Vec<u64>,
    /// Whether an ordinal ended it.
    ended: bool,
}

impl Run {
    /// Goes on with a word, if the number can go on with it: "ninety nine", but not "nine ninety".
    fn take(&mut self, word: &str) -> bool {
        if self.ended {
            return false;
        }
        // "Twenty" goes on with "first", and "fourteenth" is a number of its own; "second" alone is mostly none.
        let last = ordinal(word).filter(|value| !self.parts.is_empty() || *value > 10);
        if let Some(value) = cardinal(word).or(last) {
            return self.add(value, last.is_some());
        }
        let hundredth = word.strip_suffix("th").and_then(|base| lookup(SCALES, base));
        let Some(scale) = lookup(SCALES, word).or(hundredth).filter(|_| self.rest > 0) else { return false };
        let scaled = self.rest.saturating_mul(scale);
        (self.total, self.rest) =
            if scale == 100 { (self.total, scaled) } else { (self.total.saturating_add(scaled), 0) };
        self.ended = hundredth.is_some();
        true
    }

    fn add(&mut self, value: u64, last: bool) -> bool {
        let fits = self.parts.is_empty()
            || self.rest.is_multiple_of(100) && value < 100
            || self.rest.is_multiple_of(10) && self.rest % 100 >= 20 && (1..10).contains(&value);
        // "Twenty twenty-six" and "nineteen eighty-four" are years.
        let year = self.total == 0
            && self.parts.len() == 1
            && (19..=21).contains(&self.rest)
            && (10..100).contains(&value);
        if year {
            self.rest *= 100;
        }
        if fits || year {
            self.rest += value;
            self.parts.push(value);
            self.ended = last;
        }
        fits || year
    }
}

/// The numbers in words; each with its parts, and neighbours read as one: "three forty" is also 340.
pub(super) fn spelled(words: &[String]) -> Vec<Spelled> {
    let mut found: Vec<Spelled> = Vec::new();
    let mut open = Run::default();
    let mut at = 0;
    let close = |open: &mut Run, found: &mut Vec<Spelled>| {
        let run = std::mem::take(open);
        if !run.parts.is_empty() {
            found.push(Spelled { value: run.total.saturating_add(run.rest), parts: run.parts });
        }
    };
    while let Some(word) = words.get(at).map(String::as_str) {
        let next = |by: usize| words.get(at + by).map_or("", String::as_str);
        let scale = |by: usize| lookup(SCALES, next(by));
        if !open.parts.is_empty() && word == "and" && next(1) == "a" && next(2) == "half" {
            if let Some(scale) = scale(3) {
                open.rest = open.rest.saturating_mul(scale).saturating_add(scale / 2);
            }
            close(&mut open, &mut found);
            at += if scale(3).is_some() { 4 } else { 3 };
            continue;
        }
        if let Some(scale) = scale(2).filter(|_| word == "half" && next(1) == "a") {
            close(&mut open, &mut found);
            found.push(Spelled { value: scale / 2, parts: Vec::new() });
            at += 3;
            continue;
        }
        let linked = word == "and"
            && !open.parts.is_empty()
            && (open.rest + open.total).is_multiple_of(100)
            && (cardinal(next(1)).is_some() || ordinal(next(1)).is_some());
        let article = matches!(word, "a" | "the") && scale(1).is_some_and(|scale| scale >= 100);
        if article {
            close(&mut open, &mut found);
            open.add(1, false);
        } else if !linked && !open.take(word) {
            close(&mut open, &mut found);
            open.take(word);
        }
        at += 1;
    }
    close(&mut open, &mut found);
    found.extend(joined(words));
    found
}

/// "Three forty" for 340, and "300 and 40", as recognisers write it.
fn joined(words: &[String]) -> Option<Spelled> {
    let value = |word: &String| cardinal(word).or_else(|| word.parse().ok());
    let mut all = Spelled::default();
    let numbers: Vec<(usize, u64)> =
        words.iter().enumerate().filter_map(|(at, word)| Some((at, value(word)?))).collect();
    for ((first, one), (second, other)) in numbers.iter().zip(numbers.iter().skip(1)) {
        if second - first == 1 && (1..10).contains(one) && (10..100).contains(other) {
            all.parts.push(one * 100 + other);
        }
        let and = second - first == 2 && words.get(first + 1).is_some_and(|word| word == "and");
        if and && *one >= 100 && one.is_multiple_of(100) && *other < 100 {
            all.parts.push(one.saturating_add(*other));
        }
    }
    (!all.parts.is_empty()).then_some(all)
}
