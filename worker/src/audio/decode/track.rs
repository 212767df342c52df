//! Which track is decoded, and which claims about it are believed.

use std::sync::LazyLock;

use symphonia::core::audio::AudioSpec;
use symphonia::core::codecs::audio::{
    AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions, well_known,
};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::formats::{FormatReader, Track, TrackType};
use symphonia::core::units::TimeBase;
use symphonia_adapter_libopus::OpusDecoder;

use super::source::guarded;
use crate::audio::{AudioError, DecodeLimits};

/// The most frames of one packet: far above what any encoder writes.
const MAX_PACKET_FRAMES: u64 = 1 << 20;

static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<OpusDecoder>();
    codecs
});

pub(super) struct AudioTrack {
    pub(super) id: u32,
    pub(super) time_base: Option<TimeBase>,
    pub(super) seconds: Option<f64>,
    pub(super) codec: Box<dyn AudioDecoder>,
}

impl AudioTrack {
    /// The default audio track, or the first other one that can be decoded.
    pub(super) fn choose(format: &dyn FormatReader, limits: &DecodeLimits) -> Result<Self, AudioError> {
        let default = format.default_track(TrackType::Audio);
        let others = format.tracks().iter().filter(|track| track.track_type() == Some(TrackType::Audio));
        let mut refusal = None;
        for track in default.into_iter().chain(others) {
            match Self::open(track, limits) {
                Ok(track) => return Ok(track),
                Err(error) => refusal = refusal.or(Some(error)),
            }
        }
        Err(refusal.unwrap_or(AudioError::NoAudioTrack))
    }

    fn open(track: &Track, limits: &DecodeLimits) -> Result<Self, AudioError> {
        let codec = track.codec_params.as_ref().and_then(|params| params.audio());
        let params = codec.ok_or(AudioError::NoAudioTrack)?;
        check_claims(params, limits)?;
        let codec = guarded(|| CODECS.make_audio_decoder(params, &AudioDecoderOptions::default()))
            .map_err(|fault| fault.naming(&codec_name(params.codec)))?;
        let span = track.time_base.zip(track.duration).and_then(|(base, ticks)| base.calc_duration(ticks));
        let seconds = span.map(|time| time.as_secs_f64()).filter(|seconds| *seconds > 0.0);
        Ok(Self { id: track.id, time_base: track.time_base, seconds, codec })
    }
}

/// Refuses claims for which a decoder would set aside absurd amounts of memory.
fn check_claims(params: &AudioCodecParameters, limits: &DecodeLimits) -> Result<(), AudioError> {
    if let Some(rate) = params.sample_rate {
        check_rate(rate, limits)?;
    }
    if let Some(channels) = &params.channels {
        check_channels(channels.count(), limits)?;
    }
    let alac_frames = params.extra_data.as_deref().filter(|_| params.codec == well_known::CODEC_ID_ALAC);
    let alac_frames =
        alac_frames.and_then(|cookie| cookie.first_chunk()).map(|bytes| u32::from_be_bytes(*bytes));
    let frames = params.max_frames_per_packet.max(alac_frames.map(u64::from));
    if frames.is_some_and(|frames| frames > MAX_PACKET_FRAMES) {
        return Err(AudioError::absurd("a packet of absurd length"));
    }
    Ok(())
}

/// The rate of decoded samples, if it and their channels are to be believed.
pub(super) fn check_spec(spec: &AudioSpec, limits: &DecodeLimits) -> Result<u32, AudioError> {
    check_channels(spec.channels().count(), limits)?;
    check_rate(spec.rate(), limits)
}

fn check_rate(rate: u32, limits: &DecodeLimits) -> Result<u32, AudioError> {
    let believable = limits.sample_rates.contains(&rate);
    believable.then_some(rate).ok_or_else(|| AudioError::absurd(format!("a sample rate of {rate} Hz")))
}

fn check_channels(channels: usize, limits: &DecodeLimits) -> Result<(), AudioError> {
    let believable = (1..=limits.max_channels).contains(&channels);
    believable.then_some(()).ok_or_else(|| AudioError::absurd(format!("{channels} audio channels")))
}

fn codec_name(codec: AudioCodecId) -> String {
    if let Some(known) = CODECS.get_audio_decoder(codec) {
        return format!("this kind of {}", known.codec.info.long_name);
    }
    let name = match codec {
        well_known::CODEC_ID_AC3 => "Dolby Digital (AC-3)",
        well_known::CODEC_ID_EAC3 => "Dolby Digital Plus (E-AC-3)",
        well_known::CODEC_ID_TRUEHD => "Dolby TrueHD",
        well_known::CODEC_ID_DCA => "DTS",
        well_known::CODEC_ID_WMA => "Windows Media Audio",
        well_known::CODEC_ID_SPEEX => "Speex",
        well_known::CODEC_ID_WAVPACK => "WavPack",
        _ => "its audio codec",
    };
    name.to_owned()
}
