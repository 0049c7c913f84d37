//! The policy diff against everybody trying: every set of people, under the old policy and under the new one.

use countersign::policy::diff::PolicyDiff;
use countersign::policy::{Policy, PolicyFiles};
use countersign::report::PrivilegeChange;
use countersign::review::Examination;

use super::*;
use crate::files::examine_since;

/// Two members of a team that only the forge lists, and two whom no line names.
const PEOPLE: &[&str] = &["alice", "bob", "carol", "dave", "eve", "erin", "kim", "kate"];

struct RandomPolicy {
    config: Value,
    approvers: String,
}

impl RandomPolicy {
    fn random(dice: &mut Dice, admins: &str, team: &Value) -> RandomPolicy {
        let names = |dice: &mut Dice| {
            let mut names = dice.among(&["@alice", "@bob", "@carol", "@acme/x", "@acme/t"]).join(" ");
            if names.is_empty() {
                names.push_str(dice.pick(&["@alice", "@acme/x", ""]));
            }
            names
        };
        let mut approvers = String::new();
        if dice.roll(3) > 0 {
            approvers.push_str(&format!("/flags/ {}\n", names(dice)));
        }
        for section in ["A", "B"] {
            if dice.roll(3) > 0 {
                let (sign, count) = (dice.pick(&["", "", "", "^"]), dice.pick(&["", "", "[2]"]));
                approvers.push_str(&format!("{sign}[{section}]{count}\n/flags/ {}\n", names(dice)));
            }
        }
        let approvals = dice.pick(&["specific", "specific", "specific", "specific", "peer", "none"]);
        let paths = dice.pick(&["flags/", "flags/", "flags/", "flags/", "elsewhere/"]);
        let mut config = json!({"version": 1, "admins": [admins], "teams": {"@acme/t": team},
            "projects": {"p": {"paths": [paths], "approvals": approvals, "required": 1 + dice.roll(2)}}});
        if dice.roll(4) == 0 {
            config["distinct"] = json!(false);
        }
        if dice.roll(3) == 0 {
            config["critical"] = json!({"relax": ["rollout"]});
        }
        if approvers.contains("[A]") {
            let only = [json!(null), json!({"only": ["rollout"]}), json!({"only": ["exposure-event"]})];
            let bounds = [json!({"when": {"affected": "> 5%"}}), json!({"when": {"affected": "> 50%"}})];
            let mut narrowing = only.iter().chain(&bounds).nth(dice.roll(5)).unwrap().clone();
            if let Some(when) = narrowing.get_mut("when").filter(|_| dice.some()) {
                when["within"] = json!(dice.pick(&["7d", "14d"]));
            }
            if !narrowing.is_null() {
                config["sections"] = json!({"A": narrowing});
            }
        }
        RandomPolicy { config, approvers }
    }

    fn files(&self, flag: &str) -> BTreeMap<String, File> {
        let config = self.config.to_string();
        let files = [
            (".countersign/config.yaml", config.as_str()),
            (".countersign/APPROVERS", &self.approvers),
            ("flags/buy.yaml", flag),
        ];
        files.into_iter().map(|(path, text)| (path.to_owned(), File::regular(path, text))).collect()
    }

    fn policy(&self) -> Policy {
        let files = self.files("");
        let file = |name: &str| files.get(name).cloned();
        let (config, approvers) = (file(".countersign/config.yaml"), file(".countersign/APPROVERS"));
        let files = PolicyFiles { config, approvers, formats: Vec::new(), trust: None };
        Policy::read_valid(&files).unwrap_or_else(|diagnostics| panic!("{diagnostics:#?}\n{:#}", self.config))
    }

    /// `then` is the flag as it was 7 and 14 days ago.
    fn examination(&self, before: &str, after: &str, then: &[String; 2]) -> Examination {
        let files = |text: &String| vec![File::regular("flags/buy.yaml", text.as_str())];
        let then = [7, 14].into_iter().zip(then.iter().map(files)).collect();
        examine_since(&self.files(before), &self.files(after), &then).unwrap()
    }
}

fn experiment(rollout: u32, event: &str) -> String {
    format!(
        "key: buy\nkind: experiment\nstate: running\nvariants: [{{key: control}}, {{key: treatment}}]\n\
         rolloutPercentage: {rollout}\nrolloutWeights: {{control: 1, treatment: 1}}\nexposureEvent: {{event_type: {event}}}\n"
    )
}

/// The sets of people, as bits, whose approval lets a change pass.
fn sufficing(policy: &RandomPolicy, before: &str, after: &str, then: &[String; 2]) -> Vec<bool> {
    let examination = policy.examination(before, after, then);
    let evidence = json!({"schema": "countersign/evidence/v1", "now": "2026-11-23T12:00:00Z", "requestor": "jo",
                          "contributors": [], "teams": {"@acme/x": ["eve", "erin"]}});
    let evidence = Evidence::parse(&evidence.to_string()).unwrap();
    let passes = |bits: usize| {
        let approve =
            PEOPLE.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, login)| (*login).to_owned());
        !examination.clone().conclude(Some(&evidence), &approve.collect::<Vec<_>>()).verdict.blocks()
    };
    (0..1 << PEOPLE.len()).map(passes).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(48), failure_persistence: None, ..ProptestConfig::default() })]

    /// Nor does anybody who no longer suffices go without being reported.
    #[test]
    fn whoever_suffices_from_now_on_is_reported(bytes in bytes(60)) {
        let dice = &mut Dice(bytes.iter());
        let (admins, team) = (dice.pick(&["@dave", "@acme/t"]), json!(dice.among(&["@alice", "@carol", "@dave"])));
        let (old, new) =
            (RandomPolicy::random(dice, admins, &team), RandomPolicy::random(dice, admins, &team));
        let paths = ["flags/buy.yaml".to_owned()];
        let diff = PolicyDiff::between(&old.policy(), &new.policy(), &paths);
        let reported = |gained: bool, wanted: &dyn Fn(&str) -> bool| {
            diff.privilege_changes.iter().any(|one| one.gained == gained && one.paths == paths && wanted(&one.what))
        };
        let before = experiment(20, "Viewed");
        let same = || [before.clone(), before.clone()];
        let largest = experiment(100, "Bought");
        let once = [experiment(60, "Viewed"), experiment(20, "Bought"), largest.clone()].map(|after| (after, same()));
        // A small step, after larger ones of which some were taken back.
        let steps = [[20, 20], [20, 90], [90, 20], [90, 90]].map(|then| {
            (experiment(21, "Viewed"), then.map(|rollout| experiment(rollout, "Viewed")))
        });
        let changes: Vec<(String, [String; 2])> = once.into_iter().chain(steps).collect();
        let weaker = |one: &RandomPolicy, other: &RandomPolicy, after: &String, then: &[String; 2]| {
            let (one, other) = (sufficing(one, &before, after, then), sufficing(other, &before, after, then));
            one.iter().zip(other).any(|(one, other)| other && !one)
        };
        let about = || format!("{:#}\n{}\n{:#}\n{}\n{:#?}", old.config, old.approvers, new.config, new.approvers, diff);
        // A sentence about every change is true of the largest one, unless it only may be.
        let every = |what: &str| {
            let enough = what.contains("sufficient for every change in") && !what.starts_with("perhaps suffi");
            enough || what.contains("every change without approval")
        };
        // The team has two members here; a privilege of three or more of them is true and can't be tried.
        let can_be_tried = |who: &str| {
            let number = who.split(' ').next().and_then(|number| number.parse::<usize>().ok());
            number.is_none_or(|number| number <= 2 || !who.contains("@acme/x"))
        };
        let stated_of_every = |gained: bool| {
            let whole = |one: &&PrivilegeChange| one.gained == gained && one.paths == paths && every(&one.what);
            diff.privilege_changes.iter().filter(whole).any(|one| can_be_tried(&one.who))
        };
        for (gained, one, other) in [(true, &old, &new), (false, &new, &old)] {
            let any = changes.iter().any(|(after, then)| weaker(one, other, after, then));
            prop_assert!(!any || reported(gained, &|_| true), "nothing is reported, {}:\n{}", gained, about());
            let largest = weaker(one, other, &largest, &same());
            prop_assert!(!stated_of_every(gained) || largest, "nobody else suffices, {}:\n{}", gained, about());
        }
    }
}
