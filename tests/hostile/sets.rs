//! Many files, a large policy, much evidence.

use super::world::{Shape, World, flag, many};

pub const SHAPES: &[Shape] = &[
    Shape {
        name: "flags deleted and others created",
        from: 250,
        to: 8_000,
        of: |n| {
            (0..n).fold(World::new(), |world, i| {
                world
                    .live(format!("flags/a{i}.yaml"), keyed(&format!("a{i}"), "running", i))
                    .proposed(format!("flags/b{i}.yaml"), keyed(&format!("b{i}"), "running", i + n))
            })
        },
    },
    Shape {
        name: "flags renamed, all alike",
        from: 250,
        to: 8_000,
        of: |n| {
            (0..n).fold(World::new(), |world, i| {
                world
                    .live(format!("flags/a{i}.yaml"), keyed(&format!("a{i}"), "inactive", 1))
                    .proposed(format!("flags/b{i}.yaml"), keyed(&format!("b{i}"), "inactive", 1))
            })
        },
    },
    Shape {
        name: "flags moved",
        from: 250,
        to: 8_000,
        of: |n| {
            (0..n).fold(World::new(), |world, i| {
                let text = keyed(&format!("k{i}"), "running", i);
                world
                    .live(format!("flags/a/k{i}.yaml"), text.clone())
                    .proposed(format!("flags/b/k{}.yaml", n - i), text)
            })
        },
    },
    Shape {
        name: "new flags",
        from: 250,
        to: 8_000,
        of: |n| each(n, |i| (None, Some(keyed(&format!("k{i}"), "inactive", i)))),
    },
    Shape {
        name: "flags switched on",
        from: 250,
        to: 8_000,
        of: |n| {
            each(n, |i| (Some(keyed(&format!("k{i}"), "planning", i)), Some(keyed(&format!("k{i}"), "running", i))))
        },
    },
    Shape {
        name: "flags written differently",
        from: 250,
        to: 8_000,
        of: |n| {
            each(n, |i| {
                (Some(keyed(&format!("k{i}"), "running", i)), Some(keyed(&format!("k{i}"), "running", i) + "# x\n"))
            })
        },
    },
    Shape {
        name: "files with one key",
        from: 250,
        to: 8_000,
        of: |n| each(n, |i| (None, Some(keyed("same", "inactive", i)))),
    },
    Shape {
        name: "files that cannot be read",
        from: 250,
        to: 8_000,
        of: |n| each(n, |_| (None, Some("a: *b".to_owned()))),
    },
    Shape {
        name: "files that could not be read",
        from: 250,
        to: 8_000,
        of: |n| each(n, |i| (Some("a: *b".to_owned()), Some(keyed(&format!("k{i}"), "running", i)))),
    },
    Shape {
        name: "files of no format",
        from: 250,
        to: 8_000,
        of: |n| (0..n).fold(World::new(), |world, i| world.proposed(format!("flags/k{i}.txt"), "x")),
    },
    Shape { name: "a chain of parents", from: 100, to: 4_000, of: |n| each(n, |i| (None, Some(child(i, &[i + 1])))) },
    Shape {
        name: "a circle of parents",
        from: 100,
        to: 4_000,
        of: |n| each(n, |i| (None, Some(child(i, &[(i + 1) % n])))),
    },
    Shape {
        name: "everyone a parent of everyone",
        from: 20,
        to: 300,
        of: |n| each(n, |i| (None, Some(child(i, &(0..n).collect::<Vec<_>>())))),
    },
    Shape {
        name: "parents that are not there",
        from: 100,
        to: 4_000,
        of: |n| each(n, |i| (None, Some(child(i, &[n + i])))),
    },
    Shape {
        name: "lines of APPROVERS over a thousand files",
        from: 1_000,
        to: 50_000,
        of: |n| approvers(1_000, &many(n, |i| format!("flags/k{}.yaml @p{i}\n", i % 1_000))),
    },
    Shape {
        name: "the same line of APPROVERS",
        from: 1_000,
        to: 50_000,
        of: |n| approvers(1_000, &"flags/** @bob\n".repeat(n)),
    },
    Shape {
        name: "wild lines of APPROVERS",
        from: 1_000,
        to: 30_000,
        of: |n| approvers(300, &many(n, |i| format!("*{}*a*b @p{i}\n", i % 10))),
    },
    Shape {
        name: "lines that begin alike",
        from: 1_000,
        to: 30_000,
        of: |n| approvers(300, &many(n, |i| format!("flags/**/*{i}* @p\n"))),
    },
    Shape {
        name: "sections",
        from: 500,
        to: 20_000,
        of: |n| approvers(100, &many(n, |i| format!("[s{i}]\nflags/** @p{i}\n"))),
    },
    Shape {
        name: "names on one line",
        from: 1_000,
        to: 50_000,
        of: |n| approvers(100, &format!("flags/** {}\n", many(n, |i| format!("@p{i} ")))),
    },
    Shape {
        name: "headings of one section",
        from: 1_000,
        to: 30_000,
        of: |n| approvers(10, &many(n, |i| format!("[s][{}] @p{i}\nflags/** @q\n", 1 + i % 9))),
    },
    Shape {
        name: "stars of a pattern",
        from: 100,
        to: 4_000,
        of: |n| approvers(300, &many(50, |i| format!("{}x{i} @p\n", "*a".repeat(n / 2)))),
    },
    Shape {
        name: "stars of stars of a pattern",
        from: 100,
        to: 4_000,
        of: |n| approvers(300, &many(50, |i| format!("{}x{i} @p\n", "**/a/".repeat(n / 5)))),
    },
    Shape {
        name: "paths of a project",
        from: 500,
        to: 30_000,
        of: |n| {
            config(
                1_000,
                &format!(
                    "projects:\n  shop: {{paths: [\"flags/**\", {}], approvals: specific}}\n",
                    many(n, |i| format!("\"x{i}/**\", "))
                ),
            )
        },
    },
    Shape {
        name: "wild paths of a project",
        from: 500,
        to: 30_000,
        of: |n| {
            config(
                1_000,
                &format!(
                    "projects:\n  shop: {{paths: [\"flags/**\", {}], approvals: specific}}\n",
                    many(n, |i| format!("\"**/x{i}\", "))
                ),
            )
        },
    },
    Shape {
        name: "projects",
        from: 500,
        to: 12_000,
        of: |n| {
            config(
                1_000,
                &format!(
                    "projects:\n  shop: {{paths: [\"flags/**\"], approvals: specific}}\n{}",
                    many(n, |i| format!("  p{i}: {{paths: [\"x{i}/**\"], approvals: peer}}\n"))
                ),
            )
        },
    },
    Shape {
        name: "projects that all have the files",
        from: 500,
        to: 12_000,
        of: |n| {
            config(
                100,
                &format!(
                    "projects:\n  shop: {{paths: [\"flags/**\"], approvals: specific}}\n{}",
                    many(n, |i| format!("  p{i}: {{paths: [\"flags/**\"], approvals: peer}}\n"))
                ),
            )
        },
    },
    Shape {
        name: "protected paths",
        from: 500,
        to: 30_000,
        of: |n| config(1_000, &format!("{SHOP}protect: [{}]\n", many(n, |i| format!("\"x{i}/**\", ")))),
    },
    Shape {
        name: "formats",
        from: 500,
        to: 30_000,
        of: |n| config(1_000, &format!("{SHOP}formats:\n{}", many(n, |i| format!("  \"x{i}/**\": native\n")))),
    },
    Shape {
        name: "admins",
        from: 500,
        to: 30_000,
        of: |n| {
            World::new().proposed(
                ".countersign/config.yaml",
                format!("version: 1\nadmins: [{}]\n{SHOP}", many(n, |i| format!("\"@r{i}\", "))),
            )
        },
    },
    Shape {
        name: "teams",
        from: 500,
        to: 20_000,
        of: |n| config(10, &format!("{SHOP}teams:\n{}", many(n, |i| format!("  \"@a/t{i}\": [\"@b{i}\"]\n")))),
    },
    Shape {
        name: "members of a team",
        from: 500,
        to: 30_000,
        of: |n| config(10, &format!("{SHOP}teams:\n  \"@a/t\": [{}]\n", many(n, |i| format!("\"@b{i}\", ")))),
    },
    Shape {
        name: "narrowed sections",
        from: 500,
        to: 12_000,
        of: |n| config(10, &format!("{SHOP}sections:\n{}", many(n, |i| format!("  s{i}: {{only: [rollout]}}\n")))),
    },
    Shape {
        name: "fields added",
        from: 500,
        to: 30_000,
        of: |n| config(10, &format!("{SHOP}critical: {{add: [{}]}}\n", many(n, |i| format!("f{i}, ")))),
    },
    Shape {
        name: "unknown keys of the policy",
        from: 500,
        to: 60_000,
        of: |n| config(10, &format!("{SHOP}{}", many(n, |i| format!("k{i}: 1\n")))),
    },
    Shape {
        name: "reviews",
        from: 500,
        to: 20_000,
        of: |n| {
            evidence(&format!(
                "\"reviews\": [{}]",
                joined(n, |i| format!(
                    "{{\"login\": \"p{i}\", \"kind\": \"User\", \"state\": \"APPROVED\", \"submittedAt\": \"2026-11-23T11:00:00Z\"}}"
                ))
            ))
        },
    },
    Shape {
        name: "reviews of one person",
        from: 500,
        to: 20_000,
        of: |n| {
            evidence(&format!(
                "\"reviews\": [{}], \"dismissals\": [{}]",
                joined(n, |i| format!(
                    "{{\"login\": \"alice\", \"kind\": \"User\", \"state\": \"{}\", \"submittedAt\": \"2026-11-23T{:02}:{:02}:{:02}Z\"}}",
                    ["APPROVED", "CHANGES_REQUESTED", "DISMISSED"][i % 3],
                    i / 3600,
                    i / 60 % 60,
                    i % 60
                )),
                joined(20, |i| format!(
                    "{{\"review\": \"alice\", \"by\": \"d{i}\", \"at\": \"2026-11-23T11:30:00Z\", \"was\": \"APPROVED\"}}"
                ))
            ))
        },
    },
    Shape {
        name: "contributors",
        from: 500,
        to: 20_000,
        of: |n| evidence(&format!("\"contributors\": [{}]", joined(n, |i| format!("\"c{i}\"")))),
    },
    Shape {
        name: "displayed revisions",
        from: 500,
        to: 20_000,
        of: |n| {
            evidence(&format!(
                "\"shown\": [{}], \"reviews\": [{{\"login\": \"alice\", \"kind\": \"User\", \"state\": \"APPROVED\", \"submittedAt\": \"2026-11-23T11:00:00Z\"}}]",
                joined(n, |i| format!(
                    "{{\"at\": \"2026-11-23T{:02}:{:02}:{:02}Z\", \"digests\": {{\"shop/buy\": \"1a2b3c4d\"}}}}",
                    i / 3600,
                    i / 60 % 60,
                    i % 60
                ))
            ))
        },
    },
    Shape {
        name: "open pull requests",
        from: 500,
        to: 20_000,
        of: |n| {
            evidence(&format!(
                "\"open\": [{}]",
                joined(n, |i| format!(
                    "{{\"pull\": {}, \"requestor\": \"kim\", \"draft\": false, \"outsider\": false, \"touches\": {{\"shop/buy\": \"2026-11-20T08:00:00Z\"}}}}",
                    i + 100
                ))
            ))
        },
    },
    Shape {
        name: "overrides",
        from: 500,
        to: 20_000,
        of: |n| {
            evidence(&format!(
                "\"overrides\": [{}]",
                joined(n, |i| format!(
                    "{{\"login\": \"o{i}\", \"at\": \"2026-11-23T11:00:00Z\", \"digest\": \"1a2b3c4d\", \"reason\": \"x\"}}"
                ))
            ))
        },
    },
    Shape {
        name: "members of a team in the evidence",
        from: 500,
        to: 20_000,
        of: |n| evidence(&format!("\"teams\": {{\"@a/t\": [{}]}}", joined(n, |i| format!("\"c{i}\"")))),
    },
    Shape {
        name: "what was not read",
        from: 500,
        to: 20_000,
        of: |n| evidence(&format!("\"unread\": [{}]", joined(n, |i| format!("\"the page {i}\"")))),
    },
    Shape {
        name: "flags and reviews",
        from: 50,
        to: 1_600,
        of: |n| {
            let flags = each(20, |i| {
                (Some(keyed(&format!("k{i}"), "running", i)), Some(keyed(&format!("k{i}"), "running", i + 1)))
            });
            World { evidence: evidence(&format!("\"reviews\": [{}]", joined(n, |i| format!("{{\"login\": \"p{i}\", \"kind\": \"User\", \"state\": \"APPROVED\", \"submittedAt\": \"2026-11-23T11:00:00Z\"}}")))).evidence, ..flags }
        },
    },
];

const SHOP: &str = "projects:\n  shop: {paths: [\"flags/**\"], approvals: specific}\n";

fn keyed(key: &str, state: &str, weight: usize) -> String {
    format!(
        "key: {key}\nkind: experiment\nstate: {state}\nvariants: [{{key: a}}, {{key: b}}]\nrolloutPercentage: 20\nrolloutWeights: {{a: {}, b: 1}}\n",
        weight + 1
    )
}

fn child(at: usize, parents: &[usize]) -> String {
    let parents = parents.iter().map(|parent| format!("k{parent}: [a], ")).collect::<String>();
    format!("{}parentDependencies: {{flags: {{{parents}}}}}\n", keyed(&format!("k{at}"), "inactive", at))
}

fn each(count: usize, of: impl Fn(usize) -> (Option<String>, Option<String>)) -> World {
    (0..count).fold(World::new(), |mut world, i| {
        let path = format!("flags/k{i}.yaml");
        let (before, after) = of(i);
        if let Some(text) = before {
            world = world.live(path.clone(), text);
        }
        if let Some(text) = after {
            world = world.proposed(path, text);
        }
        world
    })
}

/// A proposal that changes APPROVERS where there are so many flags.
fn approvers(files: usize, text: &str) -> World {
    (0..files)
        .fold(World::new(), |world, i| world.both(&format!("flags/k{i}.yaml"), &keyed(&format!("k{i}"), "running", i)))
        .proposed(".countersign/APPROVERS", format!("flags/** @alice\n{text}"))
}

/// A proposal that changes the configuration where there are so many flags.
fn config(files: usize, text: &str) -> World {
    (0..files)
        .fold(World::new(), |world, i| world.both(&format!("flags/k{i}.yaml"), &keyed(&format!("k{i}"), "running", i)))
        .proposed(".countersign/config.yaml", format!("version: 1\nadmins: [\"@root\"]\n{text}"))
}

fn joined(count: usize, of: impl Fn(usize) -> String) -> String {
    (0..count).map(of).collect::<Vec<_>>().join(", ")
}

fn evidence(members: &str) -> World {
    let text = format!(
        "{{\"schema\": \"countersign/evidence/v1\", \"now\": \"2026-11-23T12:00:00Z\", \"requestor\": \"jo\", \"permissions\": {{\"alice\": \"write\"}}, {members}}}"
    );
    let world = World::new()
        .live("flags/buy.yaml", flag("variants: [{key: a}]\n"))
        .proposed("flags/buy.yaml", flag("variants: [{key: a}, {key: b}]\n"));
    World { evidence: Some(text), ..world }
}
