//! The OpenAPI document in the repository, of which the page's types are made.

use std::path::Path;

use crate::world::world;

#[tokio::test]
async fn the_document_in_the_repository_is_the_programs_own() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let current = format!("{:#}\n", world().await.json("/api/v1/openapi.json").await);
    if std::env::var_os("SEOGI_WRITE_OPENAPI").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let advice = "docs/openapi.json is not current: run SEOGI_WRITE_OPENAPI=1 cargo test -p api --test it openapi, then \
                  npm --prefix web run types";
    assert!(std::fs::read_to_string(&path).unwrap_or_default() == current, "{advice}");
}
