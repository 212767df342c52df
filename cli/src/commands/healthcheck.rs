//! `seogi healthcheck`: what a container engine asks again and again. The exit code is the answer.

use clap::Args;
use url::Url;

use super::doctor;
use crate::{Program, parse::server_url};

/// Whom to ask.
#[derive(Args)]
pub struct Healthcheck {
    /// Ask database, Redis and storage themselves: a worker is no server that could be asked
    #[arg(long, conflicts_with = "server")]
    services: bool,
    /// Address of the server (SEOGI_SERVER); without one, the server of this configuration on this machine
    #[arg(long, value_name = "URL", value_parser = server_url)]
    server: Option<Url>,
}

impl Healthcheck {
    /// Asks once, and fails with what does not work.
    pub async fn run(self, program: Program) -> anyhow::Result<()> {
        let asking = async {
            if self.services {
                return Ok(doctor::troubles(&program.config).await);
            }
            Ok(program.client(self.server)?.troubles().await?)
        };
        let troubles = program.stop.or_interrupted("", asking).await?;
        anyhow::ensure!(troubles.is_empty(), "{}", troubles.join("; "));
        Ok(())
    }
}
