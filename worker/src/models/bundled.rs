//! The models that come with the program: files of the catalogue in a folder beside it, to which nothing here writes.

use std::path::{Path, PathBuf};

use config::SpeechConfig;

use super::ModelEntry;

/// Where that folder lies, seen from the program's own: beside it, where packages put it, and in a checkout, where cargo
/// built the program (for a named target one folder further down).
const PLACES: [&str; 4] =
    ["models", "../share/seogi/models", "../../assets/models", "../../../assets/models"];

/// The folders that bundled models are looked for in.
#[must_use]
pub fn bundled_folders(speech: &SpeechConfig) -> Vec<PathBuf> {
    if !speech.bundled_models.as_os_str().is_empty() {
        return vec![speech.bundled_models.clone()];
    }
    let program = std::env::current_exe().unwrap_or_default();
    let program = program.canonicalize().unwrap_or(program);
    folders_beside(program.parent().unwrap_or(Path::new("")))
}

fn folders_beside(program: &Path) -> Vec<PathBuf> {
    let place = |place: &str| {
        let up = place.split('/').filter(|step| *step == "..").count();
        let base = program.ancestors().nth(up)?;
        Some(base.join(place.trim_start_matches("../")))
    };
    PLACES.iter().filter_map(|one| place(one)).collect()
}

/// The file of a model that comes with the program, if it is there in its whole length. Like the program itself, it is not
/// hashed at each start.
#[must_use]
pub fn bundled(entry: &ModelEntry, speech: &SpeechConfig) -> Option<PathBuf> {
    entry.bundled_sha256?;
    let whole =
        |path: &PathBuf| path.metadata().is_ok_and(|file| file.is_file() && file.len() == entry.bytes);
    bundled_folders(speech).iter().map(|folder| entry.path_in(folder)).find(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::{catalogue, checksum};

    #[test]
    fn every_bundled_model_is_in_the_checkout_as_the_catalogue_says() {
        let mut some = false;
        for entry in catalogue() {
            if let Some(sha256) = entry.bundled_sha256 {
                let path = entry.path_in(&ground_truth::bundled_models());
                assert_eq!(checksum::sha256(&path).unwrap(), sha256, "{}", path.display());
                assert_eq!(path.metadata().unwrap().len(), entry.bytes, "{}", entry.name);
                some = true;
            }
        }
        assert!(some);
    }

    #[test]
    fn it_is_looked_for_beside_the_program_and_where_packages_and_checkouts_have_it() {
        let seen = |program: &str| folders_beside(Path::new(program));
        assert_eq!(
            seen("/usr/local/bin").get(..2),
            Some(&["/usr/local/bin/models".into(), "/usr/local/share/seogi/models".into()][..])
        );
        assert!(seen("/src/seogi/target/release").contains(&"/src/seogi/assets/models".into()));
        assert!(seen("/src/seogi/target/aarch64/release").contains(&"/src/seogi/assets/models".into()));
        assert_eq!(seen("/bin"), [PathBuf::from("/bin/models"), "/share/seogi/models".into()]);
    }
}
