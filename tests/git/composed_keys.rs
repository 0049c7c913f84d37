//! Keys that a format puts together from several places: a second flag of one in a file that does not differ is found.

use crate::shop::Shop;

const OWN: &str = ".countersign/formats/own.yaml";

fn config(format: &str) -> String {
    format!(
        "version: 1\nadmins: [\"@root\"]\nprojects: {{all: {{paths: [\"f/**\"], approvals: peer}}}}\nformats: {{\"f/**\": {format}}}\n"
    )
}

/// A repository with a file, and a proposal that adds another one; its verdict.
fn second(format: &str, mapping: &str, (path, text): (&str, &str), (other, same): (&str, &str)) -> String {
    let shop = Shop::new(&[(".countersign/config.yaml", &config(format)), (OWN, mapping), (path, text)]);
    shop.propose("second", &[(other, same)]);
    shop.verdicts("second").last().cloned().unwrap_or_default()
}

const NONE: &str = "entities: [{at: '*', live: [live]}]\n";

#[test]
fn a_second_flag_of_a_composed_key_is_found() {
    let flipt = |on: bool| {
        format!("namespace: shop\nflags:\n  - {{key: ab, name: A, type: BOOLEAN_FLAG_TYPE, enabled: {on}}}\n")
    };
    assert_eq!(second("flipt", NONE, ("f/features.yml", &flipt(true)), ("f/b.features.yml", &flipt(false))), "invalid");
    let each = "entities: [{at: '*', each: '*', live: [{when: {at: '@env', is: true}, is: live}]}]\n";
    assert_eq!(second("own", each, ("f/a.yml", "abc: {prod: true}\n"), ("f/b.yml", "abc: {prod: false}\n")), "invalid");
    let parts = "entities: [{at: '*/*', key: ['@key0', '@key'], live: [{when: {at: '@value', is: true}, is: live}]}]\n";
    assert_eq!(
        second("own", parts, ("f/a.yml", "abc: {prod: true}\n"), ("f/b.yml", "abc: {prod: false}\n")),
        "invalid"
    );
    let file = "entities: [{at: '.', key: '@file', live: [{when: {at: on, is: true}, is: live}]}]\n";
    assert_eq!(second("own", file, ("f/a/x.yml", "\"on\": true\n"), ("f/b/x.yml", "\"on\": false\n")), "invalid");
    let feature = "bucketBy: u\nrules: {prod: [{key: e, segments: \"*\", percentage: 100}]}\n";
    let off = feature.replace("100", "0");
    assert_eq!(second("featurevisor", NONE, ("f/features/a.yml", feature), ("f/features/a.yaml", &off)), "invalid");
    // Another key is another flag.
    assert_ne!(
        second("own", parts, ("f/a.yml", "abc: {prod: true}\n"), ("f/b.yml", "abd: {prod: false}\n")),
        "invalid"
    );
}
