//! Stories of uploads, whole and in pieces.

use super::*;

pub(super) async fn fifty_equal_requests_with_one_key_make_one_job(world: World) {
    let request = || NewJob { idempotency_key: Some("k".into()), ..upload("Same") };
    let create = async || world.store.create_job(world.uploaded(request()).await).await;
    let jobs = futures::future::join_all((0..50).map(|_| create())).await;
    let ids: std::collections::HashSet<JobId> = jobs.into_iter().map(|job| job.unwrap().job_id).collect();
    assert_eq!(ids.len(), 1);
    let other = world.uploaded(NewJob { idempotency_key: Some("k".into()), ..upload("Other") }).await;
    assert!(matches!(world.store.create_job(other).await, Err(StoreError::KeyReused)));
    assert_eq!(
        world.store.list(&JobFilter { limit: 9, ..JobFilter::default() }).await.unwrap().jobs.len(),
        1
    );
}

pub(super) async fn an_upload_becomes_a_job_or_is_swept_and_never_both(world: World) {
    let (quick, slow, unknown) = (upload("Quick"), upload("Slow"), upload("Unknown"));
    world.store.reserve_blob(&quick.blob.key, LONG).await.unwrap();
    assert!(world.store.orphan_blobs("", 9).await.unwrap().is_empty(), "it is under way");
    world.store.reserve_blob(&slow.blob.key, OVER).await.unwrap();
    world.store.name_upload(&slow.blob.key, "id-1").await.unwrap();
    let swept = OrphanBlob { key: slow.blob.key.clone(), upload_id: Some("id-1".into()) };
    assert_eq!(world.store.orphan_blobs("", 9).await.unwrap(), [swept]);
    for late in [slow, unknown] {
        assert!(matches!(world.store.create_job(late).await, Err(StoreError::UploadExpired)));
    }
    assert!(world.store.list(&JobFilter { limit: 9, ..JobFilter::default() }).await.unwrap().jobs.is_empty());
    let again = quick.clone();
    world.store.create_job(quick).await.unwrap();
    assert!(world.store.create_job(again).await.is_err());
    assert_eq!(world.store.orphan_blobs("", 9).await.unwrap().len(), 1);
}

pub(super) async fn pieces_of_an_upload_count_once_and_in_order(world: World) {
    let store = &world.store;
    let fields = Map::from_iter([("title".to_owned(), "회의".into())]);
    let upload = store.create_upload("a.webm", &fields, None, LONG).await.unwrap();
    assert_eq!((upload.received, upload.size, &upload.fields), (0, None, &fields));
    for key in ["uploads/1", "uploads/2", "uploads/3"] {
        store.note_part(upload.id, key).await.unwrap();
    }
    assert!(store.count_part(upload.id, "uploads/1", 0, 5, LONG).await.unwrap());
    assert!(!store.count_part(upload.id, "uploads/2", 0, 9, LONG).await.unwrap(), "others were first");
    assert!(!store.count_part(upload.id, "uploads/2", 6, 9, LONG).await.unwrap(), "a hole");
    assert_eq!(store.size_upload(upload.id, 4).await.unwrap().size, None, "less than there is");
    assert_eq!(store.size_upload(upload.id, 12).await.unwrap().size, Some(12));
    assert_eq!(store.size_upload(upload.id, 13).await.unwrap().size, Some(12), "said once");
    assert!(!store.count_part(upload.id, "uploads/2", 5, 8, LONG).await.unwrap(), "more than was said");
    assert!(store.whole_uploads().await.unwrap().is_empty());
    assert!(store.count_part(upload.id, "uploads/2", 5, 7, LONG).await.unwrap());
    assert!(store.upload(upload.id).await.unwrap().is_whole());
    assert_eq!(store.whole_uploads().await.unwrap(), [upload.id]);
    let parts = [("uploads/1".to_owned(), 5), ("uploads/2".to_owned(), 7)];
    assert_eq!(store.upload_parts(upload.id).await.unwrap(), parts);
    assert_eq!(store.upload_keys(upload.id).await.unwrap().len(), 3, "also those that never counted");
}

pub(super) async fn an_upload_becomes_one_job(world: World) {
    let store = &world.store;
    let id = store.create_upload("a.webm", &Map::new(), Some(7), LONG).await.unwrap().id;
    let claim = async |owner, length| store.claim_upload(id, owner, length).await.unwrap();
    let yours = |claimed| match claimed {
        Finishing::Yours(lease) => lease,
        other => panic!("{other:?}"),
    };
    let dead = yours(claim("a", OVER).await);
    let held = yours(claim("b", LONG).await);
    assert_eq!(claim("c", LONG).await, Finishing::Others);
    assert!(!store.renew(&dead, LONG).await.unwrap(), "its lease is over");
    store.release_upload(&dead).await.unwrap();
    assert_eq!(claim("c", LONG).await, Finishing::Others, "what is gone cannot be given back");
    assert!(store.renew(&held, LONG).await.unwrap());
    let set_back = "UPDATE uploads SET finishing_until = finishing_until + ? WHERE id = ?";
    store.query(set_back).bind(3_600_000_i64).bind(id.to_string()).execute(&store.writer).await.unwrap();
    let held = yours(claim("c", LONG).await);
    store.release_upload(&held).await.unwrap();
    yours(claim("d", LONG).await);
    let finish =
        async |n: u32| store.finish_upload(id, world.uploaded(upload(&format!("Try {n}"))).await).await;
    let jobs = futures::future::join_all((0..8).map(finish)).await;
    let jobs: Vec<JobId> = jobs.into_iter().map(|job| job.unwrap().job_id).collect();
    assert!(jobs.iter().all(|job| *job == jobs[0]), "{jobs:?}");
    assert_eq!(store.list(&JobFilter { limit: 10, ..JobFilter::default() }).await.unwrap().jobs.len(), 1);
    assert_eq!(world.log(jobs[0]).await, ["1 PENDING"]);
    assert_eq!(claim("e", LONG).await, Finishing::Done(jobs[0]));
    store.delete(jobs[0]).await.unwrap();
    assert!(
        store.finish_upload(id, world.uploaded(upload("Again")).await).await.is_err(),
        "a deleted job does not come back"
    );
}

pub(super) async fn an_upload_that_ended_takes_nothing_more(world: World) {
    let store = &world.store;
    let ended = store.create_upload("a.webm", &Map::new(), Some(7), LONG).await.unwrap().id;
    store.note_part(ended, "uploads/1").await.unwrap();
    store.end_upload(ended).await.unwrap();
    let late = store.create_upload("b.webm", &Map::new(), Some(7), OVER).await.unwrap_err();
    assert!(matches!(late, StoreError::NoUpload(_)));
    assert!(!store.count_part(ended, "uploads/1", 0, 7, LONG).await.unwrap());
    assert!(matches!(store.note_part(ended, "uploads/2").await, Err(StoreError::NoUpload(_))));
    assert!(matches!(
        store.finish_upload(ended, world.uploaded(upload("x")).await).await,
        Err(StoreError::NoUpload(_))
    ));
    assert!(matches!(store.end_upload(ended).await, Err(StoreError::NoUpload(_))));
    let gone = store.ended_uploads().await.unwrap();
    assert!(gone.len() == 2 && gone.contains(&ended), "{gone:?}");
    for id in gone {
        store.forget_upload(id).await.unwrap();
    }
    assert!(store.ended_uploads().await.unwrap().is_empty());
    assert!(store.upload_keys(ended).await.unwrap().is_empty());
}
