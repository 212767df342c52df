//! A pool of connections on which every statement has to be answered in time.
//!
//! A line that hangs says nothing: without a deadline, whoever asked would wait until the system gives the connection
//! up, a quarter of an hour later.

use std::{io, time::Duration};

use futures::{
    FutureExt, StreamExt, TryStreamExt,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use sqlx::{
    Any, AnyPool, Connection, Database, Describe, Either, Error, Execute, Executor, SqlStr,
    any::AnyPoolOptions,
};
use tokio::time::timeout;

use super::dialect::Dialect;

/// Longest wait for a connection that others use.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

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
        let options = AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(patience.min(LONGEST_WAIT))
            .after_connect(move |connection, _| {
                Box::pin(async move { connection.execute(dialect.session()).await.map(drop) })
            })
            // What hangs when it comes back is not waited for, or it would keep its place from others.
            .after_release(move |connection, _| {
                Box::pin(async move { in_time(patience, connection.ping()).await.map(|()| true) })
            });
        Ok(Self { inner: options.connect_lazy(url)?, patience })
    }

    /// Begins a transaction, which is rolled back when it is dropped.
    pub(super) async fn begin(&self) -> Result<Transaction, Error> {
        Ok(Transaction { inner: in_time(self.patience, self.inner.begin()).await?, patience: self.patience })
    }

    pub(super) async fn close(&self) {
        self.inner.close().await;
    }
}

/// Statements of which all count or none.
#[derive(Debug)]
pub(super) struct Transaction {
    inner: sqlx::Transaction<'static, Any>,
    patience: Duration,
}

impl Transaction {
    pub(super) async fn commit(self) -> Result<(), Error> {
        in_time(self.patience, self.inner.commit()).await
    }

    pub(super) async fn rollback(self) -> Result<(), Error> {
        in_time(self.patience, self.inner.rollback()).await
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
fn all_in_time<'e, T: Send + 'e>(
    patience: Duration,
    sent: BoxStream<'e, Result<T, Error>>,
) -> BoxStream<'e, Result<T, Error>> {
    let all = in_time(patience, sent.try_collect::<Vec<T>>());
    stream::once(all).map_ok(|all| stream::iter(all.into_iter().map(Ok))).try_flatten().boxed()
}

/// Passes statements on to `$inner`, in time.
macro_rules! execute_in_time {
    ($type:ty, $this:ident => $inner:expr) => {
        impl<'c> Executor<'c> for $type {
            type Database = Any;

            fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Sent, Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, Any>,
            {
                let (patience, $this) = (self.patience, self);
                all_in_time(patience, $inner.fetch_many(query))
            }

            fn fetch_optional<'e, 'q: 'e, E>(
                self,
                query: E,
            ) -> BoxFuture<'e, Result<Option<<Any as Database>::Row>, Error>>
            where
                'c: 'e,
                E: 'q + Execute<'q, Any>,
            {
                let (patience, $this) = (self.patience, self);
                in_time(patience, $inner.fetch_optional(query)).boxed()
            }

            fn prepare_with<'e>(
                self,
                sql: SqlStr,
                parameters: &'e [<Any as Database>::TypeInfo],
            ) -> BoxFuture<'e, Result<<Any as Database>::Statement, Error>>
            where
                'c: 'e,
            {
                let (patience, $this) = (self.patience, self);
                in_time(patience, $inner.prepare_with(sql, parameters)).boxed()
            }

            fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Any>, Error>>
            where
                'c: 'e,
            {
                let (patience, $this) = (self.patience, self);
                in_time(patience, $inner.describe(sql)).boxed()
            }
        }
    };
}

execute_in_time!(&'c Pool, pool => (&pool.inner));
execute_in_time!(&'c mut Transaction, transaction => (&mut *transaction.inner));
