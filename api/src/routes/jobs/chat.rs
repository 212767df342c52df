//! Questions about a job, and their answers.

pub mod ask;
pub mod clear;
pub mod show;
