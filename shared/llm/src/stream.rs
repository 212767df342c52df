//! An answer as a stream of events, which ends the request when it is dropped.

use std::task::Poll;

use futures::{FutureExt, Stream, StreamExt, channel::mpsc, stream};

use crate::{Answer, ChatRequest, LlmError, Piece, RetryingChat, TokenUsage};

/// What comes of an answer.
#[derive(Clone, Debug)]
pub enum ChatEvent {
    /// The next words.
    Text(String),
    /// The answer begins anew: what came so far was thinking after all, or the connection broke.
    Again,
    /// The whole answer; nothing comes after it.
    End(Answer),
}

impl From<Piece<'_>> for ChatEvent {
    fn from(piece: Piece<'_>) -> Self {
        match piece {
            Piece::Text(text) => Self::Text(text.to_owned()),
            Piece::Again => Self::Again,
        }
    }
}

impl RetryingChat {
    /// Asks, and asks again after failures that may pass. The stream ends with [`ChatEvent::End`] or with an error; when
    /// it is dropped before, the server is not waited for any more.
    pub fn stream<'a>(
        &'a self,
        request: ChatRequest,
        usage: &'a TokenUsage,
    ) -> impl Stream<Item = Result<ChatEvent, LlmError>> + Send + 'a {
        let (sender, mut pieces) = mpsc::unbounded();
        let mut asking = Box::pin(async move {
            // Nobody is gone who is to hear it: both are parts of one stream.
            let mut on_piece = |piece: Piece<'_>| drop(sender.unbounded_send(ChatEvent::from(piece)));
            self.ask(&request, usage, &mut on_piece).await
        });
        let (mut answer, mut ended) = (None, false);
        stream::poll_fn(move |cx| {
            if !ended && let Poll::Ready(outcome) = asking.poll_unpin(cx) {
                (answer, ended) = (Some(outcome), true);
            }
            match pieces.poll_next_unpin(cx) {
                Poll::Ready(Some(event)) => Poll::Ready(Some(Ok(event))),
                _ if ended => Poll::Ready(answer.take().map(|outcome| outcome.map(ChatEvent::End))),
                _ => Poll::Pending,
            }
        })
    }
}
