//! Values that say something for people, such as who owns a flag, and not whom it is for.
//!
//! **In**: a value. **Out**: whether it may be a note. **Refuses**: true and false, words for them, and numbers where
//! no date or ticket is meant, since these may be a switch or a share. **Not taken**: names of people who exist, which
//! nobody here knows.

use super::language::ValueForm;
use crate::document::yaml::UNQUOTED;
use crate::document::{Data, Map, Node};
use crate::format::names::{NameSet, folded};

/// Words that may be a switch.
const SWITCH_WORDS: &[&str] = &["disabled", "enabled", "false", "no", "off", "on", "true", "yes"];

/// Members for people that are true or false.
const TRUE_OR_FALSE: &[&str] = &["enableindevelopment", "permanent"];

/// Members for people that are numbers: those of tickets and dates. Of people a number may be a share.
const NUMBERS: &[&str] = &[
    "added",
    "addedin",
    "created",
    "createdat",
    "date",
    "dateadded",
    "dateretired",
    "epic",
    "expires",
    "expiresat",
    "id",
    "identifier",
    "introduced",
    "introducedin",
    "issue",
    "jira",
    "key",
    "lastmodified",
    "lastupdated",
    "lifetime",
    "milestone",
    "name",
    "priority",
    "removeafter",
    "removeby",
    "risk",
    "since",
    "sunset",
    "ticket",
    "until",
    "updated",
    "updatedat",
    "updatedon",
];

impl ValueForm {
    /// Whether a field with this form takes such a value. Another one is a part that no field names.
    pub fn takes(self, node: &Node) -> bool {
        match self {
            ValueForm::Note => is_note(node),
            ValueForm::Stamp => node.as_number().is_some() || is_note(node),
            _ => true,
        }
    }
}

/// Whether nothing but strings stands there, none of which may be a switch.
pub fn is_note(node: &Node) -> bool {
    let is_word = |text: &str| SWITCH_WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    match &node.data {
        Data::Null => true,
        Data::Bool(_) | Data::Number(_) => false,
        Data::Text(text) => !is_word(text.strip_suffix(UNQUOTED).unwrap_or(text)),
        Data::List(items) => items.iter().all(is_note),
        Data::Map(Map(entries)) => entries.iter().all(|entry| is_note(&entry.value)),
    }
}

/// Whether a member is a note, and none that a service may let users in by.
pub fn is_only_note(name: &str, node: &Node) -> bool {
    NameSet::Notes.has(name) && !["group", "tags"].contains(&folded(name).as_str()) && may_be_note(name, node)
}

/// Whether a member that is called like a note may be one by its value. A word by itself is what people call something.
pub fn may_be_note(name: &str, node: &Node) -> bool {
    match &node.data {
        Data::Bool(_) => TRUE_OR_FALSE.contains(&folded(name).as_str()),
        Data::Number(_) => NUMBERS.contains(&folded(name).as_str()),
        Data::Null | Data::Text(_) => true,
        Data::List(_) | Data::Map(_) => is_note(node),
    }
}
