//! Bad flag files, each with what is said of it.

use super::*;

pub const FLAGS: &[Case] = &[
    case(
        "a 50 MB file",
        |dir| write(dir, "flags/checkout/big.yaml", &b"# nothing\n".repeat(5_000_000)),
        &[("flags/checkout/big.yaml", 1, 1, "too-big")],
    ),
    case(
        "10,000 nested brackets",
        |dir| write(dir, "flags/checkout/deep.yaml", format!("key: {}", "[".repeat(10_000)).as_bytes()),
        &[("flags/checkout/deep.yaml", 1, 38, "too-deep")],
    ),
    case(
        "1,000 nested blocks",
        |dir| {
            let mut text = String::new();
            for depth in 0..1_000 {
                text += &format!("{}a:\n", " ".repeat(depth));
            }
            write(dir, "flags/checkout/deep.yaml", text.as_bytes());
        },
        &[("flags/checkout/deep.yaml", 33, 33, "too-deep")],
    ),
    case(
        "an alias bomb",
        |dir| write(dir, "flags/checkout/bomb.yaml", bomb().as_bytes()),
        &[("flags/checkout/bomb.yaml", 0, 0, BOMB)],
    ),
    case(
        "a NUL",
        |dir| write(dir, "flags/checkout/nul.yaml", b"key: nul\nkind: fl\0ag\nstate: active\n"),
        &[("flags/checkout/nul.yaml", 2, 9, "control-character"), ("flags/checkout/nul.yaml", 3, 8, "no-variants")],
    ),
    case(
        "Latin-1",
        |dir| write(dir, "flags/checkout/latin.yaml", b"key: latin\nname: caf\xe9\n"),
        &[
            ("flags/checkout/latin.yaml", 1, 1, "missing-field"),
            ("flags/checkout/latin.yaml", 1, 1, "missing-field"),
            ("flags/checkout/latin.yaml", 2, 10, "not-utf8"),
        ],
    ),
    case(
        "UTF-16",
        |dir| write(dir, "flags/checkout/wide.yaml", b"\xff\xfek\0e\0y\0:\0 \0a\0"),
        &[("flags/checkout/wide.yaml", 1, 1, "not-utf8")],
    ),
    case(
        "an empty file",
        |dir| write(dir, "flags/checkout/empty.yaml", b""),
        &[("flags/checkout/empty.yaml", 1, 1, "empty-file")],
    ),
    case(
        "a symlink where a flag was",
        |dir| link(dir, "../growth/banner.yaml", "flags/checkout/card.yaml"),
        &[("flags/checkout/card.yaml", 1, 1, "not-a-file")],
    ),
    case(
        "a symlink to itself",
        |dir| link(dir, "card.yaml", "flags/checkout/card.yaml"),
        &[("flags/checkout/card.yaml", 1, 1, "not-a-file")],
    ),
    case(
        "a symlink out of the repository",
        |dir| link(dir, "/etc/passwd", "flags/checkout/card.yaml"),
        &[("flags/checkout/card.yaml", 1, 1, "not-a-file")],
    ),
    Case {
        on: On::Index,
        ..case(
            "a submodule where a flag was",
            |dir| module(dir, "flags/checkout/card.yaml"),
            &[("flags/checkout/card.yaml", 1, 1, "not-a-file")],
        )
    },
    Case {
        on: On::Index,
        lint: Some(&[
            (APPROVERS, 2, 1, "dead-pattern"),
            (CONFIG, 7, 3, "dead-pattern"),
            ("flags/growth", 1, 1, "not-a-file"),
        ]),
        ..case(
            "a folder of flags is a submodule",
            |dir| {
                git(dir, &["rm", "-rq", "--cached", "flags/growth"]);
                module(dir, "flags/growth");
            },
            &[("flags/growth", 1, 1, "not-a-file")],
        )
    },
    Case {
        lint: Some(&[
            (APPROVERS, 1, 1, "dead-pattern"),
            (APPROVERS, 2, 1, "dead-pattern"),
            (CONFIG, 4, 3, "dead-pattern"),
            (CONFIG, 7, 3, "dead-pattern"),
            (CONFIG, 10, 3, "dead-pattern"),
            ("flags", 1, 1, "not-a-file"),
        ]),
        // Every live flag is deleted by it.
        ..case(
            "`flags` is a symlink",
            |dir| {
                fs::rename(dir.join("flags"), dir.join("elsewhere")).unwrap();
                symlink("elsewhere", dir.join("flags")).unwrap();
            },
            &[("flags", 1, 1, "not-a-file")],
        )
    },
    case(
        "a file name with a newline",
        |dir| write(dir, "flags/checkout/new\nline.yaml", GIFT),
        &[("flags/checkout/new\nline.yaml", 1, 1, "path-characters")],
    ),
    case(
        "a file name with an escape",
        |dir| write(dir, "flags/checkout/red\u{1b}[31m.yaml", GIFT),
        &[("flags/checkout/red\u{1b}[31m.yaml", 1, 1, "path-characters")],
    ),
    case(
        "a file name with a bidi character",
        |dir| write(dir, "flags/checkout/gift\u{202e}lmay.yaml", GIFT),
        &[("flags/checkout/gift\u{202e}lmay.yaml", 1, 1, "path-characters")],
    ),
    Case {
        on: On::Index,
        ..case(
            "a path that is not UTF-8",
            |dir| staged(dir, b"flags/checkout/caf\xe9.yaml", GIFT),
            &[("flags/checkout/caf\u{fffd}.yaml", 1, 1, "path-characters")],
        )
    },
    Case {
        on: On::Index,
        lint: Some(&[
            ("flags/checkout/Card.yaml", 1, 1, "case-collision"),
            ("flags/checkout/card.yaml", 1, 1, "case-collision"),
        ]),
        ..case(
            "two files that differ in case",
            |dir| staged(dir, b"flags/checkout/Card.yaml", b"key: Card\nkind: flag\nstate: inactive\n"),
            &[("flags/checkout/Card.yaml", 1, 1, "case-collision")],
        )
    },
    case(
        "a key with a bidi character",
        |dir| write(dir, "flags/checkout/gift.yaml", "key: gift\u{202e}\nkind: flag\nstate: active\n".as_bytes()),
        &[("flags/checkout/gift.yaml", 1, 10, "bidi-control"), ("flags/checkout/gift.yaml", 3, 8, "no-variants")],
    ),
    case(
        "an escaped bidi character",
        |dir| write(dir, "flags/checkout/gift.yaml", b"key: \"gift\\u202e\"\nkind: flag\nstate: active\n"),
        &[("flags/checkout/gift.yaml", 1, 6, "bidi-control"), ("flags/checkout/gift.yaml", 3, 8, "no-variants")],
    ),
    case(
        "a README under a managed path",
        |dir| write(dir, "flags/checkout/README.md", b"# Flags\n"),
        &[("flags/checkout/README.md", 1, 1, "no-format")],
    ),
    case(
        "an LFS pointer",
        |dir| {
            let pointer = format!(
                "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n",
                "4d7a2146".repeat(8)
            );
            write(dir, "flags/checkout/card.yaml", pointer.as_bytes());
        },
        &[("flags/checkout/card.yaml", 1, 1, "lfs-pointer")],
    ),
    case(
        "conflict markers",
        |dir| {
            write(
                dir,
                "flags/checkout/card.yaml",
                b"key: card\nkind: flag\n<<<<<<< HEAD\nstate: active\n=======\nstate: inactive\n>>>>>>> x\n",
            )
        },
        &[("flags/checkout/card.yaml", 3, 1, "conflict-marker")],
    ),
    case(
        "several mistakes in several files",
        |dir| {
            write(dir, "flags/checkout/card.yaml", b"key: card\nkind: flag\nstate: on\nstate: off\n");
            write(dir, "flags/growth/hint.yaml", b"key: hint\nkind: flg\nrolloutPercentage: 101\n");
        },
        &[
            ("flags/checkout/card.yaml", 3, 8, "ambiguous-scalar"),
            ("flags/checkout/card.yaml", 4, 1, "duplicate-key"),
            ("flags/checkout/card.yaml", 4, 8, "ambiguous-scalar"),
            ("flags/growth/hint.yaml", 1, 1, "missing-field"),
            ("flags/growth/hint.yaml", 2, 7, "wrong-word"),
            ("flags/growth/hint.yaml", 3, 20, "out-of-range"),
        ],
    ),
];

const GIFT: &[u8] = b"key: gift\nkind: flag\nstate: inactive\n";
