//! `rules`: the critical rules and the lints, with the reasons. The pages about them are made by it.

use anyhow::bail;

use super::Exit;
use super::show::{Shell, outputs};
use crate::changes::rules::{RULES, Rule};
use crate::diagnostics::diagnostic::nearest;
use crate::diagnostics::lints::{LINTS, Lint};
use crate::error::Error;
use crate::render::by_id;
use crate::render::rules::RulesView;

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
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = outputs(|output| output.rules.is_some()))]
    format: String,
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
        let view = RulesView { rules: &rules, lints: &lints, alone: self.id.is_some() };
        let write = by_id(&self.format).and_then(|output| output.rules);
        shell.print(&write.map(|write| write(&view, &shell.look(true))).unwrap_or_default());
        Ok(Exit::Clear)
    }
}
