//! Changes that stand outside of the flags of a file, for several of them: shown once, with the flags that they change.

use std::collections::BTreeMap;

use super::ExaminedChange;

/// Names the flags that each shared change reaches, and the one it is shown with: the first whose approvers have to see it,
/// else the first.
pub fn show_once(examined: &mut [ExaminedChange]) {
    type Reached = BTreeMap<(String, u32, u32), Vec<(String, bool)>>;
    let mut reached = Reached::new();
    for one in &*examined {
        let Some(entry) = one.flag.entry() else { continue };
        for change in one.changes.iter().filter(|change| change.shared.is_some()) {
            let place = (change.path.clone(), change.line, change.column);
            reached.entry(place).or_default().push((entry.id(), change.rule.is_some()));
        }
    }
    for one in examined {
        let Some(id) = one.flag.entry().map(crate::flag::FlagEntry::id) else { continue };
        for change in &mut one.changes {
            let (Some(shared), Some(flags)) =
                (&mut change.shared, reached.get(&(change.path.clone(), change.line, change.column)))
            else {
                continue;
            };
            let shown = flags.iter().find(|(_, gated)| *gated).or(flags.first()).map(|(flag, _)| flag);
            shared.shown_with = shown.filter(|shown| **shown != id).cloned();
            shared.flags = flags.iter().map(|(flag, _)| flag.clone()).collect();
        }
    }
}
