//! What Seogi talks to: database, storage, speech model, language model.

use std::{path::Path, sync::Arc, time::Duration};

use indicatif::HumanBytes;
use shared::{blobs::Blobs, bus::InProcessBus, config::Config, llm::Summariser, redis::Link, store::Store};
use tokio::time::timeout;
use worker::models::{ModelEntry, ModelSource};

use super::Finding;
use crate::{about, client::root_cause};

/// How long a server may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(15);

/// Reads from the database, and makes none.
pub async fn database(config: &Config) -> Finding {
    let (url, shown) = (config.database_url(), about::database(config));
    let file = url.strip_prefix("sqlite:").map(|path| path.trim_start_matches("//"));
    if file.is_some_and(|path| !Path::new(path.split('?').next().unwrap_or_default()).exists()) {
        return Finding::ok(format!("{shown} is made at the first start"));
    }
    let read_only = file.is_some_and(|path| !path.contains('?')).then(|| format!("{url}?mode=ro"));
    let url = read_only.unwrap_or(url);
    let store = match Store::connect(&url, 1, Arc::new(InProcessBus::default())).await {
        Ok(store) => store,
        Err(error) => return Finding::problem(error.to_string()),
    };
    let finding = match store.check().await {
        Ok(()) => Finding::ok(format!("{shown} can be read")),
        Err(error) => Finding::problem(format!("{error}; `seogi migrate` brings old tables up to date")),
    };
    store.close().await;
    finding
}

/// Asks Redis, where it joins several processes.
pub async fn queue(config: &Config) -> Finding {
    if config.redis.url.is_empty() {
        return Finding::ok("queue and events stay in one process; REDIS_URL joins several");
    }
    let answer = async { Link::to(&config.redis.url).map_err(|error| error.to_string())?.check().await };
    match answer.await {
        Ok(()) => Finding::ok("Redis answers"),
        Err(error) => Finding::problem(error),
    }
}

/// Writes a recording of a few bytes and deletes it.
pub async fn storage(config: &Config) -> Finding {
    let checked = match Blobs::local(&config.storage.data) {
        Ok(blobs) => blobs.check().await,
        Err(error) => Err(error),
    };
    match checked {
        Ok(()) => Finding::ok(format!("{} can be written", config.storage.data.display())),
        Err(error) => Finding::problem(error.to_string()),
    }
}

/// Finds the speech model, or finds out whether it can be fetched.
pub async fn model(config: &Config) -> Finding {
    match about::find_model(&config.speech).await {
        Err(error) => Finding::problem(error.to_string()),
        Ok(ModelSource::Missing(entry)) => fetchable(config, entry).await,
        Ok(ModelSource::Ready(file)) => match file.notice {
            Some(notice) => Finding::warning(format!("{}: {notice}", file.name)),
            None => Finding::ok(format!("{} is at {}", file.name, file.path.display())),
        },
    }
}

async fn fetchable(config: &Config, entry: &ModelEntry) -> Finding {
    let (name, url) = (entry.name, entry.url(&config.speech.model_url));
    let asked = async {
        shared::http::builder().timeout(PATIENCE).build()?.head(&url).send().await?.error_for_status()
    };
    match asked.await {
        Ok(_) => Finding::ok(format!(
            "{name} is not here yet; it is fetched with the first recording ({}), or now by `seogi models fetch {name}`",
            HumanBytes(entry.bytes)
        )),
        Err(error) => Finding::problem(format!(
            "{name} is not here, and {url} does not give it ({}); fetch it with another machine and save it as {}",
            root_cause(&error),
            entry.path_in(&config.speech.models).display()
        )),
    }
}

/// Asks who writes the minutes whether it can.
pub async fn minutes(config: &Config) -> Finding {
    let checked = match Summariser::from_config(&config.llm) {
        Ok(summariser) => timeout(PATIENCE, async move { summariser.check().await }).await,
        Err(error) => Ok(Err(error)),
    };
    match checked {
        Ok(Ok(sentence)) => Finding::ok(sentence),
        Ok(Err(error)) => Finding::problem(error.to_string()),
        Err(_) => Finding::problem(format!("{} does not answer; start it", about::summariser(config))),
    }
}
