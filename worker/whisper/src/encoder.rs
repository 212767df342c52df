//! The encoder: a spectrogram to states, one for each step of 0.02 s.

use rayon::prelude::*;

use crate::attention::self_attention;
use crate::buffers::{Buffer, Buffers};
use crate::layers::{Attention, FeedForward, LayerNorm, gelu};
use crate::linear::Linear;

pub(crate) struct Encoder {
    pub(crate) n_mels: usize,
    pub(crate) d_model: usize,
    /// Over each step and its neighbours; the second takes every other step.
    pub(crate) convolutions: [Linear; 2],
    pub(crate) positions: Vec<f32>,
    pub(crate) layers: Vec<(Attention, FeedForward)>,
    pub(crate) norm: LayerNorm,
}

impl Encoder {
    /// The states of a spectrogram, which has rows of `n_mels`, two for each step.
    pub(crate) fn forward<'a>(&self, buffers: &'a Buffers, spectrogram: &[f32]) -> Buffer<'a> {
        let mut rows = self.begin(buffers, spectrogram);
        for (attention, feed_forward) in &self.layers {
            let all = attention.all.apply(buffers, &attention.norm.apply(buffers, &rows));
            let found = self_attention(buffers, &all, self.d_model);
            drop(all);
            attention.out.add(buffers, &found, &mut rows);
            drop(found);
            feed_forward.add(buffers, &mut rows);
        }
        self.norm.apply(buffers, &rows)
    }

    fn begin<'a>(&self, buffers: &'a Buffers, spectrogram: &[f32]) -> Buffer<'a> {
        let [first, second] = &self.convolutions;
        let mut steps = first.apply(buffers, &neighbours(buffers, spectrogram, self.n_mels, 1));
        gelu(&mut steps);
        let mut rows = second.apply(buffers, &neighbours(buffers, &steps, self.d_model, 2));
        gelu(&mut rows);
        for (row, position) in rows.iter_mut().zip(&self.positions) {
            *row += position;
        }
        rows
    }
}

/// For every `stride`th row the row before it, itself and the row after it, column by column.
fn neighbours<'a>(buffers: &'a Buffers, rows: &[f32], d_model: usize, stride: usize) -> Buffer<'a> {
    let mut out = buffers.take(rows.len() / stride * 3);
    out.par_chunks_mut(d_model * 3).enumerate().for_each(|(index, out)| {
        for tap in 0..3 {
            let row =
                (index * stride + tap).checked_sub(1).and_then(|row| rows.chunks_exact(d_model).nth(row));
            let mut row = row.unwrap_or_default().iter();
            for to in out.iter_mut().skip(tap).step_by(3) {
                *to = row.next().copied().unwrap_or_default();
            }
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_stand_side_by_side() {
        let (buffers, rows) = (Buffers::default(), [1.0, 10.0, 2.0, 20.0, 3.0, 30.0, 4.0, 40.0]);
        let [first, second] = [[0.0, 1.0, 2.0, 0.0, 10.0, 20.0], [1.0, 2.0, 3.0, 10.0, 20.0, 30.0]];
        let [third, fourth] = [[2.0, 3.0, 4.0, 20.0, 30.0, 40.0], [3.0, 4.0, 0.0, 30.0, 40.0, 0.0]];
        assert_eq!(*neighbours(&buffers, &rows, 2, 1), [first, second, third, fourth].concat());
        assert_eq!(*neighbours(&buffers, &rows, 2, 2), [first, third].concat());
    }
}
