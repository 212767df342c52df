//! The events of a job: all of them, each once, in order, whoever comes when.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use serde_json::json;
use shared::job::JobId;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
    time::{sleep, timeout},
};

use crate::{
    watching::{Received, Watch, ids, names},
    worker::{self, begin},
    world::{LossyBus, Plan, TEST_TIMEOUT, World, problem, world},
};

/// A job with `segments` segments that is completed.
async fn finished(world: &World, segments: usize) -> JobId {
    let job = world.upload().await;
    let mut worker = begin(&world.store, job).await;
    worker.say_many(segments).await;
    worker.complete().await;
    job
}

#[tokio::test]
async fn a_finished_job_is_told_whole_and_the_stream_ends() {
    let world = world().await;
    let job = finished(&world, 2).await;
    let events = world.watch(job).await.rest().await;
    let story =
        ["PENDING", "PROCESSING", "transcript_segment", "transcript_segment", "TRANSCRIBED", "final_summary"];
    assert_eq!(names(&events), story);
    assert_eq!(ids(&events), [1, 2, 3, 4, 5, 6]);
    assert_eq!(events.len(), 6, "a finished job has no progress");
    assert!(events.iter().all(|event| event.is_historical()));
    let segment = json!({
        "type": "transcript_segment", "segment_number": 1, "start": 1.0, "end": 1.75, "text": "Sentence 0.",
        "status": "PROCESSING", "is_historical": true
    });
    assert_eq!(events[2].data, segment);
    let last = &events[5].data;
    assert_eq!((&last["summary"]["title"], &last["segment_count"]), (&json!("Budget"), &json!(2)));
    assert_eq!(last["status"], "COMPLETED");
}

#[tokio::test]
async fn the_first_systems_address_tells_the_same() {
    let world = world().await;
    let job = finished(&world, 2).await;
    let theirs =
        Watch::open(world.get(&format!("/api/v1/conversation/stream-events/{job}"))).await.rest().await;
    assert_eq!(theirs, world.watch(job).await.rest().await);
}

#[tokio::test]
async fn a_running_job_is_told_as_it_goes() {
    let world = world().await;
    let job = world.upload().await;
    let mut worker = begin(&world.store, job).await;
    worker.say("Before.").await;
    let mut watch = world.watch(job).await;
    let mut history = Vec::new();
    while let Some(event) = watch.next().await {
        if event.name == "progress" {
            let expected = json!({
                "type": "progress", "stage": "transcribing", "progress": 0.5, "eta_seconds": null,
                "queue_position": null, "is_historical": false
            });
            assert_eq!((event.data, event.id), (expected, None));
            break;
        }
        assert!(event.is_historical());
        history.push(event);
    }
    assert_eq!(names(&history), ["PENDING", "PROCESSING", "transcript_segment"]);
    worker.say("After.").await;
    worker.complete().await;
    let live = watch.rest().await;
    assert!(live.iter().all(|event| !event.is_historical()));
    assert_eq!(names(&live), ["transcript_segment", "TRANSCRIBED", "final_summary"]);
    assert_eq!(ids(&live), [4, 5, 6]);
    assert!(live.iter().any(|event| event.name == "progress"), "progress is passed on");
}

#[tokio::test]
async fn whoever_resumes_gets_the_rest_and_nothing_twice() {
    let world = world().await;
    let job = finished(&world, 5).await;
    let all = world.watch(job).await.rest().await;
    for after in 0..=all.len() {
        let rest = world.events_after(job, after as u64).await;
        assert_eq!(rest, all[after..], "after {after}");
        let since = world.get(&format!("/api/v1/jobs/{job}/events?since={after}"));
        assert_eq!(Watch::open(since).await.rest().await, all[after..], "since {after}");
    }
    // The header is newer than the address, which a browser keeps when it reconnects.
    let both = world.get(&format!("/api/v1/jobs/{job}/events?since=0")).header("Last-Event-ID", "7");
    assert_eq!(ids(&Watch::open(both).await.rest().await), ids(&all[7..]));
    let empty = world.get(&format!("/api/v1/jobs/{job}/events?since=7")).header("Last-Event-ID", "");
    assert_eq!(ids(&Watch::open(empty).await.rest().await), ids(&all[7..]));
}

#[tokio::test]
async fn a_place_that_does_not_exist_is_refused_before_the_stream_begins() {
    let world = world().await;
    let job = world.upload().await;
    let events = format!("/api/v1/jobs/{job}/events");
    for (header, query) in
        [("x", ""), ("-1", ""), ("2", ""), ("99999999999999999999", ""), ("", "?since=2"), ("", "?since=x")]
    {
        let response =
            world.get(&format!("{events}{query}")).header("Last-Event-ID", header).send().await.unwrap();
        assert_eq!(problem(response).await, (400, "invalid_request".into()), "{header:?} {query}");
    }
    let unknown = world.get(&format!("/api/v1/jobs/{}/events", JobId::new())).send().await.unwrap();
    assert_eq!(problem(unknown).await, (404, "job_not_found".into()));
    let nonsense = world.get("/api/v1/conversation/stream-events/17").send().await.unwrap();
    assert_eq!(problem(nonsense).await, (404, "job_not_found".into()));
}

/// Watchers who come while a worker writes, at moments spread over all of its work.
async fn join_at_random_moments(world: World, watchers: usize, segments: usize) {
    let job = world.upload().await;
    let mut worker = begin(&world.store, job).await;
    let (written, progress) = tokio::sync::watch::channel(0);
    let work = async {
        for n in 0..segments {
            worker.say(&format!("Sentence {n}.")).await;
            written.send_replace(n);
            // Longer and shorter pauses, so that some watchers wait and others lag.
            sleep(Duration::from_millis(n as u64 % 4)).await;
        }
        worker.complete().await;
    };
    let watch = async |n: usize| {
        let begin = n * segments / watchers;
        progress.clone().wait_for(|written| *written >= begin).await.unwrap();
        // Not always right after an event.
        sleep(Duration::from_micros(n as u64 * 7919 % 3000)).await;
        world.watch(job).await.rest().await
    };
    let (received, ()) = tokio::join!(join_all((0..watchers).map(watch)), work);
    let log = world.events_after(job, 0).await;
    let expected: Vec<_> = log.iter().map(Received::timeless).collect();
    assert_eq!(expected.len(), segments + 4);
    for (n, received) in received.iter().enumerate() {
        let durable: Vec<_> = received.iter().filter(|event| event.id.is_some()).collect();
        let events: Vec<_> = durable.iter().map(|event| event.timeless()).collect();
        assert_eq!(events, expected, "watcher {n}");
        let history = durable.iter().take_while(|event| event.is_historical()).count();
        assert!(
            durable[history..].iter().all(|event| !event.is_historical()),
            "watcher {n}: history after news"
        );
    }
    assert!(
        received.iter().flatten().any(|event| event.id.is_some() && !event.is_historical()),
        "nobody came in time"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_watchers_at_random_moments_miss_nothing_and_hear_nothing_twice() {
    join_at_random_moments(world().await, 300, 150).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_loses_every_second_event_loses_none_of_them() {
    let plan = Plan { bus: Arc::new(LossyBus::default()), ..Plan::default() };
    join_at_random_moments(plan.build().await, 30, 60).await;
}

#[tokio::test]
async fn a_stream_goes_on_past_a_failure_that_was_retried() {
    let world = world().await;
    let job = world.upload().await;
    let mut worker = begin(&world.store, job).await;
    worker.say("Before.").await;
    worker.fail().await;
    let failed = world.watch(job).await.rest().await;
    assert_eq!(names(&failed), ["PENDING", "PROCESSING", "transcript_segment", "error"]);
    let error = &failed[3].data;
    assert_eq!((&error["code"], &error["status"]), (&json!("no_speech"), &json!("FAILED")));

    let again = world.post(&format!("/api/v1/jobs/{job}/retry")).send().await.unwrap();
    assert_eq!(again.status(), 202);
    let mut watch = world.watch(job).await;
    while watch.next().await.expect("the stream goes on").name != "progress" {}
    let mut worker = begin(&world.store, job).await;
    worker.say("After.").await;
    worker.complete().await;
    let rest = watch.durable().await;
    assert_eq!(names(&rest), ["PROCESSING", "transcript_segment", "TRANSCRIBED", "final_summary"]);
    assert_eq!(ids(&world.events_after(job, 0).await), (1..=9).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_watcher_of_a_cancelled_job_is_told_so() {
    let world = world().await;
    let job = world.upload().await;
    let watch = world.watch(job).await;
    assert_eq!(world.post(&format!("/api/v1/jobs/{job}/cancel")).send().await.unwrap().status(), 200);
    let events = watch.rest().await;
    let last = events.last().unwrap();
    assert_eq!(
        (&last.data["code"], &last.data["status"], last.id),
        (&json!("cancelled"), &json!("CANCELLED"), Some(2))
    );
}

#[tokio::test]
async fn a_watcher_of_a_deleted_job_is_told_so() {
    for bus in [Plan::default().bus, Arc::new(LossyBus::default())] {
        let world = Plan { bus, ..Plan::default() }.build().await;
        let job = world.upload().await;
        let _worker = begin(&world.store, job).await;
        let mut watch = world.watch(job).await;
        while watch.next().await.expect("the stream goes on").name != "progress" {}
        let deleted = world.client.delete(world.url(&format!("/api/v1/jobs/{job}"))).send().await.unwrap();
        assert_eq!(deleted.status(), 204);
        let last = watch.rest().await.pop().unwrap();
        assert_eq!((last.name.as_str(), &last.data["code"], last.id), ("error", &json!("deleted"), None));
    }
}

#[tokio::test]
async fn a_waiting_job_tells_its_place_in_the_queue() {
    let world = world().await;
    let first = world.upload().await;
    let second = world.upload().await;
    let mut watch = world.watch(second).await;
    let mut next_progress = async || loop {
        let event = watch.next().await.unwrap();
        if event.name == "progress" {
            return event.data;
        }
    };
    let waiting = next_progress().await;
    assert_eq!((&waiting["stage"], &waiting["queue_position"]), (&json!("queued"), &json!(1)));
    let _worker = begin(&world.store, first).await;
    assert_eq!(next_progress().await["queue_position"], 0);
}

#[tokio::test]
async fn a_failed_summary_ends_the_stream_and_another_version_is_heard() {
    let world = world().await;
    let job = world.upload().await;
    let mut worker = begin(&world.store, job).await;
    worker.say("Hello.").await;
    worker.transcribed().await;
    worker.fail().await;
    world.store.retry(job).await.unwrap();
    let watch = world.watch(job).await;
    let worker = begin(&world.store, job).await;
    worker.store.complete(&worker.lease, worker::minutes()).await.unwrap();
    let story = [
        "PENDING",
        "PROCESSING",
        "transcript_segment",
        "TRANSCRIBED",
        "error",
        "TRANSCRIBED",
        "final_summary",
    ];
    assert_eq!(names(&watch.durable().await), story);
}

#[tokio::test]
async fn a_slow_reader_holds_nobody_up_and_misses_nothing() {
    let world = world().await;
    let job = world.upload().await;
    let mut worker = begin(&world.store, job).await;
    let slow = world.watch(job).await;
    let quick = world.watch(job).await;
    // Far more than the bus keeps for one who does not read.
    let text = "A sentence that is rather long. ".repeat(2000);
    for _ in 0..200 {
        worker.say(&text).await;
    }
    worker.complete().await;
    let quick = timeout(TEST_TIMEOUT, quick.durable()).await.unwrap();
    assert_eq!(ids(&quick), (1..=204).collect::<Vec<_>>());
    assert_eq!(ids(&slow.durable().await), ids(&quick));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_of_one_byte_at_a_time_gets_everything_and_holds_nobody_up() {
    const EVENTS: usize = 500;
    let world = world().await;
    let job = world.upload().await;
    let mut worker = begin(&world.store, job).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut slow = socket.connect(world.address).await.unwrap();
    let request =
        format!("GET /api/v1/jobs/{job}/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    slow.write_all(request.as_bytes()).await.unwrap();
    let mut quick = world.watch(job).await;
    let mut answer = Vec::new();
    // Much more than the connection holds: most of it the slow one has to be told from the log.
    for n in 1..=EVENTS as u64 {
        worker.say(&"word ".repeat(2000)).await;
        answer.push(slow.read_u8().await.unwrap());
        while quick.next().await.unwrap().id != Some(n + 2) {}
    }
    worker.complete().await;
    slow.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    let ids: Vec<u64> = answer.lines().filter_map(|line| line.strip_prefix("id: ")?.parse().ok()).collect();
    assert_eq!(ids, (1..=EVENTS as u64 + 4).collect::<Vec<_>>());
}
