//! Every template there is: the built-in ones, and the user's own from a folder.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::{Brief, template::Template};
use config::Config;
use llm::LlmError;
use shared::job::SummaryOptions;

/// Name of the template for any meeting.
pub(super) const GENERAL: &str = "general";

/// The files of the built-in templates, in the order in which they are offered.
const BUILT_IN: [&str; 6] = [
    include_str!("templates/general.json"),
    include_str!("templates/stand-up.json"),
    include_str!("templates/interview.json"),
    include_str!("templates/lecture.json"),
    include_str!("templates/one-to-one.json"),
    include_str!("templates/medical.json"),
];

/// Largest file of a template in bytes.
const MAX_FILE_BYTES: u64 = 64 * 1024;

/// What is wrong with the user's templates.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The folder or a file in it cannot be read.
    #[error("{} cannot be read ({source}); correct its rights, or name another folder in SEOGI_TEMPLATES", .path.display())]
    Unreadable {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is no template.
    #[error("the template {} {problem}; correct the file or take it out of the folder", .path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, as the end of a sentence.
        problem: String,
    },
    /// The configuration names a template that is not there.
    #[error("minutes.template (SEOGI_TEMPLATE) names '{name}', which is none of {known}; name one of these")]
    Unknown {
        /// The name.
        name: String,
        /// Those there are.
        known: String,
    },
}

/// The templates that minutes can be written by, and what is taken where nobody asks for anything.
#[derive(Clone, Debug)]
pub struct Templates {
    list: Vec<Template>,
    /// Where the user's own were looked for.
    folder: PathBuf,
    defaults: SummaryOptions,
}

impl Templates {
    /// The built-in templates, and those in the folder that the configuration names.
    ///
    /// # Errors
    /// Which file is wrong, and what is wrong with it.
    pub fn load(config: &Config) -> Result<Self, TemplateError> {
        let mut list = built_in();
        let folder = config.templates_folder();
        for path in files(&folder)? {
            let wrong = |problem| TemplateError::Wrong { path: path.clone(), problem };
            let template = read(&path)?.and_then(|text| Template::read(&text)).map_err(wrong)?;
            if list.iter().any(|other| other.name == template.name) {
                return Err(wrong(format!(
                    "has the name '{}', which another template has, too",
                    template.name
                )));
            }
            list.push(template);
        }
        let templates = Self { list, folder, defaults: config.minutes.defaults() };
        let name = templates.default_name();
        match templates.get(name) {
            Some(_) => Ok(templates),
            None => Err(TemplateError::Unknown { name: name.to_owned(), known: templates.names() }),
        }
    }

    /// All of them: the built-in ones first, then the user's own by the names of their files.
    pub fn iter(&self) -> impl Iterator<Item = &Template> {
        self.list.iter()
    }

    /// How many of them are the user's own, and the folder of these.
    pub fn own(&self) -> (usize, &Path) {
        (self.list.len() - BUILT_IN.len(), &self.folder)
    }

    /// The template of this name.
    pub fn get(&self, name: &str) -> Option<&Template> {
        self.list.iter().find(|template| template.name == name)
    }

    /// The names of all, for people.
    pub fn names(&self) -> String {
        self.list.iter().map(|template| template.name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// What is taken where nobody asks for anything.
    pub fn default_name(&self) -> &str {
        self.defaults.template.as_deref().unwrap_or(GENERAL)
    }

    /// What was asked for, with the defaults where nothing was.
    ///
    /// # Errors
    /// [`LlmError::Config`] if there is no such template (any more).
    pub fn brief<'a>(&'a self, asked: &'a SummaryOptions) -> Result<Brief<'a>, LlmError> {
        let name = asked.template.as_deref().unwrap_or(self.default_name());
        let template = self.get(name).ok_or_else(|| {
            LlmError::Config(format!(
                "there is no template '{name}' here, only {}; ask for one of these",
                self.names()
            ))
        })?;
        let language = asked.language.as_deref().or(self.defaults.language.as_deref());
        Ok(Brief {
            template,
            language: language.filter(|code| *code != "auto"),
            length: asked.length.or(self.defaults.length).unwrap_or_default(),
        })
    }
}

fn built_in() -> Vec<Template> {
    #[expect(clippy::unwrap_used, reason = "the files are compiled in, and every test reads them")]
    BUILT_IN.iter().map(|text| Template::read(text).unwrap()).collect()
}

/// The JSON files in the folder, by name; none if it is not there.
fn files(folder: &Path) -> Result<Vec<PathBuf>, TemplateError> {
    let unreadable = |source| TemplateError::Unreadable { path: folder.to_owned(), source };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error)),
    };
    let paths: Result<Vec<PathBuf>, io::Error> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(unreadable)?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort_unstable();
    Ok(paths)
}

/// The file's text; the inner error is what is wrong with it.
fn read(path: &Path) -> Result<Result<String, String>, TemplateError> {
    let unreadable = |source| TemplateError::Unreadable { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_FILE_BYTES {
        return Ok(Err(format!("has more than {MAX_FILE_BYTES} bytes")));
    }
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Ok(text)),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Err("is not UTF-8 text".to_owned())),
        Err(error) => Err(unreadable(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::Value;
    use shared::job::Length;

    fn load(folder: &Path, flags: &[(&'static str, &str)]) -> Result<Templates, TemplateError> {
        let path = folder.to_string_lossy().into_owned();
        let own = [("minutes.templates", Value::from(path))];
        let flags = flags.iter().map(|(key, value)| (*key, Value::from(*value)));
        Templates::load(&Config::load(None, |_| None, own.into_iter().chain(flags).collect()).unwrap())
    }

    #[test]
    fn the_users_own_come_after_the_built_in_ones() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load(&folder.path().join("none"), &[]).unwrap().own().0, 0);
        let file = r#"{ "name": "board", "title": "Board", "schema": { "properties": { "risks": { "type": "string" } } } }"#;
        std::fs::write(folder.path().join("b.json"), file).unwrap();
        std::fs::write(folder.path().join("readme.txt"), "not a template").unwrap();
        let templates = load(folder.path(), &[("minutes.template", "board")]).unwrap();
        assert_eq!(templates.names(), "general, stand-up, interview, lecture, one-to-one, medical, board");
        assert_eq!((templates.own().0, templates.default_name()), (1, "board"));
        std::fs::write(folder.path().join("c.json"), file).unwrap();
        let twice = load(folder.path(), &[]).unwrap_err().to_string();
        assert!(twice.contains("c.json has the name 'board', which another"), "{twice}");
    }

    #[test]
    fn a_wrong_file_is_named_with_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let wrong = |content: &[u8]| {
            std::fs::write(folder.path().join("mine.json"), content).unwrap();
            load(folder.path(), &[]).unwrap_err().to_string()
        };
        for (content, expected) in [
            (&b"{ \"name\": 1 }"[..], "expected a string"),
            (b"\xff", "is not UTF-8 text"),
            (b"{}", "missing field"),
            (&[b' '; 70_000], "more than 65536 bytes"),
        ] {
            let said = wrong(content);
            assert!(said.contains("mine.json") && said.contains(expected), "{said}");
        }
        let folder = tempfile::tempdir().unwrap();
        let unknown = load(folder.path(), &[("minutes.template", "gone")]).unwrap_err().to_string();
        assert!(unknown.contains("SEOGI_TEMPLATE") && unknown.contains("'gone'"), "{unknown}");
    }

    #[test]
    fn what_is_asked_for_wins_over_the_defaults() {
        let folder = tempfile::tempdir().unwrap();
        let defaults =
            [("minutes.template", "lecture"), ("minutes.language", "ko"), ("minutes.length", "short")];
        let templates = load(folder.path(), &defaults).unwrap();
        let nothing = SummaryOptions::default();
        let brief = templates.brief(&nothing).unwrap();
        assert_eq!(
            (brief.template.name.as_str(), brief.language, brief.length),
            ("lecture", Some("ko"), Length::Short)
        );
        let asked = SummaryOptions {
            template: Some("medical".to_owned()),
            language: Some("auto".to_owned()),
            length: Some(Length::Long),
        };
        let brief = templates.brief(&asked).unwrap();
        assert_eq!(
            (brief.template.name.as_str(), brief.language, brief.length),
            ("medical", None, Length::Long)
        );
        let gone = SummaryOptions { template: Some("gone".to_owned()), ..asked };
        assert!(templates.brief(&gone).unwrap_err().to_string().contains("'gone'"));
    }
}
