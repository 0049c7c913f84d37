//! Files that a mapping reads: what stands in one of them many times.

use super::sets::SHOP;
use super::world::{Shape, World, many, shape};

pub const SHAPES: &[Shape] = &[
    shape("flags of a mapped file", 250, 4_000, |n| {
        mapped("goff", n, |i, weight| {
            format!("k{i}: {{variations: {{a: 1, b: 2}}, defaultRule: {{percentage: {{a: {weight}, b: 1}}}}}}\n")
        })
    }),
    // Of what stands in a line that is all of the file the place is not counted from its start.
    shape("flags of a mapped file on one line", 250, 4_000, |n| {
        mapped("goff", 1, |_, weight| {
            let flag = |i: usize| {
                format!(
                    "f{i}: {{variations: {{a: 1, b: 2}}, defaultRule: {{percentage: {{a: {weight}, b: {weight}}}}}}}, "
                )
            };
            format!("{{{}}}\n", many(n, flag))
        })
    }),
    shape("environments of a mapped flag", 250, 4_000, |n| {
        let rules =
            |weight: usize| many(n, |i| format!("  e{i}: [{{key: a, segments: \"*\", percentage: {weight}}}]\n"));
        mapped("featurevisor", 1, |_, weight| format!("bucketBy: id\nrules:\n{}", rules(weight)))
    }),
    // Each of them is a flag that has a look at all of the feature.
    shape("environments of a mapped flag that are only forced", 2_000, 8_000, |n| {
        let forced = many(n, |i| format!("  e{i}: []\n"));
        mapped("featurevisor", 1, |_, weight| {
            format!("bucketBy: id\nrules:\n  a: [{{key: a, segments: \"*\", percentage: {weight}}}]\nforce:\n{forced}")
        })
    }),
    // The number that tells the next one apart is taken already.
    shape("mapped flags of one key, and numbered ones", 500, 4_000, |n| {
        let on = |weight: usize| if weight == 1 { "false" } else { "true" };
        let flag = |key: String, weight: usize| format!("{{\"id\": \"{key}\", \"enabled\": {}}}", on(weight));
        mapped("microsoft", 1, |_, weight| {
            let same = (0..n).map(|_| flag("a".to_owned(), weight));
            let all: Vec<String> = same.chain((0..n).map(|i| flag(format!("a#{}", i + 2), weight))).collect();
            format!("{{\"feature_management\": {{\"feature_flags\": [{}]}}}}\n", all.join(", "))
        })
    }),
    shape("segments that are nowhere, next to others", 1_000, 8_000, |n| {
        let rules =
            |weight: usize| many(n, |i| format!("    - {{key: r{i}, segments: other{i}, percentage: {weight}}}\n"));
        let world = mapped("featurevisor", 1, |_, weight| format!("bucketBy: id\nrules:\n  a:\n{}", rules(weight)));
        let segment = "conditions: [{attribute: a, operator: equals, value: b}]\n";
        (0..n).fold(world, |world, i| world.both(&format!("flags/segments/s{i}.yaml"), segment))
    }),
    shape("rules and variations of a mapped flag", 1_000, 8_000, |n| {
        let variations = many(n, |i| format!("  - {{value: v{i}, weight: 1}}\n"));
        let rules =
            |weight: usize| many(n, |i| format!("    - {{key: r{i}, segments: \"*\", percentage: {weight}}}\n"));
        mapped("featurevisor", 1, |_, weight| {
            format!("bucketBy: id\nvariations:\n{variations}rules:\n  a:\n{}", rules(weight))
        })
    }),
    shape("rules that give what is no variation", 1_000, 8_000, |n| {
        let variations = many(n, |i| format!("    v{i}: {i}\n"));
        let rules =
            |weight: usize| many(n, |i| format!("    - {{name: r{i}, query: a eq \"{weight}\", variation: x{i}}}\n"));
        mapped("goff", 1, |_, weight| {
            format!("f:\n  variations:\n{variations}  targeting:\n{}  defaultRule: {{variation: v0}}\n", rules(weight))
        })
    }),
    shape("steps of a schedule, each with a rule", 1_000, 4_000, |n| {
        let step = |i: usize, weight: usize| {
            let (year, day) = (2030 + i / 28, 1 + i % 28);
            let rule = format!("{{name: r{i}, query: a eq \"{weight}\", variation: a}}");
            format!("    - {{date: \"{year}-01-{day:02}T00:00:00Z\", targeting: [{rule}]}}\n")
        };
        mapped("goff", 1, |_, weight| {
            let steps = many(n, |i| step(i, weight));
            format!("f:\n  variations: {{a: 1, b: 2}}\n  defaultRule: {{variation: a}}\n  scheduledRollout:\n{steps}")
        })
    }),
];

/// A file in a format of a mapping, before and after.
fn mapped(format: &str, count: usize, of: impl Fn(usize, usize) -> String) -> World {
    let text = |weight: usize| (0..count).map(|i| of(i, weight)).collect::<String>();
    let config = format!("version: 1\nadmins: [\"@root\"]\n{SHOP}formats: {{\"flags/**\": {format}}}\n");
    World::new()
        .both(".countersign/config.yaml", &config)
        .live("flags/features/all.yaml", text(1))
        .proposed("flags/features/all.yaml", text(2))
}
