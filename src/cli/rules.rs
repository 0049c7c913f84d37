//! `rules`: the critical rules and the lints, with the reasons. The pages about them are made by it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::bail;
use schemars::JsonSchema;
use serde::Serialize;

use super::Exit;
use super::rule_section::{RuleSection, sections};
use super::show::Shell;
use crate::changes::rules::{RULES, Rule, WITHOUT_RULE};
use crate::diagnostics::Level;
use crate::diagnostics::diagnostic::nearest;
use crate::diagnostics::guides;
use crate::diagnostics::lints::{LINTS, Lint};
use crate::document::{Field, Shape};
use crate::error::Error;
use crate::format::{FORMATS, VOCABULARY};
use crate::render;

/// The version of the JSON form.
const SCHEMA: &str = "countersign/rules/v1";

#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  countersign rules                       all of them
  countersign rules variant-distribution  one of them, with an example and what to do
  countersign rules --kind lints          what is checked in every file
  countersign rules --format markdown     as a page")]
pub struct RulesArgs {
    /// Only the rule or lint with this id
    id: Option<String>,
    /// Only the rules, or only the lints
    #[arg(long, value_name = "KIND", value_parser = ["rules", "lints"], conflicts_with = "id")]
    kind: Option<String>,
    /// How to write it down
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json", "markdown"])]
    format: String,
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
    /// The mistake, and why it matters, without a full stop.
    about: &'static str,
    /// The remedy, in one sentence without its full stop.
    fix: &'static str,
    /// The id of the lint.
    id: &'static str,
    /// How much it weighs.
    level: Level,
}

impl RulesArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let wanted = |kind: &str, id: &str| {
            self.id.as_ref().is_none_or(|wanted| wanted == id) && self.kind.as_ref().is_none_or(|wanted| wanted == kind)
        };
        let rules: Vec<&Rule> = RULES.iter().filter(|rule| wanted("rules", rule.id.as_str())).collect();
        let lints: Vec<&Lint> = LINTS.iter().copied().filter(|lint| wanted("lints", lint.id.as_str())).collect();
        if let Some(id) = self.id.as_ref().filter(|_| rules.is_empty() && lints.is_empty()) {
            let ids = RULES.iter().map(|rule| rule.id.as_str()).chain(LINTS.iter().map(|lint| lint.id.as_str()));
            let remedy = nearest(id, ids).map_or_else(
                || "run `countersign rules` for all of them".to_owned(),
                |id| format!("try `countersign rules {id}`"),
            );
            bail!(Error::usage(format!("`{id}` is neither a rule nor a lint"), remedy));
        }
        let one = self.id.is_some();
        shell.print(&match self.format.as_str() {
            "json" => json(&rules, &lints),
            "markdown" if one => sections(&rules, &lints).iter().map(RuleSection::markdown).collect(),
            "markdown" => markdown(&rules, &lints),
            _ if one => sections(&rules, &lints).iter().map(|section| section.text(shell.look(true).color)).collect(),
            _ => text(&rules, &lints, shell),
        });
        Ok(Exit::Clear)
    }
}

/// The fields a rule covers, in the words of each format: its id and their names.
pub(super) fn fields(rule: &Rule) -> Vec<(&'static str, Vec<String>)> {
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

pub(super) fn level(lint: &Lint) -> &'static str {
    match lint.level {
        Level::Error => "error",
        Level::Warning => "warning",
    }
}

fn relaxable(rule: &Rule) -> &'static str {
    if rule.relaxable { "may be relaxed" } else { "always" }
}

fn text(rules: &[&Rule], lints: &[&Lint], shell: &Shell) -> String {
    let look = shell.look(true);
    let (bold, end) = if look.color { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
    let mut out = String::new();
    if !rules.is_empty() {
        let _ = writeln!(out, "{bold}What needs approval on a live flag{end}\n");
    }
    for rule in rules {
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
    for lint in lints {
        let _ = writeln!(out, "{bold}{}{end} ({}): {}", lint.id, level(lint), lint.about);
    }
    out
}

fn markdown(rules: &[&Rule], lints: &[&Lint]) -> String {
    let mut out = String::new();
    if !rules.is_empty() {
        out.push_str("| Rule | Fields | Why it needs approval | |\n|:---|:---|:---|:---|\n");
    }
    for rule in rules {
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
    for lint in lints {
        let id = lint.id;
        let _ = writeln!(out, "| [`{id}`](#{id}) | {} | {} |", level(lint), lint.about);
    }
    out.extend(sections(rules, lints).iter().map(|section| format!("\n{}", section.markdown())));
    out.trim_start().to_owned()
}

fn json(rules: &[&Rule], lints: &[&Lint]) -> String {
    let rules = rules.iter().map(|rule| ListedRule {
        fields: fields(rule).into_iter().collect(),
        id: rule.id.as_str(),
        instead: rule.example.instead,
        relaxable: rule.relaxable,
        why: rule.why,
    });
    let lints = lints.iter().map(|lint| ListedLint {
        about: lint.about,
        fix: guides::guide(lint).map_or("", |guide| guide.fix),
        id: lint.id.as_str(),
        level: lint.level,
    });
    render::json(&Listed { lints: lints.collect(), rules: rules.collect(), schema: SCHEMA })
}
