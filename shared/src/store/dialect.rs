//! Where the databases' SQL differs.

use sqlx::AssertSqlSafe;

/// One of the databases, by the SQL it understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// SQLite 3.42 or newer.
    Sqlite,
}

impl Dialect {
    /// The dialect of a database URL, by its scheme.
    pub(super) fn of_url(url: &str) -> Option<Self> {
        match url.split_once(':')?.0 {
            "sqlite" => Some(Self::Sqlite),
            _ => None,
        }
    }

    /// Turns the SQL of this crate into this database's: `{now}` becomes milliseconds since 1970 by its clock.
    ///
    /// Values never stand in the text, they are bound to its `?`; so what comes out is as safe as what went in.
    pub(super) fn sql(self, text: &str) -> AssertSqlSafe<String> {
        let now = match self {
            Self::Sqlite => "CAST(unixepoch('subsec') * 1000 AS INTEGER)",
        };
        AssertSqlSafe(text.replace("{now}", now))
    }
}
