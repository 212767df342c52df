//! Minutes without a language model: the most central sentences, spread over the meeting, and what language patterns
//! take for tasks, decisions and questions. Everything in them was said word for word in the segments they name.

mod chapters;
mod english;
mod keywords;
mod korean;
mod pick;
mod rank;
mod sentences;
#[cfg(test)]
mod tests;

use std::time::Instant;

use serde_json::Map;

use self::{
    pick::{Candidate, pick},
    rank::Ranks,
    sentences::Sentence,
};
use crate::{Brief, Transcript, templates::GENERAL};
use llm::LlmError;
use shared::{
    job::Length,
    minutes::{ActionItem, Coverage, Minutes, Point, Unmet},
};
use text::topics::is_cue;

/// How the sentences are chosen; stands in the minutes as the model's name.
pub const METHOD: &str = "lexrank";

/// Most letters and most sentences of the summary, and how many key points there are as against the usual number.
const fn size(length: Length) -> (usize, usize, f64) {
    match length {
        Length::Short => (300, 2, 0.5),
        Length::Standard => (600, 4, 1.0),
        Length::Long => (1200, 8, 2.0),
    }
}

/// Most tasks that have neither an owner nor a date.
const MAX_VAGUE_TASKS: usize = 20;

/// Most open questions.
const MAX_QUESTIONS: usize = 30;

/// Somebody is to do something, as found in one sentence.
#[derive(Debug, PartialEq)]
struct Task {
    task: String,
    owner: Option<String>,
    due: Option<String>,
}

/// What a sentence does in the meeting.
#[derive(Debug, PartialEq)]
enum Kind {
    Task(Task),
    Decision,
    Question,
    /// Greetings, thanks and what leads from one topic to the next.
    Talk,
    Statement,
}

/// Writes minutes without a language model.
///
/// # Errors
/// [`LlmError::NothingSaid`] if there are no words.
pub fn summarise(transcript: &Transcript<'_>, brief: &Brief<'_>) -> Result<Minutes, LlmError> {
    let begin = Instant::now();
    if !transcript.has_words() {
        return Err(LlmError::NothingSaid);
    }
    let language = transcript.language();
    let sentences = sentences::of(transcript.segments);
    let ranks = rank::centrality(&sentences);
    let kinds: Vec<Kind> = sentences.iter().map(|sentence| kind(&sentence.text, &language)).collect();
    let texts: Vec<&str> = sentences.iter().map(|sentence| sentence.text.as_str()).collect();
    let title = keywords::title(&texts, &language, 3).unwrap_or_else(|| transcript.title.to_owned());
    Ok(Minutes {
        title,
        summary: summary(&sentences, &ranks, &kinds, brief.length),
        key_points: key_points(&sentences, &ranks, &kinds, brief.length),
        decisions: points(&sentences, places(&kinds, |kind| *kind == Kind::Decision)),
        action_items: actions(&sentences, &ranks, &kinds),
        open_questions: points(
            &sentences,
            ranks.best(places(&kinds, |kind| *kind == Kind::Question), MAX_QUESTIONS),
        ),
        chapters: chapters::of(transcript, &language),
        coverage: Coverage {
            share: 1.0,
            parts: 1,
            seconds: begin.elapsed().as_secs_f64(),
            unmet: unmet(brief, &language),
            ..Coverage::default()
        },
        language,
        provider: "extractive".to_owned(),
        model: METHOD.to_owned(),
        template: GENERAL.to_owned(),
        length: brief.length,
        version: 0,
        created_at: 0,
        transcript_revision: 0,
        edited_since: false,
        extra: Map::new(),
    })
}

/// What a method cannot do that says only what was said, and knows only the usual fields.
fn unmet(brief: &Brief<'_>, language: &str) -> Vec<Unmet> {
    let language = brief.language.is_some_and(|asked| asked != language).then_some(Unmet::Language);
    let template = (brief.template.name != GENERAL).then_some(Unmet::Template);
    language.into_iter().chain(template).collect()
}

fn kind(sentence: &str, language: &str) -> Kind {
    match language {
        "ko" => korean::kind(sentence),
        "en" => english::kind(sentence),
        _ if sentence.ends_with(['?', '？', '؟']) => Kind::Question,
        _ if is_cue(sentence) => Kind::Talk,
        _ => Kind::Statement,
    }
}

/// Places of the sentences of a kind.
fn places(kinds: &[Kind], is_kind: impl Fn(&Kind) -> bool) -> Vec<usize> {
    kinds.iter().enumerate().filter(|(_, kind)| is_kind(kind)).map(|(at, _)| at).collect()
}

/// The sentences at these places; what was said twice is one point with all its segments.
fn points(sentences: &[Sentence], places: Vec<usize>) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for sentence in places.into_iter().filter_map(|at| sentences.get(at)) {
        match points.iter_mut().find(|point| point.text == sentence.text) {
            Some(point) => also(&mut point.segments, &sentence.segments),
            None => points.push(Point { text: sentence.text.clone(), segments: sentence.segments.clone() }),
        }
    }
    points
}

/// Adds the segments in which the same was said again.
fn also(segments: &mut Vec<u64>, more: &[u64]) {
    segments.extend(more);
    segments.dedup();
}

/// Tasks with an owner or a date, and the most central of those without.
fn actions(sentences: &[Sentence], ranks: &Ranks, kinds: &[Kind]) -> Vec<ActionItem> {
    let vague = |kind: &Kind| matches!(kind, Kind::Task(Task { owner: None, due: None, .. }));
    let vague = ranks.best(places(kinds, vague), MAX_VAGUE_TASKS);
    let mut actions: Vec<ActionItem> = Vec::new();
    for (at, (sentence, kind)) in sentences.iter().zip(kinds).enumerate() {
        let Kind::Task(Task { task, owner, due }) = kind else { continue };
        let same = |one: &&mut ActionItem| one.task == *task && one.owner == *owner && one.due == *due;
        if let Some(action) = actions.iter_mut().find(same) {
            also(&mut action.segments, &sentence.segments);
        } else if owner.is_some() || due.is_some() || vague.contains(&at) {
            let (task, owner, due) = (task.clone(), owner.clone(), due.clone());
            actions.push(ActionItem { task, owner, due, segments: sentence.segments.clone() });
        }
    }
    actions
}

/// Central statements; if there are none, central sentences of any kind that say something.
fn key_points(sentences: &[Sentence], ranks: &Ranks, kinds: &[Kind], length: Length) -> Vec<Point> {
    let mut candidates = places(kinds, |kind| *kind == Kind::Statement);
    if candidates.is_empty() {
        candidates = places(kinds, |kind| *kind != Kind::Talk);
    }
    let usual = (1.6 * (candidates.len() as f64).sqrt()).clamp(3.0, 15.0);
    let count = (usual * size(length).2).round() as usize;
    let candidates: Vec<Candidate> = candidates.into_iter().map(|at| Candidate { at, weight: 1.0 }).collect();
    points(sentences, pick(&candidates, ranks, count))
}

/// A few central sentences in the order of the meeting: decisions first among equals, and nothing that only asks.
fn summary(sentences: &[Sentence], ranks: &Ranks, kinds: &[Kind], length: Length) -> String {
    let weight = |kind: &Kind| match kind {
        Kind::Decision => 3.0,
        Kind::Statement => 1.0,
        Kind::Task(task) if task.owner.is_some() => 1.0,
        Kind::Task(_) | Kind::Question | Kind::Talk => 0.0,
    };
    let weighed = kinds.iter().enumerate().map(|(at, kind)| Candidate { at, weight: weight(kind) });
    let mut candidates: Vec<Candidate> = weighed.filter(|candidate| candidate.weight > 0.0).collect();
    if candidates.is_empty() {
        candidates = (0..kinds.len()).map(|at| Candidate { at, weight: 1.0 }).collect();
    }
    let (most, count, _) = size(length);
    let mut chars = 0;
    let fits = |sentence: &&Sentence| {
        chars += sentence.text.chars().count();
        chars <= most || chars == sentence.text.chars().count()
    };
    let chosen = pick(&candidates, ranks, count);
    let texts: Vec<&str> =
        chosen.iter().filter_map(|at| sentences.get(*at)).filter(fits).map(|one| one.text.as_str()).collect();
    texts.join(" ")
}
