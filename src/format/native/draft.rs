//! A new file: valid, off for everyone, and with comments that say what its fields mean. The words are those of the
//! rows.

use std::fmt::Write as _;

use super::fields::{FIELDS, states_of};
use crate::document::yaml::profile::{ScalarSite, unquoted};
use crate::document::{Data, Field};
use crate::flag::Kind;

/// Columns of a line of comment.
const WIDTH: usize = 100;

/// A field of the file, its value, and whether it is only a comment, for those who want it.
struct DraftLine {
    field: &'static str,
    value: &'static str,
    hidden: bool,
}

const fn line(field: &'static str, value: &'static str) -> DraftLine {
    DraftLine { field, value, hidden: false }
}

const fn hidden(field: &'static str, value: &'static str) -> DraftLine {
    DraftLine { field, value, hidden: true }
}

const OF_FLAG: &[DraftLine] = &[
    line("variants", "\n  - {key: \"on\"}"),
    line("rolloutPercentage", "0"),
    line("rolloutWeights", "{\"on\": 1}"),
    line("targetSegments", "[]"),
];

const OF_EXPERIMENT: &[DraftLine] = &[
    line("bucketingKey", "user_id"),
    hidden("exposureEvent", "{event_type: Checkout Viewed}"),
    line("variants", "\n  - {key: control}\n  - {key: treatment}"),
    line("rolloutPercentage", "0"),
    line("rolloutWeights", "{control: 1, treatment: 1}"),
    line("targetSegments", "[]"),
];

/// The file of a new flag or experiment.
pub fn draft(kind: Kind, key: &str) -> String {
    let off = states_of(kind).first().copied().unwrap_or_default();
    let mut out = String::new();
    // Some words and numbers are strings only in quotes.
    let plain = key.starts_with(char::is_alphabetic) && matches!(unquoted(key, ScalarSite::Block), Some(Data::Text(_)));
    let key = if plain { key.to_owned() } else { serde_json::Value::from(key).to_string() };
    let _ = writeln!(out, "key: {key}\nkind: {}\n", kind.word());
    for field in ["description", "owner"] {
        explain(field, &mut out);
        let _ = writeln!(out, "# {field}: \"\"\n");
    }
    explain("state", &mut out);
    let _ = writeln!(out, "state: {off}");
    let lines = match kind {
        Kind::Flag => OF_FLAG,
        Kind::Experiment => OF_EXPERIMENT,
    };
    for line in lines {
        out.push('\n');
        explain(line.field, &mut out);
        let space = if line.value.starts_with('\n') { "" } else { " " };
        let _ = writeln!(out, "{}{}:{space}{}", if line.hidden { "# " } else { "" }, line.field, line.value);
    }
    out
}

/// The description of a field as lines of comment.
fn explain(name: &str, out: &mut String) {
    let Some(Field { doc, .. }) = FIELDS.iter().find(|field| field.name == name) else { return };
    let mut line = String::from("#");
    for word in doc.split(' ') {
        if line.len() + 1 + word.len() > WIDTH {
            let _ = writeln!(out, "{line}");
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(out, "{line}");
}
