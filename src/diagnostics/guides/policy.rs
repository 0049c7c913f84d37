//! Guides of the lints about the policy.

use super::{APPROVERS, CONFIG, Guide, file, told};
use crate::diagnostics::lints;

pub const GUIDES: &[Guide] = &[
    file(
        lints::TWO_PROJECTS,
        "make the paths of one project narrower, so that every file is in one",
        CONFIG,
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/**\"], approvals: specific}\n  growth: {paths: [\"flags/checkout/**\"], approvals: peer}\n",
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}\n",
    ),
    file(
        lints::UNKNOWN_KEY,
        "write the key as the configuration has it",
        CONFIG,
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}\nlocks: {after: 14d}\n",
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}\nlock: {after: 14d}\n",
    ),
    told(
        lints::NO_CONFIG,
        "run `countersign init`, and merge what it writes",
        "$ ls .countersign\nls: cannot access '.countersign'",
        "$ ls .countersign\nAPPROVERS  config.yaml",
    ),
    told(
        lints::NO_APPROVERS,
        "write `.countersign/APPROVERS`, or choose `approvals: peer`",
        "$ ls .countersign\nconfig.yaml        with approvals: specific",
        "$ ls .countersign\nAPPROVERS  config.yaml",
    ),
    file(
        lints::FEW_ADMINS,
        "name a second person under `admins` or `policy-approvers`",
        CONFIG,
        "version: 1\nadmins: [\"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}\n",
        "version: 1\nadmins: [\"@kim\", \"@lee\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}\n",
    ),
    file(
        lints::BAD_PATTERN,
        "write the pattern in the signs that the message names",
        APPROVERS,
        "/flags//checkout/ @alice\n",
        "/flags/checkout/ @alice\n",
    ),
    file(
        lints::BAD_APPROVER,
        "write `@user` or `@org/team`; GitHub's reviews have no e-mail address",
        APPROVERS,
        "/flags/ alice@acme.example\n",
        "/flags/ @alice\n",
    ),
    file(
        lints::BAD_SECTION,
        "write the heading as `[Name]` or `[Name][2]`, with `^` before it if it is optional",
        APPROVERS,
        "[Payments][two]\n/flags/ @alice\n",
        "[Payments][2]\n/flags/ @alice @bob\n",
    ),
    file(
        lints::SECTIONS_DIFFER,
        "write one heading for both, or give one another name",
        APPROVERS,
        "[Payments][2]\n/flags/checkout/ @alice @bob\n\n[Payments]\n/flags/checkout/b* @carol @dana\n",
        "[Payments][2]\n/flags/checkout/ @alice @bob\n/flags/checkout/b* @carol @dana\n",
    ),
    file(
        lints::EMPTY_SECTION,
        "write a line below the heading, or delete it",
        APPROVERS,
        "/flags/ @alice\n\n[Payments]\n",
        "/flags/ @alice\n\n[Payments]\n/flags/checkout/ @bob\n",
    ),
    file(
        lints::DUPLICATE_APPROVER,
        "name somebody else, or name them once",
        APPROVERS,
        "/flags/ @alice @alice\n",
        "/flags/ @alice @bob\n",
    ),
    file(
        lints::EMPTY_TEAM,
        "name the members of the team, or delete the line, so that GitHub is asked for them",
        CONFIG,
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nteams: {\"@acme/web\": []}\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}\n",
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}\n",
    ),
    file(
        lints::UNUSED_TEAM,
        "delete the line, or name the team in APPROVERS or among the admins",
        CONFIG,
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nteams: {\"@acme/web\": [\"@alice\"]}\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}\n",
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}\n",
    ),
    file(
        lints::BAD_RELAX,
        "take the rule out; `countersign rules` says which may be relaxed",
        CONFIG,
        "version: 1\nadmins: [\"@root\", \"@kim\"]\ncritical: {relax: [variants]}\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}\n",
        "version: 1\nadmins: [\"@root\", \"@kim\"]\ncritical: {relax: [rollout]}\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}\n",
    ),
    file(
        lints::DEAD_PATTERN,
        "correct the pattern, or delete the line",
        APPROVERS,
        "/flags/ @alice\n/flags/chekcout/ @bob\n",
        "/flags/ @alice\n/flags/checkout/ @bob\n",
    ),
    file(
        lints::SHADOWED_PATTERN,
        "put the line after the one that takes its paths: the last line that matches holds",
        APPROVERS,
        "/flags/checkout/buy.yaml @bob\n/flags/checkout/ @alice\n",
        "/flags/checkout/ @alice\n/flags/checkout/buy.yaml @bob\n",
    ),
    file(
        lints::UNCOVERED_FLAG,
        "write a line that covers the flag",
        APPROVERS,
        "/flags/checkout/pay* @alice\n",
        "/flags/checkout/ @alice\n",
    ),
];
