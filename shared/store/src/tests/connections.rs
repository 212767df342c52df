//! Stories of connections: shared, silent, hanging, and made again.

use super::*;

/// On SQLite there is nobody who could take the file's lock away from a process that sleeps.
pub(super) async fn a_worker_that_falls_silent_in_a_transaction_does_not_hold_the_job(url: String) {
    let world = World::at(Some(url)).await;
    let id = world.create("Silent").await;
    let rename = |title: &str| {
        let update = world.store.query("UPDATE jobs SET title = ? WHERE id = ?");
        update.bind(title.to_owned()).bind(id.to_string())
    };
    let mut silent = world.store.writer.begin().await.unwrap();
    rename("First words").execute(&mut silent).await.unwrap();
    assert_eq!(world.store.cancel(id).await.unwrap().status, JobStatus::Cancelled);
    assert!(rename("Last words").execute(&mut silent).await.is_err());
    drop(silent);
    assert_eq!(world.store.job(id).await.unwrap().title, "Silent");
}

/// Whoever asks is told so, and the connections make room for others.
pub(super) async fn a_line_that_hangs_is_given_up(port: u16, url: &str) {
    let line = Proxy::to(port);
    let through = url.replace(&format!(":{port}/"), &format!(":{}/", line.port));
    let patience = Duration::from_millis(500);
    let store = Store::connect(&through, 3, patience, Arc::new(InProcessBus::default())).await.unwrap();
    store.migrate().await.unwrap();
    let mut silent = store.writer.begin().await.unwrap();
    let update = || store.query("UPDATE jobs SET title = 'Silent'");
    update().execute(&mut silent).await.unwrap();
    line.turn(Line::Stalled);
    let hung = |error: &StoreError| matches!(error, StoreError::Database(_));
    assert!(store.check().await.is_err_and(|error| hung(&error)));
    assert!(update().execute(&mut silent).await.is_err());
    drop(silent);
    while store.readers.inner.size() > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    line.turn(Line::Good);
    store.check().await.unwrap();
}

#[tokio::test]
async fn sqlite_waits_for_another_process_that_writes() {
    let world = World::at(None).await;
    let new = world.uploaded(upload("Busy")).await;
    let mut other = sqlx::AnyConnection::connect(&world.url).await.unwrap();
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let created = tokio::spawn({
        let store = world.store.clone();
        async move { store.create_job(new).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!created.is_finished(), "it wrote past the other's lock");
    assert!(world.store.waiting(1).await.unwrap().is_empty(), "reading does not wait");
    other.execute("COMMIT").await.unwrap();
    assert_eq!(created.await.unwrap().unwrap().title, "Busy");
}

pub(super) async fn what_was_accepted_is_there_after_a_restart(world: World) {
    let id = world.create("Kept").await;
    world.store.close().await;
    let again = Store::connect(&world.url, 2, PATIENCE, Arc::new(world.bus)).await.unwrap();
    again.migrate().await.unwrap();
    again.check().await.unwrap();
    assert_eq!(again.job(id).await.unwrap().title, "Kept");
    drop(world.folder);
}

#[tokio::test]
async fn a_database_that_is_not_supported_is_named() {
    let connected = Store::connect("oracle://x/y", 1, PATIENCE, Arc::new(InProcessBus::default())).await;
    let Err(error) = connected else { panic!("Oracle is not supported") };
    assert!(error.to_string().contains("'oracle'"), "{error}");
}

pub(super) async fn many_may_bring_the_tables_up_to_date_at_once(url: String) {
    let connect = || Store::connect(&url, 2, PATIENCE, Arc::new(InProcessBus::default()));
    let stores = futures::future::join_all((0..6).map(|_| connect())).await;
    let stores: Vec<Store> = stores.into_iter().map(Result::unwrap).collect();
    for migrated in futures::future::join_all(stores.iter().map(Store::migrate)).await {
        migrated.unwrap();
    }
}
