//! `seogi serve` and `seogi api`: a server until it is stopped.

use std::net::{IpAddr, SocketAddr};

use clap::Args;
use serde_json::json;

use crate::{
    Program,
    compose::{self, Services},
    open_files, private,
    screen::Screen,
};

/// Where to listen.
#[derive(Args)]
pub struct Listen {
    /// Address to listen on (HOST)
    #[arg(long, value_name = "ADDRESS")]
    pub host: Option<IpAddr>,
    /// Port to listen on; 0 takes a free one (PORT)
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
}

/// Serves with a worker inside, until it is stopped.
#[cfg(feature = "worker")]
pub async fn everything(program: Program) -> anyhow::Result<()> {
    let Program { mut config, screen, stop, .. } = program;
    config.server.max_connections = config.server.connections(open_files::raise_limit());
    private::keep(&config);
    let services = Services::open(config.clone()).await?;
    let (listener, address) = compose::listen(&config).await?;
    crate::speech::report(&config, &screen).await?;
    announce(&screen, address)?;
    services.run_everything(listener, stop.token().clone()).await
}

/// Serves alone, until it is stopped.
pub async fn api(program: Program) -> anyhow::Result<()> {
    let Program { mut config, screen, stop, .. } = program;
    config.server.max_connections = config.server.connections(open_files::raise_limit());
    private::keep(&config);
    let services = Services::open(config.clone()).await?;
    let (listener, address) = compose::listen(&config).await?;
    screen.notice(
        "The API alone: start `seogi worker` beside it, over the same database and recordings; with REDIS_URL it hears \
         of jobs at once.",
    );
    announce(&screen, address)?;
    services.run_api(listener, stop.token().clone()).await
}

/// The address is the command's result.
fn announce(screen: &Screen, address: SocketAddr) -> anyhow::Result<()> {
    let url = format!("http://{address}");
    if screen.is_json() {
        return screen.print_json(&json!({ "type": "listening", "url": url }));
    }
    Ok(screen.print(format!("Seogi listens on {url}"))?)
}
