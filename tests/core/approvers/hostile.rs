//! The cost of a hostile pattern.

use countersign::policy::pattern::Pattern;

#[test]
fn a_hostile_pattern_costs_little() {
    let many = |part: &str, times: usize| part.repeat(times);
    let path = many("a/", 1000) + "b";
    let started = std::time::Instant::now();
    for pattern in [many("**/a/", 800) + "c", many("*a", 2000) + "c", many("a/", 2040) + "c"] {
        let pattern = Pattern::codeowners(&pattern).expect("at most 4096 bytes");
        assert!(!pattern.matches(&path) && !pattern.matches(&many("a", 4000)));
        let _ = pattern.may_match_below(&path);
    }
    assert!(Pattern::codeowners(&many("a", 4096)).is_ok() && Pattern::codeowners(&many("a", 4097)).is_err());
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}
