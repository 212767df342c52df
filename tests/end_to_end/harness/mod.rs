//! The program in a folder and on a port of its own, and clients to talk to it.

mod audio;
mod client;
mod outcome;
mod server;

pub use audio::*;
pub use client::*;
pub use outcome::*;
pub use server::*;
