//! Minutes of parts become minutes of the whole. Tasks, decisions, questions and chapters are put together by code,
//! so that none gets lost; title, summary and key points are condensed by the model, over as many levels as it takes.

use std::{collections::HashSet, fmt::Write as _};

use serde_json::{Map, Value, json};

use crate::{
    draft::{Draft, Item, List, MAX_SUMMARY_CHARS},
    part::Written,
    prompt,
    template::{Extra, Form},
    writer::Writer,
};
use llm::{LlmError, estimate_tokens};
use shared::{
    job::Length,
    minutes::{ActionItem, Chapter, Dropped, Point},
};
use text::{clock, escape, numbers, words::Stemmer};

/// Most key points and most letters of the summary of the whole.
const fn most(length: Length) -> (usize, usize) {
    match length {
        Length::Short => (5, 500),
        Length::Standard => (15, 2000),
        Length::Long => (30, MAX_SUMMARY_CHARS),
    }
}

/// Minutes without the account of how they came about.
#[derive(Debug, Default)]
pub(super) struct Whole {
    pub title: String,
    pub summary: String,
    pub key_points: Vec<Point>,
    pub decisions: Vec<Point>,
    pub action_items: Vec<ActionItem>,
    pub open_questions: Vec<Point>,
    pub chapters: Vec<Chapter>,
    pub dropped: Vec<Dropped>,
    /// The fields that only the template has.
    pub extra: Map<String, Value>,
}

/// What is condensed: of a part, then of several, at last of all.
#[derive(Debug)]
struct Digest {
    title: String,
    summary: String,
    key_points: Vec<Item>,
    time: (f64, f64),
}

/// Merges the minutes of all parts.
pub(super) async fn whole(writer: &Writer<'_>, parts: Vec<Written>) -> Result<Whole, LlmError> {
    let (mut whole, mut items, mut digests) = (Whole::default(), Vec::new(), Vec::new());
    let (mut texts, stemmer) = (Vec::new(), Stemmer::of(&writer.language));
    for part in parts {
        texts.extend(part.texts);
        whole.chapters.extend(part.chapters);
        whole.dropped.extend(part.dropped);
        let (key_points, others) = part.items.into_iter().partition(|item| item.list == List::KeyPoints);
        items.extend::<Vec<Item>>(others);
        digests.push(Digest { title: part.title, summary: part.summary, key_points, time: part.time });
    }
    // A part that is missing has nothing to add.
    digests.retain(|digest| !digest.summary.is_empty() || !digest.key_points.is_empty());
    if let Some(digest) = condense(writer, digests, &mut whole.dropped).await? {
        let mut key_points = unique(digest.key_points, stemmer);
        let (points, chars) = most(writer.brief.length);
        key_points.truncate(points);
        whole.title = digest.title;
        let summary = if digest.summary.is_empty() { first_points(&key_points) } else { digest.summary };
        whole.summary = sentences(&summary, chars);
        whole.key_points = key_points.into_iter().map(point).collect();
    }
    let mut own = Vec::new();
    for item in unique(items, stemmer) {
        match item.list {
            List::ActionItems => whole.action_items.push(action(item)),
            List::Decisions => whole.decisions.push(point(item)),
            List::OpenQuestions | List::KeyPoints => whole.open_questions.push(point(item)),
            List::Extra(at) => own.push((at, item)),
        }
    }
    let field = |(at, extra): (usize, &Extra)| (extra.name.clone(), own_field(extra.form, at, &texts, &own));
    whole.extra = writer.brief.template.extras.iter().enumerate().map(field).collect();
    Ok(whole)
}

/// A field of the template's own, from all parts.
fn own_field(form: Form, at: usize, texts: &[(usize, String)], items: &[(usize, Item)]) -> Value {
    let Form::List { owner, due } = form else {
        let texts: Vec<&str> =
            texts.iter().filter(|(of, _)| *of == at).map(|(_, text)| text.as_str()).collect();
        return sentences(texts.join(" ").trim(), MAX_SUMMARY_CHARS).into();
    };
    let entry = |item: &Item| {
        let mut entry = Map::from_iter([("text".to_owned(), json!(item.text))]);
        entry.extend(owner.then(|| ("owner".to_owned(), json!(item.owner))));
        entry.extend(due.then(|| ("due".to_owned(), json!(item.due))));
        entry.insert("segments".to_owned(), json!(item.segments));
        entry.extend(item.unclear.as_ref().map(|reason| ("unclear".to_owned(), json!(reason))));
        Value::Object(entry)
    };
    items.iter().filter(|(of, _)| *of == at).map(|(_, item)| entry(item)).collect()
}

/// As many whole sentences as have at most so many letters together; if there is none, that many letters.
fn sentences(text: &str, chars: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(chars) else { return text.to_owned() };
    let begin = text.get(..end).unwrap_or_default();
    let sentence = begin.rfind(['.', '!', '?', '。', '！', '？']).and_then(|at| begin.get(..=at));
    sentence.unwrap_or(begin).to_owned()
}

fn point(item: Item) -> Point {
    Point { text: item.text, segments: item.segments, unclear: item.unclear, original: None }
}

fn action(item: Item) -> ActionItem {
    let (task, owner, due) = (item.text, item.owner, item.due);
    ActionItem { task, owner, due, segments: item.segments, unclear: item.unclear, original: None }
}

/// Stands in for a summary of which nothing is supported.
fn first_points(points: &[Item]) -> String {
    points.iter().take(3).map(|item| item.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Makes one digest of many, level by level; none of none.
async fn condense(
    writer: &Writer<'_>,
    mut digests: Vec<Digest>,
    dropped: &mut Vec<Dropped>,
) -> Result<Option<Digest>, LlmError> {
    while digests.len() > 1 {
        let mut level = Vec::new();
        for group in groups(writer, digests) {
            level.push(one(writer, group, dropped).await?);
        }
        digests = level;
    }
    Ok(digests.pop())
}

/// Neighbours that fit into one question; two at least, so that every level is smaller than the one before.
fn groups(writer: &Writer<'_>, digests: Vec<Digest>) -> Vec<Vec<Digest>> {
    let mut groups: Vec<Vec<Digest>> = Vec::new();
    let mut tokens = 0;
    for digest in digests {
        let digest = digest.within(writer.budget / 2);
        let size = estimate_tokens(&digest.text());
        match groups.last_mut() {
            Some(group) if group.len() < 2 || tokens + size <= writer.budget => {
                group.push(digest);
                tokens += size;
            }
            _ => {
                groups.push(vec![digest]);
                tokens = size;
            }
        }
    }
    groups
}

/// Condenses a group. If the model makes nothing of it, the group is put together as it is.
async fn one(
    writer: &Writer<'_>,
    mut group: Vec<Digest>,
    dropped: &mut Vec<Dropped>,
) -> Result<Digest, LlmError> {
    if group.len() == 1 {
        return group.pop().ok_or(LlmError::NothingSaid);
    }
    let text: String = group.iter().map(Digest::text).collect();
    let question = prompt::to_merge(&text, writer.brief, &writer.language);
    let draft = match writer.draft(&question).await {
        Ok(draft) => draft,
        Err(error) if error.is_about_answer() => {
            let text = "the summary of all parts".to_owned();
            dropped.push(Dropped { text, reason: error.to_string() });
            return Ok(Digest::joined(group));
        }
        Err(error) => return Err(error),
    };
    Ok(checked(writer, draft, group, dropped))
}

fn checked(writer: &Writer<'_>, draft: Draft, group: Vec<Digest>, dropped: &mut Vec<Dropped>) -> Digest {
    let joined = Digest::joined(group);
    let cited: HashSet<u64> =
        joined.key_points.iter().flat_map(|item| item.segments.iter().copied()).collect();
    let range = cited.iter().copied().min().unwrap_or(0)..=cited.iter().copied().max().unwrap_or(0);
    let (summary, unfounded) = writer.evidence.paragraph(&draft.summary);
    dropped.extend(unfounded);
    let mut key_points = Vec::new();
    for item in draft.items.into_iter().filter(|item| item.list == List::KeyPoints) {
        let text = item.text.clone();
        match writer.check(item, &range, dropped) {
            Ok(item) => key_points.push(item),
            Err(reason) => dropped.push(Dropped { text, reason }),
        }
    }
    Digest {
        title: if writer.evidence.heading(&draft.title) { draft.title } else { joined.title },
        summary: if summary.is_empty() { joined.summary } else { summary },
        key_points: if key_points.is_empty() { joined.key_points } else { key_points },
        time: joined.time,
    }
}

impl Digest {
    /// As it stands in the question.
    fn text(&self) -> String {
        let (start, end) = self.time;
        let mut text = format!(
            "From {} to {}: {}\n{}\n",
            clock(start),
            clock(end),
            escape(&self.title),
            escape(&self.summary)
        );
        for item in &self.key_points {
            let numbers: Vec<String> = item.segments.iter().map(u64::to_string).collect();
            // Writing into a string cannot fail.
            let _ = writeln!(text, "{}| {}", numbers.join(","), escape(&item.text));
        }
        text
    }

    /// Leaves key points out from the end, then words of the summary, until it has at most `budget` tokens.
    fn within(mut self, budget: u64) -> Self {
        while estimate_tokens(&self.text()) > budget {
            if self.key_points.pop().is_none() {
                let chars = self.summary.chars().count();
                if chars == 0 {
                    break;
                }
                self.summary = self.summary.chars().take(chars / 2).collect();
            }
        }
        self
    }

    /// Neighbours put together without a model: their summaries one after the other, and key points of each.
    fn joined(group: Vec<Self>) -> Self {
        let time =
            (group.first().map_or(0.0, |first| first.time.0), group.last().map_or(0.0, |last| last.time.1));
        let each = (most(Length::Standard).0 / group.len().max(1)).max(1);
        let title = group.first().map(|first| first.title.clone()).unwrap_or_default();
        let summaries: Vec<&str> = group.iter().map(|digest| digest.summary.as_str()).collect();
        let summary = summaries.join(" ").chars().take(MAX_SUMMARY_CHARS).collect();
        let key_points =
            group.into_iter().flat_map(|digest| digest.key_points.into_iter().take(each)).collect();
        Self { title, summary, key_points, time }
    }
}

/// Joins entries of one list that say the same: nearly the same words, and the same numbers.
fn unique(items: Vec<Item>, stemmer: Stemmer) -> Vec<Item> {
    let mut kept: Vec<(HashSet<String>, Item)> = Vec::new();
    for item in items {
        let words: HashSet<String> = stemmer.stems(&item.text).into_iter().collect();
        let same = |(others, other): &&mut (HashSet<String>, Item)| {
            let common = words.intersection(others).count();
            other.list == item.list
                && common * 5 >= words.union(others).count() * 4
                && numbers::stated(&other.text) == numbers::stated(&item.text)
                && (other.owner == item.owner || other.owner.is_none() || item.owner.is_none())
        };
        match kept.iter_mut().find(same) {
            Some((_, other)) => {
                other.segments.extend(item.segments);
                other.segments.sort_unstable();
                other.segments.dedup();
                other.owner = other.owner.take().or(item.owner);
                other.due = other.due.take().or(item.due);
                // What is sure once is sure.
                other.unclear = other.unclear.take().and(item.unclear);
            }
            None => kept.push((words, item)),
        }
    }
    kept.into_iter().map(|(_, item)| item).collect()
}
