//! Chooses central sentences that do not repeat each other and lie all over the meeting.

use super::rank::Ranks;

/// Likeness from which a sentence says what another has said.
const MAX_SIMILARITY: f64 = 0.6;

/// A sentence that may be chosen.
pub(super) struct Candidate {
    /// Its place in the meeting.
    pub at: usize,
    /// How much its kind is wanted; 1 is usual.
    pub weight: f64,
}

/// Places of at most `count` candidates (given in order), in the order of the meeting: the best of each equally
/// long part, then the best of all.
pub(super) fn pick(candidates: &[Candidate], ranks: &Ranks, count: usize) -> Vec<usize> {
    let score = |one: &Candidate| one.weight * ranks.centrality.get(one.at).copied().unwrap_or_default();
    let best_first = |part: &[Candidate]| {
        let mut order: Vec<(usize, f64)> = part.iter().map(|one| (one.at, score(one))).collect();
        order.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
        order
    };
    let mut chosen: Vec<usize> = Vec::new();
    let mut take = |order: Vec<(usize, f64)>, most: usize| {
        let mut taken = 0;
        for (at, _) in order {
            let fresh =
                !chosen.iter().any(|other| *other == at || ranks.likeness(at, *other) > MAX_SIMILARITY);
            if fresh && taken < most && chosen.len() < count {
                chosen.push(at);
                taken += 1;
            }
        }
    };
    for part in candidates.chunks(candidates.len().div_ceil(count.max(1)).max(1)) {
        take(best_first(part), 1);
    }
    take(best_first(candidates), count);
    chosen.sort_unstable();
    chosen
}
