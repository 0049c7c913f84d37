//! The mode of a flag's file as a change.
//!
//! **In**: a step. **Out**: its change of mode, which is routine. **Refuses**: nothing. **Not taken**: leaving it out,
//! since an approver would look for what differs.

use super::change::{Act, Change, Class};
use super::classify::Step;
use crate::document::Node;
use crate::flag::PLAIN;

/// The change of a file's mode, which is no content and still no change that nothing explains.
pub(super) fn mode_change(step: Step<'_>) -> Option<Change> {
    let after = step.after()?;
    let before = step.before().map_or(PLAIN, |before| before.mode);
    let place = after.flag.place;
    (before != after.mode).then(|| Change {
        class: Class::Routine,
        rule: None,
        field: "file mode".to_owned(),
        act: Act::Changed,
        item: None,
        before: Some(Node::text(place, format!("{before:o}"))),
        after: Some(Node::text(place, format!("{:o}", after.mode))),
        path: after.path.clone(),
        line: place.line,
        column: place.column,
        means: String::new(),
        row: None,
        list: None,
        shared: None,
    })
}
