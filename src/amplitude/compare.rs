//! Comparison of an item with a flag file: what differs, in the fields that the file has.
//!
//! In: an item and the flag of a file. Out: the item as a record with the file's fields and no others, so that the two
//! can be compared, classified and shown as any change is. A field that the file does not have is not managed. It
//! refuses to call a field equal that Amplitude did not tell: it is named as unchecked, and takes part in no
//! difference.
//!
//! Null, absent and empty names are one; weights are ratios; dates are days unless both have times; lists whose order
//! means nothing are sets. The rest is that of the flag files' own comparison.

use super::fields::{self, WriteWay};
use super::file::{OF_A_BANDIT, without};
use super::{Item, entry, value};
use crate::diagnostics::Place;
use crate::diagnostics::escape::visible;
use crate::document::canonical::same_field;
use crate::document::date::instant;
use crate::document::{Data, Entry, Map, Node};
use crate::flag::Flag;
use crate::format::VOCABULARY;

/// An item with the fields of a file.
#[derive(Clone, Debug)]
pub struct ItemView {
    /// The item in the fields of the file, in the order of the file.
    pub record: Map,
    /// Fields of the file that cannot be compared, each with the reason.
    pub unchecked: Vec<(String, UncheckedReason)>,
    /// Whether the policy leaves it to the console whether users are served.
    pub leaves_state: bool,
}

impl ItemView {
    /// The fields in which the item and the file differ.
    #[must_use]
    pub fn differing(&self, flag: &Flag) -> Vec<&'static str> {
        let rows = VOCABULARY.fields.iter().filter(|row| row.name != fields::KEY && row.name != fields::KIND);
        rows.filter(|row| !same_field(self.record.get(row.name), flag.record.get(row.name), row))
            .map(|row| row.name)
            .collect()
    }
}

/// The item in the fields of a file. `unmanaged` are fields that the policy leaves to the console.
#[must_use]
pub fn projected(item: &Item, flag: &Flag, unmanaged: &[String]) -> ItemView {
    let leaves_state = unmanaged.iter().any(|one| one == fields::STATE);
    let mut view = ItemView { record: Map::default(), unchecked: Vec::new(), leaves_state };
    for field in flag.record.iter().filter(|field| !field.value.is_null()) {
        let name = field.key.as_str();
        let row = fields::by_name(name);
        let aside = unmanaged.iter().any(|one| one == name);
        let node = match row.map(|row| row.way) {
            _ if aside => Some(field.value.clone()),
            Some(WriteWay::Identity) => Some(identity(item, field)),
            Some(WriteWay::Lifecycle) => field.value.as_text().map(|word| text(item.word_for(word))),
            None | Some(WriteWay::Ours) => Some(field.value.clone()),
            Some(WriteWay::Edit | WriteWay::OwnCalls | WriteWay::Never(_)) => {
                let row_name = row.map_or("", |row| row.name);
                match comparable(item, row_name) {
                    Ok(()) => answered_value(item, row_name, field, flag, &mut view),
                    Err(why) => {
                        view.unchecked.push((name.to_owned(), why));
                        Some(field.value.clone())
                    }
                }
            }
        };
        view.record.0.extend(node.map(|node| entry(name, node)));
    }
    view
}

/// Fields with what each of the three sides has, where that is short: Amplitude, the file as it was applied, and the
/// file.
#[must_use]
pub fn three_sides(differing: &[&str], view: &ItemView, then: Option<&Flag>, want: &Flag) -> String {
    const SHORT: usize = 40;
    let side =
        |node: Option<&Node>| node.map_or_else(|| "nothing".to_owned(), |node| super::json::value(node).to_string());
    let shown = differing.iter().map(|field| {
        let mut sides = vec![("Amplitude", side(value(&view.record, field)))];
        sides.extend(then.map(|then| ("before", side(then.get(field)))));
        sides.push(("file", side(want.get(field))));
        if sides.iter().any(|(_, value)| value.chars().count() > SHORT) {
            return (*field).to_owned();
        }
        let sides: Vec<String> = sides.iter().map(|(name, value)| format!("{name} {}", visible(value))).collect();
        format!("{field} ({})", sides.join(", "))
    });
    shown.collect::<Vec<String>>().join(", ")
}

/// The reason for which a field is not compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UncheckedReason {
    /// Amplitude's answer left it out, though those about other items have it.
    Unanswered,
    /// No answer of Amplitude's has it.
    NotInApi,
    /// Amplitude has ids and groups where a file has keys.
    IdsAndGroups,
    /// A running bandit changes it.
    Bandit,
    /// The field takes a call of its own, which was not made.
    NotRead,
}

impl UncheckedReason {
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            UncheckedReason::Unanswered => "Amplitude did not tell it",
            UncheckedReason::NotInApi => "Amplitude's API does not tell it",
            UncheckedReason::IdsAndGroups => "Amplitude has ids and groups in it",
            UncheckedReason::Bandit => OF_A_BANDIT,
            UncheckedReason::NotRead => "it was not read",
        }
    }
}

/// Whether Amplitude's answer has a field, or why nobody knows.
fn comparable(item: &Item, name: &str) -> Result<(), UncheckedReason> {
    match name {
        fields::EXPOSURE => Err(UncheckedReason::NotInApi),
        fields::DEPENDENCIES => Err(UncheckedReason::IdsAndGroups),
        fields::WEIGHTS if item.runs_as_bandit() => Err(UncheckedReason::Bandit),
        _ if item.answered.contains(name) => Ok(()),
        _ => Err(UncheckedReason::Unanswered),
    }
}

fn identity(item: &Item, field: &Entry) -> Node {
    match field.key.as_str() {
        fields::KIND => text(item.kind.word()),
        _ => text(&item.key),
    }
}

fn answered_value(item: &Item, name: &str, field: &Entry, flag: &Flag, view: &mut ItemView) -> Option<Node> {
    let has = value(&item.record, name);
    match name {
        fields::VARIANTS => Some(variants(item, field, view)),
        fields::SEGMENTS => Some(segments(item, flag, has)),
        fields::NAME | fields::DESCRIPTION => Some(has.cloned().unwrap_or_else(|| text(""))),
        fields::START | fields::END => match (has.and_then(Node::as_text), field.value.as_text()) {
            (Some(one), Some(other)) if same_day(one, other) => Some(field.value.clone()),
            _ => has.cloned(),
        },
        _ => has.cloned(),
    }
}

impl Item {
    /// The item with what the file has of it and Amplitude was not asked for, or did not tell.
    #[must_use]
    pub fn completed(&self, flag: &Flag) -> Item {
        let mut item = self.clone();
        for field in flag.record.iter().filter(|field| !field.value.is_null()) {
            let ours = |row: &fields::FieldRow| match row.way {
                WriteWay::Identity | WriteWay::Lifecycle => false,
                WriteWay::Ours => true,
                WriteWay::Edit | WriteWay::OwnCalls | WriteWay::Never(_) => !self.answered.contains(row.name),
            };
            if fields::by_name(&field.key).is_none_or(ours) {
                item.record.0.push(entry(&field.key, field.value.clone()));
            }
        }
        let key_of = |node: &Node| node.get(fields::KEY).and_then(Node::as_text).map(str::to_owned);
        let written = fields::list_of(&flag.record, fields::VARIANTS);
        for list in item.record.0.iter_mut().filter(|field| field.key == fields::VARIANTS) {
            let Data::List(variants) = &mut list.value.data else { continue };
            for variant in variants {
                let key = key_of(variant);
                let Some(of_file) = written.iter().find(|one| key.is_some() && key_of(one) == key) else { continue };
                let read = key.as_deref().is_some_and(|key| self.inclusions_of.contains(key));
                let Data::Map(members) = &mut variant.data else { continue };
                for member in of_file.as_map().into_iter().flat_map(Map::iter) {
                    let unread = match member.key.as_str() {
                        fields::INCLUSIONS => !read,
                        fields::PAYLOAD | fields::DESCRIPTION => !self.variants_read,
                        _ => false,
                    };
                    if unread && members.get(&member.key).is_none() {
                        members.0.push(member.clone());
                    }
                }
            }
        }
        item
    }
}

/// Whether two dates are one: the same instant, or the same day in UTC where one of them is a day.
#[must_use]
pub fn same_day(one: &str, other: &str) -> bool {
    let (Some(first), Some(second)) = (instant(one), instant(other)) else { return one == other };
    let is_day = |text: &str| !text.contains('T');
    first == second || (is_day(one) || is_day(other)) && first.date_naive() == second.date_naive()
}

/// The variants of Amplitude, each with the members that the file has of it.
fn variants(item: &Item, field: &Entry, view: &mut ItemView) -> Node {
    let key_of = |node: &Node| node.get(fields::KEY).and_then(Node::as_text).map(str::to_owned);
    let written = field.value.as_list().unwrap_or_default();
    let list = fields::list_of(&item.record, fields::VARIANTS).iter().map(|has| {
        let key = key_of(has);
        let Some(of_file) = written.iter().find(|one| key.is_some() && key_of(one) == key) else { return has.clone() };
        let mut members = Vec::new();
        for member in of_file.as_map().into_iter().flat_map(Map::iter).filter(|member| !member.value.is_null()) {
            let here = has.get(&member.key);
            let node = match member.key.as_str() {
                fields::KEY => Some(member.value.clone()),
                fields::INCLUSIONS => Some(inclusions(item, key.as_deref(), member, here, view)),
                fields::NAME => Some(here.cloned().unwrap_or_else(|| text(""))),
                fields::DESCRIPTION if item.variants_read => Some(here.cloned().unwrap_or_else(|| text(""))),
                // An empty payload reads as none.
                fields::PAYLOAD if item.variants_read => match here {
                    None if empty(&member.value) => Some(member.value.clone()),
                    _ => here.cloned(),
                },
                _ => Some(member.value.clone()),
            };
            members.extend(node.map(|node| entry(&member.key, node)));
        }
        Node::new(Place::START, Data::Map(Map(members)))
    });
    Node::new(Place::START, Data::List(list.collect()))
}

/// The users and cohorts that a variant includes, in the lists that the file has.
fn inclusions(item: &Item, variant: Option<&str>, member: &Entry, here: Option<&Node>, view: &mut ItemView) -> Node {
    if !variant.is_some_and(|variant| item.inclusions_of.contains(variant)) {
        view.unchecked.push((format!("{}.{}", fields::VARIANTS, fields::INCLUSIONS), UncheckedReason::NotRead));
        return member.value.clone();
    }
    let lists = member.value.as_map().into_iter().flat_map(Map::iter).map(|list| {
        let none = || Node::new(Place::START, Data::List(Vec::new()));
        entry(&list.key, here.and_then(|here| here.get(&list.key)).cloned().unwrap_or_else(none))
    });
    Node::new(Place::START, Data::Map(Map(lists.collect())))
}

/// The segments of Amplitude, without what the file leaves to it: bucketing keys, and weights that are those of all
/// users.
fn segments(item: &Item, flag: &Flag, has: Option<&Node>) -> Node {
    let mut list = has.cloned().unwrap_or_else(|| Node::new(Place::START, Data::List(Vec::new())));
    let written = fields::list_of(&flag.record, fields::SEGMENTS);
    let name_of = |node: &Node| node.get(fields::NAME).and_then(Node::as_text).map(str::to_owned);
    if item.runs_as_bandit() {
        without(&mut list, fields::WEIGHTS);
    }
    let Data::List(segments) = &mut list.data else { return list };
    for segment in segments {
        let name = name_of(segment);
        let of_file = written.iter().find(|one| name_of(one) == name);
        let Data::Map(members) = &mut segment.data else { continue };
        let Some(of_file) = of_file else { continue };
        if of_file.get(fields::BUCKETING_KEY).is_none() {
            members.0.retain(|member| member.key != fields::BUCKETING_KEY);
        }
        let shared = flag.record.get(fields::WEIGHTS);
        match of_file.get(fields::WEIGHTS) {
            None => members.0.retain(|member| {
                member.key != fields::WEIGHTS || shared.is_some_and(|shared| !same_weights(&member.value, shared))
            }),
            Some(of_file) if item.runs_as_bandit() => members.0.push(entry(fields::WEIGHTS, of_file.clone())),
            Some(_) => {}
        }
    }
    list
}

fn same_weights(one: &Node, other: &Node) -> bool {
    VOCABULARY.field(fields::WEIGHTS).is_some_and(|row| same_field(Some(one), Some(other), row))
}

fn empty(node: &Node) -> bool {
    node.as_map().is_some_and(|map| map.0.is_empty())
}

fn text(said: &str) -> Node {
    Node::text(Place::START, said)
}
