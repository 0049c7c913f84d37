//! A verification as JUnit XML: each flag as a test, for dashboards of pipelines.

use super::message;
use crate::receipt::countersigned::Coverage;
use crate::receipt::verification::Verification;
use crate::render::{Look, plain};

/// The tests.
pub fn junit(verification: &Verification, _: &Look) -> String {
    let mut failures = 0;
    let mut cases = String::new();
    for flag in &verification.flags {
        let (name, path) = (xml(&flag.covered.name), xml(&flag.path));
        cases.push_str(&format!("    <testcase classname=\"{path}\" name=\"{name}\""));
        if flag.covered.coverage == Coverage::Overdue && !verification.refuses_overdue {
            let words = xml(&message(&flag.covered));
            cases.push_str(&format!(">\n      <system-out>{words}</system-out>\n    </testcase>\n"));
        } else if verification.takes(&flag.covered) {
            cases.push_str("/>\n");
        } else {
            failures += 1;
            let words = xml(&message(&flag.covered));
            let kind = xml(flag.covered.coverage.words());
            cases.push_str(&format!(">\n      <failure type=\"{kind}\" message=\"{words}\"/>\n    </testcase>\n"));
        }
    }
    for unread in &verification.unread {
        failures += 1;
        let (path, why) = (xml(&unread.path), xml(&unread.why));
        cases.push_str(&format!("    <testcase classname=\"{path}\" name=\"{path}\">\n"));
        cases.push_str(&format!("      <failure type=\"unreadable\" message=\"{why}\"/>\n    </testcase>\n"));
    }
    if let Some(policy) = verification.policy.as_ref().filter(|policy| !verification.takes(policy)) {
        failures += 1;
        let words = xml(&message(policy));
        cases.push_str("    <testcase classname=\".countersign\" name=\"policy\">\n");
        cases.push_str(&format!("      <failure type=\"policy\" message=\"{words}\"/>\n    </testcase>\n"));
    }
    let tests = cases.matches("<testcase ").count();
    let suite = format!("<testsuite name=\"countersign verify\" tests=\"{tests}\" failures=\"{failures}\">");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  {suite}\n{cases}  </testsuite>\n</testsuites>\n"
    )
}

/// Text in an attribute of XML, with nothing in it that XML 1.0 can't hold.
fn xml(text: &str) -> String {
    let text = plain(text);
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    escaped.chars().filter(|char| !char.is_control() && !matches!(char, '\u{fffe}' | '\u{ffff}')).collect()
}
