//! `locks`: the holder of each locked flag, since when, and the pull requests that wait for it.

use super::Exit;
use super::event::{self, Connect};
use super::show::{Shell, TextOrJson};
use crate::diagnostics::words::counted;
use crate::error::Error;
use crate::github::client::Client;
use crate::github::locks::{self, HeldLock, LockRequest, Locks, SCHEMA};
use crate::render::Prose;
use crate::render::Tone;
use crate::render::{self, Look, plain};

#[derive(clap::Args, Debug)]
#[command(after_help = "The first open pull request to request approval for a change of a live flag holds its lock,
until it is merged, closed or made a draft. An admin lets another one pass over an idle holder by commenting there:
/countersign unlock <flag>

Examples:
  countersign locks                    of all branches
  countersign locks --base main        of one
  countersign locks --format json      for programs")]
pub struct LocksArgs {
    /// Only the locks of pull requests into this branch
    #[arg(long, value_name = "BRANCH")]
    base: Option<String>,
    #[command(flatten)]
    output: TextOrJson,
    #[command(flatten)]
    connect: Connect,
}

impl LocksArgs {
    pub fn run(self, shell: &Shell) -> anyhow::Result<Exit> {
        let connection = self.connect.open(shell)?;
        let read = ask(&connection.client, self.base.as_deref());
        connection.log();
        let (requests, now) = read?;
        let held = locks::locks(&requests, &now);
        if self.output.is_json() {
            shell.print(&render::json(&Locks { locks: held, now, schema: SCHEMA }));
        } else {
            shell.print(&event::guarded(&text(&held, shell.look(false))));
        }
        Ok(Exit::Clear)
    }
}

fn ask(client: &Client, base: Option<&str>) -> Result<(Vec<LockRequest>, String), Error> {
    let found = locks::all(client, base)?;
    Ok((found, client.time()?))
}

fn text(held: &[HeldLock], look: Look) -> String {
    let mut prose = Prose::new(look);
    if held.is_empty() {
        prose.line("no flag is held");
    }
    let mut base = None;
    for one in held {
        if base != Some(&one.base) {
            if base.is_some() {
                prose.blank();
            }
            let name = prose.tone(Tone::Strong, &one.base);
            prose.line(&name);
            base = Some(&one.base);
        }
        let idle = match one.idle_days {
            Some(days) => format!("idle for {}", counted(days, "day")),
            None => "idle for an unknown time".to_owned(),
        };
        let idle = if one.unproven {
            format!("{idle}, not proven: `/countersign recheck` on #{} settles it", one.pull)
        } else {
            idle
        };
        let flag = prose.tone(Tone::Warn, &one.flag);
        let requestor = plain(&one.requestor);
        prose.line(&format!("  {flag}  #{}, requested by @{requestor}, since {}, {idle}", one.pull, plain(&one.since)));
        for waiting in &one.waiting {
            let passed = if waiting.passed { "has passed over it" } else { "waits" };
            prose.whole(
                "    ",
                &format!("#{}, requested by @{}, {passed} since {}", waiting.pull, waiting.requestor, waiting.since),
            );
        }
    }
    prose.finish()
}
