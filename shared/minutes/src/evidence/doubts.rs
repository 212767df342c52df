//! What is unclear about a statement whose words were said: only a reader can tell whether it is meant so.

use std::sync::LazyLock;

use regex::Regex;
use text::{pattern::fixed, sentences, words::tokens};

use super::{
    Evidence, REACH_LINES,
    anchor::Search,
    people::Person,
    statement::{Piece, Statement},
};

/// Words of a statement among which its subject is looked for.
const SUBJECT_WORDS: usize = 2;

/// Lines behind a question in which a yes to it is looked for.
const ANSWER_LINES: usize = 3;

/// Where one clause ends and another begins.
static CLAUSE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(r"[.?!;,:—。？！]+(?:\s+|$)|\s+(?i:but|and|so|because|though)\s+|(?:는데|지만|고요|다가)[,\s]+")
});

/// Somebody agrees, decides or promises.
static RESOLVE: LazyLock<Regex> = LazyLock::new(|| {
    fixed(
        r"(?i)\b(?:agreed?|decided?|promised?|confirmed?|accepted?|volunteered)\b|기로 (?:했|하|결정|합의)|동의|약속|확정|결정",
    )
});

impl Evidence {
    /// Why it is not sure that the lines at `places` support the statement.
    pub(super) fn doubt(
        &self,
        text: &str,
        statement: &Statement,
        search: &Search<'_>,
        places: &[usize],
    ) -> Option<String> {
        let near = search.near(places, REACH_LINES);
        if near.count() * 2 < statement.pieces.len() {
            return Some("less than half of its words were said there".to_owned());
        }
        if let Some(name) = statement.unnamed(&self.near(places, REACH_LINES)) {
            return Some(name);
        }
        self.said_by_another(text, search, places)
            .or_else(|| self.denied_by_nobody(text, places))
            .or_else(|| self.denied_or_asked(text, statement, search, places))
            .or_else(|| self.resolved_by_nobody(text, places))
            .or_else(|| self.another_measure(statement, places))
    }

    /// The statement says that somebody does what another one speaks of doing.
    fn said_by_another(&self, text: &str, search: &Search<'_>, places: &[usize]) -> Option<String> {
        let subject = tokens(text).take(SUBJECT_WORDS).find_map(|word| self.people.called(word))?;
        let line = self.lines.get(search.main_line(places)?)?;
        let speaker = line.speaker.filter(|speaker| *speaker != subject)?;
        let mentioned = self.mentioned(&line.text).contains(&subject);
        (!mentioned && self.speech.speaks_of_self(&line.text)).then(|| {
            let (subject, speaker) = (self.people.name(subject), self.people.name(speaker));
            format!("{speaker} says this, and not {subject}")
        })
    }

    /// The people who are named in a line.
    pub(super) fn mentioned(&self, line: &str) -> Vec<Person> {
        tokens(line).filter_map(|word| self.people.called(word)).collect()
    }

    /// The statement denies something, and nobody did.
    fn denied_by_nobody(&self, text: &str, places: &[usize]) -> Option<String> {
        let mut lines = places.iter().filter_map(|place| self.lines.get(*place));
        let denied = lines.any(|line| self.speech.denies(&line.text) || self.speech.is_negative(&line.text));
        let denies = self.speech.denies(text) || self.speech.refuses(text);
        (denies && !denied).then(|| "nobody denies it there".to_owned())
    }

    /// The clause that says most of it denies it, or asks it and nobody says yes.
    fn denied_or_asked(
        &self,
        text: &str,
        statement: &Statement,
        search: &Search<'_>,
        places: &[usize],
    ) -> Option<String> {
        let place = search.main_line(places)?;
        let line = self.lines.get(place)?;
        let mut begin = 0;
        let ends = CLAUSE.find_iter(&line.text).map(|found| found.end()).chain([line.text.len()]);
        let clauses = ends.filter_map(|end| line.text.get(std::mem::replace(&mut begin, end)..end));
        let said = |clause: &&str| statement.said(&self.spoken(clause)).count();
        // The first one of equals.
        let clause = clauses.collect::<Vec<_>>().into_iter().rev().max_by_key(said)?;
        let denies = self.speech.denies(text) || self.speech.is_negative(text);
        if self.speech.denies(clause) && !denies {
            return Some("it is denied there".to_owned());
        }
        let sentence = sentences(&line.text).into_iter().rev().max_by_key(said)?;
        let asked = sentence.trim_end().ends_with(['?', '？']) && !self.speech.asks(sentence);
        let others = |answer: &&super::Line| answer.speaker.is_none() || answer.speaker != line.speaker;
        let repeats = |answer: &super::Line| statement.said(answer).count() >= said(&clause);
        let mut answers = self.lines.iter().skip(place + 1).take(ANSWER_LINES).filter(others);
        let mut agreed = || answers.any(|answer| self.speech.agrees(&answer.text) || repeats(answer));
        (asked && !denies && !text.trim_end().ends_with('?') && !agreed())
            .then(|| "it is only asked there".to_owned())
    }

    /// Somebody who does not speak is said to have agreed or decided, of which nobody speaks.
    fn resolved_by_nobody(&self, text: &str, places: &[usize]) -> Option<String> {
        let mut words = tokens(text);
        let subject = words.next()?;
        let titled = words.next().is_some_and(|word| word.starts_with('씨') || word.starts_with('님'));
        let named = titled
            || subject.chars().next().is_some_and(char::is_uppercase) && self.stemmer.stem(subject).is_some();
        let speaks = self.people.called(subject).is_some();
        let spoken =
            places.iter().filter_map(|place| self.lines.get(*place)).any(|line| RESOLVE.is_match(&line.text));
        (named && !speaks && RESOLVE.is_match(text) && !spoken)
            .then(|| format!("nobody says there that {subject} agreed to it"))
    }

    /// A number is a share there, and none in the statement.
    fn another_measure(&self, statement: &Statement, places: &[usize]) -> Option<String> {
        let near = self.near(places, 0);
        let differs = |piece: &Piece| match piece {
            Piece::Number(number) => {
                near.has(&Piece::Share(*number)) && !statement.pieces.contains(&Piece::Share(*number))
            }
            _ => false,
        };
        statement.pieces.iter().any(differs).then(|| "the number is a share there".to_owned())
    }
}
