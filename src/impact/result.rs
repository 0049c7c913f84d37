//! The result: an [`Impact`], as data and as the report has it in JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::sentence;
use crate::diagnostics::words::in_backticks;
use crate::groups::Share;

/// The lifecycle of a flag over a change: live before and after, or on one side only.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Lifecycle {
    /// Live before and after.
    Active,
    /// Live from now on; it may not have been there before.
    Activated,
    /// No longer live; it may be gone.
    Deactivated,
    /// Live neither before nor after.
    Inactive,
}

/// The decision behind a change of several fields.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "is", content = "variant")]
#[schemars(transform = explain)]
pub enum Intent {
    /// Everyone is to get this variant.
    Rollout(String),
    /// Nobody is to get any.
    Rollback,
}

/// Adds descriptions: the tag and its content have no doc comment of their own to become one.
fn explain(schema: &mut schemars::Schema) {
    let ways = schema.get_mut("oneOf").and_then(serde_json::Value::as_array_mut);
    for way in ways.into_iter().flatten() {
        for (name, about) in [("is", "The kind of the decision."), ("variant", "The variant that everyone is to get.")]
        {
            if let Some(serde_json::Value::Object(property)) = way.pointer_mut(&format!("/properties/{name}")) {
                property.insert("description".to_owned(), about.into());
            }
        }
    }
}

/// An edit of the file that makes users switch.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    Salt,
    BucketingKey,
    VariantOrder,
    Segments,
    SegmentOrder,
    Conditions,
    /// Other weights of the same ratio, with which nobody switches.
    SameRatio,
}

/// Users who go from one variant to another, or keep theirs; no variant is null.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Flow {
    /// The variant they have; null is none.
    pub from: Option<String>,
    /// The variant they would get; null is none.
    pub to: Option<String>,
    /// Their share of the group.
    pub share: Share,
}

/// A variant that has another key than before and is otherwise the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct RenamedVariant {
    /// The key on the base branch.
    pub from: String,
    /// The key after the merge.
    pub to: String,
}

/// The segment in which users were before they came into another.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
pub struct Origin {
    /// The segment; null is all other users.
    pub segment: Option<String>,
}

/// The impact on one group of users. All shares are of this group, whose part of all users no file knows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SegmentImpact {
    /// The segment that holds for them, by its name after the merge (for flagd: the conditions); null is all other
    /// users.
    pub segment: Option<String>,
    /// Null for users whose segment stays. Else these are users who could come from there, if there are any.
    pub moved_from: Option<Origin>,
    /// Whether the segment is new; for a bound, its users come from no variant.
    pub new: bool,
    /// Whether both sides see the same hash of a user. If not, they are taken as independent draws.
    pub same_hash: bool,
    /// Every flow that has users, including users who keep what they have. They add up to everyone.
    pub matrix: Vec<Flow>,
    /// Users who switch variant, those of a renamed variant included: they get another key.
    pub switch: Share,
    /// Users who are newly exposed: they have no variant, or the one of a flag that is off, and would get one.
    pub newly: Share,
    /// Users who lose exposure: they have a variant and would get none, or the one of a flag that is off.
    pub lose: Share,
    /// Users who keep their variant, and get another value of it.
    pub another_value: Share,
    /// Users who have a variant.
    pub exposed_before: Share,
    /// Users who would have one.
    pub exposed_after: Share,
}

/// Users who could now match a segment, or no longer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Members {
    /// The segment, by its name.
    pub segment: String,
    /// Whether the segment is new.
    pub added: bool,
    /// Whether the segment goes.
    pub removed: bool,
    /// Users who could match it now, in phrases: "users for whom `country` is `DE`".
    pub joins: Vec<String>,
    /// Users who could match it no longer, in such phrases.
    pub leaves: Vec<String>,
    /// Conditions that can't be compared: their users may come as well as go.
    pub undecided: Vec<String>,
}

/// The impact of a change: how it alters what users get.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Impact {
    /// Whether the flag is live, before and after.
    pub lifecycle: Lifecycle,
    /// First the users whose segment stays, in the order of the file; then users who could change segment, if they get
    /// something else with it.
    pub per_segment: Vec<SegmentImpact>,
    /// Segments whose members could differ.
    pub members: Vec<Members>,
    /// Impact that cannot be computed, and why; for a bound it is everyone.
    pub unknown: Vec<String>,
    /// Differences for users that no share describes; for a bound they are everyone.
    pub unmodelled: Vec<String>,
    /// Variants that were renamed: their users get the new key, and nothing else changes for them.
    pub renamed: Vec<RenamedVariant>,
    /// The edits of the file that make users switch, if any does.
    pub causes: Vec<Cause>,
    /// The decision behind a change of several fields; null if there is none.
    pub intent: Option<Intent>,
    /// Harm to users or to the experiment, one sentence each.
    pub warnings: Vec<String>,
    /// Conditions under which the shares hold, one sentence each.
    pub caveats: Vec<String>,
    /// The features that could decide about users and that the format does not have, such as sticky bucketing.
    pub without: Vec<String>,
    /// The question that nobody can answer of who gets the flag, so that nothing is said of going live.
    #[serde(skip)]
    pub unsure: Option<Unsure>,
}

/// The open question about a flag of which it is not known whether it is on, before or after.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unsure {
    /// Whether users start to get it.
    Starts,
    /// Whether users who get it still do.
    Stays,
}

/// The impact on what users got some days ago: of what was done since then and what is proposed, together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct PastImpact {
    /// How many days ago.
    pub days: u32,
    /// The commit that was the tip of the base branch then, in words; null if there was none or it is not known.
    pub commit: Option<String>,
    /// The impact of replacing the flag of then.
    pub impact: Impact,
}

/// Every impact of a change that a bound of the policy looks at.
#[derive(Clone, Copy, Debug)]
pub struct Impacts<'i> {
    /// On what users get now.
    pub now: &'i Impact,
    /// On what they got some days ago.
    pub past: &'i [PastImpact],
}

impl SegmentImpact {
    /// The share of users who get something else.
    #[must_use]
    pub fn changed(&self) -> Share {
        self.switch.and(self.newly).and(self.lose).and(self.another_value)
    }
}

impl Impact {
    /// An impact on nobody.
    #[must_use]
    pub(super) fn none(lifecycle: Lifecycle) -> Self {
        Impact {
            lifecycle,
            per_segment: Vec::new(),
            members: Vec::new(),
            unknown: Vec::new(),
            unmodelled: Vec::new(),
            renamed: Vec::new(),
            causes: Vec::new(),
            intent: None,
            warnings: Vec::new(),
            caveats: Vec::new(),
            without: Vec::new(),
            unsure: None,
        }
    }

    /// The impact in normal form, as an approval covers it: the groups in which somebody gets something else, each with
    /// its exact shares; users who change segment; the unknown parts; the warnings. Another edit of the file that
    /// alters none of this leaves the normal form as it is, so groups that keep what they have and the conditions under
    /// which the shares hold are no part of it, and neither is the order of the groups.
    #[must_use]
    pub fn canonical(&self) -> String {
        fn sorted<T: Serialize>(list: impl Iterator<Item = T>) -> Vec<String> {
            let mut texts: Vec<String> = list.map(|one| serde_json::json!(one).to_string()).collect();
            texts.sort();
            texts
        }
        let differs = |group: &&SegmentImpact| group.new || !group.changed().is_nobody();
        // All others are everyone while the file names no segment: a segment that somebody else adds is nothing new
        // here.
        let warnings = self.warnings.iter().map(|warning| warning.replace("all other users", "everyone"));
        // The phrases list values in the order of the file. The conditions themselves are covered as a field.
        let members = self.members.iter().map(|one| {
            let some = [&one.joins, &one.leaves, &one.undecided].map(|phrases| !phrases.is_empty());
            (&one.segment, one.added, one.removed, some)
        });
        serde_json::json!([
            self.lifecycle,
            sorted(self.per_segment.iter().filter(differs)),
            sorted(members),
            self.unknown,
            self.unmodelled,
            sorted(self.renamed.iter()),
            sorted(warnings),
        ])
        .to_string()
    }

    /// The share of a group that keeps its variant under the new key of that variant.
    #[must_use]
    pub fn under_new_key(&self, group: &SegmentImpact) -> Share {
        sum(group.matrix.iter().filter(|flow| self.is_renaming(flow)))
    }

    /// Whether all of a group who had a variant and have one keep it. Where something is not known, nobody says so.
    #[must_use]
    pub fn keeps_all(&self, group: &SegmentImpact) -> bool {
        let exposed = |share: Share| !share.is_nobody();
        let both = exposed(group.exposed_before) && exposed(group.exposed_after);
        both && group.switch.is_nobody() && self.unknown.is_empty()
    }

    /// The share of a group that switches to a variant which is not its old one under a new key.
    #[must_use]
    pub fn to_another_variant(&self, group: &SegmentImpact) -> Share {
        if group.switch.is_nobody() {
            // The variant of a flag that is off is no exposure.
            return Share::NOBODY;
        }
        let switches = |flow: &&Flow| flow.from.is_some() && flow.to.is_some() && flow.from != flow.to;
        sum(group.matrix.iter().filter(switches).filter(|flow| !self.is_renaming(flow)))
    }

    /// Whether a flow is that of users who keep their variant under its new key.
    #[must_use]
    pub fn is_renaming(&self, flow: &Flow) -> bool {
        let is = |it: &RenamedVariant| flow.from.as_ref() == Some(&it.from) && flow.to.as_ref() == Some(&it.to);
        self.renamed.iter().any(is)
    }

    /// Whether it is certain that nobody gets anything else than before.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.affected().is_nobody() && self.members.is_empty()
    }

    /// Whether any group of it is a segment, or comes from one.
    #[must_use]
    pub fn names_segments(&self) -> bool {
        self.per_segment.iter().any(|group| group.segment.is_some() || group.moved_from.is_some())
    }

    /// The largest share of a group that is affected. In a new segment all who get a variant are, and everyone is if
    /// something cannot be computed or is not modelled.
    #[must_use]
    pub fn affected(&self) -> Share {
        self.whole().unwrap_or_else(|| self.affected_most().map_or(Share::NOBODY, |(share, _)| share))
    }

    /// The largest share of a group that is newly exposed, by the same rules.
    #[must_use]
    pub fn exposed(&self) -> Share {
        self.whole().unwrap_or_else(|| self.exposed_most().map_or(Share::NOBODY, |(share, _)| share))
    }

    /// The largest share of a group that is affected, as computed, and the name of that group.
    #[must_use]
    pub fn affected_most(&self) -> Option<(Share, String)> {
        self.most(SegmentImpact::changed)
    }

    /// The largest share of a group that is newly exposed, as computed, and the name of that group.
    #[must_use]
    pub fn exposed_most(&self) -> Option<(Share, String)> {
        self.most(|group| group.newly)
    }

    /// The reason why the affected users cannot be computed; `None` if they were.
    #[must_use]
    pub fn cannot_be_computed(&self) -> Option<&str> {
        self.unknown.iter().chain(&self.unmodelled).next().map(String::as_str)
    }

    fn whole(&self) -> Option<Share> {
        self.cannot_be_computed().map(|_| Share::EVERYONE)
    }

    fn most(&self, of: impl Fn(&SegmentImpact) -> Share) -> Option<(Share, String)> {
        let share_of = |group: &SegmentImpact| if group.new { of(group).max(group.exposed_after) } else { of(group) };
        let group = self.per_segment.iter().max_by_key(|group| share_of(group))?;
        let share = share_of(group);
        let whose = match &group.segment {
            // Of all in the new segment, wherever they come from.
            Some(name) if share > of(group) => format!("{}, which is new and counts from nothing", in_backticks(name)),
            _ => sentence::whose(self, group),
        };
        (!share.is_nobody()).then_some((share, whose))
    }
}

fn sum<'f>(flows: impl Iterator<Item = &'f Flow>) -> Share {
    flows.fold(Share::NOBODY, |sum, flow| sum.and(flow.share))
}
