//! Files that placeholders in `paths` tell apart: which sections are asked, and what becomes of a flag that goes from
//! one environment to another.

use std::collections::{BTreeMap, BTreeSet};

use countersign::flag::File;
use countersign::policy::CONFIG_PATH;
use countersign::report::{Report, Verdict};

use crate::files::judge_files;

const ON: &str = "search: true\n";
const OFF: &str = "search: false\n";

/// The report of these files under a policy with sections.
fn judged(sections: &str, before: &[(&str, &str)], after: &[(&str, &str)]) -> Report {
    let config = format!(
        "version: 1\nadmins: ['@root', '@kim']\nprojects: {{app: {{paths: ['envs/{{environment}}/*.yml', 'apps/{{folder}}/*.yml'], \
         approvals: specific}}}}\nformats: {{'**/*.yml': registry}}\nsections: {sections}\n"
    );
    let side = |files: &[(&str, &str)]| -> BTreeMap<String, File> {
        let policy = [(CONFIG_PATH, config.as_str()), (".countersign/APPROVERS", "[Release]\n* @alice\n")];
        let all = policy.iter().chain(files);
        all.map(|(path, text)| ((*path).to_owned(), File::regular(*path, *text))).collect()
    };
    judge_files(&side(before), &side(after), None, &[]).unwrap_or_else(|found| panic!("{found:#?}"))
}

/// The names of the flags, each with the rules that ask for an approval of it.
fn rules(report: &Report) -> Vec<String> {
    let rules = |flag: &countersign::report::FlagReport| -> String {
        let rules: BTreeSet<String> =
            flag.changes.iter().filter_map(|change| change.rule).map(|rule| format!(" {rule}")).collect();
        rules.into_iter().collect()
    };
    report.flags.iter().map(|flag| format!("{}{}", flag.id(), rules(flag))).collect()
}

/// An environment in a path is the scope of the flags there, as one that a format finds in the file.
#[test]
fn sections_are_about_environments_of_paths() {
    let sections = "{Release: {scopes: [production]}}";
    for (path, before, after, waits) in [
        ("envs/production/f.yml", ON, OFF, false),
        ("envs/production/f.yml", OFF, ON, true),
        ("envs/dev/f.yml", OFF, ON, false),
        ("envs/staging/f.yml", OFF, ON, false),
        // It may be the named one in another spelling, or serve users under a name that nobody knows.
        ("envs/prod/f.yml", OFF, ON, true),
        ("envs/Production/f.yml", OFF, ON, true),
        ("envs/eu/f.yml", OFF, ON, true),
        // Only `{environment}` says one.
        ("apps/dev/f.yml", OFF, ON, true),
        // A file may say one besides.
        ("envs/dev/f.yml", "search: {production: false, dev: true}\n", "search: {production: true, dev: true}\n", true),
        ("envs/prod/f.yml", "search: {staging: false, prod: true}\n", "search: {staging: true, prod: true}\n", true),
        ("envs/dev/f.yml", "search: {eu: false, dev: true}\n", "search: {eu: true, dev: true}\n", false),
    ] {
        let report = judged(sections, &[(path, before)], &[(path, after)]);
        assert_eq!(report.verdict == Verdict::Pending, waits, "{path} {after}{:#?}", report.flags);
    }
}

/// A flag ends in one environment and starts in another: users of the one lose it, whatever the other has.
#[test]
fn a_flag_does_not_move_between_environments() {
    let big = "{Release: {when: {affected: '> 5%'}}}";
    let dev = [("envs/dev/f.yml", ON)];
    let report = judged(big, &dev, &[("envs/production/f.yml", ON)]);
    assert_eq!(rules(&report), ["app:dev/search deletion", "app:production/search activation"]);
    assert!(report.flags.iter().all(|flag| flag.verdict == Verdict::Pending), "{:#?}", report.flags);
    assert_eq!(report.flags.iter().filter(|flag| !flag.requirements.is_empty()).count(), 2);
    // Another file of the same environment, and the folder of an application: its readers go with it.
    let report = judged(big, &dev, &[("envs/dev/g.yml", ON)]);
    assert_eq!(rules(&report), ["app:dev/search moved"]);
    let report = judged(big, &[("apps/a/f.yml", ON)], &[("apps/b/f.yml", ON)]);
    assert_eq!(rules(&report), ["app:b/search moved"]);
    let report = judged(big, &dev, &[("apps/b/f.yml", ON)]);
    assert_eq!(rules(&report), ["app:b/search moved"]);
    // The exception of an environment does not move away: what is said for all holds there from then on.
    let all = ("envs/default/f.yml", ON);
    let report = judged(big, &[all, ("envs/production/f.yml", OFF)], &[all, ("envs/eu/f.yml", OFF)]);
    assert_eq!(report.verdict, Verdict::Pending, "{:#?}", report.flags);
    // Of several that go, each finds its own.
    let report = judged(
        big,
        &[("envs/dev/f.yml", ON), ("envs/qa/f.yml", ON), ("apps/a/f.yml", ON)],
        &[("envs/qa/g.yml", ON), ("envs/dev/g.yml", ON), ("apps/b/f.yml", ON)],
    );
    assert_eq!(rules(&report), ["app:b/search moved", "app:dev/search moved", "app:qa/search moved"]);
}
