//! What one line of a transcript says, or several together.

use std::collections::HashSet;

use shared::segment::Segment;
use text::{
    calendar::{self, Calendar},
    numbers,
    words::Stemmer,
};

use super::{
    people::{People, Person},
    statement::{Piece, Term, terms},
};

/// Words, numbers and dates of a stretch of speech.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// Of the segment; none's if these are several lines together.
    pub number: u64,
    pub text: String,
    pub speaker: Option<Person>,
    words: HashSet<String>,
    meanings: HashSet<usize>,
    numbers: HashSet<u64>,
    shares: HashSet<u64>,
    days: HashSet<Calendar>,
}

impl Line {
    pub fn of(segment: &Segment, people: &People, stemmer: Stemmer) -> Self {
        let speaker = segment.speaker.as_deref().and_then(|name| people.find(name));
        let said = Self::spoken(&segment.text, people, stemmer);
        let mut line = Self { number: segment.number, text: segment.text.clone(), speaker, ..said };
        // Who speaks is said with every line.
        line.words.extend(speaker.map(Person::key));
        line
    }

    /// What is said in some words, whoever says them.
    pub fn spoken(text: &str, people: &People, stemmer: Stemmer) -> Self {
        let mut line = Self {
            numbers: numbers::known(text),
            shares: numbers::shares(text),
            days: calendar::named(text),
            ..Self::default()
        };
        for term in terms(text, people, stemmer) {
            line.meanings.extend(term.meaning);
            line.words.insert(term.key);
        }
        line
    }

    /// Numbers, shares and dates.
    pub fn pieces(&self) -> impl Iterator<Item = Piece> {
        let numbers = self.numbers.iter().copied().map(Piece::Number);
        let shares = self.shares.iter().copied().map(Piece::Share);
        numbers.chain(shares).chain(self.days.iter().copied().map(Piece::Day))
    }

    /// Words as they are compared.
    pub fn words(&self) -> impl Iterator<Item = &String> {
        self.words.iter()
    }

    /// Meanings that several words have.
    pub fn meanings(&self) -> impl Iterator<Item = usize> {
        self.meanings.iter().copied()
    }

    /// Takes in what another line says.
    pub fn add(&mut self, other: &Self) {
        self.words.extend(other.words.iter().cloned());
        self.meanings.extend(&other.meanings);
        self.numbers.extend(&other.numbers);
        self.shares.extend(&other.shares);
        self.days.extend(&other.days);
    }

    /// Whether a piece of a statement was said here; a word also if another one means the same.
    pub fn has(&self, piece: &Piece) -> bool {
        match piece {
            Piece::Word(term) => {
                self.says(term) || term.meaning.is_some_and(|meaning| self.meanings.contains(&meaning))
            }
            Piece::Number(number) => self.numbers.contains(number),
            Piece::Share(number) => self.shares.contains(number),
            Piece::Day(day) => self.days.contains(day),
        }
    }

    /// Whether a piece of a statement was said here in the very words.
    pub fn quotes(&self, piece: &Piece) -> bool {
        match piece {
            Piece::Word(term) => self.says(term),
            other => self.has(other),
        }
    }

    /// Whether the very word was said here.
    pub fn says(&self, term: &Term) -> bool {
        self.words.contains(&term.key)
    }
}
