//! The published models that Seogi can fetch by name, pinned by size and SHA-256: OpenAI's Whisper models in ggml format, of
//! `ggerganov/whisper.cpp` on Hugging Face at revision `5359861c739e955e79d9a303bcbc70fb988958b1`, and speaker models in
//! ONNX format, of sherpa-onnx's release `speaker-recongition-models`.

use std::path::{Path, PathBuf};

use config::SpeechConfig;

/// What a model does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelKind {
    /// It recognises what is said.
    Speech,
    /// It tells voices apart.
    Speakers,
}

/// A published model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelEntry {
    /// What people type: `base`, `small.en`, `large-v3-turbo-q5_0`, `wespeaker-resnet34`.
    pub name: &'static str,
    /// What it does.
    pub kind: ModelKind,
    /// The file's name, the same in the models folder as at its home: `ggml-base.bin`.
    pub file: &'static str,
    /// Size of the file in bytes.
    pub bytes: u64,
    /// SHA-256 of the file, 64 lower-case hexadecimal digits.
    pub sha256: &'static str,
    /// SHA-256 of the file that comes with the program; `None` if none does. Its weights are the published ones, but in
    /// fewer bits they were written by another run, so that the files differ in some places.
    pub bundled_sha256: Option<&'static str>,
}

impl ModelEntry {
    /// Where the file lies in the models folder `models_dir`.
    #[must_use]
    pub fn path_in(&self, models_dir: &Path) -> PathBuf {
        models_dir.join(self.file)
    }

    /// Where the file is fetched from; `base_url` is the folder at its public home or on a mirror.
    #[must_use]
    pub fn url(&self, base_url: &str) -> String {
        format!("{}/{}", base_url.trim_end_matches('/'), self.file)
    }

    /// The folder that it is fetched from, as configured.
    #[must_use]
    pub fn home<'a>(&self, speech: &'a SpeechConfig) -> &'a str {
        match self.kind {
            ModelKind::Speech => &speech.model_url,
            ModelKind::Speakers => &speech.speakers.model_url,
        }
    }

    /// Whether the model knows English only (its name has `.en`).
    #[must_use]
    pub fn english_only(&self) -> bool {
        self.name.contains(".en")
    }
}

/// Every model that can be fetched by name: those for speech, smallest family first, then those for speakers.
#[must_use]
pub fn catalogue() -> &'static [ModelEntry] {
    CATALOGUE
}

/// The entry of that name, or of the names `large` and `turbo`, which Whisper uses for the newest of their kind.
#[must_use]
pub fn find(name: &str) -> Option<&'static ModelEntry> {
    let name = match name {
        "large" => "large-v3",
        "turbo" => "large-v3-turbo",
        other => other,
    };
    CATALOGUE.iter().find(|entry| entry.name == name)
}

/// The names of the models that do the same.
pub(super) fn names(kind: ModelKind) -> impl Iterator<Item = &'static str> {
    CATALOGUE.iter().filter(move |entry| entry.kind == kind).map(|entry| entry.name)
}

/// The catalogue's name of that kind most like `name`, where one is like it at all.
pub(super) fn nearest(name: &str, kind: ModelKind) -> Option<&'static str> {
    names(kind)
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// A Whisper model, whose file has its name.
macro_rules! whisper {
    ($name:literal, $bytes:literal, $sha256:literal) => {
        whisper!($name, $bytes, $sha256, None)
    };
    ($name:literal, $bytes:literal, $sha256:literal, $bundled:expr) => {
        ModelEntry {
            name: $name,
            kind: ModelKind::Speech,
            file: concat!("ggml-", $name, ".bin"),
            bytes: $bytes,
            sha256: $sha256,
            bundled_sha256: $bundled,
        }
    };
}

/// Whisper quantises small models to q5_1 and large ones to q5_0, and publishes no q8_0 of `large-v3`.
const CATALOGUE: &[ModelEntry] = &[
    whisper!("tiny", 77_691_713, "be07e048e1e599ad46341c8d2a135645097a538221678b7acdd1b1919c6e1b21"),
    whisper!("tiny-q5_1", 32_152_673, "818710568da3ca15689e31a743197b520007872ff9576237bda97bd1b469c3d7"),
    whisper!("tiny-q8_0", 43_537_433, "c2085835d3f50733e2ff6e4b41ae8a2b8d8110461e18821b09a15c40c42d1cca"),
    whisper!("tiny.en", 77_704_715, "921e4cf8686fdd993dcd081a5da5b6c365bfde1162e72b08d75ac75289920b1f"),
    whisper!("tiny.en-q5_1", 32_166_155, "c77c5766f1cef09b6b7d47f21b546cbddd4157886b3b5d6d4f709e91e66c7c2b"),
    whisper!("tiny.en-q8_0", 43_550_795, "5bc2b3860aa151a4c6e7bb095e1fcce7cf12c7b020ca08dcec0c6d018bb7dd94"),
    whisper!("base", 147_951_465, "60ed5bc3dd14eea856493d334349b405782ddcaf0028d4b5df4088345fba2efe"),
    whisper!(
        "base-q5_1",
        59_707_625,
        "422f1ae452ade6f30a004d7e5c6a43195e4433bc370bf23fac9cc591f01a8898",
        Some("ec9db51bb8a7e421275ebe2769c9df784e2412b558a7f37e2be3f19d359259d6")
    ),
    whisper!("base-q8_0", 81_768_585, "c577b9a86e7e048a0b7eada054f4dd79a56bbfa911fbdacf900ac5b567cbb7d9"),
    whisper!("base.en", 147_964_211, "a03779c86df3323075f5e796cb2ce5029f00ec8869eee3fdfb897afe36c6d002"),
    whisper!("base.en-q5_1", 59_721_011, "4baf70dd0d7c4247ba2b81fafd9c01005ac77c2f9ef064e00dcf195d0e2fdd2f"),
    whisper!("base.en-q8_0", 81_781_811, "a4d4a0768075e13cfd7e19df3ae2dbc4a68d37d36a7dad45e8410c9a34f8c87e"),
    whisper!("small", 487_601_967, "1be3a9b2063867b937e64e2ec7483364a79917e157fa98c5d94b5c1fffea987b"),
    whisper!("small-q5_1", 190_085_487, "ae85e4a935d7a567bd102fe55afc16bb595bdb618e11b2fc7591bc08120411bb"),
    whisper!("small-q8_0", 264_464_607, "49c8fb02b65e6049d5fa6c04f81f53b867b5ec9540406812c643f177317f779f"),
    whisper!("small.en", 487_614_201, "c6138d6d58ecc8322097e0f987c32f1be8bb0a18532a3f88f734d1bbf9c41e5d"),
    whisper!(
        "small.en-q5_1",
        190_098_681,
        "bfdff4894dcb76bbf647d56263ea2a96645423f1669176f4844a1bf8e478ad30"
    ),
    whisper!(
        "small.en-q8_0",
        264_477_561,
        "67a179f608ea6114bd3fdb9060e762b588a3fb3bd00c4387971be4d177958067"
    ),
    whisper!("medium", 1_533_763_059, "6c14d5adee5f86394037b4e4e8b59f1673b6cee10e3cf0b11bbdbee79c156208"),
    whisper!("medium-q5_0", 539_212_467, "19fea4b380c3a618ec4723c3eef2eb785ffba0d0538cf43f8f235e7b3b34220f"),
    whisper!("medium-q8_0", 823_369_779, "42a1ffcbe4167d224232443396968db4d02d4e8e87e213d3ee2e03095dea6502"),
    whisper!("medium.en", 1_533_774_781, "cc37e93478338ec7700281a7ac30a10128929eb8f427dda2e865faa8f6da4356"),
    whisper!(
        "medium.en-q5_0",
        539_225_533,
        "76733e26ad8fe1c7a5bf7531a9d41917b2adc0f20f2e4f5531688a8c6cd88eb0"
    ),
    whisper!(
        "medium.en-q8_0",
        823_382_461,
        "43fa2cd084de5a04399a896a9a7a786064e221365c01700cea4666005218f11c"
    ),
    whisper!("large-v1", 3_094_623_691, "7d99f41a10525d0206bddadd86760181fa920438b6b33237e3118ff6c83bb53d"),
    whisper!("large-v2", 3_094_623_691, "9a423fe4d40c82774b6af34115b8b935f34152246eb19e80e376071d3f999487"),
    whisper!(
        "large-v2-q5_0",
        1_080_732_091,
        "3a214837221e4530dbc1fe8d734f302af393eb30bd0ed046042ebf4baf70f6f2"
    ),
    whisper!(
        "large-v2-q8_0",
        1_656_129_691,
        "fef54e6d898246a65c8285bfa83bd1807e27fadf54d5d4e81754c47634737e8c"
    ),
    whisper!("large-v3", 3_095_033_483, "64d182b440b98d5203c4f9bd541544d84c605196c4f7b845dfa11fb23594d1e2"),
    whisper!(
        "large-v3-q5_0",
        1_081_140_203,
        "d75795ecff3f83b5faa89d1900604ad8c780abd5739fae406de19f23ecd98ad1"
    ),
    whisper!(
        "large-v3-turbo",
        1_624_555_275,
        "1fc70f774d38eb169993ac391eea357ef47c88757ef72ee5943879b7e8e2bc69"
    ),
    whisper!(
        "large-v3-turbo-q5_0",
        574_041_195,
        "394221709cd5ad1f40c46e6031ca61bce88931e6e088c188294c6d5a55ffa7e2"
    ),
    whisper!(
        "large-v3-turbo-q8_0",
        874_188_075,
        "317eb69c11673c9de1e1f0d459b253999804ec71ac4c23c17ecf5fbe24e259a1"
    ),
    ModelEntry {
        name: "wespeaker-resnet34",
        kind: ModelKind::Speakers,
        file: "wespeaker_en_voxceleb_resnet34_LM.onnx",
        bytes: 26_530_550,
        sha256: "e9848563da86f263117134dfd7ad63c92355b37de492b55e325400c9d9c39012",
        bundled_sha256: None,
    },
    ModelEntry {
        name: "3dspeaker-campplus",
        kind: ModelKind::Speakers,
        file: "3dspeaker_speech_campplus_sv_en_voxceleb_16k.onnx",
        bytes: 29_596_978,
        sha256: "357a834f702b80161e5b981182c038e18553c1f2ca752ed6cec2052365d4129b",
        bundled_sha256: None,
    },
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_entry_is_told_from_every_other_and_has_a_whole_checksum() {
        let names: HashSet<_> = catalogue().iter().map(|entry| entry.name).collect();
        let sums: HashSet<_> = catalogue().iter().map(|entry| entry.sha256).collect();
        for entry in catalogue() {
            assert!(entry.sha256.len() == 64 && hex::decode(entry.sha256).is_ok(), "{}", entry.name);
            assert_eq!(entry.sha256, entry.sha256.to_lowercase());
        }
        assert_eq!((names.len(), sums.len()), (catalogue().len(), catalogue().len()));
    }

    #[test]
    fn a_name_finds_its_entry_and_the_entry_its_file() {
        let entry = find("large-v3-turbo-q5_0").unwrap();
        assert_eq!(entry.path_in(Path::new("m")), Path::new("m/ggml-large-v3-turbo-q5_0.bin"));
        assert_eq!(entry.url("http://mirror/"), "http://mirror/ggml-large-v3-turbo-q5_0.bin");
        assert_eq!(find("turbo"), find("large-v3-turbo"));
        assert!(find("small.en").unwrap().english_only() && !entry.english_only());
        assert_eq!(find("gigantic"), None);
        let voices = find("wespeaker-resnet34").unwrap();
        assert_eq!(voices.url("http://mirror"), "http://mirror/wespeaker_en_voxceleb_resnet34_LM.onnx");
    }

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_nonsense_is_not() {
        assert_eq!(nearest("meduim", ModelKind::Speech), Some("medium"));
        assert_eq!(nearest("large-v3-trubo", ModelKind::Speech), Some("large-v3-turbo"));
        assert_eq!(nearest("wespeaker", ModelKind::Speakers), Some("wespeaker-resnet34"));
        assert_eq!(nearest("wespeaker", ModelKind::Speech), None);
        assert_eq!(nearest("qqqq", ModelKind::Speech), None);
    }
}
