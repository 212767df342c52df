//! A pool of connections on which every statement has to be answered in time, and from which a connection that is not
//! known to be sound is never taken again.
//!
//! A line that hangs says nothing: without a deadline, whoever asked would wait until the system gives the connection
//! up, a quarter of an hour later.
//!
//! A statement that fails may leave a connection in a state that its driver does not know of: a full disk makes SQLite
//! roll back by itself, a deadlock MariaDB, and a server that became a replica refuses every write until somebody calls
//! it anew. What is written on such a connection later may be answered and never stored. So a connection goes back only
//! when every statement on it was answered well and its transaction was ended by an answered COMMIT or ROLLBACK;
//! otherwise it is closed, and the database undoes what was not committed.

use std::{
    io,
    time::{Duration, Instant},
};

use futures::{
    FutureExt, StreamExt, TryStreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sqlx::{
    Any, AnyConnection, AnyPool, Connection, Database, Either, Error, Execute, Executor, SqlStr,
    any::AnyPoolOptions, pool::PoolConnection,
};
use telemetry::metrics::METRICS;
use tokio::time::timeout;

use super::dialect::Dialect;

/// Longest wait for a connection that others use.
const MAX_ACQUIRE_WAIT: Duration = Duration::from_secs(10);

/// What a database sends for a statement: how many rows it changed, or a row.
type Sent = Either<<Any as Database>::QueryResult, <Any as Database>::Row>;

/// A pool of connections.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    pub(super) inner: AnyPool,
    patience: Duration,
}

impl Pool {
    /// A pool that opens its connections when they are needed.
    pub(super) fn new(
        dialect: Dialect,
        url: &str,
        connections: u32,
        patience: Duration,
    ) -> Result<Self, Error> {
        let mut options = AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(patience.min(MAX_ACQUIRE_WAIT))
            .after_connect(move |connection, _| {
                Box::pin(async move { connection.execute(dialect.session()).await.map(drop) })
            })
            // What hangs when it comes back is not waited for, or it would keep its place from others.
            .after_release(move |connection, _| {
                Box::pin(async move { in_time(patience, connection.ping()).await.map(|()| true) })
            });
        if dialect == Dialect::Sqlite {
            // The last one to close a file takes its log away, and opening it again needs room on the disk.
            options = options.idle_timeout(None).max_lifetime(None);
        }
        Ok(Self { inner: options.connect_lazy(url)?, patience })
    }

    /// Begins a transaction. One that is dropped before its end takes its connection with it.
    pub(super) async fn begin(&self) -> Result<Transaction, Error> {
        let mut lent = self.lend().await?;
        lent.execute("BEGIN").await?;
        Ok(Transaction { lent: lent.in_transaction() })
    }

    async fn lend(&self) -> Result<Lent, Error> {
        let connection = in_time(self.patience, self.inner.acquire()).await?;
        Ok(Lent { connection, state: State::Sound, patience: self.patience })
    }

    pub(super) async fn close(&self) {
        self.inner.close().await;
    }
}

/// Statements of which all count or none.
#[derive(Debug)]
pub(super) struct Transaction {
    lent: Lent,
}

impl Transaction {
    pub(super) async fn commit(self) -> Result<(), Error> {
        self.end("COMMIT").await
    }

    pub(super) async fn rollback(self) -> Result<(), Error> {
        self.end("ROLLBACK").await
    }

    async fn end(mut self, statement: &'static str) -> Result<(), Error> {
        self.lent.execute(statement).await?;
        self.lent.state = State::Sound;
        Ok(())
    }
}

/// A connection that goes back to its pool only when it is known to be as it came from there.
#[derive(Debug)]
struct Lent {
    connection: PoolConnection<Any>,
    state: State,
    patience: Duration,
}

/// What is known of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It is as it was when it was opened.
    Sound,
    /// It has a transaction, in which every statement was answered well.
    InTransaction,
    /// A statement failed, or nobody waited for its answer: whatever it has is not to be relied on.
    Unknown,
}

impl Lent {
    const fn in_transaction(mut self) -> Self {
        self.state = State::InTransaction;
        self
    }

    /// Puts a statement, whose answer tells whether the connection is to be used any more.
    async fn put<'c, T>(
        &'c mut self,
        statement: impl FnOnce(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, Error>>,
    ) -> Result<T, Error> {
        let state = std::mem::replace(&mut self.state, State::Unknown);
        if state == State::Unknown {
            let text = "an earlier statement of the transaction failed, so it cannot go on";
            return Err(Error::Protocol(text.to_owned()));
        }
        let begun = Instant::now();
        let answer = in_time(self.patience, statement(&mut self.connection)).await;
        METRICS.database_seconds.observe(begun.elapsed().as_secs_f64());
        let answer = answer?;
        self.state = state;
        Ok(answer)
    }

    async fn execute(&mut self, statement: &'static str) -> Result<(), Error> {
        self.put(|connection| async move { connection.execute(statement).await.map(drop) }.boxed()).await
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if self.state != State::Sound {
            self.connection.close_on_drop();
        }
    }
}

/// Waits for what is asked of a database, as long as that is allowed to take.
pub(super) async fn in_time<T>(
    patience: Duration,
    asked: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let late = |_| {
        let text = format!("no answer within {} seconds", patience.as_secs_f64());
        Err(Error::Io(io::Error::new(io::ErrorKind::TimedOut, text)))
    };
    timeout(patience, asked).await.unwrap_or_else(late)
}

/// Everything that is sent, once all of it is there.
fn all_sent<'e>(
    all: impl Future<Output = Result<Vec<Sent>, Error>> + Send + 'e,
) -> BoxStream<'e, Result<Sent, Error>> {
    stream::once(all).map_ok(|all| stream::iter(all.into_iter().map(Ok))).try_flatten().boxed()
}

/// Puts statements to the connection that `$lent` gives.
macro_rules! execute_on_lent {
    ($type:ty, $this:ident => $lent:expr) => {
        impl<'c> Executor<'c> for $type {
            type Database = Any;

            fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Sent, Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, Any>,
            {
                let $this = self;
                all_sent(async move {
                    $lent.put(|connection| connection.fetch_many(query).try_collect().boxed()).await
                })
            }

            fn fetch_optional<'e, 'q: 'e, E>(
                self,
                query: E,
            ) -> BoxFuture<'e, Result<Option<<Any as Database>::Row>, Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, Any>,
            {
                let $this = self;
                async move { $lent.put(|connection| connection.fetch_optional(query)).await }.boxed()
            }

            fn prepare_with<'e>(
                self,
                sql: SqlStr,
                parameters: &'e [<Any as Database>::TypeInfo],
            ) -> BoxFuture<'e, Result<<Any as Database>::Statement, Error>>
            where
                'c: 'e,
            {
                let $this = self;
                async move { $lent.put(|connection| connection.prepare_with(sql, parameters)).await }.boxed()
            }
        }
    };
}

execute_on_lent!(&'c Pool, pool => pool.lend().await?);
execute_on_lent!(&'c mut Transaction, transaction => transaction.lent);
