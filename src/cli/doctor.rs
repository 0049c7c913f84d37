//! `doctor`: how well a repository is really protected, and the next step.

use super::Exit;
use super::event::{self, Connect};
use super::prose::{Prose, Tone};
use super::show::Shell;
use crate::github::doctor::gather;
use crate::github::doctor::{Diagnosis, DoctorFinding, Severity, diagnose};
use crate::render::{self, Look};

#[derive(clap::Args, Debug)]
#[command(after_help = "Tiers:
  0  nothing holds a merge
  1  advisory: the status is not required
  2  required from any source: anyone who may write can forge it
  3  required from GitHub Actions: any workflow of the repository can forge it, a person cannot
  4  required from an App of its own, whose key only the default branch can reach

Reads and changes nothing. What the token may not read never raises the tier; an administrator's sees most.

Examples:
  GH_TOKEN=$(gh auth token) countersign doctor            the repository `origin` points to
  countersign doctor --repo acme/shop --branch release/1  and one more branch
  countersign doctor --exit-code                          fail below tier 3, or if anything is in error")]
pub struct DoctorArgs {
    /// A branch to look at, beside the default branch and those whose status a ruleset requires (repeatable)
    #[arg(long, value_name = "BRANCH")]
    branch: Vec<String>,
    /// Also show what is as it should be
    #[arg(long)]
    all: bool,
    /// End with code 1 below tier 3, or if anything is in error
    #[arg(long)]
    exit_code: bool,
    /// How to write it down
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = ["text", "json"])]
    format: String,
    #[command(flatten)]
    connect: Connect,
}

/// The lowest tier that `--exit-code` lets pass: below it anyone who may write can forge a verdict.
const PASSES: u8 = 3;

impl DoctorArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let connection = self.connect.open(shell)?;
        let read = gather::read(&connection.client, &self.branch);
        connection.log();
        let diagnosis = diagnose(&read?);
        if self.format == "json" {
            shell.print(&render::json(&diagnosis));
        } else {
            shell.print(&event::guarded(&text(&diagnosis, shell.look(self.all))));
        }
        let bad = diagnosis.tier < PASSES || diagnosis.count(Severity::Error) > 0;
        Ok(if self.exit_code && bad { Exit::Blocked } else { Exit::Clear })
    }
}

fn text(diagnosis: &Diagnosis, look: Look) -> String {
    let mut prose = Prose::new(look);
    let tone = match diagnosis.tier {
        0 | 1 => Tone::Red,
        2 => Tone::Yellow,
        _ => Tone::Green,
    };
    let sure = diagnosis.possible == diagnosis.tier;
    let tier = if sure {
        format!("tier {} of 4", diagnosis.tier)
    } else {
        format!("tier {} of 4 is proven, tier {} is possible", diagnosis.tier, diagnosis.possible)
    };
    let head = format!("{}: {}", prose.tone(Tone::Bold, &diagnosis.repository), prose.tone(tone, &tier));
    prose.line(&head);
    let before = if sure { "" } else { "as far as this token can tell: " };
    prose.wrapped("", 0, &format!("{before}{}", diagnosis.means));
    prose.blank();
    prose.wrapped("  holds back   ", 15, diagnosis.holds);
    prose.wrapped("  lets through ", 15, diagnosis.open);
    if diagnosis.branches.len() > 1 {
        prose.blank();
        for branch in &diagnosis.branches {
            let maybe =
                if branch.possible > branch.tier { format!(", maybe {}", branch.possible) } else { String::new() };
            prose.whole("  ", &format!("tier {}{maybe}  {}", branch.tier, branch.branch));
        }
    }
    if !diagnosis.next.is_empty() {
        prose.blank();
        let to = prose.tone(Tone::Bold, "To go up:");
        prose.line(&to);
        for (index, step) in diagnosis.next.iter().enumerate() {
            prose.whole(&format!("  {}. ", index + 1), step);
        }
    }
    for finding in diagnosis.findings.iter().filter(|finding| look.all || finding.level != Severity::Ok) {
        prose.blank();
        tell(&mut prose, finding);
    }
    let well = diagnosis.count(Severity::Ok);
    if well > 0 && !look.all {
        prose.blank();
        prose.line(&format!("{well} more are as they should be; `--all` lists them"));
    }
    prose.finish()
}

fn tell(prose: &mut Prose, finding: &DoctorFinding) {
    let (tone, word) = match finding.level {
        Severity::Error => (Tone::Red, "error  "),
        Severity::Warning => (Tone::Yellow, "warning"),
        Severity::Unknown => (Tone::Yellow, "unknown"),
        Severity::Advice => (Tone::Blue, "advice "),
        Severity::Ok => (Tone::Green, "ok     "),
    };
    let word = prose.tone(tone, word);
    let place = finding.branch.as_ref().map(|branch| format!("{branch}: ")).unwrap_or_default();
    prose.wrapped(&format!("{word} "), 8, &format!("{place}{} [{}]", finding.what, finding.id));
    if finding.level != Severity::Ok {
        prose.wrapped("        ", 8, finding.why);
    }
    if !finding.next.is_empty() {
        let arrow = prose.arrow();
        prose.whole(&format!("        {arrow} "), &finding.next);
    }
}
