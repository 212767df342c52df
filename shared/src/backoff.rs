//! How long to wait before something that failed is tried again.

use std::time::Duration;

/// A delay that doubles with each failure, up to a longest one.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// Delay after the first failure.
    pub initial_delay: Duration,
    /// Longest delay.
    pub max_delay: Duration,
}

impl Backoff {
    /// The delay after so many failures in a row; none before the first.
    pub fn delay(&self, failures: u32) -> Duration {
        let Some(doublings) = failures.checked_sub(1) else { return Duration::ZERO };
        self.initial_delay.saturating_mul(2_u32.saturating_pow(doublings)).min(self.max_delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_longest() {
        let backoff =
            Backoff { initial_delay: Duration::from_millis(500), max_delay: Duration::from_secs(3) };
        let seconds = [0, 1, 2, 3, 4, 5, 99].map(|failures| backoff.delay(failures).as_secs_f64());
        assert_eq!(seconds, [0.0, 0.5, 1.0, 2.0, 3.0, 3.0, 3.0]);
    }
}
