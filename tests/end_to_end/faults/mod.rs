//! What breaks, and that nothing is lost by it: each job ends as it would have without the fault.

mod api;
mod clock;
mod database;
mod disk;
mod redis;
mod worker;
