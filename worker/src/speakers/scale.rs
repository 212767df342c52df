//! Numbers of different kinds are made comparable: each is measured by how much it differs within one person's speech.

use super::Voice;

/// How much each number differs from one voice to the next of the same speech, squared, before anything is known of a
/// recording: as in synthetic English speech. The last is the pitch.
const EXPECTED: [f32; 17] =
    [6.0, 4.0, 7.0, 1.3, 2.0, 2.0, 1.4, 1.5, 0.8, 0.4, 0.8, 0.6, 0.5, 0.4, 0.4, 0.3, 0.02];
/// How many pairs of voices that expectation weighs.
const WEIGHT: f32 = 10.0;
/// The median of a squared normal variable of variance 1. The median is not moved by the pairs between which somebody else begins.
const MEDIAN: f32 = 0.455;

/// The vectors in a measure in which two voices of one speaker are about 1 apart (as squared distance).
pub(super) fn standardised(voices: &[Voice]) -> Vec<Vec<f32>> {
    let units: Vec<f32> =
        EXPECTED.iter().enumerate().map(|(at, expected)| unit(voices, at, *expected)).collect();
    let scaled =
        |voice: &Voice| voice.vector.iter().zip(&units).map(|(number, unit)| number / unit).collect();
    voices.iter().map(scaled).collect()
}

/// What a difference in the number at `at` is divided by.
fn unit(voices: &[Voice], at: usize, expected: f32) -> f32 {
    let square = |pair: &[Voice]| match pair {
        [one, other] if one.speech == other.speech => {
            one.vector.get(at).zip(other.vector.get(at)).map(|(a, b)| (a - b) * (a - b))
        }
        _ => None,
    };
    let mut squares: Vec<f32> = voices.windows(2).filter_map(square).collect();
    squares.sort_by(f32::total_cmp);
    let found = squares.get(squares.len() / 2).map_or(expected, |median| median / MEDIAN);
    let pairs = squares.len() as f32;
    let square = (found * pairs + expected * WEIGHT) / (pairs + WEIGHT);
    (square * EXPECTED.len() as f32).sqrt()
}
