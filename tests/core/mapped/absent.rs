//! Words of reports for people: features that a format does not have, and what is no flag.

use countersign::render::{self, Look};
use countersign::report::Report;

use super::judged;

fn written(report: &Report) -> [String; 2] {
    ["text", "markdown"].map(|id| render::review(id, report, &Look::default()))
}

fn report(id: &str, path: &str, before: &str, after: &str) -> Report {
    let side = |text: &str| [(path.to_owned(), text.to_owned())].into();
    judged(id, &side(before), &side(after))
}

#[test]
fn what_a_format_does_not_have_is_said_to_people() {
    let goff = |serves: &str| format!("f: {{variations: {{a: 1, b: 2}}, defaultRule: {{variation: {serves}}}}}\n");
    for text in written(&report("goff", "a.yaml", &goff("a"), &goff("b"))) {
        assert!(text.to_lowercase().contains("not in this format: sticky bucketing, dependencies"), "{text}");
    }
    let generic = report("generic", "config/switches.yml", "search: {to: 10}\n", "search: {to: 20}\n");
    for text in written(&generic) {
        assert!(text.to_lowercase().contains("not in this format: segments, bucketing keys, variants"), "{text}");
    }
    // Where users get the same there is nothing to say of it.
    let named = |goff: String| goff.replace("f: {", "f: {metadata: {note: x}, ");
    for text in written(&report("goff", "a.yaml", &goff("a"), &named(goff("a")))) {
        assert!(!text.to_lowercase().contains("not in this format"), "{text}");
    }
}
