//! The first thing that is read: the verdict with who is awaited, then what to do and by whom. It takes a bounded room,
//! so that nothing in it can push a critical change out of the comment.

use super::super::bounds::{HEAD, until};
use super::super::comment::{About, Override};
use super::super::standing::{self, Ask, Standing, asks, id};
use super::super::words::{self, Phrase, capital, count, markdown as md};
use super::super::{safe, standing::approvers};
use super::{rest, table};
use crate::report::{Holder, Report, Side, Verdict};

/// Those the first line names; the list under it has them all.
const NAMED: usize = 2;

/// Flags a line of the list names.
const FLAGS: usize = 4;

/// Characters of a reason that are shown.
const REASON: usize = 400;

/// Characters that the list of what to do may reach, errors included, and those before it.
const LIST: usize = HEAD - 1_500;

pub(super) fn of_changes(report: &Report) -> String {
    match report.flags.len() {
        0 => "### no flag changes\n".to_owned(),
        number => format!("### {} changed\n", count(number, "flag")),
    }
}

pub(super) fn of_lawless(about: &About) -> String {
    let base =
        about.base.as_deref().map_or_else(|| "the base branch".to_owned(), |base| safe::code(&safe::cut(base, 80)));
    format!(
        "### ⛔ Nothing can be judged: the policy of {base} does not hold\n\n\
         Who may approve what is read from the base branch only, so this is to be fixed there, not in this pull request.\n"
    )
}

pub(super) fn of_review(report: &Report, about: &About) -> String {
    let standing = Standing::of(report, about);
    let asks = asks(report, about);
    let mut out = format!("### {}\n", first(standing, report, about, &asks));
    for one in &about.overrides {
        out.push_str(&loud(one, report));
        // Two can be read; the rest are in the conversation.
        if out.chars().count() > 2_000 {
            break;
        }
    }
    match standing {
        Standing::TooMuch => {
            out.push_str("\nNobody can approve what they cannot read: put fewer flags into each pull request.\n");
            return out;
        }
        // The first line has said it.
        Standing::Nothing | Standing::Invalid | Standing::Overridden => {}
        _ => out.push_str(&format!("\n{}.\n", capital(&words::because(report)))),
    }
    if let Some(how) = how(standing, report, about, &asks) {
        out.push_str(&format!("\n{how}\n"));
    }
    let steps = steps(standing, report, &asks);
    let total = steps.len();
    if total > 0 {
        out.push('\n');
        let put = until(LIST, &mut out, steps, "");
        if put < total {
            out.push_str(&format!("- and {} more, see below\n", total - put));
        }
    }
    out
}

/// The verdict, and who is awaited.
fn first(standing: Standing, report: &Report, about: &About, asks: &[Ask<'_>]) -> String {
    let people = |verb: &str, logins: &[String]| match logins {
        [] => verb.to_owned(),
        logins => format!("{verb} by {}", md(&Phrase::default().some(logins, " and ", 4))),
    };
    match standing {
        Standing::TooMuch => {
            "⛔ Split this pull request: what needs approval is more than one comment can show".to_owned()
        }
        Standing::Invalid => format!("⛔ {}", capital(&words::because(report))),
        Standing::Overridden => {
            let mut by: Vec<String> = about.overrides.iter().flat_map(|one| one.by.iter().cloned()).collect();
            by.sort_unstable();
            by.dedup();
            format!("🚨 {}", people("Overridden", &by))
        }
        Standing::Rejected => {
            format!("❌ {}", people("Rejected", &standing::rejecters(standing::requirements(report))))
        }
        Standing::Locked => {
            let short = |holder: &Holder| Holder { requestor: safe::cut(&holder.requestor, 80), ..holder.clone() };
            let holder = report.flags.iter().find_map(|flag| flag.locked_by.as_ref().map(short));
            format!(
                "🔒 {}",
                capital(&holder.map_or_else(|| words::because(report), |holder| md(&words::lock(&holder))))
            )
        }
        Standing::Draft => "📝 A draft, so nobody is asked yet".to_owned(),
        Standing::Pending => match awaited(asks) {
            Some(awaited) => format!("⏳ Awaiting {awaited}"),
            None => format!("⏳ {}", capital(&words::because(report))),
        },
        Standing::Approved => format!("✅ {}", people("Approved", &approvers(standing::requirements(report)))),
        Standing::NotRequired => "✅ Nothing needs approval".to_owned(),
        Standing::Nothing => "✅ No flag changes".to_owned(),
    }
}

/// "2 of `@acme/checkout`, 1 of `@acme/data` and 3 more".
fn awaited(asks: &[Ask<'_>]) -> Option<String> {
    let told: Vec<String> = asks.iter().take(NAMED).map(|ask| md(&ask.who())).collect();
    let more = asks.len().saturating_sub(NAMED);
    let (last, rest) = told.split_last()?;
    Some(match (rest, more) {
        ([], _) => last.clone(),
        (rest, 0) => format!("{} and {last}", rest.join(", ")),
        (rest, more) => format!("{}, {last} and {more} more", rest.join(", ")),
    })
}

/// What an approver does, or what the requestor does.
fn how(standing: Standing, report: &Report, about: &About, asks: &[Ask<'_>]) -> Option<String> {
    if standing == Standing::Draft {
        let awaited = awaited(asks).map(|awaited| format!(": it needs {awaited}")).unwrap_or_default();
        return Some(format!("**To ask**, mark this pull request as ready for review{awaited}."));
    }
    if asks.is_empty() || about.draft || standing == Standing::Invalid {
        return None;
    }
    let mut digests: Vec<&str> =
        asks.iter().flat_map(|ask| &ask.flags).filter_map(|flag| flag.digest.as_deref()).collect();
    digests.extend(report.policy.digest.as_deref().filter(|_| asks.iter().any(|ask| ask.policy)));
    digests.dedup();
    let what = match digests.as_slice() {
        [one] => format!("the digest {}, which is what stands here", safe::code(words::short(one))),
        _ => "the digests in the table, which are what stands here".to_owned(),
    };
    let it = if digests.len() == 1 { "it changes" } else { "they change" };
    Some(format!(
        "**To approve**, review this pull request with **Approve**. That counts for {what}, and holds until {it}. \
         **Request changes** rejects."
    ))
}

/// What there is to do, one item each, the most urgent first.
fn steps(standing: Standing, report: &Report, asks: &[Ask<'_>]) -> Vec<String> {
    let mut steps = Vec::new();
    if report.diagnostics.iter().any(crate::diagnostics::Diagnostic::is_error) {
        steps.extend(report.diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).map(rest::item));
    }
    for flag in words::in_order(report) {
        let name = safe::code(&safe::cut(&id(flag), 160));
        match (flag.verdict, &flag.locked_by) {
            (Verdict::Locked, Some(holder)) => steps.push(format!(
                "- {} {name} waits until #{} is merged, closed or made a draft\n",
                table::sign(Verdict::Locked),
                holder.pull
            )),
            (Verdict::Rejected, _) => {
                let who = standing::rejecters(&flag.requirements);
                steps.push(rejected(&name, &who));
            }
            _ => {}
        }
    }
    if report.policy.verdict == Verdict::Rejected {
        steps.push(rejected("the policy", &standing::rejecters(&report.policy.requirements)));
    }
    // One that is awaited for one flag stands in the first line already.
    let told = match asks {
        [ask] => {
            matches!(standing, Standing::Pending | Standing::Draft) && ask.flags.len() + usize::from(ask.policy) == 1
        }
        _ => false,
    };
    if !told {
        let sign = table::sign(Verdict::Pending);
        steps.extend(asks.iter().map(|ask| {
            let policy = if ask.requirement.policy == Side::Proposed { ", under the proposed policy" } else { "" };
            format!("- {sign} {} for {}{policy}\n", md(&ask.who()), md(&ask.what(FLAGS)))
        }));
    }
    steps
}

fn rejected(what: &str, who: &[String]) -> String {
    let who = md(&Phrase::default().some(who, " or ", 4));
    format!("- {} {what}: change what was rejected, or ask {who} to approve instead\n", table::sign(Verdict::Rejected))
}

/// An override, so that nobody overlooks it.
fn loud(one: &Override, report: &Report) -> String {
    let about = About { overrides: vec![one.clone()], ..About::default() };
    let digests = report.flags.iter().map(|flag| (Some(flag), flag.digest.as_deref()));
    let digests = digests.chain(std::iter::once((None, report.policy.digest.as_deref())));
    let covered: Vec<String> = digests
        .filter(|(_, digest)| about.overriding(*digest).is_some())
        .map(|(flag, _)| flag.map_or_else(|| "the policy".to_owned(), id))
        .collect();
    let by = md(&Phrase::default().some(&one.by, " and ", 4));
    let digest = safe::code(&safe::cut(words::short(&one.digest), 16));
    let reason = safe::code(&safe::cut(&one.reason, REASON));
    let (kind, what) = if covered.is_empty() {
        ("NOTE", format!("An override of {digest} by {by} no longer counts: that is not what is proposed now."))
    } else {
        let what = md(&Phrase::default().some(&covered, " and ", FLAGS));
        ("CAUTION", format!("**{by} overrode the approvals of {what}**, digest {digest}."))
    };
    format!("\n> [!{kind}]\n> {what}\n> Their reason: {reason}\n")
}
