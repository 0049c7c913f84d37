//! `doctor`: how well a repository is really protected, and the next step.

use super::Exit;
use super::event::{self, Connect};
use super::show::{Shell, TextOrJson};
use crate::github::client::Client;
use crate::github::doctor::gather;
use crate::github::doctor::{Diagnosis, DoctorFinding, Fixes, Severity, diagnose};
use crate::render::Prose;
use crate::render::Tone;
use crate::render::{self, Look};

#[derive(clap::Args, Debug)]
#[command(after_help = "Tiers:
  0  nothing holds a merge
  1  advisory: the status is not required
  2  required from any source: anyone who may write can forge it
  3  required from GitHub Actions: any workflow of the repository can forge it, a person cannot
  4  required from an App of its own, whose key only the default branch can reach

Reads and changes nothing, but for `--fix --apply`. What the token may not read never raises the tier; an
administrator's sees most.

Examples:
  GH_TOKEN=$(gh auth token) countersign doctor            the repository `origin` points to
  countersign doctor --repo acme/shop --branch release/1  and one more branch
  countersign doctor --exit-code                          fail below tier 3, or if anything is in error
  countersign doctor --fix                                the commands that set right what a token can
  countersign doctor --fix --apply                        the same, run one after the other")]
pub struct DoctorArgs {
    /// A branch to look at, next to the default branch and those whose status a ruleset requires (repeatable)
    #[arg(long, value_name = "BRANCH")]
    branch: Vec<String>,
    /// Also show what is as it should be
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    repair: Repair,
    /// End with code 1 below tier 3, or if anything is in error
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    output: TextOrJson,
    #[command(flatten)]
    connect: Connect,
}

/// The options for setting things right.
#[derive(clap::Args, Debug)]
struct Repair {
    /// Print what can be set right with an administrator's token, as commands in an order that works
    #[arg(long)]
    fix: bool,
    /// Make these changes, one after the other, and look again
    #[arg(long, requires = "fix")]
    apply: bool,
}

/// The lowest tier that `--exit-code` lets pass: below it anyone who may write can forge a verdict.
const PASSES: u8 = 3;

impl DoctorArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let connection = self.connect.open(shell)?;
        let look = || {
            let mut read = gather::read(&connection.client, &self.branch);
            if let Ok(settings) = &mut read {
                // By GitHub's clock, as the gate that holds a flag for a debt.
                let now = connection.client.now().map_or_else(super::check::seconds_now, |at| at.timestamp());
                gather::look_into(settings, &connection.objects, now);
            }
            connection.log();
            read.map(|settings| diagnose(&settings))
        };
        let mut diagnosis = look()?;
        let mut refused = false;
        let mut said = String::new();
        if self.repair.apply {
            let applied = apply(&connection.client, &diagnosis.fixes, shell.look(self.all));
            connection.log();
            refused = applied.refused;
            said = applied.text;
            if !diagnosis.fixes.ready.is_empty() {
                diagnosis = look()?;
            }
        }
        if self.output.is_json() {
            shell.print(&render::json(&diagnosis));
            if refused {
                shell.note(said.trim_end());
            }
        } else if self.repair.fix && !self.repair.apply {
            shell.print(&event::guarded(&plan(&diagnosis, shell.look(self.all))));
        } else {
            shell.print(&event::guarded(&format!("{said}{}", text(&diagnosis, shell.look(self.all)))));
        }
        let bad = diagnosis.tier < PASSES || diagnosis.count(Severity::Error) > 0;
        Ok(if refused || self.exit_code && bad { Exit::Blocked } else { Exit::Clear })
    }
}

/// The end of the fixes that were sent.
struct FixRun {
    refused: bool,
    text: String,
}

/// Sends the fixes, up to the first that GitHub refuses: those after it may rest on it.
fn apply(client: &Client, fixes: &Fixes, look: Look) -> FixRun {
    let mut prose = Prose::new(look);
    let mut refused = false;
    for (at, fix) in fixes.ready.iter().enumerate() {
        let result = client.apply(fix);
        let (tone, word) = if result.is_ok() { (Tone::Good, "done   ") } else { (Tone::Bad, "refused") };
        let word = prose.tone(tone, word);
        prose.wrapped(&format!("{word} "), 8, &fix.what);
        if let Err(error) = result {
            refused = true;
            prose.wrapped("        ", 8, &error.message);
            let rest = fixes.ready.len() - at - 1;
            let rest = if rest == 0 { String::new() } else { format!("; {rest} more were not tried") };
            let who = "GitHub lets only administrators of the repository change its settings";
            prose.wrapped("        ", 8, &format!("{who}{rest}"));
            break;
        }
    }
    held(&mut prose, fixes);
    if !fixes.ready.is_empty() || !fixes.held.is_empty() {
        prose.blank();
    }
    FixRun { refused, text: prose.finish() }
}

/// The fixes as commands, in their order.
fn plan(diagnosis: &Diagnosis, look: Look) -> String {
    let mut prose = Prose::new(look);
    let fixes = &diagnosis.fixes;
    let head = prose.tone(Tone::Strong, &diagnosis.repository);
    let count = match fixes.ready.len() {
        0 => "there is nothing that a token can set right".to_owned(),
        1 => "one setting to change".to_owned(),
        many => format!("{many} settings to change, in this order"),
    };
    prose.line(&format!("{head}: {count}"));
    for (at, fix) in fixes.ready.iter().enumerate() {
        prose.blank();
        prose.wrapped(&format!("  {}. ", at + 1), 5, &fix.what);
        prose.whole("     ", &fix.command);
    }
    held(&mut prose, fixes);
    prose.blank();
    if fixes.ready.is_empty() {
        prose.line("`countersign doctor` says what else is open");
    } else {
        prose.line("`countersign doctor --fix --apply` makes them, with an administrator's token");
    }
    prose.finish()
}

fn held(prose: &mut Prose, fixes: &Fixes) {
    for step in &fixes.held {
        prose.blank();
        prose.wrapped("  not yet: ", 11, step);
    }
}

fn text(diagnosis: &Diagnosis, look: Look) -> String {
    let mut prose = Prose::new(look);
    let tone = match diagnosis.tier {
        0 | 1 => Tone::Bad,
        2 => Tone::Warn,
        _ => Tone::Good,
    };
    let sure = diagnosis.possible == diagnosis.tier;
    let tier = if sure {
        format!("tier {} of 4", diagnosis.tier)
    } else {
        format!("tier {} of 4 is proven, tier {} is possible", diagnosis.tier, diagnosis.possible)
    };
    let head = format!("{}: {}", prose.tone(Tone::Strong, &diagnosis.repository), prose.tone(tone, &tier));
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
        let to = prose.tone(Tone::Strong, "To go up:");
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
        Severity::Error => (Tone::Bad, "error  "),
        Severity::Warning => (Tone::Warn, "warning"),
        Severity::Unknown => (Tone::Warn, "unknown"),
        Severity::Advice => (Tone::Unknown, "advice "),
        Severity::Ok => (Tone::Good, "ok     "),
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
