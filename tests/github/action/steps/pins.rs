//! Pins other than the commit of a release, and copies that are private.

use super::*;

/// A tag of the same commit, as `v1` is, means the same release; one of another commit does not.
#[test]
fn a_short_tag_of_a_release_means_it_too() {
    let world = World::at("v1", LINUX);
    git(&world.remote.join(REPOSITORY), &["tag", "v1", &world.commit]);
    let ran = world.runner.run();
    assert!(!ran.failed, "{}", ran.log);
    assert_eq!(world.calls(), strings(&[&world.attested(LINUX), "countersign review"]));
    let elsewhere = World::at("v1", LINUX);
    let remote = elsewhere.remote.join(REPOSITORY);
    let other = git(&remote, &["commit-tree", "-m", "later", "-p", &elsewhere.commit, "HEAD^{tree}"]);
    git(&remote, &["tag", "v1", &other]);
    assert_built(&elsewhere, &elsewhere.runner.run(), "made from another commit");
}

/// A private copy: git and the release can be had with the token alone, which no argument shows.
#[test]
fn a_private_copy_finds_its_release() {
    for token in ["", "token for downloads"] {
        let mut world = World::new();
        world.input("download-token", token);
        let real = command("sh", world.runner.dir.path()).args(["-c", "command -v git"]).output().unwrap();
        let real = String::from_utf8(real.stdout).unwrap();
        let expected = if token.is_empty() { "token of the job" } else { token };
        let git = r#"#!/bin/sh
case $* in *token*) echo shown >>"$HOME/calls" ;; esac
found=$(printf '%s' "${GIT_CONFIG_VALUE_1#Authorization: basic }" | base64 -d)
[ "$found" = 'x-access-token:TOKEN' ] && [ "$GIT_CONFIG_KEY_1" = http.https://github.com/.extraHeader ] || exit 128
exec REAL "$@"
"#;
        world.runner.program("git", &git.replace("TOKEN", expected).replace("REAL", real.trim()));
        world.runner.program("curl", "#!/bin/sh\necho 'curl: (22) 404' >&2\nexit 22\n");
        let gh = r#"#!/bin/sh
echo "$GH_HOST: $GH_TOKEN: gh $*" >>"$HOME/calls"
[ "$2" = download ] || exit 0
while [ "$1" != --pattern ]; do shift; done
cp "RELEASE/$2" .
"#;
        world.runner.program("gh", &gh.replace("RELEASE", world.path("release").to_str().unwrap()));
        let ran = world.runner.run();
        assert!(!ran.failed, "{}", ran.log);
        let asset = |name: &str| {
            let tag = &world.tag;
            format!("github.com: {expected}: gh release download {tag} --repo {REPOSITORY} --pattern {name} --clobber")
        };
        let attested = world.attested(LINUX).replace("token of the job", expected);
        assert_eq!(world.calls(), strings(&[&asset("SHA256SUMS"), &asset(LINUX), &attested, "countersign review"]));
    }
}
