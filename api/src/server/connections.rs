//! The open connections of a server, which it can end whoever holds them.
//!
//! After an upgrade a connection belongs to the handler of its socket, and hyper's graceful stop does not know it any
//! more. So each connection is counted as long as it exists, and what is left when the time is up is revoked: every
//! further read and write fails.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::timeout,
};
use tokio_util::{
    sync::{CancellationToken, WaitForCancellationFutureOwned},
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

/// The open connections of a server.
#[derive(Default)]
pub struct Connections {
    open: TaskTracker,
    revoked: CancellationToken,
}

impl Connections {
    /// Counts the connection from now on until it is dropped.
    pub fn open<S>(&self, stream: S) -> Revocable<S> {
        // A token of its own, so that connections do not wait for each other's lock.
        let revoked = Box::pin(self.revoked.child_token().cancelled_owned());
        Revocable { stream, revoked, _open: self.open.token() }
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.open.len()
    }

    /// Waits until none is open; whether that came true in time.
    pub async fn drain(&self, limit: Duration) -> bool {
        self.open.close();
        timeout(limit, self.open.wait()).await.is_ok()
    }

    /// Makes every connection fail.
    pub fn revoke(&self) {
        self.revoked.cancel();
    }
}

/// A connection that its server can end.
pub struct Revocable<S> {
    stream: S,
    revoked: Pin<Box<WaitForCancellationFutureOwned>>,
    _open: TaskTrackerToken,
}

impl<S: Unpin> Revocable<S> {
    /// The stream, unless it was revoked.
    fn stream(&mut self, cx: &mut Context<'_>) -> io::Result<Pin<&mut S>> {
        if self.revoked.as_mut().poll(cx).is_ready() {
            return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the server stops"));
        }
        Ok(Pin::new(&mut self.stream))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Revocable<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream(cx)?.poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Revocable<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.stream(cx)?.poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream(cx)?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream(cx)?.poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream(cx)?.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
