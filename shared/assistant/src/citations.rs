//! The segments that an answer cites, as in `It is on Friday [12].`: those that do not support what stands before them
//! are taken out.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;

use minutes::evidence::Evidence;
use text::{is_invisible, pattern::fixed, sentences};

/// Longest answer in characters.
const MAX_ANSWER_CHARS: usize = 8000;

/// Most segments that one citation may name.
const MAX_CITED_SEGMENTS: usize = 20;

/// One citation or several in a row: `[3]`, `[3, 5-7]`, `[segment 3], [5]`.
static CITATION: LazyLock<Regex> = LazyLock::new(|| {
    let one = r"[ \t]*\[\s*(?:segments?|lines?)?\s*#?\d+(?:\s*(?:,|;|-|–|and)\s*#?\d+)*\s*\]";
    fixed(&format!("(?i){one}(?:,?{one})*"))
});

/// A number, or two that stand for all between them.
static NUMBERS: LazyLock<Regex> = LazyLock::new(|| fixed(r"(\d+)(?:\s*[-–]\s*#?(\d+))?"));

/// An answer whose citations hold.
#[derive(Debug, PartialEq)]
pub(super) struct Cited {
    pub text: String,
    /// The segments that stand in the text, in order.
    pub segments: Vec<u64>,
    /// Segments that were named and are not in the text any more.
    pub dropped: u64,
}

/// Checks the citations of an answer by a model that saw the segments `seen`.
pub(super) fn check(answer: &str, evidence: &Evidence, seen: &BTreeSet<u64>) -> Cited {
    let answer = clean(answer);
    let (mut text, mut segments, mut dropped, mut copied) = (String::new(), BTreeSet::new(), 0, 0);
    for citation in CITATION.find_iter(&answer) {
        text.push_str(answer.get(copied..citation.start()).unwrap_or_default());
        copied = citation.end();
        let named = numbers(citation.as_str());
        let real: Vec<u64> = named.iter().copied().filter(|number| seen.contains(number)).collect();
        let held = evidence.claim(statement(&text), &real, |number| seen.contains(&number));
        let held = held.map(|support| support.segments).unwrap_or_default();
        dropped += named.iter().filter(|number| !held.contains(number)).count() as u64;
        if !held.is_empty() && !text.is_empty() && !text.ends_with(char::is_whitespace) {
            text.push(' ');
        }
        text.extend(held.iter().map(|number| format!("[{number}]")));
        segments.extend(held);
    }
    text.push_str(answer.get(copied..).unwrap_or_default());
    let text = anchored(&text, evidence, seen, &mut segments);
    Cited { text: text.trim_start().to_owned(), segments: segments.into_iter().collect(), dropped }
}

/// Gives each sentence without a citation the segments that bear it out, if some do: small models cite nothing.
fn anchored(text: &str, evidence: &Evidence, seen: &BTreeSet<u64>, segments: &mut BTreeSet<u64>) -> String {
    let sentences = sentences(text);
    let next = sentences.iter().skip(1).copied().chain([""]);
    let mut whole = String::new();
    for (sentence, next) in sentences.iter().zip(next) {
        let said = sentence.trim_end();
        whole.push_str(said);
        // The citation of a sentence may stand behind its end.
        let has_citation =
            CITATION.is_match(said) || CITATION.find(next).is_some_and(|found| found.start() == 0);
        let claim = || evidence.claim(said, &[], |number| seen.contains(&number)).ok();
        if let Some(support) =
            (!has_citation).then(claim).flatten().filter(|support| support.unclear.is_none())
        {
            whole.push(' ');
            whole.extend(support.segments.iter().map(|number| format!("[{number}]")));
            segments.extend(support.segments);
        }
        whole.push_str(sentence.get(said.len()..).unwrap_or_default());
    }
    whole
}

/// An answer without letters that hide or reorder text, and not endless.
fn clean(answer: &str) -> String {
    let visible = |character: &char| *character == '\n' || !is_invisible(*character);
    answer.trim().chars().filter(visible).take(MAX_ANSWER_CHARS).collect()
}

fn numbers(citation: &str) -> Vec<u64> {
    let mut numbers: Vec<u64> = NUMBERS
        .captures_iter(citation)
        .flat_map(|found| {
            let number = |at| found.get(at).and_then(|text| text.as_str().parse::<u64>().ok());
            let first = number(1).unwrap_or(u64::MAX);
            first..=number(2).unwrap_or(first)
        })
        .take(MAX_CITED_SEGMENTS)
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// The last sentence of what was said so far, which is what a citation behind it stands for.
fn statement(text: &str) -> &str {
    const ENDS: [char; 6] = ['.', '!', '?', '。', '！', '？'];
    let text = text.trim_end().trim_end_matches(ENDS);
    let mut ends = text.char_indices().filter(|(at, character)| {
        let after = text.get(at + character.len_utf8()..).and_then(|rest| rest.chars().next());
        *character == '\n'
            || ENDS.contains(character) && after.is_some_and(|next| next.is_whitespace() || next == '[')
    });
    let begin = ends.next_back().map_or(0, |(at, character)| at + character.len_utf8());
    let sentence = text.get(begin..).unwrap_or_default();
    // A citation of the sentence before may stand behind its end.
    CITATION
        .find(sentence)
        .filter(|found| found.start() == 0)
        .map_or(sentence, |found| sentence.get(found.end()..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use fake_llm::said;

    use super::*;

    fn checked(answer: &str) -> (String, Vec<u64>, u64) {
        let segments = said(&[
            "Maria will review the budget by Friday.",
            "The roadmap costs 3.5 million dollars.",
            "We decided to move the presentation.",
            "이 부장님은 화요일에 제안서를 제출합니다.",
        ]);
        let evidence = Evidence::new(&segments, "en");
        let Cited { text, segments, dropped } = check(answer, &evidence, &(1..=4).collect());
        (text, segments, dropped)
    }

    #[test]
    fn citations_that_hold_stay() {
        for (answer, text, segments) in [
            ("Maria reviews the budget [1].", "Maria reviews the budget [1].", vec![1]),
            ("Maria reviews the budget. [1]", "Maria reviews the budget. [1]", vec![1]),
            ("She does. The presentation was moved[3]", "She does. The presentation was moved [3]", vec![3]),
            (
                "The presentation is moved.[3] Maria reviews the budget.[segment 1]",
                "The presentation is moved. [3] Maria reviews the budget. [1]",
                vec![1, 3],
            ),
            (
                "- The roadmap costs 3.5 million. [Line #2]\n- Maria reviews the budget [1]",
                "- The roadmap costs 3.5 million. [2]\n- Maria reviews the budget [1]",
                vec![1, 2],
            ),
            (
                "이 부장님이 화요일에 제안서를 제출합니다 [4].",
                "이 부장님이 화요일에 제안서를 제출합니다 [4].",
                vec![4],
            ),
        ] {
            assert_eq!(checked(answer), (text.to_owned(), segments, 0), "{answer}");
        }
    }

    #[test]
    fn citations_that_do_not_hold_are_taken_out() {
        for (answer, text, segments, dropped) in [
            (
                "The budget is reviewed by Peter [1], and so on",
                "The budget is reviewed by Peter, and so on",
                vec![],
                1,
            ),
            ("The roadmap costs 4.5 million dollars [2]", "The roadmap costs 4.5 million dollars", vec![], 1),
            ("The weather was fine outside [1][2].", "The weather was fine outside.", vec![], 2),
            ("Maria reviews the budget [1, 99].", "Maria reviews the budget [1].", vec![1], 1),
            ("Maria reviews the budget [0].", "Maria reviews the budget [1].", vec![1], 1),
            ("Maria reviews the budget [1-4000000000].", "Maria reviews the budget [1].", vec![1], 19),
            ("[1] is the answer", "is the answer", vec![], 1),
            ("Yes [1].", "Yes.", vec![], 1),
            ("Maria reviews the budget [18446744073709551616].", "Maria reviews the budget [1].", vec![1], 1),
        ] {
            let found = checked(answer);
            assert_eq!(found, (text.to_owned(), segments, dropped), "{answer}");
        }
    }

    #[test]
    fn sentences_without_citations_get_theirs() {
        let answer =
            "Maria reviews the budget.\n- The roadmap costs 3.5 million. The weather is fine. She does.";
        let cited = "Maria reviews the budget. [1]\n- The roadmap costs 3.5 million. [2] The weather is fine. She does.";
        assert_eq!(checked(answer), (cited.to_owned(), vec![1, 2], 0));
    }

    #[test]
    fn what_is_no_citation_is_left_alone_and_nothing_hidden_gets_through() {
        let (text, segments, dropped) = checked(" a [link](x) [x] [] 1\u{202e}2 (3)\u{0}\n\nb ");
        assert_eq!((text.as_str(), segments, dropped), ("a [link](x) [x] [] 12 (3)\n\nb", vec![], 0));
        assert_eq!(checked(&"x".repeat(100_000)).0.len(), MAX_ANSWER_CHARS);
        assert_eq!(checked(&"[1]".repeat(50_000)).1, Vec::<u64>::new());
    }
}
