//! SIGINT and SIGTERM: the first asks the program to end in an orderly way, the second ends it.

use std::{future::Future, io};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::exit::Ending;

/// Tells when the program is to end.
#[derive(Clone, Default)]
pub struct Stop {
    token: CancellationToken,
}

impl Stop {
    /// A stop that the process's signals pull.
    ///
    /// # Errors
    /// When the system lets nobody listen to signals.
    pub fn on_signals() -> io::Result<Self> {
        let stop = Self::default();
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let token = stop.token.clone();
        tokio::spawn(async move {
            for first in [true, false] {
                tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} }
                if first {
                    token.cancel();
                }
            }
            std::process::exit(130);
        });
        Ok(stop)
    }

    /// Cancelled when the program is to end.
    pub const fn token(&self) -> &CancellationToken {
        &self.token
    }

    /// What `work` comes to, unless the program is stopped first; `hint` goes on the sentence that then says so.
    ///
    /// # Errors
    /// [`Ending::Interrupted`] when it is.
    pub async fn or_interrupted<T>(
        &self,
        hint: impl Into<String>,
        work: impl Future<Output = anyhow::Result<T>>,
    ) -> anyhow::Result<T> {
        match self.token.run_until_cancelled(work).await {
            Some(result) => result,
            None => Err(Ending::Interrupted(hint.into()).into()),
        }
    }
}
