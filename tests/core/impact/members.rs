//! Users of each segment: its conditions as the file has them, in the order in which segments are tried.

use countersign::document::Node;
use countersign::impact::{Segment, segments as reported};

use super::{flagd, is, live, segment, segments};

fn short(all: &[Segment]) -> Vec<String> {
    let json = |nodes: &[Node]| nodes.iter().map(Node::json).collect::<Vec<_>>().join(" ");
    let before = |it: &Segment| it.before.as_ref().map_or_else(String::new, |nodes| format!(" was {}", json(nodes)));
    all.iter().map(|it| format!("{}: {}{}", it.segment, json(&it.conditions), before(it))).collect()
}

#[test]
fn each_segment_once_and_what_differs() {
    let is_json = |values: &str| format!(r#"{{"prop":"country","op":"is","values":[{values}]}}"#);
    let (us, ca_us, de) = (is_json(r#""US""#), is_json(r#""CA","US""#), is_json(r#""DE""#));
    let with = |parts: &[String]| live(&segments(parts));
    let both = with(&[segment("a", 10, &is("country", "US")), segment("b", 10, &is("country", "CA, US"))]);
    let turned = with(&[segment("b", 50, &is("country", "US, CA")), segment("a", 10, &is("country", "US"))]);
    let others = with(&[segment("a", 10, &is("country", "DE")), segment("c", 10, &is("country", "US"))]);
    let strange = with(&[segment("a", 10, &is("country", "US").replace("prop:", "strange: 1, prop:"))]);
    let none = live("rolloutPercentage: 10\nrolloutWeights: {control: 1, treatment: 1}");
    let us_ca = is_json(r#""US","CA""#);
    let strange_us = us.replace('{', r#"{"strange":1,"#);
    let cases = [
        (Some(&both), Some(&both), vec![format!("a: {us}"), format!("b: {ca_us}")]),
        // Other order of values: the same users.
        (Some(&both), Some(&turned), vec![format!("b: {us_ca}"), format!("a: {us}")]),
        // The first is renamed, and its name is another segment's now.
        (Some(&both), Some(&others), vec![format!("a: {de}"), format!("c: {us}"), format!("b: {ca_us}")]),
        (Some(&strange), Some(&both), vec![format!("a: {us} was {strange_us}"), format!("b: {ca_us}")]),
        (None, Some(&both), vec![format!("a: {us}"), format!("b: {ca_us}")]),
        (Some(&both), None, vec![format!("a: {us}"), format!("b: {ca_us}")]),
        (Some(&none), Some(&none), vec![]),
    ];
    for (before, after, expected) in cases {
        assert_eq!(short(&reported(before, after)), expected);
    }
}

#[test]
fn the_conditions_on_the_way_to_a_leaf() {
    let is = |name: &str| format!(r#"{{"==":[{{"var":"{name}"}},1]}}"#);
    let (a, b) = (is("a"), is("b"));
    let rule = format!(r#"{{"if": [{a}, {{"if": [{b}, "on", "off"]}}, "maybe"]}}"#);
    let flag = flagd::flag(&flagd::targeted(&rule));
    let expected = [format!("{a} and {b}: {a} {b}"), format!("{a}: {a}")];
    assert_eq!(short(&reported(Some(&flag), Some(&flag))), expected);
}
