//! A look through a model's file before it is read: engines trust the lengths in it, and a cut or foreign file could bring the
//! process down.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

/// What is wrong with a model's file.
#[derive(Debug, thiserror::Error)]
pub enum ModelFileError {
    /// It cannot be read.
    #[error(transparent)]
    Io(io::Error),
    /// It is not a whole Whisper model in ggml's form.
    #[error("{0}")]
    Damaged(&'static str),
}

const MAGIC: i32 = 0x6767_6d6c;
/// Vocabularies: English, multilingual, and multilingual since large-v3.
const VOCABULARIES: std::ops::RangeInclusive<i32> = 51_864..=51_866;
/// The most bytes of a word or of a tensor's name.
const LONGEST_NAME: i32 = 1024;
/// Weight types: number in the file, weights in a block, bytes of a block.
const WEIGHTS: [(i32, u64, u64); 13] = [
    (0, 1, 4),
    (1, 1, 2),
    (2, 32, 18),
    (3, 32, 20),
    (6, 32, 22),
    (7, 32, 24),
    (8, 32, 34),
    (10, 256, 84),
    (11, 256, 110),
    (12, 256, 144),
    (13, 256, 176),
    (14, 256, 210),
    (30, 1, 2),
];

/// Walks through the whole file, skipping the weights.
///
/// # Errors
/// Both [`ModelFileError`]s.
pub fn check_model_file(path: &Path) -> Result<(), ModelFileError> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    check(BufReader::new(file), length)
}

/// Walks through a model of so many bytes.
fn check(input: impl Read + Seek, length: u64) -> Result<(), ModelFileError> {
    Walk { input, position: 0, length }.through()
}

impl From<io::Error> for ModelFileError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Damaged("it is cut off"),
            _ => Self::Io(error),
        }
    }
}

fn ensure(holds: bool, what: &'static str) -> Result<(), ModelFileError> {
    if holds { Ok(()) } else { Err(ModelFileError::Damaged(what)) }
}

struct Walk<R> {
    input: R,
    position: u64,
    length: u64,
}

impl<R: Read + Seek> Walk<R> {
    fn through(&mut self) -> Result<(), ModelFileError> {
        ensure(self.number()? == MAGIC, "it does not begin like one")?;
        self.shape()?;
        let (mels, bins) = (self.number()?, self.number()?);
        ensure((1..=256).contains(&mels) && (1..=4096).contains(&bins), "absurd mel filters")?;
        self.skip(4 * mels as u64 * bins as u64)?;
        let words = self.number()?;
        ensure((1..=*VOCABULARIES.end()).contains(&words), "an absurd vocabulary")?;
        for _ in 0..words {
            let word = self.number()?;
            ensure((0..=LONGEST_NAME).contains(&word), "an absurd word")?;
            self.skip(word as u64)?;
        }
        ensure(self.position < self.length, "no weights in it")?;
        while self.position < self.length {
            self.tensor()?;
        }
        Ok(())
    }

    /// The sizes at the front, as whisper.cpp names them.
    fn shape(&mut self) -> Result<(), ModelFileError> {
        let mut next = || self.number();
        let (n_vocab, n_audio_ctx) = (next()?, next()?);
        let (n_audio_state, n_audio_head, n_audio_layer) = (next()?, next()?, next()?);
        let n_text_ctx = next()?;
        let (n_text_state, n_text_head, n_text_layer) = (next()?, next()?, next()?);
        let (n_mels, ftype) = (next()?, next()?);
        ensure(VOCABULARIES.contains(&n_vocab), "an unknown vocabulary")?;
        ensure((1..=1500).contains(&n_audio_ctx) && (32..=448).contains(&n_text_ctx), "absurd contexts")?;
        ensure((1..=64).contains(&n_audio_layer) && (1..=64).contains(&n_text_layer), "absurd layers")?;
        ensure((1..=4096).contains(&n_audio_state) && n_text_state == n_audio_state, "absurd states")?;
        let divides = |heads: i32| heads > 0 && n_audio_state % heads == 0;
        ensure(divides(n_audio_head) && divides(n_text_head), "absurd heads")?;
        ensure([80, 128].contains(&n_mels) && (0..=9_999).contains(&ftype), "absurd parameters")
    }

    fn tensor(&mut self) -> Result<(), ModelFileError> {
        let (dimensions, name, kind) = (self.number()?, self.number()?, self.number()?);
        ensure((1..=3).contains(&dimensions) && (1..=LONGEST_NAME).contains(&name), "an absurd tensor")?;
        let mut weights = 1_u64;
        for _ in 0..dimensions {
            let size = self.number()?;
            ensure(size > 0, "an empty tensor")?;
            weights = weights.checked_mul(size as u64).ok_or(ModelFileError::Damaged("an absurd tensor"))?;
        }
        let known = WEIGHTS.iter().find(|(number, _, _)| *number == kind);
        let (_, block, bytes) = known.ok_or(ModelFileError::Damaged("weights of an unknown type"))?;
        self.skip(name as u64)?;
        self.skip((weights / block).saturating_mul(*bytes))
    }

    fn number(&mut self) -> Result<i32, ModelFileError> {
        let mut bytes = [0; 4];
        self.input.read_exact(&mut bytes)?;
        self.position += 4;
        Ok(i32::from_le_bytes(bytes))
    }

    fn skip(&mut self, bytes: u64) -> Result<(), ModelFileError> {
        ensure(bytes <= self.length.saturating_sub(self.position), "it is cut off")?;
        self.input.seek_relative(bytes as i64)?;
        self.position += bytes;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toy() -> Vec<u8> {
        std::fs::read(ground_truth::toy_model()).unwrap()
    }

    fn verdict(bytes: &[u8]) -> Result<(), ModelFileError> {
        check(io::Cursor::new(bytes), bytes.len() as u64)
    }

    #[test]
    fn a_whole_model_passes() {
        assert!(verdict(&toy()).is_ok());
        assert!(check_model_file(&ground_truth::toy_model()).is_ok());
    }

    #[test]
    fn cut_and_foreign_files_do_not() {
        let model = toy();
        for length in [0, 3, 4, 40, 60, 5_000, 100_000, 600_000, model.len() / 2, model.len() - 1] {
            assert!(verdict(&model[..length]).is_err(), "cut at {length}");
        }
        assert!(verdict(b"<!doctype html><title>Not found</title>").is_err());
        assert!(verdict(&[model.as_slice(), b"more"].concat()).is_err());
        for place in (4..48).step_by(4) {
            let mut absurd = model.clone();
            absurd[place..place + 4].copy_from_slice(&i32::MAX.to_le_bytes());
            assert!(verdict(&absurd).is_err(), "absurd number at {place}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let missing = check_model_file(Path::new("/nowhere/model.bin")).unwrap_err();
        assert!(matches!(missing, ModelFileError::Io(error) if error.kind() == io::ErrorKind::NotFound));
        let text = check_model_file(&ground_truth::toy_model().with_file_name("README.md")).unwrap_err();
        assert!(matches!(text, ModelFileError::Damaged("it does not begin like one")));
    }
}
