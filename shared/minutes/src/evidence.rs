//! Whether the transcript supports what a model wrote. There are three outcomes: it does, it is unclear, or nobody said it.
//!
//! What decides is what was said in the lines that an entry names and close to them. Every number, date and name has to be
//! said, and a third of the other words: people paraphrase, and minutes do so even more. An entry that is true but names the
//! wrong lines is moved to those that bear it out best. Endings do not matter, nor which of two words for the same thing.

mod anchor;
mod doubts;
mod index;
mod lines;
mod owners;
mod people;
mod statement;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use shared::{minutes::Dropped, segment::Segment};
use text::{sentences, words::Stemmer};

use crate::speech::Speech;

use self::{anchor::Search, index::Index, lines::Line, people::People, statement::Statement};

/// Lines before and after those that an entry names in which its words may stand as well.
const REACH_LINES: usize = 2;

/// What was said, ready to be looked up.
pub struct Evidence {
    lines: Vec<Line>,
    /// Where each segment stands among them.
    places: HashMap<u64, usize>,
    whole: Line,
    index: Index,
    people: People,
    stemmer: Stemmer,
    /// Whether a capital letter inside a sentence marks a name, as it does not in German.
    capitals_are_names: bool,
    speech: Speech,
}

/// What speaks for a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Support {
    /// Numbers of the segments that bear it out, in order; never none.
    pub segments: Vec<u64>,
    /// Why it is not sure that they do; none if they do.
    pub unclear: Option<String>,
}

impl Evidence {
    /// Reads what was said in `language`.
    pub fn new(segments: &[Segment], language: &str) -> Self {
        let (people, stemmer) = (People::of(segments), Stemmer::of(language));
        let lines: Vec<Line> = segments.iter().map(|segment| Line::of(segment, &people, stemmer)).collect();
        let mut whole = Line::default();
        lines.iter().for_each(|line| whole.add(line));
        let (index, speech) = (Index::of(&lines), Speech::of(language));
        let places = lines.iter().enumerate().map(|(place, line)| (line.number, place)).collect();
        Self { lines, places, whole, index, people, stemmer, capitals_are_names: language != "de", speech }
    }

    /// The segments that support `text`: those of `cited` if they do, else those that bear it out best among the ones that
    /// the model `saw`.
    ///
    /// # Errors
    /// Why nothing supports it.
    pub fn claim(&self, text: &str, cited: &[u64], saw: impl Fn(u64) -> bool) -> Result<Support, String> {
        let statement = self.statement(text);
        if statement.pieces.is_empty() {
            return Err("it says nothing that can be checked".to_owned());
        }
        if let Some(unsaid) = self.unsaid(&statement) {
            return Err(unsaid);
        }
        let named: Vec<u64> = cited.iter().copied().filter(|number| saw(*number)).collect();
        let search = Search::new(self, &statement, saw);
        let anchored = search.anchor(&self.places(&named))?;
        let unclear = self.doubt(text, &statement, &search, &anchored);
        let segments = anchored.iter().map(|place| self.number(*place)).collect();
        Ok(Support { segments, unclear })
    }

    /// A number, date or name that nobody said.
    fn unsaid(&self, statement: &Statement) -> Option<String> {
        let said = statement.said(&self.whole);
        statement.out_of_reach(said).or_else(|| statement.unnamed(&self.whole))
    }

    /// Whether every word of a name or a date was said in the segments or close by.
    pub fn detail(&self, text: &str, segments: &[u64]) -> bool {
        let near = self.near(&self.places(segments), REACH_LINES);
        let statement = self.statement(text);
        statement.said(&near).count() == statement.pieces.len()
    }

    /// Whether any word that carries meaning was said at all, which is all that a heading has to fulfil.
    pub fn heading(&self, text: &str) -> bool {
        self.statement(text).said(&self.whole).count() > 0
    }

    /// The sentences of a paragraph that the whole transcript supports, and those that it does not.
    pub fn paragraph(&self, text: &str) -> (String, Vec<Dropped>) {
        let (mut kept, mut dropped) = (Vec::new(), Vec::new());
        for sentence in sentences(text) {
            let statement = self.statement(sentence);
            let reason = self.unsaid(&statement).or_else(|| {
                let supported =
                    statement.pieces.is_empty() || statement.is_supported(statement.said(&self.whole));
                (!supported).then(|| "most of its words were not said".to_owned())
            });
            match reason {
                None => kept.push(sentence),
                Some(reason) => dropped.push(Dropped { text: sentence.trim().to_owned(), reason }),
            }
        }
        (kept.concat().trim().to_owned(), dropped)
    }

    fn statement(&self, text: &str) -> Statement {
        Statement::of(text, &self.people, self.stemmer, self.capitals_are_names)
    }

    fn number(&self, place: usize) -> u64 {
        self.lines.get(place).map_or(0, |line| line.number)
    }

    /// What some words say, whoever speaks them.
    fn spoken(&self, text: &str) -> Line {
        Line::spoken(text, &self.people, self.stemmer)
    }

    /// Where the segments stand, in order.
    fn places(&self, segments: &[u64]) -> Vec<usize> {
        let mut places: Vec<usize> =
            segments.iter().filter_map(|number| self.places.get(number).copied()).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// What was said at `places` and up to `around` lines before and after each.
    fn near(&self, places: &[usize], around: usize) -> Line {
        let mut near = Line::default();
        for place in places {
            let (from, to) = (place.saturating_sub(around), place + around);
            self.lines.iter().take(to + 1).skip(from).for_each(|line| near.add(line));
        }
        near
    }
}
