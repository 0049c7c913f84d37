//! The content that an approval covers: of a flag, and of the files that only admins approve.
//!
//! In: a classified change with its impact, or pairs of files. Out: [`Content`], whose hash an approval is bound to. It
//! refuses to leave out what decides who gets what where: the location, the file's mode, the rules, the fields, and the
//! impact as it is displayed. Not taken: who has to approve, because another requirement asks more people about the
//! same content and takes no approval from anybody.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::POLICY;
use super::read::Pair;
use crate::approval::Content;
use crate::approval::digest::{ContentKind, ContentPart};
use crate::changes::classify::{Since, Step, covered};
use crate::changes::{Critical, RuleId};
use crate::diagnostics::{Diagnostic, Place, lints};
use crate::flag::{File, FileKind, FlagEntry, PLAIN};
use crate::impact::Impact;
use crate::report::Change;

/// The content of a flag's changes; none if nothing in them needs approval.
pub fn of_flag(
    step: Step<'_>,
    since: &Since<'_>,
    changes: &[Change],
    critical: &Critical,
    impact: &Impact,
) -> Option<Content> {
    let fields = covered(step, since, changes, critical);
    let name = step.after().or(step.before()).filter(|_| !fields.is_empty())?.name();
    let either =
        |said: fn(&FlagEntry) -> String| [step.before(), step.after()].map(|entry| entry.map(said).unwrap_or_default());
    let scoped = |entry: &FlagEntry| serde_json::json!([entry.project, entry.path, entry.flag.scope]).to_string();
    let plain = |entry: &FlagEntry| serde_json::json!([entry.project, entry.path]).to_string();
    let other_scope = matches!(step, Step::Edited(before, after) if before.flag.scope != after.flag.scope);
    let [before, mut after] = either(if other_scope { scoped } else { plain });
    if let Step::Left(_, path) = step {
        after = serde_json::json!([path]).to_string();
    }
    let location = ContentPart::new(ContentKind::Location, "", before, after);
    let [before, after] = either(|entry| format!("{:o}", entry.mode));
    let mode = ContentPart::new(ContentKind::FileMode, "", before, after);
    let rules: BTreeSet<&str> = changes.iter().filter_map(|change| change.rule).map(RuleId::as_str).collect();
    let rules = ContentPart::new(ContentKind::Rules, "", String::new(), Vec::from_iter(rules).join(" "));
    let fields =
        fields.into_iter().map(|(field, before, after)| ContentPart::new(ContentKind::Field, field, before, after));
    let part = ContentPart::new(ContentKind::Impact, "", String::new(), impact.canonical());
    let summary = crate::impact::sentence(impact);
    Some(Content { name, parts: [location, mode, rules].into_iter().chain(fields).chain([part]).collect(), summary })
}

/// The content of a change of the policy and of protected files.
pub fn of_files(pairs: &[&Pair]) -> Content {
    let content =
        |file: &Option<File>| file.as_ref().map_or_else(String::new, |file| identity(file).unwrap_or_default());
    let part =
        |pair: &&Pair| ContentPart::new(ContentKind::File, &pair.path, content(&pair.live), content(&pair.proposed));
    Content { name: POLICY.to_owned(), parts: pairs.iter().map(part).collect(), summary: String::new() }
}

/// The identity of a file: its mode, its size and a hash of its bytes, or git's object id where the bytes were not
/// loaded. `None` if there is neither.
fn identity(file: &File) -> Option<String> {
    let whole = file.kind != FileKind::Submodule && file.size <= file.bytes.len() as u64;
    let named = if whole { crate::diagnostics::words::hex(&Sha256::digest(&file.bytes)) } else { file.id.clone()? };
    Some(format!("{:o} {} {named}", file.mode, file.size))
}

/// Diagnostics of protected files without an identity: an approval of one could be used for another.
pub fn unidentified(pairs: &[&Pair]) -> Vec<Diagnostic> {
    let files = pairs.iter().filter_map(|pair| pair.proposed.as_ref()).filter(|file| identity(file).is_none());
    let message =
        "this protected file is too big to be read and is not in git yet, so no approval could be bound to it";
    files.map(|file| Diagnostic::new(lints::TOO_BIG, &file.path, Place::START, message, "commit it first")).collect()
}

/// Sentences about a protected file beyond its content: where else it stands, and its mode.
pub fn effects(pair: &Pair) -> impl Iterator<Item = String> {
    let through = pair
        .through
        .as_ref()
        .map(|there| format!("`{}` stands at `{}` through a symlink", pair.path.escape_debug(), there.escape_debug()));
    through.into_iter().chain(mode_effect(pair))
}

/// The sentence about a protected file whose mode changes, or that is no plain file from the start.
fn mode_effect(pair: &Pair) -> Option<String> {
    let after = pair.proposed.as_ref()?;
    let before = pair.live.as_ref();
    let (old, new) = (before.map_or(PLAIN, |file| file.mode), after.mode);
    if old == new {
        return None;
    }
    let verb = if before.is_some() { "becomes" } else { "is" };
    let executable = |mode: u32| mode & 0o111 != 0;
    let what = match after.kind {
        FileKind::Regular if executable(new) && before.is_none_or(|file| file.kind == FileKind::Regular) => {
            "executable"
        }
        FileKind::Regular if executable(new) => "an executable file",
        FileKind::Regular if executable(old) => "a file that is not executable",
        kind => kind.noun(),
    };
    let modes = if before.is_some() { format!("{old:o} → {new:o}") } else { format!("{new:o}") };
    Some(format!("`{}` {verb} {what} (file mode {modes})", pair.path.escape_debug()))
}
