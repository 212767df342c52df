//! Jobs: listed, shown, renamed, cancelled, retried, deleted, and what came of them.

use reqwest::Method;
use serde_json::{Value, json};
use shared::{event::Event, job::JobId};

use crate::{
    worker::begin,
    world::{World, problem, world},
};

impl World {
    async fn send(&self, method: Method, job: JobId, action: &str) -> reqwest::Response {
        self.client.request(method, self.url(&format!("/api/v1/jobs/{job}{action}"))).send().await.unwrap()
    }
}

#[tokio::test]
async fn a_job_that_waits_has_nothing_yet() {
    let world = world().await;
    let job = world.upload().await;
    let result = world.json(&format!("/api/v1/conversation/result/{job}")).await;
    assert_eq!((&result["job_type"], &result["status"]), (&json!("BATCH"), &json!("PENDING")));
    for none in
        ["original_transcript", "structured_summary", "error_message", "room_id", "member_id", "language"]
    {
        assert_eq!(result[none], Value::Null, "{none}");
    }
    assert_eq!((&result["metadata"], &result["segments"]), (&json!({}), &json!([])));
    assert_eq!(result["title"], "meeting.wav");
    assert!(result.get("blob").is_none(), "where the recording lies is nobody's business");
}

#[tokio::test]
async fn a_completed_job_has_everything_under_both_addresses() {
    let world = world().await;
    let job = world.upload().await;
    let mut worker = begin(&world.store, job).await;
    worker.say("Hello.").await;
    worker.say("World.").await;
    worker.complete().await;
    let result = world.json(&format!("/api/v1/conversation/result/{job}")).await;
    assert_eq!(result["status"], "COMPLETED");
    assert_eq!(result["original_transcript"], "Hello.\nWorld.");
    assert_eq!(
        result["segments"][1],
        json!({"segment_number": 2, "start": 2.0, "end": 2.75, "text": "World."})
    );
    let minutes = &result["structured_summary"];
    assert_eq!((&minutes["version"], &minutes["key_points"][0]["segments"]), (&json!(1), &json!([1])));
    assert_eq!((&result["language"], &result["duration_seconds"]), (&json!("en"), &json!(3.0)));
    assert_eq!((&result["segment_count"], &result["speech_model"]), (&json!(2), &json!("base")));
    assert_eq!(world.json(&format!("/api/v1/jobs/{job}")).await, result);
    let summaries = world.json(&format!("/api/v1/jobs/{job}/summaries")).await;
    assert_eq!(summaries, json!({"job_id": job, "current": 1, "summaries": [minutes]}));
}

#[tokio::test]
async fn what_went_wrong_is_told() {
    let world = world().await;
    let job = world.upload().await;
    begin(&world.store, job).await.fail().await;
    let result = world.json(&format!("/api/v1/jobs/{job}")).await;
    assert_eq!((&result["status"], &result["failure"]["code"]), (&json!("FAILED"), &json!("no_speech")));
    assert_eq!(result["error_message"], "Nobody speaks; choose another.");
    for address in [format!("/api/v1/conversation/errors/{job}"), format!("/api/v1/jobs/{job}/errors")] {
        let mut errors = world.json(&address).await;
        let time = errors["errors"][0]["reg_dttm"].take();
        let time = time.as_str().unwrap();
        assert!(
            time.len() == "2026-11-20T10:00:00.000Z".len() && time.ends_with('Z') && time.starts_with("20"),
            "{time}"
        );
        let error = json!({
            "service_name": "stt", "code": "no_speech", "error_message": "Nobody speaks; choose another.", "reg_dttm": null
        });
        assert_eq!(errors, json!({"job_id": job, "errors": [error], "error_count": 1}));
    }
}

#[tokio::test]
async fn a_transcript_comes_in_four_forms() {
    let world = world().await;
    let job = world.upload().await;
    let mut worker = begin(&world.store, job).await;
    worker.say("Hello --> <b>world</b>.").await;
    for (query, kind, text) in [
        ("?format=txt", "text/plain; charset=utf-8", "Hello --> <b>world</b>."),
        ("?format=txt&times=true", "text/plain; charset=utf-8", "[00:00:01] Hello --> <b>world</b>.\n"),
        (
            "?format=srt",
            "application/x-subrip; charset=utf-8",
            "1\n00:00:01,000 --> 00:00:01,750\nHello --&gt; &lt;b&gt;world&lt;/b&gt;.\n\n",
        ),
        (
            "?format=vtt",
            "text/vtt; charset=utf-8",
            "WEBVTT\n\n1\n00:00:01.000 --> 00:00:01.750\nHello --&gt; &lt;b&gt;world&lt;/b&gt;.\n\n",
        ),
    ] {
        let response = world.send(Method::GET, job, &format!("/transcript{query}")).await;
        assert_eq!(response.headers()["content-type"], kind);
        assert_eq!(response.text().await.unwrap(), text);
    }
    let transcript = world.json(&format!("/api/v1/jobs/{job}/transcript")).await;
    assert_eq!(
        (&transcript["status"], &transcript["segments"][0]["start"]),
        (&json!("PROCESSING"), &json!(1.0))
    );
    let unknown = world.send(Method::GET, job, "/transcript?format=docx").await;
    assert_eq!(problem(unknown).await, (400, "invalid_request".into()));
}

#[tokio::test]
async fn the_library_is_paged_filtered_and_searched() {
    let world = world().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(world.upload().await.to_string());
    }
    ids.reverse();
    let listed = async |query: &str| {
        let page = world.json(&format!("/api/v1/jobs{query}")).await;
        let ids =
            page["jobs"].as_array().unwrap().iter().map(|job| job["job_id"].as_str().unwrap().to_owned());
        (ids.collect::<Vec<_>>(), page["next_cursor"].as_str().map(str::to_owned))
    };
    assert_eq!(listed("").await, (ids.clone(), None));
    let (page, cursor) = listed("?limit=3").await;
    assert_eq!(page, ids[..3]);
    assert_eq!(listed(&format!("?limit=3&cursor={}", cursor.unwrap())).await, (ids[3..].to_vec(), None));

    let mut worker = begin(&world.store, ids[2].parse().unwrap()).await;
    worker.say("The budget of 100% is fine.").await;
    assert_eq!(listed("?status=PROCESSING").await.0, [ids[2].clone()]);
    assert_eq!(listed("?q=BUDGET").await.0, [ids[2].clone()]);
    assert_eq!(listed("?search=100%25+is").await.0, [ids[2].clone()]);
    assert_eq!(listed("?q=budget&status=FAILED").await.0, Vec::<String>::new());
    for wrong in ["?limit=0", "?limit=101", "?limit=x", "?status=DONE", "?cursor=17", "?q=%ff"] {
        let response = world.get(&format!("/api/v1/jobs{wrong}")).send().await.unwrap();
        let expected = if wrong == "?q=%ff" { 200 } else { 400 };
        assert_eq!(response.status(), expected, "{wrong}");
    }
}

#[tokio::test]
async fn a_job_gets_another_title() {
    let world = world().await;
    let job = world.upload().await;
    let rename = async |body: Value| {
        let address = world.url(&format!("/api/v1/jobs/{job}"));
        world.client.patch(address).json(&body).send().await.unwrap()
    };
    let renamed: Value = rename(json!({"title": "  월요일 <회의> "})).await.json().await.unwrap();
    assert_eq!(renamed["title"], "월요일 <회의>");
    for wrong in [
        json!({}),
        json!({"title": ""}),
        json!({"title": 1}),
        json!({"title": "x".repeat(201)}),
        json!({"name": "x"}),
    ] {
        assert_eq!(problem(rename(wrong.clone()).await).await, (400, "invalid_request".into()), "{wrong}");
    }
    assert_eq!(world.store.job(job).await.unwrap().title, "월요일 <회의>");
}

#[tokio::test]
async fn a_job_is_cancelled_and_retried_as_its_status_allows() {
    let world = world().await;
    let job = world.upload().await;
    let cancelled: Value = world.send(Method::POST, job, "/cancel").await.json().await.unwrap();
    assert_eq!(cancelled["status"], "CANCELLED");
    assert_eq!(problem(world.send(Method::POST, job, "/cancel").await).await, (409, "wrong_status".into()));
    let retried = world.send(Method::POST, job, "/retry").await;
    assert_eq!(retried.status(), 202);
    assert_eq!(retried.json::<Value>().await.unwrap()["status"], "PENDING");
    assert_eq!(problem(world.send(Method::POST, job, "/retry").await).await, (409, "wrong_status".into()));
}

#[tokio::test]
async fn a_deleted_job_leaves_neither_row_nor_recording_nor_events() {
    let world = world().await;
    let job = world.upload().await;
    begin(&world.store, job).await.say("Hello.").await;
    let deleted = world.send(Method::DELETE, job, "").await;
    assert_eq!((deleted.status().as_u16(), deleted.bytes().await.unwrap().len()), (204, 0));
    world.until_files(0).await;
    assert!(world.store.events_after(job, 0, 10).await.unwrap().is_empty());
    assert_eq!(world.json("/api/v1/jobs").await["jobs"], json!([]));
    assert_eq!(problem(world.send(Method::DELETE, job, "").await).await, (404, "job_not_found".into()));
}

#[tokio::test]
async fn a_job_that_is_not_there_is_nowhere_there() {
    let world = world().await;
    let there = world.upload().await;
    for name in [JobId::new().to_string(), "17".into(), "..%2f..%2fetc%2fpasswd".into(), "%00".into()] {
        for (method, action) in [
            (Method::GET, ""),
            (Method::GET, "/events"),
            (Method::GET, "/errors"),
            (Method::GET, "/transcript"),
            (Method::GET, "/summaries"),
            (Method::GET, "/audio"),
            (Method::GET, "/peaks"),
            (Method::POST, "/cancel"),
            (Method::POST, "/retry"),
            (Method::DELETE, ""),
        ] {
            let address = world.url(&format!("/api/v1/jobs/{name}{action}"));
            let response = world.client.request(method.clone(), address).send().await.unwrap();
            assert_eq!(problem(response).await, (404, "job_not_found".into()), "{method} {name}{action}");
        }
        let rename =
            world.client.patch(world.url(&format!("/api/v1/jobs/{name}"))).json(&json!({"title": "x"}));
        assert_eq!(problem(rename.send().await.unwrap()).await, (404, "job_not_found".into()));
        for address in ["result", "errors", "stream-events"] {
            let response = world.get(&format!("/api/v1/conversation/{address}/{name}")).send().await.unwrap();
            assert_eq!(problem(response).await, (404, "job_not_found".into()), "{address}");
        }
    }
    assert!(world.store.job(there).await.is_ok());
}

#[tokio::test]
async fn an_accepted_job_has_its_first_event() {
    let world = world().await;
    let job = world.upload().await;
    let events = world.store.events_after(job, 0, 10).await.unwrap();
    assert!(
        matches!(events.as_slice(), [first] if first.seq == 1 && matches!(first.event, Event::Status { .. }))
    );
}

#[tokio::test]
async fn what_is_searched_for_is_a_text_of_some_letters() {
    let world = world().await;
    for (wrong, name) in
        [(format!("q={}", "회".repeat(301)), "q"), ("q=a%00b".into(), "q"), ("tag=%00".into(), "tag")]
    {
        let answer = world.get(&format!("/api/v1/jobs?{wrong}")).send().await.unwrap();
        assert_eq!(answer.status(), 400, "{wrong}");
        let detail = answer.json::<Value>().await.unwrap()["detail"].to_string();
        assert!(detail.contains(&format!("`{name}`")), "{detail}");
    }
    for right in ["회".repeat(300), "%25_!%5c'%22%00".replace("%00", ""), "%".repeat(0)] {
        assert_eq!(
            world.get(&format!("/api/v1/jobs?q={right}")).send().await.unwrap().status(),
            200,
            "{right}"
        );
    }
}
