//! Examples of formats as somebody tries them who has just read of these.

use std::collections::BTreeMap;

use countersign::flag::File;
use countersign::format::mapped::{BUILT_IN, NATIVE};
use countersign::report::Verdict;

use super::{example, files_of, judged};
use crate::files::judge_files;

#[test]
fn examples_are_without_diagnostics() {
    for id in BUILT_IN.iter().map(|built_in| built_in.name).filter(|id| *id != NATIVE.name && *id != "flipper") {
        let files = example(id);
        assert!(!files.is_empty(), "{id}");
        let found = judged(id, &[].into(), &files).diagnostics;
        assert!(found.is_empty(), "{id}: {found:#?}");
    }
    let mut files = files_of("examples/flagd");
    files.retain(|path, _| !path.ends_with(".md"));
    let found = judged("flagd", &[].into(), &files).diagnostics;
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn the_registry_with_its_own_mapping() {
    let files = files_of("examples/registry");
    let side = |from: &str, to: &str| -> BTreeMap<String, File> {
        let file =
            |(path, text): (&String, &String)| (path.clone(), File::regular(path.clone(), text.replace(from, to)));
        files.iter().map(file).collect()
    };
    let as_it_is = side("", "");
    let verdict = |from: &str, to: &str| {
        assert!(files["config/switches.yml"].contains(from), "{from}");
        let report = judge_files(&as_it_is, &side(from, to), None, &[]).unwrap();
        assert!(report.diagnostics.is_empty(), "{:#?}", report.diagnostics);
        report.verdict
    };
    assert_eq!(verdict("production: false\n", "production: true\n"), Verdict::Pending);
    assert_eq!(verdict("percent: 25\n", "percent: 30\n"), Verdict::Pending);
    assert_eq!(verdict("staging: true\n", "staging: false\n"), Verdict::NotRequired);
    assert_eq!(verdict("production: true\n", "production: false\n"), Verdict::NotRequired);
    assert_eq!(verdict("summary: Pay with", "summary: Pay by"), Verdict::NotRequired);
}
