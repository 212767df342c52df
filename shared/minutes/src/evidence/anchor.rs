//! The lines that bear a statement out best: small models find the fact and miss its number by a few.

use std::collections::BTreeMap;

use super::{
    Evidence, REACH_LINES,
    statement::{Piece, Said, Statement},
};

/// Lines that one entry is moved to at most.
const MAX_WINDOW_LINES: usize = 3;

/// Share of the best lines' weight from which the lines that were named stay.
const STAY_SHARE: f64 = 0.6;

/// What a word weighs that is said in a neighbouring line.
const NEIGHBOUR_WEIGHT: f64 = 0.35;

/// What a word weighs for which another of the same meaning was said.
const SYNONYM_WEIGHT: f64 = 0.8;

/// What each line more than one costs, in words of middle weight.
const LINE_COST: f64 = 0.5;

/// How much near lines are preferred, in words of middle weight.
const NEARNESS_WEIGHT: f64 = 0.5;

/// Lines after which nearness has lost half of its weight.
const NEAR_LINES: f64 = 8.0;

/// A statement, and what of it is said in the lines that may bear it out.
pub(super) struct Search<'a> {
    statement: &'a Statement,
    /// By their places, the lines that say some of it: all of it in whatever words, and in the very words.
    said: BTreeMap<usize, (Said, Said)>,
    /// What each piece weighs: those that are said seldom weigh more.
    weights: Vec<f64>,
    middle: f64,
}

impl<'a> Search<'a> {
    /// Looks among the lines whose numbers the model `saw`.
    pub fn new(evidence: &Evidence, statement: &'a Statement, saw: impl Fn(u64) -> bool) -> Self {
        let mut said: BTreeMap<usize, (Said, Said)> = BTreeMap::new();
        let mut weights = Vec::new();
        let all = evidence.lines.len() as f64;
        for (piece, meant) in statement.pieces.iter().enumerate() {
            let (mut count, places) = (0, evidence.index.places(meant));
            for place in places.filter(|place| saw(evidence.number(*place))) {
                let Some(line) = evidence.lines.get(place) else { continue };
                let (spoken, quoted) = said.entry(place).or_default();
                *spoken = spoken.with(piece);
                if line.quotes(meant) {
                    *quoted = quoted.with(piece);
                }
                count += 1;
            }
            weights.push(if count == 0 { 0.0 } else { (1.0 + all / f64::from(count)).ln() });
        }
        let known = weights.iter().filter(|weight| **weight > 0.0).count().max(1);
        let middle = weights.iter().sum::<f64>() / known as f64;
        Self { statement, said, weights, middle }
    }

    /// What was said at `places` and up to `around` lines before and after each.
    pub fn near(&self, places: &[usize], around: usize) -> Said {
        self.around(places, around).0
    }

    fn around(&self, places: &[usize], around: usize) -> (Said, Said) {
        let near = places.iter().flat_map(|place| {
            self.said.range(place.saturating_sub(around)..=place + around).map(|(_, said)| *said)
        });
        near.fold(Default::default(), |all: (Said, Said), said| (all.0.and(said.0), all.1.and(said.1)))
    }

    /// Places of lines that support the statement: `named` if they do, else the best ones.
    ///
    /// # Errors
    /// Why there are none.
    pub fn anchor(&self, named: &[usize]) -> Result<Vec<usize>, String> {
        let best = self.best(named);
        let stays = self.weight(named) >= STAY_SHARE * self.weight(&best);
        match (self.refused(named), self.refused_far(named, &best)) {
            (None, _) if stays => Ok(named.to_vec()),
            (_, None) => Ok(best),
            (None, _) => Ok(named.to_vec()),
            (Some(reason), Some(_)) => Err(reason),
        }
    }

    /// Why an entry is not moved to lines. Where it is moved away from all that it names, half of its words have to be there.
    fn refused_far(&self, named: &[usize], lines: &[usize]) -> Option<String> {
        let far = |place: &usize| named.iter().all(|named| named.abs_diff(*place) > REACH_LINES);
        let few = self.near(lines, REACH_LINES).count() * 2 < self.statement.pieces.len();
        let untold =
            || (few && lines.iter().all(far)).then(|| "most of its words were not said there".to_owned());
        self.refused(lines).or_else(untold)
    }

    /// Why lines do not support the statement.
    fn refused(&self, lines: &[usize]) -> Option<String> {
        if lines.is_empty() {
            return Some("the segments it names do not exist, and no others bear it out".to_owned());
        }
        let near = self.near(lines, REACH_LINES);
        let untold = || {
            (!self.statement.is_supported(near)).then(|| "most of its words were not said there".to_owned())
        };
        self.statement.out_of_reach(near).or_else(untold)
    }

    /// How much of the statement is said in these lines, and less so beside them.
    fn weight(&self, lines: &[usize]) -> f64 {
        if lines.is_empty() {
            return 0.0;
        }
        let (inside, (around, quoted)) = (self.near(lines, 0), self.around(lines, 1));
        let piece = |(piece, weight): (usize, &f64)| {
            let place = if inside.has(piece) { 1.0 } else { NEIGHBOUR_WEIGHT };
            let wording = if quoted.has(piece) { 1.0 } else { SYNONYM_WEIGHT };
            if around.has(piece) { weight * place * wording } else { 0.0 }
        };
        let pieces: f64 = self.weights.iter().enumerate().map(piece).sum();
        pieces - LINE_COST * self.middle * (lines.len() - 1) as f64
    }

    /// The one to three neighbouring lines that say most of the statement, near ones first among equals.
    fn best(&self, named: &[usize]) -> Vec<usize> {
        let mut best: (f64, Vec<usize>) = (0.0, Vec::new());
        let windows =
            self.said.keys().flat_map(|first| (1..=MAX_WINDOW_LINES).map(move |size| *first..first + size));
        for window in windows {
            let distance = named.iter().map(|place| place.abs_diff(window.start)).min().unwrap_or(0) as f64;
            let nearness = NEARNESS_WEIGHT * self.middle / (1.0 + distance / NEAR_LINES);
            // It ends with a line that says something, too.
            let lines: Vec<usize> = window.collect();
            let ends = lines.last().is_some_and(|last| self.said.contains_key(last));
            let weight = self.weight(&lines);
            // Without the numbers and dates of the statement there is nothing to be found.
            let whole = || self.statement.out_of_reach(self.near(&lines, REACH_LINES)).is_none();
            if ends && weight > 0.0 && weight + nearness > best.0 && whole() {
                best = (weight + nearness, lines);
            }
        }
        best.1
    }

    /// How much of the statement one line says.
    pub fn weight_of(&self, place: usize) -> f64 {
        self.weight(&[place])
    }

    /// The line of `lines` that says most of what the statement says besides who does it.
    pub fn main_line(&self, lines: &[usize]) -> Option<usize> {
        let deed = |piece: usize| match self.statement.pieces.get(piece) {
            Some(Piece::Word(term)) if term.is_person() => 0.0,
            _ => self.weights.get(piece).copied().unwrap_or_default(),
        };
        let weight = |place: &usize| {
            let said = self.near(&[*place], 0);
            (0..self.weights.len()).filter(|piece| said.has(*piece)).map(deed).sum::<f64>()
        };
        lines.iter().copied().max_by(|one, other| weight(one).total_cmp(&weight(other)).then(other.cmp(one)))
    }
}
