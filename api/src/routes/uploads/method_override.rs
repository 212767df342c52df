//! `POST /api/v1/uploads/{upload_id}`: for clients whose way to here lets no other method through.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};

use super::{UploadPath, patch::patch, terminate::terminate};
use crate::{
    App,
    intake::tus::METHOD_OVERRIDE,
    problem::{Code, Problem, problems},
};

problems!(Problems: TusVersion, UploadNotFound, MethodNotAllowed, WrongOffset, FileEmpty, FileTooLarge, Timeout, StorageFull);

/// Do what `X-HTTP-Method-Override` says: `PATCH` or `DELETE`.
#[utoipa::path(post, path = "/api/v1/uploads/{upload_id}", operation_id = "override_upload_method",
    params(
        ("upload_id" = String, Path, format = Uuid),
        ("Tus-Resumable" = String, Header, description = "The protocol's version", pattern = "^1\\.0\\.0$"),
        ("X-HTTP-Method-Override" = String, Header, description = "`PATCH` or `DELETE`"),
    ),
    request_body(content = String, content_type = "application/offset+octet-stream"),
    responses(
        (status = 204, description = "As the other method"), Problems))]
pub async fn method_override(
    app: State<Arc<App>>,
    upload: UploadPath,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let method = headers.get(METHOD_OVERRIDE).map(|value| value.as_bytes().to_ascii_uppercase());
    match method.as_deref() {
        Some(b"PATCH") => patch(app, upload, headers, body).await.map(IntoResponse::into_response),
        Some(b"DELETE") => terminate(app, upload).await.map(IntoResponse::into_response),
        _ => {
            let sentence = "Pieces come by PATCH; where that is not let through, POST them with the header \
                            `X-HTTP-Method-Override: PATCH`.";
            Err(Problem::new(Code::MethodNotAllowed, sentence))
        }
    }
}
