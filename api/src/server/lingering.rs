//! A connection that is closed gently.
//!
//! Whoever is refused in the middle of an upload still sends. If the connection were closed at once, the system would
//! answer those bytes with a reset, and the client might never read why it was refused. So after the last word this
//! side goes on reading for a moment, into nothing. Whoever asks and never reads is not waited for either.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// How long a client may go on sending after the last word.
const LINGER_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection that takes its leave before it closes.
pub struct Lingering {
    stream: TcpStream,
    deadline: Option<Pin<Box<Sleep>>>,
    /// How long the other side may take no byte of what it is sent.
    patience: Duration,
    stalled: Option<Pin<Box<Sleep>>>,
}

impl Lingering {
    /// A connection that will be closed gently.
    pub const fn new(stream: TcpStream, patience: Duration) -> Self {
        Self { stream, deadline: None, patience, stalled: None }
    }

    /// What came of writing, unless nothing has for too long.
    fn in_time(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(stalled.as_mut().poll(cx));
        Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read")))
    }
}

impl AsyncRead for Lingering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.in_time(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Self { stream, deadline, .. } = self.get_mut();
        let deadline = match deadline {
            Some(deadline) => deadline,
            None => {
                ready!(Pin::new(&mut *stream).poll_shutdown(cx))?;
                deadline.insert(Box::pin(sleep(LINGER_TIMEOUT)))
            }
        };
        let mut scrap = [0; 16 * 1024];
        while deadline.as_mut().poll(cx).is_pending() {
            let mut buf = ReadBuf::new(&mut scrap);
            match Pin::new(&mut *stream).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() => {}
                // Nothing more comes, or nobody is there any more.
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
            }
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.in_time(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::{io::AsyncWriteExt, net::TcpListener};

    use super::*;

    #[tokio::test]
    async fn whoever_never_reads_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        let mut connection = Lingering::new(stream, Duration::from_millis(50));
        let error = loop {
            if let Err(error) = connection.write_all(&[0; 64 * 1024]).await {
                break error;
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
