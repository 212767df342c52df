//! What Seogi talks to: database, Redis, storage, language model.

use std::{path::Path, sync::Arc, time::Duration};

use blobs::Blobs;
use config::Config;
use minutes::{Summariser, Templates};
use relay::{bus::InProcessBus, redis::RedisClient};
use store::Store;
use tokio::time::timeout;

use super::Finding;
use crate::about;

/// How long a server may take to say that it is there.
pub const CHECK_TIMEOUT: Duration = Duration::from_secs(15);

/// Reads from the database, and makes none.
pub async fn database(config: &Config) -> Finding {
    let (url, shown) = (config.database_url(), about::database(config));
    let file = url.strip_prefix("sqlite:").map(|path| path.trim_start_matches("//"));
    if file.is_some_and(|path| !Path::new(path.split('?').next().unwrap_or_default()).exists()) {
        return Finding::ok(format!("{shown} is made at the first start"));
    }
    let read_only = file.is_some_and(|path| !path.contains('?')).then(|| format!("{url}?mode=ro"));
    let url = read_only.unwrap_or(url);
    let store =
        match Store::connect(&url, 1, config.database.patience(), Arc::new(InProcessBus::default())).await {
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
    let answer =
        async { RedisClient::to(&config.redis.url).map_err(|error| error.to_string())?.check().await };
    match answer.await {
        Ok(()) => Finding::ok("Redis answers"),
        Err(error) => Finding::problem(error),
    }
}

/// Writes a recording of a few bytes and deletes it.
pub async fn storage(config: &Config) -> Finding {
    let checked = match Blobs::open(&config.storage) {
        Ok(blobs) => blobs.check().await.map(|()| blobs),
        Err(error) => Err(error),
    };
    match checked {
        Ok(blobs) => Finding::ok(format!("{} can be read and written", blobs.name())),
        Err(error) => Finding::problem(error.to_string()),
    }
}

/// Reads the templates of minutes.
pub async fn templates(config: &Config) -> Finding {
    let templates = match Templates::load(config) {
        Ok(templates) => templates,
        Err(error) => return Finding::problem(error.to_string()),
    };
    let (own, folder) = templates.own();
    let own = match own {
        0 => format!("there are none of your own in {}", folder.display()),
        own => format!("{own} of them are your own, from {}", folder.display()),
    };
    Finding::ok(format!("minutes can be written as {}; {own}", templates.names()))
}

/// Asks who writes the minutes whether it can.
pub async fn minutes(config: &Config) -> Finding {
    let checked = match Summariser::from_config(&config.llm) {
        Ok(summariser) => timeout(CHECK_TIMEOUT, async move { summariser.check().await }).await,
        Err(error) => Ok(Err(error)),
    };
    match checked {
        Ok(Ok(sentence)) => Finding::ok(sentence),
        Ok(Err(error)) => Finding::problem(error.to_string()),
        Err(_) => Finding::problem(format!("{} does not answer; start it", about::summariser(config))),
    }
}
