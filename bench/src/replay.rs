//! All events of a finished job, as one client gets them.

use std::time::Instant;

use anyhow::{Result, ensure};
use reqwest::Client;

use crate::{
    fan_out::Script,
    program::{Program, percentile, print},
};

/// Measures and prints.
pub async fn measure(events: u64) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("data/seogi.db").display());
    let api = Program::seogi(&["api", "--port", "0"], folder.path(), &[])?;
    let plain = Program::plain()?;
    let mut script = Script::begin(&api.address, &url, None).await?;
    for _ in 0..events.div_ceil(100) {
        script.emit(100.min(events)).await?;
    }
    script.end().await?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        ours.push(
            milliseconds(&format!("{}/api/v1/jobs/{}/events", api.address, script.job()), events).await?,
        );
        theirs.push(milliseconds(&format!("{}/replay/{events}", plain.address), events).await?);
    }
    print(
        &format!("replay of {events} events"),
        "ms",
        percentile(&ours, 0.5),
        percentile(&theirs, 0.5),
        "50 for 5,000",
    );
    Ok(())
}

/// How long it takes until so many events have come and the stream ends.
async fn milliseconds(url: &str, events: u64) -> Result<f64> {
    let begun = Instant::now();
    let text = Client::new().get(url).send().await?.bytes().await?;
    let took = 1000.0 * begun.elapsed().as_secs_f64();
    let came = text.split(|byte| *byte == b'\n').filter(|line| line.starts_with(b"id:")).count() as u64;
    ensure!(came >= events, "only {came} events came");
    Ok(took)
}
