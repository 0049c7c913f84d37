//! The changes merged into a branch, one by one: its commits by first parent.
//!
//! In: a range as git's `A..B`, or a day. Out: [`Merged change`]s, the oldest first, each with the commit it was merged
//! onto. It refuses a history that is cut off inside the range. Not taken: ending at the first commit that is older
//! than the day; the author of a commit says when, and one wrong date would hide what lies below it.

use std::collections::BTreeSet;

use git2::Oid;

use super::reach;
use super::revision::object_id;
use super::{Commit, Error, Repo};

/// One commit of a branch, as one change of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MergedCommit {
    pub oid: String,
    /// The commit it was merged onto; none for the very first commit.
    pub parent: Option<String>,
    /// When it was committed, in seconds since 1970-01-01 UTC, as the commit says.
    pub seconds: i64,
    /// The author's name, as the commit says.
    pub author: String,
    /// The first line of the message.
    pub subject: String,
}

impl Repo {
    /// The commits from `to` back by first parent: those that are not in `from`, and none below the oldest that is as
    /// young as `since` (seconds since 1970).
    ///
    /// # Errors
    /// If objects are missing, or the history is cut off where it is asked for.
    pub fn merged_changes(
        &self,
        from: Option<&Commit>,
        to: &Commit,
        since: Option<i64>,
    ) -> Result<Vec<MergedCommit>, Error> {
        let objects = self.objects();
        let tip = object_id(&to.oid)?;
        let from = from.map(|from| object_id(&from.oid)).transpose()?;
        let inside: Option<BTreeSet<Oid>> = match from {
            Some(from) => Some(reach::walk(objects, &[tip], from)?.into_iter().collect()),
            None => None,
        };
        let cut = if objects.is_shallow() { reach::cut_off(objects)? } else { BTreeSet::new() };
        let mut found = Vec::new();
        let mut open = false;
        let mut next = Some(tip);
        while let Some(id) = next.filter(|id| inside.as_ref().is_none_or(|inside| inside.contains(id))) {
            let commit =
                objects.find_commit(id).map_err(|error| Error::git(&format!("read the commit {id}"), &error))?;
            open = cut.contains(&id);
            next = if open { None } else { commit.parent_ids().next() };
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            found.push(MergedCommit {
                oid: id.to_string(),
                parent: next.map(|parent| parent.to_string()),
                seconds: commit.time().seconds(),
                author: text(commit.author().name_bytes()),
                subject: text(commit.summary_bytes().unwrap_or_default()),
            });
        }
        let whole = found.len();
        if let Some(since) = since {
            let young = found.iter().rposition(|merged_change| merged_change.seconds >= since);
            found.truncate(young.map_or(0, |young| young + 1));
        }
        // Where it is cut off nobody knows what the last one was merged onto; if the day ends it before, nobody asks.
        if open && found.len() == whole && whole > 0 {
            return Err(reach::deepen("the history is cut off inside the range (a shallow clone)"));
        }
        found.reverse();
        Ok(found)
    }
}
