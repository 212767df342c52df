//! What is shown to whoever looks after the server.

use std::sync::{Arc, Mutex};

use api::{Fetching, ModelManager, ModelManagerError, ModelState};
use config::Config;
use reqwest::Method;
use serde_json::{Value, json};
use shared::worker::WorkerAbout;

use crate::world::{Plan, TEST_TIMEOUT, problem, world};

/// A shelf with one model that is in use, and one that can be fetched.
#[derive(Default)]
struct FakeModels(Mutex<Option<Fetching>>);

impl ModelManager for FakeModels {
    fn list(&self) -> Result<Vec<ModelState>, ModelManagerError> {
        let model = |name: &str, in_use, fetching| ModelState {
            name: name.to_owned(),
            kind: "speech",
            bytes: Some(7),
            sha256: None,
            installed: in_use,
            bundled: false,
            in_use,
            own: false,
            fetching,
            problem: None,
        };
        Ok(vec![model("base", true, None), model("tiny", false, *self.0.lock().unwrap())])
    }

    fn fetch(&self, name: &str) -> Result<(), ModelManagerError> {
        if name != "tiny" {
            return Err(ModelManagerError::NotFound(format!("there is no model {name}")));
        }
        *self.0.lock().unwrap() = Some(Fetching { done: 1, of: 7 });
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<u64, ModelManagerError> {
        match name {
            "base" => Err(ModelManagerError::InUse("the model base is in use".into())),
            "broken" => Err(ModelManagerError::Failed("the disk broke".into())),
            _ => Ok(7),
        }
    }
}

#[tokio::test]
async fn models_are_listed_fetched_and_deleted_where_they_lie() {
    let world = Plan { models: Some(Arc::new(FakeModels::default())), ..Plan::default() }.build().await;
    let send = async |method, name: &str| {
        world.client.request(method, world.url(&format!("/api/v1/models/{name}"))).send().await.unwrap()
    };
    assert_eq!(send(Method::POST, "tiny").await.status(), 202);
    let listed = world.json("/api/v1/models").await;
    assert_eq!((&listed["here"], &listed["models"][0]["in_use"]), (&json!(true), &json!(true)));
    assert_eq!(listed["models"][1]["fetching"], json!({"done": 1, "of": 7}));
    let removed: Value = send(Method::DELETE, "tiny").await.json().await.unwrap();
    assert_eq!(removed, json!({"freed": 7}));
    assert_eq!(problem(send(Method::POST, "x").await).await, (404, "model_not_found".into()));
    assert_eq!(problem(send(Method::DELETE, "base").await).await, (409, "model_in_use".into()));
    assert_eq!(problem(send(Method::DELETE, "broken").await).await, (503, "unavailable".into()));
}

#[tokio::test]
async fn an_api_alone_says_that_the_models_are_elsewhere() {
    let world = world().await;
    assert_eq!(world.json("/api/v1/models").await, json!({"here": false, "models": []}));
    let fetch = world.post("/api/v1/models/tiny").send().await.unwrap();
    assert_eq!(problem(fetch).await, (501, "models_elsewhere".into()));
}

#[tokio::test]
async fn workers_queue_and_storage_are_seen_as_they_are() {
    let world = world().await;
    let (first, _second) = (world.upload().await, world.upload().await);
    let about = WorkerAbout { model: "base".into(), ..WorkerAbout::default() };
    world.store.beat("w1", &about).await.unwrap();
    world.store.claim(first, "w1", TEST_TIMEOUT).await.unwrap().unwrap();
    let seen = world.json("/api/v1/workers").await;
    assert_eq!(seen["statuses"], json!({"PENDING": 1, "PROCESSING": 1}));
    assert!(seen["oldest_waiting_at"].as_i64().unwrap() > 0);
    let worker = &seen["workers"][0];
    assert_eq!((&worker["id"], &worker["about"]["model"]), (&json!("w1"), &json!("base")));
    assert_eq!(worker["jobs"][0]["job_id"], json!(first));
    assert!(worker["jobs"][0]["lease_seconds"].as_f64().unwrap() > 0.0);
    let storage = world.json("/api/v1/storage").await;
    assert_eq!((&storage["recordings"], &storage["recording_bytes"]), (&json!(2), &json!(32)));
    assert!(storage["free_bytes"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn providers_are_shown_without_their_secrets_and_tested() {
    let variables = [
        ("OPENAI_API_KEY", "sk-geheim"),
        ("OPENAI_BASE_URL", "http://ann:geheim@127.0.0.1:9/v1"),
        ("OPENAI_MODEL_NAME", "m"),
    ];
    let env =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
    let llm = Config::load(None, env, Vec::new()).unwrap().llm;
    let world = Plan { llm, ..Plan::default() }.build().await;
    let listed = world.json("/api/v1/llm").await;
    let named = |name: &str| {
        let providers = listed["providers"].as_array().unwrap();
        providers.iter().find(|provider| provider["name"] == name).unwrap().clone()
    };
    assert!(!listed.to_string().contains("geheim"), "{listed}");
    let openai = json!({"name": "openai", "chosen": false, "address": "http://127.0.0.1:9/v1", "model": "m", "has_key": true});
    assert_eq!(named("openai"), openai);
    assert_eq!(
        (&named("extractive")["chosen"], &named("extractive")["address"]),
        (&json!(true), &Value::Null)
    );
    let check = async |name: &str| {
        let answer = world.post(&format!("/api/v1/llm/{name}/check")).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    };
    assert_eq!(check("extractive").await["ok"], true);
    let down = check("openai").await;
    assert_eq!(down["ok"], false);
    assert!(!down["detail"].as_str().unwrap().contains("geheim"), "{down}");
    // Nothing is configured but an address.
    assert!(check("gemini").await["detail"].as_str().unwrap().contains("GEMINI_API_KEY"));
    let unknown = world.post("/api/v1/llm/eliza/check").send().await.unwrap();
    assert_eq!(problem(unknown).await, (404, "not_found".into()));
}
