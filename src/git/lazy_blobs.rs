//! Blobs when needed: libgit2 never fetches what a partial fetch left out, so it is fetched before it is read, all of
//! it at once. Every other repository has what it has.

use std::collections::{BTreeMap, BTreeSet};

use git2::{OdbLookupFlags, Oid};

use super::load::odb;
use super::tree_diff::{self, PathDifference};
use super::tree_reader::TreeItem;
use super::{Error, Repo, reach};
use crate::flag::FileKind;

/// More merge bases than any history has that isn't made to have many.
const MOST_BASES: usize = 64;

impl Repo {
    /// Fetches those of some blobs that are not here, if this repository was fetched.
    pub(super) fn want(&self, ids: impl IntoIterator<Item = Oid>) -> Result<(), Error> {
        let Some(fetched) = &self.fetched else { return Ok(()) };
        let missing: BTreeSet<Oid> = {
            let here = odb(self.objects())?;
            // Without the flag each miss looks for new packs on disk.
            ids.into_iter().filter(|id| !here.exists_ext(*id, OdbLookupFlags::NO_REFRESH)).collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        fetched.blobs(&missing)?;
        self.refresh()
    }

    /// Looks for the objects that were fetched.
    pub(super) fn refresh(&self) -> Result<(), Error> {
        self.packs.replace(None);
        for repo in [&self.git, self.objects()] {
            odb(repo)?.refresh().map_err(|error| Error::git("look for the objects that were fetched", &error))?;
        }
        Ok(())
    }

    /// Fetches every blob that a real merge can look into. A blob that it needs and that is not among them makes the
    /// merge fail; it can't make it another one.
    pub(super) fn want_for_merge(&self, base: Oid, head: Oid, bases: &[Oid]) -> Result<(), Error> {
        if self.fetched.is_none() {
            return Ok(());
        }
        let mut wanted = BTreeSet::new();
        if let [origin] = bases {
            let origin = self.tree(*origin)?;
            let mut touched: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
            let mut sides = Vec::new();
            for side in [base, head] {
                let differences = tree_diff::compare(self.trees(), origin, self.tree(side)?)?;
                for found in &differences {
                    *touched.entry(found.path.clone()).or_default() += 1;
                }
                sides.push(differences);
            }
            for differences in &sides {
                // A rename is a file gone here and another one new there, on one side.
                let gone = differences.iter().any(|found| !is_edit(found) && found.live.is_some());
                let new = differences.iter().any(|found| !is_edit(found) && found.proposed.is_some());
                for found in differences {
                    let both = touched.get(&found.path).is_some_and(|sides| *sides > 1);
                    if both || (gone && new && !is_edit(found)) {
                        wanted.extend(blobs(found));
                    }
                }
            }
        } else {
            // Merge bases are merged with each other first, so every path that differs anywhere may take part.
            let live = self.tree(base)?;
            for commit in self.origins(head, bases)? {
                let differences = tree_diff::compare(self.trees(), live, self.tree(commit)?)?;
                wanted.extend(differences.iter().flat_map(blobs));
            }
        }
        self.want(wanted)
    }

    /// The head and every commit that a merge by several merge bases starts from: those, theirs, and so on.
    fn origins(&self, head: Oid, bases: &[Oid]) -> Result<BTreeSet<Oid>, Error> {
        let mut all: BTreeSet<Oid> = bases.iter().copied().collect();
        let mut before = 0;
        while before < all.len() && all.len() <= MOST_BASES {
            before = all.len();
            let known: Vec<Oid> = all.iter().copied().collect();
            for (at, one) in known.iter().enumerate() {
                for two in known.iter().skip(at + 1) {
                    all.extend(reach::merge_bases(self.objects(), *one, *two)?);
                }
            }
        }
        all.insert(head);
        Ok(all)
    }
}

/// Whether it is a file before and after: no rename starts or ends at it.
fn is_edit(found: &PathDifference) -> bool {
    [found.live, found.proposed].into_iter().all(|side| side.is_some_and(|item| item.kind() == FileKind::Regular))
}

fn blobs(found: &PathDifference) -> impl Iterator<Item = Oid> + use<> {
    let is_blob = |item: &TreeItem| item.kind() != FileKind::Submodule;
    [found.live, found.proposed].into_iter().flatten().filter(is_blob).map(|item| item.id)
}
