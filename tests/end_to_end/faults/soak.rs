//! Random faults, all kinds of them, in a cluster; `seogi-soak` does the same for as long as you like.

use std::time::Duration;

use rand::RngExt;
use soak::{DatabaseKind, Plan};

use super::seeded;
use crate::harness::SEOGI;

async fn a_cluster_loses_nothing_over(database: DatabaseKind) {
    let plan = Plan {
        program: SEOGI.into(),
        database,
        time: Duration::from_secs(12),
        seed: seeded().random(),
        jobs: 4,
        watchers: 8,
    };
    let report = soak::run(&plan).await.unwrap();
    assert!(report.is_clean() && report.jobs >= plan.jobs && report.compared > 0, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_with_random_faults_loses_nothing() {
    a_cluster_loses_nothing_over(DatabaseKind::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_with_random_faults_over_one_file_loses_nothing() {
    a_cluster_loses_nothing_over(DatabaseKind::Sqlite).await;
}
