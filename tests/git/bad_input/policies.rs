//! Bad policies, each with what is said of it.

use super::*;

/// A policy that does not hold, on the base branch: nobody can be judged by it.
pub const POLICIES: &[Case] = &[
    policy("no config", |dir| fs::remove_file(dir.join(CONFIG)).unwrap(), &[(CONFIG, 1, 1, "no-config")]),
    policy(
        "no folder at all",
        |dir| fs::remove_dir_all(dir.join(".countersign")).unwrap(),
        &[(CONFIG, 1, 1, "no-config")],
    ),
    policy("no APPROVERS", |dir| fs::remove_file(dir.join(APPROVERS)).unwrap(), &[(CONFIG, 4, 3, "no-approvers")]),
    policy("a typo in a key", |dir| edit(dir, CONFIG, "protect:", "protects:"), &[(CONFIG, 14, 1, "unknown-key")]),
    policy("a typo in a mode", |dir| edit(dir, CONFIG, "specific", "specfic"), &[(CONFIG, 6, 16, "wrong-word")]),
    policy("an empty config", |dir| write(dir, CONFIG, b""), &[(CONFIG, 1, 1, "empty-file")]),
    policy("a config that is no map", |dir| write(dir, CONFIG, b"- version: 1\n"), &[(CONFIG, 1, 1, "wrong-type")]),
    policy(
        "a version from the future",
        |dir| edit(dir, CONFIG, "version: 1", "version: 2"),
        &[(CONFIG, 1, 10, "out-of-range")],
    ),
    policy(
        "a NUL in the config",
        |dir| edit(dir, CONFIG, "version", "ver\0sion"),
        &[(CONFIG, 1, 4, "control-character")],
    ),
    policy(
        "a config in Latin-1",
        |dir| write(dir, CONFIG, b"version: 1 # caf\xe9\n"),
        &[(CONFIG, 1, 1, "missing-field"), (CONFIG, 1, 17, "not-utf8")],
    ),
    policy(
        "a config of 50 MB",
        |dir| write(dir, CONFIG, &b"# nothing\n".repeat(5_000_000)),
        &[(CONFIG, 1, 1, "too-big")],
    ),
    policy(
        "10,000 brackets in the config",
        |dir| write(dir, CONFIG, "[".repeat(10_000).as_bytes()),
        &[(CONFIG, 1, 33, "too-deep")],
    ),
    policy("an alias bomb in the config", |dir| write(dir, CONFIG, bomb().as_bytes()), &[(CONFIG, 0, 0, BOMB)]),
    policy(
        "a config that is a symlink",
        |dir| {
            fs::rename(dir.join(CONFIG), dir.join("config.yaml")).unwrap();
            link(dir, "../config.yaml", CONFIG);
        },
        &[(CONFIG, 1, 1, "not-a-file")],
    ),
    policy(
        "APPROVERS is a symlink",
        |dir| {
            fs::rename(dir.join(APPROVERS), dir.join("CODEOWNERS")).unwrap();
            link(dir, "../CODEOWNERS", APPROVERS);
        },
        &[(APPROVERS, 1, 1, "not-a-file")],
    ),
    policy(
        "the folder of the policy is a symlink",
        |dir| {
            fs::rename(dir.join(".countersign"), dir.join("policy")).unwrap();
            link(dir, "policy", ".countersign");
        },
        &[(".countersign", 1, 1, "not-a-file")],
    ),
    policy(
        "APPROVERS in Latin-1",
        |dir| write(dir, APPROVERS, b"/flags/ @caf\xe9\n"),
        &[(APPROVERS, 1, 13, "not-utf8")],
    ),
    policy(
        "APPROVERS of 50 MB",
        |dir| write(dir, APPROVERS, &b"/flags/ @jo\n".repeat(4_200_000)),
        &[(APPROVERS, 1, 1, "too-big")],
    ),
    policy(
        "an APPROVERS with twenty mistakes",
        |dir| write(dir, APPROVERS, TWENTY.as_bytes()),
        &[
            (APPROVERS, 1, 18, "bad-approver"),
            (APPROVERS, 2, 18, "bad-approver"),
            (APPROVERS, 3, 18, "bad-approver"),
            (APPROVERS, 4, 18, "bad-approver"),
            (APPROVERS, 5, 18, "bad-approver"),
            (APPROVERS, 6, 18, "bad-approver"),
            (APPROVERS, 7, 18, "bad-approver"),
            (APPROVERS, 8, 1, "bad-pattern"),
            (APPROVERS, 9, 22, "bad-approver"),
            (APPROVERS, 10, 1, "bad-section"),
            (APPROVERS, 11, 1, "bad-section"),
            (APPROVERS, 12, 11, "bad-section"),
            (APPROVERS, 13, 11, "bad-section"),
            (APPROVERS, 14, 11, "bad-section"),
            (APPROVERS, 15, 1, "bad-section"),
            (APPROVERS, 16, 21, "bidi-control"),
            (APPROVERS, 17, 21, "control-character"),
            (APPROVERS, 18, 18, "bad-approver"),
            (APPROVERS, 19, 18, "bad-approver"),
            (APPROVERS, 20, 18, "bad-approver"),
        ],
    ),
];

const TWENTY: &str = "\
/flags/checkout/ jo
/flags/checkout/ jo@example.com
/flags/checkout/ @
/flags/checkout/ @a/
/flags/checkout/ @/b
/flags/checkout/ @a/b/c
/flags/checkout/ @jo!
!/flags/checkout/ @jo
/flags/checkout/ @jo @
[Payments @jo
[] @jo
[Payments][0] @jo
[Payments][x] @jo
[Payments][-1] @jo
^[Payments @jo
/flags/checkout/ @jo\u{202e}
/flags/checkout/ @jo\u{7}
/flags/checkout/ @jo,@kim
/flags/checkout/ @@jo
/flags/checkout/ @-jo
";
