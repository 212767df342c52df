//! The checksum of a recording that is still coming.

use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::task::{JoinError, JoinHandle, spawn_blocking};

/// Bytes that are summed at a time.
const PART_BYTES: usize = 256 * 1024;

/// Sums on another thread what came, while more comes.
#[derive(Default)]
pub(super) struct Checksum {
    gathered: Vec<Bytes>,
    length: usize,
    summing: Option<JoinHandle<Sha256>>,
}

impl Checksum {
    /// Adds bytes, waiting while summing is slower than the sender.
    pub(super) async fn add(&mut self, bytes: Bytes) -> Result<(), JoinError> {
        self.length += bytes.len();
        self.gathered.push(bytes);
        if self.length >= PART_BYTES {
            self.summing = Some(self.sum().await?);
        }
        Ok(())
    }

    /// SHA-256 of all that came, in lower-case hexadecimal digits.
    pub(super) async fn finish(mut self) -> Result<String, JoinError> {
        Ok(hex::encode(self.sum().await?.await?.finalize()))
    }

    /// Begins to sum what was gathered, once what came before is summed.
    async fn sum(&mut self) -> Result<JoinHandle<Sha256>, JoinError> {
        let mut digest = match self.summing.take() {
            Some(summing) => summing.await?,
            None => Sha256::new(),
        };
        self.length = 0;
        let parts = std::mem::take(&mut self.gathered);
        Ok(spawn_blocking(move || {
            parts.iter().for_each(|part| digest.update(part));
            digest
        }))
    }
}
