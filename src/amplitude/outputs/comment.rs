//! The comment on a pull request that says what merging it will make in Amplitude.

use super::{MOST, PlanView};
use crate::amplitude::plan::AmplitudePlan;
use crate::render::phrases::{bypassed, count};
use crate::render::{Look, review, sentence};
use crate::report::Report;

/// The comment, of a plan that was made `from` what is said there. Where it is too much, its head alone.
#[must_use]
pub fn comment(plan: &AmplitudePlan, report: &Report, from: &str) -> String {
    let digest = plan.digest();
    let id = digest.get(..12).unwrap_or_default();
    let mut out = format!("### Merging will make {} to Amplitude\n\n", count(plan.calls(), "call"));
    out.push_str(&format!(
        "{} What is applied is planned anew after the merge; this comment approves nothing. Plan {id}.\n",
        sentence(from)
    ));
    for one in &report.bypassed {
        out.push_str(&format!("\n> [!CAUTION]\n> {}\n", bypassed(one).markdown()));
    }
    let view = PlanView::of(plan, false);
    if !view.others.is_empty() {
        out.push('\n');
    }
    view.list_others(&mut out);
    if !report.flags.is_empty() {
        let report = Report { bypassed: Vec::new(), ..report.clone() };
        let look = Look { changes_only: true, ..Look::default() };
        out.push_str(&format!("\n{}", review("markdown", &report, &look)));
    }
    if out.chars().count() <= MOST {
        return out;
    }
    let head: String = out.lines().take(3).flat_map(|line| [line, "\n"]).collect();
    format!("{head}\nIt is too much for a comment: `countersign amplitude plan` says all of it.\n")
}
