//! Stories of everything that there is: found, counted, marked, and deleted.

use super::*;

pub(super) async fn a_deleted_job_leaves_nothing(world: World) {
    let id = world.create("Gone").await;
    let lease = world.claim(id, "w1", LONG).await.lease;
    world.store.save_window(&lease, window(1..=1, 5)).await.unwrap();
    let basis = Basis { provider: "ollama".into(), model: "m".into(), share: 1.0, dropped: 0 };
    let [question, answer] =
        [ChatMessage::question("Who?"), ChatMessage::answer("Maria.".into(), vec![1], basis)];
    world.store.add_to_chat(id, question, answer, 9).await.unwrap();
    let recording = OrphanBlob { key: format!("recordings/{id}"), upload_id: None };
    assert_eq!(world.store.delete(id).await.unwrap(), recording);
    assert_eq!(world.store.orphan_blobs("", 9).await.unwrap(), std::slice::from_ref(&recording));
    world.store.unmark_orphan(&recording.key).await.unwrap();
    assert!(world.store.orphan_blobs("", 9).await.unwrap().is_empty());
    assert!(matches!(world.store.job(id).await, Err(StoreError::NotFound(_))));
    assert!(matches!(world.store.delete(id).await, Err(StoreError::NotFound(_))));
    assert!(matches!(world.store.rename(id, "x").await, Err(StoreError::NotFound(_))));
    assert!(world.log(id).await.is_empty());
    assert!(world.store.chat(id).await.unwrap().is_empty());
    assert!(world.store.segments(id).await.unwrap().is_empty());
}

pub(super) async fn finished_jobs_go_when_their_time_is_up_and_once(world: World) {
    let mut ids = Vec::new();
    for n in 0..6 {
        ids.push(world.create(&format!("Old {n}")).await);
    }
    let (finished, running) = ids.split_at(4);
    for id in finished {
        world.store.cancel(*id).await.unwrap();
    }
    world.claim(running[0], "w1", LONG).await;
    assert!(world.store.delete_finished(LONG, 9).await.unwrap().is_empty(), "nothing is so old");
    assert_eq!(world.store.delete_finished(OVER, 1).await.unwrap().len(), 1, "in small batches");
    let sweeps = (0..8).map(|_| world.store.delete_finished(OVER, 9));
    let swept = futures::future::join_all(sweeps).await.into_iter().flat_map(Result::unwrap);
    assert_eq!(swept.count(), 3, "each is deleted once");
    let left = world.store.list(&JobFilter { limit: 9, ..JobFilter::default() }).await.unwrap().jobs;
    assert_eq!(left.iter().map(|job| job.job_id).collect::<Vec<_>>(), [running[1], running[0]]);
    let loose = world.store.orphan_blobs("", 9).await.unwrap();
    let mut loose: Vec<_> = loose.into_iter().map(|blob| blob.key).collect();
    loose.sort();
    assert_eq!(loose, finished.iter().map(|id| format!("recordings/{id}")).collect::<Vec<_>>());
}

pub(super) async fn jobs_are_counted(world: World) {
    let of = |counts: &JobCounts, asked| counts.jobs.iter().find(|(status, _)| *status == asked).unwrap().1;
    let none = world.store.counts().await.unwrap();
    assert_eq!((none.jobs.len(), none.waiting, none.oldest), (JobStatus::ALL.len(), 0, Duration::ZERO));
    let (first, _) = (world.create("One").await, world.create("Two").await);
    let ended = world.create("Three").await;
    world.store.cancel(ended).await.unwrap();
    world.claim(first, "w1", LONG).await;
    let counts = world.store.counts().await.unwrap();
    assert_eq!(
        [JobStatus::Pending, JobStatus::Processing, JobStatus::Cancelled].map(|s| of(&counts, s)),
        [1, 1, 1]
    );
    assert_eq!((of(&counts, JobStatus::Failed), counts.waiting), (0, 1));
    assert!(counts.oldest < LONG);
}

pub(super) async fn the_library_is_filtered_searched_and_paged(world: World) {
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(world.create(&format!("Meeting {n}")).await);
    }
    let odd = world.create("100% _odd_").await;
    let lease = world.claim(ids[1], "w1", LONG).await.lease;
    let spoken = Window { segments: vec![segment(1, "The Budget is fine.")], ..window(1..=1, 5) };
    world.store.save_window(&lease, spoken).await.unwrap();
    let list = async |filter: JobFilter| {
        let page = world.store.list(&filter).await.unwrap();
        (page.jobs.iter().map(|job| job.job_id).collect::<Vec<_>>(), page.next_cursor)
    };
    let all = JobFilter { limit: 4, ..JobFilter::default() };
    let (first, cursor) = list(all.clone()).await;
    assert_eq!(first, [odd, ids[4], ids[3], ids[2]]);
    assert_eq!(list(JobFilter { before: cursor, ..all.clone() }).await, (vec![ids[1], ids[0]], None));
    let found = async |text: &str| list(JobFilter { search: Some(text.into()), ..all.clone() }).await.0;
    assert_eq!(found("budget").await, [ids[1]]);
    assert_eq!(found("MEETING 3").await, [ids[3]]);
    assert_eq!(found("0% _").await, [odd]);
    assert!(found("%%").await.is_empty());
    let processing = JobFilter { status: Some(JobStatus::Processing), ..all };
    assert_eq!(list(processing).await.0, [ids[1]]);
    assert_eq!(world.store.job(ids[2]).await.unwrap().progress.queue_position, Some(1));
}

pub(super) async fn a_chat_is_kept_in_order_and_forgotten_when_asked(world: World) {
    let (id, other) = (world.create("Asked about").await, world.create("Another").await);
    let say = async |id, number: u64| {
        let basis = Basis { provider: "ollama".into(), model: "m".into(), share: 0.5, dropped: 1 };
        let answer = ChatMessage::answer(format!("예 {number} [1]"), vec![1], basis);
        world.store.add_to_chat(id, ChatMessage::question(&format!("Why {number}?")), answer, 3).await
    };
    assert!(world.store.chat(id).await.unwrap().is_empty());
    for number in 1..=4 {
        let stored = say(id, number).await.unwrap();
        assert_eq!((stored.number, stored.segments.as_slice()), (number * 2, &[1][..]));
        assert!(stored.created_at > 1_700_000_000_000);
    }
    say(other, 9).await.unwrap();
    let texts = async |id| {
        let chat = world.store.chat(id).await.unwrap();
        chat.into_iter().map(|message| (message.number, message.text)).collect::<Vec<_>>()
    };
    let kept =
        [(3, "Why 2?"), (4, "예 2 [1]"), (5, "Why 3?"), (6, "예 3 [1]"), (7, "Why 4?"), (8, "예 4 [1]")];
    assert_eq!(texts(id).await, kept.map(|(number, text)| (number, text.to_owned())));
    let (one, two, three) = tokio::join!(say(id, 5), say(id, 6), say(id, 7));
    let mut numbers = [one, two, three].map(|stored| stored.unwrap().number);
    numbers.sort_unstable();
    assert_eq!(numbers, [10, 12, 14]);
    world.store.clear_chat(id).await.unwrap();
    assert!(texts(id).await.is_empty());
    assert_eq!(texts(other).await.len(), 2);
    world.store.delete(other).await.unwrap();
    assert!(texts(other).await.is_empty());
    assert!(matches!(say(other, 1).await, Err(StoreError::NotFound(_))));
}

pub(super) async fn a_recordings_waveform_is_kept(world: World) {
    let id = world.create("Budget").await;
    let lease = world.claim(id, "w", LONG).await.lease;
    assert_eq!(
        (world.store.peaks(id).await.unwrap(), world.store.job(id).await.unwrap().has_peaks),
        (None, false)
    );
    let made = Peaks { samples_per_peak: 320, amplitudes: (0..8192).map(|n| (n % 256) as u8).collect() };
    for _ in 0..2 {
        world.store.save_peaks(&lease, &made).await.unwrap();
    }
    assert_eq!(world.store.peaks(id).await.unwrap(), Some(made.clone()));
    assert!(world.store.job(id).await.unwrap().has_peaks);
    world.store.cancel(id).await.unwrap();
    assert!(matches!(world.store.save_peaks(&lease, &made).await, Err(StoreError::LeaseLost(_))));
    world.store.delete(id).await.unwrap();
    assert_eq!(world.store.peaks(id).await.unwrap(), None);
}

pub(super) async fn jobs_are_found_by_their_tags(world: World) {
    let (budget, board) = (world.create("Budget").await, world.create("Board").await);
    let tags = |list: &[&str]| list.iter().map(|&tag| tag.to_owned()).collect::<Vec<_>>();
    world.store.set_tags(budget, &tags(&["회의", "\"q1\" 100%", "Q1"])).await.unwrap();
    world.store.set_tags(board, &tags(&["q1", "회의"])).await.unwrap();
    let job = world.store.job(board).await.unwrap();
    assert_eq!(job.tags, ["q1", "회의"], "in their order");
    let found = async |tag: &str| {
        let filter = JobFilter { tag: Some(tag.into()), limit: 9, ..JobFilter::default() };
        world.store.list(&filter).await.unwrap().jobs.into_iter().map(|job| job.job_id).collect::<Vec<_>>()
    };
    assert_eq!(found("회의").await, [board, budget]);
    assert_eq!((found("q1").await, found("Q1").await), (vec![board], vec![budget]));
    let counts = async || {
        let tags = world.store.tags().await.unwrap();
        tags.into_iter().map(|count| format!("{} {}", count.jobs, count.tag)).collect::<Vec<_>>()
    };
    let mut counted = counts().await;
    assert_eq!(counted.remove(0), "2 회의");
    counted.sort();
    assert_eq!(counted, ["1 \"q1\" 100%", "1 Q1", "1 q1"], "capital letters make another tag");
    world.store.set_tags(budget, &[]).await.unwrap();
    world.store.delete(board).await.unwrap();
    assert!(counts().await.is_empty());
    assert!(matches!(world.store.set_tags(board, &[]).await, Err(StoreError::NotFound(_))));
}
