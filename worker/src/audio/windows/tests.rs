use super::*;
use crate::audio::spans::PADDING;
use crate::audio::{Earshot, SAMPLE_RATE};

const FRAME: usize = 256;

/// Takes every frame that holds a loud sample for speech.
struct Loud(Vec<f32>);

impl SpeechDetector for Loud {
    fn frame_len(&self) -> usize {
        FRAME
    }

    fn push(&mut self, samples: &[f32], probabilities: &mut Vec<f32>) {
        self.0.extend_from_slice(samples);
        let whole = self.0.len() / FRAME * FRAME;
        let loud = |frame: &[f32]| if frame.iter().any(|sample| *sample >= 0.1) { 1.0 } else { 0.0 };
        probabilities.extend(self.0[..whole].chunks(FRAME).map(loud));
        self.0.drain(..whole);
    }

    fn finish(&mut self, probabilities: &mut Vec<f32>) {
        self.0.resize(self.0.len().div_ceil(FRAME) * FRAME, 0.0);
        self.push(&[], probabilities);
    }
}

/// A sample that tells its position: loud in speech, which comes and goes in an uneven rhythm.
fn sample(position: u64) -> f32 {
    let second = position / u64::from(SAMPLE_RATE);
    let spoken = second % 7 < 3 || second % 61 > 40 || second % 601 > 500;
    let mark = (position.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f32 / (1 << 24) as f32;
    if spoken { 0.2 + mark * 0.8 } else { mark * 0.05 }
}

/// Samples in memory that no window has yet.
fn held(windows: &Windows) -> usize {
    let waiting = windows.waiting.values().map(|spoken| spoken.samples.len()).sum::<usize>();
    windows.lanes.iter().map(|lane| lane.held()).sum::<usize>() + waiting
}

fn seconds(count: u64) -> u64 {
    count * u64::from(SAMPLE_RATE)
}

#[test]
fn three_hours_keep_every_sample_in_its_place_in_little_memory() {
    let length = seconds(3 * 3600);
    let mut windows = Windows::new(Box::new(Loud(Vec::new())));
    let (mut covered, mut count) = (0, 0);
    let mut check = |stretch: Stretch| {
        let [window] = stretch.windows.as_slice() else { panic!("{} windows", stretch.windows.len()) };
        for at in (0..window.samples.len()).step_by(97) {
            assert_eq!(window.samples[at], sample(window.recording_position(at)), "sample {at}");
        }
        let first = window.recording_position(0);
        assert!((covered..seconds(8) + covered).contains(&first), "a window at {first} after {covered}");
        assert_eq!(window.recording_position(window.samples.len()), stretch.end);
        covered = stretch.end;
        count += 1;
    };
    for start in (0..length).step_by(16_384) {
        let chunk: Vec<f32> = (start..length.min(start + 16_384)).map(sample).collect();
        windows.push(&chunk);
        std::iter::from_fn(|| windows.next_stretch()).for_each(&mut check);
        assert!(held(&windows) < seconds(32) as usize, "{}", held(&windows));
    }
    windows.finish();
    std::iter::from_fn(|| windows.next_stretch()).for_each(&mut check);
    assert!(covered > length - seconds(8) && count > 200, "{count} windows up to {covered}");
}

#[test]
fn pauses_are_shortened_and_spans_share_a_window() {
    let mut windows = Windows::new(Box::new(Loud(Vec::new())));
    let speech = |start: u64| start..start + FRAME as u64 * 100;
    let (first, second) = (speech(FRAME as u64 * 50), speech(FRAME as u64 * 1000));
    let signal: Vec<f32> = (0..FRAME as u64 * 1500)
        .map(|position| if first.contains(&position) || second.contains(&position) { 0.5 } else { 0.0 })
        .collect();
    windows.push(&signal);
    windows.finish();
    let window = windows.next_stretch().unwrap().windows.remove(0);
    assert_eq!(windows.next_stretch(), None);
    assert_eq!(window.samples.len() as u64, 2 * (FRAME as u64 * 100 + 2 * PADDING) + PAUSE);
    assert_eq!(window.recording_position(PADDING as usize), first.start);
    assert_eq!(window.recording_position(window.samples.len()), second.end + PADDING);
    let (start, end) = window.word_span(PADDING as usize, FRAME * 100 + PADDING as usize);
    assert_eq!((start, end), (first.start, first.end));
}

#[test]
fn windows_are_as_long_as_can_be_heard_at_once() {
    let mut windows = Windows::new(Box::new(Loud(Vec::new())));
    // A second of speech, a second of silence, again and again.
    let signal = (0..seconds(120)).map(|at| if (at / seconds(1)).is_multiple_of(2) { 0.5 } else { 0.0 });
    windows.push(&signal.collect::<Vec<_>>());
    windows.finish();
    let lengths: Vec<u64> = std::iter::from_fn(|| windows.next_stretch())
        .map(|stretch| stretch.windows.iter().map(|window| window.samples.len() as u64).sum())
        .collect();
    let [whole @ .., _last] = lengths.as_slice() else { panic!("{lengths:?}") };
    assert!(
        whole.len() > 1 && whole.iter().all(|length| (LONGEST - seconds(2)..=LONGEST).contains(length)),
        "{lengths:?}"
    );
}

#[test]
fn full_windows_are_cut_at_their_longest_pause() {
    let mut windows = Windows::new(Box::new(Loud(Vec::new())));
    // A second of speech and a second of silence, but three seconds of silence behind each tenth.
    let spoken = |second: u64| second % 22 < 20 && second.is_multiple_of(2);
    let signal = (0..seconds(160)).map(|at| if spoken(at / seconds(1)) { 0.5 } else { 0.0 });
    windows.push(&signal.collect::<Vec<_>>());
    windows.finish();
    let ends: Vec<u64> = std::iter::from_fn(|| windows.next_stretch()).map(|stretch| stretch.end).collect();
    let [whole @ .., _last] = ends.as_slice() else { panic!("no windows") };
    assert!(whole.len() > 1);
    assert!(whole.iter().all(|end| (seconds(19)..seconds(20)).contains(&(end % seconds(22)))), "{ends:?}");
}

#[test]
fn how_the_samples_come_changes_nothing() {
    let signal: Vec<f32> = (0..seconds(120)).map(sample).collect();
    let run = |chunk: usize| {
        let mut windows = Windows::new(Box::<Earshot>::default());
        signal.chunks(chunk).for_each(|part| windows.push(part));
        windows.finish();
        std::iter::from_fn(|| windows.next_stretch()).collect::<Vec<_>>()
    };
    assert_eq!(run(100_000), run(1_111));
}

/// Two who take turns, and at times speak at once: the samples of the first channel, and of both interleaved.
fn two(length: u64) -> Vec<f32> {
    let level = |position: u64, second: u64| if second % 11 < 5 { sample(position).max(0.2) } else { 0.0 };
    let frame = |position: u64| {
        let second = position / u64::from(SAMPLE_RATE);
        // An hour of silence in the second channel.
        let other = if (1000..4600).contains(&second) { 0.0 } else { level(position, second * 3 + 4) };
        [level(position, second), other]
    };
    (0..length).flat_map(frame).collect()
}

fn split(samples: &[f32], chunk: usize, mut check: impl FnMut(&Windows)) -> Vec<Stretch> {
    let detector = || Box::new(Loud(Vec::new())) as Box<dyn SpeechDetector>;
    let mut windows = Windows::split(2, vec![(0, detector()), (1, detector())]);
    let mut found = Vec::new();
    for part in samples.chunks(2 * chunk) {
        windows.push(part);
        check(&windows);
        found.extend(std::iter::from_fn(|| windows.next_stretch()));
    }
    windows.finish();
    found.extend(std::iter::from_fn(|| windows.next_stretch()));
    found
}

#[test]
fn channels_go_in_step_and_keep_every_sample_in_its_place() {
    let samples = two(seconds(5400));
    let mut most = 0;
    let found = split(&samples, 16_384, |windows| most = most.max(held(windows)));
    assert!(most < seconds(2 * 32 + 30) as usize, "{most} samples in memory");
    assert!(found.windows(2).all(|pair| pair[0].end < pair[1].end));
    let mut covered = [0, 0];
    for stretch in &found {
        for window in &stretch.windows {
            let channel = window.channel.unwrap();
            assert!(window.samples.len() as u64 <= LONGEST);
            for at in (0..window.samples.len()).step_by(97) {
                let position = window.recording_position(at) as usize;
                assert_eq!(window.samples[at], samples[2 * position + channel]);
            }
            let end = window.recording_position(window.samples.len());
            assert!(window.recording_position(0) >= covered[channel] && end <= stretch.end);
            covered[channel] = end;
        }
        assert!(covered.contains(&stretch.end));
    }
    assert!(covered.iter().all(|end| *end > seconds(5380)), "{covered:?}");
}

#[test]
fn how_the_samples_of_channels_come_changes_nothing() {
    let samples = two(seconds(300));
    assert_eq!(split(&samples, 100_000, |_| ()), split(&samples, 1_111, |_| ()));
}
