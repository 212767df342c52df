//! What Seogi runs on: disk, processor, and what is installed beside it.

use std::{path::Path, thread};

use bytesize::ByteSize;
use indicatif::HumanBytes;
use shared::config::Config;
use tokio::process::Command;

use super::Finding;

/// Free space under which a warning is due: a few long recordings.
const LITTLE_SPACE: ByteSize = ByteSize::gib(2);

/// Looks at the free space where recordings are kept.
pub async fn disk(config: &Config) -> Finding {
    let data = config.storage.data.as_path();
    // The folder itself may not have been made yet.
    let Some(folder) = data.ancestors().find(|folder| folder.exists()) else {
        return measured(config, Path::new("."));
    };
    measured(config, if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
}

fn measured(config: &Config, folder: &Path) -> Finding {
    let (data, least) = (config.storage.data.display(), config.limits.min_free_space);
    let free = match fs4::available_space(folder) {
        Ok(free) => free,
        Err(error) => {
            return Finding::warning(format!("the free space of {data} cannot be measured ({error})"));
        }
    };
    let sentence = format!("{} are free for {data}", HumanBytes(free));
    if free < least.as_u64() {
        return Finding::problem(format!(
            "{sentence}, under the {least} below which no recording is accepted; make room, or set SEOGI_DATA to a folder elsewhere"
        ));
    }
    if free < LITTLE_SPACE.as_u64() {
        return Finding::warning(format!("{sentence}, which long recordings fill soon; make room"));
    }
    Finding::ok(sentence)
}

/// Looks for ffmpeg, which helps with rare formats.
pub async fn ffmpeg(config: &Config) -> Finding {
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
pub async fn processor(config: &Config) -> Finding {
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
