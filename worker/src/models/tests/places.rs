//! Where a model is found: by its name, by its path, in the models folder and beside the program.

use super::*;

/// The configuration with this models folder, and with nothing beside the program.
fn speech(models: &Path) -> SpeechConfig {
    let config = config::Config::load(None, |_| None, Vec::new()).unwrap().speech;
    SpeechConfig { models: models.into(), bundled_models: models.join("bundled"), ..config }
}

fn asked(name: &str, speech: &SpeechConfig) -> Result<ModelSource, ModelError> {
    resolve(ModelKind::Speech, name, speech)
}

#[test]
fn the_default_model_comes_with_the_program_and_one_in_the_models_folder_goes_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = speech(folder.path());
    let entry = find(&nothing.model).unwrap();
    assert_eq!(asked(entry.name, &nothing).unwrap(), ModelSource::Missing(entry));

    let speech = SpeechConfig { bundled_models: ground_truth::bundled_models(), ..nothing };
    let found =
        |path: PathBuf| ModelSource::Ready(ModelFile { name: entry.name.to_owned(), path, own: false });
    let bundled = entry.path_in(&speech.bundled_models);
    assert_eq!(asked(entry.name, &speech).unwrap(), found(bundled.clone()));
    assert!(matches!(remove(entry.name, &speech), Err(ModelError::Bundled { .. })));

    let own = entry.path_in(folder.path());
    std::fs::copy(&bundled, &own).unwrap();
    assert_eq!(asked(entry.name, &speech).unwrap(), found(own.clone()));
    assert_eq!(remove(entry.name, &speech).unwrap(), entry.bytes);
    assert!(!own.exists() && bundled.exists());
}

#[tokio::test]
async fn a_bundled_model_that_is_nowhere_is_explained_with_where_it_belongs() {
    let folder = tempfile::tempdir().unwrap();
    let (server, base_url) = Server::start(b"", [Turn::Status(404)]).await;
    let speech = SpeechConfig { model_url: base_url, ..speech(folder.path()) };
    std::fs::create_dir(&speech.bundled_models).unwrap();
    std::fs::write(speech.bundled_models.join("ggml-base-q5_1.bin"), b"cut short").unwrap();
    let error = ensure(ModelKind::Speech, "base-q5_1", &speech, |_, _| {}).await.unwrap_err().to_string();
    let place = speech.bundled_models.display().to_string();
    assert!(error.contains(&place) && error.contains("SEOGI_BUNDLED_MODELS"), "{error}");
    assert_eq!(server.asked(), [None]);
}

#[test]
fn a_path_is_taken_as_it_is_and_must_exist() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("mine.bin");
    std::fs::write(&own, b"anything").unwrap();
    let (name, speech) = (own.to_str().unwrap(), speech(folder.path()));
    let expected = ModelFile { name: "mine".to_owned(), path: own.clone(), own: true };
    assert_eq!(asked(name, &speech).unwrap(), ModelSource::Ready(expected));
    std::fs::remove_file(&own).unwrap();
    assert!(matches!(asked(name, &speech), Err(ModelError::NoFile { path }) if path == own));
}

#[test]
fn an_unknown_name_is_answered_with_the_names_there_are() {
    let error = asked("lrage-v3", &speech(Path::new("models"))).unwrap_err().to_string();
    assert!(error.contains("did you mean large-v3?") && error.contains("tiny, tiny-q5_1"), "{error}");
}

#[test]
fn a_model_for_something_else_is_unknown() {
    let speech = speech(Path::new("models"));
    let asked = |kind, name| resolve(kind, name, &speech);
    let entry = find("3dspeaker-campplus").unwrap();
    assert_eq!(asked(ModelKind::Speakers, entry.name).unwrap(), ModelSource::Missing(entry));
    for (kind, name) in [(ModelKind::Speech, entry.name), (ModelKind::Speakers, "base")] {
        assert!(matches!(asked(kind, name), Err(ModelError::Unknown { .. })), "{name}");
    }
    let error = asked(ModelKind::Speakers, "titanet").unwrap_err().to_string();
    assert!(error.contains("3dspeaker-campplus, campplus, built-in, or the path of an ONNX file"), "{error}");
}

#[test]
fn a_published_model_is_missing_until_the_right_file_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let (entry, speech) = (find("base").unwrap(), speech(folder.path()));
    assert_eq!(asked("base", &speech).unwrap(), ModelSource::Missing(entry));
    std::fs::write(entry.path_in(folder.path()), b"half a model").unwrap();
    assert!(matches!(asked("base", &speech), Err(ModelError::Size { found: 12, .. })));
}

#[test]
fn the_folder_lists_what_is_there_and_gives_it_up() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(list_installed(&folder.path().join("none")).unwrap(), []);
    let speech = speech(folder.path());
    assert!(matches!(remove("base", &speech), Err(ModelError::NotInstalled { .. })));

    let base = find("base").unwrap();
    for file in ["ggml-base.bin", "ggml-base.bin.part", "ggml-base.bin.verified", "mine.bin", "notes.txt"] {
        std::fs::write(folder.path().join(file), b"12345").unwrap();
    }
    let mine = folder.path().join("mine.bin").display().to_string();
    let listed = list_installed(folder.path()).unwrap();
    let listed: Vec<_> = listed.iter().map(|model| (model.name.as_str(), model.entry)).collect();
    assert_eq!(listed, [(mine.as_str(), None), ("base", Some(base))]);

    assert_eq!(remove("base", &speech).unwrap(), 10);
    assert_eq!(files(&folder), ["mine.bin", "notes.txt"]);
}

#[tokio::test]
async fn a_model_being_fetched_is_not_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let target = find("tiny").unwrap().path_in(folder.path());
    let _part = part::Part::open(&target, |_| {}).await.unwrap();
    assert!(matches!(remove("tiny", &speech(folder.path())), Err(ModelError::Busy { .. })));
}
