//! What the checks of answers find wrong.

#![cfg(test)]

use std::collections::HashMap;

use conformance::{Description, Expected};
use http::Method;
use serde_json::{Value, json};

fn content(method: Method, path: &str, status: u16) -> HashMap<String, Value> {
    match Description::current().expected(&method, path, status) {
        Expected::Content(kinds) => kinds,
        _ => panic!("{method} {path}: {status} is described"),
    }
}

#[test]
fn what_is_not_described_is_not_expected() {
    let current = Description::current();
    let expected = |method, path: &str, status| current.expected(&method, path, status);
    assert!(matches!(expected(Method::GET, "/api/v1/jobs", 200), Expected::Content(_)));
    assert!(matches!(expected(Method::HEAD, "/api/v1/jobs/1", 404), Expected::Content(_)));
    assert!(matches!(expected(Method::GET, "/api/v1/jobs", 201), Expected::Nothing(_)));
    assert!(matches!(expected(Method::PUT, "/api/v1/jobs", 405), Expected::AnyProblem));
    assert!(matches!(expected(Method::GET, "/assets/a.js", 200), Expected::Anything));
}

#[test]
fn what_does_not_fit_its_schema_is_a_fault() {
    let schema = content(Method::GET, "/healthz", 200)["application/json"].clone();
    let faults = |value| Description::current().faults(&schema, &value);
    assert!(faults(json!({"status": "ok"})).is_empty());
    for wrong in [json!({}), json!({"status": 1}), json!({"status": "ok", "more": 1}), json!(null)] {
        assert_eq!(faults(wrong.clone()).len(), 1, "{wrong}");
    }
}

#[test]
fn a_problem_has_one_of_the_codes_of_its_route() {
    let kinds = content(Method::POST, "/api/v1/jobs/1/cancel", 409);
    let problem =
        |code: &str| json!({"type": "urn:x", "title": "T", "status": 409, "detail": "D.", "code": code});
    let faults = |code| Description::current().faults(&kinds["application/problem+json"], &problem(code));
    assert!(faults("wrong_status").is_empty());
    assert_eq!(faults("key_reused").len(), 1);
}
