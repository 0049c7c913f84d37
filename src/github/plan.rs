//! What has to be said on a pull request: from a verdict and what is there already to the posts that are missing.
//!
//! In: the report, the facts, the approval record. Out: posts, in the order they must land: what takes a success back comes
//! first, what gives one comes last, when everything it rests on is displayed. It refuses to say a thing twice: what
//! is there already is no post. Not taken: posting while judging; a plan can be printed instead (`--dry-run`).

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Account, Facts, Status};
use super::fingerprint::{Inputs, Mark, people};
use super::notices::{marked, news};
use super::record::{ApprovalRecord, Green};
use crate::diagnostics::Diagnostic;
use crate::policy::Approver;
use crate::render::{self, About, Notice};
use crate::report::{FlagReport, Mode, Overridden, Report, Verdict};

/// What a status says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Light {
    Success,
    Pending,
    Failure,
    Error,
}

impl Light {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Light::Success => "success",
            Light::Pending => "pending",
            Light::Failure => "failure",
            Light::Error => "error",
        }
    }

    /// What a verdict turns it to. In a merge queue there is nobody to wait for.
    #[must_use]
    pub fn of(verdict: Verdict, queued: bool) -> Light {
        match verdict {
            Verdict::NotRequired | Verdict::Approved => Light::Success,
            Verdict::Pending | Verdict::Locked if !queued => Light::Pending,
            Verdict::Pending | Verdict::Locked | Verdict::Rejected | Verdict::Invalid => Light::Failure,
        }
    }
}

/// One thing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Post {
    Status {
        sha: String,
        context: String,
        light: Light,
        text: String,
        target: String,
    },
    /// The comment that is kept up to date: a new one, or other words in the one that is there.
    Sticky {
        id: Option<u64>,
        body: String,
    },
    /// A copy of it that a race left behind.
    Remove {
        id: u64,
    },
    /// A new comment.
    Notice {
        body: String,
    },
    /// Ask these to review, by login and by slug of the team.
    Ask {
        users: Vec<String>,
        teams: Vec<String>,
    },
    /// Notes on the exact lines of the proposal.
    Lines {
        sha: String,
        lines: Vec<Line>,
        title: String,
    },
}

/// A note on a line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    pub path: String,
    pub line: u32,
    /// `failure`, `warning` or `notice`.
    pub level: &'static str,
    pub text: String,
}

/// What was judged, or why nothing could be.
pub enum Judged<'a> {
    Report(&'a Report),
    /// The base policy does not hold.
    InvalidPolicy(&'a [Diagnostic]),
}

/// Everything a plan is made from.
pub struct Ground<'a> {
    pub facts: &'a Facts,
    /// What our own comment remembers.
    pub record: Option<&'a ApprovalRecord>,
    pub judged: Judged<'a>,
    /// The digests to put displayed, by `project/key`: [`Examination::digests`](crate::review::Examination::digests).
    pub digests: &'a [(String, String)],
    /// The live flags this pull request holds: [`Examination::holds`](crate::review::Examination::holds).
    pub holds: &'a [String],
    /// The members of all teams of the policy, if a team was asked for.
    pub teams: &'a BTreeMap<String, Vec<String>>,
    /// What of the base the verdict depends on: its tip, or only its policy where no flag differs.
    pub base: &'a str,
    /// Commits that this pull request has left and on which a success of ours may stand, with the statuses there.
    pub left: &'a [(Green, Vec<Status>)],
    /// The other open pull requests that propose the same commit for the same base, and what is said of each.
    pub siblings: &'a [(Facts, Report)],
    /// Where the whole report is.
    pub url: Option<String>,
    /// The answer to a command, and what it goes by: it is given once.
    pub said: Option<(String, Notice)>,
    /// Whether what is only polite could not be done now: then it is left for the next time, and not remembered.
    pub later: bool,
}

/// Above this many of our own statuses on one commit, no success is posted any more: GitHub takes 1,000, and the last
/// of them must be left for taking a success back.
pub const MOST_STATUSES: u32 = 900;
/// More people than this are not asked on our own account.
const MOST_ASKED: usize = 10;
/// More notes than this are not put on lines; GitHub takes 50 with one request.
const MOST_LINES: usize = 50;

/// What is missing, in order.
#[must_use]
pub fn plan(ground: &Ground<'_>) -> Vec<Post> {
    let facts = ground.facts;
    let mut record = ground.record.cloned().unwrap_or_default();
    let mut retired = Vec::new();
    for (green, there) in ground.left {
        let why = format!("superseded: #{} moved on", facts.number());
        retired.extend(retire(facts, &green.base, &green.sha, there, &why));
        record.green.remove(green);
    }
    let (light, text) = light(ground);
    if light == Light::Success && matches!(ground.judged, Judged::Report(report) if !render::quiet(report)) {
        record.green.insert(Green { base: facts.outline.base.clone(), sha: facts.outline.head.clone() });
    }
    let mut notices: Vec<(String, Notice)> = ground.said.iter().cloned().collect();
    let mut later = Vec::new();
    if let Judged::Report(report) = ground.judged {
        let fits = !report.is_too_much();
        record.show(if fits { ground.digests } else { &[] }, &facts.now);
        // A draft asks for nothing, and so holds nothing; ready again, it stands behind those that asked meanwhile.
        let holds = if facts.outline.draft || !fits { &[] } else { ground.holds };
        record.hold(holds.iter().cloned(), facts.anew.as_deref(), &facts.now);
        notices.extend(news(report, facts));
        if !ground.later {
            later.extend(ask(report, ground, &mut record));
            later.extend(lines(report, facts, &mut record));
        }
    } else {
        // What the comment says then is no content to approve.
        record.show(&[], &facts.now);
    }
    let visible = |url: Option<&String>| match ground.judged {
        Judged::Report(report) => render::comment(report, &about(facts, url)),
        Judged::InvalidPolicy(diagnostics) => render::invalid_policy_comment(diagnostics, &about(facts, url)),
    };
    let quiet = matches!(ground.judged, Judged::Report(report) if render::quiet(report));
    let there = facts.sticky.as_ref();
    let same =
        |body: &String| there.is_some_and(|comment| comment.untouched && comment.body.trim_end() == body.trim_end());
    // Each run has a report at another address, which alone is no reason to edit the comment.
    record.sealed = Some(facts.outline.head.clone());
    let as_it_is = there.filter(|comment| comment.says(&visible(record.url.as_ref()), &record));
    let as_it_is = as_it_is.map(|comment| comment.body.clone());
    if as_it_is.is_none() {
        record.url.clone_from(&ground.url);
        record.told.extend(facts.told.iter().cloned());
    }
    let visible = visible(record.url.as_ref());
    // What can't be remembered was never displayed.
    let body = as_it_is.or_else(|| record.sign(&visible));
    let (light, text) = if body.is_some() {
        (light, text)
    } else {
        (Light::Failure, "what was displayed no longer fits into one comment: split this pull request".to_owned())
    };
    let body = body.or_else(|| record.forget().sign(&visible));
    let body = body.unwrap_or_else(|| format!("{}\n{visible}", super::record::MARK));
    let needless = quiet && there.is_none();
    let checksums =
        [0, there.map_or(0, |there| there.id)].map(|at| ApprovalRecord::checksum_of(&body, facts.number(), at));
    let bears = |checksum: &String| borne(ground).is_some_and(|mark| mark.checksums.contains(checksum));
    let [made, written] = checksums;
    // What was sealed before the comment had a number need not be sealed again while it remembers nothing more.
    let checksum = match needless {
        true => String::new(),
        false if bears(&made) && !bears(&written) => made,
        false => written,
    };
    let before = posted(ground);
    let status = self::status(ground, light, text.clone(), &checksum, before);
    let (first, last) = match status {
        // What the comment remembers is sealed before it is written, and a success comes after it.
        Some(Post::Status { light: Light::Success, .. }) if !same(&body) && unsealed(ground, &checksum) => {
            let waits = "all that is needed is there; it is being written down".to_owned();
            let first = self::status(ground, Light::Pending, waits, &checksum, before);
            let after = before.saturating_add(u32::from(first.is_some()));
            (first, self::status(ground, light, text, &checksum, after))
        }
        Some(Post::Status { light: Light::Success, .. }) => (None, status),
        _ => (status, None),
    };
    let mut posts: Vec<Post> = first.into_iter().chain(retired).collect();
    // Before the comment that remembers them: what is cut short in between is asked for again, which changes nothing.
    posts.extend(later);
    if !needless && !same(&body) {
        posts.push(Post::Sticky { id: there.map(|comment| comment.id), body });
    }
    posts.extend(facts.doubles.iter().map(|double| Post::Remove { id: double.id }));
    posts.extend(last);
    let told = |key: &String| record.told.contains(key) || facts.told.contains(key);
    let notices = notices.iter().map(|(key, notice)| (super::fingerprint::short_mark(key), notice));
    let missing = notices.filter(|(key, _)| !told(key));
    posts.extend(missing.map(|(key, notice)| Post::Notice { body: marked(&render::notice(notice), &key) }));
    posts
}

/// What the status has to say: of a commit that several propose, the same whichever of them is looked at, since all of
/// them show it.
fn light(ground: &Ground<'_>) -> (Light, String) {
    let told = |facts: &Facts, report: &Report| {
        (Light::of(report.verdict, false), render::status_text(report, &about(facts, None)))
    };
    let own = match ground.judged {
        Judged::Report(report) => told(ground.facts, report),
        Judged::InvalidPolicy(diagnostics) => (Light::Error, render::invalid_policy_status(diagnostics)),
    };
    let beside = ground.siblings.iter().map(|(facts, report)| (facts.number(), told(facts, report)));
    let all: BTreeMap<u64, (Light, String)> = beside.chain([(ground.facts.number(), own)]).collect();
    let Some((number, (light, text))) =
        all.iter().find(|(_, (light, _))| *light != Light::Success).or_else(|| all.iter().next())
    else {
        return (Light::Error, "nothing was judged".to_owned());
    };
    if *light != Light::Success {
        let numbers: Vec<String> = all.keys().map(|number| format!("#{number}")).collect();
        let shared = format!("{} share this commit; #{number}: {text}", numbers.join(", "));
        return (*light, if all.len() > 1 { render::status_line(&shared) } else { text.clone() });
    }
    if posted(ground) >= MOST_STATUSES {
        let text = "this commit has had too many statuses to take another success back: push a new commit";
        return (Light::Failure, text.to_owned());
    }
    (*light, text.clone())
}

/// How many statuses we have posted there.
fn posted(ground: &Ground<'_>) -> u32 {
    borne(ground).map_or(0, |mark| mark.count)
}

/// The mark of our status on the head.
fn borne(ground: &Ground<'_>) -> Option<Mark> {
    let status = ground.facts.outline.status().filter(|status| is_ours(status, &ground.facts.viewer));
    status.and_then(|status| Mark::of(&status.target))
}

/// Whether our status on the head does not bear this record checksum.
fn unsealed(ground: &Ground<'_>, checksum: &String) -> bool {
    !checksum.is_empty() && borne(ground).is_none_or(|mark| !mark.checksums.contains(checksum))
}

/// The status, unless it is there already; `before` is how many of ours there will be before it.
fn status(ground: &Ground<'_>, light: Light, text: String, checksum: &str, before: u32) -> Option<Post> {
    let facts = ground.facts;
    let ours = facts.outline.status().filter(|status| is_ours(status, &facts.viewer));
    let all = ground.siblings.iter().map(|(facts, _)| facts).chain([facts]);
    let marks = all.map(|facts| {
        let outline = &facts.outline;
        let (draft, author) = (outline.draft, outline.author.as_ref());
        let seen = Inputs { base: ground.base, head: &outline.head, draft, author, reviews: &facts.reviews };
        (facts.number(), seen.mark())
    });
    let inputs = super::fingerprint::shared(marks.collect());
    let checksums = Mark::sealed(borne(ground).as_ref(), checksum);
    let mark =
        |count| Mark { inputs: inputs.clone(), people: people(ground.teams), count, checksums: checksums.clone() };
    let same = |status: &&Status| {
        status.state.eq_ignore_ascii_case(light.word())
            && status.description == text
            && Mark::of(&status.target) == Some(mark(posted(ground)))
    };
    if ours.as_ref().is_some_and(same) {
        return None;
    }
    Some(Post::Status {
        sha: facts.outline.head.clone(),
        context: super::facts::context(&facts.outline.base),
        light,
        text,
        target: mark(before.saturating_add(1)).address(&facts.url),
    })
}

/// Whether a status is ours. GitHub writes an app's login with `[bot]` in one place and without it in another.
#[must_use]
pub fn is_ours(status: &Status, viewer: &str) -> bool {
    let plain = |login: &str| login.strip_suffix("[bot]").unwrap_or(login).to_ascii_lowercase();
    let bot = viewer.ends_with("[bot]");
    let same = |creator: &Account| plain(&creator.login) == plain(viewer) && (!bot || creator.kind == "Bot");
    status.creator.as_ref().is_some_and(same)
}

fn about(facts: &Facts, url: Option<&String>) -> About {
    About {
        requestor: Some(facts.author().to_owned()),
        draft: facts.outline.draft,
        base: Some(facts.outline.base.clone()),
        head: Some(facts.outline.head.clone()),
        url: url.cloned(),
        ..About::default()
    }
}

/// What was overridden: name, digest, by whom.
pub(super) fn overridden(report: &Report) -> Vec<(String, &str, &Overridden)> {
    let flags = report.flags.iter().map(|flag| (flag_name(flag), flag.digest.as_deref(), flag.overridden.as_ref()));
    let policy = (POLICY.to_owned(), report.policy.digest.as_deref(), report.policy.overridden.as_ref());
    flags.chain([policy]).filter_map(|(name, digest, one)| Some((name, digest?, one?))).collect()
}

/// What a change of the policy goes by among flags.
pub(super) const POLICY: &str = "the policy";

pub(super) fn flag_name(flag: &FlagReport) -> String {
    format!("{}/{}", flag.project, flag.key)
}

/// Whom to ask: nobody on a draft or for a stranger, nobody if the requestor picked somebody who may respond, nobody
/// whose answer counts, and nobody twice for the same content.
fn ask(report: &Report, ground: &Ground<'_>, record: &mut ApprovalRecord) -> Option<Post> {
    let facts = ground.facts;
    if facts.outline.draft || !facts.outline.insider() || report.verdict != Verdict::Pending {
        return None;
    }
    let content: Vec<String> = ground.digests.iter().map(|(name, digest)| format!("{name}={digest}")).collect();
    let content = super::fingerprint::short_mark(&content.join("\n"));
    if record.asked.as_ref() == Some(&content) {
        return None;
    }
    let open = report.flags.iter().flat_map(|flag| &flag.requirements).chain(&report.policy.requirements);
    let open: Vec<_> = open.filter(|requirement| requirement.missing() > 0).collect();
    let from: BTreeSet<&str> = open
        .iter()
        .filter(|requirement| requirement.mode != Mode::Peer || !requirement.from.is_empty())
        .flat_map(|requirement| requirement.from.iter().map(|name| name.trim_start_matches('@')))
        .collect();
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    let picked = facts.requested.iter().any(|name| from.iter().any(|eligible| same(name, eligible)));
    // Whoever approved what was there before is asked once more.
    let all = report.flags.iter().flat_map(|flag| &flag.requirements).chain(&report.policy.requirements);
    let answered: BTreeSet<&String> =
        all.flat_map(|requirement| requirement.approved_by.iter().chain(&requirement.rejected_by)).collect();
    let may_ask = |name: &&str| !same(name, facts.author()) && !answered.iter().any(|other| same(other, name));
    let wanted: Vec<&str> = from.iter().copied().filter(may_ask).take(MOST_ASKED).collect();
    record.asked = Some(content);
    if picked || wanted.is_empty() {
        return None;
    }
    let owner = facts.repository.split('/').next().unwrap_or_default();
    let (mut users, mut teams) = (Vec::new(), Vec::new());
    for name in wanted {
        match Approver::parse(&format!("@{name}")) {
            Ok(Approver::User(login)) => users.push(login),
            // Only a team of the repository's own organisation can be asked.
            Ok(Approver::Team(team)) => match team.split_once('/') {
                Some((org, slug)) if same(org, owner) => teams.push(slug.to_owned()),
                _ => {}
            },
            Err(_) => {}
        }
    }
    (!(users.is_empty() && teams.is_empty())).then_some(Post::Ask { users, teams })
}

/// Notes on the lines an approver has to look at, once for the same content.
fn lines(report: &Report, facts: &Facts, record: &mut ApprovalRecord) -> Option<Post> {
    let mut lines: Vec<Line> = render::lines(report)
        .into_iter()
        .filter(|(path, ..)| !path.is_empty())
        .map(|(path, line, level, text)| Line { path, line, level, text })
        .collect();
    lines.truncate(MOST_LINES);
    let words: Vec<String> = lines.iter().map(|line| format!("{}:{} {}", line.path, line.line, line.text)).collect();
    let content = super::fingerprint::short_mark(&format!("{}\n{}", facts.outline.head, words.join("\n")));
    if lines.is_empty() || record.lines.as_ref() == Some(&content) {
        return None;
    }
    record.lines = Some(content);
    Some(Post::Lines {
        sha: facts.outline.head.clone(),
        lines,
        title: "What has to be approved, on its lines".to_owned(),
    })
}

/// What a commit is told that is no longer proposed for a base: it must not stay green for whoever comes back to it.
/// Only a success is taken back, whoever posted it under our name, and only if no open pull request proposes that commit
/// for that base.
#[must_use]
pub fn retire(facts: &Facts, base: &str, sha: &str, there: &[Status], why: &str) -> Option<Post> {
    let still = facts.open.iter().any(|other| other.head == sha && other.base == base);
    let context = super::facts::context(base);
    let status = there.iter().find(|status| status.context == context)?;
    if still || !status.state.eq_ignore_ascii_case("success") {
        return None;
    }
    Some(plain(facts, base, sha, Some(status), Light::Pending, why))
}

/// A status that stands for no verdict.
#[must_use]
pub fn plain(facts: &Facts, base: &str, sha: &str, there: Option<&Status>, light: Light, text: &str) -> Post {
    let there = there.filter(|status| is_ours(status, &facts.viewer));
    let mark = Mark::plain(there.and_then(|status| Mark::of(&status.target)).as_ref());
    Post::Status {
        sha: sha.to_owned(),
        context: super::facts::context(base),
        light,
        text: render::status_line(text),
        target: mark.address(&facts.url),
    }
}
