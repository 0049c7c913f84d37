//! One file of flagd's made to cost much.

use super::world::{Shape, World, many, shape};

pub const SHAPES: &[Shape] = &[
    shape("flags of flagd", 500, 15_000, |n| flagd(&flags(n, 1, ""), &flags(n, 2, ""), "")),
    shape("flags of flagd, new", 500, 15_000, |n| flagd("", &flags(n, 2, ""), "")),
    shape("flags of flagd, gone", 500, 15_000, |n| flagd(&flags(n, 2, ""), &flags(1, 3, ""), "")),
    shape("flags of flagd, others", 500, 15_000, |n| flagd(&flags(n, 1, ""), &flags(n, 2, "x"), "")),
    shape("flags of flagd and unknown members of the file", 200, 5_000, |n| {
        flagd(&flags(n, 1, ""), &flags(n, 2, ""), &many(n.min(90), |i| format!(", \"u{i}\": {i}")))
    }),
    shape("members of the file", 1_000, 60_000, |n| {
        flagd(&flags(2, 1, ""), &flags(2, 2, ""), &many(n, |i| format!(", \"u{i}\": {i}")))
    }),
    shape("metadata of the file", 1_000, 60_000, |n| {
        flagd(
            &flags(2, 1, ""),
            &flags(2, 2, ""),
            &format!(", \"metadata\": {{{}\"z\": 1}}", many(n, |i| format!("\"u{i}\": {i}, "))),
        )
    }),
    // Each flag holds what the file has, so that both together grow as their product, up to a budget.
    shape("metadata of a file of twenty flags", 200, 4_000, |n| {
        flagd(
            &flags(20, 1, ""),
            &flags(20, 2, ""),
            &format!(", \"metadata\": {{{}\"z\": 1}}", many(n, |i| format!("\"u{i}\": {i}, "))),
        )
    }),
    shape("variants of flagd", 1_000, 60_000, |n| {
        one(&format!(
            "\"variants\": {{{}\"on\": true}}, \"defaultVariant\": \"on\"",
            many(n, |i| format!("\"v{i}\": {i}, "))
        ))
    }),
    shape("unknown members of a flag of flagd", 1_000, 60_000, |n| {
        targeting(&format!("null, {}\"z\": 1", many(n, |i| format!("\"u{i}\": {i}, "))))
    }),
    shape("results", 500, 20_000, results),
    shape("results of the same condition", 500, 20_000, |n| {
        targeting(&format!(
            "{{\"if\": [{}\"on\"]}}",
            many(n, |i| format!("{{\"==\": [{{\"var\": \"a\"}}, 1]}}, \"{}\", ", ["on", "off"][i % 2]))
        ))
    }),
    shape("pairs of a fractional", 500, 40_000, |n| {
        targeting(&format!(
            "{{\"fractional\": [{}[\"on\", 1]]}}",
            many(n, |i| format!("[\"{}\", {}], ", ["on", "off"][i % 2], i % 5))
        ))
    }),
    shape("fractionals", 100, 8_000, |n| {
        targeting(&format!(
            "{{\"if\": [{}\"on\"]}}",
            many(n, |i| format!(
                "{{\"==\": [{{\"var\": \"a\"}}, {i}]}}, {{\"fractional\": [[\"on\", 1], [\"off\", {i}]]}}, "
            ))
        ))
    }),
    shape("an `if` in an `if` in …", 4, 200, |n| {
        targeting(&format!(
            "{}\"on\"{}",
            many(n, |i| format!("{{\"if\": [{{\"==\": [{{\"var\": \"a\"}}, {i}]}}, \"off\", ")),
            "]}".repeat(n)
        ))
    }),
    shape("both ways of an `if`, again and again", 4, 4_096, |n| targeting(&twice(n.ilog2() as usize))),
    shape("values of an `in`", 2_000, 90_000, |n| {
        targeting(&format!(
            "{{\"if\": [{{\"in\": [{{\"var\": \"a\"}}, [{}1]]}}, \"on\", \"off\"]}}",
            many(n, |i| format!("{i}, "))
        ))
    }),
    shape("evaluators", 500, 20_000, |n| {
        flagd(
            &flags(1, 1, ""),
            &flags(1, 2, ""),
            &format!(", \"$evaluators\": {{{}\"z\": true}}", many(n, |i| format!("\"e{i}\": {{\"==\": [1, {i}]}}, "))),
        )
    }),
    shape("references to one evaluator", 500, 20_000, |n| {
        flagd(
            &flags(1, 1, ""),
            &format!(
                "\"f\": {{\"state\": \"ENABLED\", \"variants\": {{\"on\": true, \"off\": false}}, \"defaultVariant\": \"on\", \"targeting\": {{\"if\": [{}\"on\"]}}}}",
                many(n, |_| "{\"$ref\": \"e\"}, \"off\", ".to_owned())
            ),
            ", \"$evaluators\": {\"e\": {\"in\": [{\"var\": \"a\"}, [1, 2, 3, 4, 5, 6, 7, 8]]}}",
        )
    }),
    shape("unclosed JSON", 10_000, 900_000, |n| world("flags/a.flagd.json", "{}", &"[".repeat(n))),
    shape("a key of JSON twice, and again", 2_000, 90_000, |n| {
        world("flags/a.flagd.json", "{}", &format!("{{{}\"z\": 1}}", "\"a\": 1, ".repeat(n)))
    }),
    shape("comments without an end", 2_000, 300_000, |n| {
        world("flags/a.flagd.json5", "{}", &format!("{{{}", "/* ".repeat(n)))
    }),
    shape("aliases of YAML", 500, 40_000, |n| {
        world("flags/a.flagd.yaml", "flags: {}", &format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(n), "*a, ".repeat(n)))
    }),
    shape("merges of YAML", 500, 20_000, |n| {
        world(
            "flags/a.flagd.yaml",
            "flags: {}",
            &format!(
                "a: &a {{{}}}\nb:\n{}",
                many(n, |i| format!("k{i}: 1, ")),
                many(n, |i| format!("  m{i}: {{<<: *a}}\n"))
            ),
        )
    }),
    shape("one merge of many maps", 500, 20_000, |n| {
        world("flags/a.flagd.yaml", "flags: {}", &format!("a: &a {{x: 1}}\nb: {{<<: [{}*a]}}\n", "*a, ".repeat(n)))
    }),
    shape("flow lists of YAML", 500, 400_000, |n| world("flags/a.flagd.yaml", "flags: {}", &"[".repeat(n))),
    shape("exponents", 500, 30_000, |n| {
        targeting(&format!(
            "{{\"fractional\": [{}[\"on\", 1]]}}",
            many(n, |i| format!("[\"off\", 1e-{}], ", 1 + i % 300))
        ))
    }),
];

fn world(path: &str, before: &str, after: &str) -> World {
    World::new().live(path, before).proposed(path, after)
}

/// A file of flagd's with these flags and these members besides, before and after.
fn flagd(before: &str, after: &str, more: &str) -> World {
    let file = |flags: &str| format!("{{\"flags\": {{{flags}}}{more}}}");
    world("flags/a.flagd.json", &file(before), &file(after))
}

fn flags(count: usize, weight: usize, name: &str) -> String {
    let of = |i: usize| {
        format!(
            "\"f{name}{i}\": {{\"state\": \"ENABLED\", \"variants\": {{\"on\": true, \"off\": {weight}}}, \"defaultVariant\": \"on\"}}{}",
            if i + 1 < count { ", " } else { "" }
        )
    };
    many(count, of)
}

fn one(inside: &str) -> World {
    let plain = "\"variants\": {\"on\": true, \"off\": false}, \"defaultVariant\": \"on\"";
    let of = |inside: &str| format!("\"f\": {{\"state\": \"ENABLED\", {inside}}}");
    flagd(&of(plain), &of(inside), "")
}

fn targeting(inside: &str) -> World {
    one(&format!("\"variants\": {{\"on\": true, \"off\": false}}, \"defaultVariant\": \"on\", \"targeting\": {inside}"))
}

fn results(count: usize) -> World {
    let variants = many(count, |i| format!("\"v{i}\": {i}, "));
    let ifs = many(count, |i| format!("{{\"==\": [{{\"var\": \"a\"}}, {i}]}}, \"v{i}\", "));
    one(&format!(
        "\"variants\": {{{variants}\"on\": true}}, \"defaultVariant\": \"on\", \"targeting\": {{\"if\": [{ifs}\"on\"]}}"
    ))
}

fn twice(depth: usize) -> String {
    if depth == 0 {
        return "\"on\"".to_owned();
    }
    let inner = twice(depth - 1);
    format!("{{\"if\": [{{\"==\": [{{\"var\": \"a\"}}, {depth}]}}, {inner}, {inner}]}}")
}
