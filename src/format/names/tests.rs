//! Names that the tables know.

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
fn one_name_makes_no_environments_of_those_next_to_it() {
    for (names, sureness) in [
        (vec!["production", "insights"], Sureness::Some(1)),
        (vec!["eu-production", "eu-staging", "default"], Sureness::Parts),
        (vec!["dev_login", "insights"], Sureness::None),
        (vec!["prod_banner", "uat_mode", "search"], Sureness::None),
        (vec!["stg", "prd", "qa"], Sureness::All(2)),
    ] {
        let members = names.iter().map(|name| (*name, true));
        assert_eq!(NameSet::Environments.sureness(members), sureness, "{names:?}");
    }
}

#[test]
fn no_name_stands_in_a_table_twice() {
    let mut names: Vec<&str> = FLAG_NAMES.iter().map(|(name, _)| *name).collect();
    let mut scopes: Vec<&str> = SCOPES.iter().map(|(name, ..)| *name).collect();
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
