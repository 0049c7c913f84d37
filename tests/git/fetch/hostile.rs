//! A proposal that wants to run something, on a machine that is set up to run it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use countersign::git::{Proposal, TreeSide};

use super::server::{Spy, compare, fetch, filters, id};
use crate::world::{World, commit, deltas, git, side};

/// Set in the run of this test that stands in the hostile environment; where the repository is.
const INSIDE: &str = "TEST_OF_FETCH_INSIDE";

/// The objects that the proposal brings along, and those of the base.
fn hostile() -> World {
    let attributes = "* filter=evil merge=evil diff=evil ident text eol=crlf\n*.bin filter=lfs diff=lfs merge=lfs\n";
    let lines = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    let world = World::with(&[("flags/a", lines), (".gitattributes", attributes)]);
    world.git(&["switch", "-qc", "change"]);
    let modules =
        "[submodule \"m\"]\n\tpath = m\n\turl = ext::sh -c touch% CANARY/submodule\n\tupdate = !touch CANARY/update\n";
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n";
    world.write(&[
        ("flags/a", &lines.replace("1\n", "one\n")),
        (".gitmodules", &modules.replace("CANARY", world.path("canary").to_str().unwrap())),
        (".lfsconfig", "[lfs]\n\turl = http://127.0.0.1:9/\n"),
        ("big.bin", pointer),
        ("hooks/post-checkout", "#!/bin/sh\nfalse\n"),
    ]);
    world.git(&["add", "-A"]);
    let head = id(&world.root, "main");
    world.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{head},m")]);
    world.git(&["commit", "-qm", "evil"]);
    world.git(&["update-ref", "refs/heads/--upload-pack=x", "HEAD"]);
    world.git(&["switch", "-q", "main"]);
    world.commit(&[("flags/a", &lines.replace("9\n", "nine\n"))]);
    // A reader of this commit through the replacement sees nothing to judge.
    let harmless = world.git(&["commit-tree", "-m", "harmless", "-p", "main", "main^{tree}"]);
    world.git(&["replace", &id(&world.root, "change"), &harmless]);
    filters(&world, true);
    world
}

/// A program that leaves a trace.
fn canary(at: &Path, trace: &Path) -> PathBuf {
    fs::create_dir_all(at.parent().unwrap()).unwrap();
    let script = format!("#!/bin/sh\ntouch {}\n[ \"$1\" = git ] && exec \"$@\"\nexec cat\n", trace.display());
    fs::write(at, script).unwrap();
    fs::set_permissions(at, fs::Permissions::from_mode(0o755)).unwrap();
    at.to_owned()
}

/// A command on a machine whose settings run something at every turn.
fn set_up(command: &mut Command, world: &World) {
    let (home, traces) = (world.path("moved"), world.path("canary"));
    fs::create_dir_all(&traces).unwrap();
    let program = |name: &str| canary(&home.join(name), &traces.join(name)).display().to_string();
    for hook in ["reference-transaction", "post-checkout", "post-merge", "pre-auto-gc", "post-index-change"] {
        canary(&home.join("hooks").join(hook), &traces.join("hook"));
        canary(&home.join("template/hooks").join(hook), &traces.join("template"));
    }
    fs::create_dir_all(home.join("git")).unwrap();
    fs::write(home.join("git/attributes"), "* merge=evil filter=evil\n").unwrap();
    let lines = [
        ("core.hooksPath", home.join("hooks").display().to_string()),
        ("core.fsmonitor", program("fsmonitor")),
        ("filter.evil.smudge", program("smudge")),
        ("filter.evil.clean", program("clean")),
        ("filter.lfs.smudge", program("lfs")),
        ("merge.evil.driver", program("merge")),
        ("diff.evil.textconv", program("textconv")),
        ("uploadpack.packObjectsHook", program("pack")),
        ("credential.helper", program("credential")),
        ("submodule.recurse", "true".to_owned()),
        ("fetch.recurseSubmodules", "true".to_owned()),
        ("protocol.allow", "always".to_owned()),
        ("init.templateDir", home.join("template").display().to_string()),
    ];
    for (key, value) in &lines {
        for file in [".gitconfig", "git/config"] {
            git(&home, &["config", "--file", file, key, value]);
        }
    }
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("GIT_") {
            command.env_remove(name);
        }
    }
    command
        .stdin(Stdio::null())
        .env("HOME", &home)
        .env("XDG_CONFIG_HOME", &home)
        .env("GIT_TEMPLATE_DIR", home.join("template"))
        .env("GIT_ASKPASS", program("askpass"))
        .env("SSH_ASKPASS", program("askpass"))
        .env("GIT_CONFIG_COUNT", "1")
        .env("GIT_CONFIG_KEY_0", "core.hooksPath")
        .env("GIT_CONFIG_VALUE_0", home.join("hooks"))
        .env("GIT_TRACE_CURL", traces.join("trace"))
        .env("GIT_TRACE", traces.join("trace"));
}

fn traces(world: &World) -> BTreeSet<String> {
    let found = fs::read_dir(world.path("canary")).unwrap();
    found.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

/// Runs itself in the hostile environment, since no test can change its own.
#[test]
fn nothing_of_it_runs() {
    if let Some(root) = std::env::var_os(INSIDE) {
        return inside(Path::new(&root));
    }
    let world = hostile();
    // The test of the test: here git runs all that.
    let mut clone = Command::new("git");
    set_up(&mut clone, &world);
    clone.args(["clone", "-q", "--branch=change"]).arg(format!("file://{}", world.root.display()));
    assert!(clone.arg(world.path("clone")).output().unwrap().status.success());
    let more: [&[&str]; 2] = [&["merge-tree", "--write-tree", "HEAD", "origin/main"], &["add", "--renormalize", "."]];
    for arguments in more {
        let mut command = Command::new("git");
        set_up(&mut command, &world);
        let ran = command.args(arguments).current_dir(world.path("clone")).output().unwrap();
        assert!(ran.status.code().is_some(), "{arguments:?}");
    }
    let ran = traces(&world);
    for trace in ["hook", "smudge", "clean", "lfs", "merge", "pack", "fsmonitor", "trace"] {
        assert!(ran.contains(trace), "`{trace}` proves nothing: {ran:?}");
    }
    fs::remove_dir_all(world.path("canary")).unwrap();

    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "fetch::hostile::nothing_of_it_runs", "--nocapture"]);
    set_up(&mut again, &world);
    let ran = again.env(INSIDE, &world.root).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success() && said.contains("1 passed"), "{said}");
    assert_eq!(traces(&world), BTreeSet::new());
}

fn inside(root: &Path) {
    let spy = Spy::new();
    let repo = fetch(root, &spy, "main", "change").unwrap();
    let comparison = compare(&repo, root, "main", "change");
    let expected = ["+ .gitmodules", "+ .lfsconfig", "+ big.bin", "* flags/a", "+ hooks/post-checkout", "+ m"];
    assert_eq!(deltas(&comparison), expected);
    let proposed = side(&repo, &comparison, TreeSide::Proposed);
    assert_eq!(proposed["flags/a"], "one\n2\n3\n4\n5\n6\n7\n8\nnine\n", "merged, and no line end converted");
    assert!(proposed["big.bin"].starts_with("version https://git-lfs"), "the pointer, not what it points to");
    assert_eq!(proposed["m"], "submodule");
    // Only the commits, under names of our own.
    let mut ids = [id(root, "main"), id(root, "change")].map(|id| format!("refs/countersign/{id}"));
    ids.sort();
    assert_eq!(git(&spy.folder(), &["for-each-ref", "--format=%(refname)"]).lines().collect::<Vec<_>>(), ids);
    let found = fs::read_dir(spy.folder()).unwrap();
    let found: BTreeSet<String> = found.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    for never in ["FETCH_HEAD", "modules", "lfs", "index"] {
        assert!(!found.contains(never), "{never}");
    }
    for hook in fs::read_dir(spy.folder().join("hooks")).into_iter().flatten() {
        let name = hook.unwrap().file_name();
        assert!(name.to_string_lossy().ends_with(".sample"), "{}", name.display());
    }
}

/// A name that looks like an option is no name here; it is not one of git's either.
#[test]
fn a_branch_named_like_an_option() {
    let world = hostile();
    let spy = Spy::new();
    let repo = fetch(&world.root, &spy, "main", "change").unwrap();
    for name in ["--upload-pack=x", "main", "change"] {
        assert!(repo.commit(name).is_err(), "{name}");
    }
    let head = Proposal::Commit(commit(&repo, &id(&world.root, "change")));
    assert!(repo.compare(&commit(&repo, &id(&world.root, "main")), &head).is_ok());
}
