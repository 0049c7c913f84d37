//! One file of flagd's made to cost much.

use super::world::{Shape, World, many};

pub const SHAPES: &[Shape] = &[
    Shape { name: "flags of flagd", from: 500, to: 15_000, of: |n| flagd(&flags(n, 1, ""), &flags(n, 2, ""), "") },
    Shape { name: "flags of flagd, new", from: 500, to: 15_000, of: |n| flagd("", &flags(n, 2, ""), "") },
    Shape {
        name: "flags of flagd, gone",
        from: 500,
        to: 15_000,
        of: |n| flagd(&flags(n, 2, ""), &flags(1, 3, ""), ""),
    },
    Shape {
        name: "flags of flagd, others",
        from: 500,
        to: 15_000,
        of: |n| flagd(&flags(n, 1, ""), &flags(n, 2, "x"), ""),
    },
    Shape {
        name: "flags of flagd and unknown members of the file",
        from: 200,
        to: 5_000,
        of: |n| flagd(&flags(n, 1, ""), &flags(n, 2, ""), &many(n.min(90), |i| format!(", \"u{i}\": {i}"))),
    },
    Shape {
        name: "members of the file",
        from: 1_000,
        to: 60_000,
        of: |n| flagd(&flags(2, 1, ""), &flags(2, 2, ""), &many(n, |i| format!(", \"u{i}\": {i}"))),
    },
    Shape {
        name: "metadata of the file",
        from: 1_000,
        to: 60_000,
        of: |n| {
            flagd(
                &flags(2, 1, ""),
                &flags(2, 2, ""),
                &format!(", \"metadata\": {{{}\"z\": 1}}", many(n, |i| format!("\"u{i}\": {i}, "))),
            )
        },
    },
    Shape {
        // Each flag holds what the file has, so that both together grow as their product, up to a budget.
        name: "metadata of a file of twenty flags",
        from: 200,
        to: 4_000,
        of: |n| {
            flagd(
                &flags(20, 1, ""),
                &flags(20, 2, ""),
                &format!(", \"metadata\": {{{}\"z\": 1}}", many(n, |i| format!("\"u{i}\": {i}, "))),
            )
        },
    },
    Shape {
        name: "variants of flagd",
        from: 1_000,
        to: 60_000,
        of: |n| {
            one(&format!(
                "\"variants\": {{{}\"on\": true}}, \"defaultVariant\": \"on\"",
                many(n, |i| format!("\"v{i}\": {i}, "))
            ))
        },
    },
    Shape {
        name: "unknown members of a flag of flagd",
        from: 1_000,
        to: 60_000,
        of: |n| targeting(&format!("null, {}\"z\": 1", many(n, |i| format!("\"u{i}\": {i}, ")))),
    },
    Shape { name: "results", from: 500, to: 20_000, of: |n| results(n) },
    Shape {
        name: "results of the same condition",
        from: 500,
        to: 20_000,
        of: |n| {
            targeting(&format!(
                "{{\"if\": [{}\"on\"]}}",
                many(n, |i| format!("{{\"==\": [{{\"var\": \"a\"}}, 1]}}, \"{}\", ", ["on", "off"][i % 2]))
            ))
        },
    },
    Shape {
        name: "pairs of a fractional",
        from: 500,
        to: 40_000,
        of: |n| {
            targeting(&format!(
                "{{\"fractional\": [{}[\"on\", 1]]}}",
                many(n, |i| format!("[\"{}\", {}], ", ["on", "off"][i % 2], i % 5))
            ))
        },
    },
    Shape {
        name: "fractionals",
        from: 100,
        to: 8_000,
        of: |n| {
            targeting(&format!(
                "{{\"if\": [{}\"on\"]}}",
                many(n, |i| format!(
                    "{{\"==\": [{{\"var\": \"a\"}}, {i}]}}, {{\"fractional\": [[\"on\", 1], [\"off\", {i}]]}}, "
                ))
            ))
        },
    },
    Shape {
        name: "an `if` in an `if` in …",
        from: 4,
        to: 200,
        of: |n| {
            targeting(&format!(
                "{}\"on\"{}",
                many(n, |i| format!("{{\"if\": [{{\"==\": [{{\"var\": \"a\"}}, {i}]}}, \"off\", ")),
                "]}".repeat(n)
            ))
        },
    },
    Shape {
        name: "both ways of an `if`, again and again",
        from: 4,
        to: 4_096,
        of: |n| targeting(&twice(n.ilog2() as usize)),
    },
    Shape {
        name: "values of an `in`",
        from: 2_000,
        to: 90_000,
        of: |n| {
            targeting(&format!(
                "{{\"if\": [{{\"in\": [{{\"var\": \"a\"}}, [{}1]]}}, \"on\", \"off\"]}}",
                many(n, |i| format!("{i}, "))
            ))
        },
    },
    Shape {
        name: "evaluators",
        from: 500,
        to: 20_000,
        of: |n| {
            flagd(
                &flags(1, 1, ""),
                &flags(1, 2, ""),
                &format!(
                    ", \"$evaluators\": {{{}\"z\": true}}",
                    many(n, |i| format!("\"e{i}\": {{\"==\": [1, {i}]}}, "))
                ),
            )
        },
    },
    Shape {
        name: "references to one evaluator",
        from: 500,
        to: 20_000,
        of: |n| {
            flagd(
                &flags(1, 1, ""),
                &format!(
                    "\"f\": {{\"state\": \"ENABLED\", \"variants\": {{\"on\": true, \"off\": false}}, \"defaultVariant\": \"on\", \"targeting\": {{\"if\": [{}\"on\"]}}}}",
                    many(n, |_| "{\"$ref\": \"e\"}, \"off\", ".to_owned())
                ),
                ", \"$evaluators\": {\"e\": {\"in\": [{\"var\": \"a\"}, [1, 2, 3, 4, 5, 6, 7, 8]]}}",
            )
        },
    },
    Shape {
        name: "unclosed JSON",
        from: 10_000,
        to: 900_000,
        of: |n| world("flags/a.flagd.json", "{}", &"[".repeat(n)),
    },
    Shape {
        name: "a key of JSON twice, and again",
        from: 2_000,
        to: 90_000,
        of: |n| world("flags/a.flagd.json", "{}", &format!("{{{}\"z\": 1}}", "\"a\": 1, ".repeat(n))),
    },
    Shape {
        name: "comments without an end",
        from: 2_000,
        to: 300_000,
        of: |n| world("flags/a.flagd.json5", "{}", &format!("{{{}", "/* ".repeat(n))),
    },
    Shape {
        name: "aliases of YAML",
        from: 500,
        to: 40_000,
        of: |n| {
            world(
                "flags/a.flagd.yaml",
                "flags: {}",
                &format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(n), "*a, ".repeat(n)),
            )
        },
    },
    Shape {
        name: "merges of YAML",
        from: 500,
        to: 20_000,
        of: |n| {
            world(
                "flags/a.flagd.yaml",
                "flags: {}",
                &format!(
                    "a: &a {{{}}}\nb:\n{}",
                    many(n, |i| format!("k{i}: 1, ")),
                    many(n, |i| format!("  m{i}: {{<<: *a}}\n"))
                ),
            )
        },
    },
    Shape {
        name: "one merge of many maps",
        from: 500,
        to: 20_000,
        of: |n| {
            world("flags/a.flagd.yaml", "flags: {}", &format!("a: &a {{x: 1}}\nb: {{<<: [{}*a]}}\n", "*a, ".repeat(n)))
        },
    },
    Shape {
        name: "flow lists of YAML",
        from: 500,
        to: 400_000,
        of: |n| world("flags/a.flagd.yaml", "flags: {}", &"[".repeat(n)),
    },
    Shape {
        name: "exponents",
        from: 500,
        to: 30_000,
        of: |n| {
            targeting(&format!(
                "{{\"fractional\": [{}[\"on\", 1]]}}",
                many(n, |i| format!("[\"off\", 1e-{}], ", 1 + i % 300))
            ))
        },
    },
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
