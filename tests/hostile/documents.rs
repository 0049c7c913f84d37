//! One file made to cost much.

use super::world::{Shape, World, edit, flag, many};

pub const SHAPES: &[Shape] = &[
    Shape { name: "unknown keys", from: 2_000, to: 80_000, of: |n| edit("", &many(n, |i| format!("k{i}: 1\n"))) },
    Shape {
        name: "unknown keys, changed",
        from: 2_000,
        to: 80_000,
        of: |n| edit(&many(n, |i| format!("k{i}: 1\n")), &many(n, |i| format!("k{i}: 2\n"))),
    },
    Shape {
        name: "unknown keys, others",
        from: 2_000,
        to: 80_000,
        of: |n| edit(&many(n, |i| format!("k{i}: 1\n")), &many(n, |i| format!("j{i}: 2\n"))),
    },
    Shape {
        name: "long unknown keys",
        from: 500,
        to: 5_000,
        of: |n| edit("", &many(n, |i| format!("{}{i}: 1\n", "k".repeat(180)))),
    },
    Shape {
        name: "keys inside",
        from: 2_000,
        to: 80_000,
        of: |n| edit("", &format!("exposureEvent:\n{}", many(n, |i| format!("  k{i}: 1\n")))),
    },
    Shape { name: "variants", from: 1_000, to: 60_000, of: |n| variants(n, "") },
    Shape {
        name: "variants, live",
        from: 250,
        to: 1_000,
        of: |n| {
            both(
                &listed("variants", n, |i| format!("{{key: v{i}, payload: 1}}")),
                &listed("variants", n, |i| format!("{{key: v{i}, payload: 2}}")),
            )
        },
    },
    Shape {
        name: "variants in another order",
        from: 1_000,
        to: 60_000,
        of: |n| {
            both(
                &listed("variants", n, |i| format!("{{key: v{i}}}")),
                &listed("variants", n, |i| format!("{{key: v{}}}", n - i)),
            )
        },
    },
    Shape {
        name: "variants with weights",
        from: 1_000,
        to: 30_000,
        of: |n| variants(n, &format!("rolloutWeights: {{{}}}\n", many(n, |i| format!("v{i}: {}, ", 1 + i % 7)))),
    },
    Shape {
        name: "variants and unknown weights",
        from: 1_000,
        to: 30_000,
        of: |n| variants(n, &format!("rolloutWeights: {{{}}}\n", many(n, |i| format!("w{i}: 1, ")))),
    },
    Shape {
        name: "the same variant",
        from: 1_000,
        to: 60_000,
        of: |n| both("", &listed("variants", n, |_| "{key: v}".to_owned())),
    },
    Shape {
        name: "unknown fields of variants",
        from: 1_000,
        to: 30_000,
        of: |n| both("", &listed("variants", n, |i| format!("{{key: v{i}, colour: 1}}"))),
    },
    Shape {
        name: "segments",
        from: 500,
        to: 20_000,
        of: |n| edit("", &listed("targetSegments", n, |i| segment(i, 10))),
    },
    Shape {
        name: "segments, changed",
        from: 500,
        to: 20_000,
        of: |n| {
            edit(&listed("targetSegments", n, |i| segment(i, 10)), &listed("targetSegments", n, |i| segment(i, 20)))
        },
    },
    Shape {
        name: "segments in another order",
        from: 500,
        to: 20_000,
        of: |n| {
            edit(&listed("targetSegments", n, |i| segment(i, 10)), &listed("targetSegments", n, |i| segment(n - i, 10)))
        },
    },
    Shape {
        name: "segments, others",
        from: 500,
        to: 20_000,
        of: |n| {
            edit(&listed("targetSegments", n, |i| segment(i, 10)), &listed("targetSegments", n, |i| segment(n + i, 10)))
        },
    },
    Shape {
        name: "segments and weights",
        from: 500,
        to: 8_000,
        of: |n| {
            edit(
                "",
                &listed("targetSegments", n, |i| {
                    format!("{{name: s{i}, percentage: {}, rolloutWeights: {{a: {i}, b: 1}}}}", i % 100)
                }),
            )
        },
    },
    Shape {
        name: "conditions",
        from: 500,
        to: 20_000,
        of: |n| {
            edit(
                "",
                &in_segment(&format!(
                    "conditions: [{}]",
                    many(n, |i| format!("{{prop: p{i}, op: is, values: [x]}}, "))
                )),
            )
        },
    },
    Shape {
        name: "conditions, changed",
        from: 500,
        to: 20_000,
        of: |n| {
            let of = |value: &str| {
                in_segment(&format!(
                    "conditions: [{}]",
                    many(n, |i| format!("{{prop: p{i}, op: is, values: [{value}]}}, "))
                ))
            };
            edit(&of("x"), &of("y"))
        },
    },
    Shape {
        name: "values of a condition",
        from: 2_000,
        to: 90_000,
        of: |n| {
            let of = |start: usize| {
                in_segment(&format!(
                    "conditions: [{{prop: p, op: is, values: [{}]}}]",
                    many(n, |i| format!("v{}, ", start + i))
                ))
            };
            edit(&of(0), &of(n / 2))
        },
    },
    Shape {
        name: "included users",
        from: 2_000,
        to: 90_000,
        of: |n| {
            both("", &format!("variants: [{{key: a, inclusions: {{users: [{}]}}}}]\n", many(n, |i| format!("u{i}, "))))
        },
    },
    Shape {
        name: "tags",
        from: 2_000,
        to: 90_000,
        of: |n| edit(&listed("tags", n, |i| format!("t{i}")), &listed("tags", n, |i| format!("t{}", i + 1))),
    },
    Shape {
        name: "parents",
        from: 2_000,
        to: 40_000,
        of: |n| edit("", &format!("parentDependencies: {{flags: {{{}}}}}\n", many(n, |i| format!("p{i}: [on], ")))),
    },
    Shape {
        name: "variants of a parent",
        from: 2_000,
        to: 90_000,
        of: |n| {
            edit(
                "",
                &format!("parentDependencies: {{flags: {{lead: [{}]}}}}\n", many(n, |i| format!("v{}, ", i % (n / 2)))),
            )
            .both(
                "flags/lead.yaml",
                &format!(
                    "key: lead\nkind: flag\nstate: active\nvariants: [{}]\n",
                    many(n / 2, |i| format!("{{key: v{i}}}, "))
                ),
            )
        },
    },
    Shape {
        name: "a list in a list in …",
        from: 1_000,
        to: 500_000,
        of: |n| edit("", &format!("payload: {}{}\n", "[".repeat(n), "]".repeat(n))),
    },
    Shape {
        name: "a map in a map in …",
        from: 1_000,
        to: 200_000,
        of: |n| edit("", &format!("payload: {}1{}\n", "{a: ".repeat(n), "}".repeat(n))),
    },
    Shape {
        name: "block lists in one line",
        from: 1_000,
        to: 500_000,
        of: |n| edit("", &format!("payload:\n  {}1\n", "- ".repeat(n))),
    },
    Shape {
        name: "block maps, deeper and deeper",
        from: 50,
        to: 1_400,
        of: |n| edit("", &format!("payload:\n{}", many(n, |i| format!("{}a:\n", " ".repeat(i + 1))))),
    },
    Shape {
        name: "a long string",
        from: 20_000,
        to: 1_000_000,
        of: |n| edit(&format!("description: {}\n", "a".repeat(n)), &format!("description: {}\n", "b".repeat(n))),
    },
    Shape {
        name: "a long string of other lines",
        from: 2_000,
        to: 100_000,
        of: |n| both(&lines_of(n, "a"), &lines_of(n, "b")),
    },
    Shape {
        name: "a long string of the same words",
        from: 2_000,
        to: 100_000,
        of: |n| {
            both(
                &format!("variants: [{{key: a, payload: \"{}\"}}]\n", many(n, |i| format!("word{} ", i % 7))),
                &format!("variants: [{{key: a, payload: \"{}\"}}]\n", many(n, |i| format!("word{} ", i % 5))),
            )
        },
    },
    Shape { name: "a long key", from: 20_000, to: 1_000_000, of: |n| edit("", &format!("{}: 1\n", "a".repeat(n))) },
    Shape {
        name: "quoted escapes",
        from: 10_000,
        to: 200_000,
        of: |n| edit("", &format!("description: \"{}\"\n", "\\x41".repeat(n))),
    },
    Shape {
        name: "letters of three bytes",
        from: 10_000,
        to: 300_000,
        of: |n| edit("", &format!("description: \"{}\"\n", "字".repeat(n))),
    },
    Shape {
        name: "values behind letters of three bytes",
        from: 2_000,
        to: 60_000,
        of: |n| edit("", &format!("payload: [{}]\n", "\"字\", ".repeat(n))),
    },
    Shape { name: "comments", from: 10_000, to: 250_000, of: |n| edit("", &"# x\n".repeat(n)) },
    Shape { name: "blank lines", from: 10_000, to: 900_000, of: |n| edit("", &"\n".repeat(n)) },
    Shape {
        name: "lines of a flow list",
        from: 10_000,
        to: 90_000,
        of: |n| edit("", &format!("tags: [\n{}]\n", many(n, |i| format!("  t{i},\n")))),
    },
    Shape {
        name: "digits",
        from: 10_000,
        to: 1_000_000,
        of: |n| edit("", &format!("rolloutWeights: {{a: {}, b: 1}}\n", "9".repeat(n))),
    },
    Shape {
        name: "numbers of fifteen digits",
        from: 1_000,
        to: 30_000,
        of: |n| variants(n, &format!("rolloutWeights: {{{}}}\n", many(n, |i| format!("v{i}: 9{:014}, ", i * 7919)))),
    },
    Shape { name: "what is not in the profile", from: 10_000, to: 200_000, of: |n| edit("", &"a: *b\n".repeat(n)) },
    Shape { name: "controls", from: 10_000, to: 300_000, of: |n| edit("", &"\u{202e}\u{85}".repeat(n)) },
    Shape {
        name: "anchors",
        from: 2_000,
        to: 40_000,
        of: |n| edit("", &many(n, |i| format!("k{i}: &a{i} [x]\nl{i}: *a{i}\n"))),
    },
    Shape { name: "quotes without an end", from: 10_000, to: 300_000, of: |n| edit("", &"a: \"b\n".repeat(n)) },
    Shape { name: "carriage returns", from: 10_000, to: 900_000, of: |n| edit("", &"\r".repeat(n)) },
];

fn both(before: &str, after: &str) -> World {
    World::new().live("flags/buy.yaml", flag(before)).proposed("flags/buy.yaml", flag(after))
}

fn listed(name: &str, count: usize, of: impl Fn(usize) -> String) -> String {
    format!("{name}: [{}]\n", many(count, |i| of(i) + ", "))
}

fn variants(count: usize, more: &str) -> World {
    both("variants: [{key: a}]\n", &(listed("variants", count, |i| format!("{{key: v{i}}}")) + more))
}

fn segment(at: usize, percentage: usize) -> String {
    format!("{{name: s{at}, percentage: {percentage}, conditions: [{{prop: a, op: is, values: [v{at}]}}]}}")
}

fn in_segment(inside: &str) -> String {
    format!("targetSegments: [{{name: s, percentage: 50, {inside}}}]\n")
}

fn lines_of(count: usize, word: &str) -> String {
    format!("variants:\n  - key: a\n    payload: |\n{}", many(count, |i| format!("      {word}{i}\n")))
}
