//! An upload, kept and summed, against a copy of the same file.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use reqwest::{
    Body, Client,
    multipart::{Form, Part},
};
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

use crate::program::{Program, percentile, print};

/// Measures and prints; every way three times, in turn.
pub async fn measure(mib: u64) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("recording.bin");
    fill(&file, mib).await?;
    let api = Program::seogi(&["api", "--port", "0"], folder.path(), &[])?;
    let plain = Program::plain()?;
    api.ready().await?;
    let (before, copy) = (api.memory("VmHWM")?, folder.path().join("copy.bin"));
    let [mut ours, mut theirs, mut copies, mut synced] = [const { Vec::new() }; 4];
    for _ in 0..3 {
        copies.push(seconds(async { Ok(tokio::fs::copy(&file, &copy).await.map(drop)?) }).await?);
        let sync = async {
            tokio::fs::copy(&file, &copy).await?;
            Ok(tokio::fs::File::open(&copy).await?.sync_all().await?)
        };
        synced.push(seconds(sync).await?);
        theirs.push(seconds(send(&plain.address, "/upload", &file, false)).await?);
        ours.push(seconds(send(&api.address, "/api/v1/jobs", &file, true)).await?);
        tokio::fs::remove_dir_all(folder.path().join("data/recordings")).await?;
    }
    let [ours, theirs, copies, synced] = [ours, theirs, copies, synced].map(|times| percentile(&times, 0.5));
    print("upload", "s", ours, theirs, "-");
    print("speed of the upload, a copy being 1", "", copies / ours, copies / theirs, "0.7");
    print("the same, with a copy that is synced", "", synced / ours, synced / theirs, "-");
    println!("{:<44} {:9.2} MiB  goal 4", "memory that it adds", (api.memory("VmHWM")? - before) / 1024.0);
    Ok(())
}

/// Writes a file that cannot be compressed.
async fn fill(file: &Path, mib: u64) -> Result<()> {
    let mut random = tokio::io::AsyncReadExt::take(tokio::fs::File::open("/dev/urandom").await?, 1 << 20);
    let mut block = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut random, &mut block).await?;
    let mut file = tokio::fs::File::create(file).await?;
    for _ in 0..mib {
        file.write_all(&block).await?;
    }
    Ok(file.sync_all().await?)
}

async fn send(address: &str, path: &str, file: &Path, as_form: bool) -> Result<()> {
    let content = tokio::fs::File::open(file).await?;
    let length = content.metadata().await?.len();
    let body = Body::wrap_stream(ReaderStream::with_capacity(content, 256 * 1024));
    let request = Client::new().post(format!("{address}{path}")).timeout(Duration::from_secs(600));
    let part = Part::stream_with_length;
    let request = if as_form {
        request.multipart(Form::new().part("file", part(body, length).file_name("recording.wav")))
    } else {
        request.body(body)
    };
    let answer = request.send().await?;
    ensure!(answer.status().is_success(), "{}", answer.status());
    Ok(())
}

async fn seconds(task: impl Future<Output = Result<()>>) -> Result<f64> {
    let begun = Instant::now();
    task.await?;
    Ok(begun.elapsed().as_secs_f64())
}
