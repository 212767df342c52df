//! A recording that is read like a file, wherever it lies.
//!
//! What lies in a bucket is read in blocks of 1 MiB, of which the last eight are kept: so many bytes of memory, and no
//! disk, for each recording in work, however long it is. Containers that keep their index at the end, and decoders that
//! look back a little, are served from those. Reading ahead would gain nothing, because the decoder itself is two windows
//! of speech ahead of the recogniser; and one long answer instead of blocks would break while the recogniser is busy.
//! Only ffmpeg needs a whole file: it gets a copy, of bounded size, that has no name, so that it goes with the process.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path as FilePath, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use bytesize::ByteSize;
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use tokio::runtime::Handle;

use super::BlobError;

/// Bytes asked for at a time.
pub(super) const BLOCK_BYTES: u64 = 1024 * 1024;
/// Blocks that are kept.
pub(super) const CACHED_BLOCKS: usize = 8;

/// Where whole copies may lie, and how large they may be.
#[derive(Debug)]
pub(super) struct Spool {
    pub folder: PathBuf,
    pub most: ByteSize,
}

/// A file that is gone when nobody has it open, in a folder that is made if it is not there.
///
/// # Errors
/// When the folder cannot be made or written.
pub fn nameless_file(folder: &FilePath) -> io::Result<File> {
    std::fs::create_dir_all(folder)?;
    tempfile::tempfile_in(folder)
}

/// A recording to read here and there. Blocking: give it a thread of its own, not one of the runtime's.
pub struct BlobReader(Source);

enum Source {
    File(File),
    Ranges(Ranges, Arc<Spool>),
}

impl BlobReader {
    pub(super) fn from_ranges(ranges: Ranges, spool: Arc<Spool>) -> Self {
        Self(Source::Ranges(ranges, spool))
    }

    /// The same recording once more, for when a first look at it leads nowhere.
    ///
    /// # Errors
    /// When the system has no file handle left.
    pub fn try_clone(&self) -> io::Result<Self> {
        match &self.0 {
            Source::File(file) => file.try_clone().map(Self::from),
            Source::Ranges(ranges, spool) => Ok(Self::from_ranges(ranges.clone(), Arc::clone(spool))),
        }
    }

    /// The recording as a file that is read from its beginning, for programs that read files alone.
    ///
    /// # Errors
    /// When the storage fails, or the recording is larger than a copy may be.
    pub fn into_file(self) -> io::Result<File> {
        match self.0 {
            Source::File(mut file) => {
                file.rewind()?;
                Ok(file)
            }
            Source::Ranges(ranges, spool) => ranges.copy(&spool),
        }
    }

    /// Bytes of the recording that are held in memory.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        match &self.0 {
            Source::File(_) => 0,
            Source::Ranges(ranges, _) => ranges.blocks.iter().map(|(_, bytes)| bytes.len()).sum(),
        }
    }
}

impl From<File> for BlobReader {
    fn from(file: File) -> Self {
        Self(Source::File(file))
    }
}

impl Read for BlobReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Source::File(file) => file.read(buffer),
            Source::Ranges(ranges, _) => ranges.read(buffer),
        }
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.0 {
            Source::File(file) => file.seek(to),
            Source::Ranges(ranges, _) => ranges.seek(to),
        }
    }
}

/// A recording in a bucket, block by block.
#[derive(Clone)]
pub(super) struct Ranges {
    objects: Arc<dyn ObjectStore>,
    path: Path,
    size: u64,
    place: Arc<str>,
    /// Does the asking, because the reader's own thread is none of the runtime's.
    runtime: Handle,
    position: u64,
    /// Blocks with their numbers, the one used last in front.
    blocks: VecDeque<(u64, Bytes)>,
}

impl Ranges {
    /// A recording of `size` bytes; to be made inside the runtime.
    pub fn new(objects: Arc<dyn ObjectStore>, path: Path, size: u64, place: Arc<str>) -> Self {
        Self { objects, path, size, place, runtime: Handle::current(), position: 0, blocks: VecDeque::new() }
    }

    fn block(&mut self, number: u64) -> io::Result<Bytes> {
        let known = self.blocks.iter().position(|(known, _)| *known == number);
        let block = match known.and_then(|index| self.blocks.remove(index)) {
            Some((_, block)) => block,
            None => self.fetch(number)?,
        };
        self.blocks.push_front((number, block.clone()));
        self.blocks.truncate(CACHED_BLOCKS);
        Ok(block)
    }

    fn fetch(&self, number: u64) -> io::Result<Bytes> {
        let range = number * BLOCK_BYTES..self.size.min((number + 1) * BLOCK_BYTES);
        let (objects, path) = (Arc::clone(&self.objects), self.path.clone());
        let asked = self.runtime.spawn(async move { objects.get_range(&path, range).await });
        // Where the runtime is at its end, the answer is an error and not a panic.
        let answer = futures::executor::block_on(asked).map_err(io::Error::other)?;
        answer.map_err(|error| BlobError::of(&self.place, &error).into())
    }

    /// A copy that has no name.
    fn copy(mut self, spool: &Spool) -> io::Result<File> {
        if self.size > spool.most.as_u64() {
            let (size, most) = (ByteSize(self.size), spool.most);
            return Err(io::Error::other(format!(
                "ffmpeg needs a copy of it, which has {size} and may have {most}; see storage.spool_size"
            )));
        }
        let mut file = nameless_file(&spool.folder)?;
        for number in 0..self.size.div_ceil(BLOCK_BYTES) {
            file.write_all(&self.fetch(number)?)?;
        }
        self.blocks.clear();
        file.rewind()?;
        Ok(file)
    }
}

impl Read for Ranges {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        let block = self.block(self.position / BLOCK_BYTES)?;
        let rest = block.get((self.position % BLOCK_BYTES) as usize..).unwrap_or_default();
        let read = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..read), rest.get(..read)) {
            to.copy_from_slice(from);
        }
        self.position += read as u64;
        Ok(read)
    }
}

impl Seek for Ranges {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
