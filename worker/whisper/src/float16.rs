//! Between floats of 32 and of 16 bits.

use rten_simd::ops::{BitOps, Extend, NarrowSaturate};
use rten_simd::{Isa, SimdOp, f16};

/// Writes 16-bit floats as floats.
pub(crate) fn widen(from: &[f16], to: &mut [f32]) {
    Widen { from, to }.dispatch();
}

/// Adds floats as 16-bit floats.
pub(crate) fn narrow(from: &[f32], to: &mut Vec<f16>) {
    let start = to.len();
    to.resize(start + from.len(), f16::default());
    Narrow { from, to: to.get_mut(start..).unwrap_or_default() }.dispatch();
}

struct Widen<'a> {
    from: &'a [f16],
    to: &'a mut [f32],
}

impl SimdOp for Widen<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (half, full) = (isa.f16(), isa.f32());
        let (mut from, mut to) = (self.from.chunks_exact(half.len()), self.to.chunks_exact_mut(half.len()));
        for (from, to) in from.by_ref().zip(to.by_ref()) {
            let f16s = half.load(from);
            let (low, high) = to.split_at_mut(full.len());
            full.store(half.extend_low(f16s), low);
            full.store(half.extend_high(f16s), high);
        }
        for (from, to) in from.remainder().iter().zip(to.into_remainder()) {
            *to = from.to_f32();
        }
    }
}

struct Narrow<'a> {
    from: &'a [f32],
    to: &'a mut [f16],
}

impl SimdOp for Narrow<'_> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let (half, full) = (isa.f16(), isa.f32());
        let (mut from, mut to) = (self.from.chunks_exact(half.len()), self.to.chunks_exact_mut(half.len()));
        for (from, to) in from.by_ref().zip(to.by_ref()) {
            let (low, high) = from.split_at(full.len());
            half.store(full.narrow_saturate(full.load(low), full.load(high)), to);
        }
        for (from, to) in from.remainder().iter().zip(to.into_remainder()) {
            *to = f16::from_f32(*from);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole numbers and fractions, and what is too large or too small for 16 bits.
    fn floats(count: usize) -> Vec<f32> {
        let odd = [70_000.0, -1e30, 1e-7, -1e-30, -0.0, 2049.0, f32::INFINITY];
        (0..count).map(|at| if at % 3 == 0 { odd[at % 7] } else { at as f32 * 0.37 - 9.0 }).collect()
    }

    #[test]
    fn floats_of_any_number_become_the_nearest_of_16_bits() {
        for count in 0..100 {
            let (floats, mut f16s) = (floats(count), vec![f16::from_f32(5.0)]);
            narrow(&floats, &mut f16s);
            let expected = [5.0].iter().chain(&floats).map(|float| f16::from_f32(*float).to_bits());
            assert!(f16s.iter().map(|half| half.to_bits()).eq(expected), "{count} floats");
        }
    }

    #[test]
    fn and_floats_again() {
        for count in 0..100 {
            let f16s: Vec<_> = floats(count).into_iter().map(f16::from_f32).collect();
            let mut wide = vec![f32::NAN; count];
            widen(&f16s, &mut wide);
            assert!(wide.iter().copied().eq(f16s.iter().map(|half| half.to_f32())), "{count} floats");
        }
    }
}
