//! The policy of a repository: who may approve what (`APPROVERS`), how projects are run (`config.yaml`), how files
//! are read (`formats/`) and whose signatures count (`trust.yaml`).
//!
//! In: these files on one side of a comparison. Out: a [`Policy`] that answers for a path its project, its format and
//! its approvers. It refuses a policy with an error in any part of it, because half a policy is none. Not taken:
//! skipping a bad line, as GitHub does with CODEOWNERS; it leaves flags unowned silently.

pub mod amplitude;
pub mod approver;
pub mod approvers_file;
pub mod break_glass;
mod budgets;
pub mod codeowners;
pub mod config;
pub mod diff;
mod few_people;
mod fields;
pub mod fold;
mod grammar;
mod hidden_files;
mod index;
mod key_approvers;
pub mod mappings;
mod meaning;
pub mod misread;
pub mod misspelt;
mod narrowings;
pub mod pattern;
pub mod placeholders;
mod project_names;
pub mod trust;
mod typed;

pub use crate::report::approvers::Approvals;
pub use amplitude::{AmplitudeConfig, AmplitudeRegion};
pub use approver::Approver;
pub use approvers_file::Approvers;
pub use break_glass::BreakGlass;
pub use config::{CONFIG_PATH, Config, FOLDER, Project};
pub use pattern::{Pattern, PatternDialect};
pub use placeholders::own_name;
pub use trust::{TRUST_PATH, Trust};

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use crate::diagnostics::diagnostic::nearest;
use crate::diagnostics::words::hex;
use crate::diagnostics::{Diagnostic, Diagnostics, Place, lints};
use crate::flag::{File, FileKind};
use crate::format::{self, Format, FormatRef};
use fold::folded;
use index::Index;

/// The path of the file with the approvers.
pub const APPROVERS_PATH: &str = ".countersign/APPROVERS";

/// The folder of the policy. Every file in it is protected.
pub const POLICY_FOLDER: &str = ".countersign/";

/// The folder of the mappings, one format each.
pub const FORMATS_FOLDER: &str = ".countersign/formats";

/// The files of the policy on one side of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyFiles {
    pub config: Option<File>,
    pub approvers: Option<File>,
    /// The mappings, in the order of their paths.
    pub formats: Vec<File>,
    pub trust: Option<File>,
}

impl PolicyFiles {
    /// SHA-256 of the files, 64 hex digits: of each its path, its mode, its size and a hash of its bytes, a line each.
    #[must_use]
    pub fn digest(&self) -> String {
        let files = self.config.iter().chain(&self.approvers).chain(&self.formats).chain(&self.trust);
        let mut lines = "countersign/policy/v1\n".to_owned();
        for file in files {
            let bytes = hex(&Sha256::digest(&file.bytes));
            lines.push_str(&format!("{}\n", serde_json::json!([file.path, file.mode, file.size, bytes])));
        }
        hex(&Sha256::digest(lines.as_bytes()))
    }
}

/// Whether a path is that of a file of the policy.
#[must_use]
pub fn is_policy_path(path: &str) -> bool {
    [CONFIG_PATH, APPROVERS_PATH, TRUST_PATH].contains(&path) || path.starts_with(FORMATS_FOLDER)
}

/// A valid policy.
#[derive(Clone, Debug)]
pub struct Policy {
    pub config: Config,
    pub approvers: Approvers,
    /// The trust, if there is one: whose signatures count.
    pub trust: Option<Trust>,
    paths: ProjectPaths,
    folded: FoldedPatterns,
}

/// The patterns of a policy as they are where case does not count.
#[derive(Clone, Debug)]
struct FoldedPatterns {
    managed: Vec<Pattern>,
    protected: Vec<Pattern>,
}

impl FoldedPatterns {
    fn of(config: &Config) -> FoldedPatterns {
        // A pattern that its folded form can't be read from takes what it takes and no more.
        let fold = |pattern: &Pattern| Pattern::glob(&folded(&pattern.to_string())).ok();
        let managed = config.projects.iter().flat_map(|project| &project.paths).filter_map(fold).collect();
        let mut protected: Vec<Pattern> = config.protect.iter().filter_map(fold).collect();
        protected.extend(Pattern::glob(POLICY_FOLDER));
        FoldedPatterns { managed, protected }
    }
}

/// The paths of all projects, to find those of one path without trying them all.
#[derive(Clone, Debug)]
struct ProjectPaths {
    index: Index,
    /// Project and pattern of every number the index knows.
    patterns: Vec<(usize, usize)>,
}

impl ProjectPaths {
    fn new(projects: &[Project]) -> Self {
        let numbered = projects.iter().enumerate();
        let patterns = numbered.flat_map(|(at, project)| (0..project.paths.len()).map(move |path| (at, path)));
        let index = Index::new(projects.iter().flat_map(|project| &project.paths));
        ProjectPaths { index, patterns: patterns.collect() }
    }
}

/// The projects a path belongs to.
#[derive(Clone, Debug)]
pub enum ProjectMatch<'l> {
    /// No project: the path is not managed.
    Unmanaged,
    Project(&'l Project),
    /// More than one: an error, because two sets of approvers would be right.
    Several(Vec<&'l Project>),
}

impl Policy {
    /// Reads the policy; `None` if any part of it is missing or invalid.
    #[must_use]
    pub fn read(files: &PolicyFiles) -> (Option<Policy>, Vec<Diagnostic>) {
        Self::parse(files, true)
    }

    /// Reads a policy to judge by, without the checks that only warn.
    ///
    /// # Errors
    /// The diagnostics of an invalid policy, or of none.
    pub fn read_valid(files: &PolicyFiles) -> Result<Policy, Vec<Diagnostic>> {
        let (policy, diagnostics) = Self::parse(files, false);
        policy.ok_or(diagnostics)
    }

    fn parse(files: &PolicyFiles, warn: bool) -> (Option<Policy>, Vec<Diagnostic>) {
        let Some(config_file) = &files.config else {
            let diagnostic = Diagnostic::new(
                lints::NO_CONFIG,
                CONFIG_PATH,
                Place::START,
                format!("there is no `{CONFIG_PATH}`, so nothing says who approves what"),
                "run `countersign init` and have its files merged first",
            );
            return (None, vec![diagnostic]);
        };
        let (config, mut diagnostics) = match irregular(config_file) {
            Some(diagnostic) => (None, vec![diagnostic]),
            None => {
                let (formats, mut found) = mappings::read(&files.formats);
                let (config, more) = config::read(config_file, &formats);
                found.extend(more);
                (config, found)
            }
        };
        let approvers = files.approvers.as_ref().map(|file| {
            let (approvers, found) = approvers_of(file, warn);
            diagnostics.extend(found);
            approvers
        });
        let specific = config
            .as_ref()
            .and_then(|config| config.projects.iter().find(|project| project.approvals == Approvals::Specific));
        if let (None, Some(project)) = (&approvers, specific) {
            diagnostics.push(Diagnostic::new(
                lints::NO_APPROVERS,
                CONFIG_PATH,
                project.place,
                format!("`{}` asks for named approvers and there is no `{APPROVERS_PATH}`", project.name),
                format!("write `{APPROVERS_PATH}`, or `approvals: peer`"),
            ));
        }
        let trust = files.trust.as_ref().and_then(|file| {
            let (trust, found) = Trust::read(file);
            diagnostics.extend(found);
            trust
        });
        diagnostics.sort();
        if diagnostics.iter().any(Diagnostic::is_error) {
            return (None, diagnostics);
        }
        let policy = config.map(|config| {
            let (paths, folded) = (ProjectPaths::new(&config.projects), FoldedPatterns::of(&config));
            Policy { config, approvers: approvers.unwrap_or_default(), trust, paths, folded }
        });
        if let Some(policy) = &policy {
            let mut found = Diagnostics::of(&config_file.path);
            policy.unknown_sections(&mut found);
            if warn {
                policy.check_teams(&mut found);
                diagnostics.extend(files.trust.iter().flat_map(|file| policy.check_reach(file)));
            }
            diagnostics.extend(found.finish(&config_file.bytes));
        }
        let whole = !diagnostics.iter().any(Diagnostic::is_error);
        (policy.filter(|_| whole), diagnostics)
    }

    /// Every team that the policy names: among the admins and in every line of APPROVERS.
    #[must_use]
    pub fn teams(&self) -> BTreeSet<&Approver> {
        let sections = self.approvers.sections.iter();
        let named = sections
            .flat_map(|section| section.defaults.iter().chain(section.lines.iter().flat_map(|line| &line.approvers)));
        named.chain(self.config.of_policy()).filter(|one| matches!(one, Approver::Team(_))).collect()
    }

    /// The project a path belongs to.
    #[must_use]
    pub fn project_of(&self, path: &str) -> ProjectMatch<'_> {
        // A file that decides about flags holds none.
        if path.starts_with(POLICY_FOLDER) {
            return ProjectMatch::Unmanaged;
        }
        let mut found: Vec<usize> = Vec::new();
        self.paths.index.candidates(path, &mut |number| {
            let Some(&(at, pattern)) = self.paths.patterns.get(number) else { return };
            let pattern = self.config.projects.get(at).and_then(|project| project.paths.get(pattern));
            if pattern.is_some_and(|pattern| pattern.matches(path)) {
                found.push(at);
            }
        });
        found.sort_unstable();
        found.dedup();
        let mut projects: Vec<&Project> = found.iter().filter_map(|at| self.config.projects.get(*at)).collect();
        match (projects.len(), projects.pop()) {
            (_, None) => ProjectMatch::Unmanaged,
            (1, Some(project)) => ProjectMatch::Project(project),
            (_, Some(last)) => {
                projects.push(last);
                ProjectMatch::Several(projects)
            }
        }
    }

    /// Whether anything under `dir` could be managed; a whole-tree walk goes nowhere else.
    #[must_use]
    pub fn manages_below(&self, dir: &str) -> bool {
        self.config.projects.iter().any(|project| project.paths.iter().any(|pattern| pattern.may_match_below(dir)))
    }

    /// Whether a path is managed or protected where case does not count; `path` is [`folded`].
    #[must_use]
    pub fn concerns_folded(&self, path: &str) -> bool {
        self.manages_folded(path) || self.folded.protected.iter().any(|pattern| pattern.matches(path))
    }

    /// Whether a path is managed where case does not count; `path` is [`folded`].
    #[must_use]
    pub fn manages_folded(&self, path: &str) -> bool {
        self.folded.managed.iter().any(|pattern| pattern.matches(path))
    }

    /// Whether anything under `dir` could be managed or protected, or `dir` is the folder of the policy.
    #[must_use]
    pub fn concerns_below(&self, dir: &str) -> bool {
        let protects = |pattern: &Pattern| pattern.may_match_below(dir);
        self.manages_below(dir) || dir == FOLDER || self.config.protect.iter().any(protects)
    }

    /// Whether anything under `dir` could be managed where case does not count; `dir` is [`folded`].
    #[must_use]
    pub fn manages_folded_below(&self, dir: &str) -> bool {
        self.folded.managed.iter().any(|pattern| pattern.may_match_below(dir))
    }

    /// Whether anything under `dir` could be managed or protected where case does not count; `dir` is [`folded`].
    #[must_use]
    pub fn concerns_folded_below(&self, dir: &str) -> bool {
        let all = self.folded.managed.iter().chain(&self.folded.protected);
        all.into_iter().any(|pattern| pattern.may_match_below(dir))
    }

    /// Whether a change of this path needs an admin.
    #[must_use]
    pub fn protects(&self, path: &str) -> bool {
        path.starts_with(POLICY_FOLDER) || self.config.protect.iter().any(|pattern| pattern.matches(path))
    }

    /// The format of a managed file: the one the configuration names, else the one its file name implies.
    #[must_use]
    pub fn format(&self, path: &str) -> Option<FormatRef> {
        let configured = self.config.formats.iter().find(|(pattern, _)| pattern.matches(path));
        configured.map(|(_, format)| format.clone()).or_else(|| format::recognise(path))
    }

    /// The policy for readers that look for diagnostics only: formats look for nothing that only comparisons need.
    #[must_use]
    pub fn for_diagnostics(mut self) -> Policy {
        // Many patterns may name one format, which stays one.
        let mut known: BTreeMap<*const Format, Option<FormatRef>> = BTreeMap::new();
        for (_, format) in &mut self.config.formats {
            let other = known.entry(&raw const **format).or_insert_with(|| format.for_diagnostics());
            if let Some(other) = other {
                *format = other.clone();
            }
        }
        self
    }

    /// The names of two mappings that both say that a file is theirs, where the configuration does not name its format.
    #[must_use]
    pub fn two_mappings(&self, path: &str) -> Option<[&str; 2]> {
        let (named, own) = self.config.formats.split_at_checked(self.config.named_formats)?;
        if own.len() < 2 || named.iter().any(|(pattern, _)| pattern.matches(path)) {
            return None;
        }
        let mut formats = own.iter().filter(|(pattern, _)| pattern.matches(path)).map(|(_, format)| format.id.as_ref());
        let first = formats.next()?;
        Some([first, formats.find(|other| *other != first)?])
    }

    /// How many times as large as others the file at this path may be.
    #[must_use]
    pub fn times_as_large(&self, path: &str) -> usize {
        self.format(path).map_or(1, |format| format.times())
    }

    /// Whether a format of it reads files that are larger than others.
    #[must_use]
    pub fn reads_larger_files(&self) -> bool {
        self.config.formats.iter().any(|(_, format)| format.times() > 1)
    }

    /// The project of a name, or of a name that its flags have for it ([`Project::name_at`]).
    #[must_use]
    pub fn project(&self, name: &str) -> Option<&Project> {
        let own = own_name(name);
        self.config.projects.iter().find(|project| project.name == own)
    }

    /// Adds a diagnostic for each section that the configuration narrows and APPROVERS does not have.
    fn unknown_sections(&self, diagnostics: &mut Diagnostics<'_>) {
        let names = self.approvers.sections.iter().filter_map(|section| section.name.as_deref());
        let folded: BTreeSet<String> = names.clone().map(str::to_lowercase).collect();
        for (_, (name, place)) in self.config.places.sections.iter().filter(|(key, _)| !folded.contains(*key)) {
            let remedy = match nearest(name, names.clone()) {
                Some(meant) => format!("write `{meant}` if you mean that section"),
                None => format!("remove it, or add a section `[{name}]` with a line under it to `{APPROVERS_PATH}`"),
            };
            let message = format!("`sections` names `{}`, and APPROVERS has no such section", name.escape_debug());
            diagnostics.add(lints::BAD_SECTION, *place, message, remedy);
        }
    }

    /// Adds a diagnostic for each team that is listed without members, or that nobody names.
    fn check_teams(&self, diagnostics: &mut Diagnostics<'_>) {
        let named = self.teams();
        for (team, members) in &self.config.teams {
            let place = self.config.places.teams.get(team).copied().unwrap_or(Place::START);
            if members.is_empty() {
                let message = format!("`{team}` has no members here, so nobody can approve for it");
                let remedy = "name its members, or remove the line so that the forge is asked for them";
                diagnostics.add(lints::EMPTY_TEAM, place, message, remedy);
            } else if !named.contains(team) {
                let message = format!("`{team}` is named by no line of APPROVERS and is no admin");
                diagnostics.add(lints::UNUSED_TEAM, place, message, "remove it, or name it where it may approve");
            }
        }
    }
}

/// APPROVERS, with its diagnostics; none of anybody where the file is not read.
fn approvers_of(file: &File, warn: bool) -> (Approvers, Vec<Diagnostic>) {
    if let Some(diagnostic) = irregular(file) {
        return (Approvers::default(), vec![diagnostic]);
    }
    let mut found = Diagnostics::of(&file.path);
    let approvers = Approvers::parse(&file.bytes, &mut found);
    if warn && !found.any_error() {
        approvers.warn(&mut found);
    }
    (approvers, found.finish(&file.bytes))
}

/// The diagnostic of a policy file that is no regular file or was too big to be loaded. Bytes that were left out would
/// read as an empty file, and an empty APPROVERS is a policy.
fn irregular(file: &File) -> Option<Diagnostic> {
    let what = match file.kind {
        FileKind::Regular if file.size > file.bytes.len() as u64 => {
            let message = format!("the file has {} bytes", file.size);
            let remedy = "make it smaller: a pattern may stand for many files";
            return Some(Diagnostic::new(lints::TOO_BIG, &file.path, Place::START, message, remedy));
        }
        FileKind::Regular => return None,
        FileKind::Symlink | FileKind::LinkToFile => "a symlink",
        FileKind::Submodule => "a submodule",
    };
    Some(Diagnostic::new(
        lints::NOT_A_FILE,
        &file.path,
        Place::START,
        format!("the policy is {what}, so it could change without a commit here"),
        "put the file itself there",
    ))
}
