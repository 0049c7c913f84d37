//! The effects of a proposed policy on flags whose files stay as they are: their format, or the mapping of it, is
//! another one.
//!
//! **In**: files of the base, and both policies. **Out**: a sentence for what is read otherwise, and one for the flags
//! that may then be changed without approval. **Refuses**: nothing; the approvers of the policy decide. **Not taken**:
//! the words of a mapping explained one by one, from which nobody sees which flags they are about.

use std::collections::{BTreeMap, BTreeSet};

use super::Policies;
use super::read::read_file;
use super::surroundings::Surroundings;
use crate::diagnostics::words::counted;
use crate::flag::{File, FlagEntry};
use crate::policy::Policy;
use crate::policy::diff::PolicyDiff;
use crate::report::PrivilegeChange;

/// Most files that are read again.
const MOST_FILES: usize = 200;

/// Most flags that are named.
const MOST_NAMED: usize = 5;

/// The fate of the flags of managed files that the proposed policy reads in another way, of the first of them.
///
/// # Errors
/// The errors of the surroundings.
pub fn described<S: Surroundings>(policies: &Policies, managed: &[String], around: &S) -> Result<PolicyDiff, S::Error> {
    let mut diff = PolicyDiff::default();
    let (base, Some(proposed)) = (&policies.base, &policies.proposed) else { return Ok(diff) };
    let paths = paths(managed, base, proposed);
    if !paths.is_empty() {
        add(&around.files(&paths)?, base, proposed, &mut diff);
    }
    Ok(diff)
}

fn paths(managed: &[String], base: &Policy, proposed: &Policy) -> BTreeSet<String> {
    let differs = |path: &&String| match (base.format(path), proposed.format(path)) {
        (Some(old), Some(new)) => !old.reads_as(&new),
        _ => false,
    };
    managed.iter().filter(differs).take(MOST_FILES).cloned().collect()
}

fn add(files: &[File], base: &Policy, proposed: &Policy, diff: &mut PolicyDiff) {
    let mut off: Vec<(String, String)> = Vec::new();
    let (mut states, mut gone, mut new, mut said) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for file in files {
        let flags = |policy: &Policy| -> Option<BTreeMap<String, FlagEntry>> {
            let flags = read_file(file, policy, &policy.project_name(&file.path)?).0?;
            Some(flags.into_iter().map(|entry| (entry.flag.key.clone(), entry)).collect())
        };
        let (Some(old), Some(now)) = (flags(base), flags(proposed)) else { continue };
        for (key, before) in &old {
            match now.get(key) {
                None => gone.push(key.clone()),
                // Of two formats each has words of its own.
                Some(after)
                    if before.flag.format.id != after.flag.format.id
                        && before.flag.state.live == after.flag.state.live => {}
                Some(after) if before.flag.state.word != after.flag.state.word => {
                    states.push(format!("`{key}` {} → {}", before.flag.state.word, after.flag.state.word));
                    if before.flag.state.live && !after.flag.state.live {
                        off.push((key.clone(), file.path.clone()));
                    }
                }
                Some(after) if before.flag.record != after.flag.record => said.push(key.clone()),
                Some(_) => {}
            }
        }
        new.extend(now.keys().filter(|key| !old.contains_key(*key)).cloned());
    }
    let quoted = |all: &[String]| -> Vec<String> { all.iter().map(|key| format!("`{key}`")).collect() };
    let mut tell = |all: &[String], one: &str, several: &str| {
        if !all.is_empty() {
            let verb = if all.len() == 1 { one } else { several };
            diff.effects.push(format!("{} {verb}: {}", counted(all.len() as u64, "flag"), named(all)));
        }
    };
    tell(&states, "is read in another state", "are read in another state");
    tell(&quoted(&gone), "is read no more", "are read no more");
    tell(&quoted(&new), "is read that was none", "are read that were none");
    tell(&quoted(&said), "is read with other fields", "are read with other fields");
    if !off.is_empty() {
        let keys: Vec<String> = off.iter().map(|(key, _)| format!("`{key}`")).collect();
        let paths: BTreeSet<String> = off.into_iter().map(|(_, path)| path).collect();
        diff.privilege_changes.push(PrivilegeChange {
            who: "anyone with write access".to_owned(),
            several: false,
            gained: true,
            what: format!("may change {} without approval, read as not live from now on", named(&keys)),
            paths: paths.into_iter().collect(),
        });
    }
}

fn named(all: &[String]) -> String {
    let first: Vec<&str> = all.iter().take(MOST_NAMED).map(String::as_str).collect();
    match all.len().saturating_sub(first.len()) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
