//! Histories, names and settings made to mislead, and repositories that can't be judged as they are.

use std::path::Path;

use countersign::git::{MergeMethod, Proposal, Repo, TreeSide};

use crate::world::{World, command, commit, conflicts, deltas, git, refused, side};

fn text(repo: &Repo, ours: &countersign::git::Comparison, path: &str) -> String {
    String::from_utf8(repo.read(ours, TreeSide::Proposed, path).unwrap().unwrap().bytes).unwrap()
}

fn dated(world: &World, date: &str, arguments: &[&str]) {
    let mut command = command(&world.root);
    command.env("GIT_AUTHOR_DATE", date).env("GIT_COMMITTER_DATE", date).args(arguments);
    assert!(command.status().unwrap().success(), "{arguments:?}");
}

/// The difference from the merge base shows one line of a readme while the merge turns a live switch back on.
#[test]
fn a_criss_cross_history_hides_nothing() {
    let world = World::empty();
    let commit_at = |files: &[(&str, &str)], date: &str| {
        world.write(files);
        world.git(&["add", "-A"]);
        dated(&world, date, &["commit", "-qm", "step"]);
        world.git(&["rev-parse", "HEAD"])
    };
    commit_at(&[("flags/kill.yaml", "key: kill\nenabled: true\n")], "2025-01-01T00:00:00Z");
    world.git(&["switch", "-qc", "feat"]);
    let feat = commit_at(&[("f1", "1\n")], "2025-03-01T00:00:00Z");
    world.git(&["switch", "-q", "main"]);
    let off = commit_at(&[("flags/kill.yaml", "key: kill\nenabled: false\n")], "2025-02-01T00:00:00Z");
    dated(&world, "2025-04-01T00:00:00Z", &["merge", "-qm", "back", "feat"]);
    world.git(&["switch", "-qc", "evil", &feat]);
    dated(&world, "2025-04-02T00:00:00Z", &["merge", "-qs", "ours", "-m", "and forth", &off]);
    commit_at(&[("readme", "hi\n")], "2025-04-03T00:00:00Z");
    assert_eq!(world.git(&["diff", "--name-only", "main...evil"]), "readme");
    let repo = world.repo();
    let proposal = Proposal::Commit(commit(&repo, "evil"));
    let ours = repo.compare(&commit(&repo, "main"), &proposal).unwrap();
    assert_eq!((deltas(&ours), ours.way), (vec!["* flags/kill.yaml".into(), "+ readme".into()], MergeMethod::Merged));
    assert_eq!(conflicts(&ours), Vec::<&str>::new());
    assert_eq!(text(&repo, &ours, "flags/kill.yaml"), "key: kill\nenabled: true\n");
}

/// Git compares every file that is gone with every one that is new: a few hundred large ones take it minutes. Nothing
/// has to be compared once the base is merged into the proposal, as the remedy says.
#[test]
fn many_files_that_might_be_renamed() {
    let world = World::with(&[("docs/0", "base"), ("flags/kill.yaml", "key: kill\n")]);
    let files = |folder: &str, what: &str| -> Vec<(String, String)> {
        (0..350).map(|i| (format!("{folder}/{i}"), format!("{what} {i}\n").repeat(4_000))).collect()
    };
    let write = |files: &[(String, String)]| {
        world.commit(&files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect::<Vec<_>>());
    };
    write(&files("docs", "old"));
    world.git(&["switch", "-qc", "change"]);
    world.git(&["rm", "-rq", "docs"]);
    write(&files("texts", "new"));
    world.git(&["switch", "-q", "main"]);
    world.commit(&[("docs/0", "edited")]);
    let (_, ours) = world.compare("main", "change");
    let over = ours.over.unwrap();
    assert_eq!(over.id.to_string(), "over-budget");
    assert!(over.message.contains("megabytes that git would compare to find renamed files"), "{}", over.message);
    assert!(over.remedy.starts_with("merge the base branch into the proposal"), "{}", over.remedy);
    world.git(&["switch", "-q", "change"]);
    world.git(&["-c", "merge.renames=false", "merge", "-q", "-s", "ours", "-m", "base", "main"]);
    let (_, ours) = world.compare("main", "change");
    assert_eq!((ours.over.is_none(), ours.way), (true, MergeMethod::Direct));
    // As many that are moved as they are cost nothing.
    world.git(&["switch", "-qC", "moved", "main"]);
    world.git(&["mv", "docs", "texts"]);
    world.commit(&[]);
    world.git(&["switch", "-q", "main"]);
    world.commit(&[("docs/1", "edited")]);
    assert!(world.compare("main", "moved").1.over.is_none());
}

/// Git puts a file into the folder its folder was renamed to and reports a conflict, because that may not be meant.
#[test]
fn a_file_in_a_folder_that_was_renamed() {
    let line = "a string long enough for git to know it again\n".repeat(5);
    let world = World::with(&[("flags/live/a.yaml", &line), ("flags/live/b.yaml", &(line.clone() + "b")), ("c", "c")]);
    world.git(&["switch", "-qc", "change"]);
    world.commit(&[("flags/live/new.yaml", "new")]);
    world.git(&["switch", "-q", "main"]);
    world.git(&["mv", "flags/live", "flags/prod"]);
    world.commit(&[]);
    let (_, ours) = world.compare("main", "change");
    assert_eq!(conflicts(&ours), ["flags/live/new.yaml", "flags/prod/new.yaml"]);
    assert!(ours.conflicts[0].message.contains("inside a directory that was renamed"), "{:?}", ours.conflicts);
    let repo = world.repo().with_command("/nonexistent/git");
    let proposal = Proposal::Commit(commit(&repo, "change"));
    let error = repo.compare(&commit(&repo, "main"), &proposal).unwrap_err();
    assert_eq!(error.help, "install git 2.38 or later, or update the branch");
    assert!(!error.is_usage());
}

#[test]
fn an_evil_merge_is_seen() {
    let world = World::with(&[("flag", "on\n"), ("other", "o\n")]);
    world.git(&["switch", "-qc", "change"]);
    world.commit(&[("mine", "m\n")]);
    world.git(&["switch", "-q", "main"]);
    world.commit(&[("theirs", "t\n")]);
    world.git(&["switch", "-q", "change"]);
    world.git(&["merge", "-q", "--no-commit", "main"]);
    world.commit(&[("flag", "off\n")]);
    let (_, ours) = world.compare("main", "change");
    assert_eq!((deltas(&ours), ours.way), (vec!["* flag".to_owned(), "+ mine".to_owned()], MergeMethod::Direct));
}

#[test]
fn histories_with_nothing_in_common() {
    let world = World::with(&[("a", "a")]);
    world.git(&["switch", "-q", "--orphan", "other"]);
    world.commit(&[("b", "b")]);
    let error = refused(&world, "main", "other");
    assert_eq!(error.message, "the base and the proposal have no commit in common, so they cannot be merged");
    assert!(error.is_usage());
}

#[test]
fn a_shallow_clone() {
    let world = World::with(&[("a", "a"), ("b", "b")]);
    world.commit(&[("c", "1")]);
    world.git(&["switch", "-qc", "change"]);
    for n in 0..3 {
        world.commit(&[("a", &n.to_string())]);
    }
    world.git(&["switch", "-q", "main"]);
    for n in 0..3 {
        world.commit(&[("b", &n.to_string())]);
    }
    let url = format!("file://{}", world.root.display());
    let clone = |depth: &str| {
        let at = world.path(&format!("shallow-{depth}"));
        world.git(&["clone", "-q", "--bare", "--no-single-branch", "--depth", depth, &url, at.to_str().unwrap()]);
        let repo = Repo::open(&at).unwrap();
        let proposal = Proposal::Commit(commit(&repo, "change"));
        let ours = repo.compare(&commit(&repo, "main"), &proposal);
        (repo, ours)
    };
    for depth in ["1", "3"] {
        let error = clone(depth).1.unwrap_err();
        assert!(error.message.contains("shallow clone") && !error.is_usage(), "{error}");
        assert!(error.help.contains("git fetch --deepen=100") && error.help.contains("--unshallow"), "{error}");
    }
    // Deep enough to hold the merge base, itself cut from its parents: nothing beyond it matters.
    for depth in ["4", "5"] {
        let (repo, ours) = clone(depth);
        let ours = ours.unwrap();
        assert_eq!((deltas(&ours), ours.way), (vec!["* a".to_owned()], MergeMethod::ByName), "{depth}");
        assert_eq!(text(&repo, &ours, "b"), "2");
    }
}

/// A common ancestor is in reach and the better one is cut off: what is found is not the merge base.
#[test]
fn a_shallow_clone_with_a_common_ancestor_that_is_not_the_merge_base() {
    let world = World::with(&[("a", "1\n"), ("z", "z\n")]);
    let old = world.git(&["rev-parse", "HEAD"]);
    let better = world.commit(&[("a", "2\n")]);
    world.git(&["switch", "-qc", "change"]);
    world.commit(&[("b", "b\n")]);
    dated(&world, "2026-01-02T00:00:00Z", &["merge", "-q", "-s", "ours", "--no-ff", "-m", "old", &old]);
    let change = world.commit(&[("c", "c\n")]);
    world.git(&["switch", "-q", "main"]);
    let main = world.commit(&[("d", "d\n")]);
    let (_, ours) = world.compare("main", "change");
    assert_eq!((deltas(&ours), ours.way), (vec!["+ b".to_owned(), "+ c".to_owned()], MergeMethod::ByName));
    // `main` is cut from `better`; `old` is made reachable from both by hand, as a server's depth might leave it.
    std::fs::write(world.root.join(".git/shallow"), format!("{main}\n")).unwrap();
    let error = refused(&world, "main", "change");
    assert!(error.help.contains("--deepen"), "{error}");
    // Cut off on a way that doesn't lead around it, but short of the merge base all the same.
    std::fs::write(world.root.join(".git/shallow"), format!("{change}\n")).unwrap();
    assert!(refused(&world, "main", "change").help.contains("--deepen"));
    // Cut off at the merge base and beyond.
    std::fs::write(world.root.join(".git/shallow"), format!("{better}\n")).unwrap();
    let repo = world.repo();
    let proposal = Proposal::Commit(commit(&repo, "change"));
    assert!(repo.compare(&commit(&repo, "main"), &proposal).is_ok());
    // A tip that contains the other is right whatever was cut off.
    let proposal = Proposal::Commit(commit(&repo, "change"));
    assert!(repo.compare(&commit(&repo, &better), &proposal).is_ok());
}

#[test]
fn replace_refs_are_not_followed() {
    let world = World::with(&[("flag", "on\n")]);
    world.git(&["switch", "-qc", "change"]);
    world.commit(&[("flag", "off\n")]);
    let (on, off) = (world.git(&["rev-parse", "main:flag"]), world.git(&["rev-parse", "change:flag"]));
    world.git(&["replace", &off, &on]);
    world.git(&["replace", "change", "main"]);
    let (repo, ours) = world.compare("main", "change");
    assert_eq!(deltas(&ours), ["* flag"]);
    assert_eq!(text(&repo, &ours, "flag"), "off\n");
}

/// libgit2 follows grafts, as git does: a graft that makes the base a descendant of the proposal would leave nothing to
/// judge.
#[test]
fn a_repository_with_grafts_is_refused() {
    let world = World::with(&[("flag", "on\n")]);
    world.git(&["switch", "-qc", "change"]);
    world.commit(&[("flag", "off\n")]);
    let grafts = world.path(".git/info/grafts");
    std::fs::create_dir_all(grafts.parent().unwrap()).unwrap();
    let (main, change) = (world.git(&["rev-parse", "main"]), world.git(&["rev-parse", "change"]));
    for text in [format!("{main} {change}\n"), format!("{change}\n"), "# none\n".to_owned(), "nonsense".to_owned()] {
        std::fs::write(&grafts, text).unwrap();
        let error = Repo::open(&world.root).err().unwrap();
        assert!(error.message.contains("gives commits other parents than they have"), "{error}");
        assert!(error.help.starts_with("remove that file"), "{error}");
    }
    // The remedy works.
    std::fs::remove_file(&grafts).unwrap();
    let (_, ours) = world.compare("main", "change");
    assert_eq!(deltas(&ours), ["* flag"]);
}

/// Attributes and drivers change what a local git shows and merges, and nothing here.
#[test]
fn attributes_filters_and_merge_drivers_do_nothing() {
    let line = |at: usize, to: &str| -> String {
        (0..9).map(|n| if n == at { format!("{to}\n") } else { format!("{n}\n") }).collect()
    };
    let attributes = "* merge=ours filter=evil diff=evil text eol=crlf ident export-subst\nu merge=union\n";
    let world =
        World::with(&[(".gitattributes", attributes), ("flag", &line(9, "")), ("u", "1\n"), ("$Id$", "$Id$\n")]);
    let touched = world.path("touched");
    let evil = format!("touch {}; cat", touched.display());
    for key in ["merge.ours.driver", "filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "core.fsmonitor"]
    {
        world.git(&["config", key, if key == "merge.ours.driver" { "true" } else { &evil }]);
    }
    let hooks = world.path("hooks");
    std::fs::create_dir(&hooks).unwrap();
    world.git(&["switch", "-qc", "change"]);
    world.commit(&[("flag", &line(1, "head")), ("u", "2\n")]);
    world.git(&["switch", "-q", "main"]);
    world.commit(&[("flag", &line(7, "base")), ("u", "3\n")]);
    let _ = std::fs::remove_file(&touched);
    let (repo, ours) = world.compare("main", "change");
    let both: String = line(1, "head").replace("7\n", "base\n");
    assert_eq!(text(&repo, &ours, "flag"), both, "the driver would have kept the base's");
    assert_eq!(conflicts(&ours), ["u"], "the union of both would have been no conflict");
    world.write(&[("flag", "on disk $Id$\r\n")]);
    let ours = repo.compare(&commit(&repo, "main"), &Proposal::Worktree).unwrap();
    assert_eq!(text(&repo, &ours, "flag"), "on disk $Id$\r\n");
    assert!(!touched.exists(), "something was run");
}

#[test]
fn nothing_to_compare_yet() {
    let world = World::empty();
    let repo = world.repo();
    let error = repo.head().unwrap_err();
    assert_eq!((error.message.as_str(), error.help.as_str()), ("HEAD has no commit yet", "commit something first"));
    assert!(repo.default_base().unwrap_err().is_usage());
    assert!(repo.commit("HEAD").unwrap_err().is_usage());
    let mut names = Vec::new();
    world.write(&[("a", "a")]);
    repo.work_tree().unwrap().files(&|_| true, &mut |path, _| names.push(path.to_owned())).unwrap();
    assert_eq!(names, ["a"]);
    // A base there is, and a branch without a commit.
    world.commit(&[("a", "a")]);
    world.git(&["switch", "-q", "--orphan", "fresh"]);
    for proposal in [Proposal::Index, Proposal::Worktree] {
        let repo = world.repo();
        let error = repo.compare(&commit(&repo, "main"), &proposal).unwrap_err();
        assert_eq!(error.message, "HEAD has no commit yet");
    }
    let error = Repo::open(World::nothing().root.as_path()).err().unwrap();
    assert!(error.is_usage() && error.message.ends_with("is not in a git repository"), "{error}");
}

#[test]
fn repositories_that_cannot_be_opened() {
    let world = World::with(&[("a", "a")]);
    world.git(&["config", "core.repositoryFormatVersion", "1"]);
    world.git(&["config", "extensions.somethingNew", "true"]);
    let error = Repo::open(&world.root).err().unwrap();
    assert!(error.message.contains("the git extension `somethingnew`") && !error.is_usage(), "{error}");
    // Only the super user can give a folder away, so this half is for continuous integration in a container.
    let world = World::with(&[("a", "a")]);
    #[cfg(unix)]
    if std::os::unix::fs::chown(world.root.join(".git"), Some(12345), None).is_ok() {
        std::os::unix::fs::chown(&world.root, Some(12345), None).unwrap();
        let error = Repo::open(&world.root).err().unwrap();
        let remedy = format!("run `git config --global --add safe.directory {}` if you trust it", world.root.display());
        assert_eq!(error.help, remedy, "{error}");
    }
}

#[test]
fn objects_a_partial_clone_left_out() {
    let world = World::with(&[("a", "a"), ("b", "b")]);
    world.git(&["config", "uploadpack.allowFilter", "true"]);
    world.git(&["switch", "-qc", "change"]);
    world.commit(&[("a", "A")]);
    let (url, at) = (format!("file://{}", world.root.display()), world.path("partial"));
    world.git(&["clone", "-q", "--bare", "--filter=blob:none", &url, at.to_str().unwrap()]);
    let open = || {
        let repo = Repo::open(&at).unwrap();
        let proposal = Proposal::Commit(commit(&repo, "change"));
        let ours = repo.compare(&commit(&repo, "main"), &proposal).unwrap();
        (repo, ours)
    };
    let (repo, ours) = open();
    assert_eq!(deltas(&ours), ["* a"], "names need no contents");
    let error = repo.read(&ours, TreeSide::Proposed, "a").unwrap_err();
    assert!(error.message.starts_with("cannot read `a`: an object is missing"), "{error}");
    assert_eq!(error.help, "run `git fetch --refetch --no-filter` if this is a partial clone, else `git fsck`");
    // The remedy is one.
    git(&at, &["fetch", "-q", "--refetch", "--no-filter"]);
    let (repo, ours) = open();
    assert_eq!(text(&repo, &ours, "a"), "A");
}

#[cfg(unix)]
fn script(at: &Path, text: &str) {
    std::fs::write(at, text).unwrap();
    std::fs::set_permissions(at, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

/// Texts are merged without git; a git that is too old, fails or lies is not believed.
#[cfg(unix)]
#[test]
fn the_git_command_is_old_or_broken() {
    let lines =
        |at: usize| -> String { (0..9).map(|n| if n == at { "x\n".into() } else { format!("{n}\n") }).collect() };
    let world = World::with(&[("a", &lines(9)), ("b", "b")]);
    world.git(&["switch", "-qc", "change"]);
    world.commit(&[("a", &lines(1))]);
    world.git(&["switch", "-q", "main"]);
    world.commit(&[("a", &lines(7))]);
    let lie = world.git(&["rev-parse", "change^{tree}"]);
    let fake = world.path("fake");
    std::fs::create_dir(&fake).unwrap();
    let with = |name: &str, text: &str| {
        script(&fake.join(name), text);
        let repo = world.repo().with_command(fake.join(name));
        let proposal = Proposal::Commit(commit(&repo, "change"));
        let ours = repo.compare(&commit(&repo, "main"), &proposal);
        ours.map(|ours| {
            (
                conflicts(&ours).into_iter().map(str::to_owned).collect::<Vec<_>>(),
                side(&repo, &ours, TreeSide::Proposed),
            )
        })
    };
    let error = with("old", "#!/bin/sh\necho 'usage: git merge-tree' >&2\nexit 129\n").unwrap_err();
    assert!(error.message.contains("is not git 2.38 or later"), "{error}");
    assert_eq!(error.help, "install git 2.38 or later, or update the branch");
    let error = with("broken", "#!/bin/sh\necho 'fatal: no' >&2\nexit 128\n").unwrap_err();
    assert!(error.message.ends_with(": fatal: no"), "{error}");
    assert!(with("silent", "#!/bin/sh\nexit 0\n").is_err());
    assert!(with("vague", &format!("#!/bin/sh\nprintf '{lie}\\0\\0'\nexit 1\n")).is_err());
}
