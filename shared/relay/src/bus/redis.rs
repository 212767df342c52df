//! The bus of many processes: the one inside each of them, joined by Redis pub/sub.

use serde::{Deserialize, Serialize};
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::{Bus, InProcessBus, Notice, Subscription};
use crate::redis::{Link, Speaker};
use shared::job::JobId;

/// The channel of all notices; each process hears it once, and passes on to its watchers what concerns them.
const CHANNEL: &str = "seogi:notices";

/// A notice on its way to other processes.
#[derive(Serialize, Deserialize)]
struct Letter {
    /// Who sent it, so that it can be told from its own echo.
    from: Uuid,
    job: JobId,
    notice: Notice,
}

/// A bus that reaches every process on the same Redis. Without Redis it still reaches this one.
pub struct RedisBus {
    here: InProcessBus,
    me: Uuid,
    speaker: Speaker,
    _ear: AbortOnDropHandle<()>,
}

impl RedisBus {
    /// Joins the processes on this Redis; they are found again when it was away.
    pub fn join(link: &Link) -> Self {
        let (here, me) = (InProcessBus::default(), Uuid::now_v7());
        let passed_on = here.clone();
        let heard = move |message: &[u8]| match serde_json::from_slice(message) {
            Ok(Letter { from, .. }) if from == me => {}
            Ok(Letter { job, notice, .. }) => passed_on.publish(job, notice),
            Err(error) => {
                tracing::warn!(%error, "a notice on Redis cannot be read; is another version running there?")
            }
        };
        Self { here, me, speaker: link.speak(CHANNEL), _ear: link.listen(CHANNEL, heard) }
    }
}

impl Bus for RedisBus {
    fn publish(&self, job: JobId, notice: Notice) {
        let letter = Letter { from: self.me, job, notice };
        self.speaker.say(serde_json::json!(letter).to_string().into_bytes());
        self.here.publish(job, letter.notice);
    }

    fn subscribe(&self, job: JobId) -> Subscription {
        self.here.subscribe(job)
    }
}
