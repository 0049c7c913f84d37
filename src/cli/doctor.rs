//! `doctor`: how well a repository is really protected, and the next step.

use super::Exit;
use super::event::{self, Connect};
use super::show::{Shell, TextOrJson};
use crate::github::client::Client;
use crate::github::doctor::{diagnose, gather};
use crate::render;
use crate::render::diagnosis::AppliedFix;
use crate::report::doctor::{Fixes, Severity};

#[derive(clap::Args, Debug)]
#[command(after_help = "Tiers:
  0  nothing holds a merge
  1  advisory: the status is not required
  2  required from any source: anyone who may write can forge it
  3  required from GitHub Actions: any workflow of the repository can forge it, a person cannot
  4  required from an App of its own, whose key only the default branch can reach

Reads and changes nothing, but for `--fix --apply`. A fact that the token may not read never raises the tier; an
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
        let shown = shell.look(self.all);
        if self.repair.apply {
            let sent = apply(&connection.client, &diagnosis.fixes);
            connection.log();
            refused = sent.iter().any(|one| one.refused.is_some());
            said = render::diagnosis::applied(&sent, &diagnosis.fixes, &shown);
            if !diagnosis.fixes.ready.is_empty() {
                diagnosis = look()?;
            }
        }
        let write = render::by_id(self.output.id()).and_then(|output| output.diagnosis);
        let answer = write.map(|write| write(&diagnosis, &shown)).unwrap_or_default();
        if self.output.is_json() {
            shell.print(&answer);
            if refused {
                shell.note(said.trim_end());
            }
        } else if self.repair.fix && !self.repair.apply {
            shell.print(&event::guarded(&render::diagnosis::fixes(&diagnosis, &shown)));
        } else {
            shell.print(&event::guarded(&format!("{said}{answer}")));
        }
        let bad = diagnosis.tier < PASSES || diagnosis.count(Severity::Error) > 0;
        Ok(if refused || self.exit_code && bad { Exit::Blocked } else { Exit::Clear })
    }
}

/// Sends the fixes, up to the first that GitHub refuses: those after it may rest on it.
fn apply(client: &Client, fixes: &Fixes) -> Vec<AppliedFix> {
    let mut sent = Vec::new();
    for fix in &fixes.ready {
        let refused = client.apply(fix).err().map(|error| error.message);
        let stops = refused.is_some();
        sent.push(AppliedFix { what: fix.what.clone(), refused });
        if stops {
            break;
        }
    }
    sent
}
