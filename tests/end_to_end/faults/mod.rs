//! What breaks, and that nothing is lost by it: each job ends as it would have without the fault.

mod api;
mod clock;
mod database;
mod disk;
mod model;
mod redis;
mod soak;
mod worker;

use std::path::Path;

use rand::{SeedableRng, rngs::StdRng};

use crate::harness::Home;

/// Randomness that a failure can be repeated with.
pub fn seeded() -> StdRng {
    let given = std::env::var("SEOGI_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    println!("seed: SEOGI_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

/// Puts a model there that the program does not know by any name.
pub fn own_model(path: &Path) {
    std::fs::copy(ground_truth::toy_model(), path).unwrap();
}

/// A home in which the speech model is such a file.
pub fn home() -> Home {
    let home = Home::new();
    let model = home.path().join("own.bin");
    own_model(&model);
    home.with("SEOGI_MODEL", model.display())
}
