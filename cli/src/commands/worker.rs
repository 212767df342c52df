//! `seogi worker`: a worker alone.

use crate::{Program, about, compose::House};

/// Works until it is stopped.
pub async fn run(program: Program) -> anyhow::Result<()> {
    let Program { config, screen, stop, .. } = program;
    let house = House::open(config.clone()).await?;
    screen.notice(
        "A worker alone. In this version it has to run on the same machine and data folder as `seogi api`.",
    );
    about::tell(&config, &screen).await?;
    house.run_worker(stop.token().clone()).await
}
