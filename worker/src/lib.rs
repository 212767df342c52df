//! The workers: recordings to speech, speech to segments, segments to minutes.
//!
//! A worker takes one job after the other ([`work`]): it decodes the recording and finds the speech in it
//! ([`audio`]), recognises it ([`transcriber`]), saves window by window, and writes the minutes. It talks to the
//! store only; what watchers see, the store tells.

pub mod audio;
mod diarise;
mod engine;
mod heart;
mod language;
mod left_alone;
mod listen;
pub mod models;
mod notices;
mod outcome;
#[cfg(test)]
mod panics;
mod presence;
mod recognise;
mod runner;
pub mod speakers;
mod summarise;
#[cfg(test)]
mod testing;
mod transcribe;
pub mod transcriber;
mod waiting;
mod work;

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use audio::DecodeLimits;
use blobs::Blobs;
use config::Config;
use engine::Engines;
use heart::Heart;
use left_alone::LeftAlone;
use minutes::{Summariser, Templates};
use relay::{bus::Bus, queue::RedisQueue};
pub use runner::RunnerError;
use speakers::Diarisers;
use store::Store;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
pub use waiting::WaitingJobs;

/// What a worker works with.
pub(crate) struct Parts {
    pub(crate) owner: String,
    pub(crate) store: Store,
    pub(crate) blobs: Blobs,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) summariser: Arc<Summariser>,
    pub(crate) templates: Arc<Templates>,
    pub(crate) heart: Heart,
    pub(crate) engines: Engines,
    pub(crate) diarisers: Diarisers,
    /// The jobs that others have to do.
    pub(crate) left: LeftAlone,
    pub(crate) decode_limits: DecodeLimits,
    pub(crate) config: Config,
}

/// What a worker is given to work with.
pub struct Tools {
    /// The rows of jobs.
    pub store: Store,
    /// The same over connections of its own: leases are renewed by it.
    pub heart_store: Store,
    /// The recordings.
    pub blobs: Blobs,
    /// Who listens to the jobs.
    pub bus: Arc<dyn Bus>,
    /// Who writes minutes.
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
    parts: Arc<Parts>,
}

impl Worker {
    /// A worker that has not begun.
    ///
    /// # Errors
    /// When the system has no thread left.
    pub fn new(config: Config, tools: Tools) -> io::Result<Self> {
        let Tools { store, heart_store, blobs, bus, summariser, templates, decoder } = tools;
        let decode_limits = DecodeLimits {
            max_duration: Duration::from_secs_f64(config.limits.max_hours * 3600.0),
            ffmpeg: config.speech.ffmpeg,
            max_split_channels: config.limits.max_split_channels,
            program: decoder,
            memory: config.speech.decode_memory.as_u64(),
            computing: Duration::from_secs(config.speech.decode_seconds),
            patience: Duration::from_secs(config.speech.decode_patience_seconds),
            ..DecodeLimits::default()
        };
        let parts = Parts {
            // Unique, so that nobody takes a worker for the one that ran on this machine before it.
            owner: format!("worker-{}", uuid::Uuid::now_v7()),
            heart: Heart::start(heart_store, config.worker.lease())?,
            engines: Engines::new(config.speech.clone()),
            diarisers: Diarisers::new(config.speech.clone()),
            left: LeftAlone::default(),
            store,
            blobs,
            bus,
            summariser,
            templates,
            decode_limits,
            config,
        };
        Ok(Self { parts: Arc::new(parts) })
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
        let present = AbortOnDropHandle::new(tokio::spawn(presence::show(Arc::clone(&self.parts))));
        let waiting = waiting.without(self.parts.left.clone());
        let ended = runner::run(Arc::clone(&self.parts), waiting, redis, stop).await;
        drop(present);
        if let Err(error) = self.parts.store.leave(&self.parts.owner).await {
            tracing::warn!(%error, "the worker stays on the list of workers for a while");
        }
        ended
    }

    /// Models that must stay: the configured ones, and the one in memory.
    ///
    /// # Errors
    /// When a model is being loaded at this moment.
    pub fn models_in_use(&self) -> Result<Vec<String>, models::ModelError> {
        self.parts.engines.in_use()
    }

    /// Whether the default speech model is there or can be fetched; for readiness checks.
    pub async fn check_model(&self) -> Result<(), models::ModelError> {
        self.parts.engines.check().await
    }
}
