//! Steps of a base branch: whether a flag is there what it was when a response to it was signed.
//!
//! In: responses, and the base branch. Out: whether each is about a step that is still to come. It refuses a response
//! to a step that the branch took since, or that began elsewhere. Not taken: what was signed, which is read elsewhere.
//! Each step is compared once, however many flags and responses there are.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::inputs::policy_files;
use super::{Commit, Comparison, Error, Repo, TreeSide};
use crate::changes::served::Served;
use crate::policy::Policy;
use crate::receipt::approval::SignedApproval;
use crate::review::POLICY;
use crate::review::read::read_file;

/// A step of the branch: a commit of its first parents, and the one before it.
struct BranchStep {
    parent: Commit,
    commit: Commit,
    /// The paths that differ.
    paths: BTreeSet<String>,
}

/// The steps since a commit; none where that is no commit of the branch.
type StepsSince = Option<Rc<Vec<Rc<BranchStep>>>>;

/// The files of a flag, or of the policy, and those of the parts that it shows.
pub struct FilesOfFlag<'p> {
    pub own: &'p [String],
    pub parts: &'p [String],
}

/// The steps of a base branch that were looked at.
pub struct BranchSteps<'r> {
    repo: &'r Repo,
    base: &'r Commit,
    steps: RefCell<BTreeMap<String, Rc<BranchStep>>>,
    since: RefCell<BTreeMap<String, StepsSince>>,
}

impl<'r> BranchSteps<'r> {
    #[must_use]
    pub fn of(repo: &'r Repo, base: &'r Commit) -> Self {
        BranchSteps { repo, base, steps: RefCell::default(), since: RefCell::default() }
    }

    /// Whether a flag, or the policy, is on the base branch what it was when a response to it was signed, and was
    /// nothing else in between: an approval of a step is none of the same step another time.
    ///
    /// # Errors
    /// If git fails.
    pub fn still_open(&self, approval: &SignedApproval, name: &str, files: &FilesOfFlag<'_>) -> Result<bool, Error> {
        let Some(steps) = self.since(&approval.approval.base)? else { return Ok(false) };
        for step in steps.iter() {
            if files.parts.iter().any(|path| step.paths.contains(path)) {
                return Ok(false);
            }
            let touches = files.own.iter().any(|path| step.paths.contains(path));
            if touches && (name == POLICY || self.rewrites(step, name)?) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn since(&self, then: &str) -> Result<StepsSince, Error> {
        if let Some(known) = self.since.borrow().get(then) {
            return Ok(known.clone());
        }
        let found = self.find(then)?;
        self.since.borrow_mut().insert(then.to_owned(), found.clone());
        Ok(found)
    }

    fn find(&self, then: &str) -> Result<StepsSince, Error> {
        let Ok(then) = self.repo.commit(then) else { return Ok(None) };
        let merged = self.repo.merged_changes(Some(&then), self.base, None)?;
        if then.oid != self.base.oid && merged.first().is_none_or(|first| first.parent.as_ref() != Some(&then.oid)) {
            // Not a commit of the branch, or the branch went back behind it.
            return Ok(None);
        }
        let mut steps = Vec::new();
        for one in &merged {
            let Some(parent) = &one.parent else { return Ok(None) };
            steps.push(self.step(parent, &one.oid)?);
        }
        Ok(Some(Rc::new(steps)))
    }

    fn step(&self, parent: &str, oid: &str) -> Result<Rc<BranchStep>, Error> {
        if let Some(known) = self.steps.borrow().get(oid) {
            return Ok(Rc::clone(known));
        }
        let [parent, commit] = [parent, oid].map(Commit::of);
        let deltas = self.repo.two_trees(&parent, &commit)?.deltas;
        let paths = deltas.into_iter().map(|delta| delta.path).collect();
        let step = Rc::new(BranchStep { parent, commit, paths });
        self.steps.borrow_mut().insert(oid.to_owned(), Rc::clone(&step));
        Ok(step)
    }

    /// Whether a step of the branch changes anything of a flag, as far as it is known.
    fn rewrites(&self, step: &BranchStep, name: &str) -> Result<bool, Error> {
        let comparison = self.repo.two_trees(&step.parent, &step.commit)?;
        let before = self.written_side(&comparison, TreeSide::Live, name)?;
        Ok(before.is_none() || before != self.written_side(&comparison, TreeSide::Proposed, name)?)
    }

    /// The content of a flag on one side of a step of the branch, with its path, in any of the files that differ. It is
    /// all that the flag says, as an approval may be about any of it. None if nobody knows.
    fn written_side(
        &self,
        comparison: &Comparison,
        side: TreeSide,
        name: &str,
    ) -> Result<Option<Vec<(String, String)>>, Error> {
        let Ok(policy) = Policy::read_valid(&policy_files(self.repo, comparison, side)?) else { return Ok(None) };
        let mut found = Vec::new();
        for delta in &comparison.deltas {
            let Some(file) = self.repo.read(comparison, side, &delta.path)? else { continue };
            let Some(project) = policy.project_name(&delta.path) else { continue };
            let Some(flags) = read_file(&file, &policy, &project).0 else { return Ok(None) };
            let own = flags.iter().filter(|entry| entry.id().is(name));
            found.extend(own.map(|entry| (entry.path.clone(), Served::written(entry))));
        }
        Ok(Some(found))
    }
}
