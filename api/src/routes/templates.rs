//! `GET /api/v1/templates`: the kinds of minutes that can be asked for.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{App, extract::Json, problem::problems};

/// The kinds of minutes that can be asked for.
#[derive(Serialize, ToSchema)]
pub struct TemplateList {
    /// The built-in ones first, then the server's own.
    templates: Vec<TemplateEntry>,
    /// Name of the one that is taken where nobody asks for any.
    default: String,
}

/// A kind of minutes.
#[derive(Serialize, ToSchema)]
pub struct TemplateEntry {
    /// What to ask for.
    name: String,
    /// What people call it.
    title: String,
    /// What it is for, in a sentence.
    description: String,
}

problems!(Problems:);

/// List the templates that minutes can be written by.
#[utoipa::path(get, path = "/api/v1/templates", responses((status = 200, body = TemplateList), Problems))]
pub async fn templates(State(app): State<Arc<App>>) -> Json<TemplateList> {
    let entry = |template: &minutes::Template| TemplateEntry {
        name: template.name.clone(),
        title: template.title.clone(),
        description: template.description.clone(),
    };
    let templates = app.templates.iter().map(entry).collect();
    Json(TemplateList { templates, default: app.templates.default_name().to_owned() })
}
