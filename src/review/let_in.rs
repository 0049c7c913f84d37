//! Flags that are off and name more people than before: those whom a service may let in all the same.
//!
//! In: flag changes. Out: those flags in the state that nobody knows, with a remark. It refuses to hold up a switch-off
//! that leaves these names as they are. Not taken: reading such a flag as unknown wherever it stands, since then none
//! that names somebody could be switched off at once.

use super::read::FlagChange;
use crate::diagnostics::words::and_more;
use crate::format::mark_unknown;

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
