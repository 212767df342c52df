//! The store: jobs, their segments, their event log, the leases on them, their minutes, their chats and their errors.
//!
//! Its rows are the truth; queue and bus only say where to look. Every change of a job and the events that tell of it are
//! one transaction, and the events are told on the bus after it. Times are the database's, never this machine's.
//!
//! The SQL is written once, with `?` for values and `{now}` for the time. To add a database, add its [`dialect`],
//! its folder under `migrations/` with the same numbers and names, and run the contract tests on it.

mod claim;
mod control;
mod conversations;
mod counts;
mod create;
mod dialect;
mod edit;
mod lease;
mod list;
mod log;
mod migrations;
mod orphans;
mod peaks;
mod pool;
mod queue;
mod read;
mod reserve;
mod rows;
mod state;
mod summaries;
mod tags;
#[cfg(test)]
mod tests;
mod uploads;
mod work;
mod workers;

use std::{path::Path, sync::Arc, time::Duration};

pub use claim::{Claim, NotedFile, NotedModel};
pub use create::NewJob;
use dialect::Dialect;
pub use lease::{Lease, Leased};
pub use list::{JobFilter, JobPage};
pub use orphans::OrphanBlob;
use pool::{Pool, in_time};
pub use read::JobError;
pub use reserve::Reserve;
use sqlx::{Any, AnyConnection, Connection, Executor, any::AnyArguments, query::Query};
pub use state::SharedState;
pub use tags::TagCount;
use tokio::task::spawn_blocking;
pub use uploads::Finishing;
pub use work::{Language, Window};

use relay::bus::Bus;
use shared::{job::JobId, upload::UploadId};

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no such job.
    #[error("there is no job {0}; `seogi jobs` lists those there are")]
    NotFound(JobId),
    /// There is no such upload.
    #[error("there is no upload {0} (any more); begin it anew")]
    NoUpload(UploadId),
    /// The job's status does not allow it.
    #[error("job {id} is {status}, so it cannot be {action}")]
    Status {
        /// The job.
        id: JobId,
        /// Its status.
        status: shared::job::JobStatus,
        /// What was asked for, as a past participle.
        action: &'static str,
    },
    /// There is no such version of the job's minutes, or there are no minutes.
    #[error("job {id} has no {}; GET /api/v1/jobs/{id}/summaries lists what there is", number(*.version))]
    NoSummary {
        /// The job.
        id: JobId,
        /// The version that was asked for; none: the one that is shown.
        version: Option<u64>,
    },
    /// Enough minutes of the job wait to be written.
    #[error(
        "{most} versions of the minutes of job {id} are waiting to be written already; wait for one of them"
    )]
    SummariesWaiting {
        /// The job.
        id: JobId,
        /// How many may wait.
        most: u32,
    },
    /// The idempotency key was used before for something else.
    #[error("this Idempotency-Key was already used for another recording or other options; use a new key")]
    KeyReused,
    /// The recording was on its way for so long that it may be deleted.
    #[error(
        "the upload took longer than storage.orphan_hours allows; send the recording again, over a faster connection"
    )]
    UploadExpired,
    /// The transcript is not whole, so that it cannot be edited.
    #[error(
        "the transcript of job {0} is not whole, so it cannot be edited; wait until it is, or retry the job"
    )]
    Incomplete(JobId),
    /// The transcript was edited since.
    #[error(
        "the transcript of job {id} is at revision {current} and not at {revision}: somebody else has edited it; load it \
         and make the change again"
    )]
    Stale {
        /// The job.
        id: JobId,
        /// The revision that the edit was made on.
        revision: u64,
        /// The revision that the transcript is at.
        current: u64,
    },
    /// There is no edit that could be undone.
    #[error("the transcript of job {0} has no edit that could be undone")]
    NothingToUndo(JobId),
    /// There is no edit that could be made again.
    #[error("the transcript of job {0} has no undone edit that could be made again")]
    NothingToRedo(JobId),
    /// The edit cannot be made.
    #[error(transparent)]
    Edit(#[from] shared::edit::EditError),
    /// The worker does not hold the job any more: its lease ran out, or the job was cancelled or deleted.
    #[error("the lease on job {0} is gone; another worker goes on with it, or it was cancelled")]
    LeaseLost(JobId),
    /// The URL's scheme names no database that is supported.
    #[error(
        "the database URL begins with '{0}', which is not supported; use sqlite:PATH, postgres://… or mariadb://…"
    )]
    Scheme(String),
    /// A row holds something that cannot be read.
    #[error("the database holds a {what} that cannot be read ({reason}); restore it from a backup")]
    Corrupt {
        /// What was read.
        what: &'static str,
        /// Why it could not be.
        reason: String,
    },
    /// The tables could not be brought up to date.
    #[error(
        "the database could not be brought up to date: {0}; restore the backup made before the upgrade, or use the program's newer version"
    )]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The database does not keep what it says it has stored.
    #[error(
        "the database said that it has stored something, and does not have it; restart this program, and look at the \
         database's log and disk"
    )]
    Forgetful,
    /// The database has no room left.
    #[error("the database has no room left ({0}); delete recordings, or give its disk more room")]
    Full(#[source] sqlx::Error),
    /// The database cannot be reached, or refused.
    #[error("the database failed: {0}; check that it is reachable and writable")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if dialect::is_full(&error) { Self::Full(error) } else { Self::Database(error) }
    }
}

/// A statement to which values are bound.
type Statement = Query<'static, Any, AnyArguments>;

/// What is missing, in words.
fn number(version: Option<u64>) -> String {
    version.map_or_else(|| "minutes (yet)".to_owned(), |version| format!("version {version} of its minutes"))
}

/// The database, and the bus on which its events are told. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    readers: Pool,
    /// SQLite lets one connection write at a time: waiting for it in turn is faster and fairer than being told "busy".
    writer: Pool,
    dialect: Dialect,
    bus: Arc<dyn Bus>,
    /// What those who watch jobs were told last.
    states: Arc<state::States>,
    /// The jobs that are next.
    queue_front: Arc<queue::QueueFront>,
    /// What is given up when a job is to be deleted and the disk is full.
    reserve: Option<Reserve>,
}

impl Store {
    /// The same with room kept free for deleting, if the database is a file of this machine's.
    #[must_use]
    pub fn with_reserve(self, reserve: Reserve) -> Self {
        Self { reserve: (self.dialect == Dialect::Sqlite).then_some(reserve), ..self }
    }

    /// Takes the room again that was given up, where there is enough.
    pub async fn keep_reserve(&self) {
        let Some(reserve) = self.reserve.clone() else { return };
        let taken = spawn_blocking(move || reserve.take()).await.map_err(std::io::Error::other);
        if let Err(error) = taken.flatten() {
            tracing::warn!(%error, "no room is kept free for deleting when the disk is full");
        }
    }

    /// Gives up the room that is kept free, because of this error; whether it is worth another try.
    pub(crate) fn makes_room_after(&self, error: &StoreError) -> bool {
        let gave_up =
            matches!(error, StoreError::Full(_)) && self.reserve.as_ref().is_some_and(Reserve::give_up);
        if gave_up {
            tracing::warn!(
                "the disk is full; the room that was kept free is given up, so that something can be deleted"
            );
        }
        gave_up
    }

    /// Connects to the database at `url`: `sqlite:PATH`, whose file and folder are made if they are not there,
    /// `postgres://…` or `mariadb://…`. At most `connections` are open at the same time, and a server has `patience` to
    /// answer a statement.
    pub async fn connect(
        url: &str,
        connections: u32,
        patience: Duration,
        bus: Arc<dyn Bus>,
    ) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let scheme = || StoreError::Scheme(url.split(':').next().unwrap_or_default().to_owned());
        let dialect = Dialect::of_url(url).ok_or_else(scheme)?;
        let (readers, writer) = match dialect {
            Dialect::Sqlite => {
                // A file does not hang; how long it may be busy, the session says.
                let (url, patience) = (sqlite_url(url)?, Duration::MAX);
                let writer = Pool::new(dialect, &url, 1, patience)?;
                writer.inner.acquire().await?;
                let readers = Pool::new(dialect, &url, connections, patience)?;
                // One stays open in any case, so that the writer can be opened again while the disk is full.
                readers.inner.acquire().await?;
                (readers, writer)
            }
            Dialect::Postgres | Dialect::MariaDb => {
                // A pool would try again and again, and then only say that it gave up.
                in_time(patience, async { AnyConnection::connect(url).await?.close().await }).await?;
                let both = Pool::new(dialect, url, connections, patience)?;
                (both.clone(), both)
            }
        };
        let (states, queue_front) = (Arc::default(), Arc::default());
        Ok(Self { readers, writer, dialect, bus, states, queue_front, reserve: None })
    }

    /// Brings the tables up to date; harmless when they are. Of several at the same time, one does it.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        let mut connection = self.writer.inner.acquire().await?;
        // Whatever a migration that failed leaves on it.
        connection.close_on_drop();
        connection.execute(self.dialect.lock_migrations()).await?;
        let migrations = migrations::of(self.dialect);
        if self.dialect == Dialect::Sqlite {
            // Its driver has no lock; while this transaction lasts, nobody else writes.
            let mut all = connection.begin_with("BEGIN IMMEDIATE").await?;
            migrations.run(&mut *all).await?;
            all.commit().await?;
        } else {
            let ran = migrations.run(&mut *connection).await;
            connection.execute(self.dialect.unlock_migrations()).await?;
            ran?;
        }
        // One that was opened before reads the tables as they were, once.
        if self.dialect == Dialect::Sqlite {
            self.readers.inner.acquire().await?.close().await?;
            self.readers.inner.acquire().await?;
        }
        Ok(())
    }

    /// Whether the database keeps what it is given: writes, and reads it back over another connection where there is
    /// one. For readiness checks.
    pub async fn check_writing(&self) -> Result<(), StoreError> {
        let select = "SELECT checks FROM readiness WHERE id = 1";
        let mut tx = self.writer.begin().await?;
        self.query("UPDATE readiness SET checks = checks + 1 WHERE id = 1").execute(&mut tx).await?;
        let written: i64 = sqlx::query_scalar(self.dialect.sql(select)).fetch_one(&mut tx).await?;
        tx.commit().await?;
        let stored: i64 = sqlx::query_scalar(self.dialect.sql(select)).fetch_one(&self.readers).await?;
        // Others check as well, and only ever count on.
        if stored >= written { Ok(()) } else { Err(StoreError::Forgetful) }
    }

    /// Whether the database answers and has the tables of this version; changes nothing.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.query("SELECT COUNT(*) FROM jobs WHERE status = 'PENDING'").fetch_one(&self.readers).await?;
        Ok(())
    }

    /// Closes every connection, so that the files are whole and free.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    fn query(&self, text: &str) -> Statement {
        sqlx::query(self.dialect.sql(text))
    }
}

/// The URL with `mode=rwc`, after making the folder that the file is to lie in.
fn sqlite_url(url: &str) -> Result<String, StoreError> {
    let path =
        url.trim_start_matches("sqlite:").trim_start_matches("//").split('?').next().unwrap_or_default();
    if let Some(folder) = Path::new(path).parent() {
        std::fs::create_dir_all(folder).map_err(sqlx::Error::Io)?;
    }
    Ok(if url.contains('?') { url.to_owned() } else { format!("{url}?mode=rwc") })
}
