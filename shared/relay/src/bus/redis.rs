//! The bus of many processes: the one inside each of them, joined by Redis pub/sub.

use serde::{Deserialize, Serialize};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::{Bus, InProcessBus, Notice, Subscription};
use crate::redis::{Publisher, RedisClient};
use shared::topic::Topic;

/// The channel of all notices; each process subscribes to it once, and passes on to its watchers what concerns them.
const CHANNEL: &str = "seogi:topics";

/// A notice on its way to other processes.
#[derive(Serialize, Deserialize)]
struct Envelope {
    /// Who sent it, so that it can be recognised as its own.
    from: Uuid,
    topic: Topic,
    notice: Notice,
}

/// A bus that reaches every process on the same Redis. Without Redis it still reaches this one.
pub struct RedisBus {
    here: InProcessBus,
    me: Uuid,
    publisher: Publisher,
    _subscription: AbortOnDropHandle<()>,
}

impl RedisBus {
    /// Joins the processes on this Redis; they are found again when it was away.
    pub fn join(client: &RedisClient) -> Self {
        let (here, me) = (InProcessBus::default(), Uuid::now_v7());
        let passed_on = here.clone();
        let on_message = move |message: &[u8]| match serde_json::from_slice(message) {
            Ok(Envelope { from, .. }) if from == me => {}
            Ok(Envelope { topic, notice, .. }) => passed_on.publish(topic, notice),
            Err(error) => {
                tracing::warn!(%error, "a notice on Redis cannot be read; is another version running there?")
            }
        };
        Self {
            here,
            me,
            publisher: client.publisher(CHANNEL),
            _subscription: client.listen(CHANNEL, on_message),
        }
    }
}

impl Bus for RedisBus {
    fn publish(&self, topic: Topic, notice: Notice) {
        let envelope = Envelope { from: self.me, topic, notice };
        self.publisher.publish(serde_json::json!(envelope).to_string().into_bytes());
        self.here.publish(topic, envelope.notice);
    }

    fn subscribe(&self, topic: Topic) -> Subscription {
        self.here.subscribe(topic)
    }
}
