//! Tells the store that this worker is there, for people who look after it.

use std::{sync::Arc, time::Duration};

use config::Device;
use shared::worker::WorkerAbout;
use tokio::time::{MissedTickBehavior, interval};

use crate::Parts;

/// Time between two words.
const PAUSE: Duration = Duration::from_secs(10);

/// Tells it again and again, until it is dropped.
pub(crate) async fn show(parts: Arc<Parts>) {
    let about = about(&parts);
    let mut beat = interval(PAUSE);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        if let Err(error) = parts.store.beat(&parts.owner, &about).await {
            tracing::debug!(%error, "the store was not told that this worker is there");
        }
    }
}

fn about(parts: &Parts) -> WorkerAbout {
    let device = match parts.config.speech.device {
        Device::Auto => "auto",
        Device::Cpu => "cpu",
        Device::Gpu => "gpu",
    };
    WorkerAbout {
        host: host(),
        process: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        device: device.to_owned(),
        model: parts.config.speech.model.clone(),
        concurrency: parts.config.worker.concurrency,
    }
}

/// The machine's name, where it can be found out.
fn host() -> String {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let told = told.or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_default();
    told.trim().to_owned()
}
