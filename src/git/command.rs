//! The git command, run so that nothing the machine, the person or a repository brings along has a say.
//!
//! Things that a proposal can put into a repository (hooks, filters, merge drivers, submodules, names that look like
//! options) must not run anything. It can't reach the repositories git is run in here, which are our own and bare; this
//! is about the settings around them. Not taken: the settings as arguments, which everybody on the machine can read.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// Variables of git's that stay: where its programs are, and whom a company's own server is certified by. All others
/// go; they name other repositories, turn off checks or write what is sent into a log.
const KEPT: &[&str] = &["GIT_EXEC_PATH", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_PROXY_SSL_CAINFO"];

/// Environment of every git command.
const ENVIRONMENT: &[(&str, &str)] = &[
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    // We fetch what is missing, all at once.
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    // Empty and not absent, or `SSH_ASKPASS` is asked next.
    ("GIT_ASKPASS", ""),
    // No protocol at all, unless the caller says which.
    ("GIT_ALLOW_PROTOCOL", ""),
    ("LC_ALL", "C"),
];

/// Settings of every git command.
const SETTINGS: &[(&str, &str)] = &[("core.hooksPath", "/dev/null"), ("core.attributesFile", "/dev/null")];

/// Git, about to run in a bare repository of our own, with some settings more.
pub(super) fn hardened(git: &OsStr, folder: &Path, settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(git);
    command.arg("--git-dir").arg(folder).current_dir(folder);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        // A token in the environment is not for git, which is given its own.
        let secret = text.ends_with("_TOKEN");
        if secret || text.starts_with("GIT_") && !KEPT.contains(&&*text) {
            command.env_remove(&name);
        }
    }
    command.envs(ENVIRONMENT.iter().copied());
    let all = SETTINGS.iter().chain(settings);
    command.env("GIT_CONFIG_COUNT", all.clone().count().to_string());
    for (at, (key, value)) in all.enumerate() {
        command.env(format!("GIT_CONFIG_KEY_{at}"), key).env(format!("GIT_CONFIG_VALUE_{at}"), value);
    }
    command
}
