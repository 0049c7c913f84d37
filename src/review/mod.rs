//! The path of one review. Start reading here.
//!
//! In: the differing files, the law on both sides, and later the evidence. Out: a [`Report`]. Two pure halves with the
//! outside between them: [`review`] says what is asked of whom, [`Examination::conclude`] says who answered. It
//! refuses to judge without a law. Not taken: asking the outside in the middle of a decision; a verdict that can be
//! saved and repeated must have all it knows in its arguments.

mod conclude;
pub mod merged;
mod parallel;
pub mod read;
mod related;
pub mod simulation;
pub mod together;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::approval::people::{May, NOT_ASKED};
use crate::approval::requirement::{admin_demand, told};
use crate::approval::{Demand, Evidence, People, demands, digest};
use crate::changes::classify::{Step, classify, covered};
use crate::diagnostics::{Place, Problem, lints};
use crate::flag::{File, FileKind, Placed};
use crate::impact::{self, Effect};
use crate::policy::{Config, Home, Law, LawFiles};
use crate::report::{self, Change, FlagReport, LawReport, Report, Revision, Side, Verdict};

use conclude::{Asker, answer, remarks};
use parallel::each;
pub use read::{Case, Item, Pair, Past, Reading};
use related::{adopt, found_together, renames, restored, unresolved};

/// What the law goes by in evidence: the place of `project/key` for its digest.
pub const LAW: &str = ".countersign";

/// The law before and after, read, and what is wrong with the proposed one.
#[derive(Clone, Debug)]
pub struct Laws {
    pub standing: Arc<Law>,
    /// The law the proposal would leave, if it differs and holds.
    pub proposed: Option<Arc<Law>>,
    /// Whether the proposal would leave a law that does not hold.
    pub broken: bool,
    pub problems: Vec<Problem>,
}

impl Laws {
    /// Reads the law on both sides.
    ///
    /// # Errors
    /// What is wrong with the standing law: without it nothing can be judged.
    pub fn read(standing: &LawFiles, proposed: &LawFiles) -> Result<Laws, Vec<Problem>> {
        let law = Law::standing(standing)?;
        if standing == proposed {
            return Ok(Laws { standing: Arc::new(law), proposed: None, broken: false, problems: Vec::new() });
        }
        let (after, problems) = Law::read(proposed);
        Ok(Laws { standing: Arc::new(law), broken: after.is_none(), proposed: after.map(Arc::new), problems })
    }
}

/// One flag, classified, with what is asked of whom.
#[derive(Clone)]
struct Exam {
    item: Item,
    changes: Vec<Change>,
    effect: Option<Effect>,
    digest: Option<String>,
    demands: Vec<Demand>,
    told: Vec<String>,
}

/// Everything that can be said without asking anyone.
#[derive(Clone)]
pub struct Examination {
    base: Revision,
    head: Revision,
    laws: Laws,
    exams: Vec<Exam>,
    problems: Vec<Problem>,
    broken: Vec<String>,
    law_paths: Vec<String>,
    law_digest: Option<String>,
    law_demands: Vec<Demand>,
    shift: crate::policy::diff::Shift,
}

/// The whole first half: reads the case, asks `others` for files that do not differ and hold or name certain keys, and
/// examines. `managed` lists every managed path, and is asked only if the law changes.
///
/// # Errors
/// What `others` or `managed` return.
pub fn review<E>(
    case: &Case,
    laws: Laws,
    others: impl Fn(&BTreeSet<String>) -> Result<Vec<File>, E>,
    managed: impl Fn() -> Result<Vec<String>, E>,
) -> Result<Examination, E> {
    let reading = read::read(case, &laws.standing, laws.proposed.as_deref());
    let mut bystanders: Vec<Placed> = Vec::new();
    let mut asked = BTreeSet::new();
    loop {
        let mut keys = unresolved(&reading.items, &bystanders);
        keys.retain(|key| !asked.contains(key));
        if keys.is_empty() {
            break;
        }
        for file in others(&keys)? {
            if let Home::Project(project) = laws.standing.home(&file.path)
                && bystanders.iter().all(|known| known.path != file.path)
            {
                bystanders.extend(read::read_live(&file, &laws.standing, &project.name).unwrap_or_default());
            }
        }
        asked.append(&mut keys);
    }
    let managed = if laws.proposed.is_some() { managed()? } else { Vec::new() };
    Ok(examine(case, laws, reading, &bystanders, &managed))
}

/// The first half: what would change, what of it is critical and who has to approve it. `bystanders` are the flags of
/// files that do not differ and that [`unresolved`] asked for; `managed` are all managed paths if the law changes.
fn examine(case: &Case, laws: Laws, reading: Reading, bystanders: &[Placed], managed: &[String]) -> Examination {
    let Reading { items, mut problems, mut broken, unknown } = reading;
    let mut items = adopt(items, bystanders);
    renames(&mut items);
    restored(&mut items, &case.past, &laws.standing);
    problems.extend(laws.problems.iter().cloned());
    problems.extend(laws.proposed.iter().flat_map(|proposed| overlaps(&laws.standing, proposed, managed)));
    problems.extend(found_together(&items, bystanders, &laws.standing));
    problems.sort();
    problems.dedup();
    broken.extend(problems.iter().filter(|problem| problem.is_error()).map(|problem| problem.path.clone()));
    let exams = each(items, |item| exam(item, &laws));
    let either = [Some(&laws.standing), laws.proposed.as_ref()];
    // What can't be judged is for an admin to judge, as the law itself is.
    let protected =
        |pair: &&Pair| unknown.contains(&pair.path) || either.iter().flatten().any(|law| law.protects(&pair.path));
    let law_pairs: Vec<&Pair> = case.pairs.iter().filter(protected).collect();
    problems.extend(nameless(&law_pairs));
    problems.sort();
    let law_paths: Vec<String> = law_pairs.iter().map(|pair| pair.path.clone()).collect();
    let law_digest = (!law_pairs.is_empty()).then(|| digest(LAW, &law_covered(&law_pairs)));
    let shift = laws
        .proposed
        .as_ref()
        .map(|proposed| crate::policy::diff::shift(&laws.standing, proposed, managed))
        .unwrap_or_default();
    let law_demands = law_paths.first().map(|path| law_demands(&laws, path)).unwrap_or_default();
    Examination {
        base: case.base.clone(),
        head: case.head.clone(),
        laws,
        exams,
        problems,
        broken,
        law_paths,
        law_digest,
        law_demands,
        shift,
    }
}

/// Files that would belong to two projects under the proposed law and don't under the standing one.
fn overlaps(standing: &Law, proposed: &Law, managed: &[String]) -> Vec<Problem> {
    let several = |law: &Law, path: &str| match law.home(path) {
        Home::Several(projects) => Some(read::two_projects(path, &projects)),
        Home::Project(_) | Home::Unmanaged => None,
    };
    managed.iter().filter(|path| several(standing, path).is_none()).filter_map(|path| several(proposed, path)).collect()
}

fn step(item: &Item) -> Option<Step<'_>> {
    match (&item.before, &item.after) {
        (Some(before), Some(after)) => Some(Step::Edited(before, after)),
        (Some(before), None) => Some(Step::Deleted(before)),
        (None, Some(after)) => Some(Step::Created(after)),
        (None, None) => None,
    }
}

fn exam(item: Item, laws: &Laws) -> Option<Exam> {
    let placed = item.placed()?;
    if item.unreadable {
        return Some(Exam {
            item,
            changes: Vec::new(),
            effect: None,
            digest: None,
            demands: Vec::new(),
            told: Vec::new(),
        });
    }
    let step = step(&item)?;
    let effect = impact::effect(step.before().map(|placed| &placed.flag), step.after().map(|placed| &placed.flag));
    // What either law makes critical is shown and covered; each law asks for what it makes critical itself.
    let standing = &laws.standing.config.critical;
    let both = laws.proposed.as_ref().map_or_else(|| standing.clone(), |law| standing.stricter(&law.config.critical));
    let changes = classify(step, &both);
    let covers = covered(step, &changes, &both);
    let own = |law: &Law| match &law.config.critical {
        critical if *critical == both => Cow::Borrowed(changes.as_slice()),
        critical => Cow::Owned(classify(step, critical)),
    };
    let mut asked = demands(&laws.standing, Side::Standing, step, &own(&laws.standing), &effect);
    if let Some(proposed) = &laws.proposed {
        let more = demands(proposed, Side::Proposed, step, &own(proposed), &effect);
        asked.extend(more.into_iter().filter(|demand| !repeated(demand, &asked, laws)).collect::<Vec<_>>());
    }
    let digest = (!covers.is_empty() && !asked.is_empty()).then(|| digest(&placed.id(), &covers));
    let told = if changes.iter().any(|change| change.rule.is_some()) { told(&laws.standing, step) } else { Vec::new() };
    Some(Exam { changes, effect: Some(effect), digest, demands: asked, told, item })
}

/// Whether the standing law asks exactly the same of exactly the same people.
fn repeated(demand: &Demand, asked: &[Demand], laws: &Laws) -> bool {
    let Some(proposed) = &laws.proposed else { return false };
    let (old, new) = (&laws.standing.config, &proposed.config);
    let same_people = old.admins == new.admins && old.teams == new.teams && old.distinct == new.distinct;
    let key = |demand: &Demand| {
        let asked = &demand.requirement;
        (asked.mode, asked.section.clone(), asked.required, demand.named.clone(), asked.because.clone())
    };
    same_people && asked.iter().any(|other| key(other) == key(demand))
}

fn law_covered(pairs: &[&Pair]) -> Vec<(String, String, String)> {
    let content =
        |file: &Option<File>| file.as_ref().map_or_else(String::new, |file| identity(file).unwrap_or_default());
    pairs.iter().map(|pair| (pair.path.clone(), content(&pair.live), content(&pair.proposed))).collect()
}

/// What tells a file from every other that could stand in its place: a hash of its bytes, or git's name for it where
/// the bytes were not loaded. `None` if neither is there.
fn identity(file: &File) -> Option<String> {
    let whole = file.kind != FileKind::Submodule && file.size <= file.bytes.len() as u64;
    let named = if whole {
        Sha256::digest(&file.bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    } else {
        file.id.clone()?
    };
    Some(format!("{:?} {} {named}", file.kind, file.size))
}

/// Protected files that nothing names: an approval of one could be used for another.
fn nameless(pairs: &[&Pair]) -> Vec<Problem> {
    let files = pairs.iter().filter_map(|pair| pair.proposed.as_ref()).filter(|file| identity(file).is_none());
    let message =
        "this protected file is too big to be read and is not in git yet, so no approval could be bound to it";
    files.map(|file| Problem::new(lints::TOO_BIG, &file.path, Place::START, message, "commit it first")).collect()
}

fn law_demands(laws: &Laws, path: &str) -> Vec<Demand> {
    let mut demands = vec![admin_demand(&laws.standing, Side::Standing, path, 1, &["law"])];
    if let Some(proposed) = &laws.proposed {
        let demand = admin_demand(proposed, Side::Proposed, path, 1, &["law"]);
        if !repeated(&demand, &demands, laws) {
            demands.push(demand);
        }
    }
    demands
}

impl Examination {
    /// The teams whose members have to be known, beyond those the configuration lists, and everyone who is named:
    /// the only questions the second half will ask of evidence besides the reviews.
    #[must_use]
    pub fn teams(&self) -> BTreeSet<String> {
        let demands = self.exams.iter().flat_map(|exam| &exam.demands).chain(&self.law_demands);
        let configs: Vec<&Config> = [Some(&self.laws.standing), self.laws.proposed.as_ref()]
            .into_iter()
            .flatten()
            .map(|law| &law.config)
            .collect();
        let named = demands.flat_map(|demand| &demand.named).chain(configs.iter().flat_map(|config| &config.admins));
        named
            .filter(|approver| matches!(approver, crate::policy::Approver::Team(_)))
            .filter(|team| configs.iter().any(|config| !config.teams.contains_key(team)))
            .map(ToString::to_string)
            .collect()
    }

    /// The digest of every flag that needs approval, by `project/key`, and of the law: what has to be on display.
    #[must_use]
    pub fn digests(&self) -> Vec<(String, String)> {
        // A flag that moves goes by both its names, so that whoever touches it under either sees it held.
        let flags = self.exams.iter().filter_map(|exam| Some((exam.item.names(), exam.digest.clone()?)));
        let flags = flags.flat_map(|(names, digest)| names.into_iter().map(move |name| (name, digest.clone())));
        flags.chain(self.law_digest.clone().map(|digest| (LAW.to_owned(), digest))).collect()
    }

    /// Whether somebody is an admin under the law as it stands, asked for nothing here and wrote none of it; with the
    /// reason if not.
    ///
    /// # Errors
    /// Why they don't count as one.
    pub fn admin(&self, login: &str, evidence: &Evidence) -> Result<(), String> {
        let people = People { config: &self.laws.standing.config, evidence: Some(evidence), vouched: &[] };
        match people.may(login, "User", &[], false) {
            May::Yes => Ok(()),
            May::No(why) if why == NOT_ASKED => Err("is no admin".to_owned()),
            May::No(why) | May::Unknown(why) => Err(why),
        }
    }

    /// How many days a holder may be idle before an admin may pass it over, if the law says so.
    #[must_use]
    pub fn lock_after_days(&self) -> Option<u32> {
        self.laws.standing.config.lock_after_days
    }

    /// Whether it holds no flag that differs, no change of the law and no problem.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.exams.is_empty() && self.law_paths.is_empty() && self.problems.is_empty()
    }

    /// Every flag that differs, by all it goes by: what another pull request may hold.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.exams.iter().flat_map(|exam| exam.item.names()).collect()
    }

    /// The live flags that wait for approval, by all they go by: no other pull request may touch them until then.
    #[must_use]
    pub fn holds(&self) -> Vec<String> {
        let live = |exam: &&Exam| exam.item.before.as_ref().is_some_and(|before| before.flag.state.live);
        let waiting = self.exams.iter().filter(|exam| exam.digest.is_some()).filter(live);
        waiting.flat_map(|exam| exam.item.names()).collect()
    }

    /// The second half: who counted, who did not and why, who holds what; the verdict. Without evidence nobody has
    /// responded. `vouched` are logins that somebody says approved exactly this.
    #[must_use]
    pub fn conclude(self, evidence: Option<&Evidence>, vouched: &[String]) -> Report {
        let Examination { base, head, laws, exams, problems, broken, law_paths, law_digest, law_demands, shift } = self;
        let asker = Asker { laws: &laws, evidence, vouched };
        let flags: Vec<FlagReport> = each(exams, |exam| asker.flag(exam, &broken));
        let requirements = asker.ask(law_demands, LAW, law_digest.as_deref());
        let effects = shift.effects.into_iter().chain(remarks(&requirements, evidence)).collect();
        let law_verdict = if laws.broken {
            Verdict::Invalid
        } else if law_digest.is_none() {
            Verdict::NotRequired
        } else {
            answer(&requirements)
        };
        let overridden = asker.overridden(law_digest.as_deref());
        let law_verdict =
            if overridden.is_some() && law_verdict != Verdict::Invalid { Verdict::Approved } else { law_verdict };
        let law = LawReport {
            changed: !law_paths.is_empty(),
            verdict: law_verdict,
            digest: law_digest,
            paths: law_paths,
            requirements,
            overridden,
            power: shift.power,
            effects,
        };
        let invalid = problems.iter().any(Problem::is_error).then_some(Verdict::Invalid);
        let verdicts = flags.iter().map(|flag| flag.verdict).chain([law.verdict]).chain(invalid);
        let verdict = verdicts.max().unwrap_or(Verdict::NotRequired);
        Report { schema: report::SCHEMA, verdict, base, head, flags, law, problems }
    }
}
