//! Many files, a large policy, much evidence.

use super::world::{Shape, World, flag, many, shape};

pub const SHAPES: &[Shape] = &[
    shape("flags deleted and others created", 250, 8_000, |n| {
        (0..n).fold(World::new(), |world, i| {
            world
                .live(format!("flags/a{i}.yaml"), keyed(&format!("a{i}"), "running", i))
                .proposed(format!("flags/b{i}.yaml"), keyed(&format!("b{i}"), "running", i + n))
        })
    }),
    shape("flags renamed, all alike", 250, 8_000, |n| {
        (0..n).fold(World::new(), |world, i| {
            world
                .live(format!("flags/a{i}.yaml"), keyed(&format!("a{i}"), "inactive", 1))
                .proposed(format!("flags/b{i}.yaml"), keyed(&format!("b{i}"), "inactive", 1))
        })
    }),
    shape("flags moved", 250, 8_000, |n| {
        (0..n).fold(World::new(), |world, i| {
            let text = keyed(&format!("k{i}"), "running", i);
            world.live(format!("flags/a/k{i}.yaml"), text.clone()).proposed(format!("flags/b/k{}.yaml", n - i), text)
        })
    }),
    shape("new flags", 250, 8_000, |n| each(n, |i| (None, Some(keyed(&format!("k{i}"), "inactive", i))))),
    shape("flags switched on", 250, 8_000, |n| {
        each(n, |i| (Some(keyed(&format!("k{i}"), "planning", i)), Some(keyed(&format!("k{i}"), "running", i))))
    }),
    shape("flags written differently", 250, 8_000, |n| {
        each(n, |i| {
            (Some(keyed(&format!("k{i}"), "running", i)), Some(keyed(&format!("k{i}"), "running", i) + "# x\n"))
        })
    }),
    shape("files with one key", 250, 8_000, |n| each(n, |i| (None, Some(keyed("same", "inactive", i))))),
    shape("files that cannot be read", 250, 8_000, |n| each(n, |_| (None, Some("a: *b".to_owned())))),
    shape("files that could not be read", 250, 8_000, |n| {
        each(n, |i| (Some("a: *b".to_owned()), Some(keyed(&format!("k{i}"), "running", i))))
    }),
    shape("files of no format", 250, 8_000, |n| {
        (0..n).fold(World::new(), |world, i| world.proposed(format!("flags/k{i}.txt"), "x"))
    }),
    shape("a chain of parents", 100, 4_000, |n| each(n, |i| (None, Some(child(i, &[i + 1]))))),
    shape("a circle of parents", 100, 4_000, |n| each(n, |i| (None, Some(child(i, &[(i + 1) % n]))))),
    shape("everyone a parent of everyone", 20, 300, |n| {
        each(n, |i| (None, Some(child(i, &(0..n).collect::<Vec<_>>()))))
    }),
    shape("parents that are not there", 100, 4_000, |n| each(n, |i| (None, Some(child(i, &[n + i]))))),
    shape("lines of APPROVERS over a thousand files", 1_000, 50_000, |n| {
        approvers(1_000, &many(n, |i| format!("flags/k{}.yaml @p{i}\n", i % 1_000)))
    }),
    shape("the same line of APPROVERS", 1_000, 50_000, |n| approvers(1_000, &"flags/** @bob\n".repeat(n))),
    shape("wild lines of APPROVERS", 1_000, 30_000, |n| {
        approvers(300, &many(n, |i| format!("*{}*a*b @p{i}\n", i % 10)))
    }),
    shape("lines that begin alike", 1_000, 30_000, |n| approvers(300, &many(n, |i| format!("flags/**/*{i}* @p\n")))),
    shape("sections", 500, 20_000, |n| approvers(100, &many(n, |i| format!("[s{i}]\nflags/** @p{i}\n")))),
    shape("names on one line", 1_000, 50_000, |n| {
        approvers(100, &format!("flags/** {}\n", many(n, |i| format!("@p{i} "))))
    }),
    shape("headings of one section", 1_000, 30_000, |n| {
        approvers(10, &many(n, |i| format!("[s][{}] @p{i}\nflags/** @q\n", 1 + i % 9)))
    }),
    shape("stars of a pattern", 100, 4_000, |n| {
        approvers(300, &many(50, |i| format!("{}x{i} @p\n", "*a".repeat(n / 2))))
    }),
    shape("stars of stars of a pattern", 100, 4_000, |n| {
        approvers(300, &many(50, |i| format!("{}x{i} @p\n", "**/a/".repeat(n / 5))))
    }),
    shape("paths of a project", 500, 30_000, |n| {
        config(
            1_000,
            &format!(
                "projects:\n  shop: {{paths: [\"flags/**\", {}], approvals: specific}}\n",
                many(n, |i| format!("\"x{i}/**\", "))
            ),
        )
    }),
    shape("wild paths of a project", 500, 30_000, |n| {
        config(
            1_000,
            &format!(
                "projects:\n  shop: {{paths: [\"flags/**\", {}], approvals: specific}}\n",
                many(n, |i| format!("\"**/x{i}\", "))
            ),
        )
    }),
    shape("projects", 500, 12_000, |n| {
        config(
            1_000,
            &format!(
                "projects:\n  shop: {{paths: [\"flags/**\"], approvals: specific}}\n{}",
                many(n, |i| format!("  p{i}: {{paths: [\"x{i}/**\"], approvals: peer}}\n"))
            ),
        )
    }),
    shape("projects that all have the files", 500, 12_000, |n| {
        config(
            100,
            &format!(
                "projects:\n  shop: {{paths: [\"flags/**\"], approvals: specific}}\n{}",
                many(n, |i| format!("  p{i}: {{paths: [\"flags/**\"], approvals: peer}}\n"))
            ),
        )
    }),
    shape("protected paths", 500, 30_000, |n| {
        config(1_000, &format!("{SHOP}protect: [{}]\n", many(n, |i| format!("\"x{i}/**\", "))))
    }),
    shape("formats", 500, 30_000, |n| {
        config(1_000, &format!("{SHOP}formats:\n{}", many(n, |i| format!("  \"x{i}/**\": native\n"))))
    }),
    shape("admins", 500, 30_000, |n| {
        World::new().proposed(
            ".countersign/config.yaml",
            format!("version: 1\nadmins: [{}]\n{SHOP}", many(n, |i| format!("\"@r{i}\", "))),
        )
    }),
    shape("teams", 500, 20_000, |n| {
        config(10, &format!("{SHOP}teams:\n{}", many(n, |i| format!("  \"@a/t{i}\": [\"@b{i}\"]\n"))))
    }),
    shape("members of a team", 500, 30_000, |n| {
        config(10, &format!("{SHOP}teams:\n  \"@a/t\": [{}]\n", many(n, |i| format!("\"@b{i}\", "))))
    }),
    shape("narrowed sections", 500, 12_000, |n| {
        config(10, &format!("{SHOP}sections:\n{}", many(n, |i| format!("  s{i}: {{only: [rollout]}}\n"))))
    }),
    shape("fields added", 500, 30_000, |n| {
        config(10, &format!("{SHOP}critical: {{add: [{}]}}\n", many(n, |i| format!("f{i}, "))))
    }),
    shape("unknown keys of the policy", 500, 60_000, |n| {
        config(10, &format!("{SHOP}{}", many(n, |i| format!("k{i}: 1\n"))))
    }),
    shape("reviews", 500, 20_000, |n| {
        evidence(&format!(
            "\"reviews\": [{}]",
            joined(n, |i| format!(
                "{{\"login\": \"p{i}\", \"kind\": \"User\", \"state\": \"APPROVED\", \"submittedAt\": \"2026-11-23T11:00:00Z\"}}"
            ))
        ))
    }),
    shape("reviews of one person", 500, 20_000, |n| {
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
    }),
    shape("contributors", 500, 20_000, |n| {
        evidence(&format!("\"contributors\": [{}]", joined(n, |i| format!("\"c{i}\""))))
    }),
    shape("displayed revisions", 500, 20_000, |n| {
        evidence(&format!(
            "\"displayed\": [{}], \"reviews\": [{{\"login\": \"alice\", \"kind\": \"User\", \"state\": \"APPROVED\", \"submittedAt\": \"2026-11-23T11:00:00Z\"}}]",
            joined(n, |i| format!(
                "{{\"at\": \"2026-11-23T{:02}:{:02}:{:02}Z\", \"digests\": {{\"shop/buy\": \"1a2b3c4d\"}}}}",
                i / 3600,
                i / 60 % 60,
                i % 60
            ))
        ))
    }),
    shape("open pull requests", 500, 20_000, |n| {
        evidence(&format!(
            "\"open\": [{}]",
            joined(n, |i| format!(
                "{{\"pull\": {}, \"requestor\": \"kim\", \"draft\": false, \"outsider\": false, \"touches\": {{\"shop/buy\": \"2026-11-20T08:00:00Z\"}}}}",
                i + 100
            ))
        ))
    }),
    shape("overrides", 500, 20_000, |n| {
        evidence(&format!(
            "\"overrides\": [{}]",
            joined(n, |i| format!(
                "{{\"login\": \"o{i}\", \"at\": \"2026-11-23T11:00:00Z\", \"digest\": \"1a2b3c4d\", \"reason\": \"x\"}}"
            ))
        ))
    }),
    shape("members of a team in the evidence", 500, 20_000, |n| {
        evidence(&format!("\"teams\": {{\"@a/t\": [{}]}}", joined(n, |i| format!("\"c{i}\""))))
    }),
    shape("what was not read", 500, 20_000, |n| {
        evidence(&format!("\"unread\": [{}]", joined(n, |i| format!("\"the page {i}\""))))
    }),
    shape("dismissed reviews", 500, 20_000, |n| {
        evidence(&format!(
            "\"reviews\": [{}], \"dismissals\": [{}]",
            joined(n, |i| review(&format!("p{i}"), "DISMISSED")),
            joined(n, |i| dismissal(&format!("p{i}")))
        ))
    }),
    shape("dismissals of one review, again and again", 500, 20_000, |n| {
        evidence(&format!(
            "\"reviews\": [{}], \"dismissals\": [{}]",
            joined(n, |_| review("alice", "DISMISSED")),
            joined(n, |_| dismissal("alice"))
        ))
    }),
    shape("flags and reviews", 50, 1_600, |n| flags_and(20, &format!("\"reviews\": [{}]", joined(n, approved)))),
    shape("as many flags as reviews of ten people", 50, 1_600, |n| {
        flags_and(n, &format!("\"reviews\": [{}]", joined(n, |i| approved(i % 10))))
    }),
    shape("as many flags as displayed revisions", 50, 1_600, |n| {
        let shown = |i: usize| format!("{{\"at\": \"{}\", \"digests\": {{\"shop/k{i}\": \"1a2b3c4d\"}}}}", at(i));
        let reviews = joined(20, approved);
        flags_and(n, &format!("\"displayed\": [{}], \"reviews\": [{reviews}]", joined(n, shown)))
    }),
    shape("as many flags as pull requests that hold them", 50, 1_600, |n| {
        let open = |i: usize| {
            format!("{{\"pull\": {}, \"requestor\": \"kim\", \"touches\": {{\"shop/k{i}\": \"{}\"}}}}", i + 100, at(i))
        };
        flags_and(n, &format!("\"open\": [{}]", joined(n, open)))
    }),
];

pub const SHOP: &str = "projects:\n  shop: {paths: [\"flags/**\"], approvals: specific}\n";

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

/// A number of flags that all change, and what is known of the outside.
fn flags_and(count: usize, members: &str) -> World {
    let keyed = |i: usize, weight: usize| Some(keyed(&format!("k{i}"), "running", weight));
    World { evidence: evidence(members).evidence, ..each(count, |i| (keyed(i, i), keyed(i, i + 1))) }
}

/// A second of the day.
fn at(second: usize) -> String {
    format!("2026-11-23T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

fn review(login: &str, state: &str) -> String {
    format!(
        "{{\"login\": \"{login}\", \"kind\": \"User\", \"state\": \"{state}\", \"submittedAt\": \"{}\"}}",
        at(39_600)
    )
}

fn approved(by: usize) -> String {
    review(&format!("p{by}"), "APPROVED")
}

fn dismissal(of: &str) -> String {
    format!("{{\"review\": \"{of}\", \"by\": \"d\", \"at\": \"{}\", \"was\": \"CHANGES_REQUESTED\"}}", at(41_400))
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
