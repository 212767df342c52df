//! What holds for every address, and what the server says about itself.

use api::ReadyCheck;
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{Plan, problem, world};

#[tokio::test]
async fn it_lives_and_it_is_ready() {
    let queue = ReadyCheck::new("queue", async || Ok(()));
    let world = Plan { checks: vec![queue], ..Plan::default() }.build().await;
    assert_eq!(world.json("/healthz").await, json!({"status": "ok"}));
    let passed = |name| json!({"name": name, "ok": true, "detail": null});
    let checks = ["database", "storage", "queue"].map(passed);
    assert_eq!(world.json("/readyz").await, json!({"ready": true, "checks": checks}));
    world.until_files(0).await;
}

#[tokio::test]
async fn what_is_not_ready_is_named() {
    let model = ReadyCheck::new("model", async || Err("The model is not there; fetch it.".to_owned()));
    let world = Plan { checks: vec![model], ..Plan::default() }.build().await;
    std::fs::remove_dir_all(world.folder.path().join("blobs")).unwrap();
    std::fs::write(world.folder.path().join("blobs"), "in the way").unwrap();
    world.store.close().await;
    let response = world.get("/readyz").send().await.unwrap();
    assert_eq!(response.status(), 503);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["ready"], false);
    for check in body["checks"].as_array().unwrap() {
        assert_eq!(check["ok"], false, "{check}");
        assert!(check["detail"].as_str().unwrap().contains(';'), "says what to do: {check}");
    }
    assert_eq!(world.json("/healthz").await, json!({"status": "ok"}));
    let jobs = world.get("/api/v1/jobs").send().await.unwrap();
    assert_eq!(jobs.headers()["retry-after"], "5");
    assert_eq!(problem(jobs).await, (503, "unavailable".into()));
}

#[tokio::test]
async fn text_is_compressed_for_those_who_can_read_it_and_streams_are_not() {
    let world = world().await;
    let job = world.upload().await;
    let sent = async |path: &str, accepted: &str| {
        let response = world.get(path).header("accept-encoding", accepted).send().await.unwrap();
        response.headers().get("content-encoding").map(|coding| coding.to_str().unwrap().to_owned())
    };
    assert_eq!(sent("/api/v1/openapi.json", "br, gzip").await.as_deref(), Some("gzip"));
    assert_eq!(sent("/api/v1/openapi.json", "identity").await, None);
    assert_eq!(sent("/healthz", "gzip").await, None, "it is longer compressed");
    assert_eq!(sent(&format!("/api/v1/jobs/{job}/events"), "gzip").await, None);
    assert_eq!(sent(&format!("/api/v1/jobs/{job}/audio"), "gzip").await, None);
}

#[tokio::test]
async fn addresses_and_methods_that_are_not_known_are_refused() {
    let world = world().await;
    for path in
        ["/api/v1/nothing", "/nothing", "/api/v1/jobs/1/2/3", "/../Cargo.toml", "/%2e%2e/%2e%2e/Cargo.toml"]
    {
        let response = world.get(path).send().await.unwrap();
        assert_eq!(problem(response).await, (404, "not_found".into()), "{path}");
    }
    let response = world.client.put(world.url("/api/v1/jobs")).send().await.unwrap();
    assert_eq!(response.headers()["allow"], "POST,GET,HEAD");
    assert_eq!(problem(response).await, (405, "method_not_allowed".into()));
}

#[tokio::test]
async fn bodies_that_are_not_understood_are_refused() {
    let world = world().await;
    let job = world.upload().await;
    let send = async |kind: &str, body: String| {
        let request =
            world.client.patch(world.url(&format!("/api/v1/jobs/{job}"))).header("Content-Type", kind);
        problem(request.body(body).send().await.unwrap()).await
    };
    assert_eq!(send("application/json", "{".into()).await, (400, "invalid_request".into()));
    assert_eq!(send("application/json", "[1]".into()).await, (400, "invalid_request".into()));
    assert_eq!(send("text/plain", "{}".into()).await, (415, "unsupported_media_type".into()));
    let packed =
        world.client.patch(world.url(&format!("/api/v1/jobs/{job}"))).header("Content-Encoding", "gzip");
    let packed = packed.header("Content-Type", "application/json").body("{}").send().await.unwrap();
    assert_eq!(problem(packed).await, (415, "unsupported_media_type".into()));
    let long = json!({"title": "x".repeat(100_000)}).to_string();
    assert_eq!(send("application/json", long).await, (413, "body_too_large".into()));
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let world = world().await;
    let job = world.upload().await;
    let address = format!("/api/v1/jobs/{job}");
    let socket = |origin| {
        let upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket")];
        let request =
            upgrade.iter().fold(world.get(&address), |request, (name, value)| request.header(*name, *value));
        request.header("Origin", origin)
    };
    for origin in ["https://evil.example", "http://127.0.0.1:1", "null", "http://127.0.0.1"] {
        for (method, action) in [(Method::DELETE, ""), (Method::POST, "/cancel"), (Method::PATCH, "")] {
            let request = world
                .client
                .request(method, world.url(&format!("{address}{action}")))
                .header("Origin", origin);
            assert_eq!(
                problem(request.send().await.unwrap()).await,
                (403, "cross_origin".into()),
                "{origin}"
            );
        }
        assert_eq!(world.get(&address).header("Origin", origin).send().await.unwrap().status(), 200);
        assert_eq!(
            problem(socket(origin.to_owned()).send().await.unwrap()).await,
            (403, "cross_origin".into())
        );
    }
    let there_is_none = socket(world.url("")).send().await.unwrap();
    assert_eq!(
        there_is_none.status(),
        200,
        "a handshake of the own page reaches its route, which knows no sockets"
    );
    let own = world.client.delete(world.url(&address)).header("Origin", world.url("")).send().await.unwrap();
    assert_eq!(own.status(), 204);
}

#[tokio::test]
async fn the_page_is_served_if_it_was_built() {
    let world = world().await;
    let response = world.get("/").send().await.unwrap();
    let Ok(index) = std::fs::read("../web/dist/index.html") else {
        assert_eq!(problem(response).await, (404, "not_found".into()));
        return;
    };
    let tag = response.headers()["etag"].clone();
    assert_eq!(response.headers()["content-type"], "text/html");
    assert_eq!(response.headers()["cache-control"], "no-cache");
    assert_eq!(response.bytes().await.unwrap(), index);
    assert_eq!(world.get("/").header("If-None-Match", tag).send().await.unwrap().status(), 304);
    let script = std::fs::read_dir("../web/dist/assets").unwrap().next().unwrap().unwrap().file_name();
    let script = world.get(&format!("/assets/{}", script.to_str().unwrap())).send().await.unwrap();
    assert_eq!(script.headers()["cache-control"], "public, max-age=31536000, immutable");
    let post = world.post("/").send().await.unwrap();
    assert_eq!(problem(post).await, (404, "not_found".into()));
}

#[tokio::test]
async fn every_answer_has_an_id_and_a_policy() {
    let world = world().await;
    for path in ["/healthz", "/api/v1/jobs", "/nothing", "/"] {
        let response = world.get(path).send().await.unwrap();
        let headers = response.headers();
        assert!(!headers["x-request-id"].is_empty());
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert!(headers["permissions-policy"].to_str().unwrap().starts_with("microphone=(self), "));
        assert!(
            headers["content-security-policy"]
                .to_str()
                .unwrap()
                .contains("require-trusted-types-for 'script'")
        );
        assert!(headers["content-security-policy"].to_str().unwrap().contains("default-src 'self'"));
        assert!(headers.get("access-control-allow-origin").is_none());
    }
    let given = world.get("/healthz").header("x-request-id", "abc").send().await.unwrap();
    assert_eq!(given.headers()["x-request-id"], "abc");
}

#[tokio::test]
async fn the_description_names_every_route_once_and_what_it_takes() {
    let world = world().await;
    let description = world.json("/api/v1/openapi.json").await;
    let mut routes = Vec::new();
    for (path, methods) in description["paths"].as_object().unwrap() {
        routes.extend(methods.as_object().unwrap().keys().map(|method| format!("{method} {path}")));
    }
    routes.sort();
    let expected = [
        "delete /api/v1/jobs/{job_id}",
        "delete /api/v1/jobs/{job_id}/chat",
        "delete /api/v1/jobs/{job_id}/segments/{number}",
        "delete /api/v1/models/{name}",
        "delete /api/v1/uploads/{upload_id}",
        "get /api/v1/conversation/errors/{job_id}",
        "get /api/v1/conversation/result/{job_id}",
        "get /api/v1/conversation/stream-events/{job_id}",
        "get /api/v1/jobs",
        "get /api/v1/jobs/{job_id}",
        "get /api/v1/jobs/{job_id}/audio",
        "get /api/v1/jobs/{job_id}/chat",
        "get /api/v1/jobs/{job_id}/errors",
        "get /api/v1/jobs/{job_id}/events",
        "get /api/v1/jobs/{job_id}/minutes",
        "get /api/v1/jobs/{job_id}/peaks",
        "get /api/v1/jobs/{job_id}/summaries",
        "get /api/v1/jobs/{job_id}/transcript",
        "get /api/v1/llm",
        "get /api/v1/models",
        "get /api/v1/storage",
        "get /api/v1/tags",
        "get /api/v1/templates",
        "get /api/v1/workers",
        "get /healthz",
        "get /metrics",
        "get /readyz",
        "head /api/v1/uploads/{upload_id}",
        "options /api/v1/uploads",
        "patch /api/v1/jobs/{job_id}",
        "patch /api/v1/jobs/{job_id}/segments/{number}",
        "patch /api/v1/jobs/{job_id}/speakers",
        "patch /api/v1/uploads/{upload_id}",
        "post /api/v1/conversation/request",
        "post /api/v1/jobs",
        "post /api/v1/jobs/{job_id}/cancel",
        "post /api/v1/jobs/{job_id}/chat",
        "post /api/v1/jobs/{job_id}/retry",
        "post /api/v1/jobs/{job_id}/segments/{number}/merge",
        "post /api/v1/jobs/{job_id}/segments/{number}/split",
        "post /api/v1/jobs/{job_id}/summaries",
        "post /api/v1/jobs/{job_id}/transcript/redo",
        "post /api/v1/jobs/{job_id}/transcript/undo",
        "post /api/v1/llm/{provider}/check",
        "post /api/v1/models/{name}",
        "post /api/v1/uploads",
        "post /api/v1/uploads/{upload_id}",
        "put /api/v1/jobs/{job_id}/summaries/current",
    ];
    assert_eq!(routes, expected);
    let parameters = |path: &str| -> Vec<String> {
        let list = description["paths"][path]["get"]["parameters"].as_array().unwrap();
        list.iter().map(|parameter| parameter["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(parameters("/api/v1/jobs"), ["status", "q", "tag", "cursor", "limit"]);
    assert_eq!(parameters("/api/v1/jobs/{job_id}/transcript"), ["job_id", "format", "times", "original"]);
    assert_eq!(parameters("/api/v1/jobs/{job_id}/minutes"), ["job_id", "format", "version"]);
    assert_eq!(parameters("/api/v1/jobs/{job_id}/events"), ["job_id", "since", "follow", "Last-Event-ID"]);
    // Every schema that is referred to is there.
    let text = description.to_string();
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(description["components"]["schemas"].get(name).is_some(), "{name}");
    }
    let mut ids: Vec<&str> =
        text.split("\"operationId\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "an operation's id names one operation");
}

#[tokio::test]
async fn answers_in_json_are_nobody_elses_to_keep() {
    let world = world().await;
    let job = world.upload().await;
    for path in [
        "/api/v1/jobs".to_owned(),
        format!("/api/v1/jobs/{job}"),
        "/api/v1/nothing".to_owned(),
        "/readyz".to_owned(),
    ] {
        let headers = world.get(&path).send().await.unwrap().headers().clone();
        assert_eq!(headers["cache-control"], "no-store", "{path}");
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin", "{path}");
    }
    let audio = world.get(&format!("/api/v1/jobs/{job}/audio")).send().await.unwrap();
    assert_eq!(audio.headers()["cache-control"], "no-cache");
}

#[tokio::test]
async fn what_is_refused_is_told_in_words_of_ours() {
    let world = world().await;
    let job = world.upload().await;
    let sentence_of = async |body: String| {
        let request = world.client.patch(world.url(&format!("/api/v1/jobs/{job}")));
        let answer = request.header("Content-Type", "application/json").body(body).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["detail"].as_str().unwrap().to_owned()
    };
    for (body, begins) in [
        ("{".to_owned(), "The request is not JSON ("),
        (r#"{"title": 1}"#.to_owned(), "The JSON is not what is understood here ("),
        (json!({"title": "x".repeat(100_000)}).to_string(), "The request is longer than any"),
    ] {
        let sentence = sentence_of(body).await;
        assert!(sentence.starts_with(begins) && !sentence.contains("Failed"), "{sentence}");
    }
}
