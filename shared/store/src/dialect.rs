//! Where the databases' SQL differs.

use sqlx::{AssertSqlSafe, mysql::MySqlDatabaseError};

/// One of the databases, by the SQL it understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// SQLite 3.42 or newer.
    Sqlite,
    /// PostgreSQL 13 or newer.
    Postgres,
    /// MariaDB 10.6 or newer.
    MariaDb,
}

impl Dialect {
    /// The dialect of a database URL, by its scheme.
    pub(super) fn of_url(url: &str) -> Option<Self> {
        match url.split_once(':')?.0 {
            "sqlite" => Some(Self::Sqlite),
            "postgres" | "postgresql" => Some(Self::Postgres),
            "mariadb" | "mysql" => Some(Self::MariaDb),
            _ => None,
        }
    }

    /// Turns the SQL of this crate into this database's: `?` stands for a value, `{now}` for milliseconds since 1970 by
    /// the database's clock, `{bigint}` for the type of numbers that sums are cast to, and `{insert_new}` with
    /// `{or_nothing}` for an INSERT that lets an equal key be.
    ///
    /// Values never stand in the text, they are bound; so what comes out is as safe as what went in.
    pub(super) fn sql(self, text: &str) -> AssertSqlSafe<String> {
        let [now, bigint, insert_new, or_nothing] = self.phrases();
        let sql = text
            .replace("{now}", now)
            .replace("{bigint}", bigint)
            .replace("{insert_new}", insert_new)
            .replace("{or_nothing}", or_nothing);
        AssertSqlSafe(if self == Self::Postgres { numbered(&sql) } else { sql })
    }

    const fn phrases(self) -> [&'static str; 4] {
        match self {
            Self::Sqlite => {
                ["CAST(unixepoch('subsec') * 1000 AS INTEGER)", "BIGINT", "INSERT", "ON CONFLICT DO NOTHING"]
            }
            Self::Postgres => [
                "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
                "BIGINT",
                "INSERT",
                "ON CONFLICT DO NOTHING",
            ],
            Self::MariaDb => {
                ["CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED)", "SIGNED", "INSERT IGNORE", ""]
            }
        }
    }

    /// What every new connection is told.
    pub(super) const fn session(self) -> &'static str {
        match self {
            // The log is written ahead, so that readers and the writer do not wait for each other; each commit is on
            // disk before it is answered.
            Self::Sqlite => {
                "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 10000; \
                 PRAGMA foreign_keys = ON"
            }
            // Whoever falls silent in the middle of a transaction, because its machine sleeps or the network is gone,
            // loses it after five seconds; until then others wait for what it holds.
            Self::Postgres => {
                "SET default_transaction_isolation = 'read committed'; \
                 SET idle_in_transaction_session_timeout = 5000"
            }
            // Its default isolation locks the gaps between rows, on which claims of different jobs would wait for each
            // other.
            Self::MariaDb => {
                "SET SESSION tx_isolation = 'READ-COMMITTED', SESSION idle_transaction_timeout = 5"
            }
        }
    }
}

impl Dialect {
    /// What keeps others from bringing the tables up to date meanwhile, where the driver's own lock does not: MariaDB
    /// takes its endless wait for none. SQLite is only told to wait for others as long.
    pub(super) const fn lock_migrations(self) -> &'static str {
        match self {
            Self::Sqlite => "PRAGMA busy_timeout = 3600000",
            Self::Postgres => "SELECT 1",
            Self::MariaDb => "SELECT GET_LOCK(LEFT(CONCAT('seogi.', DATABASE()), 64), 3600)",
        }
    }

    /// Ends that.
    pub(super) const fn unlock_migrations(self) -> &'static str {
        match self {
            Self::Sqlite | Self::Postgres => "SELECT 1",
            Self::MariaDb => "SELECT RELEASE_LOCK(LEFT(CONCAT('seogi.', DATABASE()), 64))",
        }
    }
}

/// Whether a database says that it has no room left.
pub(super) fn is_full(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else { return false };
    if let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() {
        // ER_DISK_FULL and ER_RECORD_FILE_FULL.
        return matches!(error.number(), 1021 | 1114);
    }
    // SQLITE_FULL, and PostgreSQL's disk_full.
    matches!(error.code().as_deref(), Some("13" | "53100"))
}

/// Replaces each `?` by `$1`, `$2` and so on; no text of this crate has one for another reason.
fn numbered(sql: &str) -> String {
    let mut parts = sql.split('?');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.zip(1..).fold(first, |sql, (part, number)| format!("{sql}${number}{part}"))
}
