//! What the layers of the encoder and the decoder are made of.

use rayon::prelude::*;
use rten_simd::{SimdOp, SimdUnaryOp};
use rten_vecmath::{Gelu, Normalize, NormalizeOptions, Sum, SumSquareSub};

use crate::buffers::{Buffer, Buffers};
use crate::linear::Linear;

/// Floats that a thread takes at once.
const CHUNK: usize = 1 << 14;
/// What keeps a row that is the same all over from being divided by nothing.
const EPSILON: f32 = 1e-5;

/// Makes rows comparable: their mean becomes nothing and their deviation one, then all is scaled.
pub(crate) struct LayerNorm {
    pub(crate) scale: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

impl LayerNorm {
    pub(crate) fn apply<'a>(&self, buffers: &'a Buffers, rows: &[f32]) -> Buffer<'a> {
        let mut out = buffers.take(rows.len());
        let width = self.scale.len();
        let pairs = out.par_chunks_mut(width).zip(rows.par_chunks(width)).with_min_len(CHUNK / width);
        pairs.for_each(|(out, row)| {
            let mean = Sum::new(row).dispatch() / width as f32;
            let variance = SumSquareSub::new(row, mean).dispatch() / width as f32;
            let options = NormalizeOptions {
                pre_scale_bias: mean,
                scale: (variance + EPSILON).sqrt().recip(),
                element_scale: Some(&self.scale),
                bias: 0.0,
                element_bias: Some(&self.bias),
            };
            out.copy_from_slice(row);
            Normalize::new_mut(out, options).dispatch();
        });
        out
    }
}

/// A layer that turns to its own steps: queries, keys and values one after the other, and what becomes of what they find.
pub(crate) struct Attention {
    pub(crate) norm: LayerNorm,
    pub(crate) all: Linear,
    pub(crate) out: Linear,
}

/// A layer for each row by itself.
pub(crate) struct FeedForward {
    pub(crate) norm: LayerNorm,
    pub(crate) wide: Linear,
    pub(crate) narrow: Linear,
}

impl FeedForward {
    pub(crate) fn add(&self, buffers: &Buffers, rows: &mut [f32]) {
        let mut wide = self.wide.apply(buffers, &self.norm.apply(buffers, rows));
        gelu(&mut wide);
        self.narrow.add(buffers, &wide, rows);
    }
}

pub(crate) fn gelu(values: &mut [f32]) {
    values.par_chunks_mut(CHUNK).for_each(|values| {
        Gelu {}.map_mut(values);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dots::tests::{assert_near, f16s, noise};
    use crate::weights::Weights;

    #[test]
    fn rows_are_made_comparable() {
        let norm = LayerNorm { scale: noise(64, 1), bias: noise(64, 2) };
        let rows: Vec<_> = noise(300 * 64, 3).iter().map(|float| float * 50.0 + 20.0).collect();
        let expected = rows.chunks_exact(64).flat_map(|row| {
            let mean = row.iter().sum::<f32>() / 64.0;
            let variance = row.iter().map(|float| (float - mean).powi(2)).sum::<f32>() / 64.0;
            let scaled = row
                .iter()
                .zip(&norm.scale)
                .map(move |(float, scale)| (float - mean) / variance.sqrt() * scale);
            scaled.zip(&norm.bias).map(|(float, bias)| float + bias)
        });
        let expected: Vec<_> = expected.collect();
        assert_near(&norm.apply(&Buffers::default(), &rows), &expected, 1e-4);
        assert_near(&norm.apply(&Buffers::default(), &[3.0; 64]), &norm.bias, 1e-4);
    }

    #[test]
    fn what_is_negative_fades_away() {
        let (from, to) = ([-3.0, -1.0, 0.0, 1.0, 3.0], [-0.004_05, -0.158_655, 0.0, 0.841_345, 2.995_95]);
        let mut values = from.repeat(CHUNK / 4);
        gelu(&mut values);
        assert_near(&values, &to.repeat(CHUNK / 4), 1e-5);
    }

    #[test]
    fn thoughts_are_added_to_their_rows() {
        let layer = FeedForward {
            norm: LayerNorm { scale: noise(64, 1), bias: noise(64, 2) },
            wide: Linear::new(Weights::Halves(f16s(&noise(256 * 64, 3))), noise(256, 4)),
            narrow: Linear::new(Weights::Halves(f16s(&noise(64 * 256, 5))), noise(64, 6)),
        };
        let (buffers, rows) = (Buffers::default(), noise(5 * 64, 7));
        let mut thoughts = layer.wide.apply(&buffers, &layer.norm.apply(&buffers, &rows));
        gelu(&mut thoughts);
        let thoughts = layer.narrow.apply(&buffers, &thoughts);
        let expected: Vec<_> = rows.iter().zip(thoughts.iter()).map(|(row, thought)| row + thought).collect();
        let mut found = rows;
        layer.add(&buffers, &mut found);
        assert_near(&found, &expected, 1e-4);
    }
}
