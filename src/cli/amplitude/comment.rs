//! `amplitude comment`: what merging a pull request will make in Amplitude, in a comment of its own on it.
//!
//! The proposal is read as data. The place that the key goes to, and the ids of flags, are those of the base branch:
//! the policy and the lock file of the proposal are not looked at. For a proposal of another repository no key is used
//! at all.

use super::connect::{ConnectAmplitude, has_key};
use super::files;
use super::look::{OtherSide, Sight};
use super::policy::policy;
use crate::amplitude::outputs::comment::comment;
use crate::amplitude::plan::AmplitudePlan;
use crate::amplitude::unread::ReadPart;
use crate::cli::Exit;
use crate::cli::event::Connect;
use crate::cli::lint::LintedFiles;
use crate::cli::show::Shell;
use crate::error::Error;
use crate::git::{Commit, Repo};
use crate::github::kept_comment::{KeptComment, keep, proposal};
use crate::render::sentence;

/// The first line of the comment, by which it is found again.
const FIRST_LINE: &str = "<!-- countersign-amplitude -->";

#[derive(clap::Args, Debug)]
#[command(after_help = "It is one comment, found again and edited in place, and no approval: it decides nothing. With
AMPLITUDE_MANAGEMENT_KEY Amplitude is asked, unless the pull request comes from a fork; without it,
Amplitude is taken to have what the base branch says.

Examples:
  countersign amplitude comment --pr 12 --head refs/countersign/proposal")]
pub struct CommentArgs {
    /// The pull request
    #[arg(long, value_name = "NUMBER")]
    pr: u64,
    /// The result of merging it, as a commit that is here; none of it is run
    #[arg(long, value_name = "REV")]
    head: String,
    /// The commit of the base branch [default: the remote's default branch, else main or master]
    #[arg(long, value_name = "REV")]
    base: Option<String>,
    /// The repository on GitHub [default: GITHUB_REPOSITORY, else where `origin` points]
    #[arg(long, value_name = "OWNER/NAME")]
    repo: Option<String>,
    #[command(flatten)]
    connect: ConnectAmplitude,
}

impl CommentArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let repo = shell.repo()?;
        let base = repo.or_default_base(self.base.as_deref())?;
        let head = repo.commit(&self.head)?;
        let policy = match policy(&repo, &base.oid, shell)? {
            Ok(policy) => policy,
            Err(exit) => return Ok(exit),
        };
        let sight = Sight { settled: &base, ..Sight::new(&repo, &head, &policy, None)? };
        let (verbose, patience) = (self.connect.verbose, self.connect.patience);
        let connection = Connect { repo: self.repo.clone(), verbose, patience }.open(shell)?;
        let facts = proposal(&connection.client, self.pr)?;
        let (text, needed) = if facts.base == facts.default_branch {
            let (plan, from) = self.plan(&sight, &base, facts.is_foreign)?;
            let report = sight.report(&plan, false);
            (
                comment(&plan, &report, &from),
                !plan.items.iter().all(|item| item.differing.is_empty() && !item.is_listed()),
            )
        } else {
            let branch = sentence(&format!("`{}`", facts.default_branch));
            (format!("### Merging this will change nothing in Amplitude\n\nAmplitude follows {branch} alone.\n"), false)
        };
        let kept = keep(&connection.client, (self.pr, &facts.viewer), FIRST_LINE, &text, needed);
        connection.log();
        shell.note(match kept? {
            KeptComment::Made => "made the comment",
            KeptComment::Edited => "edited the comment",
            KeptComment::Unchanged => "nothing to say that does not stand there",
        });
        Ok(Exit::Clear)
    }

    /// The plan of what the proposal changes, and what it was made from.
    fn plan(&self, sight: &Sight<'_>, base: &Commit, is_foreign: bool) -> Result<(AmplitudePlan, String), Error> {
        let assumed = |why: &str| -> Result<(AmplitudePlan, String), Error> {
            let from =
                format!("From the files and the lock file of the base branch alone, without asking Amplitude: {why}");
            Ok((sight.plan(&OtherSide::Assumed(base))?, from))
        };
        let (mut plan, from) = if is_foreign {
            assumed("it comes from a fork, for which no key is used.")?
        } else if has_key() {
            match self.connect.with(sight.config, |client| sight.plan(&OtherSide::Amplitude(client)))? {
                Ok(plan) if plan.unread.iter().any(|part| !matches!(part.part, ReadPart::File(_))) => {
                    let why = plan.unread_error().map(|error| error.message).unwrap_or_default();
                    assumed(&format!("that failed: {why}"))?
                }
                Ok(plan) => (plan, "Against Amplitude as it is now.".to_owned()),
                Err(error) => assumed(&format!("that failed: {}", error.message))?,
            }
        } else {
            assumed("there is no key here.")?
        };
        // A difference from before is none of this proposal's.
        let before = at(sight.repo, base, sight)?;
        plan.items.retain(|item| !before.contains(&(item.wanted.entry.path.clone(), item.wanted.bytes.clone())));
        plan.strays.clear();
        Ok((plan, from))
    }
}

/// The flag files of the base branch.
fn at(repo: &Repo, base: &Commit, sight: &Sight<'_>) -> Result<std::collections::BTreeSet<(String, Vec<u8>)>, Error> {
    let tree = LintedFiles::open(repo, Some(&base.oid))?;
    let projects = files::projects(repo, &tree, sight.policy, None)?;
    let files = projects.into_iter().flat_map(|project| project.files);
    Ok(files.map(|file| (file.entry.path, file.bytes)).collect())
}
