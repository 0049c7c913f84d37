//! Names of a group of flags in Markdown.

use super::super::phrases::{Phrase, binding, locked_by};
use super::super::view::{FlagGroup, FlagView};
use super::table;

/// Names of flags in a cell of the table; the list of changes has all of them.
const NAMED: usize = 30;

impl FlagGroup<'_, '_> {
    /// "`checkout/banner`" or "`checkout/banner` and 19 more".
    pub(super) fn name(&self) -> String {
        let first = code(self.first());
        match self.more() {
            0 => first,
            more => format!("{first} and {more} more"),
        }
    }

    /// Their names, the project once if all have the same.
    pub(super) fn names(&self) -> String {
        let project = &self.first().report.project;
        let same = self.flags().all(|flag| flag.report.project == *project);
        let names: Vec<&str> =
            self.flags().map(|flag| if same { flag.report.key.as_str() } else { flag.id.as_str() }).collect();
        let of = if same { Phrase::new("of ").value(project).ours(": ") } else { Phrase::default() };
        of.some(&names, " and ", NAMED).markdown()
    }

    /// An item for each flag: its name, its file and its digest, and the verdict where these differ.
    pub(super) fn listed(&self, judged: bool) -> String {
        let alike = self.is_judged_alike();
        let item = |flag: &FlagView<'_>| {
            let holder = flag.report.locked_by.as_ref().map(|holder| format!("{}: ", locked_by(holder.pull)));
            let sign = format!("{} {}", table::sign(flag.verdict()), holder.unwrap_or_default());
            let sign = if judged && !alike { sign } else { String::new() };
            let line = Phrase::new(sign).values(&flag.names(), " → ");
            let mut line = line.ours(", ").value(&flag.report.path);
            for (at, digest) in flag.digests().into_iter().filter(|_| judged).enumerate() {
                line = line.ours(if at == 0 { ", digest " } else { " and " }).value(binding(digest));
            }
            format!("- {}\n", line.markdown())
        };
        self.flags().map(item).collect()
    }
}

/// "`checkout/banner`", or "`checkout/banner` → `checkout/topbar`" of a renamed one.
pub(super) fn code(flag: &FlagView<'_>) -> String {
    Phrase::default().values(&flag.names(), " → ").markdown()
}
