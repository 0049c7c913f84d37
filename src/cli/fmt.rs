//! `fmt`: flag files in canonical YAML. Their content and their comments stay as they are.

use crate::diagnostics::words::counted;
use std::fmt::Write as _;

use super::Exit;
use super::lint::{LintedFiles, nothing_missed, scope};
use super::lint_scope::{LintScope, inside};
use super::show::{Printing, Shell};
use crate::diagnostics::Diagnostic;
use crate::error::Error;
use crate::git::Repo;
use crate::policy::Policy;
use crate::review::read::read_file;

/// Lines of a diff around what differs.
const AROUND: usize = 3;

#[derive(clap::Args, Debug)]
#[command(
    after_help = "Fields come in the order of the documentation, with two spaces a level and quotes only where they \
                  are needed. A file that
cannot be read is reported and left as it is; files of other formats are left as they are.

Examples:
  countersign fmt                  every managed file
  countersign fmt flags/checkout   those of one folder
  countersign fmt --check          change nothing, and end with code 1 if a file is written otherwise
  countersign fmt --diff           change nothing, and print what would change as a patch"
)]
pub struct FmtArgs {
    /// Only these files, or the files in these folders [default: every managed file]
    #[arg(value_name = "PATH")]
    paths: Vec<String>,
    /// Change nothing, name the files that are not in canonical form, and end with code 1 if there are any
    #[arg(long)]
    check: bool,
    /// Change nothing, and print what would change as a patch
    #[arg(long)]
    diff: bool,
}

/// A file that is not in canonical form.
struct Rewritten {
    path: String,
    before: String,
    after: String,
}

impl FmtArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let printing = Printing { format: "text".to_owned(), all: false };
        let repo = shell.repo()?;
        let tree = LintedFiles::open(&repo, None)?;
        let (policy, diagnostics) = Policy::read(&tree.policy()?);
        let Some(policy) = policy else { return Ok(shell.invalid_policy(&diagnostics, &printing)) };
        let wanted = scope(&self.paths, &repo, shell)?;
        let files = tree.managed(&policy, &LintScope::of(&wanted, &policy))?;
        nothing_missed(&self.paths, &wanted, &files.entries)?;
        let (mut rewritten, mut unread) = (Vec::new(), Vec::new());
        for (path, entry) in files.entries.iter().filter(|(path, _)| wanted.is_empty() || inside(path, &wanted)) {
            let Some(write) = policy.format(path).and_then(|format| format.canonical) else { continue };
            let project = policy.project_name(path).unwrap_or_default();
            let file = repo.load(path, entry)?;
            let (flags, mut found) = read_file(&file, &policy, &project);
            if flags.is_none() {
                found.retain(Diagnostic::is_error);
                unread.extend(found);
                continue;
            }
            let before = String::from_utf8_lossy(&file.bytes).into_owned();
            // A file that cannot be written anew without a loss stays as it is.
            if let Some(after) = write(&before).filter(|after| *after != before) {
                rewritten.push(Rewritten { path: path.clone(), before, after });
            }
        }
        self.write(&rewritten, unread.is_empty(), &repo, shell)?;
        if !unread.is_empty() {
            shell.diagnostics(&unread, &printing);
            return Ok(Exit::Invalid);
        }
        Ok(if self.check && !rewritten.is_empty() { Exit::Blocked } else { Exit::Clear })
    }

    fn write(&self, rewritten: &[Rewritten], all_read: bool, repo: &Repo, shell: &Shell) -> Result<(), Error> {
        let mut out = String::new();
        for one in rewritten {
            if self.diff {
                patch(one, &mut out);
            } else {
                let _ = writeln!(out, "{}", crate::render::plain(&one.path));
            }
            if !self.check && !self.diff {
                let at = repo.workdir().unwrap_or(shell.dir()).join(&one.path);
                std::fs::write(&at, &one.after).map_err(|error| Error::file("write", &at, &error))?;
            }
        }
        shell.print(&out);
        if !self.diff {
            let files = counted(rewritten.len(), "file");
            match (rewritten.is_empty(), self.check) {
                (true, _) if all_read => shell.note("every file is in canonical form"),
                (true, _) => shell.note("every file that can be read is in canonical form"),
                (false, true) => {
                    shell.note(&format!("{files} not in canonical form; `countersign fmt` writes them anew"))
                }
                (false, false) => shell.note(&format!("{files} written anew")),
            }
        }
        Ok(())
    }
}

/// The difference as a patch with one hunk, from the first line that differs to the last.
fn patch(one: &Rewritten, out: &mut String) {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (one.before.split_inclusive('\n').collect(), one.after.split_inclusive('\n').collect());
    let same = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let most = old.len().min(new.len()) - same;
    let tail = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(old, new)| old == new).count();
    let from = same.saturating_sub(AROUND);
    let after = tail.min(AROUND);
    let [length_old, length_new] = [old.len(), new.len()].map(|length| length - tail + after - from);
    let _ = writeln!(out, "--- a/{0}\n+++ b/{0}", one.path);
    let _ = writeln!(out, "@@ -{0},{length_old} +{0},{length_new} @@", from + 1);
    let mut lines = |sign: char, lines: Option<&[&str]>| {
        for line in lines.unwrap_or_default() {
            let _ = write!(out, "{sign}{line}");
            if !line.ends_with('\n') {
                out.push_str("\n\\ No newline at end of file\n");
            }
        }
    };
    lines(' ', old.get(from..same));
    lines('-', old.get(same..old.len() - tail));
    lines('+', new.get(same..new.len() - tail));
    lines(' ', old.get(old.len() - tail..old.len() - tail + after));
}
