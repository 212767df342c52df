//! By which names the server may be called, and which pages may use it.

use reqwest::{Method, Response};
use serde_json::Value;
use shared::job::JobId;

use crate::world::{Plan, World, problem, world};

/// Every method and address of the description, with the job where one is named.
async fn routes(world: &World, job: JobId) -> Vec<(Method, String)> {
    let description = world.json("/api/v1/openapi.json").await;
    let mut routes = vec![(Method::GET, "/".to_owned()), (Method::GET, "/api/v1/openapi.json".to_owned())];
    for (path, methods) in description["paths"].as_object().unwrap() {
        let path = path
            .replace("{job_id}", &job.to_string())
            .replace("{number}", "1")
            .replace("{upload_id}", &job.to_string());
        let methods =
            methods.as_object().unwrap().keys().map(|method| method.to_uppercase().parse().unwrap());
        routes.extend(methods.map(|method| (method, path.clone())));
    }
    routes
}

#[tokio::test]
async fn no_route_answers_to_another_name() {
    let world = world().await;
    let job = world.upload().await;
    let routes = routes(&world, job).await;
    assert!(routes.len() > 40, "{routes:?}");
    for (method, path) in routes {
        let request = world.client.request(method.clone(), world.url(&path));
        let answer = request.header("Host", "rebound.example").send().await.unwrap();
        assert_eq!(answer.status(), 421, "{method} {path}");
        if method != Method::HEAD {
            assert_eq!(problem(answer).await.1, "unknown_host", "{method} {path}");
        }
    }
    assert_eq!(world.json(&format!("/api/v1/jobs/{job}")).await["job_id"], job.to_string());
    for host in ["localhost", "127.0.0.1:1", "[::1]"] {
        assert_eq!(
            world.get("/api/v1/jobs").header("Host", host).send().await.unwrap().status(),
            200,
            "{host}"
        );
    }
    let elsewhere = world.get("/api/v1/jobs").header("Host", "192.168.1.5").send().await.unwrap();
    assert_eq!(elsewhere.status(), 421);
}

#[tokio::test]
async fn configured_names_and_where_others_reach_it_addresses_are_answered_to() {
    let mut plan = Plan::default();
    plan.server.hosts = vec!["seogi.example".parse().unwrap()];
    plan.auth.open = true;
    let world = plan.build().await;
    for (host, status) in [("seogi.example", 200), ("192.168.1.5:8000", 200), ("rebound.example", 421)] {
        let answer = world.get("/api/v1/jobs").header("Host", host).send().await.unwrap();
        assert_eq!(answer.status(), status, "{host}");
    }
}

const NOTES: &str = "https://notes.example";

async fn shared_with_notes() -> World {
    let mut plan = Plan::default();
    plan.server.origins = vec![NOTES.parse().unwrap()];
    plan.build().await
}

fn allowed(answer: &Response) -> Option<&str> {
    answer.headers().get("access-control-allow-origin").map(|origin| origin.to_str().unwrap())
}

#[tokio::test]
async fn pages_of_listed_origins_may_use_the_api_and_no_others() {
    let world = shared_with_notes().await;
    let path = format!("/api/v1/jobs/{}", world.upload().await);
    for (origin, expected) in
        [(NOTES, Some(NOTES)), ("https://evil.example", None), ("https://notes.example:444", None)]
    {
        let read = world.get(&path).header("Origin", origin).send().await.unwrap();
        assert_eq!((read.status().as_u16(), allowed(&read)), (200, expected), "{origin}");
        let retitle = world.client.patch(world.url(&path)).header("Origin", origin);
        let retitled = retitle.json(&serde_json::json!({"title": origin})).send().await.unwrap();
        assert_eq!(retitled.status() == 200, expected.is_some(), "{origin}");
    }
    assert_eq!(world.json(&path).await["title"], NOTES);
}

#[tokio::test]
async fn a_preflight_is_answered_for_listed_origins_and_uploads_keep_their_own() {
    let world = shared_with_notes().await;
    let ask = async |origin: &str, method: &str| {
        let request =
            world.client.request(Method::OPTIONS, world.url("/api/v1/uploads")).header("Origin", origin);
        let request = request.header("Access-Control-Request-Method", method);
        request.header("Access-Control-Request-Headers", "tus-resumable, upload-length").send().await.unwrap()
    };
    let answer = ask(NOTES, "PATCH").await;
    assert_eq!((answer.status().as_u16(), allowed(&answer)), (204, Some(NOTES)));
    assert!(answer.headers()["access-control-allow-methods"].to_str().unwrap().contains("PATCH"));
    assert_eq!(answer.headers()["access-control-allow-headers"], "tus-resumable, upload-length");
    assert_eq!(allowed(&ask("https://evil.example", "PATCH").await), None);
    let own = world.client.request(Method::OPTIONS, world.url("/api/v1/uploads")).send().await.unwrap();
    assert!(own.headers().contains_key("tus-version"), "{own:?}");
    let created = world.post("/api/v1/uploads").header("Origin", NOTES).header("Tus-Resumable", "1.0.0");
    let created = created.header("Upload-Length", "7").send().await.unwrap();
    assert_eq!(created.status(), 201);
    assert!(created.headers()["access-control-expose-headers"].to_str().unwrap().contains("Location"));
}

#[tokio::test]
async fn credentials_and_sockets_are_not_taken_from_pages_of_other_sites() {
    let world = shared_with_notes().await;
    for (name, value) in [("Cookie", "seogi=1"), ("Authorization", "Bearer x"), ("Upgrade", "websocket")] {
        let send = async |origin: &str| {
            let request = world.get("/api/v1/jobs").header(name, value).header("Origin", origin);
            request.header("Connection", "Upgrade").send().await.unwrap()
        };
        for origin in ["https://evil.example", "null", ""] {
            assert_eq!(problem(send(origin).await).await, (403, "cross_origin".into()), "{name} {origin}");
        }
        for origin in [NOTES.to_owned(), world.url("")] {
            assert_eq!(send(&origin).await.status(), 200, "{name} {origin}");
        }
    }
}

#[tokio::test]
async fn what_is_refused_is_told_to_pages_that_may_know() {
    let world = shared_with_notes().await;
    let answer = world.get("/api/v1/jobs/nothing").header("Origin", NOTES).send().await.unwrap();
    assert_eq!(allowed(&answer), Some(NOTES));
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["code"], "job_not_found");
}
