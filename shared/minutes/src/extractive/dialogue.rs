//! What comes of sentences that follow each other: proposals that are agreed to, tasks that somebody takes on, questions
//! that nobody answers.

use shared::minutes::{ActionItem, Point};
use text::words::Stemmer;

use super::{
    acts::{Act, Owner, Task},
    sentences::Sentence,
};
use crate::speech::Speech;

/// Segments behind a proposal in which somebody agrees to it, or behind a question in which somebody answers.
const REPLY_SEGMENTS: u64 = 3;

/// Segments behind a task in which more is said of it.
const TASK_SEGMENTS: u64 = 3;

/// Segments behind a decision in which it is said again.
const DECISION_SEGMENTS: u64 = 4;

/// Words that carry meaning which a proposal needs to be understood by itself.
const MIN_PROPOSAL_WORDS: usize = 3;

/// A meeting as people talk to each other.
pub(super) struct Dialogue<'a> {
    pub sentences: &'a [Sentence],
    pub acts: &'a [Act],
    pub language: &'a str,
}

impl Dialogue<'_> {
    fn all(&self) -> impl Iterator<Item = (usize, &Sentence, &Act)> {
        self.sentences.iter().zip(self.acts).enumerate().map(|(at, (sentence, act))| (at, sentence, act))
    }

    fn words(&self, text: &str) -> Vec<String> {
        let dates = text::calendar::named(text).into_iter().map(|day| format!("{day:?}"));
        let numbers = text::numbers::known(text).into_iter().map(|number| number.to_string());
        Stemmer::of(self.language).stems(text).into_iter().chain(dates).chain(numbers).collect()
    }

    fn stems(&self, text: &str) -> usize {
        Stemmer::of(self.language).stems(text).len()
    }

    /// Sentences behind one, up to some segments later.
    fn behind(&self, at: usize, segments: u64) -> impl Iterator<Item = (usize, &Sentence, &Act)> {
        let this = self.sentences.get(at);
        let near = move |later: &Sentence| this.is_some_and(|this| this.distance(later) <= segments);
        self.all().skip(at + 1).take_while(move |(_, later, _)| near(later))
    }

    /// Whether somebody else says yes soon.
    fn is_agreed(&self, at: usize, sentence: &Sentence) -> bool {
        let speech = Speech::of(self.language);
        let mut replies = self.behind(at, REPLY_SEGMENTS).filter(|(_, reply, _)| sentence.may_answer(reply));
        replies.any(|(_, reply, _)| speech.agrees(&reply.text))
    }

    /// What was decided; a decision that is said again soon is one.
    pub fn decisions(&self) -> Vec<Point> {
        let mut found: Vec<(usize, Point)> = Vec::new();
        for (at, sentence, act) in self.all() {
            let text = match act {
                Act::Decision(text) => text.clone(),
                Act::Proposal(text) if self.is_agreed(at, sentence) => {
                    match self.explained(at, sentence, text) {
                        Some(text) => text,
                        None => continue,
                    }
                }
                _ => continue,
            };
            let words = self.words(&text);
            let before = found.last_mut().filter(|(before, point)| {
                let near = self
                    .sentences
                    .get(*before)
                    .is_some_and(|one| one.distance(sentence) <= DECISION_SEGMENTS);
                near && self.words(&point.text).iter().any(|word| words.contains(word)) || point.text == text
            });
            let Some((place, point)) = before else {
                found.push((at, Point { text, segments: sentence.segments.clone(), ..Point::default() }));
                continue;
            };
            *place = at;
            also(&mut point.segments, &sentence.segments);
            if words.len() > self.words(&point.text).len() {
                point.text = text;
            }
        }
        found.into_iter().map(|(_, point)| point).collect()
    }

    /// A proposal, with the sentence behind it if it says little by itself.
    fn explained(&self, at: usize, sentence: &Sentence, text: &str) -> Option<String> {
        // "Try that" says nothing, also with more behind it.
        if text.split(' ').any(|word| matches!(word, "that" | "it" | "this"))
            && self.stems(text) < MIN_PROPOSAL_WORDS
        {
            return None;
        }
        if self.words(text).len() >= MIN_PROPOSAL_WORDS {
            return Some(text.to_owned());
        }
        let next = self.sentences.get(at + 1).filter(|next| next.segments == sentence.segments)?;
        let more = super::acts::clean(&next.text, self.language);
        let whole = format!("{text}: {more}");
        (self.words(&whole).len() >= MIN_PROPOSAL_WORDS).then_some(whole)
    }

    /// Who is to do what until when; the places are those of the sentences that say so first.
    pub fn tasks(&self) -> Vec<(usize, ActionItem)> {
        let mut found: Vec<(usize, bool, ActionItem)> = Vec::new();
        for (at, sentence, act) in self.all() {
            let Act::Task(task) = act else { continue };
            let owner = self.owner(at, sentence, task);
            let open = found.iter_mut().rev().find(|(before, asked, item)| {
                let near =
                    self.sentences.get(*before).is_some_and(|one| one.distance(sentence) <= TASK_SEGMENTS);
                let same = item.owner == owner && item.owner.is_some();
                // "Somebody should look at it." "I can take that one."
                let taken = item.owner.is_none() && task.vague && matches!(task.owner, Owner::Speaker);
                let again =
                    task.vague && (same || matches!(task.owner, Owner::Addressee) && item.owner.is_some());
                near && (again || taken || *asked && same)
            });
            if let Some((place, asked, item)) = open {
                (*place, *asked) = (at, false);
                more(item, task, owner, &sentence.segments);
            } else if !task.vague || self.stems(&task.task) >= 2 {
                let (task, due, asked) = (
                    task.task.clone(),
                    task.due.clone(),
                    task.owner == Owner::Addressee || matches!(task.owner, Owner::Named(_)),
                );
                let segments = sentence.segments.clone();
                found.push((at, asked, ActionItem { task, owner, due, segments, ..ActionItem::default() }));
            }
        }
        found.into_iter().map(|(at, _, item)| (at, item)).collect()
    }

    fn owner(&self, at: usize, sentence: &Sentence, task: &Task) -> Option<String> {
        match &task.owner {
            Owner::Nobody => None,
            Owner::Speaker => sentence.speaker.clone(),
            Owner::Named(name) => Some(self.whole_name(name)),
            Owner::Addressee => {
                let mut replies = self.behind(at, 2).filter(|(_, reply, _)| sentence.may_answer(reply));
                replies.find_map(|(_, reply, _)| reply.speaker.clone())
            }
        }
    }

    /// The speaker who is called so, else the name as it was said.
    fn whole_name(&self, name: &str) -> String {
        let bare = name.trim_end_matches(['씨', '님', ' ']);
        let is = |speaker: &&String| {
            speaker.split_whitespace().any(|word| word == bare)
                || bare.chars().count() == 2 && speaker.ends_with(bare)
        };
        let speaker = self.sentences.iter().filter_map(|sentence| sentence.speaker.as_ref()).find(is);
        speaker.map_or_else(|| name.to_owned(), Clone::clone)
    }

    /// Places of questions that nobody answers, and of what nobody knows.
    pub fn open_questions(&self) -> Vec<usize> {
        let mut open: Vec<usize> = Vec::new();
        for (at, sentence, act) in self.all() {
            let is_open = match act {
                Act::Question => !self.words(&sentence.text).is_empty() && !self.is_answered(at, sentence),
                // Whoever says so of a question that is open already only says it again.
                Act::Unknown => {
                    let last = open.last().and_then(|last| self.sentences.get(*last));
                    last.is_none_or(|last| last.distance(sentence) > 1)
                }
                _ => false,
            };
            if is_open {
                open.push(at);
            }
        }
        open
    }

    fn is_answered(&self, at: usize, question: &Sentence) -> bool {
        let asked = self.words(&question.text);
        let speech = Speech::of(self.language);
        for (_, reply, act) in self.behind(at, REPLY_SEGMENTS) {
            let known = question.speaker.is_some() && reply.speaker != question.speaker;
            match act {
                Act::Unknown => return false,
                Act::Question if known && speech.agrees(&reply.text) => return true,
                Act::Question => {}
                // Where nobody knows who speaks, an answer says yes or no, or words of the question.
                _ if question.speaker.is_none() => {
                    let near = question.distance(reply) <= 1;
                    let shares = near && self.words(&reply.text).iter().any(|word| asked.contains(word));
                    if shares || speech.agrees(&reply.text) {
                        return true;
                    }
                }
                _ if known => return true,
                _ => {}
            }
        }
        false
    }
}

/// Adds the segments in which the same was said again.
pub(super) fn also(segments: &mut Vec<u64>, more: &[u64]) {
    segments.extend(more);
    segments.sort_unstable();
    segments.dedup();
}

/// Adds to a task what was said of it afterwards.
fn more(item: &mut ActionItem, task: &Task, owner: Option<String>, segments: &[u64]) {
    also(&mut item.segments, segments);
    item.owner = item.owner.take().or(owner);
    item.due = item.due.take().or_else(|| task.due.clone());
    if !task.vague && item.task != task.task {
        let mut chars = task.task.chars();
        let begin: String = chars.next().into_iter().flat_map(char::to_lowercase).collect();
        item.task = format!("{} ({begin}{})", item.task, chars.as_str());
    }
}
