//! The sight of a review on a pull request: the comment in each of its states, the status and the notices.

use countersign::diagnostics::{Diagnostic, Place, lints};
use countersign::render::{self, About, Notice, NoticeCause};
use countersign::report::{
    Freed, Ineligible, Mode, NotCounted, NotCountedReason, Overridden, Report, Requirement, Verdict,
};
use proptest::prelude::*;

use super::nasty::{NASTY, hostile};
use super::reports::{self, report, requirement};
use super::{golden, hostile, is_whole, limited, many};

pub(super) fn about() -> About {
    About {
        requestor: Some("jo".to_owned()),
        base: Some("main".to_owned()),
        head: Some("4f2f0fe4ab6ff5eeb9f3b8d0ea1a8ef3c7d8b9a0".to_owned()),
        url: Some("https://github.com/acme/shop/actions/runs/42".to_owned()),
        at: Some("2026-11-23T12:00:41Z".to_owned()),
        ..About::default()
    }
}

/// One change of one flag, which most proposals are.
fn usual() -> Report {
    let mut flag = reports::showcase();
    flag.changes.truncate(2);
    flag.changes[1].rule = Some(reports::rule_id("rollout"));
    flag.remarks.clear();
    report(Verdict::Pending, vec![flag])
}

fn approvals(report: &mut Report, verdict: Verdict, by: &[&str]) {
    report.verdict = verdict;
    for flag in &mut report.flags {
        flag.verdict = verdict;
        for requirement in &mut flag.requirements {
            requirement.approved_by = by.iter().map(ToString::to_string).collect();
        }
    }
}

/// Admins override the approvals of one flag, as a review concludes it.
fn lift(report: &mut Report, flag: usize) {
    let flag = &mut report.flags[flag];
    flag.verdict = Verdict::Approved;
    flag.overridden = Some(Overridden {
        by: vec!["alice".to_owned(), "zoe".to_owned()],
        reason: "the payment provider is down, see the incident channel".to_owned(),
        debt: None,
    });
    report.verdict = report.flags.iter().map(|flag| flag.verdict).max().unwrap();
}

/// Every state a pull request can be in, by name.
fn states() -> Vec<(&'static str, Report, About)> {
    let mut approved = usual();
    approvals(&mut approved, Verdict::Approved, &["alice", "bob"]);
    let mut rejected = usual();
    rejected.verdict = Verdict::Rejected;
    rejected.flags[0].verdict = Verdict::Rejected;
    rejected.flags[0].requirements[0].rejected_by = vec!["kim".to_owned()];
    let mut invalid = report(Verdict::Invalid, vec![reports::unreadable(), reports::showcase()]);
    invalid.diagnostics = reports::diagnostics();
    let mut routine = report(Verdict::NotRequired, vec![reports::showcase()]);
    routine.flags[0].verdict = Verdict::NotRequired;
    routine.flags[0].changes.drain(..6);
    (routine.flags[0].impact_summary, routine.flags[0].impact, routine.flags[0].digest) = (None, None, None);
    routine.flags[0].requirements.clear();
    routine.flags[0].remarks.clear();
    let mut policy = report(Verdict::Pending, Vec::new());
    policy.policy = reports::policy();
    let mut everything = reports::everything();
    everything.diagnostics.remove(0);
    everything.flags.remove(7);
    everything.verdict = Verdict::Rejected;
    let mut awaiting = usual();
    let flag = &mut awaiting.flags[0];
    flag.requirements[0].approved_by.clear();
    flag.requirements.push(requirement(2, &["@acme/data"], &["rollout"]));
    flag.requirements.push(Requirement {
        mode: Mode::Peer,
        line: None,
        not_counted: vec![NotCounted {
            login: "sam".to_owned(),
            why: NotCountedReason::Ineligible(Ineligible::Contributor),
        }],
        ..requirement(1, &["@sam", "@kim"], &["rollout"])
    });
    let mut overridden = usual();
    lift(&mut overridden, 0);
    vec![
        ("pending", usual(), about()),
        ("awaiting", awaiting, about()),
        ("approved", approved, about()),
        ("rejected", rejected, about()),
        ("locked", report(Verdict::Locked, vec![reports::locked()]), about()),
        ("invalid", invalid, about()),
        ("routine", routine, about()),
        ("stopped", report(Verdict::NotRequired, vec![reports::stopped()]), about()),
        ("draft", usual(), About { draft: true, ..about() }),
        ("overridden", overridden, about()),
        ("policy", policy, about()),
        ("activation", report(Verdict::Pending, vec![reports::activation()]), about()),
        ("deletion", report(Verdict::Pending, vec![reports::deleted()]), about()),
        ("several", everything, about()),
        ("one-line", report(Verdict::Pending, vec![reports::rollout("one-click-checkout")]), about()),
        ("twenty", twenty(), about()),
        ("sixty", sixty(), about()),
        ("split", limited(many(200, 0)), about()),
        ("nothing", reports::empty(), about()),
    ]
}

/// One team turns sixty flags up.
fn sixty() -> Report {
    let mut report = report(Verdict::Pending, Vec::new());
    for number in 0..60 {
        let mut flag = reports::locked();
        (flag.verdict, flag.locked_by) = (Verdict::Pending, None);
        flag.key = format!("tax-rounding-{number}");
        flag.path = format!("flags/checkout/tax-rounding-{number}.yaml");
        flag.digest = Some(format!("{number:064x}"));
        flag.changes[0].path.clone_from(&flag.path);
        report.flags.push(flag);
    }
    report
}

/// The same line in twenty flags.
pub(super) fn twenty() -> Report {
    let keys = ["cart-upsell", "express-pay", "gift-wrapping", "guest-checkout", "tax-preview"];
    let mut report = report(Verdict::Pending, Vec::new());
    for number in 0..20 {
        let mut flag = reports::rollout(&format!("{}-{}", keys[number % keys.len()], number / keys.len() + 1));
        flag.digest = Some(format!("{:032x}{:032x}", number + 0x1a2b, 7));
        flag.changes[0].line += u32::try_from(number).unwrap();
        report.flags.push(flag);
    }
    report
}

#[test]
fn every_state_has_its_comment() {
    for (name, report, about) in states() {
        let text = render::comment(&report, &about);
        assert!(text.starts_with("### "), "{name}");
        assert!(text.chars().count() <= render::ROOM, "{name}");
        // One that does not fit is long, and only its first lines are of interest.
        let shown: String =
            if name == "split" { text.lines().take(4).flat_map(|line| [line, "\n"]).collect() } else { text };
        golden(&format!("comment/{name}.md"), &shown);
    }
    let diagnostics = vec![Diagnostic::new(
        lints::SYNTAX,
        ".countersign/APPROVERS",
        Place { line: 7, column: 1, width: 4 },
        "`@acme` is neither a person nor a team",
        "write `@user` or `@org/team`",
    )];
    golden("comment/invalid-policy.md", &render::invalid_policy_comment(&diagnostics, &about()));
}

#[test]
fn the_status_says_who_is_awaited() {
    let said: String = states()
        .iter()
        .map(|(name, report, about)| format!("{name}: {}\n", render::status_text(report, about)))
        .collect();
    golden("comment/status.txt", &said);
}

/// The notice to one person, once.
fn notices() -> Vec<Notice> {
    let to = |login: &str, said| Notice { to: vec![login.to_owned()], said };
    let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let flags = || names(&["checkout/one-click-checkout", "checkout/tax-rounding"]);
    vec![
        to(
            "jo",
            NoticeCause::Approved { by: "alice".to_owned(), flags: flags(), still: names(&["1 of @acme/payments"]) },
        ),
        to("jo", NoticeCause::Approved { by: "bob".to_owned(), flags: flags(), still: Vec::new() }),
        to("jo", NoticeCause::Rejected { by: "kim".to_owned(), flags: names(&["checkout/tax-rounding"]) }),
        to(
            "jo-2",
            NoticeCause::Locked {
                flag: "checkout/tax-rounding".to_owned(),
                pull: 123,
                requestor: "kim".to_owned(),
                days: 2,
            },
        ),
        to(
            "jo",
            NoticeCause::Overridden {
                by: names(&["alice", "zoe"]),
                flags: flags(),
                digest: "1a2b3c4d5e6f".to_owned(),
                reason: "the payment provider is down, see https://status.example @everyone".to_owned(),
            },
        ),
        Notice {
            to: names(&["alice", "acme/payments"]),
            said: NoticeCause::Freed { how: Freed::SwitchOff, flags: flags(), by: "jo".to_owned() },
        },
        Notice {
            to: names(&["alice"]),
            said: NoticeCause::Freed {
                how: Freed::Restore,
                flags: names(&["checkout/tax-rounding"]),
                by: "jo".to_owned(),
            },
        },
        to("kim", NoticeCause::Done { command: "/countersign recheck".to_owned(), what: "looked again".to_owned() }),
        to(
            "kim",
            NoticeCause::NotAllowed {
                command: "/countersign override 1a2b3c4d late".to_owned(),
                why: "only admins may override, and `kim` is none".to_owned(),
            },
        ),
        to(
            "dependabot[bot]",
            NoticeCause::Mistaken {
                command: "/countersign unlok".to_owned(),
                why: "there is no command `unlok`".to_owned(),
                instead: "write `/countersign unlock KEY`".to_owned(),
            },
        ),
    ]
}

#[test]
fn notices_are_short_and_mention_one() {
    let said: String = notices().iter().map(render::notice).collect();
    golden("comment/notices.md", &said);
    for notice in notices() {
        let text = render::notice(&notice);
        hostile::check_notice(&text, &notice.to);
    }
}

/// Nothing in a comment mentions anyone or is a link but ours, whoever wrote it.
fn check(report: &Report, about: &About) {
    let text = render::comment(report, about);
    let head = text.split("\n| Flag |").next().unwrap_or_default();
    assert!(head.chars().count() <= 6_000 || !text.contains("\n| Flag |"), "{text}");
    let link = "[full report](https://github.com/acme/shop/actions/runs/42)";
    assert!(text.contains(link) || about.url.is_none(), "{text}");
    hostile::check_markdown(&text.replace(link, "full report"));
    let status = render::status_text(report, about);
    assert!(!status.trim().is_empty() && status.len() <= 140, "{status:?}");
    assert!(status.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()), "{status:?}");
    hostile::check_markdown(&render::invalid_policy_comment(
        &report.diagnostics,
        &About { url: None, ..about.clone() },
    ));
    let status = render::invalid_policy_status(&report.diagnostics);
    assert!(status.len() <= 140 && status.is_ascii(), "{status:?}");
}

fn hostile_about(next: &mut dyn FnMut() -> String, url: Option<String>, draft: bool) -> About {
    About { requestor: Some(next()), draft, base: Some(next()), head: Some(next()), url, at: Some(next()) }
}

/// Overrides of half the flags and of the policy.
fn override_some(report: &mut Report, next: &mut dyn FnMut() -> String) {
    let mut one = || Some(Overridden { by: vec![next(), next(), next()], reason: next(), debt: None });
    for flag in report.flags.iter_mut().step_by(2) {
        flag.overridden = one();
    }
    report.policy.overridden = one();
}

#[test]
fn no_text_of_theirs_acts_in_a_comment() {
    for (_, report, about) in states() {
        check(&report, &about);
    }
    for one in NASTY {
        let mut next = || (*one).to_owned();
        let mut report = hostile(&mut next);
        override_some(&mut report, &mut next);
        check(&report, &hostile_about(&mut next, about().url, true));
        // An address that could hide something is no link.
        let bad = About { url: Some(format!("https://a.example/{one} (")), ..About::default() };
        assert!(!render::comment(&usual(), &bad).contains("full report"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// The status is a line that GitHub takes and the comment holds to its bounds, whatever there is to say.
    #[test]
    fn any_report_has_a_status_and_a_comment(
        texts in prop::collection::vec(
            prop_oneof![prop::sample::select(NASTY).prop_map(str::to_owned), "\\PC{0,12}", any::<String>(), "[a-z ]{100,600}"],
            12..40,
        ),
        verdict in prop::sample::select(vec![
            Verdict::NotRequired, Verdict::Approved, Verdict::Pending, Verdict::Locked, Verdict::Rejected,
            Verdict::Invalid,
        ]),
        (diagnostics, draft, lifted) in any::<(bool, bool, bool)>(),
    ) {
        let mut at = 0;
        let mut next = || {
            at += 1;
            texts[at % texts.len()].clone()
        };
        let mut report = hostile(&mut next);
        report.verdict = verdict;
        report.policy.verdict = verdict;
        for flag in &mut report.flags {
            flag.verdict = verdict;
        }
        if !diagnostics {
            report.diagnostics.clear();
        }
        if lifted {
            override_some(&mut report, &mut next);
        }
        check(&report, &hostile_about(&mut next, None, draft));
    }

    /// All content that needs approval is shown if it is within the limit.
    #[test]
    fn within_the_limit_nothing_that_needs_approval_is_cut(
        texts in prop::collection::vec(
            prop_oneof![
                prop::sample::select(NASTY).prop_map(str::to_owned),
                "[`|<a-z\\n]{0,60}",
                any::<String>(),
                "[a-z ]{1,300}",
            ],
            12..40,
        ),
        changes in 1..10_usize,
        (policy, drafted) in any::<(bool, bool)>(),
    ) {
        let mut at = 0;
        let mut next = || {
            at += 1;
            texts[at % texts.len()].clone()
        };
        let mut whole = hostile(&mut next);
        let mut flags = std::mem::take(&mut whole.flags);
        flags.retain(|flag| flag.verdict != Verdict::NotRequired);
        for flag in &mut flags {
            flag.changes.truncate(changes);
        }
        whole.policy.changed = policy;
        whole.diagnostics.clear();
        let about = About { draft: drafted, ..about() };
        let mut last = whole.clone();
        for number in 0..400 {
            let mut flag = flags[number % flags.len()].clone();
            flag.key.push_str(&number.to_string());
            whole.flags.push(flag);
            let judged = limited(whole.clone());
            if judged.is_too_much() {
                break;
            }
            last = judged;
        }
        let text = render::comment(&last, &about);
        prop_assert!(text.chars().count() <= render::ROOM);
        prop_assert!(is_whole(&text, &last), "{} flags in:\n{text}", last.flags.len());
    }

    #[test]
    fn any_notice_mentions_one(
        texts in prop::collection::vec(
            prop_oneof![prop::sample::select(NASTY).prop_map(str::to_owned), any::<String>()],
            3..9,
        ),
        to in prop_oneof!["[a-z0-9-]{1,39}", prop::sample::select(NASTY).prop_map(str::to_owned)],
    ) {
        let text = |at: usize| texts[at % texts.len()].clone();
        let said = [
            NoticeCause::Approved { by: text(0), flags: texts.clone(), still: texts.clone() },
            NoticeCause::Rejected { by: text(1), flags: texts.clone() },
            NoticeCause::Locked { flag: text(2), pull: 7, requestor: text(0), days: 1 },
            NoticeCause::Overridden { by: texts.clone(), flags: texts.clone(), digest: text(1), reason: text(2) },
            NoticeCause::Done { command: text(0), what: text(1) },
            NoticeCause::NotAllowed { command: text(2), why: text(0) },
            NoticeCause::Mistaken { command: text(1), why: text(2), instead: text(0) },
        ];
        for said in said {
            let notice = Notice { to: vec![to.clone()], said };
            hostile::check_notice(&render::notice(&notice), &notice.to);
        }
    }
}

/// An override covers its flag and hides nothing else.
#[test]
fn an_override_covers_its_flag() {
    let first = |report: &Report| render::comment(report, &About::default()).lines().next().map(str::to_owned);
    let awaiting = Some("### ⏳ 1 flag waits for approval".to_owned());
    let over = Some("### 🚨 Overridden by `alice` and `zoe`".to_owned());
    assert_eq!(first(&usual()), awaiting);
    let mut one = usual();
    lift(&mut one, 0);
    assert_eq!(first(&one), over);
    assert_eq!(render::pending_reviewers(&one), Vec::<String>::new());
    let mut two = usual();
    two.flags.push(two.flags[0].clone());
    lift(&mut two, 0);
    assert_eq!(first(&two), Some("### ⏳ 1 of 2 flags waits for approval".to_owned()));
    one.verdict = Verdict::Invalid;
    one.diagnostics = reports::diagnostics();
    assert_eq!(first(&one), Some("### ⛔ 1 error to fix first".to_owned()));
}

#[test]
fn a_comment_mentions_nobody_and_only_a_pull_request_with_flags_needs_one() {
    assert!(render::quiet(&reports::empty()));
    assert!(!render::quiet(&usual()));
    assert_eq!(render::pending_reviewers(&usual()), ["1 more of @acme/payments or @alice"]);
    assert_eq!(render::pending_reviewers(&reports::empty()), Vec::<String>::new());
}
