//! The half of the network that hears.

use rayon::prelude::*;

use super::attention::attend_to_each_other;
use super::buffers::{Buffer, Buffers};
use super::layers::{Attention, Norm, Perceptron, gelu};
use super::linear::Linear;

pub(super) struct Encoder {
    pub(super) bands: usize,
    pub(super) width: usize,
    /// Over each step and its neighbours; the second takes every other step.
    pub(super) convolutions: [Linear; 2],
    pub(super) positions: Vec<f32>,
    pub(super) layers: Vec<(Attention, Perceptron)>,
    pub(super) norm: Norm,
}

impl Encoder {
    /// What is heard at each step of a spectrogram, which has rows of bands, two for each step.
    pub(super) fn hear<'a>(&self, buffers: &'a Buffers, spectrogram: &[f32]) -> Buffer<'a> {
        let mut rows = self.begin(buffers, spectrogram);
        for (attention, perceptron) in &self.layers {
            let all = attention.all.apply(buffers, &attention.norm.apply(buffers, &rows));
            let found = attend_to_each_other(buffers, &all, self.width);
            drop(all);
            attention.out.add(buffers, &found, &mut rows);
            drop(found);
            perceptron.add(buffers, &mut rows);
        }
        self.norm.apply(buffers, &rows)
    }

    fn begin<'a>(&self, buffers: &'a Buffers, spectrogram: &[f32]) -> Buffer<'a> {
        let [first, second] = &self.convolutions;
        let mut steps = first.apply(buffers, &neighbours(buffers, spectrogram, self.bands, 1));
        gelu(&mut steps);
        let mut rows = second.apply(buffers, &neighbours(buffers, &steps, self.width, 2));
        gelu(&mut rows);
        for (row, position) in rows.iter_mut().zip(&self.positions) {
            *row += position;
        }
        rows
    }
}

/// For every `stride`th row the row before it, itself and the row after it, column by column.
fn neighbours<'a>(buffers: &'a Buffers, rows: &[f32], width: usize, stride: usize) -> Buffer<'a> {
    let mut out = buffers.take(rows.len() / stride * 3);
    out.par_chunks_mut(width * 3).enumerate().for_each(|(index, out)| {
        for tap in 0..3 {
            let row = (index * stride + tap).checked_sub(1).and_then(|row| rows.chunks_exact(width).nth(row));
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
