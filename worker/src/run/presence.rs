//! Notes in the store that this worker is there, for people who look after it.

use std::{sync::Arc, time::Duration};

use config::Device;
use shared::worker::WorkerAbout;
use tokio::time::{MissedTickBehavior, interval};

use super::WorkerContext;

/// Time between two notes.
const PRESENCE_INTERVAL: Duration = Duration::from_secs(10);

/// Notes it again and again, until it is dropped.
pub(crate) async fn show(worker: Arc<WorkerContext>) {
    let about = about(&worker);
    let mut ticks = interval(PRESENCE_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = worker.store.beat(&worker.owner, &about).await {
            tracing::debug!(%error, "could not note that this worker is there");
        }
    }
}

fn about(worker: &WorkerContext) -> WorkerAbout {
    let device = match worker.config.speech.device {
        Device::Auto => "auto",
        Device::Cpu => "cpu",
        Device::Gpu => "gpu",
    };
    WorkerAbout {
        host: host(),
        process: std::process::id(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        device: device.to_owned(),
        model: worker.config.speech.model.clone(),
        concurrency: worker.config.worker.concurrency,
    }
}

/// The machine's name, where it can be found out.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    let name = name.or_else(|| std::env::var("HOSTNAME").ok()).unwrap_or_default();
    name.trim().to_owned()
}
