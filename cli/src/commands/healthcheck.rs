//! `seogi healthcheck`: what a container engine asks again and again. The exit code is the answer.

use clap::Args;
use url::Url;

use crate::{Program, args::server_url};

/// Which server to ask.
#[derive(Args)]
pub struct Healthcheck {
    /// Address of the server (SEOGI_SERVER); without one, the server of this configuration on this machine
    #[arg(long, value_name = "URL", value_parser = server_url)]
    server: Option<Url>,
}

impl Healthcheck {
    /// Asks once, and fails with what does not work.
    pub async fn run(self, program: Program) -> anyhow::Result<()> {
        let asked = program.client(self.server)?;
        let troubles = program.stop.or_interrupted("", async { Ok(asked.troubles().await?) }).await?;
        anyhow::ensure!(troubles.is_empty(), "{}", troubles.join("; "));
        Ok(())
    }
}
