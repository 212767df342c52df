//! `seogi worker`: a worker alone.

use crate::{Program, compose::House, speech};

/// Works until it is stopped.
pub async fn run(program: Program) -> anyhow::Result<()> {
    let Program { config, screen, stop, .. } = program;
    let house = House::open(config.clone()).await?;
    screen.notice(
        "A worker alone: it has to see the database and the recordings of `seogi api`, and with REDIS_URL hears of jobs at once.",
    );
    speech::tell(&config, &screen).await?;
    house.run_worker(stop.token().clone()).await
}
