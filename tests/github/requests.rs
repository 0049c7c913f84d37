//! The cost of each kind of event: the table in docs/github.md. `SNAPSHOTS=overwrite cargo test --test services
//! requests` writes it anew: read the diff.

use std::path::Path;

use crate::github::fake::{Event, Fake};
use crate::github::shop::*;

const START: &str = "<!-- requests -->\n";
const END: &str = "<!-- end of requests -->\n";

/// A world and the event in it whose requests are counted.
type Play = fn() -> (Fake, Event);

/// The name of a scene, how many requests it may take at most, and how it is played.
const ROWS: &[(&str, usize, Play)] = &[
    ("a pull request that touches no flag is opened", 5, untouched),
    ("one with a critical change is opened", 9, opened),
    ("the same, where a team approves", 10, team),
    ("it is approved, and the status turns to success", 8, approved),
    ("it is rejected", 8, rejected),
    ("it is edited after a success", 8, edited),
    ("something happens, and nothing changes", 3, unchanged),
    ("its title is edited, or a label set", 0, titled),
    ("one is opened whose flag is held by another", 11, locked),
    ("the holder is merged, and a pull request that waited asks for reviews", 11, merged),
    ("a review of a fork's pull request, which GitHub does not name", 9, forked),
    ("`/countersign recheck`, and nothing changes", 4, commanded),
    ("an entry of the merge queue", 3, queued),
    ("a sweep of 50 open pull requests, none of them changed", 3, swept),
];

fn untouched() -> (Fake, Event) {
    let fake = shop();
    let mut world = fake.world();
    world.commit("words", "jo", &[("README.md", Some("the shop, in other words\n"))]);
    let number = world.open("jo", "main", "words");
    drop(world);
    (fake, Event::Pull("opened", number))
}

fn opened() -> (Fake, Event) {
    let fake = shop();
    let number = raise(&fake, "jo", "more", 50);
    (fake, Event::Pull("opened", number))
}

fn team() -> (Fake, Event) {
    let (mut fake, event) = opened();
    let mut world = fake.world();
    world.team("payments", &["alice"]);
    world.commit("main", "root1", &[(".countersign/APPROVERS", Some("flags/checkout/ @acme/payments\n"))]);
    world.token("teams", "root1", None, &["members:read"]);
    drop(world);
    fake.give("COUNTERSIGN_TEAMS_TOKEN", "teams");
    (fake, event)
}

fn approved() -> (Fake, Event) {
    let (fake, event) = opened();
    review(&fake, &event);
    fake.world().approve(1, "alice");
    let head = fake.world().pulls[&1].head_oid.clone();
    (fake, Event::Woken("completed", head, "pull_request_review"))
}

fn rejected() -> (Fake, Event) {
    let (fake, event) = approved();
    review(&fake, &event);
    fake.world().review(1, "bob", "CHANGES_REQUESTED", "no");
    (fake, event)
}

fn edited() -> (Fake, Event) {
    let (fake, event) = approved();
    review(&fake, &event);
    let before = fake.world().pulls[&1].head_oid.clone();
    fake.world().commit("more", "jo", &[("flags/checkout/one.yaml", Some(&flag("one", 70)))]);
    (fake, Event::Moved(1, before))
}

fn unchanged() -> (Fake, Event) {
    let (fake, event) = approved();
    review(&fake, &event);
    (fake, event)
}

fn titled() -> (Fake, Event) {
    let (fake, _) = unchanged();
    (fake, Event::Pull("labeled", 1))
}

fn locked() -> (Fake, Event) {
    let (fake, _) = unchanged();
    let number = raise(&fake, "kim", "mine", 60);
    (fake, Event::Pull("opened", number))
}

fn merged() -> (Fake, Event) {
    let (fake, event) = locked();
    review(&fake, &event);
    fake.world().merge(1, "jo");
    (fake, Event::Pull("closed", 1))
}

fn forked() -> (Fake, Event) {
    let fake = shop();
    let mut world = fake.world();
    world.fork("kim");
    world.commit_in_fork("kim", "mine", &[("flags/checkout/one.yaml", Some(&flag("one", 50)))]);
    let number = world.open("kim", "main", "kim:mine");
    drop(world);
    review(&fake, &Event::Pull("opened", number));
    fake.world().approve(number, "alice");
    let head = fake.world().pulls[&number].head_oid.clone();
    (fake, Event::Woken("completed", head, "pull_request_review"))
}

fn commanded() -> (Fake, Event) {
    let (fake, _) = unchanged();
    let comment = fake.world().comment(1, "jo", "/countersign recheck");
    (fake, Event::Comment(comment))
}

fn queued() -> (Fake, Event) {
    let (fake, _) = unchanged();
    let head = fake.world().enqueue(1, "jo").head;
    (fake, Event::Woken("requested", head, "merge_group"))
}

fn swept() -> (Fake, Event) {
    let fake = shop();
    fake.clone_is_near();
    for at in 0..50 {
        let mut world = fake.world();
        let name = format!("flags/checkout/f{at}.yaml");
        world.commit(&format!("b{at}"), "jo", &[(&name, Some(&flag(&format!("f{at}"), 50)))]);
        let number = world.open("jo", "main", &format!("b{at}"));
        drop(world);
        assert_eq!(review(&fake, &Event::Pull("opened", number)).code, 0);
    }
    (fake, Event::Schedule)
}

#[test]
fn requests_of_each_kind_of_event() {
    let rows: Vec<std::thread::JoinHandle<(String, Vec<String>)>> =
        ROWS.iter().map(|row| std::thread::spawn(|| count(row))).collect();
    let rows: Vec<(String, Vec<String>)> = rows.into_iter().map(|row| row.join().unwrap()).collect();
    let wrong: Vec<&String> = rows.iter().flat_map(|(_, wrong)| wrong).collect();
    let table: String = rows.iter().map(|(line, _)| line.as_str()).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/github.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(START).expect("docs/github.md has a table of requests");
    let (there, after) = rest.split_once(END).expect("the table of requests ends");
    let new = format!("\n| What happens | reads | writes |\n|---|---|---|\n{table}\n");
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        std::fs::write(&path, format!("{before}{START}{new}{END}{after}")).unwrap();
    } else {
        assert!(
            there == new,
            "{}",
            similar::TextDiff::from_lines(there, &new).unified_diff().header("docs/github.md", "counted")
        );
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn count((name, most, play): &(&str, usize, Play)) -> (String, Vec<String>) {
    let (fake, event) = play();
    fake.clear();
    let run = review(&fake, &event);
    assert!(matches!(run.code, 0 | 3), "{name}: {}", run.err);
    let all = fake.requests();
    let reported: Vec<String> =
        all.iter().map(|it| format!("{} {}", it.query.as_deref().unwrap_or(&it.method), it.path)).collect();
    println!("{name}: {reported:#?}");
    let writes = all.iter().filter(|it| it.writes()).count();
    let wrong = (all.len() > *most).then(|| format!("{name}: {} requests, more than {most}: {reported:#?}", all.len()));
    (format!("| {name} | {} | {writes} |\n", all.len() - writes), wrong.into_iter().collect())
}
