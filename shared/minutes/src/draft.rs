//! Minutes as a model wrote them: read leniently, cleaned, with a limit to everything, and not yet believed.

use serde_json::{Map, Value};

use crate::template::{Extra, Form, Template};
use llm::without_reasoning;
use text::is_invisible;

/// Longest title in letters.
pub(super) const MAX_TITLE_CHARS: usize = 120;

/// Longest summary in letters.
pub(super) const MAX_SUMMARY_CHARS: usize = 4000;

/// Longest other text in letters.
const MAX_TEXT_CHARS: usize = 500;

/// Most entries of a list.
pub(super) const MAX_ENTRIES: usize = 60;

/// Most segments of an entry.
const MAX_SEGMENTS: usize = 40;

/// Which list of the minutes an entry belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    KeyPoints,
    Decisions,
    ActionItems,
    OpenQuestions,
    /// A list of the template's own, by its place among the template's own fields.
    Extra(usize),
}

impl List {
    /// Whether its entries may have an owner and a date.
    pub const fn has_details(self) -> bool {
        matches!(self, Self::ActionItems | Self::Extra(_))
    }

    const ALL: [(Self, &'static str); 4] = [
        (Self::KeyPoints, "key_points"),
        (Self::Decisions, "decisions"),
        (Self::ActionItems, "action_items"),
        (Self::OpenQuestions, "open_questions"),
    ];
}

/// One entry of any list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub list: List,
    pub text: String,
    pub owner: Option<String>,
    pub due: Option<String>,
    pub segments: Vec<u64>,
    /// Why it is not sure that they bear it out; none if they do, or before that is looked at.
    pub unclear: Option<String>,
}

/// A chapter by its first and last segment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span {
    pub title: String,
    pub first: u64,
    pub last: u64,
}

/// Everything a model wrote about one part.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Draft {
    pub title: String,
    pub summary: String,
    pub items: Vec<Item>,
    pub chapters: Vec<Span>,
    /// Texts of the template's own, with their places among its own fields.
    pub texts: Vec<(usize, String)>,
}

impl Draft {
    /// Reads the model's answer as far as the template asks for it.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with "it".
    pub fn read(object: &Map<String, Value>, template: &Template) -> Result<Self, String> {
        let list = |(list, name): (List, &str)| {
            entries(object, name)
                .iter()
                .filter_map(|entry| item(list, entry))
                .take(MAX_ENTRIES)
                .collect::<Vec<_>>()
        };
        let extras = || template.extras.iter().enumerate();
        let usual = List::ALL.into_iter().filter(|(_, name)| template.has(name));
        let own = extras().map(|(at, extra)| (List::Extra(at), extra.name.as_str()));
        let text =
            |(at, extra): (usize, &Extra)| Some((at, clean(object.get(&extra.name), MAX_SUMMARY_CHARS)?));
        let draft = Self {
            title: clean(object.get("title"), MAX_TITLE_CHARS).unwrap_or_default(),
            summary: clean(object.get("summary"), MAX_SUMMARY_CHARS).unwrap_or_default(),
            items: usual.chain(own).flat_map(list).collect(),
            chapters: entries(object, "chapters")
                .iter()
                .filter(|_| template.has("chapters"))
                .filter_map(span)
                .take(MAX_ENTRIES)
                .collect(),
            texts: extras().filter(|(_, extra)| extra.form == Form::Text).filter_map(text).collect(),
        };
        let useless = draft.summary.is_empty() && draft.items.is_empty();
        if useless { Err("has neither a summary nor an entry".to_owned()) } else { Ok(draft) }
    }
}

/// Reads corrected entries: which of those that were sent each one replaces, and its new form.
pub(super) fn corrections(object: &Map<String, Value>, sent: &[Item]) -> Vec<(usize, Item)> {
    let correction = |entry: &Value| {
        let id = usize::try_from(number(entry.get("id")?)?).ok()?;
        Some((id, item(sent.get(id)?.list, entry)?))
    };
    entries(object, "items").iter().take(MAX_ENTRIES).filter_map(correction).collect()
}

pub(super) fn entries<'a>(object: &'a Map<String, Value>, name: &str) -> &'a [Value] {
    object.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn item(list: List, entry: &Value) -> Option<Item> {
    let text = clean(entry.get("text").or(entry.get("task")).or(Some(entry)), MAX_TEXT_CHARS)?;
    let segments = entry.get("segments").map(numbers).unwrap_or_default();
    let detail = |name: &str| {
        clean(entry.get(name), MAX_TEXT_CHARS).filter(|said| list.has_details() && !means_nothing(said))
    };
    Some(Item { list, text, owner: detail("owner"), due: detail("due"), segments, unclear: None })
}

fn span(entry: &Value) -> Option<Span> {
    let title = clean(entry.get("title"), MAX_TITLE_CHARS)?;
    Some(Span {
        title,
        first: number(entry.get("first_segment")?)?,
        last: number(entry.get("last_segment")?)?,
    })
}

/// A text on one line, without invisible letters and thinking, cut at `most` letters; none if nothing is left.
pub(super) fn clean(value: Option<&Value>, most: usize) -> Option<String> {
    let spoken = without_reasoning(value?.as_str()?);
    let line = spoken.split_whitespace().collect::<Vec<_>>().join(" ");
    let text: String = line.chars().filter(|character| !is_invisible(*character)).take(most).collect();
    text.chars().any(char::is_alphanumeric).then(|| text.trim().to_owned())
}

/// Whether a model filled a field in that it should have left empty.
fn means_nothing(said: &str) -> bool {
    let said = said.to_lowercase();
    let nothing = [
        "null",
        "none",
        "n/a",
        "na",
        "unknown",
        "unspecified",
        "not specified",
        "not mentioned",
        "not stated",
        "tbd",
        "i",
        "we",
        "you",
        "speaker",
        "who",
        "누구",
        "the speaker",
        "없음",
        "미정",
        "미상",
        "저",
        "우리",
        "제가",
    ];
    nothing.contains(&said.trim_matches(['.', '(', ')', '-']))
}

/// Numbers of segments: `[3, "4", "[5]", "6-8"]` or `"3, 4"`.
fn numbers(value: &Value) -> Vec<u64> {
    let mut found: Vec<u64> = match value {
        Value::Array(list) => list.iter().flat_map(numbers).take(MAX_SEGMENTS).collect(),
        Value::String(text) => text.split([',', ' ', ';']).flat_map(range).take(MAX_SEGMENTS).collect(),
        other => number(other).into_iter().collect(),
    };
    found.sort_unstable();
    found.dedup();
    found
}

pub(super) fn number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => bare(text).parse().ok(),
        other => other.as_u64().or_else(|| {
            other.as_f64().filter(|float| float.fract() == 0.0 && *float >= 0.0).map(|float| float as u64)
        }),
    }
}

fn range(text: &str) -> Vec<u64> {
    let ends = bare(text)
        .split_once(['-', '–'])
        .and_then(|(from, to)| Some((bare(from).parse().ok()?, bare(to).parse().ok()?)));
    match ends {
        Some((from, to)) => (from..=to).take(MAX_SEGMENTS).collect(),
        None => bare(text).parse().into_iter().collect(),
    }
}

fn bare(text: &str) -> &str {
    text.trim_matches(|character: char| !character.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Result<Draft, String> {
        let template = json!({ "name": "own", "title": "Own", "schema": { "properties": {
            "key_points": true, "decisions": true, "action_items": true, "chapters": true,
            "risks": { "type": "array", "items": { "properties": { "text": {}, "owner": {}, "segments": {} } } },
            "mood": { "type": "string" },
        } } });
        Draft::read(value.as_object().unwrap(), &Template::read(&template.to_string()).unwrap())
    }

    #[test]
    fn slips_of_form_are_forgiven() {
        let draft = read(json!({
            "title": "  A\ttitle\u{202e}\n", "summary": "SpokenTerms. <think>secret</think>", "key_points": [
                "just a string", { "text": "b", "segments": "3, 4" }, { "text": "", "segments": [1] }, { "segments": [2] }, 7,
            ],
            "action_items": [{ "task": "t", "owner": "N/A", "due": "Friday", "segments": ["[5]", "6-8", 9.0, -1, 1.5, "x"] }],
            "decisions": "none", "chapters": [{ "title": "c", "first_segment": 1, "last_segment": "9" }],
        }))
        .unwrap();
        assert_eq!((draft.title.as_str(), draft.summary.as_str()), ("A title", "SpokenTerms."));
        let texts: Vec<_> =
            draft.items.iter().map(|item| (item.text.as_str(), item.segments.clone())).collect();
        assert_eq!(texts, [("just a string", vec![]), ("b", vec![3, 4]), ("t", vec![5, 6, 7, 8, 9])]);
        assert_eq!(
            (draft.items[2].owner.clone(), draft.items[2].due.clone()),
            (None, Some("Friday".to_owned()))
        );
        assert_eq!(draft.chapters, [Span { title: "c".to_owned(), first: 1, last: 9 }]);
    }

    #[test]
    fn fields_of_a_template_are_read_like_the_others() {
        let draft = read(json!({
            "summary": "s", "mood": " good\n", "risks": [{ "text": "r", "owner": "Ann", "segments": [2] }, 7], "luck": "x",
            "open_questions": ["which nobody asked for"],
        }))
        .unwrap();
        assert_eq!(draft.texts, [(1, "good".to_owned())]);
        assert_eq!((draft.items[0].list, draft.items[0].owner.as_deref()), (List::Extra(0), Some("Ann")));
        assert_eq!(draft.items.len(), 1);
    }

    #[test]
    fn everything_has_a_limit() {
        let point = json!({ "text": "x".repeat(5_000), "segments": "1-18446744073709551615" });
        let draft = read(json!({
            "title": "t".repeat(9999), "summary": "s".repeat(99_999), "key_points": vec![point; 5000],
        }))
        .unwrap();
        assert_eq!(
            (draft.title.len(), draft.summary.len(), draft.items.len()),
            (MAX_TITLE_CHARS, MAX_SUMMARY_CHARS, MAX_ENTRIES)
        );
        assert_eq!(
            (draft.items[0].text.len(), draft.items[0].segments.len()),
            (MAX_TEXT_CHARS, MAX_SEGMENTS)
        );
    }

    #[test]
    fn an_object_about_something_else_is_refused() {
        assert!(read(json!({ "answer": 42 })).is_err());
        assert!(read(json!({ "title": "only a title" })).is_err());
    }
}
