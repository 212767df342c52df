//! The server: connections, their time-outs, their upgrades, and their end.

#[cfg(test)]
mod tests;

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, extract::ConnectInfo};
use config::ServerConfig;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tower_http::add_extension::AddExtension;

use crate::{
    App,
    intake::finisher,
    server::{
        connections::{Connections, Revocable},
        crowd::Crowd,
        lingering::Lingering,
        router::{crowded_router, router, status_router},
    },
};

/// Time that answers under way and open sockets have to come to their end when the server stops.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(1500);

/// Time that the handlers of sockets have to return after those were cut off.
const REVOKE_TIMEOUT: Duration = Duration::from_millis(500);

/// Bytes of a request that are held at a time, and so the longest head.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Serves the API until `app.stop` is cancelled, then ends its streams and sockets and returns within two seconds,
/// whoever is connected.
///
/// # Errors
/// When the listener has no address, which means that it is broken, or when an origin of the configuration is none.
pub async fn serve(listener: TcpListener, app: App, config: &ServerConfig) -> io::Result<()> {
    let stop = app.stop.clone();
    let app = Arc::new(app);
    let routers = Routers {
        usual: router(Arc::clone(&app), config)?,
        crowded: crowded_router(Arc::clone(&app), config)?,
    };
    tokio::spawn(finisher::run(app));
    serve_routers(listener, routers, config, stop).await
}

/// Serves what a process without the API says about itself, likewise.
///
/// # Errors
/// As [`serve`].
pub async fn serve_status(listener: TcpListener, app: App, config: &ServerConfig) -> io::Result<()> {
    let stop = app.stop.clone();
    let router = status_router(app);
    serve_routers(listener, Routers { usual: router.clone(), crowded: router }, config, stop).await
}

/// Who answers.
struct Routers {
    usual: Router,
    /// Answers those who come when as many are connected as may be.
    crowded: Router,
}

async fn serve_routers(
    mut listener: TcpListener,
    routers: Routers,
    config: &ServerConfig,
    stop: CancellationToken,
) -> io::Result<()> {
    tracing::info!(address = %listener.local_addr()?, "listening");
    let mut crowd = Crowd::new(routers.crowded);
    let mut http = http1::Builder::new();
    // axum's own server has no limit on the time that a head may take.
    http.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(config.header_timeout_seconds));
    // Whoever has asked and sends nothing more still reads.
    http.max_buf_size(MAX_HEAD_BYTES).half_close(true);
    let (connections, mut tasks) = (Connections::default(), JoinSet::new());
    let write_timeout = Duration::from_secs(config.write_timeout_seconds);
    let max_connections = config.connections(u64::MAX);
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = accept(&mut listener) => accepted,
            Some(_) = tasks.join_next() => continue,
        };
        if connections.count() >= max_connections {
            crowd.add(&mut tasks, stream);
            continue;
        }
        let stream = TokioIo::new(connections.open(Lingering::new(stream, write_timeout)));
        let service = TowerToHyperService::new(AddExtension::new(routers.usual.clone(), ConnectInfo(peer)));
        let connection = http.serve_connection(stream, service).with_upgrades();
        tasks.spawn(run(connection, stop.child_token()));
    }
    drop(listener);
    if !connections.drain(DRAIN_TIMEOUT).await {
        tracing::info!("some clients were still connected, and are cut off");
        connections.revoke();
        tasks.shutdown().await;
        connections.drain(REVOKE_TIMEOUT).await;
    }
    Ok(())
}

/// The routes, with the address that a connection comes from.
type Service = TowerToHyperService<AddExtension<Router, ConnectInfo<SocketAddr>>>;

type Connection = http1::UpgradeableConnection<TokioIo<Revocable<Lingering>>, Service>;

/// Serves one connection until it ends, is upgraded, or has answered what was asked when `stop` is cancelled.
async fn run(connection: Connection, stop: CancellationToken) {
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}

/// The next connection. Events are small and shall not wait for each other to fill a packet.
async fn accept(listener: &mut TcpListener) -> (TcpStream, SocketAddr) {
    let (stream, peer) = axum::serve::Listener::accept(listener).await;
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection stays slow");
    }
    (stream, peer)
}
