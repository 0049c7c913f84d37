//! A bound that looks back, where the history has to be fetched first.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

use countersign::git::Repo;
use countersign::git::inputs::{Under, examine};
use serde_json::Value;

use super::server::{Spy, compare, id, remote};
use crate::git::command;
use crate::shop::{CONFIG, ONE, Shop, flag};

const DAY: i64 = 86_400;
const NOON: i64 = 1_795_435_200;

/// A repository with a commit every so many seconds until noon, after a flag was at 10% for long; of the last 100 each
/// is at 20%, and a proposal to 21% that is below the bound by itself.
fn growing(commits: usize, every: i64) -> Shop {
    let shop = Shop::new(&[(ONE, &flag("one", "active", 10))]);
    let config = format!("{CONFIG}sections: {{Many: {{when: {{affected: \"> 5%\", within: 14d}}}}}}\n");
    let approvers = "flags/checkout/ @alice\n[Many]\nflags/checkout/ @bob\n";
    shop.commit(&[(".countersign/config.yaml", &config), (".countersign/APPROVERS", approvers)]);
    let mut stream = String::new();
    for at in 0..commits {
        let seconds = NOON - every * i64::try_from(commits - at).unwrap();
        let percent = if at + 100 < commits { 10 } else { 20 };
        let text = flag("one", "active", percent);
        let from = if at == 0 { format!("from {}\n", id(shop.dir(), "main")) } else { String::new() };
        let _ = write!(
            stream,
            "commit refs/heads/main\ncommitter a <a@b> {seconds} +0000\ndata 1\nx\n{from}M 100644 inline {ONE}\ndata {}\n{text}\n",
            text.len()
        );
    }
    let mut import = command("git", shop.dir()).args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn().unwrap();
    import.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    assert!(import.wait().unwrap().success());
    shop.git(&["reset", "-q", "--hard", "main"]);
    shop.at(NOON);
    shop.propose("step", &[(ONE, &flag("one", "active", 21))]);
    shop
}

/// The flag's report, of a repository that only has what was fetched, and the calls of git.
fn judged(shop: &Shop, base: &str, head: &str) -> (Value, Vec<String>) {
    shop.git(&["config", "uploadpack.allowFilter", "true"]);
    shop.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    let spy = Spy::new();
    let repo = Repo::fetch(&remote(shop.dir(), &spy), &id(shop.dir(), base), &[id(shop.dir(), head)], 0).unwrap();
    let comparison = compare(&repo, shop.dir(), base, head);
    let examination = examine(&repo, &comparison, Under::Both, Some(NOON)).unwrap().expect("there is a valid policy");
    let report = serde_json::to_value(examination.conclude(None, &[])).unwrap();
    (report["flags"][0].clone(), spy.calls())
}

fn deepened(calls: &[String]) -> Vec<&str> {
    calls.iter().flat_map(|call| call.split(' ').filter(|word| word.starts_with("--deepen="))).collect()
}

/// The first look is twenty commits deep; the base of fourteen days ago is fetched, in steps, as deep as it is.
#[test]
fn the_base_of_then_is_fetched() {
    for (commits, every, steps) in
        [(60, DAY, &["--deepen=500"][..]), (900, DAY / 40, &["--deepen=500", "--deepen=2000"])]
    {
        let shop = growing(commits, every);
        let (one, calls) = judged(&shop, "main", "step");
        assert_eq!(deepened(&calls), steps, "{commits}");
        let past = &one["pastImpacts"][0];
        let then = shop.git(&["rev-list", "-1", "--first-parent", &format!("--until={}", NOON - 14 * DAY), "main"]);
        let words = past["commit"].as_str().unwrap();
        assert!(words.starts_with(&format!("`{}` of 2026-11-09", &then[..8])), "{commits}: {words}, {then}");
        assert_eq!(past["impact"]["unknown"], serde_json::json!([]), "{commits}: {past:#}");
        let required = one["requirements"].as_array().unwrap();
        // Of sixty commits those of the last 100 days are all at 20%.
        assert_eq!(required.iter().any(|one| one["section"] == "Many"), commits > 100, "{commits}: {required:#?}");
    }
}

/// A server that has no more history: what the flag was then is unknown, which is everyone.
#[test]
fn what_no_server_has_is_unknown() {
    let shallow = growing(60, DAY).shallow();
    let (one, calls) = judged(&shallow, "main", "step-here");
    assert_eq!(deepened(&calls), ["--deepen=500", "--deepen=2000", "--deepen=8000", "--deepen=32000"]);
    assert!(one["pastImpacts"][0]["impact"]["unknown"][0].as_str().unwrap().contains("a shallow clone"), "{one:#}");
    let many = one["requirements"].as_array().unwrap().iter().find(|one| one["section"] == "Many");
    let why = many.expect("it counts as everyone")["decided"].to_string();
    assert!(why.contains("as if the change affected everyone"), "{why}");
}
