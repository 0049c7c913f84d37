//! Flags that change alike: all that is to be read of them is the same but their names, their files, their lines and
//! their digests.
//!
//! In: the report on a flag. Out: a string that is the same for flags that change alike. It refuses to look at what
//! people responded, since a verdict rests on it. Not taken: the digests of approvals, which are those of names too.

use serde_json::Value;

use super::FlagReport;

impl FlagReport {
    /// All that is to be read of the change of the flag, whoever has approved it, as a string: the same of flags that
    /// change alike. A renamed flag is one entry with another one, and is like none.
    #[must_use]
    pub fn content_key(&self) -> Option<String> {
        if self.renamed_from.is_some() || self.renamed_to.is_some() {
            return None;
        }
        let changes = self.changes.iter().map(|change| {
            let mut said = serde_json::to_value(change).ok()?;
            let members = said.as_object_mut()?;
            members.retain(|name, _| !["line", "column"].contains(&name.as_str()));
            if change.path == self.path {
                members.remove("path");
            }
            Some(said)
        });
        let changes: Option<Vec<Value>> = changes.collect();
        let about = (&self.project, self.kind, &self.format.id, &self.previous_path, self.live, &self.state);
        let shown = (&self.impact_summary, &self.impact, &self.last_live, &self.segments, &self.variants);
        serde_json::to_string(&(about, shown, self.digest.is_some(), changes?)).ok()
    }
}
