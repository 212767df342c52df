//! Whisper's network, as it stands in a file: encoder and decoder.

use std::io;
use std::sync::Arc;

use crate::buffers::{Buffer, Buffers};
use crate::decoder::{Decoder, EncoderOutput, Head, Layer, Sequence};
use crate::encoder::Encoder;
use crate::ggml::{HyperParameters, ModelFile};
use crate::layers::{Attention, FeedForward, LayerNorm};
use crate::linear::Linear;
use crate::weights::Weights;

/// 1/√64: queries are made smaller, once and for all, instead of each score.
const QUERY_SCALE: f32 = 0.125;

pub(crate) struct Network {
    pub(crate) encoder: Encoder,
    pub(crate) decoder: Decoder,
    buffers: Buffers,
}

impl Network {
    /// # Errors
    /// `InvalidData` for weights that are missing or of another size.
    pub(crate) fn of(file: &mut ModelFile) -> io::Result<Self> {
        let HyperParameters {
            d_model,
            n_mels,
            n_vocab,
            n_audio_ctx,
            n_text_ctx,
            encoder_layers,
            decoder_layers,
            ..
        } = file.shape;
        let mut tensors = Tensors { file, d_model };
        let encoder = Encoder {
            n_mels,
            d_model,
            convolutions: [
                tensors.linear("encoder.conv1", d_model, 3 * n_mels)?,
                tensors.linear("encoder.conv2", d_model, 3 * d_model)?,
            ],
            positions: tensors.file.floats("encoder.positional_embedding", n_audio_ctx * d_model)?,
            layers: (0..encoder_layers)
                .map(|layer| tensors.encoder_layer(layer))
                .collect::<io::Result<_>>()?,
            norm: tensors.norm("encoder.ln_post")?,
        };
        let tokens = tensors.file.weights("decoder.token_embedding.weight", n_vocab * d_model)?;
        let decoder = Decoder {
            d_model,
            positions: tensors.file.floats("decoder.positional_embedding", n_text_ctx * d_model)?,
            layers: (0..decoder_layers)
                .map(|layer| tensors.decoder_layer(layer))
                .collect::<io::Result<_>>()?,
            norm: tensors.norm("decoder.ln")?,
            tokens: Linear::new(tokens, vec![0.0; n_vocab]),
        };
        Ok(Self { encoder, decoder, buffers: Buffers::default() })
    }

    /// What is encoded in a spectrogram.
    pub(crate) fn encode(&self, spectrogram: &[f32]) -> EncoderOutput {
        self.decoder.cross_kv(&self.buffers, &self.encoder.forward(&self.buffers, spectrogram))
    }

    /// See [`Decoder::cross_attention`].
    pub(crate) fn cross_attention(
        &self,
        encoded: &Arc<EncoderOutput>,
        tokens: &[u32],
        heads: &[Head],
    ) -> Vec<f32> {
        self.decoder.cross_attention(&self.buffers, encoded, tokens, heads)
    }

    /// See [`Decoder::forward`].
    pub(crate) fn forward(&self, texts: &mut [(&mut Sequence, &[u32])]) -> Buffer<'_> {
        self.decoder.forward(&self.buffers, texts)
    }
}

/// Takes weights out of a file by their names.
struct Tensors<'a> {
    file: &'a mut ModelFile,
    d_model: usize,
}

impl Tensors<'_> {
    fn linear(&mut self, name: &str, outputs: usize, inputs: usize) -> io::Result<Linear> {
        let weights = self.file.weights(&format!("{name}.weight"), outputs * inputs)?;
        Ok(Linear::new(weights, self.file.floats(&format!("{name}.bias"), outputs)?))
    }

    fn norm(&mut self, name: &str) -> io::Result<LayerNorm> {
        let mut floats = |part: &str| self.file.floats(&format!("{name}.{part}"), self.d_model);
        Ok(LayerNorm { scale: floats("weight")?, bias: floats("bias")? })
    }

    fn query(&mut self, name: &str) -> io::Result<(Weights, Vec<f32>)> {
        let weights = self.file.weights(&format!("{name}.query.weight"), self.d_model * self.d_model)?;
        let bias = self.file.floats(&format!("{name}.query.bias"), self.d_model)?;
        Ok((weights.times(QUERY_SCALE), bias.into_iter().map(|bias| bias * QUERY_SCALE).collect()))
    }

    /// Keys, which have no bias, and values.
    fn key_and_value(&mut self, name: &str) -> io::Result<(Weights, Vec<f32>)> {
        let keys = self.file.weights(&format!("{name}.key.weight"), self.d_model * self.d_model)?;
        let values = self.file.weights(&format!("{name}.value.weight"), self.d_model * self.d_model)?;
        let bias = self.file.floats(&format!("{name}.value.bias"), self.d_model)?;
        Ok((keys.and(values), [vec![0.0; self.d_model], bias].concat()))
    }

    fn attention(&mut self, block: &str) -> io::Result<Attention> {
        let name = format!("{block}.attn");
        let (queries, bias) = self.query(&name)?;
        let (more, more_bias) = self.key_and_value(&name)?;
        Ok(Attention {
            norm: self.norm(&format!("{name}_ln"))?,
            all: Linear::new(queries.and(more), [bias, more_bias].concat()),
            out: self.linear(&format!("{name}.out"), self.d_model, self.d_model)?,
        })
    }

    fn feed_forward(&mut self, block: &str) -> io::Result<FeedForward> {
        Ok(FeedForward {
            norm: self.norm(&format!("{block}.mlp_ln"))?,
            wide: self.linear(&format!("{block}.mlp.0"), 4 * self.d_model, self.d_model)?,
            narrow: self.linear(&format!("{block}.mlp.2"), self.d_model, 4 * self.d_model)?,
        })
    }

    fn encoder_layer(&mut self, layer: usize) -> io::Result<(Attention, FeedForward)> {
        let block = format!("encoder.blocks.{layer}");
        Ok((self.attention(&block)?, self.feed_forward(&block)?))
    }

    fn decoder_layer(&mut self, layer: usize) -> io::Result<Layer> {
        let block = format!("decoder.blocks.{layer}");
        let name = format!("{block}.cross_attn");
        let ((query, query_bias), (cross_kv, cross_kv_bias)) =
            (self.query(&name)?, self.key_and_value(&name)?);
        Ok(Layer {
            attention: self.attention(&block)?,
            norm: self.norm(&format!("{name}_ln"))?,
            query: Linear::new(query, query_bias),
            cross_kv: Linear::new(cross_kv, cross_kv_bias),
            out: self.linear(&format!("{name}.out"), self.d_model, self.d_model)?,
            feed_forward: self.feed_forward(&block)?,
        })
    }
}
