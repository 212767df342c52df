//! Attention: many queries at once in the encoder, one at a time in the decoder.
#![expect(clippy::indexing_slicing, reason = "sizes are checked when a model is loaded")]

use std::ops::Range;

use rayon::prelude::*;
use rten_simd::ops::{BitOps, Extend, NumOps};
use rten_simd::{Isa, SimdOp, f16};
use rten_vecmath::Softmax;

use crate::buffers::{Buffer, Buffers};
use crate::dots::Dots;
use crate::float16::narrow;
use crate::linear::{Matrix, multiply, pack};

/// Numbers of one head, in every Whisper model.
pub(crate) const HEAD_SIZE: usize = 64;
/// Queries that a thread takes at once.
const QUERIES: usize = 300;

/// Keys and values of one head: at each step [`HEAD_SIZE`] numbers of each.
#[derive(Clone, Default)]
pub(crate) struct KvCache {
    keys: Vec<f16>,
    values: Vec<f16>,
}

impl KvCache {
    /// Of the columns from `key` and from `value` on, in rows of so many numbers.
    pub(crate) fn of(rows: &[f32], width: usize, key: usize, value: usize) -> Self {
        let size = rows.len() / width * HEAD_SIZE;
        let mut cache = Self { keys: Vec::with_capacity(size), values: Vec::with_capacity(size) };
        for row in rows.chunks_exact(width) {
            cache.push(&row[key..][..HEAD_SIZE], &row[value..][..HEAD_SIZE]);
        }
        cache
    }

    pub(crate) fn push(&mut self, key: &[f32], value: &[f32]) {
        narrow(key, &mut self.keys);
        narrow(value, &mut self.values);
    }

    /// The same at some of its steps alone.
    pub(crate) fn only(&self, steps: &Range<usize>) -> Self {
        let of = |all: &[f16]| {
            all.chunks(HEAD_SIZE).take(steps.end).skip(steps.start).flatten().copied().collect()
        };
        Self { keys: of(&self.keys), values: of(&self.values) }
    }

    pub(crate) fn steps(&self) -> usize {
        self.keys.len() / HEAD_SIZE
    }

    /// What a query finds in the first `steps`.
    pub(crate) fn attend(&self, query: &[f32], steps: usize, found: &mut [f32]) {
        let weights = self.weights(query, steps);
        WeightedSum { weights: &weights, values: &self.values, out: found }.dispatch();
    }

    /// What each of some queries finds in all steps.
    pub(crate) fn attend_many(&self, queries: &[f32]) -> Vec<f32> {
        let mut found = vec![0.0; queries.len()];
        let weights = self.weights(queries, self.steps());
        for (found, weights) in found.chunks_exact_mut(HEAD_SIZE).zip(weights.chunks_exact(self.steps())) {
            WeightedSum { weights, values: &self.values, out: found }.dispatch();
        }
        found
    }

    /// How much each of some queries attends to each of the first `steps`.
    pub(crate) fn weights(&self, queries: &[f32], steps: usize) -> Vec<f32> {
        let mut weights = vec![0.0; queries.len() / HEAD_SIZE * steps];
        Dots {
            rows: queries,
            weights: &self.keys[..steps * HEAD_SIZE],
            inputs: HEAD_SIZE,
            out: &mut weights,
        }
        .dispatch();
        for weights in weights.chunks_exact_mut(steps) {
            Softmax::new_mut(weights).dispatch();
        }
        weights
    }
}

/// What each step finds in all steps, of rows with the queries, keys and values of all heads.
pub(crate) fn self_attention<'a>(buffers: &'a Buffers, rows: &[f32], width: usize) -> Buffer<'a> {
    let steps = rows.len() / (3 * width);
    let part =
        |step: usize, first: usize, count| columns(&rows[step * 3 * width + first..], count, 3 * width);
    let mut found = buffers.take(steps * width);
    found.par_chunks_mut(steps * HEAD_SIZE).enumerate().for_each(|(head, found)| {
        let [query, key, value] = [0, width, 2 * width].map(|first| first + head * HEAD_SIZE);
        let (keys, values) = (pack(part(0, key, steps).transposed()), pack(part(0, value, steps)));
        found.par_chunks_mut(QUERIES * HEAD_SIZE).enumerate().for_each(|(block, found)| {
            let count = found.len() / HEAD_SIZE;
            let mut weights = buffers.take(count * steps);
            multiply(&mut weights, part(block * QUERIES, query, count), &keys);
            for weights in weights.chunks_exact_mut(steps) {
                Softmax::new_mut(weights).dispatch();
            }
            multiply(found, Matrix::from_data([count, steps], &weights[..]), &values);
        });
    });
    merge_heads(buffers, &found, steps)
}

/// The first [`HEAD_SIZE`] columns of so many rows.
fn columns(rows: &[f32], count: usize, width: usize) -> Matrix<'_> {
    #[expect(clippy::expect_used, reason = "whoever calls this has as many rows")]
    Matrix::from_data_with_strides([count, HEAD_SIZE], rows, [width, 1]).expect("rows that are long enough")
}

/// What was found head by head, as rows of all heads.
fn merge_heads<'a>(buffers: &'a Buffers, found: &[f32], steps: usize) -> Buffer<'a> {
    let mut rows = buffers.take(found.len());
    rows.par_chunks_mut(found.len() / steps).enumerate().for_each(|(step, row)| {
        for (row, found) in row.chunks_exact_mut(HEAD_SIZE).zip(found.chunks_exact(steps * HEAD_SIZE)) {
            row.copy_from_slice(&found[step * HEAD_SIZE..][..HEAD_SIZE]);
        }
    });
    rows
}

/// The values, each as much as its weight says; they are at least as many as the weights.
struct WeightedSum<'a> {
    weights: &'a [f32],
    values: &'a [f16],
    out: &'a mut [f32],
}

impl SimdOp for WeightedSum<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (half, full) = (isa.f16(), isa.f32());
        for (part, out) in self.out.chunks_exact_mut(half.len()).enumerate() {
            let part = part * half.len()..(part + 1) * half.len();
            // Two sums by turns, because each addition waits for the one before.
            let mut sums = [[full.zero(); 2]; 2];
            for (values, weights) in self.values.chunks(2 * HEAD_SIZE).zip(self.weights.chunks(2)) {
                for ((value, weight), sum) in values.chunks_exact(HEAD_SIZE).zip(weights).zip(&mut sums) {
                    let (f16s, weight) = (half.load(&value[part.clone()]), full.splat(*weight));
                    sum[0] = full.mul_add(half.extend_low(f16s), weight, sum[0]);
                    sum[1] = full.mul_add(half.extend_high(f16s), weight, sum[1]);
                }
            }
            let [one, other] = sums;
            let (front, back) = out.split_at_mut(full.len());
            full.store(full.add(one[0], other[0]), front);
            full.store(full.add(one[1], other[1]), back);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dots::tests::{assert_near, noise};

    /// What a query finds, computed simply.
    fn found(query: &[f32], keys: &[f32], values: &[f32]) -> Vec<f32> {
        let score = |key: &[f32]| key.iter().zip(query).map(|(key, query)| key * query).sum::<f32>().exp();
        let scores: Vec<_> = keys.chunks_exact(HEAD_SIZE).map(score).collect();
        let all: f32 = scores.iter().sum();
        let mut found = vec![0.0; HEAD_SIZE];
        for (value, score) in values.chunks_exact(HEAD_SIZE).zip(scores) {
            found.iter_mut().zip(value).for_each(|(found, value)| *found += value * score / all);
        }
        found
    }

    #[test]
    fn a_query_finds_the_values_of_the_keys_that_are_like_it() {
        let (keys, values, query) = (noise(9 * HEAD_SIZE, 1), noise(9 * HEAD_SIZE, 2), noise(HEAD_SIZE, 3));
        let mut cache = KvCache::default();
        for (key, value) in keys.chunks_exact(HEAD_SIZE).zip(values.chunks_exact(HEAD_SIZE)) {
            cache.push(key, value);
        }
        assert_eq!(cache.steps(), 9);
        for steps in 1..=9 {
            let mut out = vec![f32::NAN; HEAD_SIZE];
            cache.attend(&query, steps, &mut out);
            assert_near(&out, &found(&query, &keys[..steps * HEAD_SIZE], &values[..steps * HEAD_SIZE]), 5e-3);
        }
    }

    #[test]
    fn many_at_once_find_what_each_finds_alone() {
        let (steps, width) = (QUERIES + 3, 2 * HEAD_SIZE);
        let (buffers, rows) = (Buffers::default(), noise(steps * 3 * width, 1));
        let all = self_attention(&buffers, &rows, width);
        assert_eq!(all.len(), steps * width);
        for head in [0, HEAD_SIZE] {
            let cache = KvCache::of(&rows, 3 * width, width + head, 2 * width + head);
            for (row, together) in rows.chunks_exact(3 * width).zip(all.chunks_exact(width)) {
                let mut alone = vec![f32::NAN; HEAD_SIZE];
                cache.attend(&row[head..][..HEAD_SIZE], steps, &mut alone);
                assert_near(&together[head..][..HEAD_SIZE], &alone, 5e-3);
            }
        }
    }
}
