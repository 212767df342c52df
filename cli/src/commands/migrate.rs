//! `seogi migrate`: brings the database up to date.

use serde_json::json;

use crate::{Program, about, compose::Services};

/// Opens the database, which brings its tables up to date.
pub async fn run(program: Program) -> anyhow::Result<()> {
    let url = about::database(&program.config);
    Services::open(program.config).await?;
    if program.screen.is_json() {
        return program.screen.print_json(&json!({ "database": url, "up_to_date": true }));
    }
    Ok(program.screen.print(format!("The tables of {url} are up to date."))?)
}
