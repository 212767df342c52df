//! Topics: what has a log of events, and those who watch it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{id::id, job::JobId};

id! {
    /// Names a room, in which several people speak at once.
    RoomId
}

id! {
    /// Names a conversation with the assistant.
    ConversationId
}

id! {
    /// Names somebody who uses the program.
    UserId
}

/// What has a log of events, and those who watch it. Its text, in the database and on the bus, is `job:` and so on with
/// the id behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Topic {
    /// One recording and its minutes.
    Job(JobId),
    /// A room with its participants.
    Room(RoomId),
    /// A conversation with the assistant.
    Conversation(ConversationId),
    /// Everything that concerns one user.
    User(UserId),
}

impl From<JobId> for Topic {
    fn from(id: JobId) -> Self {
        Self::Job(id)
    }
}

impl From<ConversationId> for Topic {
    fn from(id: ConversationId) -> Self {
        Self::Conversation(id)
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Job(id) => write!(f, "job:{id}"),
            Self::Room(id) => write!(f, "room:{id}"),
            Self::Conversation(id) => write!(f, "conversation:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
        }
    }
}

/// The text names no topic.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is no topic; one looks like job:01976b2e-…")]
pub struct UnknownTopic(String);

impl FromStr for Topic {
    type Err = UnknownTopic;

    fn from_str(text: &str) -> Result<Self, UnknownTopic> {
        let unknown = || UnknownTopic(text.to_owned());
        let (kind, id) = text.split_once(':').ok_or_else(unknown)?;
        let topic = match kind {
            "job" => id.parse().map(Self::Job),
            "room" => id.parse().map(Self::Room),
            "conversation" => id.parse().map(Self::Conversation),
            "user" => id.parse().map(Self::User),
            _ => return Err(unknown()),
        };
        topic.map_err(|_| unknown())
    }
}

impl From<Topic> for String {
    fn from(topic: Topic) -> Self {
        topic.to_string()
    }
}

impl TryFrom<String> for Topic {
    type Error = UnknownTopic;

    fn try_from(text: String) -> Result<Self, UnknownTopic> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_the_same_in_json_and_in_text() {
        let topics = [
            Topic::Job(JobId::new()),
            Topic::Room(RoomId::new()),
            Topic::Conversation(ConversationId::new()),
            Topic::User(UserId::new()),
        ];
        for topic in topics {
            assert_eq!(topic.to_string().parse::<Topic>().unwrap(), topic);
            assert_eq!(serde_json::to_value(topic).unwrap(), topic.to_string());
        }
        for text in ["", "job", "job:", "job:7", "desk:01976b2e-0000-7000-8000-000000000000"] {
            assert!(text.parse::<Topic>().unwrap_err().to_string().contains(text));
        }
    }
}
