//! The server: connections, their time-outs, and their end.

use std::{io, sync::Arc, time::Duration};

use axum::Router;
use config::ServerConfig;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    App,
    intake::finisher,
    server::{
        lingering::Lingering,
        router::{router, status_router},
    },
};

/// Time that answers under way have to come to their end when the server stops.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(1500);

/// Bytes of a request that are held at a time, and so the longest head.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Serves the API until `app.stop` is cancelled, then ends its streams and returns within two seconds, whoever is
/// connected.
///
/// # Errors
/// When the listener has no address, which means that it is broken.
pub async fn serve(listener: TcpListener, app: App, config: &ServerConfig) -> io::Result<()> {
    let stop = app.stop.clone();
    let app = Arc::new(app);
    tokio::spawn(finisher::run(Arc::clone(&app)));
    serve_router(listener, router(app), config, stop).await
}

/// Serves what a process without the API says about itself, likewise.
///
/// # Errors
/// As [`serve`].
pub async fn serve_status(listener: TcpListener, app: App, config: &ServerConfig) -> io::Result<()> {
    let stop = app.stop.clone();
    serve_router(listener, status_router(app), config, stop).await
}

async fn serve_router(
    mut listener: TcpListener,
    router: Router,
    config: &ServerConfig,
    stop: CancellationToken,
) -> io::Result<()> {
    tracing::info!(address = %listener.local_addr()?, "listening");
    let service = TowerToHyperService::new(router);
    let mut http = http1::Builder::new();
    // axum's own server has no limit on the time that a head may take.
    http.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(config.header_timeout_seconds));
    http.max_buf_size(MAX_HEAD_BYTES);
    let (graceful, mut connections) = (GracefulShutdown::new(), JoinSet::new());
    loop {
        let stream = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            (stream, _) = accept(&mut listener) => stream,
            Some(_) = connections.join_next() => continue,
        };
        let connection = http.serve_connection(TokioIo::new(Lingering::new(stream)), service.clone());
        let connection = graceful.watch(connection);
        connections.spawn(async {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke");
            }
        });
    }
    drop(listener);
    if timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::info!("some clients were still connected, and are cut off");
    }
    connections.shutdown().await;
    Ok(())
}

/// The next connection. Events are small and shall not wait for each other to fill a packet.
async fn accept(listener: &mut TcpListener) -> (TcpStream, std::net::SocketAddr) {
    let (stream, peer) = axum::serve::Listener::accept(listener).await;
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection stays slow");
    }
    (stream, peer)
}
