//! End to end: the real program, as its users start it.

#[cfg(test)]
mod harness;

#[cfg(test)]
mod admin;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod chat;
#[cfg(test)]
mod containers;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod decoder;
#[cfg(test)]
mod edits;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod jobs;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod minutes;
#[cfg(test)]
mod pieces;
#[cfg(test)]
mod program;
#[cfg(test)]
mod real_speech;
#[cfg(test)]
mod speakers;
#[cfg(test)]
mod speech;
#[cfg(test)]
mod storage;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod vocabulary;
