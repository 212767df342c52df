//! Chapters: cut where the meeting turns, named by their most telling words.

use std::ops::Range;

use super::keywords;
use crate::Transcript;
use shared::{minutes::Chapter, segment::Segment};
use text::topics;

/// Seconds of a usual chapter.
const USUAL_CHAPTER_SECONDS: f64 = 360.0;

/// Seconds that no chapter is shorter than.
const MIN_CHAPTER_SECONDS: f64 = 60.0;

/// Most chapters.
const MAX_CHAPTERS: f64 = 24.0;

/// The chapters in order; they hold every segment.
pub(super) fn of(transcript: &Transcript<'_>, language: &str) -> Vec<Chapter> {
    let segments = transcript.segments;
    ranges(segments, language)
        .into_iter()
        .filter_map(|range| chapter(segments.get(range)?, language))
        .collect()
}

fn ranges(segments: &[Segment], language: &str) -> Vec<Range<usize>> {
    let length =
        segments.last().map_or(0.0, |last| last.end) - segments.first().map_or(0.0, |first| first.start);
    let usual = (length / USUAL_CHAPTER_SECONDS).round().clamp(1.0, MAX_CHAPTERS) as usize;
    let mut best: Vec<(usize, f64)> = topics::cuts(segments, language).into_iter().enumerate().collect();
    best.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    let time = |at: usize| segments.get(at).map_or(f64::INFINITY, |segment| segment.start);
    let mut edges = vec![0, segments.len()];
    let end = segments.last().map_or(0.0, |last| last.end);
    for (at, _) in best {
        let near = |edge: &usize| (time(*edge).min(end) - time(at)).abs() < MIN_CHAPTER_SECONDS;
        if edges.len() <= usual && !edges.iter().any(near) {
            edges.push(at);
        }
    }
    edges.sort_unstable();
    edges.iter().zip(edges.iter().skip(1)).map(|(from, to)| *from..*to).collect()
}

fn chapter(segments: &[Segment], language: &str) -> Option<Chapter> {
    let (first, last) = (segments.first()?, segments.last()?);
    let texts: Vec<&str> = segments.iter().map(|segment| segment.text.as_str()).collect();
    let title = keywords::title(&texts, language, 2).unwrap_or_else(|| first.text.chars().take(60).collect());
    let segments = segments.iter().map(|segment| segment.number).collect();
    Some(Chapter { title, start: first.start, end: last.end, segments })
}
