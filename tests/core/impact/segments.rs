//! Segments and their conditions: who goes from which to which.

use super::*;

#[test]
fn a_segment_by_itself() {
    let at = |percentage| segments(&[segment("US beta users", percentage, &is("country", "US"))]);
    let effect = change(&at(10), &at(50));
    assert_eq!(
        sentence(&effect),
        "`treatment` 10% → 50% of `US beta users`: 40.0% newly exposed, nobody switches variant"
    );
    assert!(group(&effect, None).changed().is_nobody());
    assert_eq!(exact(effect.exposed()), exact(group(&effect, Some("US beta users")).newly));
    let smaller = change(&at(50), &at(10));
    assert_eq!(smaller.exposed(), Share::NOBODY);
    assert_eq!(exact(smaller.affected()), exact(effect.affected()));
}

/// Moves that users can make, as (from, to), when segments come, go, widen, shrink and change places.
#[test]
fn ways_between_segments() {
    type Case = (&'static str, Vec<String>, Vec<String>, &'static [(&'static str, &'static str)]);
    let one = |percentage, values: &str| segment("one", percentage, &is("country", values));
    let two = |percentage| segment("two", percentage, &is("plan", "beta"));
    let three = segment("three", 0, &is("os", "ios"));
    let cases: [Case; 9] = [
        ("nothing", vec![one(100, "US")], vec![one(100, "US")], &[]),
        ("added at the end", vec![one(100, "US")], vec![one(100, "US"), two(50)], &[("-", "two")]),
        ("added at the top", vec![one(100, "US")], vec![two(50), one(100, "US")], &[("-", "two"), ("one", "two")]),
        ("removed", vec![one(100, "US"), two(50)], vec![two(50)], &[("one", "-"), ("one", "two")]),
        ("removed at the end", vec![one(100, "US"), two(50)], vec![one(100, "US")], &[("two", "-")]),
        ("wider", vec![one(100, "US"), two(50)], vec![one(100, "US, DE"), two(50)], &[("-", "one"), ("two", "one")]),
        ("narrower", vec![one(100, "US, DE"), two(50)], vec![one(100, "US"), two(50)], &[("one", "-"), ("one", "two")]),
        ("swapped", vec![one(100, "US"), two(50)], vec![two(50), one(100, "US")], &[("one", "two")]),
        (
            "everyone taken",
            vec![one(100, "US"), three.clone()],
            vec![segment("all", 50, ""), one(100, "US"), three],
            &[("-", "all"), ("one", "all"), ("three", "all")],
        ),
    ];
    for (name, before, after, expected) in cases {
        let effect = change(&segments(&before), &segments(&after));
        let mut ways: Vec<(&str, &str)> = effect
            .per_segment
            .iter()
            .filter_map(|group| {
                let from = group.moved_from.as_ref()?;
                Some((from.segment.as_deref().unwrap_or("-"), group.segment.as_deref().unwrap_or("-")))
            })
            .collect();
        ways.sort_unstable();
        assert_eq!(ways, expected, "{name}");
        assert_eq!(effect.unknown, [] as [&str; 0], "{name}");
    }
}

#[test]
fn a_new_segment_counts_as_from_nothing() {
    let before = format!("{REST}\ntargetSegments: []").replace("20", "100");
    let after = segments(&[segment("new", 30, &is("country", "US"))]).replace("20", "100");
    let effect = change(&before, &after);
    // Of those who come into it, 70% lose a variant and nobody is newly exposed; still it exposes 30%.
    assert_eq!(effect.exposed().to_string(), "30.0%");
    assert_eq!(effect.affected().to_string(), "85.0%");
    assert_eq!(
        sentence(&effect),
        "users who come from all other users to `new`: 70.0% lose their variant, 15.0% switch variant"
    );
    assert_eq!(effect.causes, [Cause::Segments]);
    // Also where all who come keep what they have.
    let same = segments(&[segment("new", 20, &is("country", "US")).replace("rolloutWeights: {treatment: 1}, ", "")]);
    let kept = change(&format!("{REST}\ntargetSegments: []"), &same);
    assert_eq!((kept.affected().to_string(), kept.exposed().to_string()), ("20.0%".to_owned(), "20.0%".to_owned()));
    assert_eq!(kept.affected_most().unwrap().1, "`new`, which is new and counts from nothing");
    assert_eq!(sentence(&kept), "other users could match `new`, and get what they got before");
}

/// A flag with one segment, of conditions such as `country is US;plan is beta`.
fn segment_of(text: &str) -> String {
    let ops = [
        "is not",
        "is",
        "does not contain",
        "set does not contain",
        "set contains",
        "set is",
        "contains",
        "glob does not match",
        "glob match",
        "less or equal",
        "less",
        "greater or equal",
        "greater",
    ];
    let each = text.split(';').map(|one| {
        let (prop, rest) = one.split_once(' ').unwrap();
        let op = ops.iter().filter(|op| rest.starts_with(**op)).max_by_key(|op| op.len()).unwrap();
        let values: Vec<String> = rest[op.len()..].trim().split(',').map(|value| format!("'{value}'")).collect();
        format!("{{prop: {prop}, op: {op}, values: [{}]}}", values.join(", "))
    });
    segments(&[segment("s", 100, &each.collect::<Vec<_>>().join(", "))])
}

/// (before, after, joins, leaves, undecided)
#[test]
fn conditions_compared() {
    type Phrases = &'static [&'static str];
    let cases: [(&str, &str, Phrases, Phrases, Phrases); 22] = [
        ("country is US", "country is US", &[], &[], &[]),
        ("country is US,DE", "country is DE,US", &[], &[], &[]),
        ("country is US", "country is US,DE", &["users for whom `country` is `DE`"], &[], &[]),
        ("country is US,DE", "country is US", &[], &["users for whom `country` is `DE`"], &[]),
        (
            "country is US",
            "country is DE",
            &["users for whom `country` is `DE`"],
            &["users for whom `country` is `US`"],
            &[],
        ),
        ("country is not US", "country is not US,DE", &[], &["users for whom `country` is `DE`"], &[]),
        (
            "mail does not contain x",
            "mail does not contain y",
            &["users for whom `mail` contains `x`"],
            &["users for whom `mail` contains `y`"],
            &[],
        ),
        ("url glob match /a*", "url glob match /a*,/b*", &["users for whom `url` glob match `/b*`"], &[], &[]),
        (
            "url glob does not match /a*",
            "url glob does not match /b*",
            &["users for whom `url` matches `/a*`"],
            &["users for whom `url` matches `/b*`"],
            &[],
        ),
        (
            "age less 18",
            "age less 21",
            &["users who match `age` less `21` and did not match `age` less `18`"],
            &[],
            &[],
        ),
        ("age less 21", "age less 18", &[], &["users who match `age` less `21` and do not match `age` less `18`"], &[]),
        (
            "age less 9",
            "age less 18,10",
            &["users who match `age` less `10` or `18` and did not match `age` less `9`"],
            &[],
            &[],
        ),
        (
            "age greater 18",
            "age greater or equal 18",
            &["users who match `age` greater or equal `18` and did not match `age` greater `18`"],
            &[],
            &[],
        ),
        ("age greater 18", "age greater 18.0", &[], &[], &[]),
        (
            "age greater 18",
            "age greater old",
            &[],
            &[],
            &["`age` greater `18` became `age` greater `old`, and the two can't be compared"],
        ),
        (
            "tags set contains a,b",
            "tags set contains a",
            &["users who match `tags` set contains `a` and did not match `tags` set contains `a` or `b`"],
            &[],
            &[],
        ),
        (
            "tags set does not contain a",
            "tags set does not contain a,b",
            &[
                "users who match `tags` set does not contain `a` or `b` and did not match `tags` set does not contain `a`",
            ],
            &[],
            &[],
        ),
        (
            "tags set is a",
            "tags set is b",
            &[],
            &[],
            &["`tags` set is `a` became `tags` set is `b`, and the two can't be compared"],
        ),
        (
            "country is US",
            "country contains US",
            &[],
            &[],
            &["`country` is `US` became `country` contains `US`, and the two can't be compared"],
        ),
        (
            "country is US;plan is beta",
            "country is US",
            &["users for whom `plan` is `beta` does not hold, a condition that is dropped"],
            &[],
            &[],
        ),
        (
            "country is US",
            "country is US;plan is beta",
            &[],
            &["users for whom `plan` is `beta` does not hold, a condition that is added"],
            &[],
        ),
        (
            "a is 1;a is not 2",
            "a is 1;a is not 2,3;b is 4",
            &[],
            &["users for whom `a` is `3`", "users for whom `b` is `4` does not hold, a condition that is added"],
            &[],
        ),
    ];
    for (before, after, joins, leaves, undecided) in cases {
        let effect = change(&segment_of(before), &segment_of(after));
        let found = effect.members.first();
        let of = |pick: fn(&countersign::impact::Members) -> &Vec<String>| found.map(pick).cloned().unwrap_or_default();
        assert_eq!(of(|it| &it.joins), joins, "{before} → {after}");
        assert_eq!(of(|it| &it.leaves), leaves, "{before} → {after}");
        assert_eq!(of(|it| &it.undecided), undecided, "{before} → {after}");
    }
}
