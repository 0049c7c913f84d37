//! `config.yaml`: projects, modes, admins, critical fields, locks.

use std::collections::{BTreeMap, BTreeSet};

use super::amplitude::{self, AmplitudeConfig};
use super::approver::Approver;
use super::break_glass::{self, BreakGlass};
pub use super::fields::FIELDS;
use super::mappings::{self, OwnFormat};
use super::misread::Misread;
use super::misspelt;
use super::narrowings::{days, narrowings};
use super::pattern::Pattern;
use super::typed::{CriticalSection, FreeOrApproval, LockSection, ProjectSection, Sections, Serves};
use crate::changes::{Critical, RuleId, rules};
use crate::diagnostics::diagnostic::{choice, nearest};
use crate::diagnostics::{Diagnostic, Diagnostics, Place, lints};
use crate::document::shape::{self, UnknownKeys};
use crate::document::yaml::{self, Dialect, RowsOfFile};
use crate::document::{Map, Node};
use crate::flag::File;
use crate::format::names::{ServedIn, served_in};
use crate::format::{self, FormatRef};
use crate::groups::Share;
use crate::report::approvers::Approvals;

/// Where the configuration stands.
pub const CONFIG_PATH: &str = ".countersign/config.yaml";
/// The folder of the policy.
pub const FOLDER: &str = ".countersign";

/// A named set of paths with one approval mode.
#[derive(Clone, Debug)]
pub struct Project {
    pub name: String,
    pub paths: Vec<Pattern>,
    pub approvals: Approvals,
    /// How many distinct people, at least 1.
    pub required: u32,
    pub place: Place,
}

/// The changes for which a section of APPROVERS is required.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    /// Ids of rules; `None` is all of them.
    pub only: Option<Vec<RuleId>>,
    /// Only if a change affected more than this share of some group of users.
    pub affected: Option<Share>,
    /// Only if a change newly exposed more than this share of some group of users.
    pub exposed: Option<Share>,
    /// Only for flags in one of these scopes; `None` is all of them.
    pub scopes: Option<Vec<String>>,
    /// The scopes that any section names.
    pub known_scopes: Vec<String>,
    /// How many days the bounds look back as well.
    pub within: Option<u32>,
}

/// A configuration that holds: everything in it is known and makes sense.
#[derive(Clone, Debug)]
pub struct Config {
    pub admins: Vec<Approver>,
    /// Approvers of changes to the policy and to protected paths, besides the admins.
    pub policy_approvers: Vec<Approver>,
    /// Whether approvers whom a requirement names count without write access.
    pub external_approvers: bool,
    pub projects: Vec<Project>,
    /// Patterns with their formats: those of the configuration first, then those that mappings have themselves.
    pub formats: Vec<(Pattern, FormatRef)>,
    /// How many of these the configuration says.
    pub named_formats: usize,
    /// Members of teams, by team.
    pub teams: BTreeMap<Approver, Vec<String>>,
    /// Sections of APPROVERS (lower case) that are not asked about everything.
    pub sections: BTreeMap<String, Narrowing>,
    pub critical: Critical,
    /// How long a holder may be idle before an admin may pass it over, in days.
    pub lock_after_days: Option<u32>,
    /// How a change may come in without its approvals, as a debt; none if none may.
    pub break_glass: Option<BreakGlass>,
    pub protect: Vec<Pattern>,
    /// Whether one person fills one place only.
    pub distinct: bool,
    /// Which projects are which in Amplitude, if any is there.
    pub amplitude: Option<AmplitudeConfig>,
    pub places: ConfigPlaces,
}

/// Where parts of the configuration stand that are checked against APPROVERS.
#[derive(Clone, Debug, Default)]
pub struct ConfigPlaces {
    pub admins: Option<Place>,
    pub teams: BTreeMap<Approver, Place>,
    /// By the folded name of a section: as it is written, and where.
    pub sections: BTreeMap<String, (String, Place)>,
}

impl Narrowing {
    /// Whether the section is about flags of this scope. A flag that is in none is in each, and so is one in a scope
    /// of which a part may be one of the section in another spelling: no section names it, and it is none where nobody
    /// but those who make the flags is served.
    #[must_use]
    pub fn is_about(&self, scope: Option<&str>) -> bool {
        match (&self.scopes, scope) {
            (None, _) | (_, None) => true,
            (Some(scopes), Some(scope)) => {
                let parts = || scope.split('/').chain([scope]);
                let named = |those: &[String]| parts().any(|part| those.iter().any(|one| one == part));
                let of_makers = || parts().any(is_of_makers) && !parts().any(|part| is_like_one_of(part, scopes));
                named(scopes) || !named(&self.known_scopes) && !of_makers()
            }
        }
    }
}

/// Whether nobody is served in a scope but those who make the flags.
fn is_of_makers(scope: &str) -> bool {
    served_in(&scope.to_lowercase()) == Some(ServedIn::Makers)
}

/// Whether one of the named scopes looks like this one in another spelling.
fn is_like_one_of(scope: &str, named: &[String]) -> bool {
    const FEWEST_LETTERS: usize = 4;
    let scope = scope.to_lowercase();
    let alike = |one: &String| {
        let one = one.trim().to_lowercase();
        one.starts_with(&scope)
            || scope.starts_with(&one)
            || scope.len() >= FEWEST_LETTERS && strsim::damerau_levenshtein(&one, &scope) <= 2
    };
    named.iter().any(alike)
}

impl Config {
    /// Every number of days that a bound looks back.
    pub fn days_looked_back(&self) -> impl Iterator<Item = u32> {
        self.sections.values().filter_map(|narrowing| narrowing.within)
    }

    /// The approvers of changes of the policy: the admins and the policy approvers.
    pub fn of_policy(&self) -> impl Iterator<Item = &Approver> {
        self.admins.iter().chain(&self.policy_approvers)
    }

    /// The people who may approve changes to the policy, as far as they are listed, and the teams whose members are
    /// not.
    #[must_use]
    pub fn people_of_policy(&self) -> (BTreeSet<String>, BTreeSet<&Approver>) {
        let (mut people, mut unlisted) = (BTreeSet::new(), BTreeSet::new());
        for approver in self.of_policy() {
            match (approver, self.teams.get(approver)) {
                (Approver::User(login), _) => drop(people.insert(login.to_ascii_lowercase())),
                (Approver::Team(_), Some(members)) => people.extend(members.iter().cloned()),
                (Approver::Team(_), None) => drop(unlisted.insert(approver)),
            }
        }
        (people, unlisted)
    }
}

/// Reads a configuration; `None` if any of it is wrong, since half a policy is none.
#[must_use]
pub fn read(file: &File, own: &[OwnFormat]) -> (Option<Config>, Vec<Diagnostic>) {
    let mut diagnostics = Diagnostics::of(&file.path);
    let config = parse(file, own, &mut diagnostics);
    let whole = !diagnostics.any_error();
    (config.filter(|_| whole), diagnostics.finish(&file.bytes))
}

/// The rows of the configuration, known before it is read.
const ROWS: RowsOfFile = RowsOfFile {
    fields: FIELDS,
    if_empty: "write `version: 1` into it, and below that `projects: {all: {paths: [\"flags/**\"], approvals: peer}}`",
    text_keys: false,
    times: 1,
};

fn parse(file: &File, own: &[OwnFormat], diagnostics: &mut Diagnostics<'_>) -> Option<Config> {
    let node = yaml::read_by(&file.bytes, &[Dialect::Profile], |_| ROWS, diagnostics)?;
    shape::check(&node, FIELDS, "the configuration", UnknownKeys::Refused, diagnostics);
    if let Some(version) = node
        .get("version")
        .filter(|version| version.as_number().and_then(crate::document::Decimal::to_integer) != Some(1))
    {
        diagnostics.add(
            lints::OUT_OF_RANGE,
            version.place,
            format!("`version` is {}, and only 1 is known", version.json()),
            "write `version: 1`, or use a newer countersign",
        );
    }
    let sections = Sections::of(&node);
    let (critical, fields) = sections
        .one::<CriticalSection>("critical", diagnostics)
        .map_or((CriticalSection::default(), None), |(critical, node)| (critical, Some(node)));
    let listed = |name: &str| fields.and_then(|node| node.get(name));
    let lock = sections.one::<LockSection>("lock", diagnostics);
    let projects = projects(&sections, &node, diagnostics);
    let (formats, named_formats) = mappings::formats(&sections, own, diagnostics);
    Some(Config {
        admins: list(&sections, "admins", diagnostics, approver),
        policy_approvers: list(&sections, "policy-approvers", diagnostics, approver),
        external_approvers: sections.one("external-approvers", diagnostics).is_some_and(|(external, _)| external),
        amplitude: amplitude::read(&sections, &projects, diagnostics),
        projects,
        formats,
        named_formats,
        teams: teams(&sections, diagnostics),
        sections: narrowings(&sections, diagnostics),
        critical: Critical {
            relax: rule_ids(critical.relax.as_deref(), listed("relax"), true, diagnostics),
            add: field_names(critical.add.as_deref(), listed("add"), diagnostics),
            deactivation: critical.deactivation == Some(FreeOrApproval::Approval),
            restore_free: critical.restore == Some(FreeOrApproval::Free),
            off_is_free: critical.activation.is_some_and(|one| one.serves == Serves::OtherThanOff),
        },
        lock_after_days: lock.and_then(|(lock, node)| days(&lock.after, node.get("after")?, "after", diagnostics)),
        break_glass: break_glass::read(&sections, diagnostics),
        protect: list(&sections, "protect", diagnostics, pattern),
        distinct: sections.one("distinct", diagnostics).is_none_or(|(distinct, _)| distinct),
        places: places(&node),
    })
}

fn places(node: &Node) -> ConfigPlaces {
    let entries = |name: &str| node.get(name).and_then(Node::as_map).into_iter().flat_map(Map::iter);
    ConfigPlaces {
        admins: node.as_map().and_then(|map| map.entry("admins")).map(|entry| entry.place),
        teams: entries("teams").filter_map(|team| Some((Approver::parse(&team.key).ok()?, team.place))).collect(),
        sections: entries("sections").map(|one| (one.key.to_lowercase(), (one.key.clone(), one.place))).collect(),
    }
}

/// The strings of a list, each with its place.
fn with_places<'s>(strings: &'s [String], node: Option<&'s Node>) -> impl Iterator<Item = (&'s str, Place)> {
    let places = node.and_then(Node::as_list).unwrap_or_default().iter().map(|item| item.place);
    strings.iter().map(String::as_str).zip(places)
}

/// The result of `read` for each string of a list.
fn list<T>(
    sections: &Sections<'_>,
    name: &str,
    diagnostics: &mut Diagnostics<'_>,
    read: fn(&str, Place, &mut Diagnostics<'_>) -> Option<T>,
) -> Vec<T> {
    let Some((strings, node)) = sections.one::<Vec<String>>(name, diagnostics) else { return Vec::new() };
    with_places(&strings, Some(node)).filter_map(|(text, place)| read(text, place, diagnostics)).collect()
}

fn approver(text: &str, place: Place, diagnostics: &mut Diagnostics<'_>) -> Option<Approver> {
    Approver::parse(text)
        .map_err(|Misread { message, .. }| {
            let remedy = match misspelt::approver(text).filter(|meant| !meant.contains(' ')) {
                Some(meant) => format!("write `\"{meant}\"`, in quotes"),
                None => "write `\"@user\"` or `\"@org/team\"`, in quotes".to_owned(),
            };
            diagnostics.add(lints::BAD_APPROVER, place, message, remedy);
        })
        .ok()
}

pub(super) fn pattern(text: &str, place: Place, diagnostics: &mut Diagnostics<'_>) -> Option<Pattern> {
    Pattern::glob(text)
        .map_err(|Misread { message, remedy }| diagnostics.add(lints::BAD_PATTERN, place, message, remedy))
        .ok()
}

fn projects(sections: &Sections<'_>, config: &Node, diagnostics: &mut Diagnostics<'_>) -> Vec<Project> {
    let node = config.get("projects");
    let Some(map) = node.and_then(Node::as_map) else { return Vec::new() };
    for entry in map.iter() {
        shape::check_key(&entry.key, "projects", entry.place, diagnostics);
    }
    let mut projects = Vec::new();
    for (section, entry) in sections.each::<ProjectSection>("projects", diagnostics) {
        let written = with_places(&section.paths, entry.value.get("paths"));
        let paths: Vec<Pattern> = written.filter_map(|(text, place)| pattern(text, place, diagnostics)).collect();
        if section.paths.is_empty() {
            diagnostics.add(
                lints::BAD_PATTERN,
                entry.place,
                format!("`{}` has no paths, so it holds no flag", entry.key),
                "name its files under `paths`, or remove it",
            );
        }
        projects.push(Project {
            name: entry.key.clone(),
            paths,
            approvals: section.approvals,
            required: required(entry.value.get("required")),
            place: entry.place,
        });
    }
    // Files of a format that is not read yet can be protected as files.
    let protects = config.get("protect").and_then(Node::as_list).is_some_and(|paths| !paths.is_empty());
    if map.iter().next().is_none() && !protects {
        diagnostics.add(
            lints::MISSING_FIELD,
            node.map_or(Place::START, |node| node.place),
            "`projects` is empty, so no flag is managed",
            "name at least one project with its `paths` and `approvals`, or files under `protect`",
        );
    }
    projects
}

/// The number of approvals a project needs: at least one.
fn required(node: Option<&Node>) -> u32 {
    let number = node.and_then(Node::as_number).and_then(crate::document::Decimal::to_integer);
    number.and_then(|number| u32::try_from(number).ok()).unwrap_or(1).max(1)
}

fn teams(sections: &Sections<'_>, diagnostics: &mut Diagnostics<'_>) -> BTreeMap<Approver, Vec<String>> {
    let mut teams = BTreeMap::new();
    for (people, entry) in sections.each::<Vec<String>>("teams", diagnostics) {
        if !entry.key.contains('/') && !entry.key.starts_with('@') {
            let message = format!("`{}` is no team", entry.key.escape_debug());
            diagnostics.add(lints::BAD_APPROVER, entry.place, message, "write `\"@org/team\"`");
            continue;
        }
        match approver(&entry.key, entry.place, diagnostics) {
            Some(team @ Approver::Team(_)) => {
                let mut members = Vec::new();
                for (text, place) in with_places(&people, Some(&entry.value)) {
                    match approver(text, place, diagnostics) {
                        Some(Approver::User(login)) => members.push(login.to_ascii_lowercase()),
                        Some(Approver::Team(_)) => diagnostics.add(
                            lints::BAD_APPROVER,
                            place,
                            format!("`{text}` is a team, and a team's members are people"),
                            "name its members one by one as `\"@user\"`",
                        ),
                        None => {}
                    }
                }
                if teams.insert(team, members).is_some() {
                    diagnostics.add(
                        lints::DUPLICATE_KEY,
                        entry.place,
                        format!("`{}` stands twice, in another spelling", entry.key),
                        "merge the two",
                    );
                }
            }
            Some(Approver::User(_)) => diagnostics.add(
                lints::BAD_APPROVER,
                entry.place,
                format!("`{}` is a person, not a team", entry.key),
                "write `\"@org/team\"`",
            ),
            None => {}
        }
    }
    teams
}

/// The rules that a list names.
pub(super) fn rule_ids(
    written: Option<&[String]>,
    node: Option<&Node>,
    relax: bool,
    diagnostics: &mut Diagnostics<'_>,
) -> Vec<RuleId> {
    let mut ids = Vec::new();
    for (id, place) in with_places(written.unwrap_or_default(), node) {
        let allowed = rules::RULES.iter().filter(|rule| !relax || rule.relaxable).map(|rule| rule.id.as_str());
        match rules::by_id(id) {
            Some(rule) if relax && !rule.relaxable => diagnostics.add(
                lints::BAD_RELAX,
                place,
                format!("`{id}` holds in every repository and cannot be relaxed"),
                format!("remove it; these can be relaxed: {}", choice(allowed)),
            ),
            Some(rule) => ids.push(rule.id),
            None => {
                let remedy = nearest(id, allowed.clone()).map_or_else(
                    || format!("write one of {}", choice(allowed)),
                    |id| format!("write `{id}` if that is what you mean"),
                );
                diagnostics.add(lints::BAD_RELAX, place, format!("`{id}` is no rule"), remedy);
            }
        }
    }
    ids
}

/// The names of fields that a list has.
pub(super) fn field_names(
    written: Option<&[String]>,
    node: Option<&Node>,
    diagnostics: &mut Diagnostics<'_>,
) -> Vec<String> {
    let known: Vec<&str> =
        format::FORMATS.iter().flat_map(|format| format.fields.iter().map(|field| field.name)).collect();
    let mut added = Vec::new();
    for (field, place) in with_places(written.unwrap_or_default(), node) {
        let top = field.split('.').next().unwrap_or(field);
        if known.contains(&top) {
            added.push(field.to_owned());
        } else {
            let remedy = nearest(field, known.iter().copied()).map_or_else(
                || "write the name of a field as flag files have it".to_owned(),
                |field| format!("write `{field}` if that is what you mean"),
            );
            diagnostics.add(lints::WRONG_WORD, place, format!("`{field}` is no field of any format"), remedy);
        }
    }
    added
}
