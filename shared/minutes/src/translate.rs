//! Minutes in another language than the recording's. They are written and checked in the recording's language, whose
//! words alone can be compared with what was said; only then are their texts translated. Segments, order and number of
//! the entries are not touched, and no number gets in that was not there.

use serde_json::{Map, Value};

use crate::{
    draft::{self, clean, entries, number},
    merge::Whole,
    prompt,
    writer::Writer,
};
use llm::{LlmError, estimate_tokens};
use text::{
    calendar, numbers,
    words::{is_hangul, tokens},
};

/// Times that a translation may be as long as what it translates.
const MAX_GROWTH: usize = 5;

/// Most entries of one question.
const MAX_ENTRIES_PER_REQUEST: usize = draft::MAX_ENTRIES;

/// Translates everything that is shown. Whether all of it could be: what could not stays as it was.
pub(super) async fn whole(writer: &Writer<'_>, whole: &mut Whole, language: &str) -> Result<bool, LlmError> {
    keep_originals(whole);
    let mut left = texts(whole);
    left.retain(|text| !text.is_empty());
    // What the model gets wrong, it is asked for once more.
    for _ in 0..2 {
        for group in groups(writer, std::mem::take(&mut left)) {
            left.extend(translated(writer, group, language).await?);
        }
        if left.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Keeps what was checked beside what will be made of it.
fn keep_originals(whole: &mut Whole) {
    let points = [&mut whole.key_points, &mut whole.decisions, &mut whole.open_questions];
    points.into_iter().flatten().for_each(|point| point.original = Some(point.text.clone()));
    whole.action_items.iter_mut().for_each(|item| item.original = Some(item.task.clone()));
}

/// Every text of the minutes but names, which are the same in every language.
fn texts(whole: &mut Whole) -> Vec<&mut String> {
    let points = [&mut whole.key_points, &mut whole.decisions, &mut whole.open_questions];
    let points = points.into_iter().flatten().map(|point| &mut point.text);
    let actions = whole.action_items.iter_mut().flat_map(|item| item.due.iter_mut().chain([&mut item.task]));
    let chapters = whole.chapters.iter_mut().map(|chapter| &mut chapter.title);
    let own = whole.extra.iter_mut().flat_map(|(_, field)| own_texts(field));
    [&mut whole.title, &mut whole.summary]
        .into_iter()
        .chain(points)
        .chain(actions)
        .chain(chapters)
        .chain(own)
        .collect()
}

/// The texts of a field that only the template has.
fn own_texts(field: &mut Value) -> Vec<&mut String> {
    match field {
        Value::Array(list) => {
            let fields = list.iter_mut().filter_map(Value::as_object_mut).flatten();
            fields
                .filter(|(name, _)| *name == "text" || *name == "due")
                .filter_map(|(_, value)| text(value))
                .collect()
        }
        other => text(other).into_iter().collect(),
    }
}

const fn text(value: &mut Value) -> Option<&mut String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// Neighbours whose translations fit into one answer.
fn groups<'t>(writer: &Writer<'_>, texts: Vec<&'t mut String>) -> Vec<Vec<&'t mut String>> {
    let most = (writer.answer_tokens / 3).min(writer.budget);
    let mut groups: Vec<Vec<&mut String>> = Vec::new();
    let mut tokens = 0;
    for text in texts {
        let size = estimate_tokens(text) + 20;
        match groups.last_mut() {
            Some(group) if group.len() < MAX_ENTRIES_PER_REQUEST && tokens + size <= most => {
                group.push(text);
                tokens += size;
            }
            _ => {
                groups.push(vec![text]);
                tokens = size;
            }
        }
    }
    groups
}

/// Translates a group; gives back the texts of which there is no translation.
async fn translated<'t>(
    writer: &Writer<'_>,
    group: Vec<&'t mut String>,
    language: &str,
) -> Result<Vec<&'t mut String>, LlmError> {
    let originals: Vec<&str> = group.iter().map(|text| text.as_str()).collect();
    let question = prompt::to_translate(&originals, language);
    let mut answers = match writer.ask(&question, |object| Ok(read(object, &originals))).await {
        Ok(answers) => answers,
        Err(error) if error.is_about_answer() => {
            tracing::warn!(code = error.code(), "entries of the minutes could not be translated");
            return Ok(group);
        }
        Err(error) => return Err(error),
    };
    let mut left = Vec::new();
    for (text, answer) in group.into_iter().zip(answers.drain(..)) {
        match answer {
            Some(translation) => *text = translation,
            None => left.push(text),
        }
    }
    Ok(left)
}

/// A translation for each of the originals, where there is one that may be believed.
fn read(object: &Map<String, Value>, originals: &[&str]) -> Vec<Option<String>> {
    let mut found = vec![None; originals.len()];
    for entry in entries(object, "items") {
        let id = entry.get("id").and_then(number).and_then(|id| usize::try_from(id).ok());
        let Some((place, original)) = id.and_then(|id| Some((found.get_mut(id)?, *originals.get(id)?)))
        else {
            continue;
        };
        let most = (original.chars().count() * MAX_GROWTH).max(80);
        *place = clean(entry.get("text"), most).filter(|text| is_faithful(text, original));
    }
    found
}

/// Whether a translation says no number, weekday or month that the original does not, in words of one script each.
fn is_faithful(translation: &str, original: &str) -> bool {
    numbers::stated(translation).is_subset(&numbers::known(original))
        && calendar::named(translation).is_subset(&calendar::named(original))
        && !tokens(translation).any(is_broken)
}

/// Whether a word breaks off in the middle and goes on in Latin letters, as "인voice".
fn is_broken(word: &str) -> bool {
    word.chars().zip(word.chars().skip(1)).any(|(one, next)| is_hangul(one) && next.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_translations_that_may_be_believed_are_taken() {
        let answer = json!({ "items": [
            { "id": 0, "text": "로드맵은 6만 달러가 듭니다." },
            { "id": "1", "text": "마리아가 7월 3일까지 검토합니다." },
            { "id": 2, "text": "목요일까지" },
            { "id": 3, "text": "인voice를 보냅니다" },
            { "id": 4, "text": "무한 ".repeat(1000) },
            { "id": 99, "text": "엉뚱한 것" },
            "no entry",
        ] });
        let originals = [
            "The roadmap costs sixty thousand dollars.",
            "Maria reviews it.",
            "By Monday.",
            "Sends the invoice.",
            "Short.",
        ];
        let found = read(answer.as_object().unwrap(), &originals);
        assert_eq!(found[0].as_deref(), Some("로드맵은 6만 달러가 듭니다."));
        assert_eq!(found[1..4], [None, None, None]);
        assert!(found[4].as_ref().is_some_and(|text| text.chars().count() <= 80));
    }
}
