//! `demo`: a repository with several proposals, and the verdict on each. It needs nothing and no network.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::Exit;
use super::show::{Printing, Shell};
use crate::approval::Evidence;
use crate::diagnostics::words::counted;
use crate::diagnostics::words::short;
use crate::error::{Error, ErrorKind};
use crate::git::inputs::{self, Under};
use crate::git::{Proposal, Repo, Workshop};
use crate::render::locked_by;
use crate::report::{NotCountedReason, Report, Side, Verdict};
use crate::review::Examination;

static SHOP: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/examples/shop");

/// The folder of the evidence in the demonstration; git ignores it.
const SEEN: &str = "seen";
/// 2026-11-23 09:00 UTC: every run makes the same commits.
const MORNING: i64 = 1_795_424_400;

#[derive(clap::Args, Debug)]
pub struct DemoArgs {
    /// Where to make the repository [default: a new folder among the temporary files]
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Print every report in full
    #[arg(long)]
    full: bool,
}

/// One proposal of the demonstration.
struct Story {
    branch: &'static str,
    title: &'static str,
    author: &'static str,
    /// File, what is replaced, by what. Nothing replaced: the text is appended.
    edits: &'static [(&'static str, &'static str, &'static str)],
    seen: DemoEvidence,
    /// The point of it.
    moral: &'static str,
}

/// The reviews of a proposal.
enum DemoEvidence {
    /// None.
    Nothing,
    /// The approvers of exactly the proposal.
    Approved(&'static [&'static str]),
    /// The approvers of the proposal before its weights were edited.
    ApprovedBefore(&'static [&'static str]),
    /// None, and another pull request holds the lock of the flag.
    Locked,
}

const ONE_CLICK: &str = "flags/checkout/one-click-checkout.yaml";
const APPLE_PAY: &str = "flags/checkout/apple-pay.yaml";
const TAX: &str = "flags/checkout/tax-engine.yaml";

const STORIES: &[Story] = &[
    Story {
        branch: "wording",
        title: "a routine edit",
        author: "jo",
        edits: &[(ONE_CLICK, "name: One-click checkout", "name: Checkout in one click")],
        seen: DemoEvidence::Nothing,
        moral: "a name changes nothing for users, so no approval is needed",
    },
    Story {
        branch: "more-treatment",
        title: "a critical change, waiting",
        author: "jo",
        edits: &[
            (ONE_CLICK, "\nrolloutWeights: {control: 1, treatment: 1}", "\nrolloutWeights: {control: 1, treatment: 3}"),
            (
                ONE_CLICK,
                "    rolloutWeights: {control: 1, treatment: 1}",
                "    rolloutWeights: {control: 1, treatment: 3}",
            ),
        ],
        seen: DemoEvidence::Nothing,
        moral: "the experiment runs, and with another ratio users switch variant: two teams have to approve",
    },
    Story {
        branch: "tax-for-half",
        title: "a critical change, approved",
        author: "jo",
        edits: &[(TAX, "rolloutPercentage: 25", "rolloutPercentage: 50")],
        seen: DemoEvidence::Approved(&["alice", "bob", "kim", "lena"]),
        moral: "four people saw exactly this: two of checkout, two of payments",
    },
    Story {
        branch: "tax-for-all",
        title: "approved, then edited",
        author: "jo",
        edits: &[(TAX, "rolloutPercentage: 25", "rolloutPercentage: 100")],
        seen: DemoEvidence::ApprovedBefore(&["alice", "bob", "kim", "lena"]),
        moral: "they approved 50 percent; the proposal says 100 now, so no approval counts any more",
    },
    Story {
        branch: "new-salt",
        title: "locked by another",
        author: "tomas",
        edits: &[(ONE_CLICK, "bucketingSalt: mHdQDzeE", "bucketingSalt: Kp3vT9aZ")],
        seen: DemoEvidence::Locked,
        moral: "another open pull request asked first; this one waits for it",
    },
    Story {
        branch: "apple-pay-on",
        title: "an activation",
        author: "femi",
        edits: &[(APPLE_PAY, "state: inactive", "state: active")],
        seen: DemoEvidence::Nothing,
        moral: "one line changes, and the approval covers all that goes live with it",
    },
    Story {
        branch: "tidy-up",
        title: "an attack on APPROVERS",
        author: "mallory",
        edits: &[
            (
                ".countersign/APPROVERS",
                "/flags/checkout/                              @acme/checkout",
                "/flags/checkout/                              @acme/checkout @mallory",
            ),
            (ONE_CLICK, "rolloutPercentage: 20", "rolloutPercentage: 100"),
        ],
        seen: DemoEvidence::Approved(&["mallory"]),
        moral: "the policy of the base branch counts, and the report says who would gain which privilege",
    },
];

impl DemoArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let folder = match &self.folder {
            Some(folder) => shell.dir().join(folder),
            None => fresh(&std::env::temp_dir()),
        };
        let workshop = build(&folder)?;
        let repo = Repo::open(&folder)?;
        let look = shell.look(false);
        let (bold, dim, end) = if look.color { ("\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m") } else { ("", "", "") };
        let rule = if look.ascii { "--" } else { "──" };
        let mut out = format!("A repository with {} proposals is in {}\n", STORIES.len(), folder.display());
        shell.print(&out);
        for (number, story) in STORIES.iter().enumerate() {
            let seen = evidence(story, &workshop, &repo)?;
            let report = examination(story.branch, &repo)?.conclude(seen.as_ref(), &[]);
            out = format!("\n{bold}{rule} {}. {}{end} (branch {})\n", number + 1, story.title, story.branch);
            if self.full || matches!(story.seen, DemoEvidence::Nothing) && story.branch == "more-treatment" {
                shell.print(&out);
                shell.report(&report, &Printing { format: "text".to_owned(), all: false }, false);
                out = String::new();
            } else {
                brief(&report, &mut out);
            }
            let option =
                if seen.is_some() { format!(" --evidence {SEEN}/{}.json", story.branch) } else { String::new() };
            let _ = writeln!(out, "   {dim}{}{end}", story.moral);
            let _ = writeln!(out, "   {dim}$ countersign check --head {}{option}{end}", story.branch);
            shell.print(&out);
        }
        workshop.main()?;
        let place = folder.display();
        shell.print(&format!(
            "\n{bold}What next{end}\n   cd {place}\n   countersign check --head more-treatment --approve @kim \
             --approve @lena\n   \
             countersign approvers tax-engine\n   countersign lint\n\nIn a repository of your own: countersign init\n"
        ));
        Ok(Exit::Clear)
    }
}

/// A folder that is not there yet.
fn fresh(dir: &Path) -> PathBuf {
    let name = |number: u32| {
        dir.join(if number == 1 { "countersign-demo".to_owned() } else { format!("countersign-demo-{number}") })
    };
    (1..1000).map(name).find(|folder| folder.symlink_metadata().is_err()).unwrap_or_else(|| name(std::process::id()))
}

/// The shop on `main`, and a branch for each story.
fn build(folder: &Path) -> Result<Workshop, Error> {
    let workshop = Workshop::create(folder)?;
    workshop.ignore(SEEN)?;
    write_all(&SHOP, &workshop)?;
    workshop.commit("mara", "The shop's flags and who approves them", MORNING)?;
    for (story, minute) in STORIES.iter().zip(1..) {
        workshop.branch(story.branch)?;
        edit(story, &workshop)?;
        workshop.commit(story.author, story.title, MORNING + 60 * minute)?;
    }
    workshop.main()?;
    Ok(workshop)
}

fn write_all(dir: &Dir<'_>, workshop: &Workshop) -> Result<(), Error> {
    for file in dir.files() {
        workshop.write(&file.path().to_string_lossy().replace('\\', "/"), file.contents())?;
    }
    for inner in dir.dirs() {
        write_all(inner, workshop)?;
    }
    Ok(())
}

fn edit(story: &Story, workshop: &Workshop) -> Result<(), Error> {
    for (path, from, to) in story.edits {
        let text = workshop.read(path)?;
        if !text.contains(from) {
            return Err(Error::outside(
                format!("the shipped example has no `{from}` in `{path}`"),
                "report this as a bug",
            ));
        }
        workshop.write(path, text.replacen(from, to, 1).as_bytes())?;
    }
    Ok(())
}

fn examination(branch: &str, repo: &Repo) -> Result<Examination, Error> {
    let comparison = repo.compare(&repo.commit("main")?, &Proposal::Commit(repo.commit(branch)?))?;
    inputs::examine(repo, &comparison, Under::Both, None)?.map_err(|_| {
        Error::new(ErrorKind::Policy, "the policy of the shipped example is invalid", "report this as a bug")
    })
}

/// The evidence that GitHub would have given, kept in a file so that the command line can repeat the verdict.
fn evidence(story: &Story, workshop: &Workshop, repo: &Repo) -> Result<Option<Evidence>, Error> {
    let branch = match story.seen {
        DemoEvidence::Nothing => return Ok(None),
        DemoEvidence::ApprovedBefore(_) => "tax-for-half",
        DemoEvidence::Approved(_) | DemoEvidence::Locked => story.branch,
    };
    let shown: serde_json::Map<String, serde_json::Value> =
        examination(branch, repo)?.digests().into_iter().map(|(what, digest)| (what, short(&digest).into())).collect();
    let (DemoEvidence::Approved(people) | DemoEvidence::ApprovedBefore(people)) = story.seen else {
        return write_evidence(story, workshop, &[], &serde_json::json!([]));
    };
    write_evidence(story, workshop, people, &serde_json::json!([{"at": "2026-11-23T10:00:00Z", "digests": shown}]))
}

fn write_evidence(
    story: &Story,
    workshop: &Workshop,
    people: &[&str],
    shown: &serde_json::Value,
) -> Result<Option<Evidence>, Error> {
    let reviews: Vec<serde_json::Value> = people
        .iter()
        .map(|login| {
            let at = "2026-11-23T11:00:00Z";
            serde_json::json!({"login": login, "kind": "User", "state": "APPROVED", "submittedAt": at})
        })
        .collect();
    let permissions: serde_json::Map<String, serde_json::Value> =
        people.iter().map(|login| ((*login).to_owned(), "write".into())).collect();
    let open = match story.seen {
        DemoEvidence::Locked => {
            let touches = serde_json::json!({"checkout/one-click-checkout": "2026-11-21T08:00:00Z"});
            serde_json::json!([{"pull": 123, "requestor": "jo", "touches": touches}])
        }
        DemoEvidence::Nothing | DemoEvidence::Approved(_) | DemoEvidence::ApprovedBefore(_) => serde_json::json!([]),
    };
    // The requestor cannot approve; in the attack somebody else opened the pull request, so that this is not why it
    // fails.
    let requestor = if story.branch == "tidy-up" { "trent" } else { story.author };
    let json = serde_json::json!({
        "schema": "countersign/evidence/v1", "now": "2026-11-23T12:00:00Z", "pull": 130,
        "requestor": requestor, "contributors": [requestor], "dismissals": [],
        "reviews": reviews, "permissions": permissions, "displayed": shown, "open": open,
    });
    let text = format!("{json:#}\n");
    workshop.write(&format!("{SEEN}/{}.json", story.branch), text.as_bytes())?;
    let evidence = Evidence::parse(&text).map_err(|why| {
        Error::outside(format!("the evidence of the demonstration is wrong: {why}"), "report this as a bug")
    })?;
    Ok(Some(evidence))
}

/// A report in a few lines.
fn brief(report: &Report, out: &mut String) {
    for flag in &report.flags {
        let _ = writeln!(out, "   {}/{}: {}", flag.project, flag.key, flag.verdict.in_prose());
        for requirement in flag.requirements.iter().filter(|requirement| requirement.missing() > 0) {
            let policy = if requirement.policy == Side::Proposed { " (under the policy it proposes)" } else { "" };
            let _ =
                writeln!(out, "      waits for {} of {}{policy}", requirement.missing(), requirement.from.join(", "));
        }
        for requirement in flag.requirements.iter().filter(|requirement| requirement.missing() == 0) {
            let _ = writeln!(out, "      approved by {}", requirement.approved_by.join(", "));
        }
        if let Some(holder) = &flag.locked_by {
            let _ = writeln!(
                out,
                "      {}, requested by @{}, {} ago",
                locked_by(holder.pull),
                holder.requestor,
                counted(holder.days, "day")
            );
        }
        // One reason each: that somebody is not a required approver says less than any other.
        let mut reasons: BTreeMap<&str, &NotCountedReason> = BTreeMap::new();
        for other in flag.requirements.iter().flat_map(|requirement| &requirement.not_counted) {
            let reason = reasons.entry(&other.login).or_insert(&other.why);
            if reason.is_no_approver() {
                *reason = &other.why;
            }
        }
        for (login, why) in reasons {
            let _ = writeln!(out, "      {login}: {why}");
        }
    }
    if report.policy.verdict != Verdict::NotRequired {
        let _ = writeln!(out, "   the policy: {}", report.policy.verdict.in_prose());
        for change in &report.policy.privilege_changes {
            let _ = writeln!(out, "      {} {}: {}", change.who, change.verb(), change.what);
        }
    }
}
