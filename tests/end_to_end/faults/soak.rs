//! Random faults, all kinds of them, in a cluster; `seogi-soak` does the same for as long as you like.

use std::time::Duration;

use rand::RngExt;
use soak::{DatabaseKind, Plan};

use super::seeded;
use crate::harness::SEOGI;

async fn a_cluster_loses_nothing_over(database: DatabaseKind) {
    let given = std::env::var("SEOGI_SOAK_SECONDS").ok();
    let seconds = given.and_then(|seconds| seconds.parse().ok()).unwrap_or(12);
    let plan = Plan {
        program: SEOGI.into(),
        database,
        time: Duration::from_secs(seconds),
        seed: seeded().random(),
        jobs: 4,
        watchers: 8,
    };
    let report = soak::run(&plan).await.unwrap();
    println!("{report}");
    assert!(report.is_clean() && report.jobs >= plan.jobs && report.compared > 0, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_with_random_faults_loses_nothing() {
    a_cluster_loses_nothing_over(DatabaseKind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_with_random_faults_over_mariadb_loses_nothing() {
    a_cluster_loses_nothing_over(DatabaseKind::Mariadb).await;
}

/// Several processes over one file are no deployment that is offered, and some seeds leave a job waiting: it runs when a time is
/// named.
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_with_random_faults_over_one_file_loses_nothing() {
    if std::env::var_os("SEOGI_SOAK_SECONDS").is_none() {
        println!("skipped: name a time in SEOGI_SOAK_SECONDS");
        return;
    }
    a_cluster_loses_nothing_over(DatabaseKind::Sqlite).await;
}
