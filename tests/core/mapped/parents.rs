//! Flags of Unleash and their parents, wherever a file says these.

use countersign::report::Verdict;

use super::depends::reported;
use super::judged;
use super::parts::files;

/// An export of Unleash has the parents of flags in a list of its own.
#[test]
fn parents_in_a_list_of_their_own_are_a_part_of_the_flag() {
    let of = |dependencies: &str, enabled: bool| {
        format!(
            "{{\"features\": [{{\"name\": \"a\"}}, {{\"name\": \"b\"}}],
\"featureEnvironments\": [
  {{\"featureName\": \"a\", \"environment\": \"production\", \"enabled\": true}},
  {{\"featureName\": \"b\", \"environment\": \"production\", \"enabled\": {enabled}}}],
\"featureStrategies\": [],
\"dependencies\": [{dependencies}]}}\n"
        )
    };
    let judge = |before: &str, after: &str, enabled: bool| {
        let side = |text: &str| files(&[("export.json", &of(text, enabled))]);
        let (flags, verdict) = reported(&judged("unleash", &side(before), &side(after)));
        let pending = flags.into_iter().filter(|line| line.contains("Pending")).collect::<Vec<_>>();
        (pending, verdict)
    };
    let parent = "{\"feature\": \"b\", \"dependencies\": [{\"feature\": \"a\"}]}";
    let spelled = "{\"feature\": \"b\", \"dependencies\": [{\"feature\": \"a\", \"enabled\": true, \"variants\": []}]}";
    let inverted = spelled.replace("true", "false");
    let own = vec!["b@production live → live Pending".to_owned()];
    for (before, after) in [("", parent), (parent, ""), (parent, inverted.as_str())] {
        assert_eq!(judge(before, after, true), (own.clone(), Verdict::Pending), "{before} → {after}");
    }
    assert_eq!(judge(parent, spelled, true).1, Verdict::NotRequired);
    let unknown = vec!["group dependencies of.b unknown → unknown Pending".to_owned()];
    assert_eq!(judge(parent, &inverted, false).0, unknown);
}

/// A flag of Unleash may ask for another one to be off.
#[test]
fn a_switch_off_serves_the_flag_that_asks_for_it() {
    let of = |parent: &str, child: &str| {
        format!(
            "{{\"features\": [{{\"name\": \"a\"}}, {{\"name\": \"b\"}}],
\"featureEnvironments\": [
  {parent}
  {{\"featureName\": \"a\", \"environment\": \"development\", \"enabled\": true}},
  {{\"featureName\": \"b\", \"environment\": \"production\", \"enabled\": true}}],
\"featureStrategies\": [],
\"dependencies\": [{{\"feature\": \"b\", \"dependencies\": [{{\"feature\": \"a\"{child}}}]}}]}}\n"
        )
    };
    let on = "{\"featureName\": \"a\", \"environment\": \"production\", \"enabled\": true},";
    let off = on.replace("true", "false");
    let judge = |before: &str, after: &str, child: &str| {
        let side = |parent: &str| files(&[("export.json", &of(parent, child))]);
        reported(&judged("unleash", &side(before), &side(after)))
    };
    let inverted = ", \"enabled\": false";
    let went = "a@production live → inactive NotRequired".to_owned();
    let comes = "b@production inactive → live Pending".to_owned();
    assert_eq!(judge(on, &off, inverted), (vec![went.clone(), comes.clone()], Verdict::Pending));
    // Its entry for the environment goes.
    assert_eq!(judge(on, "", inverted).0.last(), Some(&comes));
    // One that asks for it to be on goes off with it, and comes with it.
    for child in ["", ", \"enabled\": true"] {
        assert_eq!(judge(on, &off, child), (vec![went.clone()], Verdict::NotRequired), "{child}");
        assert_eq!(judge(&off, on, child).0.last(), Some(&comes), "{child}");
    }
    // It goes off where the other one comes.
    assert_eq!(judge(&off, on, inverted).0, ["a@production inactive → live Pending"]);
}

/// The parents of such a flag may stand in its feature, or in its entry for an environment.
#[test]
fn parents_in_a_feature_or_in_its_environment() {
    for in_feature in [true, false] {
        let of = |parent: bool, child: bool, dependencies: &str| {
            let here = |is: bool| if is { dependencies } else { "" };
            format!(
                "{{\"version\": 4, \"features\": [{{\"name\": \"x\"}}, {{\"name\": \"a\"}}, {{\"name\": \"b\"{}}}],
\"featureEnvironments\": [
  {{\"featureName\": \"a\", \"environment\": \"production\", \"enabled\": {parent}}},
  {{\"featureName\": \"b\", \"environment\": \"production\", \"enabled\": {child}{}}}],
\"featureStrategies\": []}}\n",
                here(in_feature),
                here(!in_feature)
            )
        };
        let judge = |before: (bool, bool, &str), after: (bool, bool, &str)| {
            let side = |(parent, child, here): (bool, bool, &str)| files(&[("export.json", &of(parent, child, here))]);
            let (flags, verdict) = reported(&judged("unleash", &side(before), &side(after)));
            let pending = flags.into_iter().filter(|line| line.contains("Pending")).collect::<Vec<_>>();
            (pending, verdict)
        };
        let parent = ", \"dependencies\": [{\"feature\": \"a\", \"enabled\": true}]";
        let inverted = parent.replace("true", "false");
        let inverted = inverted.as_str();
        let own = vec!["b@production live → live Pending".to_owned()];
        for (before, after) in [("", parent), (parent, ""), (parent, inverted), (inverted, parent)] {
            let found = judge((true, true, before), (true, true, after));
            assert_eq!(found, (own.clone(), Verdict::Pending), "{in_feature} {before} → {after}");
        }
        let comes = "b@production inactive → live Pending".to_owned();
        // It asks for the other one to be off, or to be on.
        assert_eq!(judge((true, true, inverted), (false, true, inverted)), (vec![comes.clone()], Verdict::Pending));
        assert_eq!(judge((false, true, parent), (true, true, parent)).0.last(), Some(&comes), "{in_feature}");
        assert_eq!(judge((true, true, parent), (false, true, parent)).1, Verdict::NotRequired, "{in_feature}");
        assert_eq!(judge((true, true, parent), (true, false, parent)).1, Verdict::NotRequired, "{in_feature}");
    }
}

/// So it may in the file of a client, where each flag says its own parents.
#[test]
fn parents_in_the_flag_are_flags_that_it_depends_on() {
    let of = |on: bool, parent: &str, project: &str| {
        format!(
            "{{\"version\": 2, \"features\": [
{{\"name\": \"p\"{project}, \"enabled\": {on}, \"strategies\": [{{\"name\": \"default\"}}]}},
{{\"name\": \"c\"{project}, \"enabled\": true, \"strategies\": [{{\"name\": \"default\"}}], \"dependencies\": [{parent}]}}]}}\n"
        )
    };
    for (project, end) in [("", ""), (", \"project\": \"default\"", "@default")] {
        let judge = |before: (bool, &str), after: (bool, &str)| {
            let side = |(on, parent): (bool, &str)| files(&[("export.json", &of(on, parent, project))]);
            reported(&judged("unleash", &side(before), &side(after)))
        };
        let (plain, inverted) = ("{\"feature\": \"p\"}", "{\"feature\": \"p\", \"enabled\": false}");
        let spelled = "{\"feature\": \"p\", \"enabled\": true, \"variants\": []}";
        let went = format!("p{end} live → inactive NotRequired");
        let comes = format!("c{end} inactive → live Pending");
        assert_eq!(judge((true, inverted), (false, inverted)), (vec![went.clone(), comes.clone()], Verdict::Pending));
        for parent in [plain, spelled] {
            assert_eq!(judge((true, parent), (false, parent)), (vec![went.clone()], Verdict::NotRequired), "{parent}");
            assert!(judge((false, parent), (true, parent)).0.contains(&comes), "{parent}");
        }
        assert_eq!(judge((true, plain), (true, spelled)).1, Verdict::NotRequired);
        for (before, after) in [(plain, ""), ("", plain), (plain, inverted)] {
            assert_eq!(judge((true, before), (true, after)).1, Verdict::Pending, "{before} → {after}");
        }
        // An export may be of some flags alone.
        let missing = "{\"feature\": \"elsewhere\"}";
        assert_eq!(judge((true, missing), (false, missing)).1, Verdict::NotRequired);
    }
}
