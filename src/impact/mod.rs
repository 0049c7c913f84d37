//! Whom a change would move: the arithmetic by which a format spreads users over variants, done before and after.
//!
//! In: a flag before and after. Out: an [`Impact`]: for each group of users a file can name, the exact share that
//! changes variant, is newly exposed or loses exposure, and from what to what; who could now match a segment or no
//! longer; and the words for it. Beside it, on request: who is in each [`Segment`]. Shares are counted over all 2^32
//! hashes, without sampling. It refuses to say how many of all users a group is, which no file knows; and what it can't
//! compute it says so and counts as everyone.
//! Not taken: a number of users from sampled ids, which is noise where the ranges are known, and hides a mistake in them.
//!
//! Assumed throughout: a user has a value for what is hashed, and no inclusion decides for them before.

mod beside;
mod bounds;
mod caveats;
mod conditions;
mod draw;
mod flagd;
mod groups;
pub mod hash;
mod joints;
mod native;
mod segments;
mod share;
mod words;

use schemars::JsonSchema;
use serde::Serialize;

use self::bounds::MOST_WAYS;
use self::conditions::ticked;
use self::draw::Draw;
use self::groups::{Fate, Group, Pairing, Way, reachable};
use self::joints::Joints;
pub use self::segments::{Segment, segments};
pub use self::share::Share;
pub use self::words::{Word, sentence, words};
use crate::flag::Flag;

/// What becomes of a flag.
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

/// What is decided, where several fields say one thing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "is", content = "variant")]
#[schemars(transform = explain)]
pub enum Intent {
    /// Everyone is to get this variant.
    Rollout(String),
    /// Nobody is to get any.
    Rollback,
}

/// The tag and what it holds have no doc comment of their own to become a description.
fn explain(schema: &mut schemars::Schema) {
    let ways = schema.get_mut("oneOf").and_then(serde_json::Value::as_array_mut);
    for way in ways.into_iter().flatten() {
        for (name, about) in [("is", "What is decided."), ("variant", "The variant that everyone is to get.")] {
            if let Some(serde_json::Value::Object(property)) = way.pointer_mut(&format!("/properties/{name}")) {
                property.insert("description".to_owned(), about.into());
            }
        }
    }
}

/// What in the file moves users, if it moves any.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    Salt,
    BucketingKey,
    VariantOrder,
    Segments,
    SegmentOrder,
    Conditions,
    /// Other weights of the same ratio, which move nobody.
    SameRatio,
}

/// Users who go from one variant to another; no variant is null.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Flow {
    /// The variant they have; null is none.
    pub from: Option<String>,
    /// The variant they would get; null is none.
    pub to: Option<String>,
    /// How many of the group they are.
    pub share: Share,
}

/// Where users were before they came into a segment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
pub struct Origin {
    /// The segment; null is all other users.
    pub segment: Option<String>,
}

/// What a change does to one group of users. All shares are of this group, which is no known part of all users.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SegmentImpact {
    /// The segment that holds for them (for flagd: the conditions); null is everyone in none.
    pub segment: Option<String>,
    /// Null for those whose segment stays. Else these are users who could come from there, if there are any.
    pub moved_from: Option<Origin>,
    /// Whether the segment is new; a bound on what changes counts it as coming from nothing.
    pub new: bool,
    /// Whether both sides see the same hash of a user. If not, they are taken as independent draws.
    pub same_hash: bool,
    /// Every cell that has users, those who keep what they have included. They add up to everyone.
    pub matrix: Vec<Flow>,
    /// Those who go from one variant to another.
    pub switch: Share,
    /// Those who have no variant and would get one.
    pub newly: Share,
    /// Those who have a variant and would get none.
    pub lose: Share,
    /// Those who have a variant.
    pub exposed_before: Share,
    /// Those who would have one.
    pub exposed_after: Share,
}

/// Who could now match a segment, or no longer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Members {
    /// The segment, by its name.
    pub segment: String,
    /// Whether the segment is new.
    pub added: bool,
    /// Whether the segment goes.
    pub removed: bool,
    /// Who could match it now, in phrases: "users for whom `country` is `DE`".
    pub joins: Vec<String>,
    /// Who could match it no longer, in such phrases.
    pub leaves: Vec<String>,
    /// What can't be compared: these users may come as well as go.
    pub undecided: Vec<String>,
}

/// What a change does to users.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Impact {
    /// What becomes of the flag.
    pub lifecycle: Lifecycle,
    /// Those whose segment stays first, in the order of the file; then those who could change segment and for whom
    /// something changes with it.
    pub per_segment: Vec<SegmentImpact>,
    /// Segments of which the members could differ.
    pub members: Vec<Members>,
    /// What was not computed and why. Nothing is known of its users, so it counts as all of them.
    pub unknown: Vec<String>,
    /// What else differs for users, by something that no share counts. A bound takes it as all of them.
    pub unmodelled: Vec<String>,
    /// What in the file moves users, if it moves any.
    pub causes: Vec<Cause>,
    /// What is decided, where several fields say one thing.
    pub intent: Option<Intent>,
    /// What hurts the users or the experiment, one sentence each.
    pub warnings: Vec<String>,
    /// Under what the shares hold.
    pub caveats: Vec<String>,
}

impl SegmentImpact {
    /// The share for whom anything changes.
    #[must_use]
    pub fn changed(&self) -> Share {
        self.switch.and(self.newly).and(self.lose)
    }
}

impl Impact {
    /// Whether nobody gets anything else than before, for certain.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.affected().is_nobody() && self.members.is_empty()
    }

    /// Whether any group of it is a segment, or comes from one.
    #[must_use]
    pub fn names_segments(&self) -> bool {
        self.per_segment.iter().any(|group| group.segment.is_some() || group.moved_from.is_some())
    }

    /// The largest share of a group for whom anything changes; a new segment counts as one that nobody got a variant
    /// in, and what was not computed or not counted as everyone.
    #[must_use]
    pub fn affected(&self) -> Share {
        self.whole().unwrap_or_else(|| self.affected_most().map_or(Share::NOBODY, |(share, _)| share))
    }

    /// The largest share of a group that is newly exposed, counted likewise.
    #[must_use]
    pub fn exposed(&self) -> Share {
        self.whole().unwrap_or_else(|| self.exposed_most().map_or(Share::NOBODY, |(share, _)| share))
    }

    /// Of what was counted, the largest share of a group for whom anything changes, and what that group is called.
    #[must_use]
    pub fn affected_most(&self) -> Option<(Share, String)> {
        self.most(SegmentImpact::changed)
    }

    /// Of what was counted, the largest share of a group that is newly exposed, and what that group is called.
    #[must_use]
    pub fn exposed_most(&self) -> Option<(Share, String)> {
        self.most(|group| group.newly)
    }

    /// Why not all of whom it moves is counted, if it isn't.
    #[must_use]
    pub fn cannot_be_computed(&self) -> Option<&str> {
        self.unknown.iter().chain(&self.unmodelled).next().map(String::as_str)
    }

    fn whole(&self) -> Option<Share> {
        self.cannot_be_computed().map(|_| Share::EVERYONE)
    }

    fn most(&self, of: impl Fn(&SegmentImpact) -> Share) -> Option<(Share, String)> {
        let counted = |group: &SegmentImpact| if group.new { of(group).max(group.exposed_after) } else { of(group) };
        let group = self.per_segment.iter().max_by_key(|group| counted(group))?;
        let share = counted(group);
        let whose = match &group.segment {
            // Of all in the new segment, wherever they come from.
            Some(name) if share > of(group) => format!("{}, which is new and counts from nothing", ticked(name)),
            _ => words::whose(self, group),
        };
        (!share.is_nobody()).then_some((share, whose))
    }
}

/// What becomes of a flag's users when `before` is replaced by `after`; either may be missing.
#[must_use]
pub fn of(before: Option<&Flag>, after: Option<&Flag>) -> Impact {
    let live = |flag: Option<&Flag>| flag.is_some_and(|flag| flag.state.live);
    let lifecycle = match (live(before), live(after)) {
        (true, true) => Lifecycle::Active,
        (false, true) => Lifecycle::Activated,
        (true, false) => Lifecycle::Deactivated,
        (false, false) => Lifecycle::Inactive,
    };
    let mut out = Impact {
        lifecycle,
        per_segment: Vec::new(),
        members: Vec::new(),
        unknown: Vec::new(),
        unmodelled: Vec::new(),
        causes: Vec::new(),
        intent: None,
        warnings: Vec::new(),
        caveats: Vec::new(),
    };
    let large =
        [before, after].into_iter().flatten().filter(|_| lifecycle != Lifecycle::Inactive).find_map(bounds::too_large);
    if let Some(why) = large {
        let alike = matches!((before, after), (Some(before), Some(after)) if bounds::draw_alike(before, after));
        if lifecycle != Lifecycle::Active || !alike {
            out.unknown.push(why);
        }
        beside::add(before, after, &mut out);
        return out;
    }
    match (lifecycle, before, after) {
        (Lifecycle::Inactive, _, _) => {}
        (Lifecycle::Activated, _, Some(flag)) => one_side(flag, false, &mut out),
        (Lifecycle::Deactivated, Some(flag), _) => one_side(flag, true, &mut out),
        (Lifecycle::Active, Some(before), Some(after)) => both_sides(before, after, &mut out),
        (Lifecycle::Activated | Lifecycle::Deactivated | Lifecycle::Active, _, _) => {}
    }
    caveats::add(before, after, &mut out);
    beside::add(before, after, &mut out);
    out.unknown.sort();
    out.unknown.dedup();
    out
}

/// What a user of a segment with this value of what is hashed gets, by Amplitude's arithmetic; `None` inside is no
/// variant. The error says why it can't be told: it is no flag of the native format, or it does not add up.
pub fn variant_of(flag: &Flag, segment: Option<&str>, value: &str) -> Result<Option<String>, String> {
    if Arithmetic::of(flag) != Some(Arithmetic::Amplitude) {
        return Err("only flags in Amplitude's words are drawn one by one".to_owned());
    }
    if !flag.state.live {
        return Ok(None);
    }
    let groups = native::groups(flag);
    let group = groups.iter().find(|group| group.name.as_deref() == segment);
    let draw = group.ok_or("there is no such segment")?.draw.as_ref().map_err(|unknown| unknown.why.clone())?;
    let salt = flag.get("bucketingSalt").and_then(crate::document::Node::as_text).unwrap_or_default();
    let (bucket, slot) = hash::place(salt, value);
    Ok(draw.at(bucket, slot).map(str::to_owned))
}

/// Whose arithmetic a flag goes by, told by the fields its format has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Arithmetic {
    Amplitude,
    Flagd,
}

impl Arithmetic {
    fn of(flag: &Flag) -> Option<Self> {
        let has = |name: &str| flag.fields.iter().any(|field| field.name == name);
        match (has("targetSegments"), has("targeting") && has("defaultVariant")) {
            (true, _) => Some(Arithmetic::Amplitude),
            (_, true) => Some(Arithmetic::Flagd),
            (false, false) => None,
        }
    }
}

const NO_ARITHMETIC: &str = "how this format spreads its users is not known here";

/// The groups of a flag on its own; none if its format's arithmetic is not known.
fn own_groups(flag: &Flag) -> Option<Vec<Group<'_>>> {
    match Arithmetic::of(flag)? {
        Arithmetic::Amplitude => Some(native::groups(flag)),
        Arithmetic::Flagd => {
            let group = |leaf: flagd::Leaf<'_>| Group { name: leaf.name, conditions: &[], draw: leaf.draw };
            Some(flagd::tree(flag)?.leaves.into_iter().map(group).collect())
        }
    }
}

/// A flag that starts or stops: there is nothing on the other side.
fn one_side(flag: &Flag, stops: bool, out: &mut Impact) {
    let Some(groups) = own_groups(flag) else {
        let large = Arithmetic::of(flag).is_some();
        out.unknown.push(if large { flagd::TOO_LARGE } else { NO_ARITHMETIC }.to_owned());
        return;
    };
    let none = Ok(Draw::nobody());
    let mut joints = Joints::default();
    let all = Arithmetic::of(flag) == Some(Arithmetic::Flagd);
    let met: Vec<&Group<'_>> =
        if all { groups.iter().collect() } else { reachable(&groups).map(|(_, group)| group).collect() };
    for group in met {
        let (before, after) = if stops { (&group.draw, &none) } else { (&none, &group.draw) };
        joints.add(before, after, group.name.clone(), None, false, out);
    }
}

fn both_sides(before: &Flag, after: &Flag, out: &mut Impact) {
    match (Arithmetic::of(before), Arithmetic::of(after)) {
        (Some(Arithmetic::Amplitude), Some(Arithmetic::Amplitude)) => {
            amplitude(&native::groups(before), &native::groups(after), out);
        }
        (Some(Arithmetic::Flagd), Some(Arithmetic::Flagd)) => flagd(before, after, out),
        (None, _) | (_, None) => out.unknown.push(NO_ARITHMETIC.to_owned()),
        _ => out.unknown.push("the flag is kept in another format than before, which draws otherwise".to_owned()),
    }
}

fn amplitude(before: &[Group<'_>], after: &[Group<'_>], out: &mut Impact) {
    let pairing = Pairing::new(before, after);
    for (name, fate) in pairing.fates() {
        let (added, removed) = (fate == Fate::Added, fate == Fate::Removed);
        let turnover = match fate {
            Fate::Kept(turnover) if turnover.is_nobody() => continue,
            Fate::Kept(turnover) => turnover,
            Fate::Added | Fate::Removed => conditions::Turnover::default(),
        };
        out.causes.push(if added || removed { Cause::Segments } else { Cause::Conditions });
        let conditions::Turnover { joins, leaves, undecided } = turnover;
        out.members.push(Members { segment: name.to_owned(), added, removed, joins, leaves, undecided });
    }
    if pairing.reordered() {
        out.causes.push(Cause::SegmentOrder);
    }
    let Some(ways) = pairing.ways() else {
        out.unknown.push(format!("users could change segment in more than {MOST_WAYS} ways"));
        return;
    };
    let mut joints = Joints::default();
    for Way { before: at, after: to } in ways {
        let (Some(old), Some(new)) = (before.get(at), after.get(to)) else { continue };
        let from = (old.name != new.name).then(|| Origin { segment: old.name.clone() });
        let is_new = pairing.is_new(to);
        joints.add(&old.draw, &new.draw, new.name.clone(), from, is_new, out);
    }
}

fn flagd(before: &Flag, after: &Flag, out: &mut Impact) {
    let (Some(old), Some(new)) = (flagd::tree(before), flagd::tree(after)) else {
        if !bounds::draw_alike(before, after) {
            out.unknown.push(flagd::TOO_LARGE.to_owned());
        }
        return;
    };
    let mut joints = Joints::default();
    match (old.leaves.as_slice(), new.leaves.as_slice()) {
        _ if old.asks == new.asks => {
            for (old, new) in old.leaves.iter().zip(&new.leaves) {
                joints.add(&old.draw, &new.draw, new.name.clone(), None, false, out);
            }
        }
        // Where all were treated alike, each group of the other side is a part of them.
        ([one], leaves) => {
            for leaf in leaves {
                joints.add(&one.draw, &leaf.draw, leaf.name.clone(), None, false, out);
            }
        }
        (leaves, [one]) => {
            for leaf in leaves {
                joints.add(&leaf.draw, &one.draw, leaf.name.clone(), None, false, out);
            }
        }
        _ => out.unknown.push("`targeting` asks other conditions than before, which can't be compared".to_owned()),
    }
}
