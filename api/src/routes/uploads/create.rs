//! `POST /api/v1/uploads`: an upload begins.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, StatusCode, header::LOCATION},
};

use crate::{
    App,
    intake::{
        space,
        tus::{self, UPLOAD_DEFER_LENGTH},
    },
    problem::{Problem, problems},
};

problems!(Problems: TusVersion, FileEmpty, FileTooLarge, FieldLimit, StorageFull);

/// Begin a resumable upload (tus 1.0).
///
/// `Upload-Metadata` holds `filename` and the same fields as the form of `POST /api/v1/jobs`.
#[utoipa::path(post, path = "/api/v1/uploads", operation_id = "create_upload",
    params(
        ("Tus-Resumable" = String, Header, description = "The protocol's version", pattern = "^1\\.0\\.0$"),
        ("Upload-Length" = Option<u64>, Header, description = "Bytes of the whole recording", minimum = 1),
        ("Upload-Defer-Length" = Option<u64>, Header, description = "`1`: the length is said later", minimum = 1, maximum = 1),
        ("Upload-Metadata" = Option<String>, Header, description = "Keys and values in Base64"),
    ),
    responses(
        (status = 201, description = "Begun", headers(("Location" = String, description = "The upload's address"))), Problems))]
pub async fn create(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Result<(StatusCode, [(HeaderName, String); 1], HeaderMap), Problem> {
    let size = tus::upload_length(&headers, &app.limits)?;
    if size.is_some() == (headers.get(UPLOAD_DEFER_LENGTH).is_some_and(|value| value == "1")) {
        return Err(Problem::invalid("Send either `Upload-Length`, or `Upload-Defer-Length: 1`."));
    }
    let (name, fields) = tus::metadata(&headers, &app.limits)?;
    // What would be refused in the end need not come at all.
    fields.clone().parse(&app.templates, &app.limits)?;
    space::check_pieces(&app, size.unwrap_or_default(), 0).await?;
    let upload = app.library.create_upload(&name, fields.values(), size, app.limits.upload_kept()).await?;
    let location = [(LOCATION, format!("/api/v1/uploads/{}", upload.id))];
    Ok((StatusCode::CREATED, location, tus::state(&upload, None)))
}
