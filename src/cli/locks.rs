//! `locks`: the holder of each locked flag, since when, and the pull requests that wait for it.

use super::Exit;
use super::event::Connect;
use super::show::{Shell, TextOrJson};
use crate::error::Error;
use crate::github::client::Client;
use crate::github::locks::{self, LockRequest};
use crate::report::locks::{Locks, SCHEMA};

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
        let held = Locks { locks: locks::locks(&requests, &now), now, schema: SCHEMA };
        shell.written(self.output.id(), |output, look| Some(output.locks?(&held, look)));
        Ok(Exit::Clear)
    }
}

fn ask(client: &Client, base: Option<&str>) -> Result<(Vec<LockRequest>, String), Error> {
    let found = locks::all(client, base)?;
    Ok((found, client.time()?))
}
