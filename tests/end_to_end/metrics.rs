//! What the program measures of itself, in a real run, and the dashboard that draws it.

use std::collections::BTreeSet;

use prometheus_parse::{Scrape, Value};
use telemetry::metrics::Metrics;

use crate::harness::{Client, Home};

const DASHBOARD: &str = include_str!("../../docs/grafana-dashboard.json");

/// The figures of one process.
struct Figures(Scrape);

impl Figures {
    async fn of(client: &Client) -> Self {
        let answer = client.get("/metrics").await;
        assert!(answer.headers()["content-type"].to_str().unwrap().contains("version=1.0.0"));
        let text = answer.text().await.unwrap();
        assert!(text.ends_with("# EOF\n"), "{text}");
        let figures = Self(Scrape::parse(text.lines().map(|line| Ok(line.to_owned()))).unwrap());
        let names: BTreeSet<&str> = Metrics::NAMES.iter().copied().collect();
        for sample in &figures.0.samples {
            assert!(names.contains(bare(&sample.metric)), "{} is on no list", sample.metric);
        }
        figures
    }

    /// The sum over all samples of this name with these labels.
    fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let fits = |sample: &&prometheus_parse::Sample| {
            sample.metric == name
                && labels.iter().all(|(label, value)| sample.labels.get(label) == Some(value))
        };
        let value = |sample: &prometheus_parse::Sample| match &sample.value {
            Value::Counter(value) | Value::Gauge(value) | Value::Untyped(value) => *value,
            // What a histogram has counted is in its last bucket.
            Value::Histogram(buckets) => buckets.last().map_or(0.0, |bucket| bucket.count),
            Value::Summary(_) => 0.0,
        };
        self.0.samples.iter().filter(fits).map(value).sum()
    }
}

/// The name without what is put behind those of counters and histograms.
fn bare(name: &str) -> &str {
    let ends = ["_total", "_bucket", "_sum", "_count"];
    ends.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name)
}

#[tokio::test]
async fn figures_move_with_the_work_in_every_process() {
    let home = Home::new().with("SEOGI_WORKER_LISTEN", "127.0.0.1:0");
    let (api, worker) = (home.api(), home.worker());
    let recording = ground_truth::recording("short_en.wav");
    let before = Figures::of(&api.client).await;
    assert_eq!(before.sum("seogi_uploads_total", &[]), 0.0);
    assert_eq!(before.sum("seogi_build_info", &[("version", env!("CARGO_PKG_VERSION"))]), 1.0);
    let job = api.client.upload_file(&recording.path()).await;
    assert_eq!(api.client.finished(&job).await["status"], "COMPLETED", "{}", home.errors());
    assert_eq!(api.client.get("/api/v1/jobs/nothing").await.status(), 404);

    let after = Figures::of(&api.client).await;
    let bytes = std::fs::metadata(recording.path()).unwrap().len() as f64;
    let upload = [("method", "POST"), ("route", "/api/v1/jobs"), ("status", "202")];
    assert_eq!(after.sum("seogi_http_requests_total", &upload), 1.0);
    assert_eq!(after.sum("seogi_http_request_duration_seconds", &[("route", "/api/v1/jobs")]), 1.0);
    assert_eq!(
        (after.sum("seogi_uploads_total", &[]), after.sum("seogi_upload_bytes_total", &[])),
        (1.0, bytes)
    );
    assert_eq!(after.sum("seogi_http_errors_total", &[("code", "job_not_found")]), 1.0);
    assert_eq!(after.sum("seogi_sse_events_total", &[("event", "final_summary")]), 1.0);
    assert_eq!(
        (after.sum("seogi_jobs", &[("status", "COMPLETED")]), after.sum("seogi_jobs", &[])),
        (1.0, 1.0)
    );
    assert_eq!((after.sum("seogi_queue_depth", &[]), after.sum("seogi_database_up", &[])), (0.0, 1.0));

    let status = Client::new(worker_address(&home));
    assert_eq!(status.json("/healthz").await["status"], "ok");
    assert_eq!(status.json("/readyz").await["ready"], true);
    assert_eq!(status.get("/api/v1/jobs").await.status(), 404, "it says how it is, and no more");
    let worked = Figures::of(&status).await;
    for stage in ["load", "decode", "vad", "whisper", "summary"] {
        assert_eq!(worked.sum("seogi_stage_duration_seconds", &[("stage", stage)]), 1.0, "{stage}");
    }
    assert_eq!(worked.sum("seogi_work_ends_total", &[("outcome", "completed")]), 1.0);
    assert_eq!(worked.sum("seogi_real_time_factor", &[]), 1.0);
    assert!(worked.sum("seogi_audio_transcribed_seconds_total", &[]) > 1.0);
    assert_eq!(worker.stop(), Some(0));
}

/// Where the worker says that it listens.
fn worker_address(home: &Home) -> String {
    let log = home.errors();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let mut addresses = lines.filter_map(|line| Some(line["fields"]["address"].as_str()?.to_owned()));
    let address = addresses.next_back().expect("it listens somewhere");
    format!("http://{address}")
}

#[test]
fn the_dashboard_draws_what_there_is() {
    let dashboard: serde_json::Value = serde_json::from_str(DASHBOARD).unwrap();
    let names: BTreeSet<&str> = Metrics::NAMES.iter().copied().collect();
    let mut drawn = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            let expression = target["expr"].as_str().unwrap();
            let words = expression.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
            let drawn_here: Vec<&str> = words.filter(|word| word.starts_with("seogi_")).map(bare).collect();
            assert!(!drawn_here.is_empty(), "{expression}");
            drawn.extend(drawn_here);
        }
    }
    let unknown: Vec<_> = drawn.difference(&names).collect();
    assert!(unknown.is_empty(), "drawn, and nowhere measured: {unknown:?}");
    let forgotten: Vec<_> = names.difference(&drawn).collect();
    assert!(forgotten.is_empty(), "measured, and nowhere drawn: {forgotten:?}");
}
