//! Names that people give to what holds flags, and to the environments of flags: one table each.
//!
//! **In**: the name of a file, a folder, a member or a scope. **Out**: what it stands for. **Refuses**: to decide by a name alone whether
//! users are served; callers ask what stands in the file. **Not taken**: one list for each place that looks at a name, which grow apart.

/// The place where a name of flags stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NamedPlace {
    /// A map or list of flags in a file.
    Member,
    /// A member around all flags of a file, and nothing else.
    Wrapper,
    /// A file, without its ending.
    File,
    /// A folder that holds one folder for each team or topic.
    Folder,
}

use NamedPlace::{File, Folder, Member, Wrapper};

/// Names of what holds flags, without hyphens, underscores and letter case, each with the places where it is one.
const FLAG_NAMES: &[(&str, &[NamedPlace])] = &[
    ("abtests", &[Member]),
    ("experiments", &[Member, Folder]),
    ("featureflag", &[File]),
    ("featureflags", &[Member, Wrapper, File, Folder]),
    ("featuregates", &[Member]),
    ("featuremanagement", &[Member]),
    ("features", &[Member, Wrapper, File, Folder]),
    ("featureswitch", &[File]),
    ("featureswitches", &[File]),
    ("featuretoggle", &[File]),
    ("featuretoggles", &[Member, Wrapper, File, Folder]),
    ("flags", &[Member, Wrapper, File, Folder]),
    ("flipper", &[File]),
    ("flipperfeatures", &[File]),
    ("flipperflags", &[File]),
    ("gates", &[Member]),
    ("killswitches", &[Member]),
    ("studies", &[Member]),
    ("switches", &[Member]),
    ("toggles", &[Member, Wrapper, File, Folder]),
];

/// Whether flags are held by what has this name at such a place.
#[must_use]
pub fn holds_flags(name: &str, place: NamedPlace) -> bool {
    let name = folded(name);
    FLAG_NAMES.iter().any(|(known, places)| *known == name && places.contains(&place))
}

/// The name without its letter case and its signs.
#[must_use]
pub fn folded(name: &str) -> String {
    name.chars().filter(|char| !matches!(char, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// The people served in an environment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ServedIn {
    /// It is none: what holds in every environment that says nothing else.
    Everywhere,
    /// Only those who make the flags.
    Makers,
    /// Users, or nobody knows.
    Users,
}

/// Names of environments and of other scopes.
const SCOPES: &[(&str, ServedIn)] = &[
    ("all", ServedIn::Everywhere),
    ("base", ServedIn::Everywhere),
    ("common", ServedIn::Everywhere),
    ("default", ServedIn::Everywhere),
    ("defaults", ServedIn::Everywhere),
    ("global", ServedIn::Everywhere),
    ("shared", ServedIn::Everywhere),
    ("ci", ServedIn::Makers),
    ("dev", ServedIn::Makers),
    ("development", ServedIn::Makers),
    ("integration", ServedIn::Makers),
    ("local", ServedIn::Makers),
    ("preview", ServedIn::Makers),
    ("qa", ServedIn::Makers),
    ("sandbox", ServedIn::Makers),
    ("stage", ServedIn::Makers),
    ("staging", ServedIn::Makers),
    ("test", ServedIn::Makers),
    ("testing", ServedIn::Makers),
    ("uat", ServedIn::Makers),
    ("beta", ServedIn::Users),
    ("canary", ServedIn::Users),
    ("live", ServedIn::Users),
    ("nightly", ServedIn::Users),
    ("preprod", ServedIn::Users),
    ("prod", ServedIn::Users),
    ("production", ServedIn::Users),
    ("release", ServedIn::Users),
    ("review", ServedIn::Users),
    ("stable", ServedIn::Users),
];

/// The people served in the environment of this name, in any letter case. `None` for a name that no table knows.
#[must_use]
pub fn served_in(scope: &str) -> Option<ServedIn> {
    let scope = scope.to_lowercase();
    SCOPES.iter().find(|(name, _)| *name == scope).map(|(_, served)| *served)
}

/// The scopes that hold in every environment which says nothing else.
pub fn everywhere() -> impl Iterator<Item = &'static str> {
    SCOPES.iter().filter(|(_, served)| *served == ServedIn::Everywhere).map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_spelling() {
        for (name, place, holds) in [
            ("feature-flags", Folder, true),
            ("Feature_Flags", File, true),
            ("featureFlags", Wrapper, true),
            ("flipper", Member, false),
            ("gates", Folder, false),
        ] {
            assert_eq!(holds_flags(name, place), holds, "{name} {place:?}");
        }
        for (scope, served) in [
            ("Production", Some(ServedIn::Users)),
            ("QA", Some(ServedIn::Makers)),
            ("default", Some(ServedIn::Everywhere)),
            ("acme", None),
        ] {
            assert_eq!(served_in(scope), served, "{scope}");
        }
    }

    #[test]
    fn no_name_stands_in_a_table_twice() {
        let mut names: Vec<&str> = FLAG_NAMES.iter().map(|(name, _)| *name).collect();
        let mut scopes: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
        for (name, _) in FLAG_NAMES {
            assert_eq!(folded(name), *name);
        }
        for list in [&mut names, &mut scopes] {
            let all = list.len();
            list.sort_unstable();
            list.dedup();
            assert_eq!(list.len(), all);
        }
    }
}
