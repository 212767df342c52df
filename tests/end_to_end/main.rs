//! End to end: the real program, as its users start it.

mod harness;

mod architecture;
mod faults;
mod formats;
mod hostile;
mod jobs;
mod minutes;
mod program;
mod streams;
