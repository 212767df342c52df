//! A server for one command: the same API, queue, worker and events as `seogi serve`, on a free port of this machine.

use std::net::{IpAddr, Ipv4Addr};

use config::Config;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    client::Client,
    compose::{self, Services},
};

/// The running server.
pub struct Embedded {
    /// A client of it.
    pub client: Client,
    running: JoinHandle<anyhow::Result<()>>,
    stop: CancellationToken,
}

impl Embedded {
    /// Starts it.
    ///
    /// # Errors
    /// When the data folder or the database cannot be used.
    pub async fn start(mut config: Config) -> anyhow::Result<Self> {
        (config.server.host, config.server.port) = (IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
        let services = Services::open(config.clone()).await?;
        let (listener, address) = compose::listen(&config).await?;
        let client = Client::new(Url::parse(&format!("http://{address}"))?)?;
        let stop = CancellationToken::new();
        let running = tokio::spawn(services.run_everything(listener, stop.clone()));
        Ok(Self { client, running, stop })
    }

    /// Does `work` while the server runs, then stops it.
    ///
    /// # Errors
    /// Those of the work, or why the server ended before it.
    pub async fn run_while<T>(mut self, work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
        tokio::select! {
            done = work => {
                self.stop.cancel();
                let ended = self.running.await;
                let done = done?;
                ended??;
                Ok(done)
            }
            ended = &mut self.running => {
                ended??;
                anyhow::bail!("the embedded server ended by itself; start the command again with `--log info` to see why")
            }
        }
    }
}
