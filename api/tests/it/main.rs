//! The API as its clients meet it: a real server on a free port, a real database, and a script that plays the worker.

#![cfg(test)]

mod abuse;
mod access;
mod admin;
mod audio;
mod chat;
mod crowd;
mod edits;
mod forms;
mod hostile;
mod jobs;
mod limits;
mod meta;
mod openapi;
mod peaks;
mod protocol;
mod resumable;
mod sse;
mod stop;
mod summaries;
mod upload;
mod watching;
mod worker;
mod world;
