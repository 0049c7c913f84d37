//! How somebody might get a change past its approvers, and what proves that they can't.
//!
//! The numbers are only names, so that an attack can be spoken of; a gap is an attack that takes a server of a forge to
//! play through. A proof is a folder of `tests/cases/` or the name of a test.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Number, the attack, and what proves that it fails.
const ATTACKS: &[(u32, &str, &[&str])] = &[
    // By the law.
    (
        19,
        "name oneself an approver in the request one wants to approve",
        &["law-adds-approver", "law-adds-approver-and-uses-it", "law-adds-admin", "law-adds-to-team"],
    ),
    (
        20,
        "delete or break the law so that nothing applies",
        &[
            "law-approvers-deleted",
            "law-config-deleted",
            "law-all-deleted",
            "law-broken",
            "law-broken-approvers",
            "law-broken-on-base",
            "law-missing-on-base",
        ],
    ),
    (
        21,
        "add oneself to a team in a tidy-up nobody reads",
        &["law-adds-to-team", "law-adds-approver", "law-adds-line-for-later"],
    ),
    (
        22,
        "shrink what is managed, relax a rule, weaken a mode, then use it",
        &[
            "law-shrinks-paths",
            "law-shrinks-paths-and-edits",
            "law-relaxes",
            "law-off",
            "law-count-lowered",
            "law-section-made-optional",
            "law-everything-else",
            "law-widens-paths-for-later",
            "law-two-formats",
        ],
    ),
    (
        23,
        "misspell a pattern, so that a flag has no approvers",
        &[
            "approval-uncovered",
            "approval-no-admins",
            "approval-line-without-owners",
            "approval-section-without-owners",
        ],
    ),
    (24, "have everyone who could approve disqualified", &["approval-nobody-left", "approval-more-asked-than-named"]),
    (
        25,
        "make a requirement vacuous, so that nobody is asked",
        &[
            "approval-section-narrowed-all",
            "approval-section-optional-only",
            "relaxed-seed",
            "asking_for_more_never_unblocks",
            "bound-cohort",
            "bound-deployments",
            "bound-home",
            "bound-payload",
            "bound-unknown-field",
        ],
    ),
    (26, "have an old branch judged by the law of its day", &["the_law_of_the_tip_counts"]),
    (27, "rely on a key or a version of the law that is ignored", &["law-broken", "law-version"]),
    // By the way a flag is written.
    (
        28,
        "rename or move a live flag, out of the managed paths for instance",
        &["class-moved-out", "class-renamed-key", "class-renamed-key-in-place", "rule-home", "rule-home-project"],
    ),
    (
        29,
        "name a file so that only some readers find it",
        &[
            "file-extensions",
            "file-renamed-extension",
            "file-readme",
            "file-json-beside",
            "paths_that_differ_only_in_case",
            "odd_paths",
        ],
    ),
    (
        30,
        "put a link or a submodule where a flag is",
        &["file-symlink", "file-symlink-folder", "file-symlink-new", "links_and_repositories_inside"],
    ),
    (
        31,
        "hand in bytes that readers guess at",
        &["file-lfs", "file-bom", "file-utf16", "file-nul", "file-empty", "file-bidi"],
    ),
    (32, "write a key twice", &["file-duplicate-key", "file-line-separator", "a_smuggled_key"]),
    (33, "change many places through one", &["file-anchor", "file-merge-key"]),
    (34, "write several documents, or types of one's own", &["file-two-documents", "file-tag"]),
    (35, "write what YAML 1.1 and 1.2 read differently", &["file-ambiguous", "ambiguous_scalars"]),
    (
        36,
        "exhaust whoever reads it",
        &[
            "the_limit_is_exact",
            "depth_that_is_allowed",
            "references_cannot_blow_up_a_file",
            "a_hostile_pattern_costs_little",
        ],
    ),
    (
        37,
        "hide one change among many that mean nothing",
        &[
            "another_way_to_write_it_has_no_effect",
            "another_way_to_write_a_change_keeps_verdict_and_digest",
            "order-segments",
            "order-variants",
        ],
    ),
    (
        38,
        "put the same flag into two files",
        &["flag-twice", "flag-twice-both-new", "flag-twice-mended", "home-beside-a-new-namesake"],
    ),
    (
        39,
        "add a field that only the SDK knows",
        &[
            "rule-unknown-field",
            "rule-unknown-field-changed",
            "rule-unknown-field-inside",
            "rule-unknown-field-key",
            "relaxed-inclusions-name-with-dot",
        ],
    ),
    (
        40,
        "edit what other flags lean on",
        &[
            "dependency-deleted",
            "dependency-variant-lost",
            "dependency-cycle",
            "what_the_file_says_for_all_shows_in_each",
        ],
    ),
    (41, "hide the change by git attributes", &["attributes_filters_and_merge_drivers_do_nothing"]),
    (42, "delete a live flag", &["rule-deletion", "file-removed-many"]),
    (
        43,
        "deactivate, edit while nobody is asked, activate",
        &["class-deactivation-edited", "class-edited-asleep", "approval-activation-edited-asleep-before"],
    ),
    (44, "swap the keys of two flags", &["flag-twice-reused", "class-swapped-keys"]),
    (
        45,
        "edit what is scheduled, or move its start",
        &["class-scheduled", "rule-schedule", "rule-schedule-state", "from_every_state_to_every_state"],
    ),
    (
        46,
        "play tricks with numbers",
        &["file-numbers", "file-number-tricks", "file-number-range", "file-number-text", "file-weights-zero"],
    ),
    (47, "say elsewhere that it is live", &["a_broken_state_is_served_and_so_live", "from_every_state_to_every_state"]),
    // By the shape of the history.
    (48, "hide a change in a criss-cross history", &["a_criss_cross_history_hides_nothing"]),
    (49, "smuggle an edit into a merge of the base", &["an_evil_merge_is_seen", "approval-void"]),
    (
        50,
        "let the base move under an approved change",
        &["approval-void-base-moved", "approval-void-home-content-changed", "approval-kept-base-moved-elsewhere"],
    ),
    (51, "have a file follow a renamed folder", &["a_file_in_a_folder_that_was_renamed"]),
    (52, "touch more files than an interface lists", &["more_files_than_an_interface_would_list"]),
    (57, "have it judged on half a history", &["a_shallow_clone", "objects_a_partial_clone_left_out"]),
    (58, "have an approval re-pointed at another commit", &["approval-void-edited-back", "approval-void-saw-other"]),
    (59, "replace objects", &["replace_refs_and_grafts_are_not_followed"]),
    // By who approves.
    (
        60,
        "approve one's own request",
        &["approval-requestor", "approval-peer-requestor", "approval-admin-is-requestor", "approval-vouched-requestor"],
    ),
    (61, "approve what one wrote", &["approval-contributor", "approval-peer-contributor"]),
    (62, "hide who wrote it", &["approval-contributors-unknown"]),
    (
        63,
        "name somebody else as an author to silence them",
        &["rejection-by-contributor", "no_rejection_and_no_contributor_unblocks"],
    ),
    (64, "have a bot open a request for what one wrote, and approve it", &["approval-laundered"]),
    (65, "have a machine approve", &["approval-bot", "approval-peer-bot", "approval-bot-beside-person"]),
    (
        66,
        "approve in passing, without write access",
        &[
            "approval-reader",
            "approval-triage",
            "approval-permission-strange",
            "approval-peer-reader",
            "approval-stranger",
        ],
    ),
    (67, "approve after leaving", &["approval-left", "approval-team-left"]),
    (
        70,
        "have a question about people fail, and the failure taken for an answer",
        &[
            "approval-team-unknown",
            "approval-permission-unknown",
            "rejection-by-unknown",
            "rejection-dismissals-unknown",
            "knowing_less_never_unblocks",
        ],
    ),
    (
        71,
        "be two people at once",
        &["approval-sections-distinct", "approval-sections-matching", "approval-same-person-twice"],
    ),
    (
        72,
        "have an opinion counted that its author took back",
        &[
            "approval-then-rejected",
            "approval-then-dismissed",
            "approval-dismissed-revives-nothing",
            "approval-out-of-order",
            "approval-unknown-state",
        ],
    ),
    (
        73,
        "dismiss a rejection",
        &[
            "rejection-dismissed-by-writer",
            "rejection-dismissed-by-requestor",
            "rejection-dismissal-of-older",
            "rejection-dismissal-missing",
            "rejection-then-unknown-state",
            "rejection-lifted-by-approver-of-another",
        ],
    ),
    (
        74,
        "have an approval of something else counted",
        &[
            "approval-void",
            "approval-before-display",
            "approval-not-on-display",
            "approval-short-digest",
            "approval-not-kept",
            "approval-void-activation-flag-set",
            "another_big_file_of_the_same_size_is_another_change",
            "another_commit_of_a_submodule_is_another_change",
        ],
    ),
    (75, "change it in the second before the click", &["approval-same-second", "approval-same-second-fraction"]),
    (77, "use a look-alike of a login", &["approval-login-look-alike", "approval-login-case", "approval-team-case"]),
    // By locks.
    (78, "lock every flag from a fork or a draft", &["lock-outsider", "lock-draft", "lock-own-draft"]),
    (79, "slip past a lock under another name", &["lock-moved", "lock-deleted", "lock-routine"]),
    (80, "have two requests approved at once", &["approval-void-base-moved", "lock-earlier-approved"]),
    (
        81,
        "take a lock over with a lower number",
        &["lock-later", "lock-own-shown-earlier", "lock-same-time", "lock-two-rivals"],
    ),
    (82, "hold a lock and leave", &["lock-idle"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of all tests: what follows `#[test]` (in `proptest!` too).
fn tests() -> BTreeSet<String> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut folders = vec![root().join("src"), root().join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() && entry.file_name() != "cases" {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|end| end == "rs") {
                files.push(entry.path());
            }
        }
    }
    let mut names = BTreeSet::new();
    for text in files.iter().map(|file| fs::read_to_string(file).unwrap()) {
        for (_, after) in text.match_indices("#[test]\n").map(|(at, mark)| text.split_at(at + mark.len())) {
            let name = after.trim_start().strip_prefix("fn ").and_then(|name| name.split_once('('));
            names.extend(name.map(|(name, _)| name.to_owned()));
        }
    }
    names
}

#[test]
fn every_attack_has_a_proof_that_exists() {
    let tests = tests();
    let mut missing = Vec::new();
    for (number, attack, proofs) in ATTACKS {
        assert!(!proofs.is_empty(), "{number}: {attack}");
        let there = |proof: &&&str| root().join("tests/cases").join(proof).is_dir() || tests.contains(**proof);
        missing.extend(proofs.iter().filter(|proof| !there(proof)).map(|proof| format!("{number}: {proof}")));
    }
    assert!(missing.is_empty(), "no such case or test: {}", missing.join(", "));
}

#[test]
fn numbers_ascend_and_are_given_once() {
    assert!(ATTACKS.windows(2).all(|pair| pair[0].0 < pair[1].0));
}
