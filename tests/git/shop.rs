//! A repository with a policy in which proposals are judged by the real program and merged.

use std::cell::Cell;
use std::fs;
use std::path::Path;

use crate::git::command;
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
    /// When what is committed next is committed.
    seconds: Cell<i64>,
}

/// When everything is committed unless a test says otherwise: 100 days before the verdicts that have a time.
const BEGINNING: i64 = 1_786_795_200;

impl Shop {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let shop = Shop { place: tempfile::tempdir().unwrap(), seconds: Cell::new(BEGINNING) };
        shop.git(&["init", "-q", "-b", "main"]);
        shop.commit(&[(".countersign/config.yaml", CONFIG), (".countersign/APPROVERS", "flags/checkout/ @alice\n")]);
        // A project without a file makes every verdict invalid.
        let unchanged = |project: &str| {
            let text =
                format!("key: unchanged-{project}\nkind: flag\nstate: inactive\nvariants:\n  - {{key: \"on\"}}\n");
            (format!("flags/{project}/unchanged-{project}.yaml"), text)
        };
        for (path, text) in ["growth", "sandbox"].map(unchanged) {
            shop.commit(&[(&path, &text)]);
        }
        shop.commit(files);
        shop
    }

    pub fn dir(&self) -> &Path {
        self.place.path()
    }

    pub fn git(&self, args: &[&str]) -> String {
        let date = format!("{} +0000", self.seconds.get());
        let output = command("git", self.dir()).env("GIT_COMMITTER_DATE", date).args(args).output().unwrap();
        assert!(output.status.success(), "git {}: {}", args.join(" "), String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Sets the time of what is committed next.
    pub fn at(&self, seconds: i64) {
        self.seconds.set(seconds);
    }

    /// A clone with the last two commits of each branch.
    pub fn shallow(&self) -> Shop {
        let clone = Shop { place: tempfile::tempdir().unwrap(), seconds: Cell::new(BEGINNING) };
        let url = format!("file://{}", self.dir().display());
        clone.git(&["clone", "-q", "--depth=2", "--no-single-branch", &url, "."]);
        for name in clone.git(&["for-each-ref", "--format=%(refname:lstrip=3)", "refs/remotes/origin"]).lines() {
            if name != "HEAD" {
                clone.git(&["branch", "-q", "-f", "--no-track", &format!("{name}-here"), &format!("origin/{name}")]);
            }
        }
        clone.git(&["checkout", "-q", "-B", "main", "origin/main"]);
        clone
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

    /// The report of `check` on a proposal.
    pub fn check(&self, branch: &str, more: &[&str]) -> String {
        let args = ["check", "--base", "main", "--head", branch];
        let output = command(env!("CARGO_BIN_EXE_countersign"), self.dir()).args(args).args(more).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn judge(&self, branch: &str) -> Value {
        serde_json::from_str(&self.check(branch, &["--format", "json"])).unwrap()
    }

    /// The report at a time, which only evidence tells.
    pub fn judge_at(&self, branch: &str, now: &str) -> Value {
        let evidence = serde_json::json!({"schema": "countersign/evidence/v1", "now": now, "pull": 1, "draft": false,
            "requestor": "jo", "contributors": ["jo"], "reviews": [], "permissions": {}, "teams": {}, "displayed": []});
        let file = self.dir().join(".git/evidence.json");
        fs::write(&file, evidence.to_string()).unwrap();
        let text = self.check(branch, &["--format", "json", "--evidence", file.to_str().unwrap()]);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
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
