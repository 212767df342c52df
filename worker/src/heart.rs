//! The heart: renews the leases of this process, on a thread of its own.
//!
//! Whisper can keep every core busy for minutes; a heart that shared the workers' threads would skip beats, and
//! their jobs would be taken over while they are worked on.

use std::{
    collections::HashMap,
    io, thread,
    time::{Duration, Instant},
};

use futures::future::join_all;
use store::{Lease, Store, StoreError};
use tokio::{
    runtime::Builder,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::MissedTickBehavior,
};
use tokio_util::sync::CancellationToken;

/// Beats in the length of a lease: three may fail before it runs out.
const BEATS_PER_LEASE: u32 = 4;

/// Keeps leases alive until they are dropped, or lost.
#[derive(Clone)]
pub struct Heart {
    commands: UnboundedSender<Command>,
}

enum Command {
    Keep(Lease, CancellationToken),
    Drop(Lease),
}

impl Heart {
    /// Starts the thread; it ends with the last clone of the heart. `store` should have connections of its own.
    pub fn start(store: Store, lease: Duration) -> io::Result<Self> {
        let (commands, received) = unbounded_channel();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let beating = Beating { store, length: lease, kept: HashMap::new() };
        thread::Builder::new().name("heart".into()).spawn(move || runtime.block_on(beating.run(received)))?;
        Ok(Self { commands })
    }

    /// Renews the lease until what is returned is dropped; `lost` is cancelled when it could not be.
    pub fn keep(&self, lease: Lease, lost: CancellationToken) -> KeptLease {
        // The thread ends only after every sender is gone, so that the command arrives.
        let _ = self.commands.send(Command::Keep(lease.clone(), lost));
        KeptLease { lease, heart: self.clone() }
    }
}

/// A lease that is being renewed.
pub struct KeptLease {
    lease: Lease,
    heart: Heart,
}

impl Drop for KeptLease {
    fn drop(&mut self) {
        let _ = self.heart.commands.send(Command::Drop(self.lease.clone()));
    }
}

struct Kept {
    lost: CancellationToken,
    renewed: Instant,
}

struct Beating {
    store: Store,
    length: Duration,
    kept: HashMap<Lease, Kept>,
}

impl Beating {
    async fn run(mut self, mut commands: UnboundedReceiver<Command>) {
        let mut beat = tokio::time::interval(self.length / BEATS_PER_LEASE);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Keep(lease, lost)) => {
                        self.kept.insert(lease, Kept { lost, renewed: Instant::now() });
                    }
                    Some(Command::Drop(lease)) => {
                        self.kept.remove(&lease);
                    }
                    None => return,
                },
                _ = beat.tick() => self.renew_all().await,
            }
        }
    }

    /// All at once, so that a database that hangs makes none of them wait for the others.
    async fn renew_all(&mut self) {
        let leases: Vec<Lease> = self.kept.keys().cloned().collect();
        let renewals = leases.iter().map(|lease| self.store.renew(lease, self.length));
        let renewed = join_all(renewals).await;
        for (lease, renewed) in leases.into_iter().zip(renewed) {
            if !self.still_holds(&lease, renewed)
                && let Some(kept) = self.kept.remove(&lease)
            {
                tracing::warn!(job = %lease.job, "the lease is gone; stopping work on the job");
                kept.lost.cancel();
            }
        }
    }

    /// Whether the lease still holds, as far as can be told.
    fn still_holds(&mut self, lease: &Lease, renewed: Result<bool, StoreError>) -> bool {
        let Some(kept) = self.kept.get_mut(lease) else { return true };
        match renewed {
            Ok(true) => kept.renewed = Instant::now(),
            Ok(false) => return false,
            Err(error) => {
                tracing::warn!(job = %lease.job, %error, "cannot renew the lease; trying again");
                return kept.renewed.elapsed() < self.length;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_kept_lease_outlives_its_length_and_a_stolen_one_is_noticed() {
        let world = testing::World::new().await;
        let length = Duration::from_millis(400);
        let heart = Heart::start(world.store.clone(), length).unwrap();
        let id = world.upload_bytes(b"x").await;
        let lease = world.store.claim(id, "w1", length).await.unwrap().unwrap().lease;
        let lost = CancellationToken::new();
        let kept = heart.keep(lease.clone(), lost.clone());
        let deadline = Instant::now() + 3 * length;
        while Instant::now() < deadline {
            assert!(world.store.claim(id, "w2", length).await.unwrap().is_none(), "the lease ran out");
            tokio::task::yield_now().await;
        }
        world.store.cancel(id).await.unwrap();
        lost.cancelled().await;
        drop(kept);
    }
}
