//! Minutes as they are wanted: templates, languages, lengths.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use shared::{
    job::{Failure, JobId},
    minutes::{Minutes, Point},
};

use crate::{
    watching::names,
    worker::{self, begin},
    world::{World, accepted, problem, world},
};

impl World {
    /// A job with one version of its minutes.
    async fn completed(&self) -> JobId {
        let job = self.upload().await;
        let mut worker = begin(&self.store, job).await;
        worker.say("It is fine.").await;
        worker.complete().await;
        job
    }

    async fn ask(&self, job: JobId, options: Value) -> reqwest::Response {
        self.post(&format!("/api/v1/jobs/{job}/summaries")).json(&options).send().await.unwrap()
    }

    async fn choose(&self, job: JobId, version: Value) -> reqwest::Response {
        let url = self.url(&format!("/api/v1/jobs/{job}/summaries/current"));
        self.client.put(url).json(&json!({ "version": version })).send().await.unwrap()
    }

    /// Plays the worker who writes the minutes that are waited for.
    async fn write(&self, job: JobId, title: &str) {
        let worker = begin(&self.store, job).await;
        let minutes = Minutes { title: title.to_owned(), ..worker::minutes() };
        self.store.complete(&worker.lease, minutes).await.unwrap();
    }
}

#[tokio::test]
async fn templates_are_listed_with_the_one_that_is_taken_by_itself() {
    let world = world().await;
    let listed = world.json("/api/v1/templates").await;
    let names: Vec<&str> =
        listed["templates"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["general", "stand-up", "interview", "lecture", "one-to-one", "medical"]);
    assert_eq!(
        (&listed["default"], &listed["templates"][5]["title"]),
        (&json!("general"), &json!("Medical visit"))
    );
    assert!(listed["templates"][0]["description"].as_str().unwrap().ends_with('.'));
}

#[tokio::test]
async fn an_upload_says_how_its_minutes_are_wanted() {
    let world = world().await;
    let post = async |options: &[(&'static str, &'static str)]| {
        let form = options.iter().fold(Form::new(), |form, (name, value)| form.text(*name, *value));
        let form = form.part("file", Part::bytes(b"RIFF".to_vec()).file_name("a.wav"));
        world.post("/api/v1/jobs").multipart(form).send().await.unwrap()
    };
    let options = [("template", "medical"), ("summary_language", "ko"), ("summary_length", "long")];
    let job = accepted(post(&options).await).await;
    let shown = world.json(&format!("/api/v1/jobs/{job}")).await;
    let summary = json!({"template": "medical", "language": "ko", "length": "long"});
    assert_eq!((&shown["options"]["summary"], &shown["metadata"]), (&summary, &json!({})));
    let plain = accepted(post(&[]).await).await;
    assert_eq!(world.json(&format!("/api/v1/jobs/{plain}")).await["options"].get("summary"), None::<&Value>);
    for wrong in [("template", "gone"), ("summary_language", "Korean"), ("summary_length", "huge")] {
        assert_eq!(problem(post(&[wrong]).await).await, (400, "invalid_request".into()), "{wrong:?}");
    }
}

#[tokio::test]
async fn another_version_is_asked_for_written_heard_and_chosen() {
    let world = world().await;
    let job = world.completed().await;
    let asked = world.ask(job, json!({"template": "lecture", "language": "KO", "length": "short"})).await;
    assert_eq!(asked.status(), 202);
    let shown: Value = asked.json().await.unwrap();
    assert_eq!((&shown["status"], &shown["current_summary"]), (&json!("TRANSCRIBED"), &json!(1)));
    let requested = world.store.requested_summary(job).await.unwrap().unwrap();
    assert_eq!(json!(requested), json!({"template": "lecture", "language": "ko", "length": "short"}));
    let watch = world.watch(job).await;
    world.write(job, "The second").await;
    let received = watch.durable().await;
    let story = [
        "PENDING",
        "PROCESSING",
        "transcript_segment",
        "TRANSCRIBED",
        "final_summary",
        "TRANSCRIBED",
        "final_summary",
    ];
    assert_eq!(names(&received), story);
    assert_eq!(
        (&received[6].data["status"], &received[6].data["summary"]["version"]),
        (&json!("COMPLETED"), &json!(2))
    );
    assert_eq!(names(&world.events_after(job, 5).await), ["TRANSCRIBED", "final_summary"]);

    let title = async || {
        world.json(&format!("/api/v1/conversation/result/{job}")).await["structured_summary"]["title"].clone()
    };
    assert_eq!(title().await, "The second");
    let chosen = world.choose(job, json!(1)).await;
    assert_eq!(chosen.status(), 200);
    let listed: Value = chosen.json().await.unwrap();
    assert_eq!((&listed["current"], listed["summaries"].as_array().unwrap().len()), (&json!(1), 2));
    assert_eq!(title().await, "Budget");
    let event = &world.events_after(job, 7).await[0];
    assert_eq!((event.name.as_str(), &event.data["version"]), ("summary_chosen", &json!(1)));
    assert_eq!(problem(world.choose(job, json!(9)).await).await, (404, "summary_not_found".into()));
    assert_eq!(problem(world.choose(job, json!("one")).await).await, (400, "invalid_request".into()));
}

#[tokio::test]
async fn several_versions_are_one_stream() {
    let world = world().await;
    let job = world.completed().await;
    for _ in 0..2 {
        assert_eq!(world.ask(job, json!({})).await.status(), 202);
    }
    let watch = world.watch(job).await;
    let worker = begin(&world.store, job).await;
    for _ in 0..2 {
        world.store.complete(&worker.lease, worker::minutes()).await.unwrap();
    }
    let received = watch.durable().await;
    let ends: Vec<&Value> = received
        .iter()
        .filter(|event| event.name == "final_summary")
        .map(|event| &event.data["status"])
        .collect();
    assert_eq!(
        ends,
        ["COMPLETED", "TRANSCRIBED", "COMPLETED"],
        "the stream goes on while more is waited for"
    );
}

#[tokio::test]
async fn a_version_that_fails_is_told_and_does_no_harm() {
    let world = world().await;
    let job = world.completed().await;
    world.ask(job, json!({})).await;
    let watch = world.watch(job).await;
    let worker = begin(&world.store, job).await;
    world.store.fail(&worker.lease, "llm", &Failure::new("summary_failed", "Start Ollama.")).await.unwrap();
    let last = watch.durable().await.pop().unwrap();
    assert_eq!(
        (last.name.as_str(), &last.data["code"], &last.data["status"]),
        ("error", &json!("summary_failed"), &json!("COMPLETED"))
    );
    let result = world.json(&format!("/api/v1/jobs/{job}")).await;
    assert_eq!((&result["status"], &result["failure"]), (&json!("COMPLETED"), &Value::Null));
    assert_eq!(result["structured_summary"]["title"], "Budget");
    assert_eq!(world.json(&format!("/api/v1/jobs/{job}/errors")).await["error_count"], 1);

    world.ask(job, json!({})).await;
    let cancelled = world.post(&format!("/api/v1/jobs/{job}/cancel")).send().await.unwrap();
    assert_eq!(cancelled.json::<Value>().await.unwrap()["status"], "COMPLETED");
}

#[tokio::test]
async fn wishes_that_cannot_be_fulfilled_are_refused_with_a_sentence() {
    let world = world().await;
    let waiting = world.upload().await;
    assert_eq!(problem(world.ask(waiting, json!({})).await).await, (409, "wrong_status".into()));
    assert_eq!(problem(world.ask(JobId::new(), json!({})).await).await, (404, "job_not_found".into()));
    let job = world.completed().await;
    for wrong in [
        json!({"template": "gone"}),
        json!({"language": "Korean"}),
        json!({"length": "huge"}),
        json!({"size": 1}),
    ] {
        let (status, code) = problem(world.ask(job, wrong).await).await;
        assert_eq!((status, code.as_str()), (400, "invalid_request"));
    }
    for _ in 0..8 {
        assert_eq!(world.ask(job, json!({})).await.status(), 202);
    }
    assert_eq!(problem(world.ask(job, json!({})).await).await, (429, "summaries_waiting".into()));
}

#[tokio::test]
async fn minutes_come_in_three_forms_and_their_words_stay_words() {
    let world = world().await;
    let job = world.completed().await;
    let evil = "<script>alert(1)</script> [x](javascript:y) **b**";
    world.ask(job, json!({})).await;
    let worker = begin(&world.store, job).await;
    let decisions = vec![Point { text: evil.into(), segments: vec![1], ..Point::default() }];
    world
        .store
        .complete(&worker.lease, Minutes { title: evil.into(), decisions, ..worker::minutes() })
        .await
        .unwrap();
    let get = async |query: &str| {
        let request = world.get(&format!("/api/v1/jobs/{job}/minutes{query}"));
        let response = request
            .header("X-Forwarded-Host", "seogi.example")
            .header("X-Forwarded-Proto", "https")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        (response.headers()["content-type"].to_str().unwrap().to_owned(), response.text().await.unwrap())
    };
    let (kind, markdown) = get("?format=md").await;
    assert_eq!(kind, "text/markdown; charset=utf-8");
    let line = format!(
        "- &lt;script&gt;alert(1)&lt;/script&gt; \\[x\\](javascript:y) \\*\\*b\\*\\* ([0:01](https://seogi.example/#/jobs/{job}?t=1))\n"
    );
    assert!(markdown.starts_with("# &lt;script&gt;") && markdown.contains(&line), "{markdown}");
    let (kind, text) = get("?format=txt&version=1").await;
    assert_eq!(kind, "text/plain; charset=utf-8");
    assert!(text.starts_with("═══ Budget ═══\n") && text.contains("• It is fine. (0:01)\n"), "{text}");
    let data: Value = serde_json::from_str(&get("").await.1).unwrap();
    assert_eq!((&data["version"], &data["decisions"][0]["start"]), (&json!(2), &json!(1.0)));
    assert_eq!(data["decisions"][0]["link"], format!("https://seogi.example/#/jobs/{job}?t=1"));
    let gone = world.get(&format!("/api/v1/jobs/{job}/minutes?version=7")).send().await.unwrap();
    assert_eq!(problem(gone).await, (404, "summary_not_found".into()));
    let early = world.upload().await;
    let early = world.get(&format!("/api/v1/jobs/{early}/minutes")).send().await.unwrap();
    assert_eq!(problem(early).await, (404, "summary_not_found".into()));
    let odd = world
        .get(&format!("/api/v1/jobs/{job}/minutes?format=md"))
        .header("X-Forwarded-Host", "a b](x")
        .send()
        .await
        .unwrap();
    assert!(odd.text().await.unwrap().contains("(0:01)\n"), "no link rather than a broken one");
}
