//! Processes that start at the same time over one SQLite file.

use std::{path::Path, sync::Arc, time::Duration};

use relay::bus::InProcessBus;
use store::Store;

/// A database that an earlier version of the program wrote.
const EARLIER: &str = "src/tests/version_0_1.db";

#[tokio::test]
async fn one_brings_the_file_up_to_date_and_all_come_up() {
    let earlier = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(EARLIER)).unwrap();
    for content in [Vec::new(), earlier] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("seogi.db");
        std::fs::write(&file, content).unwrap();
        let url = format!("sqlite:{}", file.display());
        let start = async || {
            let store =
                Store::connect(&url, 2, Duration::MAX, Arc::new(InProcessBus::default())).await.unwrap();
            store.migrate().await.unwrap();
            store.check_writing().await.unwrap();
        };
        futures::future::join_all((0..8).map(|_| start())).await;
    }
}
