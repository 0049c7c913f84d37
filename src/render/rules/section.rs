//! Section about one rule or lint: what it is, why it matters, an example before and after, and what to do. The pages
//! of the documentation and `countersign rules ID` show the same sections.

use super::{fields, level};
use crate::changes::rules::Rule;
use crate::diagnostics::escape::visible;
use crate::diagnostics::guides::{Example, guide};
use crate::diagnostics::lints::Lint;
use crate::diagnostics::words::capital;

/// Blocks of text, each with the file it stands in.
type Blocks = Vec<(Option<&'static str>, String)>;

/// A section; every text is one paragraph or block.
pub struct RuleSection {
    id: &'static str,
    what: String,
    why: &'static str,
    /// Sides of an example, each with its title.
    examples: Vec<(&'static str, Blocks)>,
    advice: String,
}

/// The sections of the rules and lints, in their order.
pub fn sections(rules: &[&Rule], lints: &[&Lint]) -> Vec<RuleSection> {
    rules.iter().map(|rule| of_rule(rule)).chain(lints.iter().map(|lint| of_lint(lint))).collect()
}

fn of_rule(rule: &Rule) -> RuleSection {
    let fields: Vec<String> =
        fields(rule).into_iter().map(|(format, names)| format!("{} ({format})", list(&names))).collect();
    let what = match (fields.as_slice(), rule.relaxable) {
        ([], _) => "This asks for approval whatever field it is about".to_owned(),
        (fields, _) => format!("A change of {} on a live flag needs approval", fields.join(" or ")),
    };
    let how = if rule.relaxable {
        format!("; `critical: {{relax: [{}]}}` in the configuration makes it free", rule.id)
    } else {
        "; no configuration makes it free".to_owned()
    };
    let example = rule.example;
    let side = |text: &str| vec![(None, text.to_owned())];
    RuleSection {
        id: rule.id.as_str(),
        what: format!("{what}{how}."),
        why: rule.why,
        examples: vec![("Before", side(example.before)), ("After, it needs approval", side(example.after))],
        advice: format!("Ask those whom `countersign approvers` names for the flag. Or {}.", example.instead),
    }
}

fn of_lint(lint: &Lint) -> RuleSection {
    let guide = guide(lint);
    let described = guide.is_some_and(|guide| matches!(guide.example, Example::Described { .. }));
    let level = level(lint);
    let effect = match lint.level {
        crate::diagnostics::Level::Error => "an error: the verdict is `invalid` until it is fixed",
        crate::diagnostics::Level::Warning => "a warning: it is reported, and blocks nothing",
    };
    debug_assert!(effect.contains(level));
    let blocks = |side: Vec<(Option<&'static str>, &'static str)>| -> Blocks {
        side.into_iter().map(|(path, text)| (path, shown(text))).collect()
    };
    let examples = guide.map(|guide| {
        let [wrong, right] = guide.example.shown();
        let title = if described { "What it looks like" } else { "Before" };
        vec![(title, blocks(wrong)), (if described { "And fixed" } else { "After" }, blocks(right))]
    });
    RuleSection {
        id: lint.id.as_str(),
        what: format!("This is {effect}."),
        why: lint.about,
        examples: examples.unwrap_or_default(),
        advice: guide.map_or_else(String::new, |guide| format!("{}.", capital(guide.fix))),
    }
}

/// Text of which nothing is hidden: a byte-order mark or a turned direction is written as an escape.
fn shown(text: &str) -> String {
    text.trim_end_matches('\n').split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

impl RuleSection {
    pub fn markdown(&self) -> String {
        let mut out = format!("## {}\n\n{}\n\n**Why**: {}.\n", self.id, self.what, self.why);
        for (title, blocks) in &self.examples {
            out.push_str(&format!("\n**{title}**\n"));
            for (path, text) in blocks {
                let path = path.map_or_else(String::new, |path| format!("\n`{path}`:\n"));
                out.push_str(&format!("{path}\n```text\n{text}\n```\n"));
            }
        }
        out.push_str(&format!("\n**What to do**: {}\n", self.advice));
        out
    }

    pub fn text(&self, color: bool) -> String {
        let (bold, end) = if color { ("\u{1b}[1m", "\u{1b}[0m") } else { ("", "") };
        let mut out = format!("{bold}{}{end}\n\n{}\n\n{bold}Why{end}: {}.\n", self.id, self.what, self.why);
        for (title, blocks) in &self.examples {
            out.push_str(&format!("\n{bold}{title}{end}\n"));
            for (path, text) in blocks {
                let path = path.map_or_else(String::new, |path| format!("\n  {path}:\n"));
                let lines: String = text.split('\n').map(|line| format!("    {line}\n")).collect();
                out.push_str(&format!("{path}\n{lines}"));
            }
        }
        out.push_str(&format!("\n{bold}What to do{end}: {}\n", self.advice));
        out
    }
}
