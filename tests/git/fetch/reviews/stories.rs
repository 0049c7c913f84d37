//! Branches, each with what a review of it has to fetch.

use super::*;

pub const STORIES: &[Story] = &[
    Story {
        name: "edit",
        tell: |world| {
            on(world, "change");
            edit(world, KILL, "rolloutPercentage: 100", "rolloutPercentage: 10");
        },
        way: MergeMethod::Direct,
        fetches: 3,
        blobs: 2 + 2,
    },
    Story {
        name: "turned off",
        tell: |world| {
            on(world, "change");
            edit(world, KILL, "state: active", "state: inactive");
        },
        way: MergeMethod::Direct,
        fetches: 4,
        blobs: 2 + MANAGED + 1,
    },
    Story {
        name: "nothing managed",
        tell: |world| {
            on(world, "change");
            edit(world, "docs/1.md", "page", "leaf");
        },
        way: MergeMethod::Direct,
        fetches: 2,
        blobs: 2,
    },
    Story {
        name: "new key",
        tell: |world| {
            on(world, "change");
            let text = fs::read_to_string(world.root.join(KILL)).unwrap().replace("payments-kill-switch", "new-switch");
            world.commit(&[("flags/checkout/new-switch.yaml", &text)]);
        },
        way: MergeMethod::Direct,
        fetches: 4,
        blobs: 2 + MANAGED + 1,
    },
    Story {
        name: "deletion",
        tell: |world| {
            on(world, "change");
            world.git(&["rm", "-q", KILL]);
            world.commit(&[]);
        },
        way: MergeMethod::Direct,
        fetches: 4,
        blobs: 2 + MANAGED,
    },
    Story {
        name: "rename out of the flags",
        tell: |world| {
            on(world, "change");
            world.git(&["mv", KILL, "docs/kill.yaml"]);
            world.commit(&[]);
        },
        way: MergeMethod::Direct,
        fetches: 4,
        blobs: 2 + MANAGED,
    },
    Story {
        name: "policy changed",
        tell: |world| {
            on(world, "change");
            edit(world, ".countersign/APPROVERS", "@acme/payments @dana", "@acme/payments @mallory");
        },
        way: MergeMethod::Direct,
        fetches: 2,
        blobs: 3,
    },
    Story {
        name: "both sides, other files",
        tell: |world| {
            on(world, "change");
            edit(world, KILL, "rolloutPercentage: 100", "rolloutPercentage: 10");
            on(world, "main");
            edit(world, TAX, "rolloutPercentage: 25", "rolloutPercentage: 26");
        },
        way: MergeMethod::ByName,
        fetches: 3,
        blobs: 2 + 2,
    },
    Story {
        name: "both sides, one file",
        tell: |world| {
            on(world, "change");
            edit(world, KILL, "rolloutPercentage: 100", "rolloutPercentage: 10");
            on(world, "main");
            edit(world, KILL, "Payments kill switch", "Kill switch");
            edit(world, "docs/3.md", "page", "leaf");
        },
        way: MergeMethod::Merged,
        fetches: 3,
        blobs: 2 + 3,
    },
    Story {
        name: "conflict",
        tell: |world| {
            on(world, "change");
            edit(world, KILL, "rolloutPercentage: 100", "rolloutPercentage: 80");
            on(world, "main");
            edit(world, KILL, "rolloutPercentage: 100", "rolloutPercentage: 90");
        },
        way: MergeMethod::Merged,
        fetches: 4,
        blobs: 2 + MANAGED + 2,
    },
    Story {
        name: "renamed here, edited there",
        tell: |world| {
            on(world, "change");
            edit(world, KILL, "rolloutPercentage: 100", "rolloutPercentage: 10");
            on(world, "main");
            world.git(&["mv", KILL, "flags/checkout/off.yaml"]);
            edit(world, "flags/checkout/off.yaml", "Payments kill switch", "Kill switch of payments");
        },
        way: MergeMethod::Merged,
        fetches: 3,
        blobs: 2 + 3,
    },
    Story {
        name: "renamed folder",
        tell: |world| {
            on(world, "change");
            let text = fs::read_to_string(world.root.join(KILL)).unwrap().replace("payments-kill-switch", "new-switch");
            world.commit(&[("flags/sandbox/new-switch.yaml", &text)]);
            on(world, "main");
            world.git(&["mv", "flags/sandbox", "flags/growth/sand"]);
            world.commit(&[]);
        },
        way: MergeMethod::Merged,
        // The file is in conflict, so no other is looked at for its sake.
        fetches: 4,
        blobs: 5,
    },
    Story {
        name: "criss-cross",
        tell: |world| {
            // The proposal merges what turned the switch off, keeps it on, and says so only to the history.
            on(world, "change");
            let first = world.commit(&[("docs/f1", "1\n")]);
            on(world, "main");
            edit(world, KILL, "state: active", "state: inactive");
            let off = id(&world.root, "main");
            world.git(&["merge", "-q", "-m", "merge", "change"]);
            world.git(&["switch", "-q", "-C", "change", &first]);
            world.git(&["merge", "-q", "-s", "ours", "-m", "harmless", &off]);
            world.commit(&[("docs/readme", "hi\n")]);
        },
        way: MergeMethod::Merged,
        fetches: 3,
        blobs: 2 + 2 + 2,
    },
];
