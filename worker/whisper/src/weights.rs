//! Weights as they stand in memory: floats of 16 bits, or bytes that share a scale, as quantised files have them.

use std::ops::Range;

use rten_simd::ops::{BitOps, Extend, NumOps, ToFloat};
use rten_simd::{Isa, SimdOp, f16};

use crate::float16::{narrow, widen};

/// Bytes that share a scale.
pub(crate) const BLOCK: usize = 32;
/// Bytes that become floats at once: what fits into the processor's first cache.
const AT_ONCE: usize = 1 << 12;

/// Weights, row by row.
#[derive(Clone)]
pub(crate) enum Weights {
    /// 2 bytes each.
    Halves(Vec<f16>),
    /// 1.1 bytes each, 1.25 with shifts.
    Bytes(Bytes),
}

/// A weight is its byte times the scale of its block, and the shift of its block more.
#[derive(Clone, Default)]
pub(crate) struct Bytes {
    pub(crate) quants: Vec<i8>,
    pub(crate) scales: Vec<f32>,
    /// None, if all are zero.
    pub(crate) shifts: Vec<f32>,
}

impl Weights {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Halves(halves) => halves.len(),
            Self::Bytes(bytes) => bytes.quants.len(),
        }
    }

    /// Some of them as floats: whole blocks.
    pub(crate) fn floats(&self, range: Range<usize>, to: &mut [f32]) {
        match self {
            Self::Halves(halves) => widen(halves.get(range).unwrap_or_default(), to),
            Self::Bytes(bytes) => bytes.expand(range, to),
        }
    }

    /// Some of them as 16-bit floats: whole blocks. `scratch` holds them where they are not.
    pub(crate) fn halves<'a>(&'a self, range: Range<usize>, scratch: &'a mut Vec<f16>) -> &'a [f16] {
        match self {
            Self::Halves(halves) => halves.get(range).unwrap_or_default(),
            Self::Bytes(bytes) => {
                let mut floats = [0.0; AT_ONCE];
                scratch.clear();
                for start in range.clone().step_by(AT_ONCE) {
                    let part = start..(start + AT_ONCE).min(range.end);
                    let floats = floats.get_mut(..part.len()).unwrap_or_default();
                    bytes.expand(part, floats);
                    narrow(floats, scratch);
                }
                scratch
            }
        }
    }

    /// All of them times a factor.
    pub(crate) fn times(mut self, factor: f32) -> Self {
        match &mut self {
            Self::Halves(halves) => {
                halves.iter_mut().for_each(|half| *half = f16::from_f32(half.to_f32() * factor));
            }
            Self::Bytes(bytes) => {
                bytes.scales.iter_mut().chain(&mut bytes.shifts).for_each(|number| *number *= factor);
            }
        }
        self
    }

    /// These, and others behind them.
    pub(crate) fn and(self, others: Self) -> Self {
        match (self, others) {
            (Self::Bytes(mut bytes), Self::Bytes(others))
                if bytes.shifts.is_empty() == others.shifts.is_empty() =>
            {
                bytes.quants.extend(others.quants);
                bytes.scales.extend(others.scales);
                bytes.shifts.extend(others.shifts);
                Self::Bytes(bytes)
            }
            (one, other) => {
                let mut all = one.into_halves();
                all.extend(other.into_halves());
                Self::Halves(all)
            }
        }
    }

    fn into_halves(self) -> Vec<f16> {
        let mut scratch = Vec::new();
        match self {
            Self::Halves(halves) => halves,
            bytes @ Self::Bytes(_) => bytes.halves(0..bytes.len(), &mut scratch).to_vec(),
        }
    }
}

impl Bytes {
    fn expand(&self, range: Range<usize>, to: &mut [f32]) {
        let blocks = range.start / BLOCK..range.end.div_ceil(BLOCK);
        let quants = self.quants.get(range).unwrap_or_default();
        let scales = self.scales.get(blocks.clone()).unwrap_or_default();
        let shifts = self.shifts.get(blocks).unwrap_or_default();
        Expand { quants, scales, shifts, to }.dispatch();
    }
}

struct Expand<'a> {
    quants: &'a [i8],
    scales: &'a [f32],
    shifts: &'a [f32],
    to: &'a mut [f32],
}

impl Expand<'_> {
    /// Scale and shift of the block of a weight.
    fn block(scales: &[f32], shifts: &[f32], weight: usize) -> (f32, f32) {
        let number = |numbers: &[f32]| numbers.get(weight / BLOCK).copied().unwrap_or_default();
        (number(scales), number(shifts))
    }
}

impl SimdOp for Expand<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (bytes, shorts, ints, floats) = (isa.i8(), isa.i16(), isa.i32(), isa.f32());
        let Self { quants, scales, shifts, to } = self;
        let (size, lanes) = (bytes.len(), floats.len());
        let mut parts = quants.chunks_exact(size).zip(to.chunks_exact_mut(size)).enumerate();
        for (part, (quants, to)) in parts.by_ref() {
            let all = bytes.load(quants);
            let halves = [bytes.extend_low(all), bytes.extend_high(all)];
            let (one, other) = to.split_at_mut(size / 2);
            for (half, (short, to)) in halves.into_iter().zip([one, other]).enumerate() {
                let (one, other) = to.split_at_mut(lanes);
                let quarters = [(shorts.extend_low(short), one), (shorts.extend_high(short), other)];
                for (quarter, (int, to)) in quarters.into_iter().enumerate() {
                    let weight = part * size + half * size / 2 + quarter * lanes;
                    let (scale, shift) = Self::block(scales, shifts, weight);
                    let float = floats.mul_add(ints.to_float(int), floats.splat(scale), floats.splat(shift));
                    floats.store(float, to);
                }
            }
        }
        let done = quants.len() / size * size;
        for (at, (quant, to)) in quants.iter().zip(to).enumerate().skip(done) {
            let (scale, shift) = Self::block(scales, shifts, at);
            *to = f32::from(*quant).mul_add(scale, shift);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dots::tests::assert_near;

    /// Blocks with scales of their own, and what they stand for.
    fn bytes(blocks: usize, shifted: bool) -> (Weights, Vec<f32>) {
        let quants: Vec<i8> = (0..blocks * BLOCK).map(|at| (at * 37 % 256) as u8 as i8).collect();
        let scales: Vec<f32> = (0..blocks).map(|block| 0.01 + block as f32 * 0.003).collect();
        let shifts: Vec<f32> =
            (0..if shifted { blocks } else { 0 }).map(|block| block as f32 - 2.0).collect();
        let float = |(at, quant): (usize, &i8)| {
            f32::from(*quant) * scales[at / BLOCK] + shifts.get(at / BLOCK).copied().unwrap_or_default()
        };
        let floats = quants.iter().enumerate().map(float).collect();
        (Weights::Bytes(Bytes { quants, scales, shifts }), floats)
    }

    #[test]
    fn bytes_become_floats() {
        for (blocks, shifted) in (1..9).flat_map(|blocks| [(blocks, false), (blocks, true)]) {
            let (weights, expected) = bytes(blocks, shifted);
            let mut floats = vec![f32::NAN; weights.len()];
            weights.floats(0..weights.len(), &mut floats);
            assert_near(&floats, &expected, 1e-5);
            let mut scratch = vec![f16::from_f32(9.0)];
            let halves = weights.halves(BLOCK..weights.len(), &mut scratch);
            assert_near(
                &halves.iter().map(|half| half.to_f32()).collect::<Vec<_>>(),
                &expected[BLOCK..],
                5e-3,
            );
        }
        let (many, expected) = bytes(AT_ONCE / BLOCK + 3, true);
        let (mut scratch, mut floats) = (Vec::new(), Vec::new());
        floats.extend(many.halves(0..many.len(), &mut scratch).iter().map(|half| half.to_f32()));
        let close = |(one, other): (&f32, &f32)| (one - other).abs() <= other.abs() * 1e-3 + 1e-3;
        assert!(floats.len() == expected.len() && floats.iter().zip(&expected).all(close));
    }

    #[test]
    fn weights_stand_one_behind_the_other_and_may_be_scaled() {
        let (one, expected) = bytes(2, false);
        let halves = Weights::Halves(expected.iter().copied().map(f16::from_f32).collect());
        let twice: Vec<f32> = expected.iter().chain(&expected).map(|float| float * 0.5).collect();
        for (other, are_bytes) in [(one.clone(), true), (halves, false)] {
            let all = one.clone().and(other).times(0.5);
            assert_eq!(matches!(all, Weights::Bytes(_)), are_bytes);
            let mut floats = vec![f32::NAN; all.len()];
            all.floats(0..all.len(), &mut floats);
            assert_near(&floats, &twice, 1e-2);
        }
    }
}
