//! How fast the API is there, and what it and a worker hold before there is work.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::program::{Program, percentile, print};

/// Measures and prints.
pub async fn measure() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut starts = Vec::new();
    for _ in 0..10 {
        let begun = Instant::now();
        let api = Program::seogi(&["api", "--port", "0"], folder.path(), &[])?;
        api.ready().await?;
        starts.push(begun.elapsed().as_secs_f64());
    }
    let begun = Instant::now();
    let plain = Program::plain()?;
    plain.ready().await?;
    print("start of the API to ready", "s", percentile(&starts, 0.5), begun.elapsed().as_secs_f64(), "0.1");

    let api = Program::seogi(&["api", "--port", "0"], folder.path(), &[])?;
    let worker = Program::seogi(&["worker"], folder.path(), &[])?;
    api.ready().await?;
    // Long enough for everything that is done once.
    tokio::time::sleep(Duration::from_secs(3)).await;
    for (what, figure, goal) in [("resident", "VmRSS", "40"), ("what they share counted once", "Pss", "-")] {
        let mib = |program: &Program| Ok::<_, anyhow::Error>(program.memory(figure)? / 1024.0);
        let (api, worker, plain) = (mib(&api)?, mib(&worker)?, mib(&plain)?);
        print(&format!("idle API, {what}"), "MiB", api, plain, "-");
        print(&format!("idle worker, {what}"), "MiB", worker, plain, "-");
        print(&format!("both, {what}"), "MiB", api + worker, plain, goal);
    }
    Ok(())
}
