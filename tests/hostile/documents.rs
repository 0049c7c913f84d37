//! One file made to cost much.

use super::world::{Shape, World, edit, flag, many, shape};

pub const SHAPES: &[Shape] = &[
    shape("unknown keys", 2_000, 80_000, |n| edit("", &many(n, |i| format!("k{i}: 1\n")))),
    shape("unknown keys, changed", 2_000, 80_000, |n| {
        edit(&many(n, |i| format!("k{i}: 1\n")), &many(n, |i| format!("k{i}: 2\n")))
    }),
    shape("unknown keys, others", 2_000, 80_000, |n| {
        edit(&many(n, |i| format!("k{i}: 1\n")), &many(n, |i| format!("j{i}: 2\n")))
    }),
    shape("long unknown keys", 500, 5_000, |n| edit("", &many(n, |i| format!("{}{i}: 1\n", "k".repeat(180))))),
    shape("keys inside", 2_000, 80_000, |n| {
        edit("", &format!("exposureEvent:\n{}", many(n, |i| format!("  k{i}: 1\n"))))
    }),
    shape("variants", 1_000, 60_000, |n| variants(n, "")),
    shape("variants, live", 250, 1_000, |n| {
        both(
            &listed("variants", n, |i| format!("{{key: v{i}, payload: 1}}")),
            &listed("variants", n, |i| format!("{{key: v{i}, payload: 2}}")),
        )
    }),
    shape("variants in another order", 1_000, 60_000, |n| {
        both(
            &listed("variants", n, |i| format!("{{key: v{i}}}")),
            &listed("variants", n, |i| format!("{{key: v{}}}", n - i)),
        )
    }),
    shape("variants with weights", 1_000, 30_000, |n| {
        variants(n, &format!("rolloutWeights: {{{}}}\n", many(n, |i| format!("v{i}: {}, ", 1 + i % 7))))
    }),
    shape("variants and unknown weights", 1_000, 30_000, |n| {
        variants(n, &format!("rolloutWeights: {{{}}}\n", many(n, |i| format!("w{i}: 1, "))))
    }),
    shape("the same variant", 1_000, 60_000, |n| both("", &listed("variants", n, |_| "{key: v}".to_owned()))),
    shape("unknown fields of variants", 1_000, 30_000, |n| {
        both("", &listed("variants", n, |i| format!("{{key: v{i}, colour: 1}}")))
    }),
    shape("segments", 500, 20_000, |n| edit("", &listed("targetSegments", n, |i| segment(i, 10)))),
    shape("segments, changed", 500, 20_000, |n| {
        edit(&listed("targetSegments", n, |i| segment(i, 10)), &listed("targetSegments", n, |i| segment(i, 20)))
    }),
    shape("segments in another order", 500, 20_000, |n| {
        edit(&listed("targetSegments", n, |i| segment(i, 10)), &listed("targetSegments", n, |i| segment(n - i, 10)))
    }),
    shape("segments, others", 500, 20_000, |n| {
        edit(&listed("targetSegments", n, |i| segment(i, 10)), &listed("targetSegments", n, |i| segment(n + i, 10)))
    }),
    shape("segments and weights", 500, 8_000, |n| {
        edit(
            "",
            &listed("targetSegments", n, |i| {
                format!("{{name: s{i}, percentage: {}, rolloutWeights: {{a: {i}, b: 1}}}}", i % 100)
            }),
        )
    }),
    shape("conditions", 500, 20_000, |n| {
        edit(
            "",
            &in_segment(&format!("conditions: [{}]", many(n, |i| format!("{{prop: p{i}, op: is, values: [x]}}, ")))),
        )
    }),
    shape("conditions, changed", 500, 20_000, |n| {
        let of = |value: &str| {
            in_segment(&format!(
                "conditions: [{}]",
                many(n, |i| format!("{{prop: p{i}, op: is, values: [{value}]}}, "))
            ))
        };
        edit(&of("x"), &of("y"))
    }),
    shape("values of a condition", 2_000, 90_000, |n| {
        let of = |start: usize| {
            in_segment(&format!(
                "conditions: [{{prop: p, op: is, values: [{}]}}]",
                many(n, |i| format!("v{}, ", start + i))
            ))
        };
        edit(&of(0), &of(n / 2))
    }),
    shape("included users", 2_000, 90_000, |n| {
        both("", &format!("variants: [{{key: a, inclusions: {{users: [{}]}}}}]\n", many(n, |i| format!("u{i}, "))))
    }),
    shape("tags", 2_000, 90_000, |n| {
        edit(&listed("tags", n, |i| format!("t{i}")), &listed("tags", n, |i| format!("t{}", i + 1)))
    }),
    shape("parents", 2_000, 40_000, |n| {
        edit("", &format!("parentDependencies: {{flags: {{{}}}}}\n", many(n, |i| format!("p{i}: [on], "))))
    }),
    shape("variants of a parent", 2_000, 90_000, |n| {
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
    }),
    shape("a list in a list in …", 1_000, 500_000, |n| {
        edit("", &format!("payload: {}{}\n", "[".repeat(n), "]".repeat(n)))
    }),
    shape("a map in a map in …", 1_000, 200_000, |n| {
        edit("", &format!("payload: {}1{}\n", "{a: ".repeat(n), "}".repeat(n)))
    }),
    shape("block lists in one line", 1_000, 500_000, |n| edit("", &format!("payload:\n  {}1\n", "- ".repeat(n)))),
    shape("block maps, deeper and deeper", 50, 1_400, |n| {
        edit("", &format!("payload:\n{}", many(n, |i| format!("{}a:\n", " ".repeat(i + 1)))))
    }),
    shape("a long string", 20_000, 1_000_000, |n| {
        edit(&format!("description: {}\n", "a".repeat(n)), &format!("description: {}\n", "b".repeat(n)))
    }),
    shape("a long string of other lines", 2_000, 100_000, |n| both(&lines_of(n, "a"), &lines_of(n, "b"))),
    shape("a long string of the same words", 2_000, 100_000, |n| {
        both(
            &format!("variants: [{{key: a, payload: \"{}\"}}]\n", many(n, |i| format!("word{} ", i % 7))),
            &format!("variants: [{{key: a, payload: \"{}\"}}]\n", many(n, |i| format!("word{} ", i % 5))),
        )
    }),
    shape("a long key", 20_000, 1_000_000, |n| edit("", &format!("{}: 1\n", "a".repeat(n)))),
    shape("quoted escapes", 10_000, 200_000, |n| edit("", &format!("description: \"{}\"\n", "\\x41".repeat(n)))),
    shape("letters of three bytes", 10_000, 300_000, |n| edit("", &format!("description: \"{}\"\n", "字".repeat(n)))),
    shape("values behind letters of three bytes", 2_000, 60_000, |n| {
        edit("", &format!("payload: [{}]\n", "\"字\", ".repeat(n)))
    }),
    shape("comments", 10_000, 250_000, |n| edit("", &"# x\n".repeat(n))),
    shape("blank lines", 10_000, 900_000, |n| edit("", &"\n".repeat(n))),
    shape("lines of a flow list", 10_000, 90_000, |n| {
        edit("", &format!("tags: [\n{}]\n", many(n, |i| format!("  t{i},\n"))))
    }),
    shape("digits", 10_000, 1_000_000, |n| edit("", &format!("rolloutWeights: {{a: {}, b: 1}}\n", "9".repeat(n)))),
    shape("numbers of fifteen digits", 1_000, 30_000, |n| {
        variants(n, &format!("rolloutWeights: {{{}}}\n", many(n, |i| format!("v{i}: 9{:014}, ", i * 7919))))
    }),
    shape("what is not in the profile", 10_000, 200_000, |n| edit("", &"a: *b\n".repeat(n))),
    shape("controls", 10_000, 300_000, |n| edit("", &"\u{202e}\u{85}".repeat(n))),
    shape("anchors", 2_000, 40_000, |n| edit("", &many(n, |i| format!("k{i}: &a{i} [x]\nl{i}: *a{i}\n")))),
    shape("quotes without an end", 10_000, 300_000, |n| edit("", &"a: \"b\n".repeat(n))),
    shape("carriage returns", 10_000, 900_000, |n| edit("", &"\r".repeat(n))),
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
