//! `seogi worker`: a worker alone.

use crate::{Program, compose::Services, open_files, private, speech};

/// Works until it is stopped.
pub async fn run(program: Program) -> anyhow::Result<()> {
    let Program { mut config, screen, stop, .. } = program;
    config.server.max_connections = config.server.connections(open_files::raise_limit());
    private::keep(&config);
    let services = Services::open(config.clone()).await?;
    screen.notice(
        "A worker alone: it has to see the database and the recordings of `seogi api`, and with REDIS_URL hears of jobs at once.",
    );
    speech::report(&config, &screen).await?;
    services.run_worker(stop.token().clone()).await
}
