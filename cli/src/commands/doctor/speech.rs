//! What speech takes: its model, the processor, and ffmpeg beside it.

use std::thread;

use config::Config;
use indicatif::HumanBytes;
use tokio::process::Command;
use worker::models::{ModelEntry, ModelSource};

use super::{Check, Finding, services::CHECK_TIMEOUT};
use crate::{
    client::root_cause,
    speech::{find_model, find_speaker_model, missing},
};

/// Every check of these.
pub fn checks(config: &Config) -> [Check<'_>; 4] {
    [
        ("model", Box::pin(model(config))),
        ("speakers", Box::pin(speakers(config))),
        ("ffmpeg", Box::pin(ffmpeg(config))),
        ("processor", Box::pin(processor(config))),
    ]
}

/// Finds the speech model, or finds out whether it can be fetched.
async fn model(config: &Config) -> Finding {
    finding(config, find_model(&config.speech).await).await
}

/// Finds what tells speakers apart.
async fn speakers(config: &Config) -> Finding {
    match find_speaker_model(&config.speech).await {
        Ok(None) => Finding::ok("voices are told apart by what is built in"),
        Ok(Some(found)) => finding(config, Ok(found)).await,
        Err(error) => Finding::problem(error.to_string()),
    }
}

async fn finding(config: &Config, found: anyhow::Result<ModelSource>) -> Finding {
    match found {
        Err(error) => Finding::problem(error.to_string()),
        Ok(ModelSource::Missing(entry)) => fetchable(config, entry).await,
        Ok(ModelSource::Ready(file)) => Finding::ok(format!("{} is at {}", file.name, file.path.display())),
    }
}

async fn fetchable(config: &Config, entry: &ModelEntry) -> Finding {
    let (name, url) = (entry.name, entry.url(entry.home(&config.speech)));
    let (missing, bytes) = (missing(entry, &config.speech), HumanBytes(entry.bytes));
    let asked = async {
        telemetry::http::builder().timeout(CHECK_TIMEOUT).build()?.head(&url).send().await?.error_for_status()
    };
    match asked.await {
        Ok(_) => Finding::ok(format!(
            "{missing}; it is fetched when it is needed first ({bytes}), or now by `seogi models fetch {name}`"
        )),
        Err(error) => Finding::problem(format!(
            "{missing}, and {url} does not give it ({}); fetch it with another machine and save it as {}",
            root_cause(&error),
            entry.path_in(&config.speech.models).display()
        )),
    }
}

/// Looks for ffmpeg, which helps with rare formats.
async fn ffmpeg(config: &Config) -> Finding {
    if !config.speech.ffmpeg {
        return Finding::ok("not used, as configured; AC-3, WMA, AMR and AVI cannot be decoded");
    }
    match Command::new("ffmpeg").arg("-version").kill_on_drop(true).output().await {
        Ok(output) if output.status.success() => {
            let first = String::from_utf8_lossy(&output.stdout);
            Finding::ok(
                first.lines().next().unwrap_or_default().split(" Copyright").next().unwrap_or_default(),
            )
        }
        Ok(output) => {
            Finding::warning(format!("ffmpeg is there but does not run ({}); install it anew", output.status))
        }
        Err(_) => Finding::warning(
            "ffmpeg is not installed, so that AC-3, WMA, AMR and AVI cannot be decoded; install it if you have such recordings",
        ),
    }
}

/// Looks at what the processor can do.
async fn processor(config: &Config) -> Finding {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let missing = missing_features();
    if config.speech.threads > threads {
        return Finding::warning(format!(
            "speech.threads is {}, but there are only {threads} to use, which makes recognition far slower; set it to 0",
            config.speech.threads
        ));
    }
    if missing.is_empty() {
        return Finding::ok(format!("{threads} threads"));
    }
    Finding::warning(format!("{threads} threads, without {}; recognition is slow here", missing.join(", ")))
}

/// What the speech model's fast code paths need and this processor lacks.
#[cfg(target_arch = "x86_64")]
fn missing_features() -> Vec<&'static str> {
    let features = [
        ("AVX", is_x86_feature_detected!("avx")),
        ("AVX2", is_x86_feature_detected!("avx2")),
        ("FMA", is_x86_feature_detected!("fma")),
        ("F16C", is_x86_feature_detected!("f16c")),
    ];
    features.into_iter().filter(|(_, there)| !there).map(|(name, _)| name).collect()
}

/// What the speech model's fast code paths need is part of every processor of this kind.
#[cfg(not(target_arch = "x86_64"))]
fn missing_features() -> Vec<&'static str> {
    Vec::new()
}
