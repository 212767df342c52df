//! What the program measures of itself, for Prometheus. This list is all there is; `docs/operations.md` says what to
//! look at, and `docs/grafana-dashboard.json` draws it.
//!
//! Counters and histograms are this process's own. What is counted in the database (jobs, the queue) is set when somebody
//! asks, and is the same from every process: take the maximum over them, not the sum.

use std::{
    sync::{LazyLock, atomic::AtomicU64},
    time::{Duration, Instant},
};

use prometheus_client::{
    encoding::text,
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::Registry,
};

use shared::{counts::JobCounts, coverage::SpeechCoverage};

/// The metrics of this process.
pub static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::register);

/// What [`Metrics::text`] is, for the header `Content-Type`.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What every name begins with.
const PREFIX: &str = "seogi";

/// Labels with their values. Values come from short lists in the code and from routes, never from requests.
type Labels<const N: usize> = [(&'static str, String); N];
type Counters<const N: usize> = Family<Labels<N>, Counter>;
type Gauges<const N: usize> = Family<Labels<N>, Gauge>;
type Histograms<const N: usize> = Family<Labels<N>, Histogram, fn() -> Histogram>;
type Seconds = Gauge<f64, AtomicU64>;
type SecondsBy<const N: usize> = Family<Labels<N>, Counter<f64, AtomicU64>>;

/// The list: field, type, first value, name, what it says.
macro_rules! metrics {
    ($($field:ident: $kind:ty = $make:expr, $name:literal, $help:literal;)+) => {
        /// What is measured.
        pub struct Metrics {
            registry: Registry,
            $(#[doc = $help] pub $field: $kind,)+
        }

        impl Metrics {
            /// Every name, without what Prometheus puts behind those of counters and histograms.
            pub const NAMES: &[&str] = &[$(concat!("seogi_", $name)),+];

            fn register() -> Self {
                let mut registry = Registry::with_prefix(PREFIX);
                $(let $field: $kind = $make;
                registry.register($name, $help, $field.clone());)+
                Self { registry, $($field),+ }
            }
        }
    };
}

metrics! {
    build: Gauges<1> = build(), "build_info", "1, with the program's version";
    database_up: Gauge = Gauge::default(), "database_up", "Whether the database answered when this was asked for";
    database_seconds: Histogram = statement_times(), "database_statement_duration_seconds", "Time until the database answered a statement";
    jobs: Gauges<1> = Family::default(), "jobs", "Jobs in the database, by status";
    queue_depth: Gauge = Gauge::default(), "queue_depth", "Jobs that wait for a worker";
    queue_oldest: Seconds = Gauge::default(), "queue_oldest_age_seconds", "Age of the oldest job that waits for a worker";
    requests: Counters<3> = Family::default(), "http_requests", "HTTP requests answered, by method, route and status";
    request_seconds: Histograms<1> = Family::new_with_constructor(request_times), "http_request_duration_seconds", "Time until an answer begins, by route";
    errors: Counters<1> = Family::default(), "http_errors", "Requests that were refused or failed, by the problem's code";
    uploads: Counter = Counter::default(), "uploads", "Recordings accepted";
    upload_bytes: Counter = Counter::default(), "upload_bytes", "Bytes of the recordings accepted";
    watchers: Gauge = Gauge::default(), "sse_watchers", "Connections that watch a job's events";
    events: Counters<1> = Family::default(), "sse_events", "Events sent to watchers, by name";
    work_ends: Counters<2> = Family::default(), "work_ends", "How work on jobs ended: outcome (completed, failed, interrupted, storage_away, left to others, database_away) and code";
    stage_seconds: Histograms<1> = Family::new_with_constructor(stage_times), "stage_duration_seconds", "Time that one recording spent in a stage: load, decode, vad, whisper, summary";
    real_time_factor: Histogram = real_time_factors(), "real_time_factor", "Time that a transcription took, by its recording's length; under 1 is faster than speech";
    audio_seconds: Counter<f64, AtomicU64> = Counter::default(), "audio_transcribed_seconds", "Length of the recordings transcribed";
    speech_seconds: SecondsBy<1> = Family::default(), "speech_seconds", "Voiced time of recordings by what became of it: covered by text, given up; and heard_again, which is part of both";
    llm_requests: Counters<2> = Family::default(), "llm_requests", "Requests to the language model, by provider and outcome (ok, or the error's code)";
    llm_tokens: Counters<2> = Family::default(), "llm_tokens", "Tokens of the language model, by provider and direction (in, out)";
    llm_retries: Counters<1> = Family::default(), "llm_retries", "Requests to the language model that were made again, by provider";
    jobs_expired: Counter = Counter::default(), "jobs_expired", "Jobs deleted because their time was up";
    blobs_swept: Counter = Counter::default(), "recordings_swept", "Recordings deleted that belonged to no job";
}

impl Metrics {
    /// Everything as Prometheus reads it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        if let Err(error) = text::encode(&mut text, &self.registry) {
            tracing::error!(%error, "the metrics could not be written");
        }
        text
    }

    /// Takes over what was counted in the database; none when it did not answer, whose figures are then left out.
    pub fn count(&self, counts: Option<&JobCounts>) {
        self.database_up.set(i64::from(counts.is_some()));
        self.jobs.clear();
        let Some(counts) = counts else { return };
        for (status, count) in &counts.jobs {
            self.jobs.get_or_create(&[("status", status.to_string())]).set(count.cast_signed());
        }
        self.queue_depth.set(counts.waiting.cast_signed());
        self.queue_oldest.set(counts.oldest.as_secs_f64());
    }

    /// Counts how much of the speech in a part of a recording is in its text.
    pub fn count_speech(&self, coverage: &SpeechCoverage) {
        let outcomes = [
            ("covered", coverage.covered_seconds),
            ("given_up", coverage.given_up_seconds),
            ("heard_again", coverage.heard_again_seconds),
        ];
        for (outcome, seconds) in outcomes {
            self.speech_seconds.get_or_create(&[("outcome", outcome.to_owned())]).inc_by(seconds.max(0.0));
        }
    }

    /// Counts a connection that watches, until what is returned is dropped.
    pub fn watching(&self) -> Watching {
        self.watchers.inc();
        Watching(self.watchers.clone())
    }
}

/// A connection that watches.
pub struct Watching(Gauge);

impl Drop for Watching {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The time that one recording spends in a stage, told when this is dropped.
pub struct Stopwatch {
    stage: &'static str,
    spent: Duration,
}

impl Stopwatch {
    /// For a stage that has not begun.
    pub const fn new(stage: &'static str) -> Self {
        Self { stage, spent: Duration::ZERO }
    }

    /// Does a part of the stage's work.
    pub fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let done = work();
        self.spent += begun.elapsed();
        done
    }

    /// Waits for a part of the stage's work; waiting that is given up counts as well.
    pub async fn wait<T>(&mut self, work: impl Future<Output = T>) -> T {
        let _lap = Lap { spent: &mut self.spent, begun: Instant::now() };
        work.await
    }
}

/// Adds the time since it began when it is dropped.
struct Lap<'a> {
    spent: &'a mut Duration,
    begun: Instant,
}

impl Drop for Lap<'_> {
    fn drop(&mut self) {
        *self.spent += self.begun.elapsed();
    }
}

impl Drop for Stopwatch {
    fn drop(&mut self) {
        if self.spent > Duration::ZERO {
            METRICS
                .stage_seconds
                .get_or_create(&[("stage", self.stage.to_owned())])
                .observe(self.spent.as_secs_f64());
        }
    }
}

fn build() -> Gauges<1> {
    let build = Gauges::default();
    build.get_or_create(&[("version", env!("CARGO_PKG_VERSION").to_owned())]).set(1);
    build
}

fn request_times() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 4.0, 8))
}

fn statement_times() -> Histogram {
    Histogram::new(exponential_buckets(0.000_25, 4.0, 8))
}

fn stage_times() -> Histogram {
    Histogram::new(exponential_buckets(0.05, 3.0, 10))
}

fn real_time_factors() -> Histogram {
    Histogram::new([0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0])
}
