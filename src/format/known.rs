//! The formats that flags are known to be kept in, one row each: those that are read here, and those that are only named.
//!
//! **In**: the path and the bytes of a file. **Out**: the row of its format and how many flags it holds, by its name and by its
//! shape. **Refuses**: to call a file one of flags for its name alone, unless no other file is called so. **Not taken**: reading these
//! files strictly, as a review does: a file with a mistake in it is one of flags nevertheless, and has to be named.

mod shapes;

use super::{Format, FormatRef, by_id};
use crate::diagnostics::Diagnostics;
use crate::document::Node;
use crate::document::yaml::{self, Dialect};
use shapes::{
    count_entries, duckduckgo, featurevisor, flagd_file, flipper, flipt, gitlab, goff, harness, is_registry,
    kubernetes, launchdarkly, list, map, microsoft, native_file, registry, some, split, study, unleash,
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
    ends: &'static [&'static str],
    /// Words that all stand in a file of it; they tell of one that cannot be parsed, such as a template.
    words: &'static [&'static str],
}

impl KnownFormat {
    /// Its row, if it is read here.
    #[must_use]
    pub fn format(&self) -> Option<FormatRef> {
        by_id(self.id?)
    }
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
        alone: true,
        shape: flagd_file,
        ends: &[".flagd.json", ".flagd.yaml", ".flagd.yml"],
        words: &["\"flags\"", "\"defaultVariant\"", "\"variants\""],
    },
    KnownFormat {
        name: "Kubernetes FeatureFlag",
        id: Some("kubernetes"),
        alone: false,
        shape: kubernetes,
        ends: &[],
        words: &["apiVersion: core.openfeature.dev/", "kind: FeatureFlag"],
    },
    KnownFormat {
        name: "native",
        id: Some("native"),
        alone: true,
        shape: native_file,
        ends: &[],
        words: &["\nkey:", "\nstate:", "\nvariants:"],
    },
    KnownFormat {
        name: "GO Feature Flag",
        id: Some("goff"),
        alone: true,
        shape: goff,
        ends: &[".goff.yaml", ".goff.yml", ".goff.json", ".goff.toml"],
        words: &["variations", "defaultRule"],
    },
    KnownFormat {
        name: "Flipt",
        id: Some("flipt"),
        alone: true,
        shape: flipt,
        ends: &[".flipt.yml", ".flipt.yaml"],
        words: &["flags:", "_FLAG_TYPE"],
    },
    KnownFormat {
        name: "Featurevisor",
        id: Some("featurevisor"),
        alone: true,
        shape: featurevisor,
        ends: &[],
        words: &["\nbucketBy:", "segments:"],
    },
    KnownFormat {
        name: "Unleash",
        id: Some("unleash"),
        alone: true,
        shape: unleash,
        ends: &[],
        words: &["\"features\"", "\"strategies\"", "\"impressionData\""],
    },
    KnownFormat {
        name: "Harness",
        id: Some("harness"),
        alone: true,
        shape: harness,
        ends: &[],
        words: &["featureFlags:", "offVariation"],
    },
    KnownFormat {
        name: "Microsoft Feature Management",
        id: Some("microsoft"),
        alone: false,
        shape: microsoft,
        ends: &[],
        words: &["\"FeatureManagement\""],
    },
    KnownFormat {
        name: "LaunchDarkly",
        id: None,
        alone: true,
        shape: launchdarkly,
        ends: &[],
        words: &["\"flagValues\""],
    },
    KnownFormat {
        name: "GrowthBook",
        id: None,
        alone: true,
        shape: |node, _| some(count_entries(map(node, "features")?, |flag| flag.get("defaultValue").is_some())),
        ends: &[],
        words: &["\"features\"", "\"defaultValue\"", "\"coverage\""],
    },
    KnownFormat {
        name: "Flagsmith",
        id: None,
        alone: true,
        shape: |node, _| some(list(node, "feature_states")?.len()),
        ends: &[],
        words: &["\"feature_states\"", "\"feature_segment\""],
    },
    KnownFormat {
        name: "Statsig",
        id: None,
        alone: true,
        shape: |node, _| some(list(node, "feature_gates")?.len()),
        ends: &[],
        words: &["\"feature_gates\"", "\"dynamic_configs\""],
    },
    KnownFormat { name: "Split", id: None, alone: true, shape: split, ends: &[], words: &["treatment:", "- "] },
    KnownFormat {
        name: "Chromium study",
        id: None,
        alone: true,
        shape: study,
        ends: &["study.json5"],
        words: &["probability_weight", "experiment"],
    },
    KnownFormat {
        name: "DuckDuckGo",
        id: None,
        alone: true,
        shape: duckduckgo,
        ends: &[],
        words: &["\"features\"", "\"exceptions\"", "\"state\""],
    },
    KnownFormat {
        name: "Firefox Nimbus",
        id: None,
        alone: true,
        shape: |node, path| some(map(node, "features").filter(|_| path.ends_with(".fml.yaml"))?.0.len()),
        ends: &[".fml.yaml"],
        words: &["features:", "channels:", "variables:"],
    },
    KnownFormat {
        name: "GitLab",
        id: Some("gitlab"),
        alone: true,
        shape: gitlab,
        ends: &[],
        words: &["\ndefault_enabled:"],
    },
    KnownFormat { name: "Flipper registry", id: Some("flipper"), alone: true, shape: flipper, ends: &[], words: &[] },
    KnownFormat { name: "registry", id: Some("registry"), alone: true, shape: registry, ends: &[], words: &[] },
];

/// Endings of files that may hold flags.
const ENDINGS: &[&str] = &[".yaml", ".yml", ".json", ".jsonc", ".json5", ".toml"];

/// Whether a file is worth opening, by its name.
#[must_use]
pub fn may_be_known(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ENDINGS.iter().any(|end| path.ends_with(end))
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
        let found = KNOWN.iter().find(|known| known.ends.iter().any(|end| lower.ends_with(end)))?;
        return Some(KnownFile { known: found, flags: 0 });
    }
    let documents = documents(&lower, bytes);
    let named = |known: &KnownFormat| known.ends.iter().any(|end| lower.ends_with(end));
    for known in KNOWN {
        let own = known.format().is_none_or(|format| readable(&format, &lower));
        let flags =
            documents.iter().flatten().filter_map(|node| (known.shape)(node, &lower)).reduce(|one, more| one + more);
        if let Some(flags) = flags.filter(|_| own) {
            return Some(KnownFile { known, flags });
        }
        if named(known) && documents.iter().all(Option::is_some) {
            return Some(KnownFile { known, flags: 0 });
        }
    }
    if documents.iter().all(Option::is_some) {
        return None;
    }
    let text = format!("\n{}", String::from_utf8_lossy(bytes));
    let by_words = |known: &&KnownFormat| !known.words.is_empty() && known.words.iter().all(|word| text.contains(word));
    let own = |known: &&KnownFormat| known.format().is_none_or(|format| readable(&format, &lower));
    let of_name = |known: &&KnownFormat| named(known) || known.words.is_empty() && is_registry(&lower);
    let mut rows = KNOWN.iter().filter(own);
    let found =
        rows.clone().find(|known| named(known)).or_else(|| rows.clone().find(by_words)).or_else(|| rows.rfind(of_name));
    found.map(|known| KnownFile { known, flags: 1 })
}

/// Whether a file of this name can be read in a format. A native file is YAML; any file can be named one of flagd.
fn readable(format: &Format, lower: &str) -> bool {
    !format.one_flag_a_file || (format.claims)(lower)
}

/// The documents of a file; `None` for each that cannot be parsed.
fn documents(lower: &str, bytes: &[u8]) -> Vec<Option<Node>> {
    let read = |text: &[u8], dialect| {
        let mut diagnostics = Diagnostics::of("");
        yaml::read(text, &[dialect], &mut diagnostics)
    };
    if lower.ends_with(".toml") {
        return vec![None];
    }
    if lower.ends_with(".yaml") || lower.ends_with(".yml") {
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
