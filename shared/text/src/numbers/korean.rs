//! Numbers in Korean words, Sino-Korean and native, alone or mixed: 십사일, 이백열두 건, 이 주.

use super::Spelled;

const DIGITS: &str = "영일이삼사오육칠팔구";

const SCALES: &[(char, u64)] = &[('십', 10), ('백', 100), ('천', 1_000), ('만', 10_000), ('억', 100_000_000)];

/// Native tens, as they stand before units and alone.
const TENS: &[(&str, u64)] = &[
    ("열", 10),
    ("스물", 20),
    ("스무", 20),
    ("서른", 30),
    ("마흔", 40),
    ("쉰", 50),
    ("예순", 60),
    ("일흔", 70),
    ("여든", 80),
    ("아흔", 90),
];

/// Native units, longer ones first.
const UNITS: &[(&str, u64)] = &[
    ("하나", 1),
    ("다섯", 5),
    ("여섯", 6),
    ("일곱", 7),
    ("여덟", 8),
    ("아홉", 9),
    ("한", 1),
    ("둘", 2),
    ("두", 2),
    ("셋", 3),
    ("세", 3),
    ("넷", 4),
    ("네", 4),
];

/// What is counted, longer ones first; a number before one is no other word.
const COUNTERS: &[&str] = &[
    "퍼센트",
    "프로",
    "개월",
    "시간",
    "주일",
    "주간",
    "달러",
    "유로",
    "분기",
    "가지",
    "군데",
    "번째",
    "사람",
    "건",
    "명",
    "개",
    "년",
    "월",
    "일",
    "주",
    "시",
    "분",
    "초",
    "원",
    "대",
    "회",
    "차",
    "번",
    "장",
    "점",
    "달",
    "살",
    "층",
    "배",
    "권",
    "곳",
    "팀",
    "쪽",
    "호",
    "위",
    "기",
    "톤",
    "박",
];

/// Words that are numbers only when one reads them so.
const GENEROUS: &[(&str, u64)] = &[
    ("하루", 1),
    ("이틀", 2),
    ("사흘", 3),
    ("나흘", 4),
    ("반", 30),
    ("유월", 6),
    ("시월", 10),
    ("둘이", 2),
    ("셋이", 3),
];

/// A number that a word may be read as.
pub(super) fn generous(word: &str) -> Option<u64> {
    GENEROUS.iter().find(|(known, _)| word.starts_with(known)).map(|(_, value)| *value)
}

/// What a number in digits is multiplied by, as the text right behind it says: 30만.
pub(super) fn scale_of(after: &str) -> Option<u64> {
    let mut chars = after.chars();
    let (first, second) = (chars.next()?, chars.next());
    let scale =
        |character: char| SCALES.iter().find(|(known, _)| *known == character).map(|(_, scale)| *scale);
    let product = scale(first)?.saturating_mul(second.and_then(scale).unwrap_or(1));
    Some(product)
}

/// The numbers in words; a number and what it counts may be two words.
pub(super) fn spelled(words: &[String]) -> Vec<Spelled> {
    let next = words.iter().skip(1).map(String::as_str).chain([""]);
    words.iter().zip(next).filter_map(|(word, next)| number(word, next)).collect()
}

fn number(word: &str, next: &str) -> Option<Spelled> {
    // 십사일: 일 is the day and no digit; so the longest beginning is taken that leaves something that is counted.
    let ends: Vec<usize> = word.char_indices().map(|(at, _)| at).skip(1).chain([word.len()]).collect();
    ends.into_iter().rev().find_map(|end| {
        let (numeral, after) = word.split_at_checked(end)?;
        let value = read(numeral)?;
        let counted = |text: &str| COUNTERS.iter().any(|counter| text.starts_with(counter));
        // A word with a scale is a number by itself: 삼십만.
        let scaled = numeral.chars().count() >= 2
            && numeral.chars().any(|character| SCALES.iter().any(|(known, _)| *known == character));
        let holds = if after.is_empty() { scaled || counted(next) } else { counted(after) };
        holds.then_some(Spelled { value, parts: vec![value] })
    })
}

/// The value of a word that is nothing but a number.
fn read(numeral: &str) -> Option<u64> {
    let (mut total, mut group, mut digit) = (0_u64, 0_u64, None::<u64>);
    for (at, character) in numeral.char_indices() {
        let from = numeral.get(at..)?;
        if let Some((native, value)) = native(from) {
            // Native words end a number.
            return (digit.is_none() && native == from.len())
                .then(|| total.saturating_add(group).saturating_add(value));
        }
        if let Some(value) = DIGITS.chars().position(|known| known == character) {
            // Two digits in a row are read one by one, and are no amount.
            if digit.replace(u64::try_from(value).ok()?).is_some() {
                return None;
            }
        } else {
            let (_, scale) = SCALES.iter().find(|(known, _)| *known == character)?;
            if *scale >= 10_000 {
                let thousands = group.saturating_add(digit.unwrap_or(0)).max(1);
                (total, group) = (total.saturating_add(thousands.saturating_mul(*scale)), 0);
            } else {
                group = group.saturating_add(digit.unwrap_or(1).max(1).saturating_mul(*scale));
            }
            digit = None;
        }
    }
    Some(total.saturating_add(group).saturating_add(digit.unwrap_or(0)))
}

/// A native number at the beginning of `text`: its length in bytes, and its value.
fn native(text: &str) -> Option<(usize, u64)> {
    let begin = |table: &[(&'static str, u64)], text: &str| {
        table.iter().find(|(known, _)| text.starts_with(known)).map(|(known, value)| (known.len(), *value))
    };
    let (ten, tens) = begin(TENS, text).unwrap_or_default();
    let (unit, units) = begin(UNITS, text.get(ten..)?).unwrap_or_default();
    (ten + unit > 0).then_some((ten + unit, tens + units))
}
