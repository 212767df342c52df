//! `seogi models`: the models for speech and for speakers.

use std::path::Path;

use clap::{Args, Subcommand};
use indicatif::HumanBytes;
use serde_json::json;
use worker::models::{self, ModelFile, ModelKind};

use crate::Program;

/// What to do with which model.
#[derive(Args)]
pub struct Models {
    /// Without one, the models are listed
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// List the models that can be fetched by name, and those that are there
    List,
    /// Fetch a model; a transfer that broke off goes on where it stopped
    Fetch {
        /// Its name
        name: String,
    },
    /// Delete a model's file
    Remove {
        /// Its name
        name: String,
    },
    /// Print the folder that models are kept in
    Path,
}

impl Models {
    /// Does it.
    pub async fn run(self, program: Program) -> anyhow::Result<()> {
        let folder = program.config.speech.models.as_path();
        match self.action.unwrap_or(Action::List) {
            Action::List => list(&program, folder),
            Action::Fetch { name } => {
                let fetching = fetch(&program, &name);
                program.stop.or_interrupted("; the next try goes on where this one stopped", fetching).await
            }
            Action::Remove { name } => remove(&program, &name),
            Action::Path => path(&program, folder),
        }
    }
}

fn list(program: &Program, folder: &Path) -> anyhow::Result<()> {
    let installed = models::list_installed(folder)?;
    let is_there = |name: &str| installed.iter().any(|model| model.name == name);
    for entry in models::catalogue() {
        let place = match models::bundled(entry, &program.config.speech) {
            _ if is_there(entry.name) => Place::Folder,
            Some(_) => Place::Bundled,
            None => Place::Elsewhere,
        };
        print(program, entry.name, entry.kind, entry.bytes, place)?;
    }
    for model in installed.iter().filter(|model| model.entry.is_none()) {
        print(program, &model.name, model.kind, model.bytes, Place::Folder)?;
    }
    Ok(())
}

/// Where a model is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the models folder.
    Folder,
    /// Beside the program.
    Bundled,
    /// Where it is fetched from.
    Elsewhere,
}

/// One model.
fn print(program: &Program, name: &str, kind: ModelKind, bytes: u64, place: Place) -> anyhow::Result<()> {
    let speech = &program.config.speech;
    let (word, chosen) = match kind {
        ModelKind::Speech => ("speech", &speech.model),
        ModelKind::Speakers => ("speakers", &speech.speakers.model),
    };
    let chosen = chosen == name;
    if program.screen.is_json() {
        return program.screen.print_json(&json!({
            "name": name, "kind": word, "bytes": bytes, "installed": place != Place::Elsewhere, "default": chosen,
            "bundled": place == Place::Bundled,
        }));
    }
    let size = HumanBytes(bytes).to_string();
    let mut notes = Vec::new();
    if kind == ModelKind::Speakers {
        notes.push("tells speakers apart");
    }
    match place {
        Place::Folder => notes.push("there"),
        Place::Bundled => notes.push("there, came with the program"),
        Place::Elsewhere => {}
    }
    if chosen {
        notes.push("used by default");
    }
    let line = format!("{name:<22} {size:>11}  {}", notes.join(", "));
    Ok(program.screen.print(line.trim_end())?)
}

async fn fetch(program: &Program, name: &str) -> anyhow::Result<()> {
    let kind = models::find(name).map_or(ModelKind::Speech, |entry| entry.kind);
    let file = fetched(program, kind, name).await?;
    done(program, &file.name, format!("{} is at {}", file.name, file.path.display()))
}

/// A model that is there, or is fetched with a bar that shows how far that is.
///
/// # Errors
/// When it cannot be had.
pub async fn fetched(program: &Program, kind: ModelKind, name: &str) -> anyhow::Result<ModelFile> {
    let bar = program.screen.byte_bar(format!("fetching {name}"), 0);
    let drawn = bar.clone();
    let on_progress = move |done, all| {
        drawn.set_length(all);
        drawn.set_position(done);
    };
    let file = models::ensure(kind, name, &program.config.speech, on_progress).await?;
    bar.finish_and_clear();
    Ok(file)
}

fn remove(program: &Program, name: &str) -> anyhow::Result<()> {
    let freed = models::remove(name, &program.config.speech)?;
    done(program, name, format!("{name} is deleted, {} are free again", HumanBytes(freed)))
}

fn path(program: &Program, folder: &Path) -> anyhow::Result<()> {
    let folder = std::path::absolute(folder)?;
    if program.screen.is_json() {
        return program.screen.print_json(&json!({ "path": folder }));
    }
    Ok(program.screen.print(folder.display())?)
}

fn done(program: &Program, name: &str, sentence: String) -> anyhow::Result<()> {
    if program.screen.is_json() {
        return program.screen.print_json(&json!({ "name": name, "done": true }));
    }
    Ok(program.screen.print(sentence)?)
}
