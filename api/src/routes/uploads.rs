//! Resumable uploads, by the tus protocol: a lost connection costs nothing that had arrived.

pub mod create;
pub mod head;
pub mod method_override;
pub mod options;
pub mod patch;
pub mod terminate;

use axum::{extract::FromRequestParts, http::request::Parts};
use shared::upload::UploadId;

use crate::problem::{Code, Problem};

/// The upload that the path names.
pub struct UploadPath(pub UploadId);

impl<S: Send + Sync> FromRequestParts<S> for UploadPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let axum::extract::Path(name) =
            axum::extract::Path::<String>::from_request_parts(parts, state).await?;
        let unknown = |_| Problem::new(Code::UploadNotFound, "There is no upload of this name; begin one.");
        name.parse().map(Self).map_err(unknown)
    }
}
