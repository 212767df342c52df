//! Reads a Whisper model in ggml's form.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use rten_simd::f16;

use crate::attention::HEAD_SIZE;
use crate::mel::FREQUENCIES;
use crate::weights::{BLOCK, Bytes, Weights};

/// Steps of 0.02 s that a model encodes.
const STEPS: usize = 1500;
/// Distilled models with so few layers in their decoder write no times, unless they are of the newest kind.
const LAYERS_WITHOUT_TIMES: usize = 2;
const NEWEST_VOCABULARY: usize = 51_866;
/// Values that are read at once: what fits into the processor's cache.
const AT_ONCE: usize = 1 << 16;

/// The sizes of a model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HyperParameters {
    /// Tokens there are.
    pub(crate) n_vocab: usize,
    /// Steps of 0.02 s that the encoder takes.
    pub(crate) n_audio_ctx: usize,
    /// Numbers that stand for one step or token.
    pub(crate) d_model: usize,
    pub(crate) encoder_layers: usize,
    /// Tokens that the decoder reads at most.
    pub(crate) n_text_ctx: usize,
    pub(crate) decoder_layers: usize,
    /// Bands of the spectrogram.
    pub(crate) n_mels: usize,
}

/// A model as it stands in its file.
pub(crate) struct ModelFile {
    pub(crate) shape: HyperParameters,
    /// What each band takes of each frequency, band by band.
    pub(crate) filters: Vec<f32>,
    /// The tokens' bytes.
    pub(crate) words: Vec<Vec<u8>>,
    tensors: HashMap<String, Tensor>,
}

/// Weights, row by row.
pub(crate) enum Tensor {
    Full(Vec<f32>),
    Less(Weights),
}

impl ModelFile {
    /// # Errors
    /// Those of reading; `InvalidData` for a model that cannot be run here.
    pub(crate) fn read(path: &Path) -> io::Result<Self> {
        let mut input = Input(BufReader::with_capacity(1 << 20, File::open(path)?));
        let [_magic, n_vocab, n_audio_ctx, d_model, heads, encoder_layers] = input.numbers()?;
        let [n_text_ctx, _, decoder_heads, decoder_layers, n_mels, _] = input.numbers()?;
        let shape = HyperParameters {
            n_vocab,
            n_audio_ctx,
            d_model,
            encoder_layers,
            n_text_ctx,
            decoder_layers,
            n_mels,
        };
        let filters = input.numbers()?;
        if heads * HEAD_SIZE != d_model
            || decoder_heads != heads
            || n_audio_ctx != STEPS
            || filters != [n_mels, FREQUENCIES]
        {
            return Err(wrong("sizes that no published model has"));
        }
        if decoder_layers == LAYERS_WITHOUT_TIMES && n_vocab < NEWEST_VOCABULARY {
            return Err(wrong("it writes no times"));
        }
        let filters = input.floats(n_mels * FREQUENCIES)?;
        let [count] = input.numbers()?;
        let words = (0..count).map(|_| input.word()).collect::<io::Result<_>>()?;
        let mut tensors = HashMap::new();
        while input.is_there_more()? {
            let (name, tensor) = input.tensor()?;
            tensors.insert(name, tensor);
        }
        Ok(Self { shape, filters, words, tensors })
    }

    /// The weights of that name, in 16 bits or less.
    pub(crate) fn weights(&mut self, name: &str, count: usize) -> io::Result<Weights> {
        let weights = match self.take(name)? {
            Tensor::Full(values) => Weights::Halves(values.into_iter().map(f16::from_f32).collect()),
            Tensor::Less(weights) => weights,
        };
        if weights.len() == count { Ok(weights) } else { Err(wrong_size(name)) }
    }

    /// The weights of that name, as floats.
    pub(crate) fn floats(&mut self, name: &str, count: usize) -> io::Result<Vec<f32>> {
        let floats = match self.take(name)? {
            Tensor::Full(values) => values,
            Tensor::Less(weights) => {
                let mut floats = vec![0.0; weights.len()];
                weights.floats(0..weights.len(), &mut floats);
                floats
            }
        };
        if floats.len() == count { Ok(floats) } else { Err(wrong_size(name)) }
    }

    fn take(&mut self, name: &str) -> io::Result<Tensor> {
        self.tensors.remove(name).ok_or_else(|| wrong(format!("it has no weights named {name}")))
    }
}

fn wrong_size(name: &str) -> io::Error {
    wrong(format!("{name} is of another size"))
}

fn wrong(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

struct Input<R>(R);

impl<R: BufRead> Input<R> {
    fn is_there_more(&mut self) -> io::Result<bool> {
        Ok(!self.0.fill_buf()?.is_empty())
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.0.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn bytes(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn numbers<const N: usize>(&mut self) -> io::Result<[usize; N]> {
        let mut numbers = [0; N];
        for number in &mut numbers {
            *number = u32::from_le_bytes(self.array()?) as usize;
        }
        Ok(numbers)
    }

    /// Values of `N` bytes each.
    fn values<T, const N: usize>(
        &mut self,
        count: usize,
        value: impl Fn([u8; N]) -> T,
    ) -> io::Result<Vec<T>> {
        let mut values = Vec::with_capacity(count);
        while values.len() < count {
            let bytes = self.bytes(N * AT_ONCE.min(count - values.len()))?;
            values.extend(bytes.as_chunks().0.iter().map(|bytes| value(*bytes)));
        }
        Ok(values)
    }

    fn floats(&mut self, count: usize) -> io::Result<Vec<f32>> {
        self.values(count, f32::from_le_bytes)
    }

    fn word(&mut self) -> io::Result<Vec<u8>> {
        let [length] = self.numbers()?;
        self.bytes(length)
    }

    fn tensor(&mut self) -> io::Result<(String, Tensor)> {
        let [dimensions, name, kind] = self.numbers()?;
        let mut count = 1;
        for _ in 0..dimensions {
            let [size] = self.numbers()?;
            count *= size;
        }
        let name = String::from_utf8_lossy(&self.bytes(name)?).into_owned();
        let tensor = match kind {
            0 => Tensor::Full(self.floats(count)?),
            1 => {
                let halves = self.values(count, |bytes| f16::from_bits(u16::from_le_bytes(bytes)))?;
                Tensor::Less(Weights::Halves(halves))
            }
            2 => self.blocks(count, |input, blocks| input.block(blocks, 8, false, false))?,
            3 => self.blocks(count, |input, blocks| input.block(blocks, 0, true, false))?,
            6 => self.blocks(count, |input, blocks| input.block(blocks, 16, false, true))?,
            7 => self.blocks(count, |input, blocks| input.block(blocks, 0, true, true))?,
            8 => self.blocks(count, Self::block_of_bytes)?,
            _ => return Err(wrong(format!("weights of type {kind}"))),
        };
        Ok((name, tensor))
    }

    fn blocks(
        &mut self,
        count: usize,
        block: impl Fn(&mut Self, &mut Bytes) -> io::Result<()>,
    ) -> io::Result<Tensor> {
        let mut bytes = Bytes::default();
        for _ in 0..count / BLOCK {
            block(self, &mut bytes)?;
        }
        Ok(Tensor::Less(Weights::Bytes(bytes)))
    }

    fn half(&mut self) -> io::Result<f32> {
        Ok(f16::from_bits(u16::from_le_bytes(self.array()?)).to_f32())
    }

    /// Weights of a byte each, after their scale.
    fn block_of_bytes(&mut self, bytes: &mut Bytes) -> io::Result<()> {
        bytes.scales.push(self.half()?);
        bytes.quants.extend(self.array::<BLOCK>()?.map(|quant| i8::from_le_bytes([quant])));
        Ok(())
    }

    /// Weights of half a byte each, after their scale, perhaps what is added to them, and perhaps a fifth bit of each.
    /// `zero` stands for nothing.
    fn block(&mut self, bytes: &mut Bytes, zero: i8, shifted: bool, fifth: bool) -> io::Result<()> {
        bytes.scales.push(self.half()?);
        if shifted {
            bytes.shifts.push(self.half()?);
        }
        let fifths = if fifth { u32::from_le_bytes(self.array()?) } else { 0 };
        let pairs: [u8; BLOCK / 2] = self.array()?;
        let quants = pairs.iter().map(|pair| pair & 15).chain(pairs.iter().map(|pair| pair >> 4));
        let whole = |(place, quant): (usize, u8)| (quant | ((fifths >> place & 1) << 4) as u8) as i8 - zero;
        bytes.quants.extend(quants.enumerate().map(whole));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toy() -> ModelFile {
        ModelFile::read(&ground_truth::toy_model()).unwrap()
    }

    /// A tensor of one block, in a file.
    fn read(kind: u32, block: &[u8]) -> Vec<f32> {
        let numbers = [1, 1, kind, BLOCK as u32].map(u32::to_le_bytes).concat();
        let bytes = [numbers.as_slice(), b"w", block].concat();
        let (name, tensor) = Input(bytes.as_slice()).tensor().unwrap();
        let mut file = ModelFile { tensors: HashMap::from([(name, tensor)]), ..toy() };
        file.floats("w", BLOCK).unwrap()
    }

    fn half(value: f32) -> [u8; 2] {
        f16::from_f32(value).to_bits().to_le_bytes()
    }

    #[test]
    fn weights_of_all_types_are_read() {
        let expected: Vec<f32> = (0_u8..32).map(|place| f32::from(place) - 8.0).collect();
        assert_eq!(
            read(0, &expected.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>()),
            expected
        );
        assert_eq!(read(1, &expected.iter().flat_map(|value| half(*value)).collect::<Vec<_>>()), expected);
        let bytes: Vec<u8> = (0..32).map(|place| (place - 8_i8).to_le_bytes()[0]).collect();
        assert_eq!(read(8, &[&half(1.0)[..], &bytes].concat()), expected);
        // Place and place + 16 share a byte; the second has a fifth bit.
        let nibbles: Vec<u8> = (0..16).map(|place| place | place << 4).collect();
        let fifths = 0xffff_0000_u32.to_le_bytes();
        assert_eq!(read(7, &[&half(1.0)[..], &half(-8.0), &fifths, &nibbles].concat()), expected);
        let less: Vec<f32> = expected.iter().map(|value| value - 8.0).collect();
        assert_eq!(read(6, &[&half(1.0)[..], &fifths, &nibbles].concat()), less);
        let twice: Vec<f32> = (0_u8..32).map(|place| f32::from(place % 16) - 8.0).collect();
        assert_eq!(read(2, &[&half(1.0)[..], &nibbles].concat()), twice);
        assert_eq!(read(3, &[&half(1.0)[..], &half(-8.0), &nibbles].concat()), twice);
    }

    #[test]
    fn what_cannot_be_worked_is_said() {
        let model = std::fs::read(ground_truth::toy_model()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let read = |place: usize, number: u32| {
            let (path, mut changed) = (folder.path().join("model.bin"), model.clone());
            changed[place..place + 4].copy_from_slice(&number.to_le_bytes());
            std::fs::write(&path, changed).unwrap();
            ModelFile::read(&path).map(drop).map_err(|error| (error.kind(), error.to_string()))
        };
        assert_eq!(read(0, 0x6767_6d6c), Ok(()), "as it was");
        let refused = |what: &str| Err((io::ErrorKind::InvalidData, what.to_owned()));
        for (place, number) in [(8, 1_000), (16, 4), (32, 4), (40, 128)] {
            assert_eq!(
                read(place, number),
                refused("sizes that no published model has"),
                "number at {place}"
            );
        }
        assert_eq!(read(36, 2), refused("it writes no times"));
        let mut file = toy();
        let missing = file.weights("encoder.conv9.weight", 1).err().unwrap();
        assert_eq!(missing.to_string(), "it has no weights named encoder.conv9.weight");
        let resized = file.floats("encoder.conv1.bias", 127).unwrap_err();
        assert_eq!(resized.to_string(), "encoder.conv1.bias is of another size");
    }
}
