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

/// A file that declares flags leaves it to a database which of them are on.
#[test]
fn a_declared_flag_is_on_where_a_database_says_so() {
    let step = report("flipper", "config/feature_flags.yml", "a: Basic search for all\n", "a: Basic search for some\n");
    for text in written(&step) {
        assert!(text.contains("whether it is on is in a database, and in no file"), "{text}");
    }
    // Exports of Unleash have the environments themselves.
    let unleash = "{\"features\": [{\"name\": \"a\", \"description\": \"NOTE\"}], \"featureEnvironments\": [{\"featureName\": \"a\", \"environment\": \"production\", \"enabled\": false}]}";
    for text in written(&report("unleash", "e.json", &unleash.replace("NOTE", "x"), &unleash.replace("NOTE", "y"))) {
        assert!(!text.contains("database"), "{text}");
    }
}

/// A rename is one entry also where nobody has to approve it.
#[test]
fn a_free_rename_is_one_entry() {
    let file = |name: &str| format!("{name}: Basic API useful for automated testing.\n");
    let renamed = report("flipper", "config/feature_flags.yml", &file("api"), &file("testing_api"));
    assert_eq!(renamed.verdict, Verdict::NotRequired);
    let [text, markdown] = written(&renamed);
    assert_eq!(text.matches("\n── ").count(), 1, "{text}");
    assert!(text.contains("all/api → all/testing_api") && text.contains("renamed, declared"), "{text}");
    assert_eq!(markdown.matches("is deleted and this flag").count(), 1, "{markdown}");
}
