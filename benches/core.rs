//! The parts of a review, measured inside the process: `cargo bench --bench core`.

use std::collections::BTreeSet;
use std::convert::Infallible;

use countersign::changes::diff::compare;
use countersign::diagnostics::Diagnostics;
use countersign::document::yaml::{self, Dialect};
use countersign::flag::{File, Flag};
use countersign::format::native;
use countersign::policy::approvers_file::Approvers;
use countersign::policy::{APPROVERS_PATH, CONFIG_PATH, PolicyFiles};
use countersign::report::Revision;
use countersign::review::flag_past::{Past, PastQuery};
use countersign::review::{Case, Pair, Policies, Surroundings, review};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

const CONFIG: &str = "version: 1\nadmins: ['@kim']\nprojects:\n  shop:\n    paths: ['flags/**']\n    approvals: specific\n    required: 2\n";

#[divan::bench]
fn parse_text(bencher: Bencher<'_, '_>) {
    let text = text(1, 1);
    bencher.bench(|| yaml::read(black_box(text.as_bytes()), &[Dialect::Profile], &mut Diagnostics::of("flag.yaml")));
}

#[divan::bench]
fn parse_flag(bencher: Bencher<'_, '_>) {
    let text = text(1, 1);
    bencher.bench(|| flag(black_box(&text)));
}

#[divan::bench]
fn compare_same(bencher: Bencher<'_, '_>) {
    let (before, after) = (flag(&text(1, 1)), flag(&text(1, 1)));
    bencher.bench(|| compare(black_box(Some(&before)), &after));
}

#[divan::bench]
fn compare_weights(bencher: Bencher<'_, '_>) {
    let (before, after) = (flag(&text(1, 1)), flag(&text(1, 3)));
    assert_eq!(compare(Some(&before), &after).len(), 1);
    bencher.bench(|| compare(black_box(Some(&before)), &after));
}

#[divan::bench(sample_count = 20)]
fn read_10_000_lines_of_approvers(bencher: Bencher<'_, '_>) {
    let text = lines(10_000);
    bencher.bench(|| approvers(black_box(&text)));
}

#[divan::bench(sample_count = 20)]
fn match_1_000_paths_with_10_000_lines(bencher: Bencher<'_, '_>) {
    let approvers = approvers(&lines(10_000));
    let paths: Vec<String> = (0..1000).map(path).collect();
    assert!(paths.iter().all(|path| approvers.matching(path).len() == 1));
    bencher.bench(|| paths.iter().map(|path| approvers.matching(black_box(path)).len()).sum::<usize>());
}

/// Reading, comparing, classifying, requiring and concluding, without git.
#[divan::bench(args = [10, 1000], sample_count = 20)]
fn decide(bencher: Bencher<'_, '_>, changed: usize) {
    let pair = |number| pair(path(number), text(number, 1), text(number, 3));
    let pairs: Vec<Pair> = (0..changed).map(pair).collect();
    let conclude = || verdicts(CONFIG, pairs.clone());
    assert_eq!(conclude(), changed);
    bencher.bench(conclude);
}

/// A file of 5,000 flags that a mapping reads, one of which changes, next to one parse of it into a tree. The review
/// reads both sides.
#[divan::bench_group(sample_count = 20)]
mod mapped {
    use super::{Bencher, black_box, pair, verdicts};

    const CONFIG: &str = "version: 1\nadmins: ['@kim']\nprojects:\n  shop:\n    paths: ['config/**']\n    approvals: peer\nformats: {'config/flags.json': goff, 'config/flags.yml': registry}\n";

    #[divan::bench]
    fn parse_json(bencher: Bencher<'_, '_>) {
        let text = json(20);
        bencher.bench(|| serde_json::from_str::<serde_json::Value>(black_box(&text)).unwrap());
    }

    #[divan::bench]
    fn review_json(bencher: Bencher<'_, '_>) {
        review("config/flags.json", &json(20), &json(30), bencher);
    }

    #[divan::bench]
    fn parse_yaml(bencher: Bencher<'_, '_>) {
        let text = yaml(20);
        bencher.bench(|| serde_yaml::from_str::<serde_yaml::Value>(black_box(&text)).unwrap());
    }

    #[divan::bench]
    fn review_yaml(bencher: Bencher<'_, '_>) {
        review("config/flags.yml", &yaml(20), &yaml(30), bencher);
    }

    fn review(path: &str, live: &str, proposed: &str, bencher: Bencher<'_, '_>) {
        let conclude = || verdicts(CONFIG, vec![pair(path.to_owned(), live.to_owned(), proposed.to_owned())]);
        assert_eq!(conclude(), 1);
        bencher.bench(conclude);
    }

    /// A file of GO Feature Flag of 1 MB; the share of one flag is given.
    fn json(percentage: u32) -> String {
        let flag = |number: usize| {
            let share = if number == 2500 { percentage } else { 10 };
            format!(
                "  \"flag-{number:06}\": {{\n\"variations\": {{\"off\": false, \"on\": true}},\n\
                 \"targeting\": [{{\"name\": \"beta\", \"query\": \"plan eq \\\"beta\\\"\", \"variation\": \"on\"}}],\n\
                 \"defaultRule\": {{\"percentage\": {{\"on\": {share}, \"off\": {}}}}}\n}}",
                100 - share
            )
        };
        format!("{{\n{}\n}}\n", (0..5000).map(flag).collect::<Vec<_>>().join(",\n"))
    }

    /// A registry of 0.8 MB.
    fn yaml(percentage: u32) -> String {
        let flag = |number: usize| {
            let share = if number == 2500 { percentage } else { 10 };
            format!(
                "  flag_{number:06}:\n    enabled: true\n    description: What it is for, in one sentence of the usual length\n    \
                 owner: shop\n    rollout: {share}\n    environments: [staging, production]\n"
            )
        };
        format!("features:\n{}", (0..5000).map(flag).collect::<String>())
    }
}

fn pair(path: String, live: String, proposed: String) -> Pair {
    Pair {
        path: path.clone(),
        live: Some(File::regular(path.clone(), live)),
        proposed: Some(File::regular(path, proposed)),
        through: None,
    }
}

/// The number of flags that need approval.
fn verdicts(config: &str, pairs: Vec<Pair>) -> usize {
    let revision = |name: &str| Revision { name: name.to_owned(), oid: None };
    let case =
        Case { base: revision("main"), head: revision("change"), pairs, conflicts: Vec::new(), tree: Vec::new() };
    let policy = PolicyFiles {
        config: Some(File::regular(CONFIG_PATH, config)),
        approvers: Some(File::regular(APPROVERS_PATH, lines(100))),
        formats: Vec::new(),
        trust: None,
    };
    let policies = Policies::read(&policy, &policy).unwrap();
    let examination = review(&case, policies, &Nothing).unwrap_or_else(|never| match never {});
    examination.conclude(None, &[]).flags.iter().filter(|flag| flag.verdict.blocks()).count()
}

/// No other files.
struct Nothing;

impl Surroundings for Nothing {
    type Error = Infallible;

    fn holding(&self, _: &BTreeSet<countersign::review::FlagName>) -> Result<Vec<File>, Infallible> {
        Ok(Vec::new())
    }

    fn brought(&self, _: &BTreeSet<String>) -> Result<Vec<File>, Infallible> {
        Ok(Vec::new())
    }

    fn past(&self, _: &PastQuery) -> Past {
        Past::default()
    }

    fn managed(&self) -> Result<Vec<String>, Infallible> {
        Ok(Vec::new())
    }
}

fn flag(text: &str) -> Flag {
    let mut diagnostics = Diagnostics::of("flag.yaml");
    native::FORMAT.flags_of(text.as_bytes(), "flag.yaml", &mut diagnostics).unwrap().remove(0)
}

fn approvers(text: &str) -> Approvers {
    Approvers::parse(text.as_bytes(), &mut Diagnostics::of(APPROVERS_PATH))
}

fn path(number: usize) -> String {
    format!("flags/{:03}/flag-{number:06}.yaml", number % 200)
}

/// Lines of the kinds people write. The first takes everything, the others a few files each.
fn lines(count: usize) -> String {
    let mut text = "/flags/ @jo @alice\n".to_owned();
    for number in 1..count {
        text += &match number % 3 {
            0 => format!("/flags/{:03}/flag-{number:06}.yaml @user{number}\n", number % 200),
            1 => format!("flag-{number:06}.yaml @acme/team{number}\n"),
            _ => format!("/flags/**/flag-{number:06}.yaml @user{number}\n"),
        };
    }
    text
}

/// A running experiment of about 1.2 KB.
fn text(number: usize, weight: u32) -> String {
    let segment = |name: &str, prop: &str| {
        format!(
            "  - name: {name}\n    percentage: 50\n    bucketingKey: user_id\n    \
             rolloutWeights: {{control: 1, treatment: 1}}\n    conditions:\n      \
             - {{type: property, prop: {prop}, op: is, values: [one, two]}}\n      \
             - {{type: property, prop: version, op: greater, values: [\"1.0\"]}}\n"
        )
    };
    format!(
        "key: flag-{number:06}\nkind: experiment\nname: The flag of this number\n\
         description: What it is for, in one sentence of the usual length\nowner: shop\ntags: [web, shop]\n\
         state: running\nevaluationMode: remote\ndeployments: [web-prod, ios-prod]\nbucketingKey: user_id\n\
         bucketingSalt: mHdQDzeE\nstickyBucketing: false\n\
         exposureEvent: {{event_type: \"Checkout Viewed\", filters: []}}\nvariants:\n  \
         - {{key: control, name: Control}}\n  - {{key: treatment, name: Treatment, payload: {{steps: 1}}}}\n\
         rolloutPercentage: 20\nrolloutWeights: {{control: 1, treatment: {weight}}}\ntargetSegments:\n{}{}{}",
        segment("beta users", "plan"),
        segment("US and Canada", "country"),
        segment("new on the phone", "platform"),
    )
}
