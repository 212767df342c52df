//! A worker whose handler panics.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use config::{Config, Value};
use minutes::{Summariser, Templates};
use relay::{
    bus::{Bus, InProcessBus, Notice, Subscription},
    queue::InProcessQueue,
};
use shared::{job::JobStatus, topic::Topic};

use tokio_util::sync::CancellationToken;

use crate::{WaitingJobs, Worker, WorkerDeps, testing::World};

/// A bus that panics the first time somebody subscribes to a job.
struct Trap {
    bus: InProcessBus,
    armed: AtomicBool,
}

impl Bus for Trap {
    fn publish(&self, topic: Topic, notice: Notice) {
        self.bus.publish(topic, notice);
    }

    fn subscribe(&self, topic: Topic) -> Subscription {
        assert!(!self.armed.swap(false, Ordering::SeqCst), "the trap is sprung");
        self.bus.subscribe(topic)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_a_handler_costs_its_job_one_attempt_and_others_nothing() {
    let world = World::new().await;
    let folder = tempfile::tempdir().unwrap();
    let models = Value::from(folder.path().display().to_string());
    let flags = vec![
        ("speech.model", ground_truth::toy_model().display().to_string().into()),
        ("speech.models", models),
        ("speech.threads", 1.into()),
        ("worker.lease_seconds", 2.into()),
        ("worker.sweep_seconds", 1.into()),
    ];
    let config = Config::load(None, |_| None, flags).unwrap();
    let recording = std::fs::read(ground_truth::recording("short_en.wav").path()).unwrap();
    let jobs = [world.upload_bytes(&recording).await, world.upload_bytes(&recording).await];
    let bus = Arc::new(Trap { bus: InProcessBus::default(), armed: AtomicBool::new(true) });
    let (store, summariser) = (world.store.clone(), Arc::new(Summariser::from_config(&config.llm).unwrap()));
    let waiting = WaitingJobs::new(&InProcessQueue::default(), store.clone(), config.worker.sweep());
    let (blobs, templates) = (world.blobs.clone(), Arc::new(Templates::load(&config).unwrap()));
    let (rows, lease_store) = (store.clone(), store.clone());
    let deps = WorkerDeps { store: rows, lease_store, blobs, bus, summariser, templates, decoder: None };
    let worker = Worker::new(config, deps).unwrap();
    let stop = CancellationToken::new();
    let ended = async {
        for job in jobs {
            while !store.job(job).await.unwrap().status.is_final() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        stop.cancel();
    };
    let (worked, ()) = tokio::join!(worker.run(waiting, None, stop.clone()), ended);
    worked.unwrap();
    for (job, attempts) in jobs.into_iter().zip([2, 1]) {
        let job = store.job(job).await.unwrap();
        assert_eq!((job.status, job.attempts), (JobStatus::Completed, attempts));
    }
}
