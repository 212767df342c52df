//! Events from one process to another over Redis.

use std::{sync::Arc, time::Instant};

use anyhow::{Context, Result};
use relay::{
    bus::{Bus, Notice, RedisBus, Subscription},
    redis::RedisClient,
};
use shared::{
    event::{Event, LoggedEvent},
    job::{JobId, JobStatus},
    segment::Segment,
    topic::Topic,
};
use test_servers::Redis;

/// Events on their way at a time: fewer than a watcher's backlog, so that none is lost.
const IN_FLIGHT: u64 = 32;
/// Jobs that are worked on at the same time.
const TOPICS: usize = 64;

/// Prints how many events a second reach another process.
pub async fn measure(events: u64) -> Result<()> {
    let redis = Redis::start();
    let client = RedisClient::to(&redis.url())?;
    let (worker, api) = (RedisBus::join(&client), RedisBus::join(&client));
    let topics: Vec<Topic> = (0..TOPICS).map(|_| JobId::new().into()).collect();
    let mut subscriptions: Vec<Subscription> = topics.iter().map(|topic| api.subscribe(*topic)).collect();
    let first = topics.first().context("there are topics")?;
    // Both are there once one has received what the other sent.
    while !received(&worker, *first, subscriptions.first_mut().context("somebody watches")?).await {}
    let begun = Instant::now();
    let mut sent = 0;
    while sent < events {
        for (topic, subscription) in topics.iter().zip(&mut subscriptions) {
            (0..IN_FLIGHT).for_each(|number| worker.publish(*topic, notice(number)));
            for _ in 0..IN_FLIGHT {
                subscription.next().await.context("Redis is there")?;
            }
            sent += IN_FLIGHT;
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!("Redis\n  {:8.0} events a second from one process to another", sent as f64 / seconds);
    Ok(())
}

/// Whether an event arrives soon.
async fn received(bus: &RedisBus, topic: Topic, subscription: &mut Subscription) -> bool {
    bus.publish(topic, notice(0));
    let wait = std::time::Duration::from_millis(100);
    tokio::time::timeout(wait, subscription.next()).await.is_ok_and(|notice| notice.is_some())
}

fn notice(number: u64) -> Notice {
    let text = "We spoke about the budget of the quarter, and about what is to be done until Thursday.";
    let segment = Segment { number, start: 1.0, end: 6.0, text: text.into(), ..Segment::default() };
    let event = Event::TranscriptSegment { segment, status: JobStatus::Processing };
    Notice::Logged(Arc::new(LoggedEvent::new(number, event)))
}
