//! Minutes without a language model: the most central sentences, spread over the meeting, and what language patterns
//! take for tasks, decisions and questions. Everything in them was said in these words in the segments they name, but for
//! what leads to a sentence and for fillers.

mod acts;
mod chapters;
mod dialogue;
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
    acts::Act,
    dialogue::{Dialogue, also},
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
use text::words::Stemmer;

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

/// Words that carry meaning which a sentence needs to be worth a key point.
const MIN_KEY_WORDS: usize = 5;

/// Key points for which shorter sentences are not taken.
const MIN_KEY_POINTS: usize = 3;

/// Most open questions.
const MAX_QUESTIONS: usize = 30;

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
    let ranks = rank::centrality(&sentences, &language);
    let acts: Vec<Act> = sentences.iter().map(|sentence| acts::of(&sentence.text, &language)).collect();
    let texts: Vec<&str> = sentences.iter().map(|sentence| sentence.text.as_str()).collect();
    let title = keywords::title(&texts, &language, 3).unwrap_or_else(|| transcript.title.to_owned());
    let dialogue = Dialogue { sentences: &sentences, acts: &acts, language: &language };
    let reader = Reader { dialogue: &dialogue, ranks: &ranks, length: brief.length };
    Ok(Minutes {
        title,
        summary: reader.summary(),
        key_points: reader.key_points(),
        decisions: dialogue.decisions(),
        action_items: reader.actions(),
        open_questions: reader.points(ranks.best(dialogue.open_questions(), MAX_QUESTIONS)),
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

/// Reads a meeting for its minutes.
struct Reader<'a> {
    dialogue: &'a Dialogue<'a>,
    ranks: &'a Ranks,
    length: Length,
}

impl Reader<'_> {
    fn sentences(&self) -> &[Sentence] {
        self.dialogue.sentences
    }

    /// Places of the sentences that do something.
    fn places(&self, is_act: impl Fn(&Act) -> bool) -> Vec<usize> {
        self.dialogue.acts.iter().enumerate().filter(|(_, act)| is_act(act)).map(|(at, _)| at).collect()
    }

    /// How many words of a sentence carry meaning.
    fn words(&self, at: usize) -> usize {
        let text = self.sentences().get(at).map_or("", |sentence| sentence.text.as_str());
        Stemmer::of(self.dialogue.language).stems(text).len()
    }

    /// The sentences at these places; what was said twice is one point with all its segments.
    fn points(&self, places: Vec<usize>) -> Vec<Point> {
        let mut points: Vec<Point> = Vec::new();
        for sentence in places.into_iter().filter_map(|at| self.sentences().get(at)) {
            let text = acts::clean(&sentence.text, self.dialogue.language);
            match points.iter_mut().find(|point| point.text == text) {
                Some(point) => also(&mut point.segments, &sentence.segments),
                None => points.push(Point { text, segments: sentence.segments.clone(), ..Point::default() }),
            }
        }
        points
    }

    /// Tasks with an owner or a date, and the most central of those without.
    fn actions(&self) -> Vec<ActionItem> {
        let tasks = self.dialogue.tasks();
        let is_vague = |item: &ActionItem| item.owner.is_none() && item.due.is_none();
        let vague = tasks.iter().filter(|(_, item)| is_vague(item)).map(|(at, _)| *at).collect();
        let vague = self.ranks.best(vague, MAX_VAGUE_TASKS);
        let mut actions: Vec<ActionItem> = Vec::new();
        for (at, item) in tasks {
            let same = |one: &&mut ActionItem| {
                one.task == item.task && one.owner == item.owner && one.due == item.due
            };
            if let Some(action) = actions.iter_mut().find(same) {
                also(&mut action.segments, &item.segments);
            } else if !is_vague(&item) || vague.contains(&at) {
                actions.push(item);
            }
        }
        actions
    }

    /// Central statements that say enough; shorter ones and other kinds if there are too few.
    fn key_points(&self) -> Vec<Point> {
        let statements = self.places(|act| *act == Act::Statement);
        let long = |least: usize| -> Vec<usize> {
            statements.iter().copied().filter(|at| self.words(*at) >= least).collect()
        };
        let enough = |places: &Vec<usize>| places.len() >= MIN_KEY_POINTS;
        let spoken = || self.places(|act| *act != Act::Talk);
        let shorter = (1..=MIN_KEY_WORDS).rev().map(long).find(enough);
        let candidates =
            shorter.or_else(|| Some(statements.clone()).filter(|all| !all.is_empty())).unwrap_or_else(spoken);
        let usual = (1.6 * (candidates.len() as f64).sqrt()).clamp(3.0, 15.0);
        let count = (usual * size(self.length).2).round() as usize;
        let candidates: Vec<Candidate> =
            candidates.into_iter().map(|at| Candidate { at, weight: 1.0 }).collect();
        self.points(pick(&candidates, self.ranks, count))
    }

    /// A few central sentences in the order of the meeting: decisions first among equals, and nothing that only asks.
    fn summary(&self) -> String {
        let asks = |at: usize| self.sentences().get(at).is_some_and(|one| one.text.ends_with(['?', '？']));
        let weight = |(at, act): (usize, &Act)| match act {
            _ if asks(at) => 0.0,
            Act::Decision(_) => 3.0,
            Act::Task(task) if !task.vague && task.owner != acts::Owner::Nobody => 1.0,
            Act::Statement => (self.words(at) as f64 / MIN_KEY_WORDS as f64).min(1.0),
            Act::Task(_) | Act::Proposal(_) | Act::Question | Act::Unknown | Act::Talk => 0.0,
        };
        let weighed = self.dialogue.acts.iter().enumerate();
        let weighed = weighed.map(|(at, act)| Candidate { at, weight: weight((at, act)) });
        let mut candidates: Vec<Candidate> = weighed.filter(|candidate| candidate.weight > 0.0).collect();
        if candidates.is_empty() {
            candidates = (0..self.sentences().len()).map(|at| Candidate { at, weight: 1.0 }).collect();
        }
        let (most, count, _) = size(self.length);
        let mut chars = 0;
        let mut fits = |text: &String| {
            chars += text.chars().count();
            chars <= most || chars == text.chars().count()
        };
        let chosen = pick(&candidates, self.ranks, count).into_iter();
        let chosen = chosen.filter_map(|at| self.sentences().get(at));
        let texts = chosen.map(|sentence| acts::clean(&sentence.text, self.dialogue.language));
        texts.filter(|text| fits(text)).collect::<Vec<_>>().join(" ")
    }
}
