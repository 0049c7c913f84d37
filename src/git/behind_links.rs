//! Files that stand at a managed or protected path through a symlink, and are neither by their own.
//!
//! **In**: a comparison and policies. **Out**: the differing paths that a link leads to, each with a path that it has
//! through it. **Refuses**: to pass over a link that leads on through others. **Not taken**: links out of the
//! repository, of whose ends git knows nothing, and links that the proposal takes away, which differ themselves.

use std::collections::{BTreeMap, BTreeSet};

use super::inputs::concerns;
use super::links::led_to;
use super::{Comparison, Delta, Error, Repo, TreeEntry, TreeSide, lossy};
use crate::flag::FileKind;
use crate::policy::{Policy, ProjectMatch};

/// More links than these in a row lead nowhere to git and to the system.
const MOST_HOPS: usize = 40;

/// Links inside of what a link leads to are followed so many times.
const MOST_INSIDE: usize = 8;

/// A link, with the path that it has through another one, or its own.
struct LinkThere {
    path: String,
    there: String,
    entry: TreeEntry,
}

impl Repo {
    /// The paths of differences that none of these policies manages or protects, and that stand at a path of one of
    /// them through a link, with that path.
    ///
    /// # Errors
    /// If git fails.
    pub(super) fn behind_links(
        &self,
        comparison: &Comparison,
        policies: &[&Policy],
    ) -> Result<BTreeMap<String, String>, Error> {
        let own = |path: &str| {
            let by =
                |policy: &&Policy| policy.protects(path) || !matches!(policy.project_of(path), ProjectMatch::Unmanaged);
            policies.iter().any(by)
        };
        let judged = |delta| policies.iter().any(|policy| concerns(policy, delta));
        let others: Vec<&Delta> = comparison.deltas.iter().filter(|delta| !judged(delta)).collect();
        if others.is_empty() {
            return Ok(BTreeMap::new());
        }
        let enter = |dir: &str| policies.iter().any(|policy| policy.concerns_below(dir));
        let mut links: Vec<(String, TreeEntry)> = Vec::new();
        self.list(comparison, TreeSide::Proposed, &enter, &mut |path, entry| {
            let is_link = matches!(entry.kind, FileKind::Symlink | FileKind::LinkToFile);
            if is_link && (own(path) || enter(path)) {
                links.push((path.to_owned(), entry));
            }
        })?;
        let mut targets: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut next: Vec<LinkThere> =
            links.into_iter().map(|(path, entry)| LinkThere { there: path.clone(), path, entry }).collect();
        let mut seen: BTreeSet<String> = next.iter().map(|link| link.there.clone()).collect();
        for _ in 0..MOST_INSIDE {
            self.expect_entries(next.iter().map(|link| &link.entry))?;
            let mut folders = Vec::new();
            for LinkThere { path, there, .. } in next {
                for target in self.led_to(comparison, &path)? {
                    targets.entry(target.clone()).or_default().push(there.clone());
                    folders.push((target, there.clone()));
                }
            }
            next = self.links_inside(comparison, &folders, &|there| own(there) || enter(there))?;
            next.retain(|link| seen.insert(link.there.clone()));
            if next.is_empty() {
                break;
            }
        }
        let through = |delta: &Delta| {
            let path = delta.path.as_str();
            // Any file may come below what is no plain file on either side.
            let mut entries = [&delta.live, &delta.proposed].into_iter().flatten();
            let may_hold = entries.any(|entry| entry.kind != FileKind::Regular);
            let own = |there: &str| own(there) || may_hold && enter(there);
            let mut reached = ends(path).filter_map(|end| Some((targets.get(path.get(..end)?)?, path.get(end..)?)));
            let of = |links: &Vec<String>, rest: &str| {
                links.iter().map(|link| format!("{link}{rest}")).find(|there| own(there))
            };
            // A link to the root leads to everything.
            let root = targets.get("").and_then(|links| of(links, &format!("/{path}")));
            let below = root.or_else(|| reached.find_map(|(links, rest)| of(links, rest)));
            // Something else in the place of a folder that a link leads through.
            let inside = format!("{path}/");
            let mut after = targets.range(inside.clone()..);
            below.or_else(|| after.next().filter(|(target, _)| target.starts_with(&inside))?.1.first().cloned())
        };
        Ok(others.into_iter().filter_map(|delta| Some((delta.path.clone(), through(delta)?))).collect())
    }

    /// The links inside of folders that others lead to, each folder with a path of such a link, if they concern anybody
    /// by the paths that they have through it.
    fn links_inside(
        &self,
        comparison: &Comparison,
        folders: &[(String, String)],
        concerns: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<LinkThere>, Error> {
        let mut found = Vec::new();
        if folders.is_empty() {
            return Ok(found);
        }
        let through = |path: &str, (target, there): &(String, String)| match target.as_str() {
            "" => Some(format!("{there}/{path}")),
            target => {
                path.strip_prefix(target).filter(|rest| rest.starts_with('/')).map(|rest| format!("{there}{rest}"))
            }
        };
        let leads_there = |dir: &str, target: &str| {
            target.strip_prefix(dir).is_some_and(|rest| dir.is_empty() || rest.is_empty() || rest.starts_with('/'))
        };
        let enter = |dir: &str| {
            let may = |folder: &(String, String)| {
                leads_there(dir, &folder.0) || through(dir, folder).is_some_and(|there| concerns(&there))
            };
            folders.iter().any(may)
        };
        self.list(comparison, TreeSide::Proposed, &enter, &mut |path, entry| {
            if matches!(entry.kind, FileKind::Symlink | FileKind::LinkToFile) {
                let there = folders.iter().filter_map(|folder| through(path, folder)).filter(|there| concerns(there));
                let link = |there| LinkThere { path: path.to_owned(), there, entry: entry.clone() };
                found.extend(there.map(link));
            }
        })?;
        Ok(found)
    }

    /// The paths that a link leads to, one through the other.
    fn led_to(&self, comparison: &Comparison, link: &str) -> Result<BTreeSet<String>, Error> {
        let mut found = BTreeSet::new();
        // A link, and what is below it on the way.
        let mut next = Some((link.to_owned(), String::new()));
        for _ in 0..MOST_HOPS {
            let Some((link, rest)) = next.take() else { break };
            let Some(file) = self.read(comparison, TreeSide::Proposed, &link)? else { break };
            let Some(target) = led_to(link.as_bytes(), &file.bytes) else { break };
            let target = format!("{}{rest}", lossy(&target));
            let ends: Vec<usize> = ends(&target).collect();
            for end in ends {
                let (way, rest) = target.split_at(end);
                let at = self.find(comparison, TreeSide::Proposed, way.as_bytes())?;
                if at.is_some_and(|item| item.kind() == FileKind::Symlink) {
                    next = Some((way.to_owned(), rest.to_owned()));
                    break;
                }
            }
            if !found.insert(target) {
                break;
            }
        }
        Ok(found)
    }
}

/// Where the folders of a path end, and the path itself.
fn ends(path: &str) -> impl Iterator<Item = usize> {
    path.match_indices('/').map(|(at, _)| at).chain([path.len()]).filter(|end| *end > 0)
}
