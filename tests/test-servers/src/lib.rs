//! Real servers for tests: each on a free port, in a temporary folder, gone when dropped; and a [`Proxy`] that
//! disturbs the way to them.
//!
//! They are those of the machine (`./run.sh test` installs them), whatever already runs on their usual ports. Whatever
//! goes wrong here is a panic that says what: without its servers a test cannot go on.
#![expect(clippy::panic, clippy::expect_used, reason = "without its servers a test cannot go on")]

mod disk;
mod mariadb;
mod postgres;
mod process;
mod proxy;
mod redis;
mod s3;

pub use disk::{Disk, FaultyDisk};
pub use mariadb::MariaDb;
pub use postgres::Postgres;
pub use proxy::{Line, Proxy};
pub use redis::Redis;
pub use s3::{S3, S3_ACCESS_KEY, S3_SECRET_KEY};
