//! Words for the changes and the needs of a path: which sizes and scopes, and how many of whom.

use std::collections::BTreeSet;

use super::code;
use super::needs::{ChangeSize, Measure, NeedApprovers, PathNeed};
use crate::groups::Share;

/// Alternatives, each in backticks.
pub fn either<'k>(kinds: impl IntoIterator<Item = &'k &'k str>) -> String {
    kinds.into_iter().map(code).collect::<Vec<_>>().join(" or ")
}

/// The largest of some sizes, in words: how many users at most within the longest time that has a bound, and the times
/// in which each of them concerns more.
pub fn bounded(sizes: &BTreeSet<&ChangeSize>) -> String {
    let days: Vec<u32> = sizes.first().map(|size| size.days().collect()).unwrap_or_default();
    for (verb, measure) in [("affects", Measure::Affected), ("newly exposes", Measure::Exposed)] {
        let most = |days: u32| sizes.iter().map(|size| size.of(days, measure)).max().unwrap_or(Share::EVERYONE);
        let bounded = days.iter().copied().rfind(|days| most(*days) < Share::EVERYONE);
        let Some(bounded) = bounded else { continue };
        let more: Vec<String> = days
            .iter()
            .filter(|days| sizes.iter().all(|size| size.of(**days, measure) > size.of(bounded, measure)))
            .map(|days| format!("{days} days"))
            .collect();
        let within = if bounded == ChangeSize::BY_ITSELF { String::new() } else { format!(" within {bounded} days") };
        let more = if more.is_empty() { String::new() } else { format!(", and more within {}", more.join(" and ")) };
        return format!(" that {verb} at most {} of users{within}{more}", most(bounded).exactly());
    }
    String::new()
}

/// The scopes of some sizes, in words, if not all are among them.
pub fn scoped(those: &BTreeSet<&ChangeSize>, all: &[ChangeSize]) -> String {
    let of = |sizes: &mut dyn Iterator<Item = &ChangeSize>| -> BTreeSet<Option<String>> {
        sizes.map(|size| size.scope.clone()).collect()
    };
    let (those, all) = (of(&mut those.iter().copied()), of(&mut all.iter()));
    if those == all {
        return String::new();
    }
    let name = |scope: &Option<String>| scope.as_ref().map_or_else(|| "any other scope".to_owned(), code);
    format!(" of a flag in {}", those.iter().map(name).collect::<Vec<_>>().join(" or "))
}

/// "2 of @acme/payments (`Data science`)".
pub fn described(need: &PathNeed<'_>) -> String {
    const FIRST: usize = 3;
    let section = need.section.map_or_else(String::new, |section| format!(" ({})", code(section)));
    let who = match need.who {
        NeedApprovers::Writers => "those with write access".to_owned(),
        NeedApprovers::Admins => "the admins".to_owned(),
        NeedApprovers::Named(named) => {
            let names: Vec<String> = named.iter().take(FIRST).map(ToString::to_string).collect();
            let more = named.len().saturating_sub(FIRST);
            let more = if more > 0 { format!(" or {more} more") } else { String::new() };
            format!("{}{more}", names.join(" or "))
        }
    };
    format!("{} of {who}{section}", need.required)
}
