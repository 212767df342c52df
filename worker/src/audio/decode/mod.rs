//! Decoding with symphonia and libopus: any container and codec they know, at its own rate.
//! The only folder that names either.

mod source;
mod track;

use std::io::{Read, Seek};
use std::sync::LazyLock;

use symphonia::core::errors::Error;
use symphonia::core::formats::probe::{Hint, Probe, ProbeOptions};
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;
use symphonia::core::packet::Packet;
use symphonia::core::units;

use self::source::{Fault, Source, StorageFault, guarded};
use self::track::{AudioTrack, check_spec};
use super::mixdown::arrange;
use super::{AudioError, DecodeLimits, Layout};

/// How far into a file a format's mark may stand: behind some junk, but not deep in the middle of something
/// else. Tags in front (ID3) do not count.
const PROBE_DEPTH: u32 = 16 * 1024;
/// Broken packets in a row after which a new decoder is tried: some cannot follow a change of rate or channels.
const RENEW_AFTER: u32 = 8;
/// Broken packets in a row after which the rest is given up.
const MAX_BROKEN_IN_A_ROW: u32 = 500;
/// The most bytes of one packet: far above what any encoder writes.
const MAX_PACKET_BYTES: usize = 16 << 20;
/// Seconds by which a packet's timestamp must be ahead of what was decoded to mean that sound is missing.
const MIN_GAP: f64 = 0.1;
/// Seconds by which a timestamp may be ahead and still be believed.
const MAX_GAP: f64 = 3600.0;

static FORMATS: LazyLock<Probe> = LazyLock::new(|| {
    let options = ProbeOptions { max_probe_depth: PROBE_DEPTH, ..ProbeOptions::default() };
    let mut formats = Probe::new_with_options(&options);
    symphonia::default::register_enabled_formats(&mut formats);
    formats
});

/// Some samples in ±1, and their rate in Hz, which may change from chunk to chunk.
#[derive(Debug)]
pub struct Chunk<'a> {
    /// Samples a second.
    pub rate: u32,
    /// How many channels there are: 1 if they were mixed, and the same in every chunk.
    pub channels: usize,
    /// The samples of the channels, interleaved.
    pub samples: &'a [f32],
}

/// Decodes the audio track of a recording or of a video, chunk by chunk.
pub struct Decoder {
    format: Box<dyn FormatReader>,
    track: AudioTrack,
    limits: DecodeLimits,
    storage: StorageFault,
    planes: Vec<Vec<f32>>,
    /// What was decoded last, interleaved.
    samples: Vec<f32>,
    /// How many channels are given; 0 before the first packet.
    channels: usize,
    /// Rate of the last decoded samples; 0 before the first.
    rate: u32,
    broken_places: u32,
    broken_in_a_row: u32,
    /// Seconds decoded.
    seconds: f64,
    /// How far the container's clock is ahead of `seconds` when nothing is missing.
    clock: Option<f64>,
    /// A packet that waits until the silence before it is out, and that silence in samples.
    held: Option<Packet>,
    gap: usize,
    ended: bool,
    cut_short: bool,
}

impl Decoder {
    /// Finds out what `source` holds, by its content alone, and gets its audio track ready.
    ///
    /// # Errors
    /// Everything of [`AudioError`] but [`AudioError::RecordingTooLong`], which [`super::Pcm`] watches over.
    pub fn open<R>(source: R, limits: &DecodeLimits) -> Result<Self, AudioError>
    where
        R: Read + Seek + Send + Sync + 'static,
    {
        let storage = StorageFault::default();
        let source = Source::new(source, storage.clone())?;
        let stream = MediaSourceStream::new(Box::new(source), Default::default());
        let probed = guarded(|| {
            let (format, tags) = (FormatOptions::default(), MetadataOptions::default());
            FORMATS.probe(&Hint::new(), stream, format, tags)
        });
        let format = probed.map_err(|error| storage.or(error))?;
        let track = AudioTrack::choose(&*format, limits)?;
        Ok(Self {
            format,
            track,
            limits: limits.clone(),
            storage,
            planes: Vec::new(),
            samples: Vec::new(),
            channels: 0,
            rate: 0,
            broken_places: 0,
            broken_in_a_row: 0,
            seconds: 0.0,
            clock: None,
            held: None,
            gap: 0,
            ended: false,
            cut_short: false,
        })
    }

    /// The length in seconds that the container claims. It may lie: good for progress, for nothing else.
    pub fn declared_duration(&self) -> Option<f64> {
        self.track.seconds
    }

    /// In how many places packets were broken, so that silence stands in for them.
    pub fn broken_places(&self) -> u32 {
        self.broken_places
    }

    /// Whether decoding ended at damage instead of at the recording's end.
    pub fn cut_short(&self) -> bool {
        self.cut_short
    }

    /// The next samples; `None` at the end. After the first samples damage is an end, not an error.
    ///
    /// # Errors
    /// As [`Decoder::open`]; after the first samples only [`AudioError::UnreadableRecording`].
    pub fn next_chunk(&mut self) -> Result<Option<Chunk<'_>>, AudioError> {
        self.samples.clear();
        while !self.ended && self.samples.is_empty() {
            match self.step() {
                Ok(()) => {}
                Err(error) if self.rate > 0 && error.blames_the_decoder() => {
                    tracing::warn!(%error, "a recording ends in damage");
                    self.cut_short = true;
                    self.ended = true;
                }
                Err(error) => return Err(error),
            }
        }
        let channels = self.channels;
        match (self.samples.is_empty(), self.rate) {
            (false, rate) => Ok(Some(Chunk { rate, channels, samples: &self.samples })),
            (true, 0) => Err(AudioError::EmptyRecording),
            (true, _) => Ok(None),
        }
    }

    /// Does the next bit of work; `samples` stays empty if it gave no samples.
    fn step(&mut self) -> Result<(), AudioError> {
        if self.gap > 0 {
            let silence = self.gap.min(self.rate as usize);
            self.gap -= silence;
            self.samples.resize(silence * self.channels, 0.0);
            self.seconds += silence as f64 / f64::from(self.rate);
            return Ok(());
        }
        if let Some(packet) = self.held.take() {
            return self.decode(&packet);
        }
        match guarded(|| self.format.next_packet()) {
            Ok(Some(mut packet)) if packet.track_id == self.track.id => {
                // What lies behind the end that the first header claims is kept: files are often joined.
                packet.trim_end = units::Duration::ZERO;
                self.gap = self.gap_before(&packet);
                self.held = Some(packet);
                Ok(())
            }
            Ok(Some(_)) => Ok(()),
            Ok(None) => self.end(),
            Err(fault) if fault.is_end_of_file() && self.is_open_ended() => self.end(),
            Err(Fault::Reported(Error::ResetRequired)) => {
                self.track = AudioTrack::choose(&*self.format, &self.limits)?;
                self.clock = None;
                Ok(())
            }
            Err(fault) => Err(self.storage.or(fault)),
        }
    }

    fn end(&mut self) -> Result<(), AudioError> {
        self.storage.check()?;
        self.cut_short |= self.promised().is_some_and(|promised| self.seconds + 1.0 < promised * 0.99);
        self.ended = true;
        Ok(())
    }

    /// Samples of silence that belong before a packet, for sound that was lost or never recorded: what comes
    /// after it keeps its time.
    fn gap_before(&mut self, packet: &Packet) -> usize {
        let time = self.track.time_base.and_then(|base| base.calc_time(packet.pts));
        let Some(time) = time.map(|time| time.as_secs_f64()).filter(|_| self.rate > 0) else { return 0 };
        let ahead = time - self.seconds;
        let gap = ahead - *self.clock.get_or_insert(ahead);
        match gap {
            MIN_GAP..=MAX_GAP => (gap * f64::from(self.rate)) as usize,
            _ if gap > MAX_GAP => {
                self.clock = Some(ahead);
                0
            }
            _ => 0,
        }
    }

    /// Whether the file's end is the recording's: wave files that were written to a pipe know no other.
    fn is_open_ended(&self) -> bool {
        self.format.format_info().short_name == "wave" && self.track.seconds.is_none()
    }

    /// The seconds that the container promises. MPEG streams have no such field: theirs are an estimate.
    fn promised(&self) -> Option<f64> {
        let estimated = matches!(self.format.format_info().short_name, "mp1" | "mp2" | "mp3" | "aac");
        self.track.seconds.filter(|_| !estimated)
    }

    fn decode(&mut self, packet: &Packet) -> Result<(), AudioError> {
        if packet.data.len() > MAX_PACKET_BYTES {
            return Err(AudioError::absurd("a packet of absurd size"));
        }
        let Self { track, planes, samples, channels, limits, .. } = self;
        let decoded = guarded(|| {
            let buffer = track.codec.decode(packet)?;
            Ok(check_spec(buffer.spec(), limits).inspect(|_| {
                buffer.copy_to_vecs_planar(planes);
                if *channels == 0 {
                    *channels = if limits.layout == Layout::Split { planes.len() } else { 1 };
                }
                arrange(planes, *channels, samples);
            }))
        });
        match decoded {
            Ok(rate) => {
                self.rate = rate?;
                let frames = self.samples.len() / self.channels.max(1);
                self.seconds += frames as f64 / f64::from(self.rate);
                self.broken_in_a_row = 0;
                Ok(())
            }
            Err(Fault::Reported(error)) if self.rate > 0 || !matches!(error, Error::Unsupported(_)) => {
                self.skip()
            }
            Err(fault) => Err(self.storage.or(fault)),
        }
    }

    fn skip(&mut self) -> Result<(), AudioError> {
        self.broken_in_a_row += 1;
        self.broken_places += u32::from(self.rate > 0 && self.broken_in_a_row == 1);
        if self.broken_in_a_row > MAX_BROKEN_IN_A_ROW {
            return Err(AudioError::damaged("nothing in it can be decoded"));
        }
        if self.broken_in_a_row.is_multiple_of(RENEW_AFTER) {
            self.track = AudioTrack::choose(&*self.format, &self.limits)?;
        }
        Ok(())
    }
}
