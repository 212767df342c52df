//! What a child takes away from itself before it sees a byte of a recording.

use std::io;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::Orders;

/// Limits memory and time, and everything that may be limited for ffmpeg, too.
pub(super) fn limit(orders: &Orders) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    linux::be_the_first_to_go()?;
    let memory = orders.memory.saturating_add(memory_now());
    set(Resource::Data, memory, memory)?;
    // The soft limit sends a signal that tells what was passed; the hard one only kills.
    set(Resource::Cpu, orders.seconds, orders.seconds + 1)?;
    set(Resource::Core, 0, 0)?;
    set(Resource::Fsize, 0, 0)
}

/// Gives up what decoding does not need: new files and sockets, and new threads and processes.
pub(super) fn give_up() -> io::Result<()> {
    set(Resource::Nproc, 0, 0)?;
    set(Resource::Nofile, 0, 0)
}

fn set(resource: Resource, current: u64, maximum: u64) -> io::Result<()> {
    Ok(setrlimit(resource, Rlimit { current: Some(current), maximum: Some(maximum) })?)
}

/// Bytes that count as taken already; 0 where the system does not tell, as on macOS, which does not hold this limit.
fn memory_now() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmData:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kibibytes.unwrap_or_default() * 1024
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{fs, io};

    use rustix::process::{Signal, set_parent_process_death_signal};

    /// Ends with the thread that started it, and before any other process where memory runs out.
    pub(super) fn be_the_first_to_go() -> io::Result<()> {
        // Where a sandbox has no such file, the limit of memory holds all the same.
        let _ = fs::write("/proc/self/oom_score_adj", "1000");
        Ok(set_parent_process_death_signal(Some(Signal::KILL))?)
    }
}
