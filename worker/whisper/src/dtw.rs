//! When each token of a text is said, by dynamic time warping: while it writes, the model attends to the sound of what it
//! writes next.

use std::ops::Range;

/// The step at which each token of a text is said, and at which it is attended to most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenSteps {
    pub(crate) steps: Range<usize>,
    pub(crate) peak: usize,
}

/// Where a step of the cheapest way comes from.
#[derive(Clone, Copy, PartialEq)]
enum From {
    /// The row and the step before.
    Both,
    /// The row before.
    Row,
    /// The step before.
    Step,
}

/// The steps of each row of `attention`, of so many steps each: the way through all rows and all steps along which there is
/// the most attention (dynamic time warping). The last row, which comes after the text, is left out.
pub(crate) fn align(attention: &[f32], steps: usize) -> Vec<TokenSteps> {
    let rows: Vec<&[f32]> = attention.chunks_exact(steps.max(1)).collect();
    let begins = begins(&rows, &trace(&rows, steps), steps);
    let ranges = begins.iter().zip(begins.iter().skip(1)).map(|(begin, next)| *begin..*next);
    rows.iter().zip(ranges).map(|(row, steps)| TokenSteps { peak: peak(row, &steps), steps }).collect()
}

/// Where the best way to each step of each row comes from, row by row.
fn trace(rows: &[&[f32]], steps: usize) -> Vec<From> {
    let mut trace = Vec::with_capacity(rows.len() * steps);
    // The attention along the best way to each step of the row before; before the first row there is only its begin.
    let mut above = vec![f32::NEG_INFINITY; steps + 1];
    if let Some(begin) = above.first_mut() {
        *begin = 0.0;
    }
    for row in rows {
        let mut here = Vec::with_capacity(steps + 1);
        let mut before = f32::NEG_INFINITY;
        here.push(before);
        for ((both, up), attention) in above.iter().zip(above.iter().skip(1)).zip(*row) {
            let ways = [(before, From::Step), (*up, From::Row), (*both, From::Both)];
            let best = ways.into_iter().max_by(|one, other| one.0.total_cmp(&other.0));
            let (sum, from) = best.unwrap_or((before, From::Step));
            before = sum + attention;
            here.push(before);
            trace.push(from);
        }
        above = here;
    }
    trace
}

/// The step at which each row begins, on the way back from the end of all.
fn begins(rows: &[&[f32]], trace: &[From], steps: usize) -> Vec<usize> {
    let mut begins = vec![0; rows.len()];
    let mut step = steps.saturating_sub(1);
    for (row, begin) in begins.iter_mut().enumerate().rev() {
        let of_row = trace.get(row * steps..).unwrap_or_default();
        while step > 0 && of_row.get(step) == Some(&From::Step) {
            step -= 1;
        }
        *begin = step;
        if of_row.get(step) == Some(&From::Both) {
            step = step.saturating_sub(1);
        }
    }
    begins
}

/// The step of a range at which a row has the most; the first, if there is none.
fn peak(row: &[f32], steps: &Range<usize>) -> usize {
    let within = row.iter().enumerate().take(steps.end).skip(steps.start);
    within.max_by(|one, other| one.1.total_cmp(other.1)).map_or(steps.start, |(step, _)| step)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: usize = 20;

    /// Rows that attend to the steps from one on, for so many.
    fn attention(rows: &[(usize, usize)]) -> Vec<f32> {
        let row = |(begin, count): &(usize, usize)| {
            let (begin, end) = (*begin, begin + count);
            (0..STEPS).map(
                move |step| if (begin..end).contains(&step) { 1.0 / (1 + step - begin) as f32 } else { 0.01 },
            )
        };
        rows.iter().flat_map(row).collect()
    }

    fn ranges(attention: &[f32]) -> Vec<Range<usize>> {
        align(attention, STEPS).into_iter().map(|token| token.steps).collect()
    }

    #[test]
    fn a_token_is_said_where_it_is_attended_to() {
        let found = align(&attention(&[(0, 4), (4, 6), (10, 3), (13, 7)]), STEPS);
        let expected = [(0..4, 0), (4..10, 4), (10..13, 10)].map(|(steps, peak)| TokenSteps { steps, peak });
        assert_eq!(found, expected);
    }

    #[test]
    fn what_looks_back_or_ahead_does_not_upset_the_order() {
        let mut attention = attention(&[(0, 4), (4, 6), (10, 3), (13, 7)]);
        // The second token attends a little to the end, the third to the begin.
        attention[STEPS + 18] = 0.9;
        attention[2 * STEPS + 1] = 0.9;
        assert_eq!(ranges(&attention), [0..4, 4..10, 10..13]);
    }

    #[test]
    fn more_tokens_than_steps_all_have_times() {
        let found = align(&[0.5; 7 * 3], 3);
        assert_eq!(found.len(), 6);
        assert!(found.windows(2).all(|pair| pair[0].steps.end == pair[1].steps.start), "{found:?}");
        assert!(found.iter().all(|token| token.steps.end < 3), "{found:?}");
    }

    #[test]
    fn without_rows_or_steps_there_are_no_times() {
        assert_eq!(align(&[], STEPS), []);
        assert_eq!(align(&[], 0), []);
        assert_eq!(align(&[0.5; STEPS], STEPS), [], "the end of the text");
    }
}
