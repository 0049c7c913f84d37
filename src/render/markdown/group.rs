//! Flags that are shown together, because everything that is shown of them reads the same but their names.

use crate::diagnostics::words::counted;
use std::collections::BTreeMap;

use super::super::phrases::{Phrase, binding};
use super::super::view::FlagView;
use super::{Density, section, table};

/// Names of flags in a cell of the table; the list of changes has all of them.
const NAMED: usize = 30;

/// Flags that read the same, in their order; never empty.
pub(in crate::render) struct FlagGroup<'v, 'r> {
    first: &'v FlagView<'r>,
    others: Vec<&'v FlagView<'r>>,
}

impl<'v, 'r> FlagGroup<'v, 'r> {
    pub(in crate::render) fn first(&self) -> &'v FlagView<'r> {
        self.first
    }

    /// The flag, if it is alone.
    pub(in crate::render) fn only(&self) -> Option<&'v FlagView<'r>> {
        self.others.is_empty().then_some(self.first)
    }

    pub(in crate::render) fn flags(&self) -> impl Iterator<Item = &'v FlagView<'r>> {
        std::iter::once(self.first).chain(self.others.iter().copied())
    }

    fn len(&self) -> usize {
        self.others.len() + 1
    }

    /// "`checkout/banner`" or "`checkout/banner` and 19 more".
    pub(super) fn name(&self) -> String {
        let first = code(self.first);
        match self.others.len() {
            0 => first,
            more => format!("{first} and {more} more"),
        }
    }

    /// "20 flags", "3 experiments".
    pub(in crate::render) fn number(&self) -> String {
        counted(self.len(), self.first.report.kind.word())
    }

    /// Their names, the project once if all have the same.
    pub(super) fn names(&self) -> String {
        let project = &self.first.report.project;
        let same = self.flags().all(|flag| flag.report.project == *project);
        let names: Vec<&str> =
            self.flags().map(|flag| if same { flag.report.key.as_str() } else { flag.id.as_str() }).collect();
        let of = if same { Phrase::new("of ").value(project).ours(": ") } else { Phrase::default() };
        of.some(&names, " and ", NAMED).markdown()
    }

    /// An item for each flag: its name, its file and its digest.
    pub(super) fn listed(&self, judged: bool) -> String {
        let item = |flag: &FlagView<'_>| {
            let mut line = Phrase::default().values(&flag.names(), " → ").ours(", ").value(&flag.report.path);
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

/// The flags in groups by what is shown of them, each where its first flag is.
pub(in crate::render) fn groups<'v, 'r>(
    flags: &[&'v FlagView<'r>],
    content: impl Fn(&FlagView<'_>) -> String,
) -> Vec<FlagGroup<'v, 'r>> {
    let mut groups: Vec<FlagGroup<'v, 'r>> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for flag in flags.iter().copied() {
        // A flag that is alone is compared with nothing.
        let known = (flags.len() > 1).then(|| *places.entry(content(flag)).or_insert(groups.len()));
        match known.and_then(|at| groups.get_mut(at)) {
            Some(group) => group.others.push(flag),
            None => groups.push(FlagGroup { first: flag, others: Vec::new() }),
        }
    }
    groups
}

/// Everything that is shown of a flag but its name, its lines and its digest, and the values of its changes in full.
pub(in crate::render) fn content(view: &FlagView<'_>, judged: bool) -> String {
    let flag = view.report;
    let cells = table::cells(view, judged, Density::Drawn);
    let mut out = [
        format!("{:?} {:?} {:?} {:?}", flag.kind, view.verdict(), flag.switch_off, view.was.map(|old| &old.key)),
        view.state.markdown(),
        view.since.clone().unwrap_or_default(),
        section::body(view, judged, Density::Drawn, false),
        cells.join("\n"),
    ]
    .join("\n");
    for warning in view.impact.iter().flat_map(|view| &view.impact.warnings) {
        out.push_str(warning);
    }
    for view in view.split().0 {
        let change = view.change;
        let [before, after] =
            [&change.before, &change.after].map(|side| side.as_ref().map(crate::document::Node::json));
        out.push_str(&format!("\n{} {} {:?} {before:?} {after:?}", view.rule(), change.field, change.item));
    }
    out
}
