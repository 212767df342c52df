//! What an entry of the minutes states, taken apart.

use std::collections::HashSet;

use text::{
    calendar::{self, Calendar},
    numbers,
    words::{Stemmer, is_hangul, key, synonym, tokens},
};

use super::{lines::Line, people::People};

/// Pieces of a statement that are looked at.
const MAX_PIECES: usize = 64;

/// A word that carries meaning, as it is compared.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Term {
    pub key: String,
    pub meaning: Option<usize>,
}

impl Term {
    /// Whether it stands for somebody who speaks.
    pub fn is_person(&self) -> bool {
        self.key.starts_with('@')
    }
}

/// What can be looked up by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Piece {
    Word(Term),
    Number(u64),
    /// So many per cent.
    Share(u64),
    Day(Calendar),
}

/// A statement in pieces.
#[derive(Debug)]
pub(super) struct Statement {
    /// Words that carry meaning, numbers and dates, each once.
    pub pieces: Vec<Piece>,
    /// Names that stand in it, as written and as compared.
    pub names: Vec<(String, Term)>,
}

/// Which pieces of a statement were said somewhere: a bit for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Said(u64);

impl Said {
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    pub const fn has(self, piece: usize) -> bool {
        self.0 >> piece & 1 == 1
    }

    pub const fn with(self, piece: usize) -> Self {
        Self(self.0 | 1 << piece)
    }
}

impl Statement {
    pub fn of(text: &str, people: &People, stemmer: Stemmer, capitals_are_names: bool) -> Self {
        let mut once = HashSet::new();
        let mut pieces: Vec<Piece> = numbers::stated(text).into_iter().map(Piece::Number).collect();
        pieces.extend(numbers::shares(text).into_iter().map(Piece::Share));
        pieces.extend(calendar::named(text).into_iter().map(Piece::Day));
        let words = terms(text, people, stemmer).filter(|term| once.insert(term.key.clone()));
        pieces.extend(words.map(Piece::Word));
        pieces.truncate(MAX_PIECES);
        let name = |name: &str| Some((name.to_owned(), term(name, people, stemmer)?));
        let names = names(text, capitals_are_names).into_iter().filter_map(name).collect();
        Self { pieces, names }
    }

    /// Which pieces were said there, in whatever words.
    pub fn said(&self, there: &Line) -> Said {
        let said = self.pieces.iter().enumerate().filter(|(_, piece)| there.has(piece));
        said.fold(Said::default(), |all, (place, _)| all.with(place))
    }

    /// A number or a date that was not said.
    pub fn out_of_reach(&self, said: Said) -> Option<String> {
        let unsaid = self.pieces.iter().enumerate().filter(|(place, _)| !said.has(*place));
        unsaid.map(|(_, piece)| piece).find_map(|piece| match piece {
            Piece::Number(number) => Some(format!("the number {number} was not said there")),
            Piece::Share(number) => Some(format!("{number} % was not said there")),
            Piece::Day(_) => Some("a weekday or month in it was not said there".to_owned()),
            Piece::Word(_) => None,
        })
    }

    /// A name that nobody said there.
    pub fn unnamed(&self, there: &Line) -> Option<String> {
        let name = self.names.iter().find(|(_, term)| !there.says(term));
        name.map(|(name, _)| format!("the name {name} was not said there"))
    }

    /// Whether enough of it was said: a third, and two pieces if there are so many.
    pub fn is_supported(&self, said: Said) -> bool {
        let (found, all) = (said.count(), self.pieces.len());
        found * 3 >= all && found >= all.min(2)
    }
}

/// The words of `text` as they are compared, numbers and dates left out.
pub(super) fn terms(text: &str, people: &People, stemmer: Stemmer) -> impl Iterator<Item = Term> {
    let spaced: Vec<Term> = tokens(text).filter_map(|token| term(token, people, stemmer)).collect();
    // Where there are no spaces between words, pairs of letters stand for them.
    let is_pair =
        |stem: &String| stem.chars().count() == 2 && !stem.is_ascii() && !stem.chars().any(is_hangul);
    let pairs = stemmer.stems(text).into_iter().filter(is_pair);
    spaced.into_iter().chain(pairs.map(|key| Term { key, meaning: None }))
}

fn term(token: &str, people: &People, stemmer: Stemmer) -> Option<Term> {
    if let Some(person) = people.called(token) {
        return Some(Term { key: person.key(), meaning: None });
    }
    let counted = token.chars().any(char::is_numeric);
    if counted || !calendar::named(token).is_empty() {
        return None;
    }
    let stem = stemmer.stem(token)?;
    Some(Term { key: key(&stem), meaning: synonym(&stem) })
}

/// Names: words with a capital letter that do not begin a sentence, what stands before 씨 and the like.
fn names(text: &str, capitals_are_names: bool) -> Vec<&str> {
    let capital = |word: &&str| word.chars().next().is_some_and(char::is_uppercase);
    let all: Vec<&str> = tokens(text).collect();
    // In a heading every word has a capital letter.
    let heading = all.iter().filter(|word| capital(word)).count() * 2 > all.len() && all.len() > 2;
    let sentences = text.split(['.', '!', '?', ':', '"', '“']).filter(|_| capitals_are_names && !heading);
    let mut names: Vec<&str> =
        sentences.flat_map(|sentence| tokens(sentence).skip(1).filter(capital)).collect();
    let titles = ["씨", "님", "대리", "과장", "차장", "부장", "팀장", "이사", "대표"];
    let addressed = all.iter().zip(all.iter().skip(1)).filter(|(name, title)| {
        (2..=4).contains(&name.chars().count())
            && name.chars().all(is_hangul)
            && titles.iter().any(|known| title.starts_with(known))
    });
    names.extend(addressed.map(|(name, _)| *name));
    names
}
