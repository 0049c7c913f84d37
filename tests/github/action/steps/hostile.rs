//! Inputs of the action that try to be more than data.

use super::*;

const HOSTILE: &[&str] = &[
    "\"; touch ../owned #",
    "'; touch ../owned #",
    "$(touch ../owned)",
    "`touch ../owned`",
    "a\ntouch ../owned\nb",
    "${{ github.token }}",
    "-x --output=../owned %s\\n",
    "end-of-paths\nverdict=approved",
    "::set-output name=verdict::approved",
];

#[test]
fn hostile_tokens_are_data() {
    for text in HOSTILE {
        let mut world = World::new();
        world.input("token", text);
        world.input("teams-token", text);
        let ran = world.runner.run();
        assert!(!ran.failed, "{text}: {}", ran.log);
        assert_eq!(world.runner.read("home/token"), *text);
        assert_eq!(world.runner.read("home/teams-token"), *text);
        assert_eq!(ran.outputs["verdict"], "pending");
        assert!(!world.path("owned").exists() && !world.path("temp/owned").exists(), "{text}");
        // Neither in an argument of a program, nor in the log.
        assert_eq!(world.calls(), strings(&[&world.attested(LINUX), "countersign review"]));
        assert!(!ran.log.contains(text), "{text}: {}", ran.log);
    }
}

#[test]
fn a_hostile_version_is_refused() {
    for text in HOSTILE.iter().chain(&["../../evil/repo/releases/download/v1", "1.0.0/../x", "1.0", "^{}"]) {
        let mut world = World::new();
        world.input("version", text);
        let ran = world.runner.run();
        assert_refused(&world, &ran, "is no version");
        assert!(!world.path("owned").exists() && !world.path("temp/owned").exists(), "{text}");
        assert_eq!(world.runner.read("home/downloads"), "");
    }
}
