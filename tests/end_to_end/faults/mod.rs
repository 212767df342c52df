//! What breaks, and that nothing is lost by it: each job ends as it would have without the fault.

mod api;
mod clock;
mod database;
mod disk;
mod redis;
mod soak;
mod worker;

use rand::{SeedableRng, rngs::StdRng};

/// Randomness that a failure can be repeated with.
pub fn seeded() -> StdRng {
    let given = std::env::var("SEOGI_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    println!("seed: SEOGI_SEED={seed}");
    StdRng::seed_from_u64(seed)
}
