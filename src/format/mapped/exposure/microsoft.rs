//! Microsoft Feature Management: variants by user, by group and by percentile, and a default.
//!
//! Source: `src/Microsoft.FeatureManagement/FeatureManager.cs` of microsoft/FeatureManagement-Dotnet (2024 and later):
//! of a flag that is on a user gets the variant of the first allocation that names the user, then of the first that
//! names a group of theirs, then of the percentile `from` up to `to` that holds a hash of the user and the seed, and
//! else `default_when_enabled`. Filters decide first whether it is on.

use super::{FlagSource, ReadGroup, line, one_of, saying, thousandths, uncomputed};
use crate::document::{Data, Map, Node};
use crate::groups::{Draw, OffVariant, ReadGroups, Uncomputed};

/// The groups of a flag; of one with filters, which may draw lots at each look, they are not computed.
pub fn read(source: &FlagSource<'_, '_>) -> ReadGroups {
    ReadGroups { off: off(source), ..ReadGroups::of(groups(source)) }
}

/// The variant that everyone gets while the flag is off: whether it is on is asked by itself.
fn off(source: &FlagSource<'_, '_>) -> Option<OffVariant> {
    let enabled = member(source.at.entity, "enabled")?;
    let is_off =
        enabled.as_bool() == Some(false) || enabled.as_text().is_some_and(|text| text.eq_ignore_ascii_case("false"));
    let name = member(member(source.at.entity, "allocation")?, "default_when_disabled").filter(|_| is_off)?;
    Some(OffVariant { name: name.as_text()?.to_owned(), is_all: false })
}

/// A member in any letter case, as .NET reads it.
fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    let entry = node.as_map()?.iter().find(|entry| entry.key.eq_ignore_ascii_case(name))?;
    Some(&entry.value).filter(|node| !node.is_null())
}

fn groups(source: &FlagSource<'_, '_>) -> Result<Vec<ReadGroup>, String> {
    let flag = source.at.entity;
    if flag.as_bool().is_some() {
        return Ok(vec![ReadGroup::others(Ok(Draw::everyone("on")))]);
    }
    let filters = member(flag, "conditions").and_then(|conditions| member(conditions, "client_filters"));
    let filters = [filters, member(flag, "EnabledFor")];
    if filters.into_iter().flatten().any(|filters| saying(filters.clone()).is_some()) {
        return Err("filters decide for whom it is on, some of them anew at each look".to_owned());
    }
    let empty = Node::new(flag.place, Data::Map(Map::default()));
    let allocation = member(flag, "allocation").unwrap_or(&empty);
    let list = |name: &str| -> Result<&[Node], String> {
        match member(allocation, name) {
            None => Ok(&[]),
            Some(node) => node.as_list().ok_or_else(|| format!("`{name}` of the allocation is no list")),
        }
    };
    let text = |node: &'_ Node, name: &str| member(node, name).and_then(Node::as_text).map(str::to_owned);
    let mut found = Vec::new();
    for (what, members) in [("user", "users"), ("group", "groups")] {
        for (number, one) in list(what)?.iter().enumerate() {
            let variant = text(one, "variant").ok_or_else(|| format!("a `{what}` of the allocation has no variant"))?;
            let who = member(one, members).cloned().and_then(saying);
            // Nobody is in it.
            let Some(mut who) = who else { continue };
            if let Data::List(names) = &mut who.data {
                names.sort_by_cached_key(Node::json);
            }
            let name = Some(format!("{members} {}", number + 1));
            let draw = Ok(Draw::everyone(&variant));
            let requires = one_of(members, &who, None);
            found.push(ReadGroup { name, conditions: vec![who], parts: Vec::new(), requires, is_tree: false, draw });
        }
    }
    // A user without a variant has the flag on all the same.
    let default = text(allocation, "default_when_enabled").unwrap_or_else(|| "on".to_owned());
    found.push(ReadGroup::others(percentiles(list("percentile")?, &default, allocation, source)));
    Ok(found)
}

fn percentiles(
    list: &[Node],
    default: &str,
    allocation: &Node,
    source: &FlagSource<'_, '_>,
) -> Result<Draw, Uncomputed> {
    let cannot = |why: &str| uncomputed(why, allocation, source.by(""));
    let mut ranges = Vec::new();
    for one in list {
        let at = |name: &str| member(one, name).map_or(Some(0), thousandths).filter(|at| *at <= 100_000);
        let variant = member(one, "variant").and_then(Node::as_text);
        match (at("from"), at("to"), variant) {
            (Some(from), Some(to), Some(variant)) if from <= to => ranges.push((from, to, variant)),
            _ => return Err(cannot("a percentile has no variant, or no `from` and `to` between 0 and 100")),
        }
    }
    ranges.retain(|(from, to, _)| from < to);
    ranges.sort_by_key(|(from, ..)| *from);
    let (mut upto, mut pieces) = (0, Vec::new());
    for (from, to, variant) in ranges {
        if from < upto {
            return Err(cannot("two percentiles overlap"));
        }
        pieces.extend([(default, from - upto), (variant, to - from)]);
        upto = to;
    }
    pieces.push((default, 100_000 - upto));
    line(source.by("percentile"), pieces, 100_000).ok_or_else(|| cannot("its percentiles are too fine"))
}
