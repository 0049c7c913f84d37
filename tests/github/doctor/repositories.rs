//! The repositories, each with what the doctor says of it.

use super::*;

pub const CASES: &[Case] = &[
    Case {
        name: "nothing",
        set: |world| {
            world.commit("main", "root1", &[(".countersign/config.yaml", None), (".countersign/APPROVERS", None)]);
            world.settings.remove("repository");
        },
        args: &[],
        tier: (0, 0),
        errors: &["status-required", "policy", "gate-workflow"],
        warnings: &["pull-request-required", "force-push", "rebase-merge"],
        unknown: &[],
    },
    Case {
        name: "advisory",
        set: |world| workflows(world, GATE, TRIGGER),
        args: &[],
        tier: (1, 1),
        errors: &["status-required"],
        warnings: &["pull-request-required", "force-push"],
        unknown: &[],
    },
    // A ruleset whose `integration_id` is null: anyone who may write forges the status with one request.
    Case {
        name: "any source",
        set: |world| {
            workflows(world, GATE, TRIGGER);
            ruleset(world, "main", None, &[]);
        },
        args: &[],
        tier: (2, 2),
        errors: &["status-source"],
        warnings: &[],
        unknown: &[],
    },
    Case {
        name: "actions",
        set: |world| {
            workflows(world, GATE, TRIGGER);
            ruleset(world, "main", Some(ACTIONS), &[]);
        },
        args: &["--all"],
        tier: (3, 3),
        errors: &[],
        warnings: &["status-source"],
        unknown: &[],
    },
    Case {
        name: "app",
        set: |world| {
            workflows(world, GATE_APP, TRIGGER);
            ruleset(world, "main", Some(4_711), &[]);
            environment(world, &json!({"protected_branches": false, "custom_branch_policies": true}), &["main"]);
        },
        args: &[],
        tier: (4, 4),
        errors: &[],
        warnings: &[],
        unknown: &[],
    },
    Case {
        name: "app with an environment open to all",
        set: |world| {
            workflows(world, GATE_APP, TRIGGER);
            ruleset(world, "main", Some(4_711), &[]);
            environment(world, &json!(null), &[]);
        },
        args: &[],
        tier: (3, 3),
        errors: &["environment"],
        warnings: &[],
        unknown: &[],
    },
    Case {
        name: "app with an environment for more than one branch",
        set: |world| {
            workflows(world, GATE_APP, TRIGGER);
            ruleset(world, "main", Some(4_711), &[]);
            environment(world, &json!({"protected_branches": false, "custom_branch_policies": true}), &["main", "*"]);
        },
        args: &[],
        tier: (3, 3),
        errors: &[],
        warnings: &["environment"],
        unknown: &[],
    },
    Case {
        name: "app without an environment",
        set: |world| {
            workflows(world, &GATE_APP.replace("    environment: countersign\n", ""), TRIGGER);
            ruleset(world, "main", Some(4_711), &[]);
        },
        args: &[],
        tier: (3, 3),
        errors: &[],
        warnings: &["environment"],
        unknown: &[],
    },
    // Everything but who may bypass it can be read by the token of a workflow; and that may be everyone.
    Case {
        name: "actions seen by a workflow",
        set: |world| {
            workflows(world, GATE, TRIGGER);
            ruleset(world, "main", Some(ACTIONS), &[]);
            rights(world, &["contents:read", "pull-requests:write", "statuses:write", "actions:read"]);
        },
        args: &[],
        tier: (1, 3),
        errors: &[],
        warnings: &["status-source"],
        unknown: &["bypass", "rebase-merge", "actions-approve"],
    },
    Case {
        name: "nothing readable",
        set: |world| {
            workflows(world, GATE_APP, TRIGGER);
            protection(world, Some(4_711), true);
            rights(world, &[]);
        },
        args: &[],
        tier: (0, 4),
        errors: &[],
        warnings: &[],
        unknown: &["status-required", "rebase-merge", "policy", "gate-workflow", "actions-approve", "statuses"],
    },
    Case {
        name: "bypass by everyone",
        set: |world| {
            workflows(world, GATE, TRIGGER);
            ruleset(world, "main", Some(ACTIONS), &[("RepositoryRole", 4), ("Team", 77)]);
        },
        args: &[],
        tier: (1, 1),
        errors: &["bypass"],
        warnings: &["status-source"],
        unknown: &[],
    },
    Case {
        name: "bypass by administrators",
        set: |world| {
            workflows(world, GATE, TRIGGER);
            ruleset(world, "main", Some(ACTIONS), &[("OrganizationAdmin", 1), ("RepositoryRole", 5)]);
        },
        args: &[],
        tier: (3, 3),
        errors: &[],
        warnings: &["status-source", "bypass"],
        unknown: &[],
    },
    Case {
        name: "ruleset switched off",
        set: |world| {
            workflows(world, GATE, TRIGGER);
            ruleset(world, "main", Some(ACTIONS), &[]);
            world.settings.get_mut("rulesets").unwrap()[0]["enforcement"] = json!("evaluate");
            world.settings.remove("branch_rules/main");
        },
        args: &[],
        tier: (1, 1),
        errors: &["status-required"],
        warnings: &["ruleset-off", "pull-request-required", "force-push"],
        unknown: &[],
    },
    Case {
        name: "branch protection from any source",
        set: |world| {
            workflows(world, GATE, TRIGGER);
            protection(world, None, false);
        },
        args: &[],
        tier: (2, 2),
        errors: &["status-source"],
        warnings: &["bypass"],
        unknown: &[],
    },
    Case {
        name: "branch protection from minus one",
        set: |world| {
            workflows(world, GATE, TRIGGER);
            protection(world, Some(-1), true);
        },
        args: &[],
        tier: (2, 2),
        errors: &["status-source"],
        warnings: &[],
        unknown: &[],
    },
    Case {
        name: "branch protection from Actions",
        set: |world| {
            workflows(world, GATE, TRIGGER);
            protection(world, Some(ACTIONS), true);
        },
        args: &[],
        tier: (3, 3),
        errors: &[],
        warnings: &["status-source"],
        unknown: &[],
    },
    Case {
        name: "a branch nobody gates",
        set: |world| {
            workflows(world, GATE, TRIGGER);
            ruleset(world, "main", Some(ACTIONS), &[]);
            let tip = world.origin.tip("main").unwrap();
            world.origin.set_ref("refs/heads/release/1", Some(&tip));
            world.origin.set_ref("refs/heads/hotfix", Some(&tip));
            let main = world.settings["branch_rules/main"].clone();
            world.setting("branch_rules/release/1", main);
        },
        args: &["--branch", "release/1", "--branch", "hotfix", "--branch", "nowhere"],
        tier: (1, 1),
        errors: &["status-required", "status-required", "status-elsewhere"],
        warnings: &["status-source", "pull-request-required", "force-push", "gate-events"],
        unknown: &["status-required", "policy"],
    },
    // The repository allows it. A rule of `release/1` forbids it, one of `main` names it, and the queue of `hotfix`
    // does it and has its own commit judged.
    Case {
        name: "rebase merging",
        set: |world| {
            workflows(world, &GATE.replace("\"release/**\"]", "\"release/**\", hotfix]"), TRIGGER);
            world.settings.remove("repository");
            let tip = world.origin.tip("main").unwrap();
            for branch in ["release/1", "hotfix", "main"] {
                world.origin.set_ref(&format!("refs/heads/{branch}"), Some(&tip));
                ruleset(world, branch, Some(ACTIONS), &[]);
            }
            for (branch, methods) in [("main", json!(["squash", "rebase"])), ("release/1", json!(["merge", "squash"]))]
            {
                rules(world, branch)[1]["parameters"]["allowed_merge_methods"] = methods;
            }
            rules(world, "hotfix").push(queue("REBASE"));
        },
        args: &["--all", "--branch", "release/1", "--branch", "hotfix"],
        tier: (3, 3),
        errors: &[],
        warnings: &["status-source", "status-source", "status-source", "rebase-merge"],
        unknown: &[],
    },
    Case {
        name: "merge queue",
        set: |world| {
            workflows(world, GATE, &TRIGGER.replace("  merge_group:\n", ""));
            ruleset(world, "main", Some(ACTIONS), &[]);
            rules(world, "main").push(queue("MERGE"));
        },
        args: &[],
        tier: (3, 3),
        errors: &["trigger-workflow"],
        warnings: &["status-source"],
        unknown: &[],
    },
    Case {
        name: "workflows as others write them",
        set: |world| {
            workflows(
                world,
                BAD_GATE,
                "name: countersign-trigger\non: pull_request_review\njobs: {trigger: {runs-on: ubuntu-latest}}\n",
            );
            ruleset(world, "main", Some(ACTIONS), &[]);
            let unprotected = shop::CONFIG.replace("protect: [\".github/**\"]\n", "");
            let unprotected = unprotected.replace("@root2", "@carol2").replace("\"@root1\"", "\"@root1\", \"@eve\"");
            let approvers = format!("{}flags/growth/ @acme/none\n", shop::APPROVERS);
            world.user("eve");
            let policy =
                [(".countersign/config.yaml", Some(&*unprotected)), (".countersign/APPROVERS", Some(&*approvers))];
            world.commit("main", "root1", &policy);
        },
        args: &[],
        tier: (3, 3),
        errors: &[
            "gate-events",
            "gate-events",
            "gate-untrusted-events",
            "gate-filters",
            "gate-concurrency",
            "gate-permissions",
            "gate-checkout",
            "job-name",
        ],
        warnings: &[
            "status-source",
            "policy-protects-workflows",
            "gate-events",
            "gate-events",
            "gate-concurrency",
            "gate-pinned",
            "trigger-workflow",
            "teams",
            "admins",
        ],
        unknown: &["admins"],
    },
    Case {
        name: "a workflow that cannot be read",
        set: |world| {
            workflows(world, &format!("{GATE}  gate: {{}}\n"), TRIGGER);
            ruleset(world, "main", Some(ACTIONS), &[]);
        },
        args: &[],
        tier: (3, 3),
        errors: &[],
        warnings: &["status-source"],
        unknown: &["gate-workflow"],
    },
];
