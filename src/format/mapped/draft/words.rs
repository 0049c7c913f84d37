//! Names by which people call the parts of flags, in any letter case and with any `_` or `-` in them.

use super::super::path::is_in;
use crate::diagnostics::escape;
use crate::document::Map;
use crate::format::names::{NameSet, NamedPlace, ServedIn, folded, holds_flags, served_in};

/// The names of maps of parts that several flags use.
const PARTS: &[&str] = &["audiences", "groups", "segments"];

/// Members that hold environments.
const SCOPES: &[&str] =
    &["channels", "channel", "environments", "environment", "envs", "platforms", "platform", "stages"];

/// Members that name the environments in which a flag is on.
const ON_IN: &[&str] = &["activein", "enabledenvironments", "enabledenvs", "enabledfor", "enabledin", "livein"];

/// Members that say whether a flag is on.
const ON: &[&str] = &[
    "enabled",
    "enable",
    "isenabled",
    "active",
    "isactive",
    "on",
    "state",
    "status",
    "defaultenabled",
    "value",
    "default",
    "serve",
    "treatment",
];

/// Members that say whether a flag is off.
const OFF: &[&str] = &["disabled", "disable", "isdisabled", "off"];

/// Values that say that it is on, some of them for a part of the users.
const ON_WORDS: &[&str] =
    &["active", "always", "beta", "enabled", "ga", "live", "on", "preview", "released", "running", "true", "yes"];

/// Values that say that it is off.
const OFF_WORDS: &[&str] =
    &["archived", "disabled", "draft", "false", "inactive", "never", "no", "off", "paused", "retired", "stopped"];

/// Values that say that it is on for those who make it.
const TESTING_WORDS: &[&str] = &["internal", "testing"];

/// The fields that members are, by their names.
const FIELDS: &[(&str, &[&str])] = &[
    (
        "segments",
        &[
            "allowlist",
            "audience",
            "audiences",
            "conditions",
            "constraints",
            "countries",
            "filter",
            "filters",
            "onlyfor",
            "rules",
            "segments",
            "strategies",
            "targeting",
            "targetrules",
            "targets",
        ],
    ),
    ("bucketing", &["bucketby", "bucketingkey", "hashattribute", "randomizationunit"]),
    ("variants", &["alternatives", "arms", "experiment", "experiments", "variants", "variations"]),
    (
        "distribution",
        &[
            "allocation",
            "distribution",
            "percent",
            "percentage",
            "probabilityweight",
            "rollout",
            "rolloutpct",
            "rolloutpercent",
            "rolloutpercentage",
            "split",
            "traffic",
            "weight",
            "weights",
        ],
    ),
    ("exposure", &["exposureevent", "impressiondata", "telemetry", "trackevents"]),
    ("salt", &["hashseed", "randomizationseed", "salt", "seed"]),
    ("sticky", &["sticky", "stickybucketing"]),
    ("dependencies", &["dependencies", "dependson", "prerequisites", "required", "requires"]),
    ("schedule", &["enddate", "endsat", "expires", "expiresat", "expirydate", "schedule", "startdate", "startsat"]),
    ("payload", &["config", "configuration", "parameters", "payload", "settings", "variables"]),
    ("owner", &["maintainer", "maintainers", "owner", "owners", "squad", "team"]),
    ("meta", &["comment", "comments", "desc", "description", "displayname", "name", "notes", "summary", "title"]),
];

fn is_one_of(name: &str, those: &[&str]) -> bool {
    those.contains(&folded(name).as_str())
}

pub fn holds_flags_here(name: &str) -> bool {
    holds_flags(name, NamedPlace::Member)
}

pub fn is_part(name: &str) -> bool {
    is_one_of(name, PARTS)
}

pub fn is_scope(name: &str) -> bool {
    is_one_of(name, SCOPES)
}

/// Whether a list under this name has the environments in which a flag is on, if it is one of environments.
pub fn is_on_in(name: &str) -> bool {
    is_one_of(name, ON_IN)
}

/// Whether a member of this name has no users whom a flag is on for, whatever it holds.
pub fn names_no_users(name: &str) -> bool {
    field(name).is_some_and(|field| ["bucketing", "exposure", "salt", "sticky"].contains(&field))
}

/// Whether a word is the type of a value, as schemas and languages call it.
pub fn is_type(word: &str) -> bool {
    const TYPES: &[&str] =
        &["any", "array", "bool", "boolean", "float", "int", "integer", "number", "object", "string"];
    is_one_of(word, TYPES)
}

/// Whether a list under this name says who gets a flag, or where.
pub fn lets_in(name: &str) -> bool {
    is_on_in(name) || is_one_of(name, &["groups", "segments", "tenants", "users"])
}

/// Whether a member of this name surely does not switch a flag on that another member says is off.
pub fn is_no_switch(name: &str) -> bool {
    const DIVIDES: &[&str] = &["bucketing", "distribution", "exposure", "salt", "sticky", "variants"];
    is_one_of(name, &["groups", "segments", "users"]) || field(name).is_some_and(|field| DIVIDES.contains(&field))
}

/// The rank of a member that holds environments, the best first.
pub fn scope_rank(name: &str) -> usize {
    let name = folded(name);
    SCOPES.iter().position(|one| *one == name).unwrap_or(SCOPES.len())
}

/// Whether it is an environment, or what holds for all of them.
pub fn is_scope_name(name: &str) -> bool {
    served_in(name).is_some()
}

pub fn is_environment(name: &str) -> bool {
    served_in(name).is_some_and(|served| served != ServedIn::Everywhere)
}

/// Whether it is an environment next to others, such as `eu-production`.
pub fn is_one_environment(name: &str) -> bool {
    NameSet::Environments.has(name)
}

/// Whether some of these members surely are the environments of one flag, whatever stands next to them.
pub fn has_environments(map: &Map) -> bool {
    is_in(NameSet::Environments, map)
}

/// The rank of a member that says whether a flag is on, the best first; and whether `true` is on.
pub fn switch(name: &str) -> Option<(usize, bool)> {
    let name = folded(name);
    let rank = |those: &[&str]| those.iter().position(|one| *one == name);
    rank(ON).map(|rank| (rank, true)).or_else(|| rank(OFF).map(|rank| (ON.len() + rank, false)))
}

/// Whether a member of this name says so only by `true` or `false`: all else in it are values that users get.
pub fn is_value(name: &str) -> bool {
    is_one_of(name, &["default", "value", "serve", "on", "off"])
}

/// Whether a member of this name says what part of all users gets something.
pub fn is_percentage(name: &str) -> bool {
    NameSet::Percentages.has(name)
}

/// Whether a list of numbers under this name has the shares of something.
pub fn is_of_shares(name: &str) -> bool {
    const PARTS: &[&str] = &[
        "allocation",
        "bucket",
        "cutoff",
        "distribution",
        "percent",
        "prob",
        "ranges",
        "ratio",
        "rollout",
        "share",
        "split",
        "traffic",
        "weight",
    ];
    let name = folded(name);
    PARTS.iter().any(|part| name.contains(part))
}

/// The words for each state.
const STATE_WORDS: &[(&[&str], &str)] = &[(ON_WORDS, "live"), (OFF_WORDS, "inactive"), (TESTING_WORDS, "testing")];

/// The state that a word stands for.
pub fn state(word: &str) -> Option<&'static str> {
    STATE_WORDS.iter().find_map(|(words, state)| is_one_of(word, words).then_some(*state))
}

/// All words for a state.
pub fn words_for(state: &str) -> impl Iterator<Item = &'static str> {
    STATE_WORDS.iter().filter(move |(_, one)| *one == state).flat_map(|(words, _)| words.iter().copied())
}

/// The field that a member of this name is.
pub fn field(name: &str) -> Option<&'static str> {
    let name = folded(name);
    FIELDS.iter().find_map(|(field, names)| names.contains(&name.as_str()).then_some(*field))
}

/// Whether a path can name a member.
pub fn can_be_named(name: &str) -> bool {
    let is_whole = !name.is_empty() && name != "." && !name.starts_with('@');
    is_whole && !name.contains(['/', '*']) && escape::visible(name) == name
}
