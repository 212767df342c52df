//! Remarks of a model about what is heard but not said, such as `[Music]` or `(applause)`, are taken out of its text.

use std::ops::Range;

use super::{Sound, SpokenText, SpokenWord};

/// Signs around a remark.
const BRACKETS: [(char, char); 3] = [('[', ']'), ('(', ')'), ('♪', '♪')];
/// What stands in brackets and has more words is said.
const MAX_REMARK_WORDS: usize = 5;
/// Parts of remarks about speech that was not understood, which is no sound to be told instead of it.
const ABOUT_SPEECH: [&str; 7] =
    ["speak", "talk", "foreign", "inaudible", "indistinct", "unintelligible", "mumbl"];

/// Parts the remarks from what is said in a range of a window. A sound goes on from the word before it to the word
/// behind it.
pub(super) fn part(texts: Vec<SpokenText>, range: &Range<usize>) -> (Vec<SpokenText>, Vec<Sound>) {
    let words: Vec<Place> = texts.iter().flat_map(places).collect();
    let remarks = remarks(&words);
    if remarks.is_empty() {
        return (texts, Vec::new());
    }
    let end_before =
        |at: usize| words.get(..at).and_then(<[_]>::last).map_or(range.start, |place| place.word.end);
    let start_behind = |at: usize| words.get(at).map_or(range.end, |place| place.word.start);
    let sound = |remark: &Range<usize>| {
        let name: String = words.get(remark.clone())?.iter().map(|place| place.word.text.as_str()).collect();
        let range = end_before(remark.start)..start_behind(remark.end).max(end_before(remark.start));
        let name = name.trim().to_owned();
        let lower = name.to_lowercase();
        (!ABOUT_SPEECH.iter().any(|part| lower.contains(part))).then_some(Sound { range, name })
    };
    let sounds = remarks.iter().filter_map(sound).collect();
    let mut at = 0..;
    let mut is_said =
        |_: &SpokenWord| at.next().is_some_and(|at| !remarks.iter().any(|remark| remark.contains(&at)));
    let said = texts.into_iter().filter_map(|text| text.only(&mut is_said)).collect();
    (said, joined(sounds))
}

/// A word of a text.
struct Place<'a> {
    word: &'a SpokenWord,
    is_first: bool,
    is_last: bool,
}

fn places(text: &SpokenText) -> impl Iterator<Item = Place<'_>> {
    let last = text.words.len().saturating_sub(1);
    text.words.iter().enumerate().map(move |(at, word)| Place {
        word,
        is_first: at == 0,
        is_last: at == last,
    })
}

/// The places of the remarks, in order.
fn remarks(words: &[Place<'_>]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for start in 0..words.len() {
        if found.last().is_none_or(|last| last.end <= start)
            && let Some(length) = words.get(start..).and_then(remark)
        {
            found.push(start..start + length);
        }
    }
    found
}

/// The length of the remark that some words begin with. What stands in round brackets within a sentence may be said.
fn remark(words: &[Place<'_>]) -> Option<usize> {
    let first = words.first()?;
    let opening = first.word.text.trim_start().chars().next()?;
    let (_, closing) = BRACKETS.iter().find(|(open, _)| *open == opening)?;
    let closes = |place: &Place<'_>| {
        let text = place.word.text.trim().trim_end_matches(['.', ',', '!', '?']);
        text.ends_with(*closing) && text.chars().count() > 1
    };
    let length = 1 + words.iter().take(MAX_REMARK_WORDS).position(closes)?;
    let alone = first.is_first && words.get(length - 1)?.is_last;
    (alone || opening == '[').then_some(length)
}

/// Sounds of the same name, one right behind the other, as one.
fn joined(sounds: Vec<Sound>) -> Vec<Sound> {
    let mut all: Vec<Sound> = Vec::new();
    for sound in sounds {
        match all.last_mut().filter(|last| last.name == sound.name && last.range.end >= sound.range.start) {
            Some(last) => last.range.end = sound.range.end,
            None => all.push(sound),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text of words, each of a second.
    fn text(start: usize, words: &str) -> SpokenText {
        let word = |(at, text): (usize, &str)| SpokenWord {
            start: start + at,
            end: start + at + 1,
            text: format!(" {text}"),
            probability: 1.0,
        };
        SpokenText::of(words.split(' ').enumerate().map(word).collect())
    }

    fn parted(texts: &[SpokenText]) -> (Vec<String>, Vec<(Range<usize>, String)>) {
        let (said, sounds) = part(texts.to_vec(), &(0..100));
        let sounds = sounds.into_iter().map(|sound| (sound.range, sound.name)).collect();
        (said.into_iter().map(|text| text.text).collect(), sounds)
    }

    #[test]
    fn a_remark_is_a_sound_from_word_to_word() {
        let texts = [text(10, "Good morning."), text(20, "(upbeat music)"), text(50, "Let us begin.")];
        let expected =
            (vec!["Good morning.".into(), "Let us begin.".into()], vec![(12..50, "(upbeat music)".into())]);
        assert_eq!(parted(&texts), expected);
        assert_eq!(parted(&[text(3, "[Music]")]), (vec![], vec![(0..100, "[Music]".into())]));
    }

    #[test]
    fn a_remark_may_be_torn_and_come_again() {
        let torn = [text(10, "(upbeat"), text(40, "music)"), text(60, "(upbeat music)")];
        assert_eq!(parted(&torn), (vec![], vec![(0..100, "(upbeat music)".into())]));
    }

    #[test]
    fn what_is_said_stays() {
        for said in ["The agency (WHO) agrees.", "(as I said to him last Monday morning)", "(It is", "a ) b"]
        {
            assert_eq!(parted(&[text(0, said)]), (vec![said.to_owned()], vec![]), "{said}");
        }
        let within = parted(&[text(0, "Well [laughter] then.")]);
        assert_eq!(within, (vec!["Well then.".into()], vec![(1..2, "[laughter]".into())]));
    }

    #[test]
    fn a_remark_about_speech_stands_for_none() {
        assert_eq!(parted(&[text(3, "(speaking in foreign language)")]), (vec![], vec![]));
    }
}
