//! The account of a run.

use std::{collections::BTreeMap, fmt, time::Duration};

use crate::jobs::Outcome;

/// What happened, and what became of the jobs.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Faults by kind, and how many of each there were.
    pub faults: BTreeMap<String, usize>,
    /// Jobs that were accepted.
    pub jobs: usize,
    /// Jobs that are gone, or are not as they should be.
    pub lost: usize,
    /// Jobs of which something is there twice, or was told twice.
    pub duplicated: usize,
    /// Jobs that did not end.
    pub stuck: usize,
    /// How often a job was given up after three dead workers at one place, and begun again by hand.
    pub retried: usize,
    /// Answers to people that were compared with what is stored.
    pub compared: usize,
    /// The longest time from the death of a worker to the moment when another one went on with its job.
    pub longest_recovery: Duration,
    /// The longest time that a process took to stop when it was asked to.
    pub longest_stop: Duration,
}

impl Report {
    /// Whether no job came to harm.
    pub fn is_clean(&self) -> bool {
        self.lost + self.duplicated + self.stuck == 0
    }

    pub(crate) fn count(&mut self, outcome: Outcome) {
        self.jobs += 1;
        self.lost += usize::from(outcome.lost);
        self.duplicated += usize::from(outcome.duplicated);
        self.stuck += usize::from(outcome.stuck);
        self.retried += outcome.retried;
        self.compared += outcome.compared;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "faults            {:6}", self.faults.values().sum::<usize>())?;
        for (fault, count) in &self.faults {
            writeln!(f, "  {fault:<20}{count:5}")?;
        }
        writeln!(f, "jobs              {:6}", self.jobs)?;
        writeln!(f, "lost              {:6}", self.lost)?;
        writeln!(f, "duplicated        {:6}", self.duplicated)?;
        writeln!(f, "stuck             {:6}", self.stuck)?;
        writeln!(f, "retried by hand   {:6}", self.retried)?;
        writeln!(f, "answers compared  {:6}", self.compared)?;
        writeln!(f, "longest recovery  {:6.1} s", self.longest_recovery.as_secs_f64())?;
        write!(f, "longest stop      {:6.1} s", self.longest_stop.as_secs_f64())
    }
}
