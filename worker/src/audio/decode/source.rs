//! Where the bytes come from, and what can go wrong on the way: the storage's faults, the decoders' own
//! errors and their panics, told apart.

use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use symphonia::core::errors::Error;
use symphonia::core::io::MediaSource;

use crate::audio::AudioError;

/// What came out of a call into symphonia instead of a value.
pub(super) enum Fault {
    Reported(Error),
    Panicked,
}

impl Fault {
    pub(super) fn is_end_of_file(&self) -> bool {
        matches!(self, Self::Reported(Error::IoError(error)) if error.kind() == io::ErrorKind::UnexpectedEof)
    }

    /// As an error for people, `what` being the thing that is not supported, if it comes to that.
    pub(super) fn naming(self, what: &str) -> AudioError {
        match self {
            _ if self.is_end_of_file() => AudioError::damaged("it ends too early"),
            Self::Panicked => AudioError::DecoderFailed,
            Self::Reported(Error::IoError(error)) if error.kind() == io::ErrorKind::OutOfMemory => {
                AudioError::DecoderOutOfMemory
            }
            // What lacks one of its parts (an MP4 file its index, as a rule) was cut off.
            Self::Reported(Error::Unsupported(lack)) if lack.contains("missing") => AudioError::damaged(lack),
            Self::Reported(Error::Unsupported(_)) => AudioError::unsupported(what),
            Self::Reported(error) => AudioError::damaged(error.to_string()),
        }
    }
}

/// Calls a third party's decoder, whose panics are its own.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Fault> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(Fault::Reported),
        Err(_) => Err(Fault::Panicked),
    }
}

/// The last failed read of the storage, which symphonia's errors do not tell from damage.
#[derive(Clone, Default)]
pub(super) struct StorageFault(Arc<Mutex<Option<io::Error>>>);

impl StorageFault {
    /// Gives the noted fault, if there is one.
    pub(super) fn check(&self) -> io::Result<()> {
        let noted = self.0.lock().ok().and_then(|mut place| place.take());
        noted.map_or(Ok(()), Err)
    }

    fn note(&self, error: &io::Error) {
        if let Ok(mut place) = self.0.lock() {
            *place = Some(io::Error::new(error.kind(), error.to_string()));
        }
    }

    /// The storage's fault if there was one, or else the decoder's.
    pub(super) fn or(&self, fault: Fault) -> AudioError {
        self.check().map_or_else(AudioError::UnreadableRecording, |()| fault.naming("this kind of file"))
    }
}

/// A source whose length is known and whose read errors are noted.
pub(super) struct Source<R> {
    inner: R,
    length: u64,
    fault: StorageFault,
}

impl<R: Seek> Source<R> {
    pub(super) fn new(mut inner: R, fault: StorageFault) -> io::Result<Self> {
        let length = inner.seek(SeekFrom::End(0))?;
        inner.rewind()?;
        Ok(Self { inner, length, fault })
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer);
        if let Err(error) = &read
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.fault.note(error);
        }
        read
    }
}

impl<R: Seek> Seek for Source<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

impl<R: Read + Seek + Send + Sync> MediaSource for Source<R> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_in_a_decoder_is_an_error() {
        let fault = guarded(|| -> Result<(), Error> { panic!("a fault in a codec") }).unwrap_err();
        assert_eq!(StorageFault::default().or(fault).code(), "decoder_failed");
    }

    #[test]
    fn a_failed_read_is_told_from_damage() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("a dying disk"))
            }
        }
        impl Seek for Broken {
            fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
                Ok(100)
            }
        }
        let storage = StorageFault::default();
        let mut source = Source::new(Broken, storage.clone()).unwrap();
        assert!(source.read(&mut [0]).is_err());
        let error = storage.or(Fault::Reported(Error::DecodeError("an odd frame")));
        assert!(error.is_transient(), "{error}");
        assert_eq!(storage.or(Fault::Reported(Error::DecodeError("an odd frame"))).code(), "damaged_media");
    }
}
