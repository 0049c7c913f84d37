//! Variants of flags that are off, and variants that stand for off.
//!
//! **In**: flags with their groups. **Out**: whether somebody has from one what they would have without it.
//! **Refuses**: to take a variant for what users have anyway where its value is another one. **Not taken**: the values
//! of applications, which are in their code.

use super::groups;
use crate::document::{Data, Decimal, Entry, Map, Node};
use crate::flag::{Flag, file_name};
use crate::groups::{Draw, OffVariant, ReadGroup};

/// The variant that everyone has of a flag that is off, if it gives one then and nobody has from the other side, on
/// which it is on, another thing by that name.
pub fn while_off<'f>(off: &'f Flag, on: &Flag) -> Option<&'f OffVariant> {
    let given = off.drawn.as_ref()?.off.as_ref()?;
    let draws = groups(on).ok()?.list.into_iter().filter_map(|group| group.draw.ok());
    let mut names = draws.flat_map(|draw| draw.ends).map(|(name, _)| name);
    let value = |flag: &Flag| value_of(flag, &given.name).map(Node::json);
    // A switch has none.
    let known = value(off).is_some() || !has_variants(off) && !has_variants(on);
    let same = given.is_all && known && value(off) == value(on) && type_of(off) == type_of(on);
    (same || !names.any(|name| name == given.name)).then_some(given)
}

/// Whether everyone is certainly served off: each group gets no variant, or one whose value is `false`, or that is
/// named `off` and gives `"off"` or 0. The effect of any other value of that name on an application is not known here.
pub fn serves_off(flag: &Flag) -> bool {
    // A schedule may begin with another variant.
    let whole = flag.state.word == "live" && ["rest", "schedule"].iter().all(|field| flag.get(field).is_none());
    let Some(read) = flag.drawn.as_ref().filter(|read| whole && read.end.is_none()) else { return false };
    let gives_off = |group: &ReadGroup| {
        let constant = group.draw.as_ref().ok().and_then(Draw::constant);
        constant.is_some_and(|variant| variant.is_none_or(|variant| stands_for_off(flag, variant)))
    };
    read.now.as_ref().is_ok_and(|groups| groups.iter().all(gives_off))
}

fn stands_for_off(flag: &Flag, variant: &str) -> bool {
    let named = |value: &Node| value.as_text() == Some("off") || value.as_number().is_some_and(Decimal::is_zero);
    let off = |value: &Node| value.as_bool() == Some(false) || variant == "off" && named(value);
    match value_of(flag, variant) {
        Some(value) => off(value),
        None => is_off_of_a_switch(flag, variant),
    }
}

/// Whether it is the off of a flag that gives true or false, also while it is off; such a switch has no list of
/// variants.
fn is_off_of_a_switch(flag: &Flag, variant: &str) -> bool {
    variant == "false" && !has_variants(flag)
}

/// Whether a variant changes nothing for who has it. The value that applications got of a flag that was off is in their
/// code, unless it is new.
pub fn is_idle(flag: &Flag, variant: &str, new: bool) -> bool {
    let bare = flag.drawn.as_ref().is_some_and(|drawn| drawn.idle.contains(variant));
    bare || is_off_of_a_switch(flag, variant) || new && stands_for_off(flag, variant)
}

fn has_variants(flag: &Flag) -> bool {
    let parts = flag.get("variants").and_then(Node::as_map);
    let named = |part: &Entry| match &part.value.data {
        Data::Map(map) => !map.0.is_empty(),
        Data::List(items) => !items.is_empty(),
        Data::Null | Data::Bool(_) | Data::Number(_) | Data::Text(_) => false,
    };
    parts.is_some_and(|parts| parts.iter().any(named))
}

/// The type of the values, by which an application may read the same value as another one.
fn type_of(flag: &Flag) -> Option<&str> {
    let parts = flag.get("variants").and_then(Node::as_map)?;
    parts.iter().find(|part| file_name(&part.key) == "type")?.value.as_text()
}

/// The value of a variant, if variants are a map from name to value.
fn value_of<'f>(flag: &'f Flag, variant: &str) -> Option<&'f Node> {
    let parts = flag.get("variants").and_then(Node::as_map)?;
    // A name that looks like a number or `true` has quotes in a list that is read by names.
    let is = |key: &str| key == variant || serde_json::from_str::<String>(key).is_ok_and(|key| key == variant);
    let mut members = parts.iter().filter_map(|part| part.value.as_map()).flat_map(Map::iter);
    members.find(|entry| is(&entry.key)).map(|entry| &entry.value)
}
