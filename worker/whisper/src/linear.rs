//! Products of rows of floats with weights, which are kept in 16 bits or less.

use rayon::prelude::*;
use rten_gemm::{BiasVector, GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_simd::SimdOp;
use rten_tensor::NdTensorView;

use crate::buffers::{Buffer, Buffers};
use crate::dots::Dots;
use crate::weights::Weights;

/// With fewer rows than this, it takes longer to read the weights than to compute.
const FEW: usize = 24;
/// The most weights that are made floats at once, which take twice the memory. Only those of the tokens are more.
const MOST_WIDENED: usize = 1 << 24;
/// Rows of weights that a thread takes at once, if there are few others.
const ROWS: usize = 64;
/// Weights that a thread widens at once.
const WEIGHTS: usize = 1 << 16;

/// A layer of weights, and a bias for each row of them.
pub(crate) struct Linear {
    weights: Weights,
    bias: Vec<f32>,
    inputs: usize,
}

impl Linear {
    pub(crate) fn new(weights: Weights, bias: Vec<f32>) -> Self {
        Self { inputs: weights.len() / bias.len().max(1), weights, bias }
    }

    /// One row of the weights.
    pub(crate) fn row(&self, number: usize) -> Vec<f32> {
        let mut row = vec![0.0; self.inputs];
        self.weights.floats(number * self.inputs..(number + 1) * self.inputs, &mut row);
        row
    }

    /// The outputs for each row of inputs.
    pub(crate) fn apply<'a>(&self, buffers: &'a Buffers, rows: &[f32]) -> Buffer<'a> {
        let mut out = buffers.take(rows.len() / self.inputs * self.bias.len());
        self.write(buffers, rows, &mut out, false);
        out
    }

    /// Adds the outputs for each row of inputs.
    pub(crate) fn add(&self, buffers: &Buffers, rows: &[f32], out: &mut [f32]) {
        self.write(buffers, rows, out, true);
    }

    fn write(&self, buffers: &Buffers, rows: &[f32], out: &mut [f32], add: bool) {
        if rows.len() / self.inputs < FEW || self.weights.len() > MOST_WIDENED {
            self.write_few(buffers, rows, out, add);
        } else {
            self.write_many(buffers, rows, out, add);
        }
    }

    fn write_many(&self, buffers: &Buffers, rows: &[f32], out: &mut [f32], add: bool) {
        let mut floats = buffers.take(self.weights.len());
        floats.par_chunks_mut(WEIGHTS).enumerate().for_each(|(part, floats)| {
            self.weights.floats(part * WEIGHTS..part * WEIGHTS + floats.len(), floats);
        });
        let inputs = Matrix::from_data([rows.len() / self.inputs, self.inputs], rows);
        let weights = Matrix::from_data([self.bias.len(), self.inputs], &floats[..]);
        let beta = if add { 1.0 } else { 0.0 };
        let options = GemmOptions { beta, bias: Some(BiasVector::Row(&self.bias)), ..Default::default() };
        multiply_with(out, inputs, GemmInputB::Unpacked(weights.transposed()), options);
    }

    fn write_few(&self, buffers: &Buffers, rows: &[f32], out: &mut [f32], add: bool) {
        let (count, outputs) = (rows.len() / self.inputs, self.bias.len());
        let mut products = buffers.take(outputs * count);
        let parts = products.par_chunks_mut(ROWS * count).enumerate();
        parts.for_each_init(Vec::new, |scratch, (part, out)| {
            let first = part * ROWS * self.inputs;
            let weights = self.weights.halves(first..first + out.len() / count * self.inputs, scratch);
            Dots { rows, weights, inputs: self.inputs, out }.dispatch();
        });
        for (part, (products, bias)) in products.chunks(ROWS * count).zip(self.bias.chunks(ROWS)).enumerate()
        {
            let rows = out.chunks_exact_mut(outputs).zip(products.chunks_exact(bias.len()));
            for (row, products) in rows {
                let place = row.iter_mut().skip(part * ROWS);
                for ((to, product), bias) in place.zip(products).zip(bias) {
                    *to = product + bias + if add { *to } else { 0.0 };
                }
            }
        }
    }
}

/// Rows of floats, seen as they lie.
pub(crate) type Matrix<'a> = NdTensorView<'a, f32, 2>;

/// Columns in the order in which they are multiplied: worth it for those that many rows are multiplied with.
pub(crate) type Packed = PackedBMatrix<f32>;

pub(crate) fn pack(columns: Matrix<'_>) -> Packed {
    executor().prepack_b(columns)
}

/// The product of a matrix with packed columns.
pub(crate) fn multiply(out: &mut [f32], rows: Matrix<'_>, columns: &Packed) {
    multiply_with(out, rows, GemmInputB::Packed(columns), GemmOptions::default());
}

fn multiply_with(
    out: &mut [f32],
    rows: Matrix<'_>,
    columns: GemmInputB<'_, f32>,
    options: GemmOptions<'_, f32, f32, f32>,
) {
    let done = executor().gemm(out, GemmInputA::Unpacked(rows), columns, options);
    #[expect(clippy::expect_used, reason = "sizes are checked when a model is loaded")]
    done.expect("matrices that fit");
}

/// It cannot go from thread to thread, and to make one costs nothing.
fn executor() -> GemmExecutor<f32> {
    GemmExecutor::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dots::tests::{assert_near, f16s, noise, products};

    /// Few and many rows, and weights that are more than a thread takes at once.
    const SIZES: [(usize, usize, usize); 8] = [
        (1, 64, 70),
        (2, 128, 64),
        (9, 64, 1),
        (FEW - 1, 64, 130),
        (FEW, 64, 130),
        (40, 128, 7),
        (3, 64, WEIGHTS / 64 + 1),
        (FEW, 64, WEIGHTS / 64 + 1),
    ];

    /// A layer, rows for it and its outputs.
    fn layer((count, inputs, outputs): (usize, usize, usize)) -> (Linear, Vec<f32>, Vec<f32>) {
        let (weights, bias) = (f16s(&noise(outputs * inputs, 1)), noise(outputs, 2));
        let rows = noise(count * inputs, 3);
        let products = products(&rows, &weights, inputs);
        let out = products.iter().zip(bias.iter().cycle()).map(|(product, bias)| product + bias).collect();
        (Linear::new(Weights::Halves(weights), bias), rows, out)
    }

    /// Memory in which there are no numbers.
    fn stale() -> Buffers {
        let buffers = Buffers::default();
        let mut used = [buffers.take(1 << 18), buffers.take(1 << 18)];
        used.iter_mut().for_each(|buffer| buffer.fill(f32::NAN));
        drop(used);
        buffers
    }

    #[test]
    fn outputs_are_weighted_sums_with_a_bias() {
        for size in SIZES {
            let (layer, rows, expected) = layer(size);
            assert_near(&layer.apply(&stale(), &rows), &expected, 1e-4);
        }
    }

    #[test]
    fn outputs_are_added_to_what_is_there() {
        for size in SIZES {
            let (layer, rows, outputs) = layer(size);
            let mut sum = noise(outputs.len(), 4);
            let expected: Vec<_> = sum.iter().zip(outputs).map(|(before, output)| before + output).collect();
            layer.add(&stale(), &rows, &mut sum);
            assert_near(&sum, &expected, 1e-4);
        }
    }

    #[test]
    fn a_row_of_weights_is_given() {
        let weights = noise(3 * 64, 1);
        let layer = Linear::new(Weights::Halves(f16s(&weights)), vec![0.0; 3]);
        assert_near(&layer.row(2), &weights[128..], 1e-3);
    }
}
