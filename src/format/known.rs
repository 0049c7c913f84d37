//! The formats that flags are known to be kept in, one row each: those that are read here, and those that are only
//! named.
//!
//! **In**: the path and the bytes of a file. **Out**: the row of its format and how many flags it holds, by its name
//! and by its shape. **Refuses**: to call a file one of flags for its name alone, unless no other file is called so.
//! **Not taken**: reading these files strictly, as a review does: a file with an error in it is one of flags
//! nevertheless, and has to be named.

mod kustomize;
mod no_flags;
mod renamed;
mod shapes;

pub use kustomize::{
    AboutFlags, Kustomization, about_flags, chart_of, charts_of, generated, is_kustomization, kustomizations_around,
};
pub use renamed::{RenamedFolders, is_settings};
pub use shapes::{is_registry_name, may_hold_flags};

use super::mapped::{self, BuiltIn};
use super::{FormatRef, by_id};
use crate::diagnostics::Diagnostics;
use crate::document::yaml::{self, Dialect};
use crate::document::{Data, Node, toml};
use no_flags::{flagd_server, flipt_server, goff_relay};
use shapes::{
    chatwoot, duckduckgo, featurevisor, firebase, flagd_file, flipper, flipt, gitlab, goff, growthbook, harness,
    is_registry, kubernetes, launchdarkly, list, map, microsoft, native_file, registry, some, split, study, unleash,
};

/// A format that flags are kept in.
#[derive(Debug)]
pub struct KnownFormat {
    /// The name by which people know it.
    pub name: &'static str,
    /// The name of its format, if it is read here.
    pub id: Option<&'static str>,
    /// Whether a file of it holds nothing but flags and what belongs to them.
    pub alone: bool,
    /// The number of flags in a document of this shape; `None` if it is of another. The path is in lower case.
    shape: fn(node: &Node, path: &str) -> Option<usize>,
    /// Ends of paths, in lower case, that no other files have.
    pub ends: &'static [&'static str],
    /// Words that all stand in a file of it; they tell of one that cannot be parsed, such as a template.
    words: &'static [&'static str],
    /// Names of files that are of it in any folder, as patterns: new ones come under them.
    pub names: &'static [&'static str],
    /// Folders that hold nothing but its files, however deep: new ones come there.
    pub folders: &'static [&'static str],
    /// Members that other tools have too: they are its own next to flags.
    pub vague_folders: &'static [&'static str],
    /// A folder that has its folders once for each of several sets, and the files that are kept apart from a set.
    pub sets: Option<SetFolders>,
    /// Whether a file of it holds no flag, and says where those of the format of this name are read.
    pub settings_of: Option<&'static str>,
    /// Whether kustomize builds its files, and Helm fills them in.
    pub is_built: bool,
    /// Patterns of its settings, which say where flags are read: they are protected, whether they are there yet.
    pub settings: &'static [&'static str],
    /// A mapping that is shipped for it, with the name that it gets, where the format is not built in.
    pub shipped: Option<BuiltIn>,
    /// The pattern for files of applications to come, if each folder with a file of it is another application.
    pub applications: Option<&'static str>,
    /// Whether nothing but the name of a file tells of it, so that it has to be tried whether the format reads it.
    pub guessed: bool,
}

/// Folders of a format that come several times, and where else their files are.
#[derive(Debug)]
pub struct SetFolders {
    /// The folder around them: `sets/production/features`.
    pub folder: &'static str,
    /// The folder that has one more for each of them.
    pub apart: &'static str,
    /// The files there, as a pattern.
    pub files: &'static str,
}

/// A row that says nothing.
const ROW: KnownFormat = KnownFormat {
    name: "",
    id: None,
    alone: true,
    shape: |_, _| None,
    ends: &[],
    words: &[],
    names: &[],
    folders: &[],
    vague_folders: &[],
    sets: None,
    settings_of: None,
    is_built: false,
    settings: &[],
    shipped: None,
    applications: None,
    guessed: false,
};

impl KnownFormat {
    /// Its row, if it is read here.
    #[must_use]
    pub fn format(&self) -> Option<FormatRef> {
        by_id(self.id?)
    }

    /// Whether a file of this name can be one of its own. A native file is YAML; any file can be named one of flagd.
    fn can_be(&self, lower: &str) -> bool {
        let by_folder = |format: FormatRef| !format.one_flag_a_file || (format.recognises)(lower);
        let reads_toml = self.id.is_some_and(|id| ["flipper", "goff", "registry"].contains(&id));
        (reads_toml || !lower.ends_with(".toml")) && self.format().is_none_or(by_folder)
    }

    /// Whether its settings may rename its folders.
    #[must_use]
    pub fn renames(&self) -> bool {
        self.settings.contains(&renamed::SETTINGS)
    }

    /// The format that its shipped mapping describes, if it has one.
    #[must_use]
    pub fn shipped_format(&self) -> Option<FormatRef> {
        let shipped = self.shipped.as_ref()?;
        let mapping = mapped::parse(shipped.text.as_bytes(), &mut Diagnostics::of(shipped.name))?;
        Some(mapped::format(shipped.name, mapping))
    }
}

/// The mappings that are shipped as examples.
pub fn shipped() -> impl Iterator<Item = &'static BuiltIn> {
    KNOWN.iter().filter_map(|known| known.shipped.as_ref())
}

/// A file of flags.
#[derive(Clone, Copy, Debug)]
pub struct KnownFile {
    pub known: &'static KnownFormat,
    /// The number of flags, as far as they can be counted.
    pub flags: usize,
}

/// Every format that is recognised, the first that fits first. **A new one is one row here.**
pub static KNOWN: &[KnownFormat] = &[
    KnownFormat {
        name: "flagd",
        id: Some("flagd"),
        shape: flagd_file,
        ends: &[".flagd.json", ".flagd.yaml", ".flagd.yml"],
        words: &["\"flags\"", "\"defaultVariant\"", "\"variants\""],
        names: &["*.flagd.json", "*.flagd.y*ml"],
        ..ROW
    },
    KnownFormat {
        name: "Kubernetes FeatureFlag",
        id: Some("kubernetes"),
        alone: false,
        shape: kubernetes,
        is_built: true,
        words: &["apiVersion: core.openfeature.dev/", "kind: FeatureFlag"],
        ..ROW
    },
    KnownFormat {
        name: "native",
        id: Some("native"),
        shape: native_file,
        words: &["\nkey:", "\nstate:", "\nvariants:"],
        ..ROW
    },
    KnownFormat {
        name: "GO Feature Flag",
        id: Some("goff"),
        shape: goff,
        ends: &[".goff.yaml", ".goff.yml", ".goff.json", ".goff.toml"],
        words: &["variations", "defaultRule"],
        names: &["*.goff.y*ml", "*.goff.json", "*.goff.toml"],
        settings: &["**/goff-proxy.*"],
        ..ROW
    },
    KnownFormat {
        name: "Flipt",
        id: Some("flipt"),
        shape: flipt,
        ends: &[".flipt.yml", ".flipt.yaml"],
        words: &["flags:", "_FLAG_TYPE"],
        names: &["*features.y*ml", "features.json"],
        settings: &["**/.flipt.y*ml", "**/flipt.y*ml", "**/flipt/config.y*ml"],
        ..ROW
    },
    KnownFormat {
        name: "Featurevisor",
        id: Some("featurevisor"),
        shape: featurevisor,
        words: &["\nbucketBy:", "segments:"],
        folders: &["features", "segments", "groups", "targets", "schemas", ".featurevisor/**/existing-state*.json"],
        vague_folders: &["targets", "schemas"],
        sets: Some(SetFolders { folder: "sets", apart: ".featurevisor/sets", files: "existing-state*.json" }),
        settings: &[renamed::SETTINGS],
        ..ROW
    },
    KnownFormat { name: "Flipt's server", shape: flipt_server, settings_of: Some("flipt"), ..ROW },
    KnownFormat { name: "GO Feature Flag's relay", shape: goff_relay, settings_of: Some("goff"), ..ROW },
    KnownFormat { name: "flagd's server", shape: flagd_server, settings_of: Some("flagd"), ..ROW },
    KnownFormat {
        name: "Unleash",
        id: Some("unleash"),
        shape: unleash,
        words: &["\"features\"", "\"strategies\"", "\"impressionData\""],
        folders: &[".unleash"],
        ..ROW
    },
    KnownFormat {
        name: "Harness",
        id: Some("harness"),
        shape: harness,
        words: &["featureFlags:", "offVariation"],
        // Pipelines and templates stand in that folder too.
        folders: &[".harness/**/flags.y*ml"],
        ..ROW
    },
    KnownFormat {
        name: "Microsoft Feature Management",
        id: Some("microsoft"),
        alone: false,
        shape: microsoft,
        words: &["\"FeatureManagement\""],
        names: &["appsettings*.json"],
        applications: Some("**/{folder}/appsettings*.json"),
        ..ROW
    },
    KnownFormat {
        name: "Firebase Remote Config",
        shape: firebase,
        ends: &["remoteconfig.template.json"],
        words: &["\"parameters\"", "\"defaultValue\"", "\"conditions\""],
        names: &["remoteconfig.template.json"],
        // Names the template that is deployed.
        settings: &["**/firebase.json"],
        shipped: Some(BuiltIn { name: "firebase", text: include_str!("../../examples/formats/firebase.yaml") }),
        ..ROW
    },
    KnownFormat {
        name: "Optimizely",
        shape: |node, _| {
            let flag = |flag: &Node| flag.get("key").is_some() && flag.get("rolloutId").is_some();
            some(list(node, "featureFlags")?.iter().filter(|one| flag(one)).count())
        },
        words: &["\"featureFlags\"", "\"rolloutId\"", "\"experimentIds\""],
        ..ROW
    },
    KnownFormat { name: "LaunchDarkly", shape: launchdarkly, words: &["\"flagValues\""], ..ROW },
    KnownFormat {
        name: "GrowthBook",
        shape: growthbook,
        words: &["\"features\"", "\"defaultValue\"", "\"coverage\""],
        ..ROW
    },
    KnownFormat {
        name: "Flagsmith",
        shape: |node, _| some(list(node, "feature_states")?.len()),
        words: &["\"feature_states\"", "\"feature_segment\""],
        ..ROW
    },
    KnownFormat {
        name: "Statsig",
        shape: |node, _| some(list(node, "feature_gates")?.len()),
        words: &["\"feature_gates\"", "\"dynamic_configs\""],
        ..ROW
    },
    KnownFormat { name: "Split", shape: split, words: &["treatment:", "- "], ..ROW },
    KnownFormat {
        name: "Chromium study",
        shape: study,
        ends: &["study.json5"],
        words: &["probability_weight", "experiment"],
        folders: &["studies"],
        shipped: Some(BuiltIn { name: "brave", text: include_str!("../../examples/formats/brave.yaml") }),
        ..ROW
    },
    KnownFormat {
        name: "DuckDuckGo",
        shape: duckduckgo,
        words: &["\"features\"", "\"exceptions\"", "\"state\""],
        folders: &["features", "overrides"],
        shipped: Some(BuiltIn { name: "duckduckgo", text: include_str!("../../examples/formats/duckduckgo.yaml") }),
        ..ROW
    },
    KnownFormat {
        name: "Chatwoot",
        shape: chatwoot,
        words: &["- name:", "display_name:", "enabled:"],
        names: &["features.y*ml"],
        shipped: Some(BuiltIn { name: "chatwoot", text: include_str!("../../examples/formats/chatwoot.yaml") }),
        ..ROW
    },
    KnownFormat {
        name: "Firefox Nimbus",
        shape: |node, path| some(map(node, "features").filter(|_| path.ends_with(".fml.yaml"))?.0.len()),
        ends: &[".fml.yaml"],
        words: &["features:", "channels:", "variables:"],
        ..ROW
    },
    KnownFormat {
        name: "GitLab",
        id: Some("gitlab"),
        shape: gitlab,
        words: &["\ndefault_enabled:"],
        folders: &["feature_flags"],
        ..ROW
    },
    KnownFormat { name: "Flipper registry", id: Some("flipper"), shape: flipper, guessed: true, ..ROW },
    KnownFormat { name: "registry", id: Some("registry"), shape: registry, guessed: true, ..ROW },
];

/// Whether a pattern takes a place where a known format keeps files: one that has none yet may have some later.
#[must_use]
pub fn is_usual_place(pattern: &str) -> bool {
    // All of a folder, or the files in it with one ending.
    let folder = pattern.rsplit_once("/**").map(|(folder, _)| folder);
    let ends =
        |text: &str, place: &str| text.strip_suffix(place).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    KNOWN.iter().any(|known| {
        let whole = known.names.iter().chain(known.folders.iter().filter(|folder| folder.contains('*')));
        whole.copied().any(|place| ends(pattern, place))
            || known.folders.iter().any(|place| folder.is_some_and(|folder| ends(folder, place)))
            || known
                .sets
                .as_ref()
                .is_some_and(|sets| pattern.ends_with(sets.files) && pattern.contains(&format!("{}/", sets.apart)))
    })
}

/// Endings of files that may hold flags.
const ENDINGS: &[&str] = &[".yaml", ".yml", ".json", ".jsonc", ".json5", ".toml"];

/// Whether a file is worth opening, by its name.
#[must_use]
pub fn may_be_known(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ENDINGS.iter().any(|end| path.ends_with(end)) || is_kustomization(&path)
}

/// Whether a string holds switches as a file of them has, whatever it is called.
#[must_use]
pub fn holds_switches(text: &str) -> bool {
    shapes::switches(text)
}

/// The format of a file, by its name and by what stands in it; `None` if it holds no flags as far as is known.
#[must_use]
pub fn known(path: &str, bytes: &[u8]) -> Option<KnownFile> {
    let lower = path.to_ascii_lowercase();
    if !may_be_known(&lower) {
        return None;
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    if bytes.is_empty() {
        // Nothing stands in it, or too much to be read.
        let found = KNOWN.iter().find(|known| known.ends.iter().any(|end| lower.ends_with(end)));
        let found = found.or_else(|| empty_registry(&lower))?;
        return Some(KnownFile { known: found, flags: 0 });
    }
    let documents = documents(&lower, bytes);
    if documents.iter().flatten().any(no_flags::is_schema) {
        return None;
    }
    let named = |known: &KnownFormat| known.ends.iter().any(|end| lower.ends_with(end));
    for known in KNOWN {
        let flags =
            documents.iter().flatten().filter_map(|node| (known.shape)(node, &lower)).reduce(|one, more| one + more);
        if let Some(flags) = flags.filter(|_| known.can_be(&lower)) {
            return Some(KnownFile { known, flags });
        }
        if named(known) && documents.iter().all(Option::is_some) {
            return Some(KnownFile { known, flags: 0 });
        }
    }
    if documents.iter().all(Option::is_some) {
        let found = empty_registry(&lower).filter(|_| documents.iter().flatten().all(says_nothing))?;
        return Some(KnownFile { known: found, flags: 0 });
    }
    let text = format!("\n{}", String::from_utf8_lossy(bytes));
    let by_words = |known: &&KnownFormat| !known.words.is_empty() && known.words.iter().all(|word| text.contains(word));
    let of_name = |known: &&KnownFormat| named(known) || known.words.is_empty() && is_registry(&lower);
    let mut rows = KNOWN.iter().filter(|known| known.can_be(&lower));
    let found =
        rows.clone().find(|known| named(known)).or_else(|| rows.clone().find(by_words)).or_else(|| rows.rfind(of_name));
    found.map(|known| KnownFile { known, flags: 1 })
}

/// The row of a file that is called like a list of flags and has none yet: the first one is a change like any other.
fn empty_registry(lower: &str) -> Option<&'static KnownFormat> {
    KNOWN.iter().find(|known| known.id == Some("registry") && is_registry(lower))
}

/// Whether nothing but empty maps and lists stands there.
pub(in crate::format) fn says_nothing(node: &Node) -> bool {
    match &node.data {
        Data::Null => true,
        Data::Map(map) => map.iter().all(|entry| says_nothing(&entry.value)),
        Data::List(items) => items.iter().all(says_nothing),
        Data::Bool(_) | Data::Number(_) | Data::Text(_) => false,
    }
}

/// The documents of a file; `None` for each that cannot be parsed.
fn documents(lower: &str, bytes: &[u8]) -> Vec<Option<Node>> {
    let read = |text: &[u8], dialect| {
        let mut diagnostics = Diagnostics::of("");
        yaml::read(text, &[dialect], &mut diagnostics)
    };
    if lower.ends_with(".toml") {
        return vec![toml::read(bytes, 1, &mut Diagnostics::of(""))];
    }
    if lower.ends_with(".yaml") || lower.ends_with(".yml") || is_kustomization(lower) {
        let text = String::from_utf8_lossy(bytes);
        let mut documents = vec![String::new()];
        for line in text.lines() {
            match documents.last_mut() {
                Some(document) if line.trim_end() != "---" => document.extend([line, "\n"]),
                _ => documents.push(String::new()),
            }
        }
        let says =
            |text: &&String| text.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
        return documents.iter().filter(says).map(|text| read(text.as_bytes(), Dialect::Core)).collect();
    }
    vec![read(bytes, Dialect::Json5)]
}
