//! What is asked for about speakers: checked when it is asked for.

use shared::job::{Channels, SpeakerOptions};

use crate::problem::Problem;

/// The options, if they make sense together and ask for at most `max_speakers_allowed` speakers.
pub fn parse(
    options: SpeakerOptions,
    channels: Channels,
    max_speakers_allowed: u32,
) -> Result<SpeakerOptions, Problem> {
    let SpeakerOptions { diarize, num_speakers, min_speakers, max_speakers } = options;
    let numbers: Vec<u32> = [num_speakers, min_speakers, max_speakers].into_iter().flatten().collect();
    let range = min_speakers.is_some() || max_speakers.is_some();
    let wrong = if !diarize && !numbers.is_empty() {
        "`num_speakers`, `min_speakers` and `max_speakers` go with `diarize=true`; send that, too.".to_owned()
    } else if diarize && channels == Channels::Split {
        "`channels=split` tells the speakers by their channels; leave out `diarize`, or `channels`."
            .to_owned()
    } else if num_speakers.is_some() && range {
        "`num_speakers` says how many there are; leave out `min_speakers` and `max_speakers`.".to_owned()
    } else if numbers.iter().any(|number| !(1..=max_speakers_allowed).contains(number)) {
        format!("There can be 1 to {max_speakers_allowed} speakers; send a number in between.")
    } else if min_speakers > max_speakers.or(Some(max_speakers_allowed)) {
        "`min_speakers` is more than `max_speakers`; swap them.".to_owned()
    } else {
        return Ok(options);
    };
    Err(Problem::invalid(wrong))
}
