//! What whoever looks after the server sees of the real program.

use serde_json::Value;

use crate::harness::Home;

fn model<'a>(listed: &'a Value, name: &str) -> &'a Value {
    listed["models"].as_array().unwrap().iter().find(|model| model["name"] == name).unwrap()
}

#[tokio::test]
async fn workers_and_models_are_seen_and_a_model_in_use_is_not_deleted() {
    // Nobody listens at port 9.
    let home =
        Home::new().with("SEOGI_MODEL_URL", "http://127.0.0.1:9").with("SEOGI_MODEL", "models/own.bin");
    std::fs::create_dir(home.path().join("models")).unwrap();
    std::fs::copy(ground_truth::toy_model(), home.path().join("models/own.bin")).unwrap();
    let home = home.with("SEOGI_BUNDLED_MODELS", ground_truth::bundled_models().display());
    let server = home.serve();
    let (client, models) = (&server.client, "/api/v1/models");
    let worker = client.found("/api/v1/workers", |seen| seen["workers"].get(0).cloned()).await;
    assert_eq!(
        (&worker["about"]["model"], &worker["about"]["concurrency"]),
        (&"models/own.bin".into(), &1.into())
    );
    let listed = client.json(models).await;
    let own = model(&listed, "models/own.bin");
    assert_eq!((&own["in_use"], &own["own"]), (&true.into(), &true.into()));
    let bundled = model(&listed, "base-q5_1");
    assert_eq!((&bundled["installed"], &bundled["bundled"]), (&true.into(), &true.into()));
    assert_eq!(model(&listed, "tiny")["installed"], false);
    let kept = client.http.delete(client.url("/api/v1/models/base-q5_1")).send().await.unwrap();
    assert_eq!(kept.status(), 409);
    assert_eq!(client.post("/api/v1/models/tiny").await.status(), 202);
    let why = |seen: &Value| model(seen, "tiny")["problem"].as_str().map(str::to_owned);
    let why = client.found(models, why).await;
    assert!(why.contains("127.0.0.1:9"), "{why}");
    assert_eq!(client.post("/api/v1/models/gigantic").await.status(), 404);
    let own = home.path().join("models").join("ggml-base.bin");
    std::fs::write(&own, "no model at all").unwrap();
    assert_eq!(model(&client.json(models).await, "base")["installed"], true);
    let gone = client.http.delete(client.url("/api/v1/models/base")).send().await.unwrap();
    assert_eq!(gone.status(), 200);
    assert!(!own.exists());
    // A worker that stops is no longer on the list of those that start after it.
    assert_eq!(tokio::task::spawn_blocking(move || server.stop()).await.unwrap(), Some(0));
    let server = home.api();
    assert_eq!(server.client.json("/api/v1/workers").await["workers"], Value::Array(Vec::new()));
    assert_eq!(server.client.json(models).await["here"], false);
}
