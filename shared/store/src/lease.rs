//! Leases: the right of one process at a time to work on something, kept in that thing's own row.
//!
//! A lease ends by the database's clock unless it is renewed. Its token grows with every claim, so that an owner that was
//! thought dead cannot write any more: whoever writes names the lease, and the statement changes nothing once it is gone.
//!
//! For something new: give its table the columns `_owner` (text), `_until`, `_length` (milliseconds) and `_token` (0 at
//! first) behind a prefix, and its id a [`Leased`].

use std::{fmt::Display, time::Duration};

use super::{Store, StoreError, pool::Transaction};
use shared::{job::JobId, upload::UploadId};

/// Something that one process at a time works on: the id of a row that has the columns of a lease.
pub trait Leased: Copy + Display + Send + Sync {
    /// The table of the row.
    const TABLE: &'static str;
    /// What the names of the lease's columns begin with.
    const PREFIX: &'static str;
    /// When there is something to do.
    const OPEN: &'static str;
    /// What a claim changes besides. MariaDB assigns from left to right, so this sees the owner before.
    const ON_CLAIM: &'static str;
}

impl Leased for JobId {
    const TABLE: &'static str = "jobs";
    const PREFIX: &'static str = "lease";
    const OPEN: &'static str = "status IN ('PENDING', 'PROCESSING', 'TRANSCRIBED')";
    /// Whoever held it and never gave it back crashed.
    const ON_CLAIM: &'static str = "crashes = crashes + CASE WHEN lease_owner IS NULL THEN 0 ELSE 1 END, \
                                    claimed_at = {now}, updated_at = {now}, attempts = attempts + 1, ";
}

impl Leased for UploadId {
    const TABLE: &'static str = "uploads";
    const PREFIX: &'static str = "finishing";
    const OPEN: &'static str = "job_id IS NULL AND expires_at > {now}";
    const ON_CLAIM: &'static str = "";
}

/// The right to work on something, until it runs out or is taken away.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lease<Id = JobId> {
    /// What it is a lease on.
    pub id: Id,
    /// The process that holds it.
    pub owner: String,
    /// Grows with every claim.
    pub token: i64,
}

/// The condition for what may be claimed: there is something to do, and nobody holds it.
pub(super) fn free<Id: Leased>() -> String {
    format!("{} AND {}", Id::OPEN, unheld::<Id>())
}

/// The condition for what nobody holds. A lease that ends later than its
/// length from now was given before the clock was set back, and would hold for as long as that; a second is left for
/// clocks that are only put right.
pub(super) fn unheld<Id: Leased>() -> String {
    let prefix = Id::PREFIX;
    format!(
        "({prefix}_owner IS NULL OR {prefix}_until <= {{now}} OR {prefix}_until > {{now}} + {prefix}_length + 1000)"
    )
}

/// The condition for a lease that still holds; its values are id, owner and token.
pub(super) fn held<Id: Leased>() -> String {
    let prefix = Id::PREFIX;
    format!("id = ? AND {prefix}_owner = ? AND {prefix}_token = ? AND {prefix}_until > {{now}}")
}

impl Store {
    /// Takes what is free for `owner`; `false` if it is not. The row's token is the lease's.
    pub(super) async fn take_lease<Id: Leased>(
        &self,
        tx: &mut Transaction,
        id: Id,
        owner: &str,
        length: Duration,
    ) -> Result<bool, StoreError> {
        let (table, prefix, besides, free) = (Id::TABLE, Id::PREFIX, Id::ON_CLAIM, free::<Id>());
        let update = format!(
            "UPDATE {table} SET {besides}{prefix}_owner = ?, {prefix}_until = {{now}} + ?, {prefix}_length = ?, \
             {prefix}_token = {prefix}_token + 1 WHERE id = ? AND {free}"
        );
        let taken = self
            .query(&update)
            .bind(owner.to_owned())
            .bind(milliseconds(length))
            .bind(milliseconds(length))
            .bind(id.to_string())
            .execute(tx)
            .await?;
        Ok(taken.rows_affected() == 1)
    }

    /// Makes the lease run for `length` from now on; `false` when it is gone.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn renew<Id: Leased>(&self, lease: &Lease<Id>, length: Duration) -> Result<bool, StoreError> {
        let (table, prefix, held) = (Id::TABLE, Id::PREFIX, held::<Id>());
        let update =
            format!("UPDATE {table} SET {prefix}_until = {{now}} + ?, {prefix}_length = ? WHERE {held}");
        let renewed = self
            .query(&update)
            .bind(milliseconds(length))
            .bind(milliseconds(length))
            .bind(lease.id.to_string())
            .bind(lease.owner.clone())
            .bind(lease.token)
            .execute(&self.writer)
            .await?;
        Ok(renewed.rows_affected() == 1)
    }

    /// Gives the lease back, so that another may be had at once; `false` when somebody else had one since.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn give_back<Id: Leased>(&self, lease: &Lease<Id>) -> Result<bool, StoreError> {
        let (table, prefix) = (Id::TABLE, Id::PREFIX);
        let update = format!(
            "UPDATE {table} SET {prefix}_owner = NULL, {prefix}_until = NULL \
             WHERE id = ? AND {prefix}_owner = ? AND {prefix}_token = ?"
        );
        let released = self
            .query(&update)
            .bind(lease.id.to_string())
            .bind(lease.owner.clone())
            .bind(lease.token)
            .execute(&self.writer)
            .await?;
        Ok(released.rows_affected() == 1)
    }
}

pub(super) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
