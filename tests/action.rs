//! The action and the workflows, as they are shipped: their texts hold to our own rules, and the steps of `action.yml` run
//! as a runner runs them, in a bare environment, with a release served by a stand-in for `curl`.

#[path = "support/git.rs"]
mod git;
#[cfg(unix)]
#[path = "action/runner.rs"]
mod runner;
#[cfg(unix)]
#[path = "action/steps.rs"]
mod steps;
#[path = "action/texts.rs"]
mod texts;
#[path = "support/tool.rs"]
mod tool;
#[path = "action/tools.rs"]
mod tools;
