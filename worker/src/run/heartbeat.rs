//! The heartbeat: renews the leases of this process, on a thread of its own.
//!
//! Speech recognition can keep every core busy for minutes; a heartbeat that shared the workers' threads would come too
//! late, and their jobs would be taken over while they are worked on.

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

/// Renewals in the length of a lease: three may fail before it runs out.
const RENEWALS_PER_LEASE: u32 = 4;

/// Keeps leases alive until they are dropped, or lost.
#[derive(Clone)]
pub(crate) struct LeaseKeeper {
    commands: UnboundedSender<Command>,
}

enum Command {
    Renew(Lease, CancellationToken),
    Drop(Lease),
}

impl LeaseKeeper {
    /// Starts the thread; it ends with the last clone. `store` should have connections of its own.
    pub(crate) fn start(store: Store, lease: Duration) -> io::Result<Self> {
        let (commands, received) = unbounded_channel();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let heartbeat = Heartbeat { store, length: lease, held: HashMap::new() };
        thread::Builder::new()
            .name("heartbeat".into())
            .spawn(move || runtime.block_on(heartbeat.run(received)))?;
        Ok(Self { commands })
    }

    /// Renews the lease until what is returned is dropped; `lost` is cancelled when it could not be.
    pub(crate) fn renew_while_held(&self, lease: Lease, lost: CancellationToken) -> HeldLease {
        // The thread ends only after every sender is gone, so that the command arrives.
        let _ = self.commands.send(Command::Renew(lease.clone(), lost));
        HeldLease { lease, keeper: self.clone() }
    }
}

/// A lease that is being renewed.
pub(crate) struct HeldLease {
    lease: Lease,
    keeper: LeaseKeeper,
}

impl Drop for HeldLease {
    fn drop(&mut self) {
        let _ = self.keeper.commands.send(Command::Drop(self.lease.clone()));
    }
}

struct Renewal {
    lost: CancellationToken,
    renewed: Instant,
}

struct Heartbeat {
    store: Store,
    length: Duration,
    held: HashMap<Lease, Renewal>,
}

impl Heartbeat {
    async fn run(mut self, mut commands: UnboundedReceiver<Command>) {
        let mut ticks = tokio::time::interval(self.length / RENEWALS_PER_LEASE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Renew(lease, lost)) => {
                        self.held.insert(lease, Renewal { lost, renewed: Instant::now() });
                    }
                    Some(Command::Drop(lease)) => {
                        self.held.remove(&lease);
                    }
                    None => return,
                },
                _ = ticks.tick() => self.renew_all().await,
            }
        }
    }

    /// All at once, so that a database that hangs makes none of them wait for the others.
    async fn renew_all(&mut self) {
        let leases: Vec<Lease> = self.held.keys().cloned().collect();
        let renewals = leases.iter().map(|lease| self.store.renew(lease, self.length));
        let renewed = join_all(renewals).await;
        for (lease, renewed) in leases.into_iter().zip(renewed) {
            if !self.still_holds(&lease, renewed)
                && let Some(renewal) = self.held.remove(&lease)
            {
                tracing::warn!(job = %lease.id, "the lease is gone; stopping work on the job");
                renewal.lost.cancel();
            }
        }
    }

    /// Whether the lease still holds, as far as can be told.
    fn still_holds(&mut self, lease: &Lease, renewed: Result<bool, StoreError>) -> bool {
        let Some(renewal) = self.held.get_mut(lease) else { return true };
        match renewed {
            Ok(true) => renewal.renewed = Instant::now(),
            Ok(false) => return false,
            Err(error) => {
                tracing::warn!(job = %lease.id, %error, "cannot renew the lease; trying again");
                return renewal.renewed.elapsed() < self.length;
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
    async fn a_held_lease_outlives_its_length_and_a_stolen_one_is_noticed() {
        let world = testing::World::new().await;
        let length = Duration::from_millis(400);
        let keeper = LeaseKeeper::start(world.store.clone(), length).unwrap();
        let id = world.upload_bytes(b"x").await;
        let lease = world.store.claim(id, "w1", length).await.unwrap().unwrap().lease;
        let lost = CancellationToken::new();
        let held = keeper.renew_while_held(lease.clone(), lost.clone());
        let deadline = Instant::now() + 3 * length;
        while Instant::now() < deadline {
            assert!(world.store.claim(id, "w2", length).await.unwrap().is_none(), "the lease ran out");
            tokio::task::yield_now().await;
        }
        world.store.cancel(id).await.unwrap();
        lost.cancelled().await;
        drop(held);
    }
}
