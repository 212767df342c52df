//! The steps that bring each database's tables up to date; each has the same numbers and names for all three.

use std::borrow::Cow;

use sqlx::{
    SqlStr,
    migrate::{Migration, MigrationType, Migrator},
};

use super::dialect::Dialect;

/// A file of `migrations/`. A database notes a checksum of each text that it was given, so that a file is never changed
/// once it is released.
macro_rules! sql {
    ($database:literal, $file:literal) => {
        include_str!(concat!("../../../migrations/", $database, "/", $file))
    };
}

/// Number, name and text of every step.
macro_rules! steps {
    ($database:literal) => {
        [
            (1, "jobs", sql!($database, "0001_jobs.sql")),
            (2, "chat", sql!($database, "0002_chat.sql")),
            (3, "minutes", sql!($database, "0003_minutes.sql")),
            (4, "loose blobs", sql!($database, "0004_loose_blobs.sql")),
            (6, "peaks tags edits", sql!($database, "0006_peaks_tags_edits.sql")),
            (7, "uploads and workers", sql!($database, "0007_uploads_and_workers.sql")),
            (8, "recognition", sql!($database, "0008_recognition.sql")),
            (9, "readiness", sql!($database, "0009_readiness.sql")),
            (10, "model files", sql!($database, "0010_model_files.sql")),
            (11, "topics", sql!($database, "0011_topics.sql")),
            (12, "conversations", sql!($database, "0012_conversations.sql")),
            (13, "lease length", sql!($database, "0013_lease_length.sql")),
            (14, "coverage", sql!($database, "0014_coverage.sql")),
            (16, "upload leases", sql!($database, "0016_upload_leases.sql")),
            (17, "queue index", sql!($database, "0017_queue_index.sql")),
        ]
    };
}

/// The migrations of a database.
pub(super) fn of(dialect: Dialect) -> Migrator {
    let files: &[(i64, &'static str, &'static str)] = match dialect {
        Dialect::Sqlite => &steps!("sqlite"),
        Dialect::Postgres => &steps!("postgres"),
        Dialect::MariaDb => &steps!("mariadb"),
    };
    let migration = |(version, name, text): &(i64, &'static str, &'static str)| {
        let (name, text) = (Cow::Borrowed(*name), SqlStr::from_static(text));
        Migration::new(*version, name, MigrationType::Simple, text, false)
    };
    Migrator::with_migrations(files.iter().map(migration).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_file_is_a_step() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations");
        for (name, dialect) in
            [("sqlite", Dialect::Sqlite), ("postgres", Dialect::Postgres), ("mariadb", Dialect::MariaDb)]
        {
            let files = std::fs::read_dir(format!("{folder}/{name}")).unwrap();
            let files: BTreeSet<String> =
                files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
            let file =
                |step: &Migration| format!("{:04}_{}.sql", step.version, step.description.replace(' ', "_"));
            assert_eq!(of(dialect).iter().map(file).collect::<BTreeSet<_>>(), files, "{name}");
        }
    }
}
