//! Where the program is put together: store, storage, queue, bus, worker and API, in one process.

use std::{iter, net::SocketAddr, time::Duration};

use anyhow::anyhow;
use api::{App, ReadyCheck};
use shared::{
    blobs::Blobs,
    config::{Config, ServerConfig},
    llm::Summariser,
    store::Store,
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use worker::Worker;

use crate::bells::Bells;

/// How long the parts may take to end after they were asked to.
const STOPPING: Duration = Duration::from_millis(4500);

/// What API and worker share.
pub struct House {
    config: Config,
    store: Store,
    blobs: Blobs,
    bells: Bells,
}

/// The parts that run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Parts {
    /// API and worker.
    Everything,
    /// The API, with the workers in other processes.
    Api,
}

impl House {
    /// Opens the data folder and brings the database's tables up to date.
    ///
    /// # Errors
    /// When the folder or the database cannot be used.
    pub async fn open(config: Config) -> anyhow::Result<Self> {
        let bells = Bells::hang(&config.redis.url)?;
        let blobs = Blobs::local(&config.storage.data)?;
        let store = Store::connect(&config.database_url(), config.database.connections, bells.bus()).await?;
        store.migrate().await?;
        Ok(Self { config, store, blobs, bells })
    }

    /// Runs `parts` until `stop` is cancelled or one of them fails.
    ///
    /// # Errors
    /// Why one of them ended by itself.
    pub async fn run(
        self,
        listener: TcpListener,
        parts: Parts,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let worker = match parts {
            Parts::Everything => Some(self.worker().await?),
            Parts::Api => None,
        };
        let api = self.serve(listener, worker.clone(), stop.clone());
        let work = async {
            match worker {
                Some(worker) => self.work(worker, stop.clone()).await,
                None => Ok(()),
            }
        };
        in_time(&stop, async { tokio::try_join!(api, work).map(drop) }).await?;
        self.store.close().await;
        Ok(())
    }

    /// Runs a worker alone until `stop` is cancelled.
    ///
    /// # Errors
    /// Why it ended by itself.
    pub async fn run_worker(self, stop: CancellationToken) -> anyhow::Result<()> {
        let worker = self.worker().await?;
        in_time(&stop, self.work(worker, stop.clone())).await?;
        self.store.close().await;
        Ok(())
    }

    async fn worker(&self) -> anyhow::Result<Worker> {
        let config = self.config.clone();
        let summariser = Summariser::from_config(&config.llm)?;
        // The leases are renewed over a connection of their own, so that they do not wait behind other work.
        let heart = Store::connect(&config.database_url(), 1, self.bells.bus()).await?;
        let (blobs, bus) = (self.blobs.clone(), self.bells.bus());
        Worker::new(config, self.store.clone(), heart, blobs, bus, summariser)
            .map_err(|error| anyhow!("the system gives the worker no thread ({error}); free some memory"))
    }

    async fn work(&self, worker: Worker, stop: CancellationToken) -> anyhow::Result<()> {
        let waiting = self.bells.here().waiting_jobs(self.store.clone(), self.config.worker.sweep());
        Ok(worker.run(waiting, self.bells.redis(), stop).await?)
    }

    /// What `GET /readyz` asks besides database and storage.
    fn checks(&self, worker: Option<Worker>) -> Vec<ReadyCheck> {
        let model = worker.map(|worker| {
            ReadyCheck::new("model", move || {
                let worker = worker.clone();
                async move { worker.check_model().await.map_err(|error| error.to_string()) }
            })
        });
        iter::once(self.bells.check(&self.store)).chain(model).collect()
    }

    async fn serve(
        &self,
        listener: TcpListener,
        worker: Option<Worker>,
        stop: CancellationToken,
    ) -> anyhow::Result<()> {
        let app = App {
            store: self.store.clone(),
            blobs: self.blobs.clone(),
            queue: self.bells.queue(),
            bus: self.bells.bus(),
            limits: self.config.limits.clone(),
            data: self.config.storage.data.clone(),
            body_timeout: Duration::from_secs(self.config.server.body_timeout_seconds),
            checks: self.checks(worker),
            stop,
        };
        api::serve(listener, app, &self.config.server)
            .await
            .map_err(|error| anyhow!("the API ended by itself ({error}); start it again"))
    }
}

/// Listens at the configured address.
///
/// # Errors
/// When somebody else does, or the address is not this machine's.
pub async fn listen(server: &ServerConfig) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let address = SocketAddr::new(server.host, server.port);
    let listener = TcpListener::bind(address).await.map_err(|error| {
        anyhow!("cannot listen on {address} ({error}); stop what listens there, or choose another port with --port")
    })?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Waits for `parts`, but not long once they were asked to stop: leases and the log of the database make up for
/// whatever is cut short.
async fn in_time(
    stop: &CancellationToken,
    parts: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let deadline = async {
        stop.cancelled().await;
        tokio::time::sleep(STOPPING).await;
    };
    tokio::select! {
        ended = parts => ended,
        () = deadline => {
            tracing::warn!("not everything ended in time; the work in hand is taken up again at the next start");
            Ok(())
        }
    }
}
