//! `new` and `fmt` on repositories: where a file goes, what is refused, and what is written.

use std::path::Path;

use crate::git::command;
use crate::world::World;

const CONFIG: &str = "version: 1\nadmins: [\"@ann\", \"@bob\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: peer}\n";
const TWO: &str = "  web: {paths: [\"web/*.yaml\"], approvals: peer}\n";

fn countersign(dir: &Path, args: &[&str]) -> (i32, String) {
    let output = command(env!("CARGO_BIN_EXE_countersign"), dir).args(args).output().unwrap();
    let printed = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap(), printed)
}

fn repository(config: &str) -> World {
    World::with(&[(".countersign/config.yaml", config)])
}

fn text(world: &World, path: &str) -> String {
    std::fs::read_to_string(world.root.join(path)).unwrap()
}

#[test]
fn new_files() {
    let world = repository(CONFIG);
    let (code, printed) = countersign(&world.root, &["new", "flag", "one"]);
    assert_eq!((code, printed.starts_with("flags/checkout/one.yaml\n")), (0, true), "{printed}");
    let (code, printed) = countersign(&world.root, &["new", "experiment", "two"]);
    assert_eq!((code, printed.starts_with("flags/checkout/two.yaml\n")), (0, true), "{printed}");
    assert!(text(&world, "flags/checkout/two.yaml").contains("\nstate: planning\n"));
    assert_eq!(countersign(&world.root, &["lint"]), (0, "no diagnostics\n".to_owned()));
    let (code, printed) = countersign(&world.root, &["fmt", "--check"]);
    assert_eq!((code, printed.contains("every file is in canonical form")), (0, true), "{printed}");
    world.git(&["add", "-A"]);
    let (_, printed) = countersign(&world.root, &["check", "--staged"]);
    assert!(printed.contains("no approval needed"), "{printed}");
    let (code, printed) = countersign(&world.root, &["new", "flag", "one"]);
    assert_eq!((code, printed.contains("`flags/checkout/one.yaml` is there already")), (2, true), "{printed}");
    let (code, printed) = countersign(&world.root, &["new", "flag", "🚀"]);
    assert_eq!((code, printed.contains("is not usable as a key")), (2, true), "{printed}");
    let (code, printed) = countersign(&world.root, &["new", "flag", "one", "--stdout"]);
    assert_eq!((code, printed), (0, text(&world, "flags/checkout/one.yaml")));
}

#[test]
fn the_place_of_a_new_file() {
    let world = repository(&format!("{CONFIG}{TWO}"));
    let (code, printed) = countersign(&world.root, &["new", "flag", "one"]);
    assert_eq!((code, printed.contains("`checkout` or `web`")), (2, true), "{printed}");
    let (code, printed) = countersign(&world.root, &["new", "flag", "one", "--project", "wbe"]);
    assert_eq!((code, printed.contains("write `web`")), (2, true), "{printed}");
    assert_eq!(countersign(&world.root, &["new", "flag", "one", "--project", "web"]).0, 0);
    assert!(text(&world, "web/one.yaml").starts_with("key: one\n"));
    // Where most of the others are.
    world.write(&[("flags/checkout/deep/a.yaml", "key: a\nkind: flag\nstate: inactive\n")]);
    assert_eq!(countersign(&world.root, &["new", "flag", "two", "--project", "checkout"]).0, 0);
    assert!(text(&world, "flags/checkout/deep/two.yaml").starts_with("key: two\n"));
    // A place that holds another format.
    let other = repository("version: 1\nprojects: {p: {paths: [\"flags.flagd.json\"], approvals: peer}}\n");
    let (code, printed) = countersign(&other.root, &["new", "flag", "one"]);
    assert_eq!((code, printed.contains("`--stdout`")), (2, true), "{printed}");
}

#[test]
fn files_written_anew() {
    let world = repository(CONFIG);
    let messy = "# top\nstate:   inactive\nkind: flag\nkey: 'a' # key\n";
    let neat = "# top\nkey: a # key\nkind: flag\nstate: inactive\n";
    let path = "flags/checkout/a.yaml";
    world.commit(&[
        (path, messy),
        (
            "flags/checkout/b.yaml",
            &neat.replace('a', "b").replace("stbte", "state").replace("flbg", "flag").replace("inbctive", "inactive"),
        ),
    ]);
    let (code, printed) = countersign(&world.root, &["fmt", "--check"]);
    assert_eq!((code, printed.starts_with("flags/checkout/a.yaml\n")), (1, true), "{printed}");
    assert_eq!(text(&world, path), messy);
    let (code, patch) = countersign(&world.root, &["fmt", "--diff"]);
    assert_eq!((code, text(&world, path).as_str()), (0, messy));
    world.write(&[("a.patch", &patch)]);
    world.git(&["apply", "a.patch"]);
    assert_eq!(text(&world, path), neat);
    world.write(&[(path, messy)]);
    assert_eq!(countersign(&world.root, &["fmt", "flags/checkout/b.yaml"]).0, 0);
    assert_eq!(text(&world, path), messy);
    assert_eq!(countersign(&world.root, &["fmt"]).0, 0);
    assert_eq!(text(&world, path), neat);
    // It is no change of the flag.
    let (_, printed) = countersign(&world.root, &["check", "--worktree"]);
    assert!(printed.contains("no approval needed") && printed.contains("only comments, layout"), "{printed}");
    // A file that cannot be read is reported and left alone, and the others are written.
    let broken = "key: c\nkind: flag\nstate: on\n";
    world.write(&[("flags/checkout/c.yaml", broken), (path, messy)]);
    let (code, printed) = countersign(&world.root, &["fmt"]);
    assert_eq!((code, printed.contains("c.yaml:3:8: error")), (3, true), "{printed}");
    assert_eq!((text(&world, "flags/checkout/c.yaml").as_str(), text(&world, path).as_str()), (broken, neat));
    let (code, printed) = countersign(&world.root, &["fmt", "nowhere.yaml"]);
    assert_eq!(code, 2, "{printed}");
}

#[test]
fn the_first_flag_of_init_is_in_canonical_form() {
    let world = World::with(&[("README.md", "a shop\n")]);
    assert_eq!(countersign(&world.root, &["init", "--no-workflows"]).0, 0);
    assert!(text(&world, "flags/first-flag.yaml").contains("state: inactive"));
    let (code, printed) = countersign(&world.root, &["fmt", "--check"]);
    assert_eq!((code, printed.contains("every file is in canonical form")), (0, true), "{printed}");
}
