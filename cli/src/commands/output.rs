//! What `transcribe` writes: files in a folder, or one text to standard output.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use minutes::render::{self, Form};
use shared::job::JobId;

use crate::{
    client::{Client, Ending},
    exit,
    screen::Screen,
    show::Outcome,
};

/// A form that results are written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Format {
    /// Transcript: the words alone
    Txt,
    /// Transcript: subtitles as SubRip
    Srt,
    /// Transcript: subtitles as WebVTT
    Vtt,
    /// Transcript: segments with their times
    Json,
    /// Minutes as Markdown
    Md,
}

impl Format {
    const fn ending(self) -> &'static str {
        match self {
            Self::Txt => "txt",
            Self::Srt => "srt",
            Self::Vtt => "vtt",
            Self::Json => "json",
            Self::Md => "md",
        }
    }
}

/// What is to be written, and where.
pub enum Output {
    /// Nothing but what is shown.
    Nothing,
    /// One text, instead of what would be shown.
    Text(Format),
    /// Files in a folder, each named as its recording.
    Files {
        /// The folder.
        folder: PathBuf,
        /// What is written of each recording.
        formats: Vec<Format>,
        /// Whether two recordings have the same name but for its ending, which is then kept.
        whole_names: bool,
    },
}

impl Output {
    /// What the flags ask for; the folder is made if it is not there.
    ///
    /// # Errors
    /// When they make no sense together, or the folder cannot be made.
    pub fn new(folder: Option<&Path>, formats: &[Format], files: &[PathBuf]) -> anyhow::Result<Self> {
        match (folder, formats) {
            (None, []) => Ok(Self::Nothing),
            (None, [format]) if files.len() == 1 => Ok(Self::Text(*format)),
            (None, _) => {
                let sentence = "several texts do not fit on standard output; name a folder with --output";
                Err(exit::Ending::Usage(sentence.to_owned()).into())
            }
            (Some(folder), formats) => {
                std::fs::create_dir_all(folder).map_err(|error| refused(folder, &error))?;
                let formats =
                    if formats.is_empty() { vec![Format::Txt, Format::Md] } else { formats.to_vec() };
                Ok(Self::Files { folder: folder.to_path_buf(), formats, whole_names: share_a_stem(files) })
            }
        }
    }

    /// Whether the segments and the minutes are not to be shown.
    pub const fn replaces_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    /// Writes what came of one job: the transcript if it is whole, the minutes if there are any.
    ///
    /// # Errors
    /// When the server does not give the transcript, or the disk takes no file.
    pub async fn write(
        &self,
        client: &Client,
        screen: &Screen,
        file: &Path,
        job: JobId,
        outcome: &Outcome,
    ) -> anyhow::Result<()> {
        match self {
            Self::Nothing => {}
            Self::Text(format) => {
                if let Some(text) = content(*format, client, job, outcome).await? {
                    screen.print_text(&text)?;
                }
            }
            Self::Files { folder, formats, whole_names } => {
                for format in formats {
                    let Some(text) = content(*format, client, job, outcome).await? else { continue };
                    let path = folder.join(file_name(file, *format, *whole_names));
                    std::fs::write(&path, text).map_err(|error| refused(&path, &error))?;
                    screen.notice(format!("written: {}", path.display()));
                }
            }
        }
        Ok(())
    }
}

/// What the job gives in this format; nothing if it did not come so far.
async fn content(
    format: Format,
    client: &Client,
    job: JobId,
    outcome: &Outcome,
) -> anyhow::Result<Option<String>> {
    let has_transcript = match &outcome.ending {
        Ending::Completed(written) if format == Format::Md => {
            return Ok(Some(render::text(written, &outcome.recording, Form::Markdown)));
        }
        Ending::Completed(_) => true,
        Ending::Broken { failure, .. } => format != Format::Md && failure.code == "summary_failed",
    };
    if !has_transcript {
        return Ok(None);
    }
    let mut text = client.transcript(job, format.ending()).await?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(Some(text))
}

fn file_name(file: &Path, format: Format, whole: bool) -> OsString {
    let name = if whole { file.file_name() } else { file.file_stem() };
    let mut name = name.unwrap_or_default().to_owned();
    name.push(".");
    name.push(format.ending());
    name
}

fn share_a_stem(files: &[PathBuf]) -> bool {
    let mut stems: Vec<_> = files.iter().map(|file| file.file_stem()).collect();
    stems.sort_unstable();
    stems.windows(2).any(|pair| pair.first() == pair.last())
}

fn refused(path: &Path, error: &io::Error) -> anyhow::Error {
    anyhow::anyhow!(
        "{} cannot be written ({error}); make room or name another folder with --output",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_texts_need_a_folder() {
        let files = [PathBuf::from("a.wav"), PathBuf::from("b.wav")];
        let text = Output::new(None, &[Format::Srt], files.get(..1).unwrap()).unwrap();
        assert!(matches!(text, Output::Text(Format::Srt)));
        for (formats, files) in [(&[Format::Srt, Format::Vtt][..], &files[..1]), (&[Format::Srt], &files)] {
            let error = Output::new(None, formats, files).err().unwrap();
            assert!(error.to_string().contains("--output") && error.is::<exit::Ending>());
        }
    }

    #[test]
    fn recordings_that_differ_in_their_ending_do_not_overwrite_each_other() {
        let files = ["in/a.wav", "in/a.mp3", "b.wav"].map(PathBuf::from);
        let folder = tempfile::tempdir().unwrap();
        let Output::Files { whole_names, formats, .. } =
            Output::new(Some(folder.path()), &[], &files).unwrap()
        else {
            panic!("files were asked for");
        };
        assert!(whole_names && formats == [Format::Txt, Format::Md]);
        assert_eq!(file_name(&files[1], Format::Txt, true), "a.mp3.txt");
        assert_eq!(file_name(&files[1], Format::Txt, false), "a.txt");
        assert!(!share_a_stem(&files[1..]));
    }
}
