//! Flags that are off and do something else than before all the same: they name more people, whom a service may let in,
//! or give another variant while they are off.
//!
//! In: flag changes. Out: those flags in the state that nobody knows, with a remark. It refuses to hold up a switch-off
//! that leaves these as they are. Not taken: reading such a flag as unknown wherever it stands, since then none
//! that names somebody could be switched off at once.

use super::read::FlagChange;
use crate::diagnostics::words::and_more;
use crate::format::{gives_another_while_off, goes_off_by_word, mark_inactive, mark_unknown};

/// Marks flags that are off and let more people in.
pub fn let_in(changes: &mut [FlagChange]) {
    for change in changes {
        let before = change.before.as_ref().map(|entry| &entry.flag.links.lets_in);
        let Some(after) = change.after.as_mut().filter(|entry| !entry.flag.state.live) else { continue };
        let is_new = |name: &String, certain: bool| match before {
            Some(before) => !before.contains_key(name),
            None => certain,
        };
        let there = after.flag.links.lets_in.iter();
        let more: Vec<&str> =
            there.filter(|(name, certain)| is_new(name, **certain)).map(|(name, _)| name.as_str()).collect();
        if more.is_empty() {
            continue;
        }
        let shown = more.iter().take(3).map(|name| format!("`{}`", name.escape_debug())).collect::<Vec<_>>().join(", ");
        change.remarks.push(format!(
            "it is off and names {shown}{} anew, which the service may let in all the same; where it lets nobody in, \
             read the file by a mapping without `lets-in`",
            and_more(more.len().saturating_sub(3))
        ));
        mark_unknown(&mut after.flag);
    }
}

/// Marks flags that are off and give another variant, or another value under its name, than they gave or would have
/// given before. Of one that is switched off, says what everyone gets.
pub fn gives_otherwise(changes: &mut [FlagChange]) {
    for change in changes {
        let Some(before) = &change.before else { continue };
        let Some(after) = change.after.as_mut().filter(|entry| !entry.flag.state.live) else { continue };
        let given = after.flag.links.off_variant.as_ref().map(|variant| variant.escape_debug().to_string());
        if gives_another_while_off(&before.flag, &after.flag) {
            let given = given.unwrap_or_else(|| "nothing that is known".to_owned());
            change.remarks.push(format!("it is off, and gives everyone `{given}` now, which is not what it gave then"));
            mark_unknown(&mut after.flag);
        } else if let Some(given) = given.filter(|_| before.flag.state.live) {
            change.remarks.push(format!("everyone gets `{given}`, as it says for while it is off"));
        }
    }
}

/// Marks flags as off of which nothing changes but that unquoted words for on became words for off: to one reader these
/// are true and false, and to another the same string before and after is on, or none is.
pub fn switched_by_word(changes: &mut [FlagChange]) {
    for change in changes {
        let Some(before) = change.before.as_ref().filter(|entry| !entry.flag.is_sure()) else { continue };
        let Some(after) = change.after.as_mut().filter(|entry| !entry.flag.is_sure()) else { continue };
        if before.path == after.path && goes_off_by_word(&before.flag, &after.flag) {
            mark_inactive(&mut after.flag);
        }
    }
}
