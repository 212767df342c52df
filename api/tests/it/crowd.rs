//! More clients than may be connected.

use futures::future::join_all;
use tokio::net::TcpStream;

use crate::world::{Plan, TEST_TIMEOUT, World, problem};

async fn small(max_connections: usize) -> World {
    let mut plan = Plan::default();
    plan.server.max_connections = max_connections;
    plan.build().await
}

/// Clients that say nothing; the server has seen all of them once this returns.
async fn silent(world: &World, count: usize) -> Vec<TcpStream> {
    let clients = join_all((0..count).map(|_| TcpStream::connect(world.address))).await;
    clients.into_iter().map(Result::unwrap).collect()
}

#[tokio::test]
async fn at_the_limit_of_connections_health_checks_are_answered_and_others_are_told_so() {
    let world = small(4).await;
    let held = silent(&world, 4).await;
    let refused = world.get("/api/v1/jobs").send().await.unwrap();
    assert_eq!(refused.headers()["retry-after"], "5");
    assert_eq!(refused.headers()["connection"], "close");
    assert_eq!(problem(refused).await, (503, "too_many_connections".into()));
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(world.get(path).send().await.unwrap().status(), 200, "{path}");
    }
    drop(held);
    let let_in = async { while world.get("/api/v1/jobs").send().await.unwrap().status() != 200 {} };
    tokio::time::timeout(TEST_TIMEOUT, let_in).await.expect("there is room again");
}

#[tokio::test]
async fn those_who_wait_beyond_the_limit_keep_no_health_check_out() {
    let world = small(4).await;
    let _held = silent(&world, 200).await;
    for _ in 0..40 {
        assert_eq!(world.get("/healthz").send().await.unwrap().status(), 200);
    }
    assert_eq!(world.json("/readyz").await["ready"], true);
}
