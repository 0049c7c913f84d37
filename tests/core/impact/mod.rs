//! The impact of changes: the measured rows, lifecycles, segments, flagd; properties against brute force; and vectors
//! of Amplitude's own engine, which `scripts/oracle` makes.

mod segments;

use countersign::diagnostics::Diagnostics;
use countersign::flag::Flag;
use countersign::format;
use countersign::groups::Share;
use countersign::impact::{Cause, Impact, Intent, Lifecycle, SegmentImpact, of as effect, sentence};

pub mod sampling;

mod vectors;

mod hostile;

mod properties;

mod flagd;

mod members;

fn flag(yaml: &str) -> Flag {
    let mut diagnostics = Diagnostics::of("flag.yaml");
    let flags = format::native::FORMAT.flags_of(yaml.as_bytes(), "flag.yaml", &mut diagnostics);
    flags.unwrap_or_else(|| panic!("{:?}\n{yaml}", diagnostics.finish(yaml))).remove(0)
}

/// A live flag with these fields next to what every flag has.
fn live(fields: &str) -> Flag {
    let salt = if fields.contains("bucketingSalt") { "" } else { "bucketingSalt: mHdQDzeE\n" };
    let variants = if fields.contains("variants") { "" } else { "variants: [{key: control}, {key: treatment}]\n" };
    flag(&format!("key: x\nkind: experiment\nstate: running\nbucketingKey: user_id\n{salt}{variants}{fields}\n"))
}

fn change(before: &str, after: &str) -> Impact {
    effect(Some(&live(before)), Some(&live(after)))
}

fn exact(share: Share) -> String {
    format!("{}/{}", share.numerator(), share.denominator())
}

/// The edits that were first measured on 200,000 ids, now exactly. 2^32 is no multiple of 100, and slots are cut at
/// whole numbers, hence not quite the round fractions.
#[test]
fn the_seven_measured_edits() {
    /// The name, before, after, the three shares with their fractions, and what is said.
    type Row = (&'static str, String, String, [(&'static str, &'static str); 3], &'static str);
    const EVEN: &str = "rolloutPercentage: 100\nrolloutWeights: {control: 1, treatment: 1}";
    let percent = |n: u32| EVEN.replace("100", &n.to_string());
    let rows: [Row; 7] = [
        (
            "percentage 10 to 50",
            percent(10),
            percent(50),
            [("0.0%", "0/1"), ("40.0%", "214748365/536870912"), ("0.0%", "0/1")],
            "rollout 10% → 50% of everyone: 40.0% newly exposed, nobody switches variant",
        ),
        (
            "percentage 50 to 10",
            percent(50),
            percent(10),
            [("0.0%", "0/1"), ("0.0%", "0/1"), ("40.0%", "214748365/536870912")],
            "rollout 50% → 10% of everyone: 40.0% lose their variant, nobody switches variant",
        ),
        (
            "weights 1:1 to 1:3",
            percent(100),
            EVEN.replace("treatment: 1", "treatment: 3"),
            [("25.0%", "134217725/536870912"), ("0.0%", "0/1"), ("0.0%", "0/1")],
            "`treatment` 50% → 75% of everyone: 25.0% switch variant",
        ),
        (
            "weights 1:1 to 50:50",
            percent(100),
            "rolloutPercentage: 100\nrolloutWeights: {control: 50, treatment: 50}".into(),
            [("0.0%", "0/1"), ("0.0%", "0/1"), ("0.0%", "0/1")],
            "same ratio: no effect",
        ),
        (
            "a third variant appended",
            percent(100),
            "rolloutPercentage: 100\nrolloutWeights: {control: 1, treatment: 1, third: 1}\n\
             variants: [{key: control}, {key: treatment}, {key: third}]"
                .into(),
            [("50.0%", "536870899/1073741824"), ("0.0%", "0/1"), ("0.0%", "0/1")],
            "`third` 0% → 33.3% of everyone: 50.0% switch variant",
        ),
        (
            "variants reordered",
            percent(100),
            format!("{EVEN}\nvariants: [{{key: treatment}}, {{key: control}}]"),
            [("100.0%", "1/1"), ("0.0%", "0/1"), ("0.0%", "0/1")],
            "variants reordered: every one of the exposed users switches variant",
        ),
        (
            "salt changed",
            percent(100),
            format!("{EVEN}\nbucketingSalt: other"),
            [("50.0%", ""), ("0.0%", "0/1"), ("0.0%", "0/1")],
            "new salt: half of the exposed users switch variant",
        ),
    ];
    for (name, before, after, shares, said) in rows {
        let effect = change(&before, &after);
        let [group] = effect.per_segment.as_slice() else { panic!("{name}: {effect:?}") };
        for (share, (percent, fraction)) in [group.switch, group.newly, group.lose].into_iter().zip(shares) {
            assert_eq!(share.to_string(), percent, "{name}");
            assert!(fraction.is_empty() || exact(share) == fraction, "{name}: {}", exact(share));
        }
        assert_eq!(sentence(&effect), said, "{name}");
        assert_eq!((effect.unknown.as_slice(), effect.lifecycle), ([].as_slice(), Lifecycle::Active), "{name}");
    }
}

fn group<'e>(effect: &'e Impact, name: Option<&str>) -> &'e SegmentImpact {
    let found = effect.per_segment.iter().find(|group| group.segment.as_deref() == name && group.moved_from.is_none());
    found.unwrap_or_else(|| panic!("{name:?} in {effect:#?}"))
}

#[test]
fn lives() {
    let rollout = "rolloutPercentage: 20\nrolloutWeights: {control: 1, treatment: 1}";
    let on = live(rollout);
    let state = |word: &str| {
        let mut off = on.clone();
        let at = off.record.0.iter().position(|entry| entry.key == "state").unwrap();
        off.record.0[at].value.data = countersign::document::Data::Text(word.into());
        off.state.word = word.into();
        off.state.live = ["running", "scheduled"].contains(&word);
        off
    };
    let planned = state("planning");
    let cases = [
        (None, Some(&on), Lifecycle::Activated, "goes live: 20.0% of everyone newly exposed"),
        (Some(&planned), Some(&on), Lifecycle::Activated, "goes live: 20.0% of everyone newly exposed"),
        (Some(&on), Some(&planned), Lifecycle::Deactivated, "no longer live: 20.0% of everyone lose their variant"),
        (Some(&on), None, Lifecycle::Deactivated, "no longer live: 20.0% of everyone lose their variant"),
        (Some(&planned), Some(&planned), Lifecycle::Inactive, "not live before or after: nobody gets anything else"),
        (None, None, Lifecycle::Inactive, "not live before or after: nobody gets anything else"),
        (Some(&on), Some(&on), Lifecycle::Active, "no effect on who gets what"),
    ];
    for (before, after, lifecycle, said) in cases {
        let effect = effect(before, after);
        assert_eq!((effect.lifecycle, sentence(&effect).as_str()), (lifecycle, said));
        assert_eq!(effect.is_nothing(), matches!(lifecycle, Lifecycle::Inactive | Lifecycle::Active));
    }
    let testing = effect(Some(&on), Some(&state("testing")));
    assert_eq!(testing.caveats, ["in testing only the users included by name get a variant"]);
    let scheduled = effect(None, Some(&state("scheduled")));
    assert_eq!(scheduled.caveats, ["from `startDate` on"]);
    assert_eq!(exact(scheduled.exposed()), exact(group(&scheduled, None).newly));
    let empty = live("rolloutPercentage: 0");
    assert_eq!(sentence(&effect(None, Some(&empty))), "goes live for nobody: no rollout gives anybody a variant");
}

#[test]
fn decisions_are_one_intent() {
    let half = "rolloutPercentage: 50\nrolloutWeights: {control: 1, treatment: 1}\nstickyBucketing: true";
    let winner = "rolloutPercentage: 100\nrolloutWeights: {control: 0, treatment: 1}\nstickyBucketing: false";
    let decided = format!("{winner}\ndecision: rollout\nrolledOutVariant: treatment");
    for after in [winner, &decided] {
        let effect = change(half, after);
        assert_eq!(effect.intent, Some(Intent::Rollout("treatment".into())), "{after}");
        assert!(
            sentence(&effect).starts_with("rolls `treatment` out to everyone: rollout 50% → 100% of everyone: "),
            "{}",
            sentence(&effect)
        );
    }
    assert_eq!(change(half, &decided).warnings, [] as [&str; 0], "a decision ends the experiment");
    let wrong = change(half, &format!("{half}\ndecision: rollout\nrolledOutVariant: treatment"));
    assert_eq!(wrong.warnings, ["`decision` is `rollout`, and not everyone gets that variant"]);
    let back = change(half, "rolloutPercentage: 0\nstickyBucketing: false\ndecision: rollback");
    assert_eq!(back.intent, Some(Intent::Rollback));
    assert_eq!(
        sentence(&back),
        "rolled back: rollout 50% → 0% of everyone: 50.0% lose their variant; \
         not modelled: users who kept an older variant until now, as sticky bucketing ends"
    );
    let mut stopped = live("rolloutPercentage: 0\ndecision: rollback");
    stopped.state.live = false;
    let stopped = effect(Some(&live(half)), Some(&stopped));
    assert_eq!(stopped.intent, Some(Intent::Rollback));
    assert_eq!(sentence(&stopped), "rolled back: 50.0% of everyone lose their variant");
    assert_eq!(change(half, half).intent, None);
}

#[test]
fn a_running_experiment_is_hurt() {
    let even = "rolloutPercentage: 100\nrolloutWeights: {control: 1, treatment: 1}";
    let skewed = "rolloutPercentage: 100\nrolloutWeights: {control: 1, treatment: 3}";
    let jumping = change(even, skewed);
    assert_eq!(
        jumping.warnings,
        ["this experiment is running: up to 25.0% of everyone switch variant, so that what they do counts for both \
          (variant jumping, sample-ratio mismatch)"]
    );
    let sticky = |fields: &str| format!("{fields}\nstickyBucketing: true");
    let kept = change(&sticky(even), &sticky(skewed));
    assert_eq!(
        kept.warnings,
        ["this experiment is running: users who have a variant keep it and new ones are split otherwise, which is a \
          sample-ratio mismatch (up to 25.0% of everyone would get another variant)"]
    );
    assert_eq!(
        kept.caveats,
        ["sticky bucketing: users who already have a variant keep it; the shares are of users who are new to it"]
    );
    assert_eq!(
        change(even, &sticky(even)).warnings,
        ["this experiment is running: switching sticky bucketing is a cause of sample-ratio mismatch"]
    );
    let more = change(&sticky(&even.replace("100", "10")), &sticky(even));
    assert_eq!(
        more.warnings,
        ["this experiment is running with sticky bucketing: another allocation is a cause of sample-ratio mismatch"]
    );
    assert_eq!(change(&even.replace("100", "10"), even).warnings, [] as [&str; 0]);
}

const REST: &str = "rolloutPercentage: 20\nrolloutWeights: {control: 1, treatment: 1}";

fn segment(name: &str, percentage: u32, conditions: &str) -> String {
    format!(
        "  - {{name: {name}, percentage: {percentage}, rolloutWeights: {{treatment: 1}}, conditions: [{conditions}]}}\n"
    )
}

fn is(prop: &str, values: &str) -> String {
    format!("{{prop: {prop}, op: is, values: [{values}]}}")
}

fn segments(list: &[String]) -> String {
    format!("{REST}\ntargetSegments:\n{}", list.concat())
}

#[test]
fn what_is_not_known_counts_as_everyone() {
    let no_weights =
        change("rolloutPercentage: 50\nrolloutWeights: {control: 1, treatment: 1}", "rolloutPercentage: 60");
    assert_eq!(no_weights.unknown, ["all other users: there are no `rolloutWeights` to spread users by"]);
    assert_eq!((no_weights.affected(), no_weights.exposed()), (Share::EVERYONE, Share::EVERYONE));
    assert_eq!(
        sentence(&no_weights),
        "not computed: all other users: there are no `rolloutWeights` to spread users by"
    );
    let still = change("rolloutPercentage: 50\nname: a", "rolloutPercentage: 50\nname: b");
    assert!(still.is_nothing(), "what is not understood and did not change is no change");
    let many = |order: &mut dyn Iterator<Item = u32>| {
        segments(&order.map(|n| segment(&format!("s{n}"), n, &is("country", &format!("c{n}")))).collect::<Vec<_>>())
    };
    let reversed = change(&many(&mut (0..90)), &many(&mut (0..90).rev()));
    assert_eq!(reversed.unknown, ["users could change segment in more than 2000 ways"]);
    assert_eq!(reversed.affected(), Share::EVERYONE);
}

#[test]
fn caveats_are_reported() {
    let base = "rolloutPercentage: 50\nrolloutWeights: {control: 1, treatment: 1}";
    let with = |more: &str| format!("{base}\n{more}");
    let cases: [(&str, String, &[&str]); 5] = [
        (
            base,
            with("bucketingSalt: other"),
            &["another hash of each user decides than before; the two are taken as independent"],
        ),
        (
            base,
            with("parentDependencies: {flags: {a: [yes-please]}}"),
            &["of users whom `parentDependencies` let pass"],
        ),
        (base, with("experimentType: multi-arm-bandit"), &["a bandit changes its weights by itself"]),
        (
            base,
            base.replace("50", "12.5"),
            &[
                "a percentage is counted in whole buckets, and how `12.5` is rounded is not public; it is taken as rounded up",
            ],
        ),
        (base, "name: other".into(), &["an absent `rolloutPercentage` is taken as 0"]),
    ];
    for (before, after, caveats) in cases {
        assert_eq!(change(before, &after).caveats, caveats, "{after}");
    }
    let strange = change(base, &base.replace("50", "12.5"));
    assert_eq!(group(&strange, None).exposed_after.to_string(), "13.0%");
}

/// Another value of a variant is a change for those who are served it; `1.0` is another value than 1.
#[test]
fn another_value_of_a_variant() {
    let flag = |payload: &str, weights: &str| {
        live(&format!(
            "rolloutPercentage: 50\nrolloutWeights: {{{weights}}}\nvariants: [{{key: control}}, {{key: treatment, payload: {payload}}}]"
        ))
    };
    let said = |before: &str, after: &str, weights: &str| {
        let effect = effect(Some(&flag(before, weights)), Some(&flag(after, weights)));
        assert!(effect.unmodelled.is_empty() && effect.unknown.is_empty(), "{effect:?}");
        (effect.affected().to_string(), sentence(&effect), effect.warnings.len())
    };
    let (even, none) = ("control: 1, treatment: 1", "control: 1, treatment: 0");
    let quarter = "25.0% of everyone get another value of their variant".to_owned();
    assert_eq!(said("1", "2", even), ("25.0%".to_owned(), quarter.clone(), 0));
    for (before, after) in [("1", "1.0"), ("1", "\"1\""), ("1.0", "true"), ("[]", "{}"), ("\"\"", "null")] {
        assert_eq!(said(before, after, even), ("25.0%".to_owned(), quarter.clone(), 1), "{before} → {after}");
    }
    assert_eq!(said("{a: 1}", "{a: 1.0}", even), ("25.0%".to_owned(), quarter, 0));
    let nobody = ("0.0%".to_owned(), "no effect on who gets what".to_owned(), 0);
    assert_eq!(said("1", "2", none), nobody);
    assert_eq!(said("1.0", "1.00", even), nobody);
}

/// A difference for users that the impact does not model is reported, and a bound takes it as everyone.
#[test]
fn unmodelled_differences_are_reported() {
    let base = "rolloutPercentage: 50\nrolloutWeights: {control: 1, treatment: 1}";
    let variants = |more: &str| format!("variants: [{{key: control}}, {{key: treatment{more}}}]");
    let conditions = |first: &str, second: &str| {
        let list = format!("{{prop: a, op: is, values: [b]{first}}}, {{prop: c, op: is, values: [d]{second}}}");
        format!("targetSegments:\n{}", segment("s", 50, &list))
    };
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "",
            "deployments: [web]",
            &["`deployments` changed: in those added everyone is new, in those removed nobody is served"],
        ),
        ("deployments: [web, ios]", "deployments: [ios, web]", &[]),
        (
            "",
            "evaluationMode: local",
            &["`evaluationMode` changed: sticky bucketing and user enrichment exist only in `remote`"],
        ),
        ("", "evaluationMode: remote", &[]),
        ("", "experimentType: multi-arm-bandit", &["`experimentType` changed: a bandit changes its weights by itself"]),
        (
            "",
            "parentDependencies: {flags: {a: [b]}}",
            &["`parentDependencies` changed: who passes them before and after is not in this file"],
        ),
        ("", "endDate: 2026-12-24", &["`endDate` changed: others are served on the days between"]),
        ("", "stickyBucketing: true", &[]),
        ("stickyBucketing: true", "", &["users who kept an older variant until now, as sticky bucketing ends"]),
        ("", "owner: me\ntags: [a]\ndescription: b\nexposureEvent: {event_type: c}", &[]),
        ("", "forceVariant: treatment", &["what `forceVariant` does is not known here"]),
        ("forceVariant: a", "forceVariant: b\nmore: 1", &["what `forceVariant` does is not known here, and 1 more"]),
        (
            &variants(", payload: {steps: 1}, inclusions: {users: [a]}"),
            &variants(", payload: {steps: 2}, inclusions: {users: [a]}"),
            &["users who have `treatment` by name or keep it get something else"],
        ),
        (&variants(""), &variants(", name: Treat, description: treats"), &[]),
        (&variants(""), &variants(", weight: 3"), &["what `variants[treatment].weight` does is not known here"]),
        (
            &variants(""),
            &variants(", inclusions: {users: [a, b], cohorts: [c]}"),
            &["2 users more by name, whatever the rest says", "1 cohort more by name, whatever the rest says"],
        ),
        (
            &variants(", inclusions: {users: [a, b]}"),
            &variants(", inclusions: {users: [b]}"),
            &["1 user no longer by name"],
        ),
        (
            &conditions("", ""),
            &conditions(", negate: true", ""),
            &["what `targetSegments[s].conditions.negate` does is not known here"],
        ),
        (
            &conditions(", negate: true", ""),
            &conditions("", ", negate: true"),
            &["what `targetSegments[s].conditions.negate` does is not known here"],
        ),
    ];
    for (before, after, expected) in cases {
        let (old, new) = (live(&format!("{base}\n{before}")), live(&format!("{base}\n{after}")));
        let effect = effect(Some(&old), Some(&new));
        assert_eq!(effect.unmodelled, *expected, "{before} → {after}");
        let counted = if expected.is_empty() { Share::NOBODY } else { Share::EVERYONE };
        assert_eq!((effect.affected(), effect.exposed(), effect.is_nothing()), (counted, counted, expected.is_empty()));
        let said = sentence(&effect);
        assert_eq!(said.contains("no effect"), expected.is_empty(), "{said}");
    }
    // Going live, testers included by name are new unless they were served in testing; strange fields are new.
    let mut tested = live(&format!("{base}\n{}\nstrange: 1", variants(", inclusions: {users: [a]}")));
    let on = tested.clone();
    (tested.state.live, tested.state.word) = (false, "testing".into());
    assert_eq!(effect(Some(&tested), Some(&on)).unmodelled, ["what `strange` does is not known here"]);
    let all = ["1 user more by name, whatever the rest says", "what `strange` does is not known here"];
    assert_eq!(effect(None, Some(&on)).unmodelled, all);
    assert_eq!(
        sentence(&effect(None, Some(&on))),
        format!("goes live: 50.0% of everyone newly exposed; not modelled: {}, and 1 more", all[0])
    );
    // Two words for live.
    let mut waiting = on.clone();
    waiting.state.word = "scheduled".into();
    assert_eq!(effect(Some(&waiting), Some(&on)).unmodelled, ["it no longer waits for `startDate`"]);
    assert_eq!(
        effect(Some(&on), Some(&waiting)).unmodelled,
        ["it waits for `startDate`, and until then nobody is served"]
    );
}

#[test]
fn names_are_shown_and_never_obeyed() {
    let hostile = |percentage| segments(&[segment("\"a`b\\n\u{301}c\"", percentage, &is("country", "US"))]);
    let said = sentence(&change(&hostile(10), &hostile(50)));
    assert_eq!(said, "`treatment` 10% → 50% of `a'b\\n\\u{301}c`: 40.0% newly exposed, nobody switches variant");
}
