//! The faults, chosen at random, and how long work takes to go on after a worker was killed.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use anyhow::Result;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::Value;
use test_servers::{Disk, Line};
use tokio::time::sleep;

use crate::{cluster::Cluster, node::Node};

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    WorkerKilled,
    WorkerStopped,
    WorkerAsleep,
    ApiKilled,
    ApiStopped,
    RedisRestarted,
    RedisEmptied,
    RedisHungUp,
    RedisSlow,
    RedisHanging,
    DatabaseRestarted,
    DatabaseHanging,
    DatabaseCut,
    DatabaseDiskFull,
    DatabaseDiskBroken,
    DatabaseDiskReadOnly,
    DiskFull,
    DiskBroken,
    DiskReadOnly,
}

use Fault::{
    ApiKilled, ApiStopped, DatabaseCut, DatabaseDiskBroken, DatabaseDiskFull, DatabaseDiskReadOnly,
    DatabaseHanging, DatabaseRestarted, DiskBroken, DiskFull, DiskReadOnly, RedisEmptied, RedisHanging,
    RedisHungUp, RedisRestarted, RedisSlow, WorkerAsleep, WorkerKilled, WorkerStopped,
};

/// Those that can happen over any database; a killed worker is what it is most about.
const EVERYWHERE: [Fault; 15] = [
    WorkerKilled,
    WorkerKilled,
    WorkerKilled,
    WorkerStopped,
    WorkerAsleep,
    ApiKilled,
    ApiStopped,
    RedisRestarted,
    RedisEmptied,
    RedisHungUp,
    RedisSlow,
    RedisHanging,
    DiskFull,
    DiskBroken,
    DiskReadOnly,
];

/// Those of a database that is a server.
const OF_SERVERS: [Fault; 6] = [
    DatabaseRestarted,
    DatabaseHanging,
    DatabaseCut,
    DatabaseDiskFull,
    DatabaseDiskBroken,
    DatabaseDiskReadOnly,
];

/// Injects faults and keeps count.
pub struct Faults {
    random: StdRng,
    /// Those that are still to come before any comes again.
    to_come: Vec<Fault>,
    injected: BTreeMap<String, usize>,
    /// Jobs whose worker was killed, and when.
    orphans: Vec<Orphan>,
    longest_recovery: Duration,
    longest_stop: Duration,
}

/// A job whose worker was killed.
struct Orphan {
    job: String,
    since: Instant,
    /// How often work on it had begun.
    begun: usize,
}

impl Faults {
    /// Faults in an order that comes from `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            to_come: Vec::new(),
            injected: BTreeMap::new(),
            orphans: Vec::new(),
            longest_recovery: Duration::ZERO,
            longest_stop: Duration::ZERO,
        }
    }

    /// Lets the next fault happen, and be over, after a pause.
    pub async fn inject(&mut self, cluster: &mut Cluster) -> Result<()> {
        self.pass(cluster, 100..1500).await;
        if self.to_come.is_empty() {
            self.to_come = EVERYWHERE.to_vec();
            if cluster.database_line.is_some() {
                self.to_come.extend(OF_SERVERS);
            }
        }
        let fault = self.to_come.swap_remove(self.random.random_range(0..self.to_come.len()));
        *self.injected.entry(format!("{fault:?}")).or_default() += 1;
        match fault {
            WorkerKilled | WorkerStopped | WorkerAsleep => self.disturb_worker(fault, cluster).await,
            ApiKilled | ApiStopped => self.disturb_api(fault, cluster).await,
            DatabaseRestarted | DatabaseHanging | DatabaseCut => self.disturb_database(fault, cluster).await,
            DatabaseDiskFull | DatabaseDiskBroken | DatabaseDiskReadOnly | DiskFull | DiskBroken
            | DiskReadOnly => self.disturb_disk(fault, cluster).await,
            _ => self.disturb_redis(fault, cluster).await,
        }
    }

    async fn disturb_worker(&mut self, fault: Fault, cluster: &mut Cluster) -> Result<()> {
        let n = self.random.random_range(0..cluster.workers.len());
        match fault {
            WorkerAsleep => cluster.workers[n].signal("STOP")?,
            WorkerStopped => self.stop(&mut cluster.workers[n])?,
            _ => {
                cluster.workers[n].kill()?;
                let (since, logs) = (Instant::now(), Logs::of(&cluster.workers));
                let jobs = logs.in_hand(n).into_iter();
                self.orphans.extend(jobs.map(|job| Orphan { begun: logs.begun(&job), job, since }));
            }
        }
        let asleep = fault == WorkerAsleep;
        self.pass(cluster, if asleep { 1000..12_000 } else { 100..4000 }).await;
        if asleep { cluster.workers[n].signal("CONT") } else { cluster.workers[n].start_again() }
    }

    async fn disturb_api(&mut self, fault: Fault, cluster: &mut Cluster) -> Result<()> {
        let n = self.random.random_range(0..cluster.apis.len());
        if fault == ApiStopped {
            self.stop(&mut cluster.apis[n])?
        } else {
            cluster.apis[n].kill()?
        }
        self.pass(cluster, 100..2000).await;
        cluster.apis[n].start_again()
    }

    /// Asks a node to stop.
    fn stop(&mut self, node: &mut Node) -> Result<()> {
        self.longest_stop = self.longest_stop.max(node.stop()?);
        Ok(())
    }

    async fn disturb_redis(&mut self, fault: Fault, cluster: &mut Cluster) -> Result<()> {
        match fault {
            RedisEmptied => cluster.redis.tell("FLUSHALL"),
            RedisHungUp => cluster.redis.tell("CLIENT KILL TYPE pubsub"),
            RedisRestarted => {
                cluster.redis.kill();
                self.pass(cluster, 100..5000).await;
                cluster.redis.start_again();
            }
            _ => {
                let slow = Line::Slow(Duration::from_millis(600));
                cluster.redis_line.turn(if fault == RedisSlow { slow } else { Line::Stalled });
                self.pass(cluster, 1000..5000).await;
                cluster.redis_line.turn(Line::Good);
            }
        }
        Ok(())
    }

    async fn disturb_database(&mut self, fault: Fault, cluster: &mut Cluster) -> Result<()> {
        match fault {
            DatabaseRestarted => {
                cluster.kill_database();
                self.pass(cluster, 100..4000).await;
                cluster.start_database();
            }
            _ => {
                let bad = if fault == DatabaseCut { Line::Cut } else { Line::Stalled };
                cluster.database_line.iter().for_each(|line| line.turn(bad));
                self.pass(cluster, 500..10_000).await;
                cluster.database_line.iter().for_each(|line| line.turn(Line::Good));
            }
        }
        // Nobody can go on without the database, which is no fault of theirs.
        self.orphans.clear();
        Ok(())
    }

    async fn disturb_disk(&mut self, fault: Fault, cluster: &mut Cluster) -> Result<()> {
        let bad = match fault {
            DatabaseDiskFull | DiskFull => Disk::Full,
            DatabaseDiskBroken | DiskBroken => Disk::Broken,
            _ => Disk::ReadOnly,
        };
        if matches!(fault, DiskFull | DiskBroken | DiskReadOnly) {
            cluster.disk.turn(bad);
            self.pass(cluster, 100..4000).await;
            cluster.disk.turn(Disk::Good);
        } else {
            cluster.turn_database_disk(bad);
            self.pass(cluster, 100..4000).await;
            cluster.mend_database_disk();
        }
        // Nobody can go on where nothing is kept.
        self.orphans.clear();
        Ok(())
    }

    /// Lets so many milliseconds pass, and looks whether orphans were taken up.
    async fn pass(&mut self, cluster: &Cluster, milliseconds: std::ops::Range<u64>) {
        let until = Instant::now() + Duration::from_millis(self.random.random_range(milliseconds));
        while Instant::now() < until {
            sleep(Duration::from_millis(100)).await;
            self.look_after_orphans(cluster);
        }
    }

    fn look_after_orphans(&mut self, cluster: &Cluster) {
        if self.orphans.is_empty() {
            return;
        }
        let logs = Logs::of(&cluster.workers);
        let longest = &mut self.longest_recovery;
        self.orphans.retain(|orphan| {
            let waits = logs.begun(&orphan.job) == orphan.begun;
            if !waits {
                *longest = (*longest).max(orphan.since.elapsed());
            }
            waits
        });
    }

    /// How many of each kind there were.
    pub fn injected(&self) -> &BTreeMap<String, usize> {
        &self.injected
    }

    /// The longest time from the death of a worker to the moment when another one went on with its job.
    pub fn longest_recovery(&self) -> Duration {
        self.longest_recovery
    }

    /// The longest time that a process took to stop when it was asked to.
    pub fn longest_stop(&self) -> Duration {
        self.longest_stop
    }
}

/// What the workers' logs say of jobs, in the order of time.
struct Logs(Vec<Entry>);

/// A worker begins or ends its work on a job.
struct Entry {
    time: String,
    worker: usize,
    job: String,
    begins: bool,
}

impl Logs {
    fn of(workers: &[Node]) -> Self {
        let logs = workers.iter().map(Node::log).enumerate();
        let mut entries: Vec<Entry> = logs
            .flat_map(|(worker, log)| log.lines().filter_map(|line| entry(worker, line)).collect::<Vec<_>>())
            .collect();
        entries.sort_by(|one, other| one.time.cmp(&other.time));
        Self(entries)
    }

    /// How often work on a job began.
    fn begun(&self, job: &str) -> usize {
        self.0.iter().filter(|entry| entry.begins && entry.job == job).count()
    }

    /// Jobs that the worker with this number was the last to begin, and has not ended.
    fn in_hand(&self, worker: usize) -> Vec<String> {
        let mut holders = HashMap::new();
        for entry in &self.0 {
            if entry.begins {
                holders.insert(&entry.job, entry.worker);
            } else if holders.get(&entry.job) == Some(&entry.worker) {
                holders.remove(&entry.job);
            }
        }
        let held = holders.into_iter().filter(|(_, holder)| *holder == worker);
        held.map(|(job, _)| job.clone()).collect()
    }
}

fn entry(worker: usize, line: &str) -> Option<Entry> {
    let line: Value = serde_json::from_str(line).ok()?;
    let word = |value: &Value| value.as_str().map(str::to_owned);
    let fields = line.get("fields")?;
    let begins = match fields.get("message")?.as_str()? {
        "work begins" => true,
        "completed" | "failed" | "interrupted" => false,
        _ => return None,
    };
    Some(Entry { time: word(line.get("timestamp")?)?, worker, job: word(fields.get("job")?)?, begins })
}
