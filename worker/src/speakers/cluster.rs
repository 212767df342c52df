//! Voices that are alike are one speaker's.

use super::{Apart, Count};

/// The most voices that are compared each with each. Of more, as many are picked evenly.
const MAX_COMPARED: usize = 2048;
/// Fewer voices than these, which are like no others, are no speaker: a cough, or two people at once. Of few voices, fewer.
const MIN_GROUP: std::ops::RangeInclusive<usize> = 2..=4;
/// One of so many voices may be a speaker.
const GROUP_SHARE: usize = 20;

/// Puts `vectors` into as many groups as `count` allows, which are `apart`. Gives each vector's group.
///
/// Groups grow from single vectors: each time two become one that adds least to the squared distances from the middle (Ward's
/// method). The tree that this makes is then cut from its root.
pub(super) fn cluster(vectors: &[Vec<f32>], apart: Apart, count: Count) -> Vec<usize> {
    let every = vectors.len().div_ceil(MAX_COMPARED).max(1);
    let picked: Vec<&[f32]> = vectors.iter().step_by(every).map(Vec::as_slice).collect();
    let Some(tree) = grow(&picked) else { return Vec::new() };
    let fewest = (picked.len() / GROUP_SHARE).clamp(*MIN_GROUP.start(), *MIN_GROUP.end());
    let mut centres = cut(&tree, fewest, apart, count);
    if centres.len() < count.least {
        centres = cut(&tree, 1, apart, count);
    }
    vectors.iter().map(|vector| nearest(vector, &centres)).collect()
}

/// A group: one vector, or two groups that became one.
struct Group {
    size: usize,
    /// The sum of its vectors.
    sum: Vec<f32>,
    /// What its parts add to the squared distances by being one.
    height: f32,
    parts: Option<Box<[Group; 2]>>,
}

impl Group {
    fn middle(&self) -> Vec<f32> {
        self.sum.iter().map(|sum| sum / self.size as f32).collect()
    }

    /// Whether there are two speakers somewhere in it.
    fn divides(&self, fewest: usize, apart: Apart) -> bool {
        let Some([one, other]) = self.parts.as_deref() else { return false };
        let divided = one.size.min(other.size) >= fewest && one.is_apart(other, apart);
        divided || one.divides(fewest, apart) || other.divides(fewest, apart)
    }

    /// Whether two groups are two speakers. The middles of small ones are far apart by chance.
    fn is_apart(&self, other: &Self, Apart { threshold, chance }: Apart) -> bool {
        let chance = chance * (1.0 / self.size as f32 + 1.0 / other.size as f32);
        squared_distance(&self.middle(), &other.middle()) > threshold * (1.0 + chance)
    }

    /// What it would add to the squared distances to make these two one.
    fn cost(one: &Self, other: &Self) -> f32 {
        let (a, b) = (one.size as f32, other.size as f32);
        let apart =
            one.sum.iter().zip(&other.sum).map(|(x, y)| (x / a - y / b) * (x / a - y / b)).sum::<f32>();
        apart * a * b / (a + b)
    }

    fn unite(one: Self, other: Self) -> Self {
        let height = Self::cost(&one, &other);
        let sum = one.sum.iter().zip(&other.sum).map(|(a, b)| a + b).collect();
        Self { size: one.size + other.size, sum, height, parts: Some(Box::new([one, other])) }
    }
}

/// The tree of all groups. Two become one when each is the other's nearest, which is found by going from one to its nearest
/// until there is none nearer.
fn grow(vectors: &[&[f32]]) -> Option<Group> {
    let leaf = |vector: &&[f32]| Group { size: 1, sum: vector.to_vec(), height: 0.0, parts: None };
    let mut groups: Vec<Group> = vectors.iter().map(leaf).collect();
    // The chain is what lies at the end of `groups`, each the nearest of the one before it.
    let mut chain = 0;
    while groups.len() > 1 {
        chain = chain.max(1);
        let last = groups.len() - 1;
        let (Some(end), before) = (groups.get(last), last.checked_sub(1).filter(|_| chain > 1)) else {
            break;
        };
        let costs = groups.iter().take(last).map(|group| Group::cost(group, end)).enumerate();
        let least =
            costs.min_by(|a, b| a.1.total_cmp(&b.1).then((Some(b.0) == before).cmp(&(Some(a.0) == before))));
        let Some((nearest, _)) = least else { break };
        if Some(nearest) == before {
            let (one, other) = (groups.pop(), groups.pop());
            let Some((one, other)) = one.zip(other) else { break };
            chain -= 2;
            let place = groups.len() - chain;
            groups.insert(place, Group::unite(other, one));
        } else {
            let next = groups.remove(nearest);
            groups.push(next);
            chain += 1;
        }
    }
    groups.pop()
}

/// The middles of the groups that are left of the tree when it is cut, the greatest differences first. Groups of fewer than
/// `fewest` are none.
fn cut(tree: &Group, fewest: usize, apart: Apart, count: Count) -> Vec<Vec<f32>> {
    let (mut open, mut whole): (Vec<&Group>, Vec<&Group>) = (vec![tree], Vec::new());
    while let Some(at) = highest(&open) {
        let group = open.swap_remove(at);
        let groups = open.len() + whole.len() + 1;
        match group.parts.as_deref() {
            Some([one, other]) if groups < count.most && one.size.min(other.size) < fewest => {
                open.push(if one.size < other.size { other } else { one });
            }
            Some([one, other])
                if groups < count.most && (groups < count.least || group.divides(fewest, apart)) =>
            {
                open.extend([one, other]);
            }
            _ => whole.push(group),
        }
    }
    whole.into_iter().map(Group::middle).collect()
}

fn highest(groups: &[&Group]) -> Option<usize> {
    let heights = groups.iter().map(|group| group.height).enumerate();
    heights.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at)
}

fn squared_distance(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum()
}

fn nearest(vector: &[f32], centres: &[Vec<f32>]) -> usize {
    let distances = centres.iter().map(|centre| squared_distance(vector, centre)).enumerate();
    distances.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(group, _)| group)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Count = Count { least: 1, most: 20 };

    fn over(threshold: f32) -> Apart {
        Apart { threshold, chance: 3.3 }
    }

    /// Points around three places, far from each other.
    fn three() -> Vec<Vec<f32>> {
        let places = [[0.0, 0.0], [10.0, 0.0], [0.0, 12.0]];
        (0..90_u16)
            .map(|at| {
                let [x, y] = places[usize::from(at % 7 % 3)];
                vec![x + f32::from(at % 5) * 0.2, y + f32::from(at % 4) * 0.2]
            })
            .collect()
    }

    fn groups(groups: &[usize]) -> usize {
        groups.iter().max().map_or(0, |most| most + 1)
    }

    #[test]
    fn what_is_near_is_one_group() {
        let found = cluster(&three(), over(25.0), ANY);
        assert_eq!(groups(&found), 3);
        for (at, group) in found.iter().enumerate() {
            assert_eq!(*group, found[at % 7 % 3], "{at}");
        }
    }

    #[test]
    fn a_few_that_are_like_no_others_are_no_group() {
        let mut vectors = three();
        vectors.extend([vec![60.0, 60.0], vec![61.0, 60.0], vec![-50.0, 20.0]]);
        assert_eq!(groups(&cluster(&vectors, over(25.0), ANY)), 3);
        vectors.extend(vec![vec![60.0, 61.0]; 4]);
        assert_eq!(groups(&cluster(&vectors, over(25.0), ANY)), 4);
    }

    #[test]
    fn the_count_wins_over_the_distance() {
        let exactly = |count| groups(&cluster(&three(), over(25.0), Count { least: count, most: count }));
        assert_eq!([1, 2, 3, 5].map(exactly), [1, 2, 3, 5]);
        assert_eq!(groups(&cluster(&three(), over(0.0), Count { least: 1, most: 4 })), 4);
        assert_eq!(groups(&cluster(&three(), over(1e9), Count { least: 2, most: 4 })), 2);
    }

    #[test]
    fn few_and_many_are_no_matter() {
        assert_eq!(cluster(&[], over(1.0), ANY), [0; 0]);
        assert_eq!(cluster(&[vec![1.0]], over(1.0), ANY), [0]);
        let many: Vec<Vec<f32>> = three().into_iter().cycle().take(3 * MAX_COMPARED + 5).collect();
        assert_eq!(groups(&cluster(&many, over(25.0), ANY)), 3);
    }
}
