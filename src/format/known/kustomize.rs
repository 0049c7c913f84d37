//! Kustomizations and charts of Helm, which decide about flags in the files that they are made of.
//!
//! **In**: kustomizations, and the paths of files with flags. **Out**: the kustomizations through which one of these
//! goes, with the patches that they lay over it, and the charts whose templates hold flags. **Refuses**: patches that
//! have nothing to do with flags, where that can be known. **Not taken**: building anything; a remote base is another
//! repository.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::Diagnostics;
use crate::document::yaml::{self, Dialect};
use crate::document::{Data, Map, Node};
use crate::flag::{file_name, folder};

/// A kustomization.
pub struct Kustomization {
    /// The files and folders that it is made of.
    parts: Vec<String>,
    /// The files that it lays over them.
    patches: Vec<String>,
    /// The files of variables that it makes maps of.
    variables: Vec<String>,
    /// All files that say what becomes of others, and are no resources themselves.
    tools: Vec<String>,
}

/// The files through which flags go.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct AboutFlags {
    pub kustomizations: BTreeSet<String>,
    pub patches: BTreeSet<String>,
    pub variables: BTreeSet<String>,
}

/// Members that make maps of files and of what stands there.
const GENERATORS: &[&str] = &["configMapGenerator", "secretGenerator"];

/// Kinds that a patch has to be for, to be about flags.
const PATCHED: &[&str] =
    &["ConfigMap", "FeatureFlag", "FeatureFlagConfiguration", "FeatureFlagSource", "FlagSourceConfiguration", "Secret"];

impl Kustomization {
    /// Reads one; `None` if it is no YAML.
    #[must_use]
    pub fn read(path: &str, bytes: &[u8]) -> Option<Kustomization> {
        let node = yaml::read(bytes, &[Dialect::Core], &mut Diagnostics::of(path))?;
        let at = |text: &str| resolved(folder(path), text);
        let list = |name: &str| node.get(name).and_then(Node::as_list).unwrap_or_default();
        let texts = |name: &str| list(name).iter().filter_map(Node::as_text).filter_map(at);
        let generated = || GENERATORS.iter().copied().flat_map(list);
        let variables = generated().flat_map(|one| {
            let several = one.get("envs").and_then(Node::as_list).unwrap_or_default();
            several.iter().chain(one.get("env")).filter_map(Node::as_text)
        });
        let files = generated().flat_map(|one| one.get("files").and_then(Node::as_list).unwrap_or_default());
        // Such a file may have another name in the map: `flags.json=prod/flags.json`.
        let files = files.filter_map(Node::as_text).map(|text| text.split_once('=').map_or(text, |(_, path)| path));
        let parts = ["resources", "bases", "components"].into_iter().flat_map(texts).chain(files.filter_map(at));
        let of_flags = |patch: &&Node| {
            let kind = patch.get("target").and_then(|target| target.get("kind")).and_then(Node::as_text);
            kind.is_none_or(|kind| PATCHED.contains(&kind))
        };
        let named = ["patches", "patchesJson6902"].into_iter().flat_map(list).filter(of_flags);
        let named = named.filter_map(|patch| at(patch.get("path")?.as_text()?));
        let patches = named.chain(texts("patchesStrategicMerge")).collect();
        let variables = variables.filter_map(at).collect();
        let all = ["patches", "patchesJson6902", "replacements"].into_iter().flat_map(list);
        let named = all.filter_map(|one| at(one.get("path")?.as_text()?));
        let lists = ["patchesStrategicMerge", "transformers", "generators", "validators", "configurations"];
        let tools = named.chain(lists.into_iter().flat_map(texts)).collect();
        Some(Kustomization { parts: parts.collect(), patches, variables, tools })
    }
}

impl Kustomization {
    /// Whether it lays a file over others, or makes or changes resources by it.
    #[must_use]
    pub fn lays_over(&self, path: &str) -> bool {
        self.tools.iter().any(|tool| tool == path)
    }

    /// Whether a file is one of those that it is made of.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        self.parts.iter().any(|part| part == path)
    }
}

/// The names of the maps that a kustomization makes, by what a review has of it.
#[must_use]
pub fn generated(record: &Map) -> BTreeSet<String> {
    fn look(map: &Map, found: &mut BTreeSet<String>) {
        for entry in map.iter() {
            let is_generator = GENERATORS.iter().any(|name| entry.key.starts_with(name));
            match &entry.value.data {
                Data::List(items) if is_generator => {
                    let names = items.iter().filter_map(|item| item.get("name").and_then(Node::as_text));
                    found.extend(names.map(str::to_owned));
                }
                Data::Map(map) => look(map, found),
                Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) | Data::List(_) => {}
            }
        }
    }
    let mut found = BTreeSet::new();
    look(record, &mut found);
    found
}

/// A path from a folder, without `.` and `..`; `None` if it leaves the repository or is the address of one.
pub(super) fn resolved(from: &str, text: &str) -> Option<String> {
    if text.contains("://") || text.contains('\n') || text.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    for part in text.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match part {
            ".." => drop(parts.pop()?),
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The kustomizations by their paths that have one of these files in them, themselves or through others, and the files
/// that those name besides.
#[must_use]
pub fn about_flags(all: &BTreeMap<String, Kustomization>, flags: &BTreeSet<&str>) -> AboutFlags {
    let mut about: BTreeSet<String> = BTreeSet::new();
    loop {
        let folders: BTreeSet<&str> = about.iter().map(|path| folder(path)).collect();
        let has = |path: &String, one: &Kustomization| {
            flags.contains(path.as_str())
                || one.parts.iter().any(|part| flags.contains(part.as_str()) || folders.contains(part.as_str()))
                || one.patches.iter().any(|patch| flags.contains(patch.as_str()))
        };
        let more: Vec<String> = all
            .iter()
            .filter(|(path, one)| !about.contains(*path) && has(path, one))
            .map(|(path, _)| path.clone())
            .collect();
        if more.is_empty() {
            break;
        }
        about.extend(more);
    }
    let found = || about.iter().filter_map(|path| all.get(path));
    let patches = found().flat_map(|one| one.patches.iter().cloned()).collect();
    let variables = found().flat_map(|one| one.variables.iter().cloned()).collect();
    AboutFlags { patches, variables, kustomizations: about }
}

/// The names of a kustomization, one in each folder.
const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The paths of the kustomizations of a file's folder and of those around it.
pub fn kustomizations_around(path: &str) -> impl Iterator<Item = String> {
    let inner = path.match_indices('/').map(|(at, _)| path.get(..=at).unwrap_or_default());
    inner.chain([""]).flat_map(|folder| KUSTOMIZATIONS.map(|name| format!("{folder}{name}")))
}

/// Whether a file is called as kustomize has it.
#[must_use]
pub fn is_kustomization(path: &str) -> bool {
    KUSTOMIZATIONS.iter().any(|name| file_name(path).eq_ignore_ascii_case(name))
}

/// The folder of the chart that a file is a template of.
#[must_use]
pub fn chart_of(path: &str) -> Option<&str> {
    let mut at = 0_usize;
    for part in folder(path).split('/') {
        if part == "templates" {
            return path.get(..at.saturating_sub(1));
        }
        at += part.len() + 1;
    }
    None
}

/// The folders of the charts that templates are of, and of those around them.
pub fn charts_of<'p>(templates: impl Iterator<Item = &'p str>, all: &[String]) -> BTreeSet<&'p str> {
    let is_chart = |folder: &str| {
        let file = if folder.is_empty() { "Chart.yaml".to_owned() } else { format!("{folder}/Chart.yaml") };
        all.contains(&file)
    };
    let mut charts: BTreeSet<&str> = BTreeSet::new();
    for own in templates.filter_map(chart_of) {
        charts.insert(own);
        let around = own.match_indices('/').filter_map(|(at, _)| own.get(..at)).chain([""]);
        charts.extend(around.filter(|folder| is_chart(folder)));
    }
    charts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(path: &str, text: &str) -> (String, Kustomization) {
        (path.to_owned(), Kustomization::read(path, text.as_bytes()).unwrap())
    }

    #[test]
    fn kustomizations_through_which_flags_go() {
        let all: BTreeMap<String, Kustomization> = [
            read("base/kustomization.yaml", "resources: [flags.yaml, deployment.yaml]"),
            read(
                "overlays/prod/kustomization.yml",
                "resources: [../../base, https://github.com/x/y]\npatches:\n- path: ./p.yaml\n- {path: size.yaml, \
                 target: {kind: Deployment}}\n- {path: flag.yaml, target: {kind: FeatureFlag}}\npatchesStrategicMerge: \
                 [old.yaml]",
            ),
            read("far/kustomization.yaml", "resources: [../overlays/prod]"),
            read(
                "maps/Kustomization",
                "configMapGenerator: [{name: a, files: [x.json=../a.flagd.json], envs: [a.env, ../b.env]}, {env: \
                 c.env}]",
            ),
            read("other/kustomization.yaml", "resources: [deployment.yaml, ../../../out.yaml]"),
        ]
        .into();
        let AboutFlags { kustomizations: about, patches, variables } =
            about_flags(&all, &["base/flags.yaml", "a.flagd.json"].into());
        let expected = [
            "base/kustomization.yaml",
            "far/kustomization.yaml",
            "maps/Kustomization",
            "overlays/prod/kustomization.yml",
        ];
        assert_eq!(about.iter().map(String::as_str).collect::<Vec<_>>(), expected);
        let patches: Vec<&str> = patches.iter().map(String::as_str).collect();
        assert_eq!(patches, ["overlays/prod/flag.yaml", "overlays/prod/old.yaml", "overlays/prod/p.yaml"]);
        assert_eq!(variables, ["b.env", "maps/a.env", "maps/c.env"].map(str::to_owned).into());
    }

    #[test]
    fn charts_of_a_template() {
        let all = ["shop/Chart.yaml", "shop/charts/cart/Chart.yaml"].map(str::to_owned);
        let of = |path| charts_of([path].into_iter(), &all).into_iter().collect::<Vec<&str>>();
        assert_eq!(of("templates/flags.yaml"), [""]);
        assert_eq!(of("shop/templates/a/flags.yaml"), ["shop"]);
        assert_eq!(of("shop/charts/cart/templates/flags.yaml"), ["shop", "shop/charts/cart"]);
        assert_eq!(of("my-templates/flags.yaml"), Vec::<&str>::new());
        assert_eq!(chart_of("a/templates-old/templates/x.yaml"), Some("a/templates-old"));
    }
}
