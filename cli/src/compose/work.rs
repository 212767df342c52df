//! Services that run a worker.

use std::{path::PathBuf, sync::Arc};

use anyhow::anyhow;
use api::ReadyCheck;
use gc::Collector;
use store::Store;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use worker::{Worker, WorkerDeps};

use super::{Services, listen_at, local_models::LocalModels};

impl Services {
    /// Runs API and worker until `stop` is cancelled or one of them fails.
    ///
    /// # Errors
    /// Why one of them ended by itself.
    pub async fn run_everything(self, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
        let worker = self.worker().await?;
        let local_models = Arc::new(LocalModels::new(&self.config.speech, worker.clone()));
        let api = self.serve(listener, Some(model_check(worker.clone())), Some(local_models), stop.clone());
        let work = self.work(worker, stop.clone());
        self.in_time(&stop, async { tokio::try_join!(api, work).map(drop) }).await
    }

    /// Runs a worker alone until `stop` is cancelled.
    ///
    /// # Errors
    /// Why it ended by itself.
    pub async fn run_worker(self, stop: CancellationToken) -> anyhow::Result<()> {
        let worker = self.worker().await?;
        let status = self.serve_status(model_check(worker.clone()), stop.clone());
        let work = self.work(worker, stop.clone());
        self.in_time(&stop, async { tokio::try_join!(status, work).map(drop) }).await
    }

    async fn worker(&self) -> anyhow::Result<Worker> {
        let config = self.config.clone();
        // The leases are renewed over a connection of their own, so that they do not wait behind other work.
        let timeout = config.database.patience().min(config.worker.lease() / 4);
        let lease_store = Store::connect(&config.database_url(), 1, timeout, self.messaging.bus()).await?;
        let deps = WorkerDeps {
            store: self.store.clone(),
            lease_store,
            blobs: self.blobs.clone(),
            bus: self.messaging.bus(),
            summariser: Arc::clone(&self.summariser),
            templates: Arc::clone(&self.templates),
            decoder: Some(own_program()?),
        };
        Worker::new(config, deps)
            .map_err(|error| anyhow!("the system gives the worker no thread ({error}); free some memory"))
    }

    /// Says how the worker is, where that is wanted.
    async fn serve_status(&self, model: ReadyCheck, stop: CancellationToken) -> anyhow::Result<()> {
        let Some(address) = self.config.worker.listen() else { return Ok(()) };
        let (listener, _) = listen_at(address, "SEOGI_WORKER_LISTEN").await?;
        Ok(api::serve_status(listener, self.app(Some(model), stop), &self.config.server).await?)
    }

    async fn work(&self, worker: Worker, stop: CancellationToken) -> anyhow::Result<()> {
        let collector = Collector::new(self.store.clone(), self.blobs.clone(), &self.config.storage);
        let until = stop.clone();
        let _gc = AbortOnDropHandle::new(tokio::spawn(async move { collector.run(until).await }));
        let waiting = worker::WaitingJobs::new(
            &self.messaging.in_process(),
            self.store.clone(),
            self.config.worker.sweep(),
        );
        Ok(worker.run(waiting, self.messaging.redis(), stop).await?)
    }
}

/// This program, to be started again; on Linux also if its file was replaced meanwhile, as updates do.
///
/// # Errors
/// When the system does not tell.
pub fn own_program() -> anyhow::Result<PathBuf> {
    let executable = PathBuf::from("/proc/self/exe");
    if executable.exists() {
        return Ok(executable);
    }
    std::env::current_exe()
        .map_err(|error| anyhow!("the system does not tell where this program lies ({error})"))
}

/// What `GET /readyz` asks when the worker is in the same process.
fn model_check(worker: Worker) -> ReadyCheck {
    ReadyCheck::new("model", move || {
        let worker = worker.clone();
        async move { worker.check_model().await.map_err(|error| error.to_string()) }
    })
}
