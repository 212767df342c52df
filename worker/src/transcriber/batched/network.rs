//! Whisper's network, as it stands in a file: an encoder that hears and a decoder that writes.

use std::io;
use std::sync::Arc;

use rten_simd::f16;

use super::buffers::{Buffer, Buffers};
use super::decoder::{Decoder, Head, Heard, Layer, Sequence};
use super::encoder::Encoder;
use super::file::{ModelFile, Shape};
use super::layers::{Attention, Norm, Perceptron};
use super::linear::Linear;

/// 1/√64: queries are made smaller, once and for all, instead of each score.
const QUERY_SCALE: f32 = 0.125;

pub(super) struct Network {
    pub(super) encoder: Encoder,
    pub(super) decoder: Decoder,
    buffers: Buffers,
}

impl Network {
    /// # Errors
    /// `InvalidData` for weights that are missing or of another size.
    pub(super) fn of(file: &mut ModelFile) -> io::Result<Self> {
        let Shape { width, bands, vocabulary, steps, context, encoder_layers, decoder_layers, .. } =
            file.shape;
        let mut weights = Weights { file, width };
        let encoder = Encoder {
            bands,
            width,
            convolutions: [
                weights.linear("encoder.conv1", width, 3 * bands)?,
                weights.linear("encoder.conv2", width, 3 * width)?,
            ],
            positions: weights.file.floats("encoder.positional_embedding", steps * width)?,
            layers: (0..encoder_layers)
                .map(|layer| weights.encoder_layer(layer))
                .collect::<io::Result<_>>()?,
            norm: weights.norm("encoder.ln_post")?,
        };
        let tokens = weights.file.halves("decoder.token_embedding.weight", vocabulary * width)?;
        let decoder = Decoder {
            width,
            positions: weights.file.floats("decoder.positional_embedding", context * width)?,
            layers: (0..decoder_layers)
                .map(|layer| weights.decoder_layer(layer))
                .collect::<io::Result<_>>()?,
            norm: weights.norm("decoder.ln")?,
            tokens: Linear::new(tokens, vec![0.0; vocabulary]),
        };
        Ok(Self { encoder, decoder, buffers: Buffers::default() })
    }

    /// What is heard in a spectrogram.
    pub(super) fn hear(&self, spectrogram: &[f32]) -> Heard {
        self.decoder.prepare(&self.buffers, &self.encoder.hear(&self.buffers, spectrogram))
    }

    /// See [`Decoder::cross_attention`].
    pub(super) fn cross_attention(&self, heard: &Arc<Heard>, tokens: &[u32], heads: &[Head]) -> Vec<f32> {
        self.decoder.cross_attention(&self.buffers, heard, tokens, heads)
    }

    /// See [`Decoder::read`].
    pub(super) fn read(&self, texts: &mut [(&mut Sequence, &[u32])]) -> Buffer<'_> {
        self.decoder.read(&self.buffers, texts)
    }
}

/// Takes weights out of a file by their names.
struct Weights<'a> {
    file: &'a mut ModelFile,
    width: usize,
}

impl Weights<'_> {
    fn linear(&mut self, name: &str, outputs: usize, inputs: usize) -> io::Result<Linear> {
        let weights = self.file.halves(&format!("{name}.weight"), outputs * inputs)?;
        Ok(Linear::new(weights, self.file.floats(&format!("{name}.bias"), outputs)?))
    }

    fn norm(&mut self, name: &str) -> io::Result<Norm> {
        let mut floats = |part: &str| self.file.floats(&format!("{name}.{part}"), self.width);
        Ok(Norm { scale: floats("weight")?, bias: floats("bias")? })
    }

    fn query(&mut self, name: &str) -> io::Result<(Vec<f16>, Vec<f32>)> {
        let weights = self.file.halves(&format!("{name}.query.weight"), self.width * self.width)?;
        let bias = self.file.floats(&format!("{name}.query.bias"), self.width)?;
        let smaller = |weight: f16| f16::from_f32(weight.to_f32() * QUERY_SCALE);
        Ok((
            weights.into_iter().map(smaller).collect(),
            bias.into_iter().map(|bias| bias * QUERY_SCALE).collect(),
        ))
    }

    /// Keys, which have no bias, and values.
    fn key_and_value(&mut self, name: &str) -> io::Result<(Vec<f16>, Vec<f32>)> {
        let mut weights = self.file.halves(&format!("{name}.key.weight"), self.width * self.width)?;
        weights.extend(self.file.halves(&format!("{name}.value.weight"), self.width * self.width)?);
        let bias = self.file.floats(&format!("{name}.value.bias"), self.width)?;
        Ok((weights, [vec![0.0; self.width], bias].concat()))
    }

    fn attention(&mut self, block: &str) -> io::Result<Attention> {
        let name = format!("{block}.attn");
        let (mut weights, bias) = self.query(&name)?;
        let (more, more_bias) = self.key_and_value(&name)?;
        weights.extend(more);
        Ok(Attention {
            norm: self.norm(&format!("{name}_ln"))?,
            all: Linear::new(weights, [bias, more_bias].concat()),
            out: self.linear(&format!("{name}.out"), self.width, self.width)?,
        })
    }

    fn perceptron(&mut self, block: &str) -> io::Result<Perceptron> {
        Ok(Perceptron {
            norm: self.norm(&format!("{block}.mlp_ln"))?,
            wide: self.linear(&format!("{block}.mlp.0"), 4 * self.width, self.width)?,
            narrow: self.linear(&format!("{block}.mlp.2"), self.width, 4 * self.width)?,
        })
    }

    fn encoder_layer(&mut self, layer: usize) -> io::Result<(Attention, Perceptron)> {
        let block = format!("encoder.blocks.{layer}");
        Ok((self.attention(&block)?, self.perceptron(&block)?))
    }

    fn decoder_layer(&mut self, layer: usize) -> io::Result<Layer> {
        let block = format!("decoder.blocks.{layer}");
        let name = format!("{block}.cross_attn");
        let ((query, query_bias), (heard, heard_bias)) = (self.query(&name)?, self.key_and_value(&name)?);
        Ok(Layer {
            attention: self.attention(&block)?,
            norm: self.norm(&format!("{name}_ln"))?,
            query: Linear::new(query, query_bias),
            heard: Linear::new(heard, heard_bias),
            out: self.linear(&format!("{name}.out"), self.width, self.width)?,
            perceptron: self.perceptron(&block)?,
        })
    }
}
