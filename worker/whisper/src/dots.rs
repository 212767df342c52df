//! Dot products of 16-bit floats with floats, several at once, so that nothing is read twice.
#![expect(clippy::indexing_slicing, reason = "the numbers of rows are constants, and all rows are as long")]

use rten_simd::ops::{BitOps, Extend, NumOps};
use rten_simd::{Isa, SimdOp, f16};

/// Rows that are taken at once: so many sums of so many weights fit into the registers.
const AT_ONCE: usize = 4;

/// The dot product of each row of inputs with each row of weights, row by row of the inputs.
pub(crate) struct Dots<'a> {
    pub(crate) rows: &'a [f32],
    pub(crate) weights: &'a [f16],
    /// Numbers in a row, a multiple of 64.
    pub(crate) inputs: usize,
    pub(crate) out: &'a mut [f32],
}

impl SimdOp for Dots<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(mut self, isa: I) {
        let count = self.rows.len() / self.inputs;
        for first in (0..count).step_by(AT_ONCE) {
            match count - first {
                1 => self.stripe::<I, 1>(isa, first),
                2 => self.stripe::<I, 2>(isa, first),
                3 => self.stripe::<I, 3>(isa, first),
                _ => self.stripe::<I, AT_ONCE>(isa, first),
            }
        }
    }
}

impl Dots<'_> {
    /// The products with `N` rows of inputs, from the `first` on.
    #[inline(always)]
    fn stripe<I: Isa, const N: usize>(&mut self, isa: I, first: usize) {
        let (inputs, count) = (self.inputs, self.rows.len() / self.inputs);
        let rows: [&[f32]; N] = std::array::from_fn(|row| &self.rows[(first + row) * inputs..][..inputs]);
        let mut weights = self.weights.chunks_exact(AT_ONCE * inputs);
        let whole = weights.len() * AT_ONCE;
        let rest = weights.remainder().chunks_exact(inputs);
        for (output, weights) in (0..whole).step_by(AT_ONCE).zip(weights.by_ref()) {
            let weights: [&[f16]; AT_ONCE] = std::array::from_fn(|row| &weights[row * inputs..][..inputs]);
            self.keep(count, first, output, dots(isa, weights, rows));
        }
        for (output, weights) in (whole..).zip(rest) {
            self.keep(count, first, output, dots(isa, [weights], rows));
        }
    }

    #[inline(always)]
    fn keep<const W: usize, const N: usize>(
        &mut self,
        count: usize,
        row: usize,
        output: usize,
        dots: [[f32; N]; W],
    ) {
        let outputs = self.out.len() / count;
        for (output, dots) in (output..).zip(dots) {
            for (row, dot) in (row..).zip(dots) {
                self.out[row * outputs + output] = dot;
            }
        }
    }
}

/// The dot products of `W` rows of weights with `N` rows of floats, all as long.
#[inline(always)]
pub(crate) fn dots<I: Isa, const W: usize, const N: usize>(
    isa: I,
    weights: [&[f16]; W],
    rows: [&[f32]; N],
) -> [[f32; N]; W] {
    let (half, full) = (isa.f16(), isa.f32());
    let mut sums = [[full.zero(); N]; W];
    let mut weights = weights.map(|row| row.chunks_exact(half.len()));
    let mut rows = rows.map(|row| row.chunks_exact(half.len()));
    for _ in 0..weights[0].len() {
        let (mut low, mut high) = ([full.zero(); W], [full.zero(); W]);
        for w in 0..W {
            let f16s = half.load(weights[w].next().unwrap_or_default());
            (low[w], high[w]) = (half.extend_low(f16s), half.extend_high(f16s));
        }
        for n in 0..N {
            let (front, back) = rows[n].next().unwrap_or_default().split_at(full.len());
            let (front, back) = (full.load(front), full.load(back));
            for w in 0..W {
                sums[w][n] = full.mul_add(low[w], front, sums[w][n]);
                sums[w][n] = full.mul_add(high[w], back, sums[w][n]);
            }
        }
    }
    let mut dots = [[0.0; N]; W];
    for w in 0..W {
        for n in 0..N {
            dots[w][n] = full.sum(sums[w][n]);
        }
    }
    dots
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Floats between -1 and 1 without a pattern.
    pub(crate) fn noise(count: usize, seed: u64) -> Vec<f32> {
        let mut rng = fastrand::Rng::with_seed(seed);
        (0..count).map(|_| rng.f32() * 2.0 - 1.0).collect()
    }

    pub(crate) fn f16s(floats: &[f32]) -> Vec<f16> {
        floats.iter().copied().map(f16::from_f32).collect()
    }

    #[track_caller]
    pub(crate) fn assert_near(found: &[f32], expected: &[f32], tolerance: f32) {
        assert_eq!(found.len(), expected.len());
        for (place, (one, other)) in found.iter().zip(expected).enumerate() {
            assert!((one - other).abs() <= tolerance, "{one} instead of {other} at {place}");
        }
    }

    /// The dot product of each row with each row of weights, row by row.
    pub(crate) fn products(rows: &[f32], weights: &[f16], inputs: usize) -> Vec<f32> {
        let product = |row: &[f32], weights: &[f16]| -> f32 {
            row.iter().zip(weights).map(|(float, weight)| float * weight.to_f32()).sum()
        };
        let of_row = |row| weights.chunks_exact(inputs).map(move |weights| product(row, weights));
        rows.chunks_exact(inputs).flat_map(of_row).collect()
    }

    #[test]
    fn every_row_is_multiplied_with_every_row_of_weights() {
        for inputs in [64, 128, 192] {
            for (count, outputs) in (1..10).flat_map(|count| (1..10).map(move |outputs| (count, outputs))) {
                let (rows, weights) = (noise(count * inputs, 1), f16s(&noise(outputs * inputs, 2)));
                let mut out = vec![f32::NAN; count * outputs];
                Dots { rows: &rows, weights: &weights, inputs, out: &mut out }.dispatch();
                assert_near(&out, &products(&rows, &weights, inputs), 1e-4);
            }
        }
    }
}
