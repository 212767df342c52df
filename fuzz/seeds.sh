#!/usr/bin/env bash
# Makes the seeds of the target `decode` anew: a moment of synthetic speech in every kind of file that is decoded
# here. Needs ffmpeg.
set -euo pipefail
cd "$(dirname "$0")/seeds/decode"

make() { # NAME OPTIONS…
    ffmpeg -nostdin -v error -y -ss 1 -t 0.25 -i ../../../tests/ground-truth/audio/stereo_44k.wav "${@:2}" \
        -map_metadata -1 -fflags +bitexact -flags:a +bitexact "$1"
}

make u8.wav -c:a pcm_u8 -ar 8000 -ac 1
make s24.wav -c:a pcm_s24le -ar 11025
make f32.wav -c:a pcm_f32le -ar 8000
make mulaw.wav -c:a pcm_mulaw -ar 8000 -ac 1
make adpcm.wav -c:a adpcm_ima_wav -ar 8000
make ms.wav -c:a adpcm_ms -ar 8000 -ac 1
make layer2.mp2 -ar 22050 -b:a 32k -ac 1
make layer3.mp3 -ar 22050 -b:a 24k
make variable.mp3 -q:a 9 -ar 44100
make stereo.flac -ar 8000
make six.flac -ar 8000 -ac 6
make flac.ogg -c:a flac -ar 8000 -ac 1
make vorbis.ogg -c:a libvorbis -q:a 0 -ar 22050
make opus.ogg -c:a libopus -b:a 16k
make opus.webm -c:a libopus -b:a 16k -ac 1
make vorbis.webm -c:a libvorbis -q:a 0 -ar 22050 -ac 1
make aac.mkv -c:a aac -b:a 24k -ar 22050
make aac.m4a -c:a aac -b:a 24k -ar 22050
make fragmented.mp4 -c:a aac -b:a 24k -ar 22050 -movflags frag_keyframe+empty_moov
make raw.aac -c:a aac -b:a 24k -ar 22050 -ac 1
make alac.m4a -c:a alac -ar 8000
make alac.caf -c:a alac -ar 8000 -ac 1
make pcm.caf -c:a pcm_s16be -ar 8000 -ac 1
make pcm.aiff -ar 8000 -ac 1
make video.mp4 -f lavfi -i testsrc=size=16x16:rate=5:duration=0.4 -map 1:v -map 0:a -c:v mpeg4 -c:a aac -ar 22050
