//! Flags that others depend on, as a mapping finds their names: `depends`.
//!
//! **In**: the place of a flag, or the flags of a file. **Out**: what it needs of each of the others. **Refuses**: to
//! leave a dependency with the group that says it, since only its flags can go live. **Not taken**: whether a flag is
//! served, which takes all flags of a review.

use std::collections::{BTreeMap, BTreeSet};

use super::flag_place::At;
use super::language::{Entity, Source};
use super::links::texts;
use crate::flag::{Flag, Need, NeededState, PartName};

/// The flags that one depends on, each in its own scope.
pub fn of(entity: &Entity, at: &At<'_>, scope: &[String]) -> Vec<Need> {
    let Some(depends) = &entity.depends else { return Vec::new() };
    let scope = scope.iter().chain(&at.env_key).map(String::as_str).collect::<Vec<_>>().join("/");
    let mut found = Vec::new();
    for inner in depends.at.iter().flat_map(|path| at.inside(&Source::Path(path.clone()))) {
        let Some(name) = inner.text(&depends.key) else { continue };
        let mut variants = BTreeMap::new();
        let of_variants = depends.variants.iter().flat_map(|path| inner.walk(path));
        of_variants.for_each(|found| texts(found.node, &mut variants));
        let variants: Vec<String> = variants.into_keys().collect();
        let state = match &depends.inverted {
            Some(test) if test.holds(&inner) => NeededState::Off,
            _ if !variants.is_empty() && !depends.off.is_empty() => NeededState::OnOrOff,
            _ => NeededState::On,
        };
        for name in BTreeSet::from([PartName::in_folders(&name), name]) {
            let key = in_scope(&name, &scope);
            found.push(Need { name, key, variants: variants.clone(), state });
        }
    }
    found
}

/// Gives what groups say of dependencies to the flags that they name: where flags of such a key stand in scopes, to
/// these alone.
pub fn of_groups(flags: &mut [Flag]) {
    let mut by_name: BTreeMap<String, Vec<Need>> = BTreeMap::new();
    for group in flags.iter_mut().filter(|flag| !flag.links.reaches.is_empty() && !flag.links.needs.is_empty()) {
        let needs = std::mem::take(&mut group.links.needs);
        for name in &group.links.reaches {
            by_name.entry(name.clone()).or_default().extend(needs.iter().cloned());
        }
    }
    if by_name.is_empty() {
        return;
    }
    let scoped = flags.iter().filter(|flag| flag.scope.is_some() && !super::is_part(flag));
    let scoped: BTreeSet<String> = scoped.map(|flag| flag.own_key().to_owned()).collect();
    for flag in flags.iter_mut().filter(|flag| !super::is_part(flag)) {
        let Some(needs) = by_name.get(flag.own_key()) else { continue };
        let scope = flag.scope.clone().unwrap_or_default();
        if scope.is_empty() && scoped.contains(&flag.key) {
            continue;
        }
        let own = needs.iter().map(|need| Need { key: in_scope(&need.name, &scope), ..need.clone() });
        flag.links.needs.extend(own);
    }
}

fn in_scope(name: &str, scope: &str) -> String {
    if scope.is_empty() { name.to_owned() } else { format!("{name}@{scope}") }
}
