//! Flags of every kind of change and verdict.

use super::*;

/// A live experiment with a change of every kind that matters, half approved.
pub fn showcase() -> FlagReport {
    let mut one = flag(
        "one-click-checkout",
        Verdict::Pending,
        vec![
            critical(
                "variant-distribution",
                "rolloutWeights",
                17,
                json!({"control": 1, "treatment": 1}),
                json!({"control": 1, "treatment": 3}),
            ),
            critical("rollout", "rolloutPercentage", 16, json!(20), json!(50)),
            of(
                "US beta users",
                critical(
                    "target-segments",
                    "targetSegments.conditions",
                    23,
                    json!([us_and_ca()]),
                    json!([{"type": "property", "prop": "country", "op": "is", "values": ["US"]}, app_version()]),
                ),
            ),
            of("US beta users", critical("target-segments", "targetSegments.percentage", 20, json!(100), json!(33.5))),
            of(
                "Staff",
                critical(
                    "target-segments",
                    "targetSegments",
                    30,
                    Value::Null,
                    json!({"name": "Staff", "percentage": 100, "bucketingKey": "user_id",
                           "rolloutWeights": {"control": 0, "treatment": 1},
                           "conditions": [us_and_ca(), app_version()]}),
                ),
            ),
            of(
                "treatment",
                critical(
                    "variants",
                    "variants.payload",
                    14,
                    json!({"steps": 1, "copy": {"title": "Buy now", "button": "Pay with one click"}, "limits": [1, 2]}),
                    json!({"steps": 2, "copy": {"title": "Buy now", "button": "Pay with one tap"}, "limits": [1, 2]}),
                ),
            ),
            change(Class::Routine, None, "owner", 8, Value::Null, json!("jo")),
            change(Class::Routine, None, "description", 5, json!("One click"), json!("One click, not three")),
            change(Class::Routine, None, "tags", 9, json!(["payments"]), json!(["payments", "q4"])),
            change(
                Class::NoEffect,
                None,
                "targetSegments.rolloutWeights",
                26,
                json!({"control": 1, "treatment": 1}),
                json!({"control": 50, "treatment": 50}),
            ),
        ],
    );
    one.requirements = vec![Requirement {
        section: Some("Payments".to_owned()),
        approved_by: vec!["alice".to_owned()],
        not_counted: vec![
            NotCounted {
                login: "bob".to_owned(),
                why: NotCountedReason::OtherContent { digest: "9f8e7d6c".to_owned() },
            },
            NotCounted { login: "jo".to_owned(), why: NotCountedReason::Ineligible(Ineligible::Requestor) },
        ],
        ..requirement(
            2,
            &["@acme/payments", "@alice"],
            &["variant-distribution", "rollout", "target-segments", "variants"],
        )
    }];
    let before = native(
        "experiment",
        "running",
        "rolloutPercentage: 20
rolloutWeights: {control: 1, treatment: 1}
targetSegments:
  - name: US beta users
    percentage: 100
    rolloutWeights: {control: 1, treatment: 1}
    conditions: [{type: property, prop: country, op: is, values: [US, CA]}]
",
    );
    let after = native(
        "experiment",
        "running",
        "rolloutPercentage: 50
rolloutWeights: {control: 1, treatment: 3}
targetSegments:
  - name: US beta users
    percentage: 33.5
    rolloutWeights: {control: 50, treatment: 50}
    conditions:
      - {type: property, prop: country, op: is, values: [US]}
      - {type: property, prop: app_version, op: is not, values: ['1.2']}
  - name: Staff
    percentage: 100
    rolloutWeights: {control: 0, treatment: 1}
    conditions:
      - {type: property, prop: country, op: is, values: [US, CA]}
      - {type: property, prop: app_version, op: is not, values: ['1.2']}
",
    );
    moves(&mut one, &NATIVE, Some(&before), Some(&after));
    one.requirements[0].decided =
        vec!["section `Payments` is required: the change affects 100.0%, more than 5%".to_owned()];
    one.notified = vec!["@acme/observers".to_owned()];
    one.remarks = vec!["about 30% of the users get `treatment` who do not get it today".to_owned()];
    one
}

/// A second experiment: order, schedule, exposure, salt, inclusions; approved.
pub fn approved() -> FlagReport {
    let mut one = flag(
        "search-ranking",
        Verdict::Approved,
        vec![
            reordered(critical(
                "variants",
                "variants",
                10,
                json!([{"key": "control"}, {"key": "treatment"}]),
                json!([{"key": "treatment"}, {"key": "control"}]),
            )),
            of(
                "big",
                critical(
                    "variants",
                    "variants",
                    12,
                    Value::Null,
                    json!({"key": "big", "name": "Big list", "payload": {"size": 40}, "inclusions": {"users": ["u1", "u2"]}}),
                ),
            ),
            of("old", critical("variants", "variants", 13, json!({"key": "old"}), Value::Null)),
            reordered(critical(
                "target-segments",
                "targetSegments",
                20,
                json!(["Staff", "Beta"]),
                json!(["Beta", "Staff"]),
            )),
            critical(
                "exposure-event",
                "exposureEvent.event_type",
                9,
                json!("Checkout Viewed"),
                json!("Checkout Started"),
            ),
            critical(
                "exposure-event",
                "exposureEvent.filters",
                9,
                json!([]),
                json!([{"subprop_key": "plan", "subprop_op": "is", "subprop_type": "user", "subprop_value": ["pro", "team"]}]),
            ),
            critical("bucketing-salt", "bucketingSalt", 7, json!("mHdQDzeE"), json!("x9KlmN02")),
            critical("sticky-bucketing", "stickyBucketing", 8, json!(false), json!(true)),
            of(
                "treatment",
                critical("inclusions", "variants.inclusions.users", 15, json!(["u1", "u2"]), json!(["u2", "u3"])),
            ),
            critical("schedule", "endDate", 30, Value::Null, json!("2026-12-24")),
            critical("deployments", "deployments", 5, json!(["web-prod"]), json!(["ios-prod", "web-prod"])),
            critical("unknown-field", "shadowMode", 31, Value::Null, json!(true)),
        ],
    );
    let before =
        native("experiment", "running", "rolloutPercentage: 100\nrolloutWeights: {control: 1, treatment: 1}\n");
    let after = native(
        "experiment",
        "running",
        "rolloutPercentage: 100\nrolloutWeights: {control: 1, treatment: 1}\nbucketingSalt: x9KlmN02\n\
         stickyBucketing: true\nvariants: [{key: treatment}, {key: control}, {key: big}]\n",
    );
    moves(&mut one, &NATIVE, Some(&before), Some(&after));
    one.requirements = vec![Requirement {
        mode: Mode::Peer,
        line: None,
        approved_by: vec!["kim".to_owned()],
        ..requirement(1, &["@sam"], &["variants", "target-segments", "exposure-event"])
    }];
    one
}

/// A new flag that would be live at once, locked by nobody, waiting.
pub fn activation() -> FlagReport {
    let activation =
        |field: &str, line, after| change(Class::Activation, Some("activation"), field, line, Value::Null, after);
    let mut one = flag(
        "gift-cards",
        Verdict::Pending,
        vec![
            activation("state", 4, json!("scheduled")),
            activation("startDate", 5, json!("2026-12-01")),
            activation("rolloutPercentage", 8, json!(12.5)),
            activation("rolloutWeights", 9, json!({"control": 1, "treatment": 2})),
            of("control", activation("variants", 6, json!({"key": "control"}))),
            of(
                "treatment",
                activation("variants", 7, json!({"key": "treatment", "payload": "a string\nof two lines"})),
            ),
        ],
    );
    one.kind = Kind::Flag;
    one.live = Live { before: false, after: true };
    one.state = States { before: None, after: Some("scheduled".to_owned()) };
    one.last_live = Some(LastLiveReport { until: None, restored: false, unknown: None });
    let after = native("flag", "scheduled", "rolloutPercentage: 12.5\nrolloutWeights: {control: 1, treatment: 2}\n");
    moves(&mut one, &NATIVE, None, Some(&after.replace("scheduled\n", "scheduled\nstartDate: 2026-12-01\n")));
    one.requirements = vec![Requirement {
        mode: Mode::Admins,
        line: None,
        ..requirement(1, &["@acme/platform-leads"], &["activation"])
    }];
    one
}

/// One line: the rollout of an experiment from 20% to 30%.
pub fn rollout(key: &str) -> FlagReport {
    let mut one = flag(key, Verdict::Pending, vec![critical("rollout", "rolloutPercentage", 16, json!(20), json!(30))]);
    one.path = format!("flags/checkout/{key}.yaml");
    one.changes[0].path.clone_from(&one.path);
    let before = native("experiment", "running", "rolloutPercentage: 20\nrolloutWeights: {control: 1, treatment: 1}\n");
    moves(&mut one, &NATIVE, Some(&before), Some(&before.replace("Percentage: 20", "Percentage: 30")));
    one.requirements = vec![requirement(2, &["@acme/payments", "@alice"], &["rollout"])];
    one.requirements[0].approved_by = vec!["alice".to_owned()];
    one.requirements[0].not_counted = vec![NotCounted {
        login: "bob".to_owned(),
        why: NotCountedReason::OtherContent { digest: "9f8e7d6c".to_owned() },
    }];
    one
}

pub fn locked() -> FlagReport {
    let mut one = flag(
        "tax-rounding",
        Verdict::Locked,
        vec![critical("bucketing-key", "bucketingKey", 6, json!("user_id"), json!("device_id"))],
    );
    let lines = "rolloutPercentage: 40\nrolloutWeights: {control: 1, treatment: 1}\n";
    let before = native("experiment", "running", lines);
    moves(&mut one, &NATIVE, Some(&before), Some(&before.replace("user_id", "device_id")));
    one.locked_by = Some(Holder {
        pull: 123,
        requestor: "jo".to_owned(),
        since: "2026-11-21T12:00:00Z".to_owned(),
        days: 2,
        unproven: false,
    });
    one.requirements = vec![requirement(1, &["@acme/tax"], &["bucketing-key"])];
    one
}

pub fn rejected() -> FlagReport {
    let mut moved =
        critical("moved", "path", 1, json!("flags/growth/banner.yaml"), json!("flags/checkout/banner.yaml"));
    moved.means = String::new();
    let mut one = flag(
        "banner",
        Verdict::Rejected,
        vec![moved, critical("evaluation-mode", "evaluationMode", 5, json!("remote"), json!("local"))],
    );
    let lines = "rolloutPercentage: 40\nrolloutWeights: {control: 1, treatment: 1}\nevaluationMode: remote\n";
    let before = native("experiment", "running", lines);
    moves(&mut one, &NATIVE, Some(&before), Some(&before.replace("remote", "local")));
    one.path = "flags/checkout/banner.yaml".to_owned();
    one.previous_path = Some("flags/growth/banner.yaml".to_owned());
    for change in &mut one.changes {
        change.path.clone_from(&one.path);
    }
    one.requirements =
        vec![Requirement { rejected_by: vec!["dana".to_owned()], ..requirement(1, &["@dana", "@eve"], &["moved"]) }];
    one
}

pub fn deleted() -> FlagReport {
    let mut gone = critical("deletion", "", 1, json!({"key": "old-banner"}), Value::Null);
    gone.means = String::new();
    let mut one = flag("old-banner", Verdict::Pending, vec![gone]);
    one.kind = Kind::Flag;
    one.live = Live { before: true, after: false };
    one.state = States { before: Some("active".to_owned()), after: None };
    let lines = "rolloutPercentage: 100\nrolloutWeights: {control: 0, treatment: 1}\n";
    moves(&mut one, &NATIVE, Some(&native("flag", "active", lines)), None);
    one.requirements = vec![requirement(1, &["@acme/payments"], &["deletion"])];
    one
}

pub fn stopped() -> FlagReport {
    let mut one = flag(
        "slow-rollout",
        Verdict::NotRequired,
        vec![change(Class::Deactivation, None, "state", 4, json!("running"), json!("completed"))],
    );
    let lines = "rolloutPercentage: 30\nrolloutWeights: {control: 1, treatment: 1}\n";
    let before = native("experiment", "running", lines);
    moves(&mut one, &NATIVE, Some(&before), Some(&before.replace("running", "completed")));
    one.state.after = Some("completed".to_owned());
    one.live.after = false;
    one.digest = None;
    one
}

pub fn unreadable() -> FlagReport {
    let mut one = flag("broken", Verdict::Invalid, Vec::new());
    one.path = "flags/checkout/broken.yaml".to_owned();
    one.state.after = None;
    one.digest = None;
    one
}

/// A flag in flagd's words.
pub fn flagd() -> FlagReport {
    let path = "src/flagd/demo.flagd.json";
    let mean = |mut change: Change, means: &str| {
        change.means = means.to_owned();
        change.row = FLAGD.field_at(&change.field);
        change.list = FLAGD.field_at("targeting.fractional").filter(|_| change.item.is_some());
        change.path = path.to_owned();
        change
    };
    let mut one = flag(
        "paymentFailure",
        Verdict::Pending,
        vec![
            mean(critical("variant-distribution", "defaultVariant", 12, json!("off"), json!("100%")), "rolloutWeights"),
            mean(
                critical(
                    "target-segments",
                    "targeting",
                    14,
                    json!({"if": [{"ends_with": [{"var": "email"}, "@acme.example"]}, "on", "off"]}),
                    json!({"if": [{"ends_with": [{"var": "email"}, "@acme.example"]}, "on", {"fractional": [["on", 25], ["off", 75]]}]}),
                ),
                "targetSegments",
            ),
            of("50%", mean(critical("variants", "variants", 8, Value::Null, json!(0.5)), "variants")),
        ],
    );
    one.kind = Kind::Flag;
    one.path = path.to_owned();
    one.state = States { before: Some("ENABLED".to_owned()), after: Some("ENABLED".to_owned()) };
    let file = |default: &str, last: &str| {
        format!(
            r#"{{"flags": {{"x": {{"state": "ENABLED", "variants": {{"on": 1, "off": 0, "100%": 1}}, "defaultVariant": "{default}",
            "targeting": {{"if": [{{"ends_with": [{{"var": "email"}}, "@acme.example"]}}, "on", {last}]}}}}}}}}"#
        )
    };
    let after = file("100%", r#"{"fractional": [["on", 25], ["off", 75]]}"#);
    moves(&mut one, &FLAGD, Some(&file("off", "\"off\"")), Some(&after));
    one.variants = vec!["100%".to_owned(), "off".to_owned()];
    one.requirements = vec![requirement(1, &["@acme/shop"], &["variant-distribution", "target-segments"])];
    one
}

/// Values and names in other scripts, wide and long.
pub fn unicode() -> FlagReport {
    let mut one = flag(
        "größe",
        Verdict::Pending,
        vec![
            critical(
                "variant-distribution",
                "rolloutWeights",
                9,
                json!({"旧いボタン": 1, "新しいボタン": 1, "c": 1}),
                json!({"旧いボタン": 99.999, "新しいボタン": 0.001, "c": 0}),
            ),
            of(
                "Nutzer in Österreich",
                critical(
                    "target-segments",
                    "targetSegments",
                    20,
                    json!({"name": "Nutzer in Österreich", "percentage": 100, "conditions": []}),
                    Value::Null,
                ),
            ),
            of(
                "新しいボタン",
                critical(
                    "variants",
                    "variants.description",
                    11,
                    json!(
                        "画面の右上に表示される小さなボタンで、押すと購入手続きに進みます。以前のものより目立ちません。"
                    ),
                    json!(
                        "A small button at the top right of the screen, which leads to the checkout; it is more visible than the old one, and red"
                    ),
                ),
            ),
        ],
    );
    let variants = "variants: [{key: 旧いボタン}, {key: 新しいボタン}, {key: c}]\nrolloutPercentage: 100\n";
    let before = format!(
        "{variants}rolloutWeights: {{旧いボタン: 1, 新しいボタン: 1, c: 1}}\n\
         targetSegments: [{{name: Nutzer in Österreich, percentage: 100, conditions: []}}]\n"
    );
    let after = format!("{variants}rolloutWeights: {{旧いボタン: 99.999, 新しいボタン: 0.001, c: 0}}\n");
    let [before, after] = [before, after].map(|lines| native("experiment", "running", &lines));
    moves(&mut one, &NATIVE, Some(&before), Some(&after));
    one.variants = vec!["旧いボタン".to_owned(), "新しいボタン".to_owned(), "c".to_owned()];
    one.requirements = vec![requirement(1, &["@zoë"], &["variant-distribution"])];
    one
}
