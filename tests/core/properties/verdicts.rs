//! From evidence to a verdict, against a model of sixty lines that was written from the documents and shares no code
//! with the program: places are filled by trying every way.

use super::hold::World;
use super::*;

/// The verdict on `p/buy`, if its content needs approval and has this digest.
fn expected(world: &World, digest: &str, was_live: bool) -> &'static str {
    let evidence = &world.evidence;
    let list = |name: &str| evidence[name].as_array().cloned().unwrap_or_default();
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let writes = |login: &str| ["write", "admin"].contains(&text(&evidence["permissions"], login).as_str());
    let contributed = |login: &str| list("contributors").contains(&json!(login));
    let named =
        |section: usize, login: &str| [["alice", "bob", "carol"], ["bob", "bob", "carol"]][section].contains(&login);
    let rejects = |section: usize, login: &str| writes(login) && (login == "dave" || named(section, login));
    let approves = |section: usize, login: &str| rejects(section, login) && !contributed(login);
    let current = |at: &str| {
        let shown = list("displayed");
        let earlier = shown.iter().rfind(|one| text(one, "at").as_str() < at);
        let mut seen = shown.iter().filter(|one| text(one, "at") == at).chain(earlier).peekable();
        seen.peek().is_some() && seen.all(|one| one["digests"]["p/buy"] == json!(digest))
    };
    let mut latest: BTreeMap<String, Value> = BTreeMap::new();
    let mut reviews = list("reviews");
    reviews.sort_by_key(|review| text(review, "submittedAt"));
    for review in reviews.into_iter().filter(|review| text(review, "state") != "COMMENTED") {
        latest.insert(text(&review, "login"), review);
    }
    let sections: Vec<usize> = (0..if world.approvers.contains("[Data]") { 2 } else { 1 }).collect();
    let rejected = |section: &usize| {
        latest.iter().any(|(login, review)| {
            let at = text(review, "submittedAt");
            let mut later = list("dismissals");
            later.retain(|one| text(one, "review") == *login && text(one, "at") >= at);
            let lifting: Vec<String> =
                later.iter().filter(|one| text(one, "was") == "CHANGES_REQUESTED").map(|one| text(one, "by")).collect();
            let holds = match text(review, "state").as_str() {
                "CHANGES_REQUESTED" => true,
                "DISMISSED" => later.is_empty() || lifting.iter().any(|by| by != login && !approves(*section, by)),
                _ => false,
            };
            holds && rejects(*section, login)
        })
    };
    let held = list("open").iter().any(|open| {
        let since = text(&open["touches"], "p/buy");
        (since.as_str(), open["pull"].as_u64()) < ("2026-11-23T11:00:00Z", Some(5))
    });
    let approvals = latest.iter().filter(|(_, review)| text(review, "state") == "APPROVED");
    let approvals: Vec<&str> = approvals
        .filter(|(_, review)| current(&text(review, "submittedAt")))
        .map(|(login, _)| login.as_str())
        .collect();
    let required = world.config["projects"]["p"]["required"].as_u64();
    let required = usize::try_from(required.unwrap()).unwrap();
    let able = |section: usize, login: &str| approves(section, login);
    // Every way to give each person to one of the sections.
    let ways = if sections.len() == 1 { 1 } else { 1 << approvals.len() };
    let filled = if world.config["distinct"] == json!(false) {
        sections.iter().all(|section| approvals.iter().filter(|login| able(*section, login)).count() >= required)
    } else {
        (0..ways).any(|way| {
            let of = |person: usize| way >> person & 1;
            let fills = |section: usize| {
                approvals.iter().enumerate().filter(|(at, login)| of(*at) == section && able(section, login)).count()
            };
            sections.iter().all(|section| fills(*section) >= required)
        })
    };
    match () {
        () if sections.iter().any(rejected) => "rejected",
        () if was_live && held => "locked",
        () if filled => "approved",
        () => "pending",
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(300), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_verdict_is_that_of_the_model(bytes in bytes(700)) {
        let world = World::random(&mut Dice(bytes.iter()));
        let report = world.judge();
        let flag = report.flags.iter().find(|flag| flag.key == "buy");
        let Some((flag, digest)) = flag.and_then(|flag| Some((flag, flag.digest.as_ref()?))) else { return Ok(()) };
        let expected = expected(&world, digest, flag.live.before);
        prop_assert_eq!(flag.verdict.word(), expected, "{:#}\n{:#}\n{}", &world.evidence, &world.config, &world.approvers);
    }
}
