//! CODEOWNERS as `init` takes it over: as it is meant, with every line that was left out named.

use std::collections::BTreeMap;
use std::fs;

use crate::empty::countersign;
use crate::git::command;
use crate::shop::flag;
use crate::world::World;

/// A CODEOWNERS file and what becomes of it, in a repository with `flags/web/a.yaml`, `flags/web/b.yaml` and
/// `flags/app/c.yaml`.
struct Case {
    name: &'static str,
    path: &'static str,
    owners: &'static [u8],
    /// The lines of APPROVERS, without comments and empty ones.
    approvers: &'static [&'static str],
    /// How `app` and `web` are approved.
    modes: [&'static str; 2],
    /// The diagnostics of lines that were left out, in part, one each.
    left_out: &'static [&'static str],
}

const GITHUB: &str = ".github/CODEOWNERS";
const BOTH: [&str; 2] = ["specific", "specific"];
const WEB: [&str; 2] = ["peer", "specific"];
const NONE: [&str; 2] = ["peer", "peer"];

const CASES: &[Case] = &[
    Case {
        name: "a malformed line about something else",
        path: GITHUB,
        owners: b"/.github/workflows/** @a @b@c\n/flags/web/ @acme/web\n",
        approvers: &["/flags/web/ @acme/web"],
        modes: WEB,
        left_out: &["line 1: `@b@c` is two names without a space between"],
    },
    Case {
        name: "an exclusion",
        path: "CODEOWNERS",
        owners: b"/flags/web/ @acme/web\n!docs/ @x\n",
        approvers: &["/flags/web/ @acme/web"],
        modes: WEB,
        left_out: &["line 2: `!docs/ @x`: APPROVERS has no exclusions"],
    },
    Case {
        name: "an exclusion of flags frees nothing",
        path: ".gitlab/CODEOWNERS",
        owners: b"/flags/ @base\n!/flags/web/\n",
        approvers: &["/flags/ @base"],
        modes: BOTH,
        left_out: &["line 2: `!/flags/web/`: APPROVERS has no exclusions, so `/flags/web/` keeps the approvers"],
    },
    Case {
        name: "a name without its @",
        path: GITHUB,
        owners: b"/docs csigs\n/flags/web/ @acme/web\n",
        approvers: &["/flags/web/ @acme/web"],
        modes: WEB,
        left_out: &["line 1: `csigs` is neither `@user` nor `@org/team`"],
    },
    Case {
        name: "an e-mail address and a team",
        path: GITHUB,
        owners: b"/flags/web/ @acme/web bob@example.com\n",
        approvers: &["/flags/web/ @acme/web"],
        modes: WEB,
        left_out: &["line 1: `bob@example.com` is an e-mail address"],
    },
    Case {
        name: "an e-mail address alone: the line above holds",
        path: GITHUB,
        owners: b"/flags/ @base\n/flags/web/ bob@example.com\n",
        approvers: &["/flags/ @base"],
        modes: BOTH,
        left_out: &["line 2: `bob@example.com` is an e-mail address"],
    },
    Case {
        name: "an e-mail address alone, and no line above: never peer",
        path: GITHUB,
        owners: b"/flags/web/ bob@example.com\n",
        approvers: &["/flags/web/ @kim @noor"],
        modes: WEB,
        left_out: &["line 1: `bob@example.com` is an e-mail address"],
    },
    Case {
        name: "a byte-order mark",
        path: GITHUB,
        owners: b"\xef\xbb\xbf/flags/web/ @acme/web\r\n",
        approvers: &["/flags/web/ @acme/web"],
        modes: WEB,
        left_out: &[],
    },
    Case {
        name: "Latin-1 in comments",
        path: GITHUB,
        owners: b"# M\xfcller\n/flags/web/ @acme/web # f\xfcr alle\n",
        approvers: &["/flags/web/ @acme/web"],
        modes: WEB,
        left_out: &[],
    },
    Case {
        name: "Latin-1 in a path",
        path: GITHUB,
        owners: b"/b\xfccher/ @x\n/flags/web/ @acme/web\n",
        approvers: &["/flags/web/ @acme/web"],
        modes: WEB,
        left_out: &["line 1: `/b\u{fffd}cher/ @x`: it is not UTF-8"],
    },
    Case {
        name: "UTF-16",
        path: GITHUB,
        owners: b"\xff\xfe/\0f\0",
        approvers: &[],
        modes: NONE,
        left_out: &["the file is UTF-16, which neither GitHub nor GitLab reads"],
    },
    Case {
        name: "a section with a count",
        path: "CODEOWNERS",
        owners: b"[Flags][2]\n/flags/web/ @f @g\n",
        approvers: &["[Flags][2]", "/flags/web/ @f @g"],
        modes: WEB,
        left_out: &[],
    },
    Case {
        name: "one of each section",
        path: "CODEOWNERS",
        owners: b"/flags/ @base\n[Payments]\n/flags/web/ @pay\n\n[Data]\n/flags/web/ @data\n",
        approvers: &["/flags/ @base", "[Payments]", "/flags/web/ @pay", "[Data]", "/flags/web/ @data"],
        modes: BOTH,
        left_out: &[],
    },
    Case {
        name: "an optional section informs and is not required",
        path: "CODEOWNERS",
        owners: b"^[Observers]\n/flags/ @watch\n[Web]\n/flags/web/ @web\n",
        approvers: &["^[Observers]", "/flags/ @watch", "[Web]", "/flags/web/ @web"],
        modes: WEB,
        left_out: &[],
    },
    Case {
        name: "default owners over a bare path",
        path: "CODEOWNERS",
        owners: b"[Flags] @f\n/flags/web/\n",
        approvers: &["[Flags] @f", "/flags/web/"],
        modes: WEB,
        left_out: &[],
    },
    Case {
        name: "default owners of which one cannot be read",
        path: "CODEOWNERS",
        owners: b"[Flags][2] @f nobody @@maintainer\n/flags/web/\n/flags/app/ @g\n",
        approvers: &["[Flags][2] @f", "/flags/web/", "/flags/app/ @g"],
        modes: BOTH,
        left_out: &["line 1: `nobody` is neither", "line 1: `@@maintainer` names a role"],
    },
    Case {
        name: "two headings of one section",
        path: "CODEOWNERS",
        owners: b"[Web] @w\n/flags/web/\n[Other]\n/docs/ @d\n[WEB][2] @v\n/flags/app/\n",
        approvers: &["[Web][2] @w", "/flags/web/", "/flags/app/ @v"],
        modes: BOTH,
        left_out: &[],
    },
    Case {
        name: "a section that is optional once and required once",
        path: "CODEOWNERS",
        owners: b"^[Web]\n/flags/web/ @w\n[Web]\n/flags/app/ @v\n",
        approvers: &["[Web]", "/flags/web/ @w", "/flags/app/ @v"],
        modes: BOTH,
        left_out: &[],
    },
    Case {
        name: "a count that is none",
        path: "CODEOWNERS",
        owners: b"[Web][0]\n/flags/web/ @w\n",
        approvers: &["[Web]", "/flags/web/ @w"],
        modes: WEB,
        left_out: &["line 1: `[0]`: it is no count of approvals"],
    },
    Case {
        name: "a heading that cannot be read, whose lines belong to the section above",
        path: "CODEOWNERS",
        owners: b"[Docs]\n/docs/ @d\n[Web\n/flags/web/ @w\n",
        approvers: &["[Docs]", "/flags/web/ @w"],
        modes: WEB,
        left_out: &["line 3: `[Web`: it is no heading of a section"],
    },
    Case {
        name: "owners that are taken away on purpose",
        path: GITHUB,
        owners: b"/flags/ @base\n/flags/app/\n",
        approvers: &["/flags/ @base", "/flags/app/"],
        modes: WEB,
        left_out: &[],
    },
    Case {
        name: "owners of one file of a project taken away",
        path: GITHUB,
        owners: b"/flags/web/ @web\n/flags/web/b.yaml\n",
        approvers: &["/flags/web/ @web", "/flags/web/b.yaml @kim @noor"],
        modes: WEB,
        left_out: &[],
    },
    Case {
        name: "a range, which GitHub has none of",
        path: GITHUB,
        owners: b"/flags/ @base\n/flags/[w]eb/ @web\n/flags/{web,app}/ @both\n",
        approvers: &["/flags/ @base"],
        modes: BOTH,
        left_out: &["line 2: `/flags/[w]eb/` holds `[`", "line 3: `/flags/{web,app}/` holds `{`"],
    },
    Case {
        name: "a path in GitLab's file is at any depth unless it starts at the root",
        path: ".gitlab/CODEOWNERS",
        owners: b"flags/web/ @web\n",
        approvers: &["**/flags/web/ @web"],
        modes: WEB,
        left_out: &[],
    },
    Case {
        name: "a path in GitHub's file is at the root",
        path: GITHUB,
        owners: b"flags/web/ @web\nxflags/web/ @any\n",
        approvers: &["flags/web/ @web"],
        modes: WEB,
        left_out: &[],
    },
    Case {
        name: "nested groups of GitLab have no name here",
        path: ".gitlab/CODEOWNERS",
        owners: b"/flags/web/ @group @group/with/nested\n",
        approvers: &["/flags/web/ @group"],
        modes: WEB,
        left_out: &["line 1: `@group/with/nested` has more than two parts"],
    },
    Case {
        name: "everybody's, a name twice, an inline comment, tabs, a space in a path",
        path: "docs/CODEOWNERS",
        owners: b"*\t@all  @All # everything\n/my\\ flags/ @x\n",
        approvers: &["* @all"],
        modes: BOTH,
        left_out: &[],
    },
    Case {
        name: "a path for which there is no flag yet",
        path: GITHUB,
        owners: b"/flags/web/ @web\n/flags/web/later/ @later\n/src/ @src\n",
        approvers: &["/flags/web/ @web"],
        modes: WEB,
        left_out: &["line 2: no flag file is there yet"],
    },
    Case {
        name: "one file of a project that nobody owns",
        path: GITHUB,
        owners: b"/flags/web/a.yaml @web\n",
        approvers: &["/flags/web/b.yaml @kim @noor", "/flags/web/a.yaml @web"],
        modes: WEB,
        left_out: &[],
    },
    Case {
        name: "nothing about flags",
        path: GITHUB,
        owners: b"/src/ @src\n",
        approvers: &[],
        modes: NONE,
        left_out: &[],
    },
];

#[test]
fn every_case() {
    let mut wrong = Vec::new();
    for case in CASES {
        let world = World::with(&[
            ("flags/web/a.yaml", &flag("a", "active", 20)),
            ("flags/web/b.yaml", &flag("b", "active", 20)),
            ("flags/app/c.yaml", &flag("c", "active", 20)),
        ]);
        let path = world.root.join(case.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, case.owners).unwrap();
        let (said, code) = countersign(&world, &["init", "--no-workflows", "--admin", "@kim", "--admin", "@noor"]);
        assert_eq!(code, 0, "{}: {said}", case.name);
        let approvers = fs::read_to_string(world.root.join(".countersign/APPROVERS")).unwrap();
        let lines: Vec<&str> = approvers.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        if lines != case.approvers {
            wrong.push(format!("{}: {lines:?}", case.name));
        }
        let modes = modes(&world);
        if ["app", "web"].map(|name| modes[name].as_str()) != case.modes {
            wrong.push(format!("{}: {modes:?}", case.name));
        }
        let reported: Vec<&str> = said
            .lines()
            .skip_while(|line| !line.starts_with("Left out"))
            .skip(1)
            .take_while(|line| !line.is_empty())
            .collect();
        let fits = reported.len() == case.left_out.len()
            && reported.iter().zip(case.left_out).all(|(line, part)| line.contains(part));
        if !fits {
            wrong.push(format!("{}: {reported:#?}", case.name));
        }
        // A person not gated by names is reported as such.
        for (name, mode) in modes.iter().filter(|(_, mode)| *mode == "peer") {
            assert!(said.contains(&format!("  {name}  {mode}: ")), "{}: {said}", case.name);
        }
        let linted = countersign(&world, &["lint"]);
        if linted != ("no diagnostics\n".to_owned(), 0) {
            wrong.push(format!("{}: {}", case.name, linted.0));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The mode of each project, as the program reads it.
fn modes(world: &World) -> BTreeMap<String, String> {
    world.git(&["add", "-A"]);
    world.git(&["commit", "-qm", "policy"]);
    let mut found = BTreeMap::new();
    for file in ["flags/app/c.yaml", "flags/web/a.yaml"] {
        let args = ["approvers", "--format", "json", file];
        let done = command(env!("CARGO_BIN_EXE_countersign"), &world.root).args(args).output().unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&done.stdout).unwrap();
        let one = &answer["approvers"][0];
        found.insert(one["project"].as_str().unwrap().to_owned(), one["approvals"].as_str().unwrap().to_owned());
    }
    found
}

/// Nobody is made an admin for owning everything; the owners of the policy today approve changes of it.
#[test]
fn owners_of_the_policy_approve_it() {
    let world =
        World::with(&[("flags/web/a.yaml", &flag("a", "active", 20)), ("CODEOWNERS", "* @acme/leads\n/flags/ @web\n")]);
    let (said, _) = countersign(&world, &["init", "--no-workflows"]);
    assert!(said.contains("@acme/leads may approve changes of the policy, as CODEOWNERS says"), "{said}");
    let config = fs::read_to_string(world.root.join(".countersign/config.yaml")).unwrap();
    assert!(config.contains("admins: []\n") && config.contains("policy-approvers:\n- '@acme/leads'\n"), "{config}");
    assert_eq!(countersign(&world, &["lint"]), ("no diagnostics\n".to_owned(), 0));
}

/// One that cannot be read is no reason to let everybody approve without a word.
#[cfg(unix)]
#[test]
fn a_symlink_is_not_read_and_said() {
    let world = World::with(&[("flags/web/a.yaml", &flag("a", "active", 20)), ("owners", "/flags/ @web\n")]);
    std::os::unix::fs::symlink("owners", world.root.join("CODEOWNERS")).unwrap();
    let (said, _) = countersign(&world, &["init", "--no-workflows", "--admin", "@acme/leads"]);
    assert!(
        said.contains(
            "web  peer: anyone with write access but the author, because CODEOWNERS was not read: it is a symlink"
        ),
        "{said}"
    );
}
