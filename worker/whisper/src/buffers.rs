//! Memory that is used again and again: the system takes its time to give and clear it anew.

use std::ops::{Deref, DerefMut};
use std::sync::Mutex;

/// Rows of floats that nobody uses at the moment.
#[derive(Default)]
pub(crate) struct Buffers(Mutex<Vec<Vec<f32>>>);

/// Floats, which are given back at the end.
pub(crate) struct Buffer<'a> {
    floats: Vec<f32>,
    owner: &'a Buffers,
}

impl Buffers {
    /// So many floats, of which nobody knows what they are.
    pub(crate) fn take(&self, count: usize) -> Buffer<'_> {
        let mut floats = self.smallest(count).unwrap_or_default();
        floats.resize(count, 0.0);
        Buffer { floats, owner: self }
    }

    /// The smallest that is large enough, or else the largest.
    fn smallest(&self, count: usize) -> Option<Vec<f32>> {
        let mut unused = self.0.lock().ok()?;
        let sizes = unused.iter().map(Vec::capacity).enumerate();
        let place = sizes.min_by_key(|(_, size)| if *size < count { usize::MAX - size } else { *size })?.0;
        Some(unused.swap_remove(place))
    }
}

impl Deref for Buffer<'_> {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.floats
    }
}

impl DerefMut for Buffer<'_> {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.floats
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        if let Ok(mut unused) = self.owner.0.lock() {
            unused.push(std::mem::take(&mut self.floats));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_was_given_back_is_used_again() {
        let buffers = Buffers::default();
        let (mut small, large) = (buffers.take(100), buffers.take(1000));
        let places = [small.as_ptr(), large.as_ptr()];
        small.fill(7.0);
        drop((small, large));
        let (first, second) = (buffers.take(90), buffers.take(90));
        assert_eq!(
            [first.as_ptr(), second.as_ptr()],
            places,
            "the smallest that is large enough, then the other"
        );
        assert_eq!((first.len(), second.len()), (90, 90));
        assert!(!places.contains(&buffers.take(90).as_ptr()), "what is in use is nobody else's");
    }

    #[test]
    fn the_largest_grows_if_none_is_large_enough() {
        let buffers = Buffers::default();
        drop((buffers.take(10), buffers.take(20)));
        assert_eq!(buffers.take(1000).len(), 1000);
        let sizes: Vec<_> = buffers.0.lock().unwrap().iter().map(Vec::len).collect();
        assert_eq!(sizes.len(), 2);
        assert!(sizes.contains(&10), "{sizes:?}");
    }
}
