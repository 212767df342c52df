//! `PATCH /api/v1/uploads/{upload_id}`: the next piece of an upload.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
};
use shared::upload::UploadId;

use super::UploadPath;
use crate::{
    App,
    intake::{
        resumable, space,
        tus::{self, UPLOAD_OFFSET},
    },
    problem::{Code, Problem, problems},
};

/// What a piece's headers say.
struct Announced {
    at: u64,
    size: Option<u64>,
    content_length: u64,
}

problems!(Problems: TusVersion, UploadNotFound, WrongOffset, FileEmpty, FileTooLarge, Timeout, StorageFull);

/// Send the next piece; the last one makes the job, which `Seogi-Job` names.
///
/// Whatever came before a connection broke is kept.
#[utoipa::path(patch, path = "/api/v1/uploads/{upload_id}", operation_id = "patch_upload",
    params(
        ("upload_id" = String, Path, format = Uuid),
        ("Tus-Resumable" = String, Header, description = "The protocol's version", pattern = "^1\\.0\\.0$"),
        ("Upload-Offset" = u64, Header, description = "Number of the first byte"),
        ("Upload-Length" = Option<u64>, Header, description = "Bytes of the whole recording, where it was not said yet"),
    ),
    request_body(content = String, content_type = "application/offset+octet-stream"),
    responses(
        (status = 204, description = "Kept; `Upload-Offset` says where the next piece belongs"), Problems))]
pub async fn patch(
    State(app): State<Arc<App>>,
    UploadPath(id): UploadPath,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, HeaderMap), Problem> {
    if headers.get(CONTENT_TYPE).is_none_or(|kind| kind != "application/offset+octet-stream") {
        let sentence = "A piece of an upload has the content type `application/offset+octet-stream`.";
        return Err(Problem::new(Code::UnsupportedMediaType, sentence));
    }
    let at = tus::bytes(&headers, &UPLOAD_OFFSET)?
        .ok_or_else(|| Problem::invalid("Send `Upload-Offset`, the number of the piece's first byte."))?;
    let announced = Announced {
        at,
        size: tus::upload_length(&headers, &app.limits)?,
        content_length: tus::content_length(&headers),
    };
    // To its end, even if the client goes away: what has come is kept.
    let added = tokio::spawn(add(app, id, announced, body)).await;
    Ok((StatusCode::NO_CONTENT, added.map_err(|error| Problem::internal(&error))??))
}

async fn add(app: Arc<App>, id: UploadId, announced: Announced, body: Body) -> Result<HeaderMap, Problem> {
    let Announced { at, size, content_length } = announced;
    let mut upload = app.library.upload(id).await?;
    if let Some(size) = size {
        upload = app.library.size_upload(id, size).await?;
        if upload.size != Some(size) {
            return Err(Problem::invalid("`Upload-Length` contradicts what is known of this upload."));
        }
    }
    if upload.received != at {
        return Err(resumable::wrong_offset(upload.received));
    }
    if at.saturating_add(content_length) > resumable::max_bytes(&upload, &app.limits) {
        return Err(resumable::too_long(&upload, &app.limits));
    }
    space::check_pieces(&app, upload.size.unwrap_or(at.saturating_add(content_length)), at).await?;
    if !upload.is_whole() {
        upload = resumable::receive(&app, upload, body).await?;
    }
    let job = if upload.is_whole() { Some(resumable::finish(app, upload.clone()).await?) } else { None };
    Ok(tus::state(&upload, job))
}
