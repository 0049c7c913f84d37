//! The critical rules and the lints, written down: as text, Markdown and JSON.
//!
//! In: rows of the two tables. Out: a list, or the section about one of them. It refuses to add to the tables: all of
//! it is said there and in the guides. Not taken: a page written by hand, which would drift.

mod section;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use self::section::{RuleSection, sections};
use super::Look;
use crate::changes::rules::{Rule, WITHOUT_RULE};
use crate::diagnostics::Level;
use crate::diagnostics::guides;
use crate::diagnostics::lints::Lint;
use crate::document::{Field, Shape};
use crate::format::{FORMATS, VOCABULARY};

/// The version of the JSON form.
const SCHEMA: &str = "countersign/rules/v1";

/// Rules and lints to write down.
pub struct RulesView<'r> {
    pub rules: &'r [&'r Rule],
    pub lints: &'r [&'r Lint],
    /// Whether it is one of them, which gets a section instead of a line.
    pub alone: bool,
}

impl RulesView<'_> {
    fn sections(&self) -> Vec<RuleSection> {
        sections(self.rules, self.lints)
    }

    pub(super) fn listed(&self) -> Listed {
        let rules = self.rules.iter().map(|rule| ListedRule {
            fields: fields(rule).into_iter().collect(),
            id: rule.id.as_str(),
            instead: rule.example.instead,
            relaxable: rule.relaxable,
            why: rule.why,
        });
        let lints = self.lints.iter().map(|lint| ListedLint {
            about: lint.about,
            fix: guides::guide(lint).map_or("", |guide| guide.fix),
            id: lint.id.as_str(),
            level: lint.level,
        });
        Listed { lints: lints.collect(), rules: rules.collect(), schema: SCHEMA }
    }
}

/// The critical rules of live flags and the lints of every file, with the reasons.
#[derive(Serialize, JsonSchema)]
pub struct Listed {
    /// The lints: all, or the one that was named.
    lints: Vec<ListedLint>,
    /// The rules: all, or the one that was named.
    rules: Vec<ListedRule>,
    /// The version of this form: `countersign/rules/v1`.
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
}

/// A rule: fields whose changes need approval on a live flag.
#[derive(Serialize, JsonSchema)]
struct ListedRule {
    /// The fields it covers, each with everything under it, in the words of each format: `native`, `flagd`.
    fields: BTreeMap<&'static str, Vec<String>>,
    /// The id of the rule.
    id: &'static str,
    /// The way on without the approval, in one sentence without its full stop.
    instead: &'static str,
    /// Whether a configuration may switch it off.
    relaxable: bool,
    /// Why such a change matters, in one sentence without its full stop.
    why: &'static str,
}

/// A lint: something that may be wrong with a file.
#[derive(Serialize, JsonSchema)]
struct ListedLint {
    /// The lint in words, and why it matters, without a full stop.
    about: &'static str,
    /// The remedy, in one sentence without its full stop.
    fix: &'static str,
    /// The id of the lint.
    id: &'static str,
    /// How much it weighs.
    level: Level,
}

/// The fields a rule covers, in the words of each format: its id and their names.
fn fields(rule: &Rule) -> Vec<(&'static str, Vec<String>)> {
    FORMATS
        .iter()
        .rev()
        .map(|format| {
            let mut names = Vec::new();
            walk(format.fields, "", "", &mut |name, means| {
                if crate::changes::rules::covering(means).is_some_and(|found| found.id == rule.id) {
                    names.push(name.to_owned());
                }
            });
            // A field stands for everything under it.
            let all = names.clone();
            names.retain(|name| {
                !all.iter().any(|outer| name.strip_prefix(outer.as_str()).is_some_and(|rest| rest.starts_with('.')))
            });
            (format.id.as_ref(), names)
        })
        .filter(|(_, names)| !names.is_empty())
        .collect()
}

fn walk(fields: &[Field], name: &str, means: &str, each: &mut dyn FnMut(&str, &str)) {
    let join = |outer: &str, inner: &str| if outer.is_empty() { inner.to_owned() } else { format!("{outer}.{inner}") };
    for field in fields {
        let name = join(name, field.name);
        let means = if field.means.is_empty() { join(means, field.name) } else { field.means.to_owned() };
        each(&name, &means);
        match &field.shape {
            Shape::Record(inner) | Shape::Items { of: inner, .. } => walk(inner, &name, &means, each),
            _ => {}
        }
    }
}

fn level(lint: &Lint) -> &'static str {
    match lint.level {
        Level::Error => "error",
        Level::Warning => "warning",
    }
}

fn relaxable(rule: &Rule) -> &'static str {
    if rule.relaxable { "may be relaxed" } else { "always" }
}

pub(super) fn text(view: &RulesView<'_>, look: &Look) -> String {
    if view.alone {
        return view.sections().iter().map(|section| section.text(look.color)).collect();
    }
    let RulesView { rules, lints, .. } = view;
    let (bold, end) = if look.color { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
    let mut out = String::new();
    if !rules.is_empty() {
        let _ = writeln!(out, "{bold}What needs approval on a live flag{end}\n");
    }
    for rule in *rules {
        let _ = writeln!(out, "{bold}{}{end} ({}): {}", rule.id, relaxable(rule), rule.why);
        for (format, names) in fields(rule) {
            let _ = writeln!(out, "    {format}: {}", names.join(", "));
        }
    }
    if !rules.is_empty() {
        let _ = writeln!(out, "\n{bold}What does not{end}\n");
        for (field, reason) in WITHOUT_RULE {
            let _ = writeln!(out, "{field}: {reason}");
        }
        out.push_str(if lints.is_empty() { "" } else { "\n" });
    }
    if !lints.is_empty() {
        let _ = writeln!(out, "{bold}What is checked in every file{end}\n");
    }
    for lint in *lints {
        let _ = writeln!(out, "{bold}{}{end} ({}): {}", lint.id, level(lint), lint.about);
    }
    out
}

pub(super) fn markdown(view: &RulesView<'_>, _: &Look) -> String {
    if view.alone {
        return view.sections().iter().map(RuleSection::markdown).collect();
    }
    let RulesView { rules, lints, .. } = view;
    let mut out = String::new();
    if !rules.is_empty() {
        out.push_str("| Rule | Fields | Why it needs approval | |\n|:---|:---|:---|:---|\n");
    }
    for rule in *rules {
        let native = fields(rule)
            .into_iter()
            .find(|(format, _)| *format == VOCABULARY.id)
            .map(|(_, names)| names)
            .unwrap_or_default();
        let names: Vec<String> = native.iter().map(|name| format!("`{name}`")).collect();
        let (id, fields) = (rule.id, names.join(", "));
        let _ = writeln!(out, "| [`{id}`](#{id}) | {fields} | {} | {} |", rule.why, relaxable(rule));
    }
    if !lints.is_empty() {
        out.push_str("\n| Lint | Level | What is wrong |\n|:---|:---|:---|\n");
    }
    for lint in *lints {
        let id = lint.id;
        let _ = writeln!(out, "| [`{id}`](#{id}) | {} | {} |", level(lint), lint.about);
    }
    out.extend(view.sections().iter().map(|section| format!("\n{}", section.markdown())));
    out.trim_start().to_owned()
}
