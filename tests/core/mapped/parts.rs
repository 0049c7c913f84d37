//! Segments that flags refer to: a change of one is a change of each live flag that names it.

use std::collections::BTreeMap;

use countersign::flag::File;
use countersign::policy::CONFIG_PATH;
use countersign::report::{Report, Verdict};

use super::judged;
use crate::files::judge_files;

pub fn files(all: &[(&str, &str)]) -> BTreeMap<String, String> {
    all.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// Each flag of a report with its rules and where its changes stand.
fn reported(report: &Report) -> Vec<String> {
    let of = |flag: &countersign::report::FlagReport| {
        let changes: Vec<String> = flag
            .changes
            .iter()
            .map(|change| {
                let rule = change.rule.map_or("-", countersign::changes::RuleId::as_str);
                format!("{rule} {}:{}", change.path, change.line)
            })
            .collect();
        format!("{}: {}", flag.key, changes.join(", "))
    };
    report.flags.iter().map(of).collect()
}

const FLIPT: &str = "version: '1.4'
namespace: shop
flags:
  - key: banner
    name: Banner
    type: BOOLEAN_FLAG_TYPE
    enabled: false
    rollouts:
      - segment: {key: eu, value: true}
  - key: search
    name: Search
    type: VARIANT_FLAG_TYPE
    enabled: true
    variants: [{key: old}, {key: new}]
    rules:
      - segment: {keys: [eu, us], operator: OR_SEGMENT_OPERATOR}
        distributions: [{variant: new, rollout: 100}]
  - key: cart
    name: Cart
    type: VARIANT_FLAG_TYPE
    enabled: false
    rules:
      - segment: eu
segments:
  - key: eu
    name: Europe
    constraints:
      - {type: STRING_COMPARISON_TYPE, property: country, operator: eq, value: de}
  - key: us
    name: States
    constraints: []
  - key: nobody
    name: Nobody
    constraints: []
";

#[test]
fn a_segment_of_the_same_file() {
    let before = files(&[("features.yaml", FLIPT)]);
    let after = files(&[("features.yaml", &FLIPT.replace("value: de", "value: nl"))]);
    let report = judged("flipt", &before, &after);
    assert_eq!(
        reported(&report),
        [
            "banner@shop: target-segments features.yaml:28",
            "search@shop: target-segments features.yaml:28",
            "cart@shop: - features.yaml:28"
        ]
    );
    assert_eq!(report.verdict, Verdict::Pending);
    let search = report.flags.iter().find(|flag| flag.key == "search@shop").unwrap();
    let impact = search.impact.as_ref().unwrap();
    assert!(!impact.is_nothing() && impact.cannot_be_computed().is_none(), "{impact:?}");
    // Shown once, with the flags it reaches.
    let shared: Vec<_> =
        report.flags.iter().flat_map(|flag| &flag.changes).filter_map(|change| change.shared.as_ref()).collect();
    assert_eq!(shared.iter().filter(|shared| shared.listed_with.is_none()).count(), 1);
    assert!(shared.iter().any(|shared| shared.flags.len() == 3), "{shared:?}");
}

#[test]
fn what_only_people_read_is_no_change_of_flags() {
    let before = files(&[("features.yaml", FLIPT)]);
    let after = files(&[("features.yaml", &FLIPT.replace("name: Europe", "name: EU"))]);
    let report = judged("flipt", &before, &after);
    assert_eq!(reported(&report), ["segment eu@shop: - features.yaml:26"]);
    assert_eq!(report.verdict, Verdict::NotRequired);
}

#[test]
fn a_segment_that_no_flag_names_needs_approval_of_its_own() {
    let before = files(&[("features.yaml", FLIPT)]);
    let nobody = "  - key: nobody\n    name: Nobody\n    constraints: [{property: x, operator: eq, value: 'y', type: STRING_COMPARISON_TYPE}]\n";
    let text = FLIPT.replace("  - key: nobody\n    name: Nobody\n    constraints: []\n", nobody);
    assert_ne!(text, FLIPT);
    let report = judged("flipt", &before, &files(&[("features.yaml", &text)]));
    assert_eq!(report.verdict, Verdict::Pending, "{:?}", reported(&report));
    assert_eq!(report.flags.iter().map(|flag| &*flag.key).collect::<Vec<_>>(), ["segment nobody@shop"]);
}

const FEATURE: &str = "description: A
bucketBy: userId
rules:
  staging: [{key: all, segments: '*', percentage: 100}]
  production:
    - {key: some, segments: {and: [countries/nl, {not: [staff]}]}, percentage: 50}
";

#[test]
fn a_segment_of_another_file() {
    let segment = "description: Dutch\nconditions:\n  - {attribute: country, operator: equals, value: nl}\n";
    let staff = "conditions: [{attribute: staff, operator: equals, value: true}]\n";
    let other = "bucketBy: userId\nrules:\n  production: [{key: x, segments: '*', percentage: 10}]\n";
    let base = [
        ("features/a.yml", FEATURE),
        ("features/b.yml", other),
        ("segments/countries/nl.yml", segment),
        ("segments/staff.yml", staff),
    ];
    let before = files(&base);
    let with = |path: &str, text: &str| {
        let mut files = before.clone();
        files.insert(path.to_owned(), text.to_owned());
        files
    };
    let report =
        judged("featurevisor", &before, &with("segments/countries/nl.yml", &segment.replace("value: nl", "value: be")));
    assert_eq!(reported(&report), ["a@production: target-segments segments/countries/nl.yml:3"]);
    assert_eq!(report.verdict, Verdict::Pending);
    // Its approval covers what the segment says.
    let digest = |report: &Report| report.flags[0].digest.clone();
    let another =
        judged("featurevisor", &before, &with("segments/countries/nl.yml", &segment.replace("value: nl", "value: lu")));
    assert!(digest(&report).is_some() && digest(&report) != digest(&another));
    // Both in one proposal: one change of the flag.
    let mut both = with("segments/staff.yml", &staff.replace("true", "false"));
    both.insert("features/a.yml".to_owned(), FEATURE.replace("percentage: 50", "percentage: 60"));
    let report = judged("featurevisor", &before, &both);
    assert_eq!(
        reported(&report),
        ["a@production: target-segments segments/staff.yml:1, variant-distribution features/a.yml:6"]
    );
    // Removed while it is named.
    let mut gone = before.clone();
    gone.remove("segments/staff.yml");
    let report = judged("featurevisor", &before, &gone);
    assert_eq!(report.verdict, Verdict::Pending, "{:?}", reported(&report));
    assert!(reported(&report)[0].starts_with("a@production"), "{:?}", reported(&report));
}

#[test]
fn segments_cannot_blow_up_a_proposal() {
    let many = |value: &str| {
        let flags: String = (0..2000)
            .map(|at| {
                format!(
                    "  - {{key: f{at}, name: F, type: VARIANT_FLAG_TYPE, enabled: true, rules: [{{segment: eu}}]}}\n"
                )
            })
            .collect();
        let constraints: String = (0..500)
            .map(|at| {
                format!("      - {{type: STRING_COMPARISON_TYPE, property: p{at}, operator: eq, value: '{value}'}}\n")
            })
            .collect();
        format!("namespace: shop\nflags:\n{flags}segments:\n  - key: eu\n    constraints:\n{constraints}")
    };
    let report = judged("flipt", &files(&[("features.yaml", &many("a"))]), &files(&[("features.yaml", &many("b"))]));
    // All flags are reported, with the hash of the segment, and the segment by itself.
    assert_eq!(report.flags.len(), 2001);
    assert!(report.flags.iter().all(|flag| !flag.requirements.is_empty()));
}

/// A proposal for files of a format, under projects.
pub fn of_projects(
    projects: &str,
    format: &str,
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Report {
    let config = format!("version: 1\nadmins: [\"@root\"]\nprojects: {projects}\nformats: {{\"**/*.*\": {format}}}\n");
    let side = |files: &BTreeMap<String, String>| -> BTreeMap<String, File> {
        let all = files.clone().into_iter().chain([(CONFIG_PATH.to_owned(), config.clone())]);
        all.map(|(path, text)| (path.clone(), File::regular(path, text.into_bytes()))).collect()
    };
    judge_files(&side(before), &side(after), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"))
}

const GROUP: &str =
    "description: exclusive\nslots:\n  - {feature: a, percentage: 50}\n  - {feature: b, percentage: 50}\n";
const DUTCH: &str = "description: Dutch\nconditions:\n  - {attribute: country, operator: equals, value: nl}\n";

fn of_a_repository() -> BTreeMap<String, String> {
    let other = "bucketBy: userId\nrules:\n  production: [{key: x, segments: '*', percentage: 10}]\n";
    files(&[
        ("features/a.yml", FEATURE),
        ("features/b.yml", other),
        ("features/c.yml", other),
        ("segments/countries/nl.yml", DUTCH),
        ("segments/staff.yml", "conditions: [{attribute: staff, operator: equals, value: true}]\n"),
        ("groups/g.yml", GROUP),
    ])
}

#[test]
fn a_group_is_a_change_of_the_flags_that_it_names() {
    let before = of_a_repository();
    let mut after = before.clone();
    let text =
        GROUP.replace("a, percentage: 50", "a, percentage: 70").replace("b, percentage: 50", "b, percentage: 30");
    after.insert("groups/g.yml".to_owned(), text);
    for projects in [
        "{all: {paths: [\"**\"], approvals: peer}}",
        "{features: {paths: [\"features/**\"], approvals: peer}, infra: {paths: [\"groups/**\", \"segments/**\"], approvals: none}}",
    ] {
        let report = of_projects(projects, "featurevisor", &before, &after);
        let place = "target-segments groups/g.yml:3, target-segments groups/g.yml:4";
        assert_eq!(
            reported(&report),
            ["a@staging", "a@production", "b@production"].map(|key| format!("{key}: {place}")),
            "{projects}"
        );
        assert_eq!(report.verdict, Verdict::Pending, "{projects}");
        assert!(report.flags[0].impact.as_ref().is_some_and(|impact| !impact.is_nothing()), "{:?}", report.flags[0]);
    }
}

/// A project is who approves, and not what is served.
#[test]
fn a_segment_of_another_project_reaches_flags() {
    let projects = "{features: {paths: [\"features/**\"], approvals: peer}, infra: {paths: [\"groups/**\", \"segments/**\"], approvals: none}}";
    let before = of_a_repository();
    let mut after = before.clone();
    after.insert("segments/countries/nl.yml".to_owned(), DUTCH.replace("value: nl", "value: be"));
    let report = of_projects(projects, "featurevisor", &before, &after);
    assert_eq!(reported(&report), ["a@production: target-segments segments/countries/nl.yml:3"]);
    assert_eq!(report.verdict, Verdict::Pending);
    after.remove("segments/countries/nl.yml");
    assert_eq!(of_projects(projects, "featurevisor", &before, &after).verdict, Verdict::Pending);
    // A project with a segment of that name of its own has that one.
    let sets = "{shop: {paths: [\"shop/**\"], approvals: peer}, blog: {paths: [\"blog/**\"], approvals: peer}}";
    let of =
        |place: &str| before.iter().map(|(path, text)| (format!("{place}/{path}"), text.clone())).collect::<Vec<_>>();
    let both: BTreeMap<String, String> = of("shop").into_iter().chain(of("blog")).collect();
    let mut after = both.clone();
    after.insert("shop/segments/countries/nl.yml".to_owned(), DUTCH.replace("value: nl", "value: be"));
    let report = of_projects(sets, "featurevisor", &both, &after);
    assert_eq!(reported(&report), ["a@production: target-segments shop/segments/countries/nl.yml:3"]);
    assert_eq!(report.flags[0].project, "shop");
}

#[test]
fn a_segment_that_is_nowhere_is_warned_of() {
    let warned = |format: &str, before: &BTreeMap<String, String>, after: &BTreeMap<String, String>| -> Vec<String> {
        let report = judged(format, before, after);
        let found = report.diagnostics.iter().filter(|one| one.id.as_str() == "no-such-segment");
        found.map(|one| format!("{}:{} {} {}", one.path, one.place.line, one.message, one.remedy)).collect()
    };
    let before = files(&[("features.yaml", FLIPT)]);
    let after = files(&[("features.yaml", &FLIPT.replace("keys: [eu, us]", "keys: [eu, usa]"))]);
    assert_eq!(
        warned("flipt", &before, &after),
        [
            "features.yaml:16 `search@shop` names the segment `usa@shop`, which is in no file that is read here write `us@shop` if that is meant, or add the segment"
        ]
    );
    assert_eq!(
        warned("flipt", &before, &files(&[("features.yaml", &FLIPT.replace("enabled: true", "enabled: false"))])),
        [""; 0]
    );
    // In other files, that do not differ.
    let before = of_a_repository();
    let with = |text: &str| {
        let mut after = before.clone();
        after.insert("features/a.yml".to_owned(), text.to_owned());
        after
    };
    assert_eq!(warned("featurevisor", &before, &with(&FEATURE.replace("percentage: 50", "percentage: 60"))), [""; 0]);
    // A segment that changes is there, and one that goes is named by a flag that stays.
    let mut after = before.clone();
    after.insert("segments/countries/nl.yml".to_owned(), DUTCH.replace("value: nl", "value: be"));
    assert_eq!(warned("featurevisor", &before, &after), [""; 0]);
    after.remove("segments/countries/nl.yml");
    let gone = warned("featurevisor", &before, &after);
    assert!(gone.len() == 1 && gone[0].contains("`countries/nl`"), "{gone:?}");
    let found = warned("featurevisor", &before, &with(&FEATURE.replace("[staff]", "[stuff]")));
    assert!(found.len() == 1 && found[0].starts_with("features/a.yml:6 ") && found[0].contains("`stuff`"), "{found:?}");
}

#[test]
fn a_segment_that_no_flag_names_is_said_to_be_so() {
    let before = of_a_repository();
    let remarks = |path: &str, text: String| -> Vec<String> {
        let mut after = before.clone();
        after.insert(path.to_owned(), text);
        let report = judged("featurevisor", &before, &after);
        report
            .flags
            .iter()
            .flat_map(|flag| flag.remarks.clone())
            .filter(|remark| remark.contains("no flag names"))
            .collect()
    };
    assert_eq!(remarks("segments/countries/nl.yml", DUTCH.replace("value: nl", "value: be")), [""; 0]);
    assert_eq!(
        remarks("segments/new.yml", DUTCH.to_owned()),
        ["new, and no flag names `new` in the files that are read here: nobody is affected"]
    );
}

#[test]
fn a_new_segment_that_no_flag_names_affects_nobody() {
    let segment = "  - key: uk\n    name: UK\n    match_type: ALL_MATCH_TYPE\n    constraints: [{type: STRING_COMPARISON_TYPE, property: country, operator: eq, value: us}]\n";
    let with = format!("{FLIPT}{segment}");
    let judge = |before: &str, after: &str| {
        judged("flipt", &files(&[("features.yaml", before)]), &files(&[("features.yaml", after)]))
    };
    let new = judge(FLIPT, &with);
    assert_eq!(new.verdict, Verdict::NotRequired, "{:?}", reported(&new));
    let flag = &new.flags[0];
    assert_eq!((&*flag.key, flag.live.before, flag.live.after), ("segment uk@shop", false, false));
    // With a flag that names it, now or later, that flag needs approval.
    let naming = |text: &str| text.replace("[eu, us]", "[eu, uk]");
    assert_ne!(naming(&with), with);
    for (before, after) in [(FLIPT.to_owned(), naming(&with)), (with.clone(), naming(&with))] {
        let report = judge(&before, &after);
        assert_eq!(report.verdict, Verdict::Pending, "{:?}", reported(&report));
        assert!(report.flags.iter().all(|flag| !flag.key.starts_with("segment ")), "{:?}", reported(&report));
    }
    // A part that decides about flags without a name needs approval.
    let target = judged(
        "featurevisor",
        &files(&[("features/a.yml", FEATURE)]),
        &files(&[("features/a.yml", FEATURE), ("targets/web.yml", "description: Web\nincludeFeatures: [a]\n")]),
    );
    assert_eq!(target.verdict, Verdict::Pending, "{:?}", reported(&target));
}

#[test]
fn segments_are_followed_in_every_form() {
    for form in ["'[\"eu\"]'", "'{\"and\": [\"eu\"]}'", "{or: [eu, us]}"] {
        let feature =
            format!("bucketBy: userId\nrules:\n  production:\n    - {{key: x, segments: {form}, percentage: 50}}\n");
        let before = files(&[("features/a.yml", &feature), ("segments/eu.yml", DUTCH), ("segments/us.yml", DUTCH)]);
        let mut after = before.clone();
        after.insert("segments/eu.yml".to_owned(), DUTCH.replace("nl", "be"));
        let report = judged("featurevisor", &before, &after);
        assert_eq!(reported(&report), ["a@production: target-segments segments/eu.yml:3"], "{form}");
    }
    let feature = "bucketBy: userId\nvariations: [{value: a, weight: 100, variableOverrides: {color: [{segments: eu, value: red}]}}]\nrules: {production: [{key: x, segments: '*', percentage: 50}]}\n";
    let before = files(&[("features/a.yml", feature), ("segments/eu.yml", DUTCH)]);
    let mut after = before.clone();
    after.insert("segments/eu.yml".to_owned(), DUTCH.replace("nl", "be"));
    assert_eq!(reported(&judged("featurevisor", &before, &after)), ["a@production: target-segments segments/eu.yml:3"]);
}

/// A value in JSON in a string is reported at the line of the string.
#[test]
fn a_part_of_json_in_a_string_has_the_line_of_the_string() {
    let flags = |value: &str| {
        files(&[(
            "features.yml",
            &format!(
                "version: '1.4'\nnamespace: d\nflags:\n  - {{key: a, name: a, type: BOOLEAN_FLAG_TYPE, enabled: false, rollouts: [{{segment: {{key: eu, value: true}}}}]}}\nsegments:\n  - key: eu\n    name: EU\n    constraints:\n      - type: STRING_COMPARISON_TYPE\n        property: country\n        operator: isoneof\n        value: '{value}'\n"
            ),
        )])
    };
    let report = judged("flipt", &flags("[\"de\",\"nl\"]"), &flags("[\"de\",\"nl\",\"fr\"]"));
    let lines: Vec<u32> = report.flags.iter().flat_map(|flag| &flag.changes).map(|change| change.line).collect();
    assert_eq!(lines, [12], "{:?}", reported(&report));
}
