//! The action and the workflows, as they are shipped: their texts hold to our own rules, and the steps of `action.yml`
//! run as a runner runs them, in a bare environment, with a release served by a stand-in for `curl`.

#[cfg(unix)]
mod runner;
#[cfg(unix)]
mod steps;
mod texts;
mod tools;
