//! Clients that come when as many are connected as may be: each is told so at once, and health checks are answered.

use std::{collections::VecDeque, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    net::TcpStream,
    task::{AbortHandle, JoinSet},
    time::timeout,
};

use crate::server::lingering::Lingering;

/// Connections beyond the limit; the oldest of them makes room for the next, so that nobody who only waits keeps a health
/// check out.
const MAX_CROWD: usize = 32;

/// Time that such a connection has for its one request and answer.
const CROWD_TIMEOUT: Duration = Duration::from_secs(5);

/// The connections beyond the limit.
pub struct Crowd {
    service: TowerToHyperService<Router>,
    newest: VecDeque<AbortHandle>,
}

impl Crowd {
    /// Nobody yet; `router` answers those who come.
    pub fn new(router: Router) -> Self {
        Self { service: TowerToHyperService::new(router), newest: VecDeque::new() }
    }

    /// Answers one request of the client.
    pub fn add(&mut self, tasks: &mut JoinSet<()>, stream: TcpStream) {
        if self.newest.len() >= MAX_CROWD
            && let Some(oldest) = self.newest.pop_front()
        {
            oldest.abort();
        }
        let stream = TokioIo::new(Lingering::new(stream, CROWD_TIMEOUT));
        let connection = http1::Builder::new()
            .keep_alive(false)
            .half_close(true)
            .serve_connection(stream, self.service.clone());
        let answer = async move {
            // Whatever it comes to: nobody else waits for this client.
            let _ = timeout(CROWD_TIMEOUT, connection).await;
        };
        self.newest.push_back(tasks.spawn(answer));
    }
}
