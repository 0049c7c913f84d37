//! Paths that differ only in case: on many machines one of them hides the other.

use std::collections::{BTreeMap, BTreeSet};

use super::{Comparison, Error, Repo, lossy, trees};

/// A path that the proposal adds, and the path that it collides with where case does not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Collision {
    pub path: String,
    pub other: String,
    /// Whether the other path exists; otherwise the file would come to lie at it, inside a folder of that name.
    pub there: bool,
}

/// The names in a folder of the proposed side, by their lower case; whether they are folders doesn't matter.
type Names = BTreeMap<String, BTreeSet<Vec<u8>>>;

impl Repo {
    /// Every path the proposal adds that equals, but for case, another path of the proposed side or a folder of it, or
    /// that comes to lie in such a folder. Case is Unicode's; composed and decomposed forms are not brought together.
    ///
    /// # Errors
    /// If a tree can't be read.
    pub fn case_collisions(&self, comparison: &Comparison) -> Result<Vec<Collision>, Error> {
        let mut folders: BTreeMap<Vec<u8>, Names> = BTreeMap::new();
        let mut found = BTreeSet::new();
        let added = comparison.differences.iter().filter(|found| found.live.is_none() && found.proposed.is_some());
        for path in added.map(|found| &found.path) {
            // All ways down that spell the path's folders in some case.
            let mut ways: Vec<Vec<u8>> = vec![Vec::new()];
            let mut parts = path.split(|byte| *byte == b'/').peekable();
            let mut length = 0;
            while let Some(part) = parts.next() {
                length += part.len() + usize::from(length > 0);
                let true_way = path.get(..length).unwrap_or_default();
                let mut next = Vec::new();
                for way in ways {
                    if !folders.contains_key(&way) {
                        let names = self.proposed_names(comparison, &way)?;
                        folders.insert(way.clone(), names);
                    }
                    let names = folders.get(&way).and_then(|names| names.get(&lossy(part).to_lowercase()));
                    if names.is_none() {
                        let rest = path.get(length - part.len()..).unwrap_or_default();
                        let other = lossy(&join(&way, rest));
                        found.insert(Collision { path: lossy(path), other, there: false });
                    }
                    for name in names.into_iter().flatten() {
                        let here = join(&way, name);
                        // At the end of the path everything collides, before it only what is no folder.
                        if here != true_way && (parts.peek().is_none() || self.is_file(comparison, &here)?) {
                            found.insert(Collision { path: lossy(path), other: lossy(&here), there: true });
                        } else {
                            next.push(here);
                        }
                    }
                }
                ways = next;
            }
        }
        Ok(found.into_iter().collect())
    }

    fn proposed_names(&self, comparison: &Comparison, folder: &[u8]) -> Result<Names, Error> {
        let mut names = Names::new();
        let mut add = |name: &[u8]| {
            names.entry(lossy(name).to_lowercase()).or_default().insert(name.to_vec());
        };
        let prefix = if folder.is_empty() { Vec::new() } else { [folder, b"/"].concat() };
        let changed = within(comparison, &prefix);
        for (name, item) in trees::names(self.objects(), comparison.live, folder)? {
            let path = [prefix.as_slice(), &name].concat();
            let removed = changed
                .binary_search_by(|found| found.path.cmp(&path))
                .is_ok_and(|at| changed.get(at).is_some_and(|found| found.proposed.is_none()));
            // A folder is gone with the last of its files.
            let emptied = item.is_tree() && self.is_emptied(comparison, &path)?;
            if !removed && !emptied {
                add(&name);
            }
        }
        for found in changed.iter().filter(|found| found.proposed.is_some()) {
            let rest = found.path.get(prefix.len()..).unwrap_or_default();
            add(rest.split(|byte| *byte == b'/').next().unwrap_or_default());
        }
        Ok(names)
    }

    /// Whether a folder of the live side has no file left on the proposed side.
    fn is_emptied(&self, comparison: &Comparison, folder: &[u8]) -> Result<bool, Error> {
        let changed = within(comparison, &[folder, b"/"].concat());
        if changed.is_empty() || changed.iter().any(|found| found.proposed.is_some()) {
            return Ok(false);
        }
        let Some(tree) = trees::at(self.objects(), comparison.live, folder)? else { return Ok(false) };
        let mut live = 0;
        trees::list(self.objects(), tree.id, &mut |_| true, &mut |_, _| live += 1)?;
        Ok(live == changed.len())
    }

    fn is_file(&self, comparison: &Comparison, path: &[u8]) -> Result<bool, Error> {
        let at = comparison.differences.binary_search_by(|found| found.path.as_slice().cmp(path));
        match at.ok().and_then(|at| comparison.differences.get(at)) {
            Some(found) => Ok(found.proposed.is_some()),
            None => Ok(trees::at(self.objects(), comparison.live, path)?.is_some_and(|item| !item.is_tree())),
        }
    }
}

/// The differences whose path starts like this.
fn within<'c>(comparison: &'c Comparison, prefix: &[u8]) -> &'c [trees::PathDifference] {
    let all = &comparison.differences;
    let start = all.partition_point(|found| found.path.as_slice() < prefix);
    let rest = all.get(start..).unwrap_or_default();
    let length = rest.partition_point(|found| found.path.starts_with(prefix));
    rest.get(..length).unwrap_or_default()
}

fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}
