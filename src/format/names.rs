//! Names that people give to what holds flags, and to the environments of flags: one table each.
//!
//! **In**: the name of a file, a folder, a member or a scope. **Out**: what it stands for. **Refuses**: to decide by a
//! name alone whether users are served; callers ask what stands in the file. **Not taken**: one list for each place
//! that looks at a name, which grow apart.

mod member_names;
mod single;
mod takes_away;

use std::collections::BTreeSet;

use member_names::{DEFAULTS, ITEM_NAMES, NOTES, OFF_SWITCHES, PERCENTAGES, SEEDS, SHOWN, STAMPS, SWITCHES};
pub use takes_away::lists_what_takes_away;

/// The place where a name of flags stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NamedPlace {
    /// A map or list of flags in a file.
    Member,
    /// A member around all flags of a file, and nothing else.
    Wrapper,
    /// A list of flags, each of which says its own name, and nothing else: `[[feature]]` in TOML.
    NamedItems,
    /// A file, without its ending.
    File,
    /// A file that nothing but flags is called, or a member.
    SureFile,
    /// A file that may be called so for other reasons too.
    AmbiguousFile,
    /// A folder that holds one folder for each team or topic.
    Folder,
}

use NamedPlace::{AmbiguousFile, File, Folder, Member, NamedItems, SureFile, Wrapper};
/// Names of what holds flags, without hyphens, underscores and letter case, each with the places where it is one; in
/// the order of names, as all tables in which a name is looked up.
const FLAG_NAMES: &[(&str, &[NamedPlace])] = &[
    ("abtests", &[Member, NamedItems, File, SureFile]),
    ("beta", &[AmbiguousFile]),
    ("betafeatures", &[AmbiguousFile]),
    ("experiment", &[AmbiguousFile]),
    ("experiments", &[Member, NamedItems, Folder, AmbiguousFile]),
    ("feature", &[NamedItems, AmbiguousFile]),
    ("featureflag", &[NamedItems, File, SureFile]),
    ("featureflags", &[Member, Wrapper, File, Folder, SureFile]),
    ("featuregates", &[Member, NamedItems, AmbiguousFile, SureFile]),
    ("featuremanagement", &[Member]),
    ("featurerollout", &[AmbiguousFile]),
    ("featurerollouts", &[AmbiguousFile]),
    ("features", &[Member, Wrapper, File, Folder]),
    ("featureswitch", &[NamedItems, File, SureFile]),
    ("featureswitches", &[NamedItems, File, SureFile]),
    ("featuretoggle", &[NamedItems, File, SureFile]),
    ("featuretoggles", &[Member, Wrapper, File, Folder, SureFile]),
    ("flag", &[NamedItems]),
    ("flags", &[Member, Wrapper, File, Folder]),
    ("flipper", &[File]),
    ("flipperfeatures", &[File]),
    ("flipperflags", &[File]),
    ("flippers", &[AmbiguousFile]),
    ("gate", &[NamedItems]),
    ("gates", &[Member, NamedItems, AmbiguousFile]),
    ("killswitch", &[AmbiguousFile]),
    ("killswitches", &[Member, AmbiguousFile]),
    ("launchflags", &[AmbiguousFile]),
    ("optimizely", &[AmbiguousFile]),
    ("remoteconfig", &[AmbiguousFile]),
    ("remoteconfigs", &[AmbiguousFile]),
    ("rollout", &[AmbiguousFile]),
    ("rollouts", &[AmbiguousFile]),
    ("splits", &[AmbiguousFile]),
    ("studies", &[Member]),
    ("switch", &[NamedItems]),
    ("switches", &[Member, NamedItems, AmbiguousFile]),
    ("toggle", &[NamedItems]),
    ("toggles", &[Member, Wrapper, File, Folder]),
    ("treatments", &[AmbiguousFile]),
    ("waffle", &[AmbiguousFile]),
];

/// Whether flags are held by what has this name at such a place.
#[must_use]
pub fn holds_flags(name: &str, place: NamedPlace) -> bool {
    find(name, FLAG_NAMES, |(known, _)| known).is_some_and(|(_, places)| places.contains(&place))
}

/// Whether the last word of a name of several is one of flags: `launch_flags`, `kill_switches`.
#[must_use]
pub fn ends_as_flags(name: &str) -> bool {
    const LAST: &[&str] = &["features", "flags", "gates", "switches", "toggles"];
    name.rsplit_once(is_sign).is_some_and(|(_, last)| LAST.iter().any(|known| last.eq_ignore_ascii_case(known)))
}

/// More letters than a name of a table has.
const MOST_LETTERS: usize = 32;

/// The letters of a name, as many as names of tables have at most. Nothing is allocated, since members of all flags are
/// looked up.
struct Letters {
    bytes: [u8; MOST_LETTERS],
    count: usize,
}

impl Letters {
    /// The letters in lower case, without signs unless they count; `None` of a name that no table has.
    fn of(name: &str, signs: bool) -> Option<Self> {
        let mut letters = Letters { bytes: [0; MOST_LETTERS], count: 0 };
        for byte in name.as_bytes() {
            if signs || !matches!(byte, b'_' | b'-' | b' ') {
                *letters.bytes.get_mut(letters.count)? = byte.to_ascii_lowercase();
                letters.count += 1;
            }
        }
        Some(letters)
    }

    /// The row of a table that has them, whose names are folded and in their order.
    fn find<'t, T>(&self, table: &'t [T], known: impl Fn(&T) -> &str) -> Option<&'t T> {
        let letters = self.bytes.get(..self.count)?;
        let at = table.binary_search_by(|row| known(row).as_bytes().cmp(letters)).ok()?;
        table.get(at)
    }
}

/// The letters of a name in any spelling.
fn letters(name: &str) -> Option<Letters> {
    if name.is_ascii() { Letters::of(name, false) } else { Letters::of(&folded(name), false) }
}

/// The row of a name in any spelling.
fn find<'t, T>(name: &str, table: &'t [T], known: impl Fn(&T) -> &str) -> Option<&'t T> {
    letters(name)?.find(table, known)
}

/// Whether a name is one of these, which are folded and in their order.
fn is_among(name: &str, those: &[&str]) -> bool {
    find(name, those, |known| known).is_some()
}

fn is_sign(char: char) -> bool {
    matches!(char, '_' | '-' | ' ')
}

/// The name without its letter case and its signs.
#[must_use]
pub fn folded(name: &str) -> String {
    name.chars().filter(|char| !is_sign(*char)).flat_map(char::to_lowercase).collect()
}

/// The people served in an environment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServedIn {
    /// The name is none of an environment: what holds in every environment that says nothing else.
    Everywhere,
    /// Only those who make the flags.
    Makers,
    /// Users, or nobody knows.
    Users,
}

/// The name of an environment or of another scope.
struct ScopeName {
    name: &'static str,
    served: ServedIn,
    /// Whether no flag is called so.
    sure: bool,
}

/// Names of environments and of other scopes, in their order.
const SCOPES: &[ScopeName] = &[
    scope("acceptance", Makers, false),
    scope("all", Everywhere, false),
    scope("base", Everywhere, false),
    scope("beta", Users, false),
    scope("canary", Users, false),
    scope("ci", Makers, false),
    scope("common", Everywhere, false),
    scope("default", Everywhere, false),
    scope("defaults", Everywhere, false),
    scope("demo", Users, false),
    scope("dev", Makers, true),
    scope("develop", Makers, true),
    scope("development", Makers, true),
    scope("e2e", Makers, false),
    scope("global", Everywhere, false),
    scope("integration", Makers, false),
    scope("live", Users, false),
    scope("local", Makers, false),
    scope("nightly", Users, false),
    scope("nonprod", Makers, true),
    scope("perf", Makers, false),
    scope("ppe", Users, false),
    scope("prd", Users, true),
    scope("preprod", Users, true),
    scope("preview", Makers, false),
    scope("prod", Users, true),
    scope("production", Users, true),
    scope("qa", Makers, false),
    scope("release", Users, false),
    scope("review", Users, false),
    scope("sandbox", Makers, false),
    scope("shared", Everywhere, false),
    scope("sit", Makers, false),
    scope("stable", Users, false),
    scope("stage", Makers, false),
    scope("staging", Makers, true),
    scope("stg", Makers, true),
    scope("test", Makers, false),
    scope("testing", Makers, false),
    scope("tst", Makers, true),
    scope("uat", Makers, true),
];

use ServedIn::{Everywhere, Makers, Users};

const fn scope(name: &'static str, served: ServedIn, sure: bool) -> ScopeName {
    ScopeName { name, served, sure }
}

/// The row of a name, in any letter case.
fn scope_of(name: &str) -> Option<&'static ScopeName> {
    Letters::of(name, true)?.find(SCOPES, |row| row.name)
}

/// The people served in the environment of this name, in any letter case. `None` for a name that no table knows.
#[must_use]
pub fn served_in(scope: &str) -> Option<ServedIn> {
    scope_of(scope).map(|row| row.served)
}

/// The scopes that hold in every environment which says nothing else.
pub fn everywhere() -> impl Iterator<Item = &'static str> {
    SCOPES.iter().filter(|row| row.served == Everywhere).map(|row| row.name)
}

/// Whether a member of this name says what holds for all that have none of their own: roles, regions, environments.
#[must_use]
pub fn stands_for_others(name: &str) -> bool {
    const OTHERS: &[&str] = &[
        "*",
        "any",
        "anybody",
        "anyone",
        "else",
        "everybody",
        "everyone",
        "everything",
        "everywhere",
        "fallback",
        "other",
        "others",
        "otherwise",
        "rest",
    ];
    name == "_" || OTHERS.contains(&folded(name).as_str()) || served_in(name) == Some(ServedIn::Everywhere)
}

/// Whether nothing but an environment with users in it is called so, or has that in its name where `parts` count.
#[must_use]
pub fn surely_serves_users(name: &str, parts: bool) -> bool {
    surely_serves(Users, name) || parts && parts_of(name).any(|part| surely_serves(Users, part))
}

/// Whether nothing but an environment in which these people are served is called so.
#[must_use]
pub fn surely_serves(people: ServedIn, name: &str) -> bool {
    scope_of(name).is_some_and(|row| row.sure && row.served == people)
}

/// The rank of a member by which an item of a list says its name, the best first.
#[must_use]
pub fn item_name_rank(member: &str) -> Option<usize> {
    // These are few, and in the order of their rank.
    let letters = letters(member)?;
    ITEM_NAMES.iter().position(|known| letters.bytes.get(..letters.count) == Some(known.as_bytes()))
}

/// Whether a switch of this name is on where the flag is off.
#[must_use]
pub fn says_off(name: &str) -> bool {
    name.eq_ignore_ascii_case("archived") || is_among(name, OFF_SWITCHES)
}

/// Whether a member of this name may be a switch, where nothing else in the flag is one.
#[must_use]
pub fn may_say_on(name: &str) -> bool {
    is_among(name, SWITCHES) || is_among(name, SHOWN)
}

/// Whether this is the name of an environment, or has one in it: `production`, `eu-production`.
fn is_environment(name: &str) -> bool {
    parts_of(name).filter_map(scope_of).any(|row| row.served != Everywhere)
}

/// The environments that a scope has in its name, in lower case: `staging` of `shop-staging/flags`.
#[must_use]
pub fn environments_in(scope: &str) -> BTreeSet<String> {
    let parts = scope.split('/').flat_map(parts_of);
    parts.filter(|part| is_environment(part)).map(str::to_lowercase).collect()
}

/// Whether a member of this name says an environment, or another of the places where one flag is served apart.
#[must_use]
pub fn says_environment(name: &str) -> bool {
    is_among(name, &["channel", "env", "environment", "platform", "stage"])
}

fn parts_of(name: &str) -> impl Iterator<Item = &str> {
    name.split(['_', '-', '.', ' '])
}

/// A set of names by which a mapping may say a step of a path: `{flags}/*`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameSet {
    /// The member around the flags of a file, such as `feature_flags`.
    Flags,
    /// Environments: all that are called so, if one of them is called as nothing else is.
    Environments,
    /// Environments or flags: names of environments in which those of environments stand, so that either may be meant.
    FlagsOrEnvironments,
    /// Members that say by true or false whether a flag is on, such as `enabled`.
    Switches,
    /// Members that say so the other way round, such as `disabled`.
    OffSwitches,
    /// Members that say what a flag gives where nothing else does, such as `defaultValue`.
    Defaults,
    /// Members that say which part of all users gets a flag, such as `rollout`.
    Percentages,
    /// Members that users are hashed with, such as `salt`.
    Seeds,
    /// Names of what holds for everybody, such as `global`.
    Everywhere,
    /// Members that say something for people, such as `description`.
    Notes,
    /// Members that are in none of the sets above, but those of flags.
    Rest,
    /// Members next to all flags that are written anew at each edit, such as `last_updated`.
    Stamps,
    /// Names of flags that take something from users while they are on, such as `disable_checkout`.
    TakesAway,
    /// Names of single settings that say that they are a switch of a flag, such as `CART_ENABLED`.
    FlagName,
    /// Names of what holds nothing but flags among other things, such as a `ConfigMap` called `cart-feature-flags`.
    FlagList,
}

/// The words for sets of names.
pub const NAME_SETS: &[(&str, NameSet)] = &[
    ("{flags}", NameSet::Flags),
    ("{environment}", NameSet::Environments),
    ("{flag-or-environment}", NameSet::FlagsOrEnvironments),
    ("{switch}", NameSet::Switches),
    ("{off-switch}", NameSet::OffSwitches),
    ("{default}", NameSet::Defaults),
    ("{percentage}", NameSet::Percentages),
    ("{seed}", NameSet::Seeds),
    ("{everywhere}", NameSet::Everywhere),
    ("{notes}", NameSet::Notes),
    ("{rest}", NameSet::Rest),
    ("{stamps}", NameSet::Stamps),
    ("{takes-away}", NameSet::TakesAway),
    ("{flag-name}", NameSet::FlagName),
    ("{flag-list}", NameSet::FlagList),
];

/// How surely members of a map are environments, the least sure first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Sureness {
    /// They are not.
    None,
    /// All have the name of an environment in theirs.
    Parts,
    /// As many are called as nothing but an environment is, next to others.
    Some(usize),
    /// As many are, and the others may be environments too.
    All(usize),
}

impl NameSet {
    #[must_use]
    pub fn parse(word: &str) -> Option<NameSet> {
        NAME_SETS.iter().find(|(known, _)| *known == word).map(|(_, set)| *set)
    }

    /// The word for the set.
    #[must_use]
    pub fn word(self) -> &'static str {
        NAME_SETS.iter().find(|(_, set)| *set == self).map_or("", |(word, _)| word)
    }

    /// Whether several members of one map are meant.
    #[must_use]
    pub fn is_wild(self) -> bool {
        matches!(self, NameSet::Environments | NameSet::FlagsOrEnvironments)
    }

    /// How surely the set is in a map with these members, each with whether it may be a switch.
    #[must_use]
    pub fn sureness<'n>(self, members: impl Iterator<Item = (&'n str, bool)>) -> Sureness {
        if !self.is_wild() {
            return Sureness::All(0);
        }
        // One flag that is called `dev_login` makes no environments of those next to it.
        let (mut whole, mut some, mut all, mut exact) = (0, false, true, true);
        for (name, switch) in members {
            let known = scope_of(name);
            let (mut sure, mut part) = (false, false);
            for row in parts_of(name).filter_map(scope_of) {
                sure |= row.sure;
                part |= row.served != Everywhere;
            }
            whole += usize::from(switch && known.is_some_and(|row| row.sure));
            some |= switch && sure;
            exact &= known.is_some();
            all &= part || known.is_some();
        }
        match whole {
            0 if some && all => Sureness::Parts,
            0 => Sureness::None,
            whole if exact => Sureness::All(whole),
            whole => Sureness::Some(whole),
        }
    }

    #[must_use]
    pub fn has(self, name: &str) -> bool {
        match self {
            NameSet::Flags => holds_flags(name, NamedPlace::Wrapper),
            NameSet::Environments | NameSet::FlagsOrEnvironments => is_environment(name),
            NameSet::Switches => is_among(name, SWITCHES),
            NameSet::OffSwitches => is_among(name, OFF_SWITCHES),
            NameSet::Defaults => is_among(name, DEFAULTS),
            NameSet::Percentages => is_among(name, PERCENTAGES),
            NameSet::Seeds => is_among(name, SEEDS),
            NameSet::Everywhere => stands_for_others(name),
            NameSet::Notes => is_among(name, NOTES),
            NameSet::Stamps => is_among(name, STAMPS),
            NameSet::TakesAway => takes_away::takes_away(name),
            NameSet::FlagName => single::says_flag(name),
            NameSet::FlagList => single::says_flags(name),
            NameSet::Rest => {
                ![NameSet::Environments, NameSet::Switches, NameSet::Notes].iter().any(|set| set.has(name))
            }
        }
    }
}

#[cfg(test)]
mod tests;
