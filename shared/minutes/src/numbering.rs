//! Segment numbers for those who count. Edits leave a transcript whose numbers have gaps and are in no order; what
//! writes minutes sees it numbered from 1, and what it cites is turned back into the segments' own numbers.

use std::borrow::Cow;

use serde_json::Value;

use shared::{minutes::Minutes, segment::Segment};

/// The segments, numbered from 1 in their order.
pub(super) fn consecutive(segments: &[Segment]) -> Cow<'_, [Segment]> {
    if segments.iter().zip(1..).all(|(segment, number)| segment.number == number) {
        return Cow::Borrowed(segments);
    }
    segments.iter().zip(1..).map(|(segment, number)| Segment { number, ..segment.clone() }).collect()
}

/// The minutes with the segments' own numbers, in every list of theirs that is called `segments`.
pub(super) fn restore(minutes: Minutes, segments: &[Segment]) -> Minutes {
    let mut value = serde_json::json!(minutes);
    rename(&mut value, segments);
    serde_json::from_value(value).unwrap_or(minutes)
}

fn rename(value: &mut Value, segments: &[Segment]) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|entry| rename(entry, segments)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::Array(cited) if name == "segments" && cited.iter().all(Value::is_u64) => {
                        cited.iter_mut().for_each(|number| *number = own(number, segments));
                    }
                    field => rename(field, segments),
                }
            }
        }
        _ => {}
    }
}

/// The number of the segment at a place that is counted from 1.
fn own(place: &Value, segments: &[Segment]) -> Value {
    let index = place.as_u64().and_then(|place| place.checked_sub(1)).map(|index| index as usize);
    index.and_then(|index| segments.get(index)).map_or_else(|| place.clone(), |one| one.number.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(numbers: &[u64]) -> Vec<Segment> {
        numbers.iter().map(|&number| Segment { number, ..Segment::default() }).collect()
    }

    #[test]
    fn what_is_cited_is_turned_back_into_the_segments_own_numbers() {
        let edited = segments(&[1, 7, 2, 9]);
        let counted: Vec<u64> = consecutive(&edited).iter().map(|one| one.number).collect();
        assert_eq!(counted, [1, 2, 3, 4]);
        let mut minutes = serde_json::json!({
            "key_points": [{"text": "2", "segments": [2, 4]}], "risks": [{"segments": [3, 9], "parts": [2]}],
        });
        rename(&mut minutes, &edited);
        let expected = serde_json::json!({
            "key_points": [{"text": "2", "segments": [7, 9]}], "risks": [{"segments": [2, 9], "parts": [2]}],
        });
        assert_eq!(minutes, expected, "a number that was never given stays, and is nobody's");
    }

    #[test]
    fn a_transcript_as_recognised_is_not_copied() {
        assert!(matches!(consecutive(&segments(&[1, 2, 3])), Cow::Borrowed(_)));
    }
}
