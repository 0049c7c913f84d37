//! Evidence against its schema: the reader and the schema take the same.

use super::*;

#[test]
fn every_evidence_holds_to_the_schema() {
    let validator = validator("evidence");
    for case in CASES.iter() {
        let Some(value) = &case.evidence else { continue };
        assert_eq!(objections(&validator, value), Vec::<String>::new(), "{}", case.name);
    }
    let full = json!({
        "schema": "countersign/evidence/v1", "now": "2026-11-23T12:00:00Z", "pull": 12, "draft": false,
        "requestor": "jo", "contributors": ["jo"],
        "reviews": [{"login": "alice", "kind": "User", "state": "APPROVED", "submittedAt": "2026-11-23T11:00:00Z"}],
        "dismissals": [{"review": "alice", "by": "kim", "at": "2026-11-23T11:30:00Z", "was": "CHANGES_REQUESTED"}],
        "permissions": {"alice": "write", "bob": "read"}, "teams": {"@acme/payments": ["alice", "bob"]},
        "displayed": [{"at": "2026-11-23T10:00:00Z", "digests": {"checkout/one-click-checkout": "1a2b3c4d"}}],
        "open": [{"pull": 9, "requestor": "kim", "draft": false, "outsider": false,
                  "touches": {"checkout/one-click-checkout": "2026-11-20T08:00:00Z"}}]
    });
    assert_eq!(objections(&validator, &full), Vec::<String>::new());
    Evidence::parse(&full.to_string()).unwrap();
}

#[test]
fn evidence_that_is_refused() {
    const NOON: &str = "2026-11-23T12:00:00Z";
    let good = json!({"schema": "countersign/evidence/v1", "now": "2026-11-23T12:00:00Z", "requestor": "jo"});
    let with = |member: &str, value: Value| {
        let mut bad = good.clone();
        bad[member] = value;
        bad
    };
    let validator = validator("evidence");
    for (what, value, holds) in [
        ("nothing but what must be there", good.clone(), true),
        ("another version", with("schema", "countersign/evidence/v2".into()), false),
        ("a member nobody knows", with("reviewers", json!([])), false),
        ("no time", with("now", Value::Null), false),
        (
            "a review without a time",
            with("reviews", json!([{"login": "a", "kind": "User", "state": "APPROVED"}])),
            false,
        ),
        ("contributors unknown", with("contributors", Value::Null), true),
        ("a requestor with `@`", with("requestor", "@jo".into()), false),
        ("a requestor with a space", with("requestor", "jo ".into()), false),
        ("nobody as the requestor", with("requestor", "".into()), false),
        ("two contributors in one", with("contributors", json!(["jo,alice"])), false),
        ("a contributor with `@`", with("contributors", json!(["al", "@alice"])), false),
        ("an app that contributed", with("contributors", json!(["renovate[bot]", "al_corp"])), true),
        (
            "a reviewer with `@`",
            with(
                "reviews",
                json!([{"login": "@a", "kind": "User", "state": "CHANGES_REQUESTED", "submittedAt": NOON}]),
            ),
            false,
        ),
        (
            "a dismissal by nobody",
            with("dismissals", json!([{"review": "a", "by": "", "at": NOON, "was": "APPROVED"}])),
            false,
        ),
        ("a permission of a team", with("permissions", json!({"@acme/payments": "write"})), false),
        ("a member with `@`", with("teams", json!({"@acme/payments": ["@alice"]})), false),
        (
            "an override by a name with a space",
            with("overrides", json!([{"login": "a b", "at": NOON, "digest": "0", "reason": "x"}])),
            false,
        ),
        ("another requestor with `@`", with("open", json!([{"pull": 1, "requestor": "@a", "touches": {}}])), false),
        (
            "a lock passed over by `@a`",
            with("passedOver", json!([{"flag": "p/f", "pull": 1, "by": "@a", "at": NOON}])),
            false,
        ),
        ("a team that is one person", with("teams", json!({"@acme/payments": "alice"})), false),
    ] {
        assert_eq!(validator.is_valid(&value), holds, "{what}");
        assert_eq!(Evidence::parse(&value.to_string()).is_ok(), holds, "{what}");
    }
}
