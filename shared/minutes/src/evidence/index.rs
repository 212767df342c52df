//! Where each word, number and date was said.

use std::collections::{BTreeSet, HashMap};

use super::{lines::Line, statement::Piece};

/// Places of lines by what is said in them.
#[derive(Debug, Default)]
pub(super) struct Index {
    pieces: HashMap<Piece, Vec<usize>>,
    words: HashMap<String, Vec<usize>>,
    meanings: HashMap<usize, Vec<usize>>,
}

impl Index {
    pub fn of(lines: &[Line]) -> Self {
        let mut index = Self::default();
        for (place, line) in lines.iter().enumerate() {
            line.pieces().for_each(|piece| index.pieces.entry(piece).or_default().push(place));
            line.words().for_each(|word| index.words.entry(word.clone()).or_default().push(place));
            line.meanings().for_each(|meaning| index.meanings.entry(meaning).or_default().push(place));
        }
        index
    }

    /// Where a piece of a statement was said, in order; a word also if another one means the same.
    pub fn places(&self, piece: &Piece) -> impl Iterator<Item = usize> + use<> {
        let mut places = BTreeSet::new();
        match piece {
            Piece::Word(term) => {
                places.extend(self.words.get(&term.key).into_iter().flatten());
                let meaning = term.meaning.and_then(|meaning| self.meanings.get(&meaning));
                places.extend(meaning.into_iter().flatten());
            }
            other => places.extend(self.pieces.get(other).into_iter().flatten()),
        }
        places.into_iter()
    }
}
