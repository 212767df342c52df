//! The workers: recordings to speech, speech to segments, segments to minutes.
//!
//! A worker claims one job after the other ([`run`]) and does its [`tasks`]: it decodes the recording and finds the
//! speech in it ([`audio`]), recognises it ([`transcriber`]), saves window by window, and writes the minutes. It talks
//! to the store only; what watchers see, the store publishes.

pub mod audio;
mod engine;
pub mod models;
mod run;
pub mod speakers;
mod tasks;
#[cfg(test)]
mod testing;
pub mod transcriber;

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use audio::DecodeLimits;
use blobs::Blobs;
use config::Config;
use engine::Engines;
use minutes::{Summariser, Templates};
use relay::{bus::Bus, queue::RedisQueue};
use run::{DeferredJobs, LeaseKeeper, WorkerContext, presence, runner};
pub use run::{RunnerError, WaitingJobs};
use speakers::Diarisers;
use store::Store;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// What a worker needs of the process around it.
pub struct WorkerDeps {
    /// The rows of jobs.
    pub store: Store,
    /// The same over connections of its own: leases are renewed by it.
    pub lease_store: Store,
    /// The recordings.
    pub blobs: Blobs,
    /// What carries notices about the jobs.
    pub bus: Arc<dyn Bus>,
    /// What writes minutes.
    pub summariser: Arc<Summariser>,
    /// What they look like.
    pub templates: Arc<Templates>,
    /// The program that decodes in a process of its own ([`audio::DECODE_CHILD`]). None: this process decodes, and a
    /// hostile recording may bring it down.
    pub decoder: Option<PathBuf>,
}

/// A worker, ready to run.
#[derive(Clone)]
pub struct Worker {
    context: Arc<WorkerContext>,
}

impl Worker {
    /// A worker that has not begun.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn new(config: Config, deps: WorkerDeps) -> io::Result<Self> {
        let WorkerDeps { store, lease_store, blobs, bus, summariser, templates, decoder } = deps;
        let decode_limits = DecodeLimits {
            max_duration: Duration::from_secs_f64(config.limits.max_hours * 3600.0),
            ffmpeg: config.speech.ffmpeg,
            max_split_channels: config.limits.max_split_channels,
            voice_activity: config.speech.voice_activity,
            program: decoder,
            memory: config.speech.decode_memory.as_u64(),
            computing: Duration::from_secs(config.speech.decode_seconds),
            patience: Duration::from_secs(config.speech.decode_patience_seconds),
            ..DecodeLimits::default()
        };
        let context = WorkerContext {
            // Unique, so that nobody takes a worker for the one that ran on this machine before it.
            owner: format!("worker-{}", uuid::Uuid::now_v7()),
            leases: LeaseKeeper::start(lease_store, config.worker.lease())?,
            engines: Engines::new(config.speech.clone()),
            diarisers: Diarisers::new(config.speech.clone()),
            deferred: DeferredJobs::default(),
            store,
            blobs,
            bus,
            summariser,
            templates,
            decode_limits,
            config,
        };
        Ok(Self { context: Arc::new(context) })
    }

    /// Works on the jobs that `waiting` gives, and on those that `redis` tells of sooner, until `stop` is cancelled;
    /// then puts down what is in hand, so that another worker can go on with it at once.
    ///
    /// # Errors
    /// When it ends by itself.
    pub async fn run(
        &self,
        waiting: WaitingJobs,
        redis: Option<RedisQueue>,
        stop: CancellationToken,
    ) -> Result<(), RunnerError> {
        let present = AbortOnDropHandle::new(tokio::spawn(presence::show(Arc::clone(&self.context))));
        let waiting = waiting.without(self.context.deferred.clone());
        let ended = runner::run(Arc::clone(&self.context), waiting, redis, stop).await;
        drop(present);
        if let Err(error) = self.context.store.leave(&self.context.owner).await {
            tracing::warn!(%error, "the worker stays on the list of workers for a while");
        }
        ended
    }

    /// Models that must stay: the configured ones, and the one in memory.
    ///
    /// # Errors
    /// When a model is being loaded at this moment.
    pub fn models_in_use(&self) -> Result<Vec<String>, models::ModelError> {
        self.context.engines.in_use()
    }

    /// Whether the default speech model is there or can be fetched; for readiness checks.
    pub async fn check_model(&self) -> Result<(), models::ModelError> {
        self.context.engines.check().await
    }
}
