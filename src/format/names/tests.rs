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
fn tables_are_in_the_order_in_which_names_are_looked_up() {
    let flags: Vec<&str> = FLAG_NAMES.iter().map(|(name, _)| *name).collect();
    let scopes: Vec<&str> = SCOPES.iter().map(|row| row.name).collect();
    for table in [&flags[..], &scopes[..], SWITCHES, OFF_SWITCHES, DEFAULTS, NOTES, STAMPS] {
        for (one, next) in table.iter().zip(&table[1..]) {
            assert!(one < next, "{one} {next}");
        }
        for name in table {
            assert_eq!(folded(name), *name);
            assert!(is_among(&name.to_uppercase(), table), "{name}");
        }
    }
    assert!(is_among("\u{212a}ey", NOTES), "the sign for kelvin");
}
