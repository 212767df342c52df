//! Redis: publishing and subscribing. What is lost while Redis is away stays lost; nothing rests on it.

use std::time::Duration;

use futures::StreamExt;
use redis::{
    AsyncCommands, Client, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio_util::task::AbortOnDropHandle;

/// Messages that wait while Redis is slow; more are dropped.
const OUTBOX_MESSAGES: usize = 4096;
/// How long one command may take, and how long to wait before connecting again.
const REDIS_TIMEOUT: Duration = Duration::from_secs(2);

/// The address is no address of a Redis server.
#[derive(Debug, thiserror::Error)]
#[error("the Redis URL is not understood ({0}); it looks like redis://:PASSWORD@HOST:6379/0")]
pub struct RedisUrlError(redis::RedisError);

/// A Redis server, which may be away at times.
#[derive(Clone)]
pub struct RedisClient {
    client: Client,
    connection: ConnectionManager,
}

impl RedisClient {
    /// A server by its URL. It need not be there yet.
    ///
    /// # Errors
    /// When the URL is none of Redis.
    pub fn to(url: &str) -> Result<Self, RedisUrlError> {
        let client = Client::open(url).map_err(RedisUrlError)?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(REDIS_TIMEOUT))
            .set_connection_timeout(Some(REDIS_TIMEOUT))
            .set_number_of_retries(1);
        let connection =
            ConnectionManager::new_lazy_with_config(client.clone(), config).map_err(RedisUrlError)?;
        Ok(Self { client, connection })
    }

    /// A connection that connects again by itself.
    pub(crate) fn connection(&self) -> ConnectionManager {
        self.connection.clone()
    }

    /// Whether the server answers.
    ///
    /// # Errors
    /// What is in the way, and what to do.
    pub async fn check(&self) -> Result<(), String> {
        let pong: RedisResult<String> = self.connection().ping().await;
        pong.map(drop)
            .map_err(|error| format!("Redis does not answer ({error}); start it, or check REDIS_URL"))
    }

    /// Somebody who publishes on a channel.
    pub(crate) fn publisher(&self, channel_name: &'static str) -> Publisher {
        let (outbox, waiting) = channel(OUTBOX_MESSAGES);
        tokio::spawn(publish_all(self.connection(), channel_name, waiting));
        Publisher { outbox }
    }

    /// Hands every message on the channel to `on_message`, until what is returned is dropped.
    pub(crate) fn listen(
        &self,
        channel_name: &'static str,
        on_message: impl Fn(&[u8]) + Send + Sync + 'static,
    ) -> AbortOnDropHandle<()> {
        let client = self.client.clone();
        AbortOnDropHandle::new(tokio::spawn(async move {
            loop {
                match listen(&client, channel_name, &on_message).await {
                    Ok(()) => tracing::warn!(channel_name, "Redis hung up; connecting again"),
                    Err(error) => {
                        tracing::warn!(channel_name, %error, "Redis cannot be subscribed to; trying again")
                    }
                }
                tokio::time::sleep(REDIS_TIMEOUT).await;
            }
        }))
    }
}

async fn listen(
    client: &Client,
    channel_name: &str,
    on_message: &(dyn Fn(&[u8]) + Send + Sync),
) -> RedisResult<()> {
    let mut pubsub = client.get_async_pubsub().await?;
    pubsub.subscribe(channel_name).await?;
    let mut messages = pubsub.on_message();
    while let Some(message) = messages.next().await {
        on_message(message.get_payload_bytes());
    }
    Ok(())
}

async fn publish_all(mut connection: ConnectionManager, channel_name: &str, mut waiting: Receiver<Vec<u8>>) {
    while let Some(message) = waiting.recv().await {
        let published: RedisResult<()> = connection.publish(channel_name, message).await;
        if let Err(error) = published {
            tracing::warn!(channel_name, %error, "Redis did not take a message; it is lost, and found by looking");
        }
    }
}

/// Publishes on a channel, without waiting.
#[derive(Clone)]
pub(crate) struct Publisher {
    outbox: Sender<Vec<u8>>,
}

impl Publisher {
    /// Publishes the message when Redis has time; drops it when it has none for long.
    pub(crate) fn publish(&self, message: Vec<u8>) {
        if self.outbox.try_send(message).is_err() {
            tracing::debug!("Redis is too slow or away; a message is dropped");
        }
    }
}
