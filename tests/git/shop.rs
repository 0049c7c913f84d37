//! A repository with a policy in which proposals are judged by the real program and merged.

use std::fs;
use std::path::Path;

use crate::git::{command, git};
use serde_json::Value;

pub const CONFIG: &str = "version: 1
admins: [\"@root\"]
projects:
  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}
  growth: {paths: [\"flags/growth/**\"], approvals: peer}
  sandbox: {paths: [\"flags/sandbox/**\"], approvals: none}
protect: [\".github/**\", \"**/.gitattributes\"]
";
pub const ONE: &str = "flags/checkout/one.yaml";

/// A repository with a policy, on `main`; each proposal is a branch.
pub struct Shop {
    place: tempfile::TempDir,
}

impl Shop {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let shop = Shop { place: tempfile::tempdir().unwrap() };
        shop.git(&["init", "-q", "-b", "main"]);
        shop.commit(&[(".countersign/config.yaml", CONFIG), (".countersign/APPROVERS", "flags/checkout/ @alice\n")]);
        shop.commit(files);
        shop
    }

    pub fn dir(&self) -> &Path {
        self.place.path()
    }

    pub fn git(&self, args: &[&str]) -> String {
        git(self.dir(), args)
    }

    /// Writes these files where `HEAD` is; an empty text takes one away.
    pub fn commit(&self, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = self.dir().join(name);
            if text.is_empty() {
                fs::remove_file(path).unwrap();
                continue;
            }
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        self.git(&["add", "-A"]);
        // Two branches with the same step are not to be one commit.
        let branch = self.git(&["symbolic-ref", "--short", "HEAD"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", &branch]);
    }

    /// A branch of `main` with these files.
    pub fn propose(&self, branch: &str, files: &[(&str, &str)]) {
        self.git(&["checkout", "-q", "-B", branch, "main"]);
        self.commit(files);
    }

    pub fn merge(&self, branch: &str) {
        self.git(&["checkout", "-q", "main"]);
        self.git(&["merge", "-q", "--no-ff", "-m", "merge", branch]);
    }

    pub fn judge(&self, branch: &str) -> Value {
        let args = ["check", "--base", "main", "--head", branch, "--format", "json"];
        let output = command(env!("CARGO_BIN_EXE_countersign"), self.dir()).args(args).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// `key: verdict, rules` of each flag, and the verdict of the whole.
    pub fn verdicts(&self, branch: &str) -> Vec<String> {
        let report = self.judge(branch);
        let flags = report["flags"].as_array().unwrap().iter().map(|flag| {
            let changes = flag["changes"].as_array().unwrap().iter();
            let mut rules: Vec<&str> = changes.filter_map(|change| change["rule"].as_str()).collect();
            rules.dedup();
            format!("{}: {} {}", flag["key"].as_str().unwrap(), flag["verdict"].as_str().unwrap(), rules.join(" "))
        });
        flags.chain([report["verdict"].as_str().unwrap().to_owned()]).collect()
    }

    pub fn digest(&self, branch: &str, key: &str) -> String {
        let report = self.judge(branch);
        let flag = report["flags"].as_array().unwrap().iter().find(|flag| flag["key"] == key).cloned().unwrap();
        flag["digest"].as_str().unwrap().to_owned()
    }
}

/// A flag file.
pub fn flag(key: &str, state: &str, percent: u32) -> String {
    format!(
        "key: {key}\nkind: flag\nname: One\nstate: {state}\nevaluationMode: remote\ndeployments: [web]\nbucketingKey: \
         user_id\nbucketingSalt: s1\nvariants:\n  - {{key: \"on\"}}\nrolloutPercentage: {percent}\nrolloutWeights: \
         {{\"on\": 1}}\n"
    )
}
