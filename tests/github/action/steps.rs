//! The steps of the action, run: which program they put in place and which they refuse, and what reaches it.
//!
//! The action's repository is a real one, found through git's own `insteadOf`; `curl` serves a folder; `gh` and `cargo`
//! write down what they are asked; the program in the release is a recorder.

mod hostile;
mod pins;

use std::fs;
use std::path::PathBuf;

use super::runner::{Outputs, REPOSITORY, Ran, Runner, executable};
use crate::git::{command, git};

const LINUX: &str = "countersign-x86_64-unknown-linux-musl.tar.gz";

/// Writes down each call and its input; reports as the program does.
const RECORDER: &str = r#"#!/bin/sh
echo "countersign $*" >>"$HOME/calls"
printf '%s' "$COUNTERSIGN_TOKEN" >"$HOME/token"
printf '%s' "${COUNTERSIGN_TEAMS_TOKEN-not set}" >"$HOME/teams-token"
env >"$HOME/env"
for name in $REPORTS; do
    echo '{}' >"$COUNTERSIGN_REPORT_DIR/$name.json"
    echo '<p>' >"$COUNTERSIGN_REPORT_DIR/$name.html"
done
echo "verdict=pending" >>"$GITHUB_OUTPUT"
exit "${EXIT-0}"
"#;

/// A runner and the world it sees.
struct World {
    runner: Runner,
    remote: PathBuf,
    commit: String,
    tag: String,
}

impl World {
    /// The action at the commit of its release, which is there and as it should be.
    fn new() -> Self {
        Self::at("the commit", LINUX)
    }

    /// The action at a ref of its repository ("the commit" is that of the release), whose release has an archive.
    fn at(reference: &str, archive: &str) -> Self {
        let holder = tempfile::tempdir().unwrap();
        let source = holder.path();
        git(source, &["init", "-q", "-b", "main"]);
        git(source, &["commit", "-q", "--allow-empty", "-m", "release"]);
        let commit = git(source, &["rev-parse", "HEAD"]);
        let tag = format!("v{}", env!("CARGO_PKG_VERSION"));
        // With an object of its own, which is not the commit.
        git(source, &["tag", "-a", "-m", "release", &tag]);

        let mut runner = Runner::new(if reference == "the commit" { &commit } else { reference });
        let remote = runner.dir.path().join("remote");
        fs::create_dir_all(remote.join("acme")).unwrap();
        git(source, &["clone", "-q", "--bare", ".", remote.join(REPOSITORY).to_str().unwrap()]);
        runner.env.extend(
            [
                ("GIT_CONFIG_COUNT", "1".to_owned()),
                ("GIT_CONFIG_KEY_0", format!("url.file://{}/.insteadOf", remote.display())),
                ("GIT_CONFIG_VALUE_0", "https://github.com/".to_owned()),
                ("REPORTS", "report".to_owned()),
            ]
            .map(|(name, value)| (name.to_owned(), value)),
        );

        let world = World { runner, remote, commit, tag };
        fs::create_dir(world.path("release")).unwrap();
        world.pack(archive, RECORDER);
        world.sums();
        world.stand_ins();
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.runner.dir.path().join(name)
    }

    /// Puts an archive with this program into the release.
    fn pack(&self, archive: &str, program: &str) {
        let name = if archive.contains("windows") { "countersign.exe" } else { "countersign" };
        executable(&self.path(name), program);
        let packed = command("tar", self.runner.dir.path())
            .args(["-czf", &format!("release/{archive}"), name])
            .status()
            .unwrap();
        assert!(packed.success());
    }

    /// The checksums of what is in the release now.
    fn sums(&self) {
        let script = "cd release && sha256sum *.tar.gz >SHA256SUMS";
        assert!(command("sh", self.runner.dir.path()).args(["-c", script]).status().unwrap().success());
    }

    fn stand_ins(&self) {
        let curl = r#"#!/bin/sh
while [ $# -gt 1 ]; do
    if [ "$1" = --output ]; then out=$2; fi
    shift
done
echo "$1" >>"$HOME/downloads"
if ! [ -f "RELEASE/${1##*/}" ]; then echo "curl: (22) 404" >&2; exit 22; fi
cp "RELEASE/${1##*/}" "$out"
"#;
        self.runner.program("curl", &curl.replace("RELEASE", self.path("release").to_str().unwrap()));
        let gh = "#!/bin/sh\n[ \"$1\" != release ] || exit 1\necho \"$GH_HOST: $GH_TOKEN: gh $*\" >>\"$HOME/calls\"\nexit \"${GH_EXIT-0}\"\n";
        self.runner.program("gh", gh);
        // The binary that it builds is the recorder.
        let cargo = r#"#!/bin/sh
echo "cargo $*" >>"$HOME/calls"
pwd >"$HOME/built-in"
env >"$HOME/built-with"
while [ "$1" != --target-dir ]; do shift; done
mkdir -p "$2/release"
cp RECORDER "$2/release/countersign"
"#;
        self.runner.program("cargo", &cargo.replace("RECORDER", self.path("countersign").to_str().unwrap()));
    }

    fn set(&mut self, name: &str, value: &str) {
        self.runner.env.insert(name.to_owned(), value.to_owned());
    }

    fn input(&mut self, name: &str, value: &str) {
        self.runner.inputs.insert(name.to_owned(), value.to_owned());
    }

    fn calls(&self) -> Vec<String> {
        self.runner.read("home/calls").lines().map(str::to_owned).collect()
    }

    /// The question to `gh` about the archive of this release.
    fn attested(&self, archive: &str) -> String {
        let World { commit, tag, .. } = self;
        format!(
            "github.com: token of the job: gh attestation verify {archive} --repo {REPOSITORY} --source-digest {commit} \
             --source-ref refs/tags/{tag} --signer-workflow {REPOSITORY}/.github/workflows/release.yml"
        )
    }

    fn built(&self) -> String {
        format!(
            "cargo build --release --locked --bin countersign --target-dir {}",
            self.path("temp/countersign/target").display()
        )
    }
}

fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

/// Refused: nothing was run, neither what was downloaded nor anything built instead.
fn assert_refused(world: &World, ran: &Ran, says: &str) {
    assert!(ran.failed, "{}", ran.log);
    assert_eq!(ran.order, ["install"], "{}", ran.log);
    assert!(ran.log.contains(says), "{}", ran.log);
    let ran_something = world.calls().iter().any(|call| call.starts_with("countersign") || call.starts_with("cargo"));
    assert!(!ran_something, "{:?}", world.calls());
    assert!(!world.path("temp/countersign/bin/countersign").exists());
}

/// Built from source because there is no release to have, and nothing of a release was run.
fn assert_built(world: &World, ran: &Ran, because: &str) {
    assert!(!ran.failed, "{}", ran.log);
    assert!(ran.log.contains(because), "{}", ran.log);
    assert_eq!(world.calls(), strings(&[&world.built(), "countersign review"]), "{}", ran.log);
}

#[test]
fn a_release_is_verified_and_run_once() {
    let mut world = World::new();
    let page = "https://github.com/acme/shop/actions/runs/1/artifacts/2";
    world.runner.actions.insert("upload".to_owned(), Outputs::from([("artifact-url".to_owned(), page.to_owned())]));
    let ran = world.runner.run();
    assert!(!ran.failed, "{}", ran.log);
    assert_eq!(ran.order, ["install", "review", "upload", "link"]);
    assert_eq!(world.calls(), strings(&[&world.attested(LINUX), "countersign review"]));
    let release = format!("https://github.com/{REPOSITORY}/releases/download/{}", world.tag);
    assert_eq!(world.runner.read("home/downloads"), format!("{release}/SHA256SUMS\n{release}/{LINUX}\n"));

    let reports = world.path("temp/countersign/reports");
    let html = reports.join("report.html").display().to_string();
    let expected = Outputs::from(
        [("verdict", "pending"), ("report", reports.join("report.json").to_str().unwrap()), ("html", &html)]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    assert_eq!(ran.outputs, expected);
    assert_eq!(ran.with["upload"]["path"], html);
    assert_eq!(ran.with["upload"]["archive"], "false");
    assert_eq!(world.runner.read("summary"), format!("\n[The whole report, for a browser]({page})\n"));
    assert_eq!(world.runner.read("home/token"), "token of the job");
    // The input was left out: the program does not get an empty token.
    assert_eq!(world.runner.read("home/teams-token"), "not set");
}

#[test]
fn another_checksum_is_refused() {
    let world = World::new();
    world.pack(LINUX, "#!/bin/sh\necho 'countersign, swapped' >>\"$HOME/calls\"\n");
    let ran = world.runner.run();
    assert_refused(&world, &ran, "the checksum of");
}

/// Two lines for one file: one of them may be right, and nobody can say which.
#[test]
fn two_checksums_are_refused() {
    let world = World::new();
    let sums = world.runner.read("release/SHA256SUMS");
    fs::write(world.path("release/SHA256SUMS"), format!("{sums}{}  {LINUX}\n", "f".repeat(64))).unwrap();
    let ran = world.runner.run();
    assert_refused(&world, &ran, "the checksum of");
}

/// A person who can swap a file of a release can swap its checksum as well.
#[test]
fn a_release_without_attestation_is_refused() {
    let mut world = World::new();
    world.set("GH_EXIT", "1");
    let ran = world.runner.run();
    assert_refused(&world, &ran, "no attestation");
    assert_eq!(world.calls(), [world.attested(LINUX)]);
}

#[test]
fn without_gh_the_checksum_is_what_there_is() {
    let world = World::new();
    fs::remove_file(world.path("bin/gh")).unwrap();
    let ran = world.runner.run();
    assert!(!ran.failed, "{}", ran.log);
    assert!(ran.log.contains("::warning"), "{}", ran.log);
    assert_eq!(world.calls(), ["countersign review"]);
}

/// GitHub Enterprise Server keeps no attestations; a tenant under `ghe.com` does.
#[test]
fn other_servers() {
    for (host, requested) in [("git.acme.example", false), ("acme.ghe.com", true)] {
        let mut world = World::new();
        world.set("GITHUB_SERVER_URL", &format!("https://{host}"));
        world.set("GIT_CONFIG_VALUE_0", &format!("https://{host}/"));
        let ran = world.runner.run();
        assert!(!ran.failed, "{}", ran.log);
        let asks = world.attested(LINUX).replacen("github.com", host, 1);
        let expected =
            if requested { vec![asks, "countersign review".to_owned()] } else { strings(&["countersign review"]) };
        assert_eq!(world.calls(), expected, "{host}");
        assert!(world.runner.read("home/downloads").starts_with(&format!("https://{host}/{REPOSITORY}/releases/")));
    }
}

#[test]
fn every_platform_has_its_archive() {
    for (os, arch, target) in [
        ("Linux", "X64", "x86_64-unknown-linux-musl"),
        ("Linux", "ARM64", "aarch64-unknown-linux-musl"),
        ("macOS", "X64", "x86_64-apple-darwin"),
        ("macOS", "ARM64", "aarch64-apple-darwin"),
        ("Windows", "X64", "x86_64-pc-windows-msvc"),
        ("Windows", "ARM64", "x86_64-pc-windows-msvc"),
    ] {
        // The targets of the release workflow are those that are asked for.
        assert!(super::texts::text(".github/workflows/release.yml").contains(&format!("target: {target},")));
        let archive = format!("countersign-{target}.tar.gz");
        let mut world = World::at("the commit", &archive);
        world.set("RUNNER_OS", os);
        world.set("RUNNER_ARCH", arch);
        let ran = world.runner.run();
        assert!(!ran.failed, "{os} {arch}: {}", ran.log);
        assert_eq!(world.calls(), strings(&[&world.attested(&archive), "countersign review"]), "{os} {arch}");
    }
}

#[test]
fn without_a_release_it_is_built() {
    let world = World::new();
    git(&world.remote.join(REPOSITORY), &["tag", "-d", &world.tag]);
    let ran = world.runner.run();
    assert_built(&world, &ran, "has no release v");
    // And not kept: a cache could hold anything.
    assert_eq!(ran.order, ["install", "build", "review", "upload"]);
    // Where no settings of a checkout are found, and without a token.
    assert!(world.runner.read("home/built-in").trim_end().ends_with(&world.commit));
    assert!(!world.runner.read("home/built-with").contains("token of the job"));
}

/// The tag was moved, or the action is pinned between two releases: the pinned source is what counts.
#[test]
fn the_release_of_another_commit_is_not_taken() {
    let world = World::at("fedcba9876543210fedcba9876543210fedcba98", LINUX);
    let ran = world.runner.run();
    assert_built(&world, &ran, "made from another commit");
    assert_eq!(world.runner.read("home/downloads"), "");
}

#[test]
fn a_tag_means_its_release() {
    let tag = format!("v{}", env!("CARGO_PKG_VERSION"));
    let world = World::at(&tag, LINUX);
    let ran = world.runner.run();
    assert!(!ran.failed, "{}", ran.log);
    assert_eq!(world.calls(), strings(&[&world.attested(LINUX), "countersign review"]));
}

/// The name of a branch stands for other source tomorrow.
#[test]
fn a_branch_is_built_each_time() {
    let world = World::at("main", LINUX);
    let ran = world.runner.run();
    assert_built(&world, &ran, "made from another commit");
    assert_eq!(ran.order, ["install", "build", "review", "upload"]);
}

#[test]
fn what_a_release_lacks_is_built() {
    let no_sums = World::new();
    fs::remove_file(no_sums.path("release/SHA256SUMS")).unwrap();
    assert_built(&no_sums, &no_sums.runner.run(), "has no checksums");

    let other_platform = World::at("the commit", "countersign-aarch64-unknown-linux-musl.tar.gz");
    assert_built(&other_platform, &other_platform.runner.run(), "has no countersign-x86_64-unknown-linux-musl.tar.gz");

    let mut unknown_platform = World::new();
    unknown_platform.set("RUNNER_ARCH", "RISCV64");
    assert_built(&unknown_platform, &unknown_platform.runner.run(), "no releases for Linux on RISCV64");

    // Used as `./` in its own repository, or somewhere a runner of another make puts it.
    let mut elsewhere = World::new();
    let path = elsewhere.path("workspace/action");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::rename(&elsewhere.runner.env["GITHUB_ACTION_PATH"], &path).unwrap();
    elsewhere.set("GITHUB_ACTION_PATH", path.to_str().unwrap());
    assert_built(&elsewhere, &elsewhere.runner.run(), "does not run out of a repository");
}

#[test]
fn without_cargo_a_build_says_what_to_do() {
    let world = World::at("main", LINUX);
    fs::remove_file(world.path("bin/cargo")).unwrap();
    let ran = world.runner.run();
    assert!(ran.failed);
    assert_eq!(ran.order, ["install", "build"]);
    assert!(ran.log.contains("pin the action to a release, or install Rust"), "{}", ran.log);
}

#[test]
fn a_version_that_is_asked_for() {
    // The release, although the action is at another commit.
    for version in [env!("CARGO_PKG_VERSION"), concat!("v", env!("CARGO_PKG_VERSION"))] {
        let mut world = World::at("main", LINUX);
        world.input("version", version);
        let ran = world.runner.run();
        assert!(!ran.failed, "{}", ran.log);
        assert_eq!(world.calls(), strings(&[&world.attested(LINUX), "countersign review"]));
    }
    // There is none: something else is not what was asked for.
    let mut world = World::new();
    world.input("version", "9.9.9");
    let ran = world.runner.run();
    assert_refused(&world, &ran, "release 9.9.9 can't be installed");

    let mut world = World::new();
    world.input("version", "source");
    let ran = world.runner.run();
    assert_built(&world, &ran, "that was asked for");
}

/// The reports are for exactly the case in which something went wrong; the failure stays one.
#[test]
fn a_failure_is_handed_on_and_its_report_kept() {
    let mut world = World::new();
    world.set("EXIT", "4");
    let ran = world.runner.run();
    assert!(ran.failed);
    assert_eq!(ran.order, ["install", "review", "upload"]);
    assert_eq!(ran.outputs["verdict"], "pending");
}

#[test]
fn several_reports_and_none() {
    let mut world = World::new();
    world.set("REPORTS", "report-12 report-7");
    let ran = world.runner.run();
    let paths = |kind: &str| {
        let reports = world.path("temp/countersign/reports");
        ["report-12", "report-7"].map(|name| reports.join(format!("{name}.{kind}")).display().to_string()).join("\n")
    };
    assert_eq!((&ran.outputs["report"], &ran.outputs["html"]), (&paths("json"), &paths("html")));
    assert_eq!(ran.with["upload"]["archive"], "true");

    let mut world = World::new();
    world.set("REPORTS", "");
    // Left by a step before, or by the run before on a machine of one's own.
    fs::create_dir_all(world.path("temp/countersign/reports")).unwrap();
    fs::write(world.path("temp/countersign/reports/report.html"), "old").unwrap();
    let ran = world.runner.run();
    assert!(!ran.failed, "{}", ran.log);
    assert_eq!(ran.order, ["install", "review"]);
    assert_eq!((ran.outputs["report"].as_str(), ran.outputs["html"].as_str()), ("", ""));
}

/// The program gets what a runner tells it and its own two inputs; the token of another step is not among them.
#[test]
fn the_environment_of_the_program() {
    let mut world = World::new();
    world.input("teams-token", "other");
    world.runner.run();
    let seen = world.runner.read("home/env");
    let mut names: Vec<&str> = seen.lines().filter_map(|line| line.split('=').next()).collect();
    names.retain(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(name));
    let mut expected: Vec<&str> = world.runner.env.keys().map(String::as_str).collect();
    expected.extend([
        "BINARY",
        "COUNTERSIGN_REPORT_DIR",
        "COUNTERSIGN_TEAMS_TOKEN",
        "COUNTERSIGN_TOKEN",
        "GITHUB_OUTPUT",
    ]);
    names.sort_unstable();
    expected.sort_unstable();
    assert_eq!(names, expected);
}
