//! Guides of the lints about the policy.

use super::{APPROVERS, CONFIG, Guide, TRUST, described, file};
use crate::diagnostics::lints;

pub const GUIDES: &[Guide] = &[
    file(
        lints::TWO_PROJECTS,
        "make the paths of one project narrower, so that every file is in one",
        CONFIG,
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/**\"], approvals: \
         specific}\n  growth: {paths: [\"flags/checkout/**\"], approvals: peer}\n",
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: \
         specific}\n",
    ),
    described(
        lints::TWO_MAPPINGS,
        "name the right one under `formats`, or narrow `files` in one of them",
        "M .countersign/formats/one.yaml    files: [\"flags/**\"]\nM .countersign/formats/two.yaml    files: \
         [\"flags/*.yml\"]",
        "M .countersign/config.yaml         formats: {\"flags/*.yml\": two}",
    ),
    described(
        lints::UNMANAGED_FLAGS,
        "add the file to the paths of a project, if its flags are served",
        "A deploy/overlays/prod/patch.yaml    projects: {all: {paths: [\"deploy/flags.yaml\"]}}",
        "M .countersign/config.yaml           projects: {all: {paths: [\"deploy/**/*.yaml\"]}}",
    ),
    described(
        lints::UNREAD_FLAGS,
        "give the file a project in the same pull request",
        "A config/features-eu.yml    projects: {all: {paths: [\"config/features.yml\"]}}",
        "M .countersign/config.yaml  projects: {all: …, eu: {paths: [\"config/features-eu.yml\"]}}",
    ),
    described(
        lints::UNMATCHED_SCOPE,
        "write the scope as the flags have it, or remove it",
        "sections: {Release: {scopes: [prodution]}}",
        "sections: {Release: {scopes: [production]}}",
    ),
    file(
        lints::UNKNOWN_KEY,
        "write the key as the configuration has it",
        CONFIG,
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: \
         specific}\nlocks: {after: 14d}\n",
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: \
         specific}\nlock: {after: 14d}\n",
    ),
    described(
        lints::NO_CONFIG,
        "run `countersign init`, and merge what it writes",
        "$ ls .countersign\nls: cannot access '.countersign'",
        "$ ls .countersign\nAPPROVERS  config.yaml",
    ),
    described(
        lints::NO_APPROVERS,
        "write `.countersign/APPROVERS`, or choose `approvals: peer`",
        "$ ls .countersign\nconfig.yaml        with approvals: specific",
        "$ ls .countersign\nAPPROVERS  config.yaml",
    ),
    file(
        lints::FEW_APPROVERS,
        "name more people, or ask for fewer",
        APPROVERS,
        "[Payments][5]\n/flags/checkout/ @alice @bob\n",
        "[Payments][2]\n/flags/checkout/ @alice @bob\n",
    ),
    file(
        lints::FEW_ADMINS,
        "name a second person under `admins` or `policy-approvers`",
        CONFIG,
        "version: 1\nadmins: [\"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: \
         specific}\n",
        "version: 1\nadmins: [\"@kim\", \"@lee\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: \
         specific}\n",
    ),
    file(
        lints::BAD_PATTERN,
        "write the pattern in the signs that the message names",
        APPROVERS,
        "/flags//checkout/ @alice\n",
        "/flags/checkout/ @alice\n",
    ),
    file(
        lints::BAD_SIGNER,
        "write the line as in git's `allowed_signers`, with the key as it stands in the `.pub` file",
        TRUST,
        "version: 1\nrepository: acme/shop\napprovers: [\"alice\"]\n",
        "version: 1\nrepository: acme/shop\npeople: {jo: [jo@acme.example]}\napprovers: [\"kim ssh-ed25519 \
         AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti\"]\n",
    ),
    file(
        lints::NO_KEY_APPROVES,
        "write down the addresses of those who contribute, the key of an admin, and the members of each team",
        TRUST,
        "version: 1\nrepository: acme/shop\npeople: {jo: [jo@acme.example]}\napprovers: [\"alice ssh-ed25519 \
         AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti\"]\n",
        "version: 1\nrepository: acme/shop\npeople: {jo: [jo@acme.example]}\napprovers: [\"kim ssh-ed25519 \
         AAAAC3NzaC1lZDI1NTE5AAAAILM+rvN+ot98qgEN796jTiQfZfG1KaT0PtFDJ/XFSqti\"]\n",
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
        "name the members of the team, or delete the line, so that the forge is asked for them",
        CONFIG,
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nteams: {\"@acme/web\": []}\nprojects:\n  checkout: {paths: \
         [\"flags/checkout/**\"], approvals: specific}\n",
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: \
         specific}\n",
    ),
    file(
        lints::UNUSED_TEAM,
        "delete the line, or name the team in APPROVERS or among the admins",
        CONFIG,
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nteams: {\"@acme/web\": [\"@alice\"]}\nprojects:\n  checkout: \
         {paths: [\"flags/checkout/**\"], approvals: specific}\n",
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: \
         specific}\n",
    ),
    file(
        lints::BAD_RELAX,
        "take the rule out; `countersign rules` says which may be relaxed",
        CONFIG,
        "version: 1\nadmins: [\"@root\", \"@kim\"]\ncritical: {relax: [variants]}\nprojects:\n  checkout: {paths: \
         [\"flags/checkout/**\"], approvals: specific}\n",
        "version: 1\nadmins: [\"@root\", \"@kim\"]\ncritical: {relax: [rollout]}\nprojects:\n  checkout: {paths: \
         [\"flags/checkout/**\"], approvals: specific}\n",
    ),
    file(
        lints::EMPTY_PROJECT,
        "name the path of the project's flags under `paths`, add its first flag, or remove the project",
        CONFIG,
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/chekcout/**\"], approvals: \
         specific}\n",
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: \
         specific}\n",
    ),
    described(
        lints::UNMATCHED_PATH,
        "correct the path; `countersign formats try FILE` shows what is read",
        "live: [{when: {at: enable, is: true}, is: live}]",
        "live: [{when: {at: enabled, is: true}, is: live}]",
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
