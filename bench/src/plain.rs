//! Plain handlers, to measure against: what axum and apalis-redis cost by themselves, without any promise.

use std::{convert::Infallible, sync::Arc, time::Duration};

use anyhow::Result;
use apalis::prelude::{BoxDynError, Data, WorkerBuilder};
use apalis_core::backend::TaskSink;
use apalis_redis::{Config, RedisStorage};
use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    response::sse::{Event, Sse},
    routing::{get, post},
};
use futures::{Stream, StreamExt, stream};
use tokio::{
    io::AsyncWriteExt,
    net::TcpListener,
    sync::{broadcast, mpsc::UnboundedSender},
    time::Instant,
};
use tokio_stream::wrappers::BroadcastStream;

/// What an event says, about as long as a segment's.
const EVENT: &str = r#"{"type":"transcript_segment","segment_number":1,"start":1.0,"end":1.75,"text":"Sentence number so and so of the meeting.","status":"PROCESSING","is_historical":false}"#;

/// Serves plain handlers on a free port, and prints its address.
pub async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let events = broadcast::Sender::<u64>::new(1024);
    let router = Router::new()
        .route("/readyz", get(async || "ready"))
        .route("/events", get(watch))
        .route("/emit/{number}", post(emit))
        .route(
            "/replay/{count}",
            get(async |Path(count): Path<u64>| Sse::new(stream::iter(1..=count).map(event))),
        )
        .route("/upload", post(upload))
        .with_state(Arc::new(events));
    Ok(axum::serve(listener, router).await?)
}

type Events = State<Arc<broadcast::Sender<u64>>>;

async fn watch(State(events): Events) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let numbers = BroadcastStream::new(events.subscribe());
    Sse::new(numbers.filter_map(async |number| number.ok().map(event)))
}

async fn emit(State(events): Events, Path(number): Path<u64>) {
    // An error says that nobody watches.
    let _ = events.send(number);
}

fn event(number: u64) -> Result<Event, Infallible> {
    Ok(Event::default().event("transcript_segment").id(number.to_string()).data(EVENT))
}

/// Writes the body to a file, neither synced nor summed.
async fn upload(body: Body) -> Result<(), String> {
    let wrong = |error: &dyn std::error::Error| error.to_string();
    let file = tempfile::NamedTempFile::new().map_err(|error| wrong(&error))?;
    let mut file = tokio::fs::File::from_std(file.reopen().map_err(|error| wrong(&error))?);
    let mut parts = body.into_data_stream();
    while let Some(part) = parts.next().await {
        file.write_all(&part.map_err(|error| wrong(&error))?).await.map_err(|error| wrong(&error))?;
    }
    file.flush().await.map_err(|error| wrong(&error))
}

/// Milliseconds from the push of each of `times` tasks to its handler, with apalis-redis as it comes. It is polled every
/// 10 ms; where that loses a wake-up, as it does often, the heartbeat makes up for it after a second.
pub async fn tasks(redis_url: &str, times: usize) -> Result<Vec<f64>> {
    let connection = apalis_redis::connect(redis_url).await?;
    let config = Config::default().queue("plain").batch_size(1).heartbeat_interval(Duration::from_secs(1));
    let mut storage = RedisStorage::<u64>::new(connection).with_config(config);
    let (began, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let backend =
        apalis_core::backend::ext::BackendExt::poll_with_interval(storage.clone(), Duration::from_millis(10));
    let worker = WorkerBuilder::new("plain").backend(backend).data(began).build(handle);
    let running = tokio::spawn(async move { worker.run().await });
    let mut waits = Vec::new();
    for number in 0..times as u64 {
        let pushed = Instant::now();
        storage.push(number).await?;
        let at: Instant =
            tokio::time::timeout(Duration::from_secs(60), begun.recv()).await?.unwrap_or(pushed);
        waits.push(1000.0 * (at - pushed).as_secs_f64());
    }
    running.abort();
    Ok(waits)
}

async fn handle(_: u64, began: Data<UnboundedSender<Instant>>) -> Result<(), BoxDynError> {
    Ok(began.send(Instant::now())?)
}
