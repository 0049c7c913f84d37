//! A change as data: its title and sentence, its shape, and the rule that it is listed under.

use super::super::phrases::{Part, Phrase};
use super::super::values;
use super::shape::{ChangeShape, unsure};
use crate::changes::RuleId;
use crate::changes::written;
use crate::diagnostics::escape as safe;
use crate::document::{Decimal, Node, Role};
use crate::impact::{Lifecycle, Unsure};
use crate::report::{Act, Change, Class, FlagReport, SharedChange};

/// Values longer than this are left to the drawing.
const SHORT: usize = 60;

/// More flags than this that a shared change reaches are counted.
const FEW: usize = 20;

/// A change and how it is shown.
pub(in crate::render) struct ChangeView<'r> {
    pub change: &'r Change,
    pub shape: ChangeShape<'r>,
    /// The changed field, with the values where they are short: the line above a drawing.
    pub title: Phrase,
    /// Whether an approver has to see it: everything but routine changes and those without effect.
    pub matters: bool,
    /// The file, if it is not that of the flag.
    pub elsewhere: Option<&'r str>,
    /// Why the rule exists, or what the class means; may be empty.
    pub why: &'static str,
}

/// Changes under the same rule, or of the same class where no rule gates them.
pub(in crate::render) struct ChangeGroup<'v, 'r> {
    pub label: &'static str,
    /// Why the rule exists, or what the class means; may be empty.
    pub why: &'static str,
    pub changes: Vec<&'v ChangeView<'r>>,
}

impl<'r> ChangeView<'r> {
    pub(super) fn of(change: &'r Change, flag: &'r FlagReport) -> Self {
        let shape = ChangeShape::of(change, flag);
        let title = title(change, &shape);
        let elsewhere = (change.path != flag.path).then_some(change.path.as_str());
        ChangeView { change, shape, title, matters: matters(change), elsewhere, why: why(change, flag) }
    }

    /// "weights 1:1 → 1:3 (of those exposed: control 50% → 25%, treatment 50% → 75%)".
    pub(in crate::render) fn sentence(&self) -> Phrase {
        let title = self.title.clone();
        match &self.shape {
            ChangeShape::Spread(spread) if spread.keys.len() <= 6 && self.change.class != Class::NoEffect => {
                let mut phrase = title.ours(" (of those exposed: ");
                for (index, (key, (before, after))) in spread.keys.iter().zip(spread.shares()).enumerate() {
                    let (left, right) = values::percents(before, after);
                    phrase = phrase.ours(if index > 0 { ", " } else { "" }).value(key).ours(" ");
                    phrase = phrase.turn(before.map(|_| left), after.map(|_| right));
                }
                phrase.ours(")")
            }
            ChangeShape::Members { removed, added, .. } => {
                let mut phrase = title.ours(": ");
                let added_parts = added.iter().map(|member| (Part::New(member.clone()), " added"));
                let parts = added_parts.chain(removed.iter().map(|member| (Part::Old(member.clone()), " removed")));
                let total = added.len() + removed.len();
                for (index, (member, verb)) in parts.enumerate() {
                    if index == 4 && total > 5 {
                        return phrase.ours(format!(" and {} more", total - 4));
                    }
                    phrase = phrase.ours(if index > 0 { ", " } else { "" });
                    phrase.0.push(member);
                    phrase = phrase.ours(verb);
                }
                phrase
            }
            _ => title,
        }
    }

    /// The changed field and the verb, without values: "`payload` of variant `treatment` changed".
    pub(in crate::render) fn subject(&self) -> Phrase {
        match self.shape {
            ChangeShape::Deleted(words) => Phrase::new(words),
            ChangeShape::Moved => Phrase::new("moved"),
            _ => subject(self.change, self.change.act == Act::Reordered).ours(verb(self.change.act)),
        }
    }

    /// Whether it is the change of the lifecycle, which the state of the flag says too.
    pub(in crate::render) fn is_state(&self) -> bool {
        self.change.row.is_some_and(|row| row.role == Role::Lifecycle)
    }

    /// Whether the title has the values already.
    pub(in crate::render) fn title_has_values(&self) -> bool {
        self.title.0.iter().any(|part| matches!(part, Part::Old(_) | Part::New(_)))
    }

    /// The rule that gates it, or else its class.
    pub(in crate::render) fn rule(&self) -> &'static str {
        self.change.rule.map_or(self.change.class.word(), RuleId::as_str)
    }
}

/// Changes in groups, one a rule, the classes in their order.
pub(in crate::render) fn groups<'v, 'r>(changes: &[&'v ChangeView<'r>]) -> Vec<ChangeGroup<'v, 'r>> {
    let key = |view: &ChangeView<'_>| (view.change.class, if view.matters { view.change.rule } else { None });
    let mut keys = Vec::new();
    for change in changes {
        if !keys.contains(&key(change)) {
            keys.push(key(change));
        }
    }
    keys.sort_by_key(|(class, _)| *class);
    let group = |wanted: (Class, Option<RuleId>)| {
        let (class, rule) = wanted;
        let label = rule.map_or(if class == Class::NoEffect { "no effect" } else { class.word() }, RuleId::as_str);
        let changes: Vec<_> = changes.iter().copied().filter(|change| key(change) == wanted).collect();
        let why = changes.first().map_or("", |change| change.why);
        ChangeGroup { label, why, changes }
    };
    keys.into_iter().map(group).collect()
}

/// Why a change needs approval, or why it needs none. Of a flag that nobody knows to be on, nobody knows that users get
/// it.
fn why(change: &Change, flag: &FlagReport) -> &'static str {
    match change.class {
        Class::NoEffect => "written differently, means the same",
        Class::Routine => "needs no approval",
        Class::Critical | Class::Activation | Class::Deactivation => {
            let Some(rule) = change.rule.and_then(RuleId::rule) else { return "" };
            match (rule.id, unsure(flag)) {
                (RuleId::ACTIVATION, Some(Unsure::Starts)) => "whether users start to get it is not known",
                (RuleId::ACTIVATION, Some(Unsure::Stays)) => "whether users still get it is not known",
                (RuleId::DELETION, Some(_)) => "whether users have it is not known",
                (RuleId::ACTIVATION, None) if exposes_nobody(flag) => "it is live from now on",
                _ => rule.why,
            }
        }
    }
}

/// Whether a flag goes live, and nobody gets anything else than before.
fn exposes_nobody(flag: &FlagReport) -> bool {
    let impact = flag.impact.as_ref();
    impact.is_some_and(|impact| impact.lifecycle == Lifecycle::Activated && impact.is_nothing())
}

/// A change as one short sentence.
#[must_use]
pub fn sentence(change: &Change, flag: &FlagReport) -> Phrase {
    ChangeView::of(change, flag).sentence()
}

/// Whether an approver has to see a change.
pub(super) fn matters(change: &Change) -> bool {
    match change.class {
        Class::Critical | Class::Activation | Class::Deactivation => true,
        Class::Routine | Class::NoEffect => false,
    }
}

/// Whether somebody has to approve a change.
pub(super) fn gated(change: &Change) -> bool {
    match change.class {
        Class::Critical => true,
        Class::Activation | Class::Deactivation => change.rule.is_some(),
        Class::Routine | Class::NoEffect => false,
    }
}

fn title(change: &Change, shape: &ChangeShape<'_>) -> Phrase {
    let inline = |side: Option<&Node>| side.map(written::inline);
    let (before, after) = match shape {
        ChangeShape::Deleted(words) => return Phrase::new(*words),
        ChangeShape::Moved => {
            return Phrase::new("moved: ").turn(inline(change.before.as_ref()), inline(change.after.as_ref()));
        }
        ChangeShape::Reordered(before, after) => {
            let list = |names: &Vec<String>| (!names.is_empty()).then(|| names.join(", "));
            return subject(change, true).ours(" reordered: ").turn(list(before), list(after));
        }
        ChangeShape::Segment(_) | ChangeShape::Variant(..) => return subject(change, false).ours(verb(change.act)),
        ChangeShape::Members { .. } => return subject(change, false),
        ChangeShape::Spread(spread) => spread.ratios(),
        ChangeShape::Percent(before, after) => {
            let write = |side: Option<&Decimal>| side.map(ToString::to_string);
            (write(*before), write(*after))
        }
        ChangeShape::Value(before, after) => {
            let (before, after) = (inline(*before), inline(*after));
            let length = |side: &Option<String>| side.as_deref().map_or(0, safe::columns);
            if length(&before) + length(&after) > SHORT || !flat(change) {
                return subject(change, false).ours(verb(change.act));
            }
            (before, after)
        }
    };
    match (before, after) {
        (None, None) => subject(change, false).ours(verb(change.act)),
        (before, Some(_)) if change.before == change.after => {
            subject(change, false).ours(" as before: ").turn(before, None)
        }
        (None, after) => subject(change, false).ours(" added: ").turn(None, after),
        (before, None) => subject(change, false).ours(" removed: ").turn(before, None),
        (before, after) => subject(change, false).ours(" ").turn(before, after),
    }
}

/// Whether a sentence can hold both values: scalars, and maps or lists of a few words.
fn flat(change: &Change) -> bool {
    let sides = || [&change.before, &change.after].into_iter().flatten();
    sides().all(|node| written::lines(node).len() == 1)
        || sides().all(|node| safe::columns(&written::inline(node)) <= 24)
}

fn verb(act: Act) -> &'static str {
    match act {
        Act::Added => " added",
        Act::Removed => " removed",
        Act::Changed => " changed",
        Act::Reordered => " reordered",
    }
}

/// "weights", "segment `US beta users`", "payload of variant `treatment`".
fn subject(change: &Change, plural: bool) -> Phrase {
    let noun = change.row.map_or("", |row| row.noun);
    let Some(item) = &change.item else {
        let items = change.row.map_or("", |row| row.item_noun);
        return match (noun, items) {
            (_, items) if plural && !items.is_empty() => Phrase::new(format!("{items}s")),
            (noun, _) if !noun.is_empty() && !change.field.contains('.') => Phrase::new(noun),
            _ if change.field.is_empty() => Phrase::new("the flag"),
            _ => Phrase::default().value(&change.field),
        };
    };
    let rest = change.field.split_once('.').map_or("", |(_, rest)| if noun.is_empty() { rest } else { noun });
    let subject = match (change.list.or(change.row).map_or("", |list| list.item_noun), rest) {
        _ if change.shared.is_some() => {
            Phrase::new(format!("{} ", change.row.map_or("", |row| row.item_noun))).name(item)
        }
        ("", _) => Phrase::default().value(&change.field).ours(" ").name(item),
        (one, "") => Phrase::new(format!("{one} ")).name(item),
        (one, rest) => Phrase::default().value(rest).ours(format!(" of {one} ")).name(item),
    };
    match &change.shared {
        Some(SharedChange { listed_with: Some(flag), .. }) => subject.ours(", listed with ").name(flag).ours(","),
        Some(SharedChange { flags, .. }) if flags.len() > 1 => {
            let names = flags.iter().take(FEW).enumerate();
            let subject = names.fold(subject.ours(", used by "), |phrase, (at, flag)| {
                phrase.ours(if at > 0 { ", " } else { "" }).name(flag)
            });
            let more = flags.len().saturating_sub(FEW);
            subject.ours(if more > 0 { format!(" and {more} more,") } else { ",".to_owned() })
        }
        Some(_) | None => subject,
    }
}
