//! Words of reports for people: features that a format does not have, and what is no flag.

use countersign::render::{self, Look};
use countersign::report::{Report, Verdict};

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

/// An annotation of a workload is no segment, no flag names it, and it has no users who are bucketed.
#[test]
fn annotations_are_shown_as_such() {
    let workload = |name: &str, key: &str| {
        format!(
            "kind: Deployment\nmetadata: {{name: {name}, namespace: p}}\nspec: {{template: {{metadata: {{annotations: {{{key}: end-to-end}}}}}}}}\n"
        )
    };
    let source = "openfeature.dev/featureflagsource";
    let renamed = report("kubernetes", "k8s/a.yaml", &workload("nest", source), &workload("demo", source));
    for text in written(&renamed) {
        assert!(text.contains("annotation Deployment.nest.openfeature.dev/featureflagsource"), "{text}");
        for wrong in ["segment", "no flag names", "bucketed anew", "old key", "flag all/"] {
            assert!(!text.contains(wrong), "{wrong}: {text}");
        }
    }
    // It decides which flags are served, so somebody has to look.
    assert_eq!(renamed.verdict, Verdict::Pending);
}
