//! Receipts: made of real merges, signed with real keys, and verified by `ssh-keygen` itself.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::git::{command, git};

mod adopted;
mod as_written;
mod attacks;
#[cfg(unix)]
mod beliefs;
mod chained;
mod chosen;
#[cfg(unix)]
mod debts;
mod disguised;
#[cfg(unix)]
mod dismissed;
mod ended;
mod forged;
mod formats;
#[cfg(unix)]
mod gathered;
#[cfg(unix)]
mod glass;
#[cfg(unix)]
mod held;
#[cfg(unix)]
mod hook;
#[cfg(unix)]
mod keyless;
#[cfg(unix)]
mod left;
mod make;
#[cfg(unix)]
mod openpgp;
mod parts;
#[cfg(unix)]
mod people;
#[cfg(unix)]
mod published;
#[cfg(unix)]
mod remedies;
#[cfg(unix)]
mod responses;
mod rotated;
#[cfg(unix)]
mod signed;
#[cfg(unix)]
mod sigstore;
#[cfg(unix)]
mod strict;
mod summary;
mod tagged;
mod told_apart;
mod verify;
mod wholes;
#[cfg(unix)]
mod workflow;
mod year;

pub const CONFIG: &str = "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  checkout: {paths: [\"flags/checkout/**\"], approvals: specific}\n  sandbox: {paths: [\"flags/sandbox/**\"], approvals: none}\n";

/// A flag of this key that goes to this share of users.
pub fn flag(key: &str, percent: u32) -> String {
    format!(
        "key: {key}\nkind: flag\nstate: active\nbucketingKey: user_id\nvariants: [{{key: control}}, {{key: shown}}]\nrolloutPercentage: {percent}\nrolloutWeights: {{control: 1, shown: 1}}\n"
    )
}

/// A repository with a policy, a trust and a flag, and keys.
pub struct Shop {
    keep: TempDir,
    pub dir: PathBuf,
    now: i64,
}

impl Shop {
    pub fn new() -> Shop {
        let keep = tempfile::tempdir().unwrap();
        let dir = keep.path().join("shop");
        fs::create_dir(&dir).unwrap();
        git(&dir, &["init", "-q", "-b", "main", "."]);
        let mut shop = Shop { keep, dir, now: 1_793_600_000 };
        for name in ["ci", "alice", "bob", "mallory"] {
            shop.key(name);
        }
        let trust = shop.trust("");
        shop.commit(
            "policy",
            &[
                (".countersign/config.yaml", Some(CONFIG)),
                (".countersign/APPROVERS", Some("/flags/checkout/ @alice @bob\n")),
                (".countersign/trust.yaml", Some(&trust)),
                ("README.md", Some("shop\n")),
                ("flags/checkout/zero.yaml", Some("key: zero\nkind: flag\nstate: inactive\n")),
                ("flags/sandbox/zero.yaml", Some("key: zero\nkind: flag\nstate: inactive\n")),
            ],
        );
        git(&shop.dir, &["tag", "start"]);
        shop
    }

    /// The usual trust, with these lines more.
    pub fn trust(&self, more: &str) -> String {
        let [ci, alice, bob] = ["ci", "alice", "bob"].map(|name| self.public(name));
        format!(
            "version: 1\nrepository: acme/shop\nreceipts: ['ci@acme.example {ci}']\napprovers: ['alice {alice}', 'bob {bob}']\n{more}"
        )
    }

    /// The file of a private key.
    pub fn key(&self, name: &str) -> PathBuf {
        let path = self.keep.path().join(name);
        if !path.exists() {
            let mut made = command("ssh-keygen", self.keep.path());
            let done = made.args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(&path).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        }
        path
    }

    /// A public key as it stands in a line, without its comment.
    pub fn public(&self, name: &str) -> String {
        let text = fs::read_to_string(self.key(name).with_extension("pub")).unwrap();
        text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.keep.path().join(name)
    }

    pub fn write(&self, files: &[(&str, Option<&str>)]) {
        for (path, text) in files {
            let path = self.dir.join(path);
            match text {
                Some(text) => {
                    fs::create_dir_all(path.parent().unwrap()).unwrap();
                    fs::write(path, text).unwrap();
                }
                None => fs::remove_file(path).unwrap(),
            }
        }
    }

    /// Commits these files an hour later than the last time; the commit in full.
    pub fn commit(&mut self, message: &str, files: &[(&str, Option<&str>)]) -> String {
        self.write(files);
        git(&self.dir, &["add", "-A"]);
        self.now += 3_600;
        let date = format!("{} +0000", self.now);
        let done = command("git", &self.dir)
            .args(["commit", "-q", "--allow-empty", "-m", message])
            .env("GIT_AUTHOR_DATE", &date)
            .env("GIT_COMMITTER_DATE", &date)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        git(&self.dir, &["rev-parse", "HEAD"])
    }

    pub fn flag(&mut self, key: &str, percent: u32) -> String {
        let (path, text) = (format!("flags/checkout/{key}.yaml"), flag(key, percent));
        self.commit(&format!("{key} to {percent}"), &[(&path, Some(&text))])
    }

    pub fn run(&self, args: &[&str]) -> (i32, String, String) {
        let mut program = command(env!("CARGO_BIN_EXE_countersign"), &self.dir);
        let done = program.env_remove("GH_TOKEN").env_remove("GITHUB_TOKEN").args(args).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
    }

    /// Runs it, and takes an exit code other than 0 for a failure of the test.
    pub fn done(&self, args: &[&str]) -> String {
        let (code, out, err) = self.run(args);
        assert_eq!(code, 0, "{args:?}: {out}{err}");
        out
    }

    /// The revision displayed for the last commit of the branch, as evidence that these people approved it.
    pub fn evidence(&self, by: &[&str]) -> PathBuf {
        let checked = self.run(&["check", "--base", "HEAD~1", "--head", "HEAD", "--format", "json"]).1;
        let report: Value = serde_json::from_str(&checked).unwrap();
        let mut digests: serde_json::Map<String, Value> = serde_json::Map::new();
        for flag in report["flags"].as_array().unwrap() {
            let name = format!("{}/{}", flag["project"].as_str().unwrap(), flag["key"].as_str().unwrap());
            if flag["digest"].is_string() {
                digests.insert(name, flag["digest"].clone());
            }
        }
        if report["policy"]["digest"].is_string() {
            digests.insert(".countersign".to_owned(), report["policy"]["digest"].clone());
        }
        let reviews: Vec<Value> = by
            .iter()
            .map(|login| json!({"login": login, "kind": "User", "state": "APPROVED", "submittedAt": "2026-11-02T11:00:00Z"}))
            .collect();
        let permissions: Value =
            by.iter().map(|login| ((*login).to_owned(), json!("write"))).collect::<serde_json::Map<_, _>>().into();
        let evidence = json!({
            "schema": "countersign/evidence/v1", "now": "2026-11-02T12:00:00Z", "pull": 7, "requestor": "jo",
            "contributors": ["jo"], "reviews": reviews, "dismissals": [], "permissions": permissions,
            "displayed": [{"at": "2026-11-02T10:00:00Z", "digests": digests}],
        });
        let path = self.keep.path().join("evidence.json");
        fs::write(&path, evidence.to_string()).unwrap();
        path
    }

    /// A receipt of the last commit, signed by this key, by the approvals of these people.
    pub fn receipt_by(&self, key: &str, by: &[&str]) {
        let (key, evidence) = (self.key(key), self.evidence(by));
        let (key, evidence) = (key.to_str().unwrap(), evidence.to_str().unwrap());
        self.done(&["receipt", "HEAD~1..HEAD", "--sign-with", key, "--evidence", evidence]);
    }

    /// A change of a flag on this day, with its receipt; the commit in full.
    pub fn receipt_of(&mut self, day: &str, key: &str, percent: u32, by: &[&str]) -> String {
        let at = chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").unwrap().and_hms_opt(8, 0, 0).unwrap();
        self.now = at.and_utc().timestamp();
        let commit = self.flag(key, percent);
        self.receipt(by);
        commit
    }

    pub fn receipt(&self, by: &[&str]) {
        self.receipt_by("ci", by);
    }

    /// Keeps a receipt that nobody made with the program: this statement, signed by this key.
    pub fn forge(&self, statement: &Value, key: Option<&str>, namespace: &str) {
        let envelope = envelope(self, statement.to_string().as_bytes(), key, namespace);
        let path = self.keep.path().join("forged.json");
        fs::write(&path, envelope.to_string()).unwrap();
        self.done(&["receipt", "--keep", path.to_str().unwrap()]);
    }

    /// The answer of `verify` for a revision, as JSON, with its exit code.
    pub fn verify(&self, args: &[&str]) -> (i32, Value) {
        let (code, out, err) = self.run(&[&["verify", "--output", "json", "--exit-code"], args].concat());
        let value: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        crate::schema::holds("verify", &value);
        (code, value)
    }

    /// Name, coverage of each flag that `verify` tells of, without those that are off.
    pub fn coverage(&self, args: &[&str]) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let flags = self.verify(args).1["flags"].clone();
        let rows = flags.as_array().unwrap().iter().map(|flag| (text(&flag["name"]), text(&flag["coverage"])));
        rows.filter(|(_, coverage)| coverage != "off").collect()
    }

    /// The envelopes that are kept, by the commit they are about.
    pub fn envelopes(&self) -> Vec<(String, Value)> {
        let list = git(&self.dir, &["ls-tree", "-r", "--name-only", "refs/countersign/receipts"]);
        let read = |path: &str| {
            let text = git(&self.dir, &["show", &format!("refs/countersign/receipts:{path}")]);
            let parts: Vec<&str> = path.split('/').collect();
            (format!("{}{}", parts[0], parts[1]), serde_json::from_str(&text).unwrap())
        };
        list.lines().map(read).collect()
    }
}

/// The bytes that a string in base64 stands for.
pub fn decoded(text: &Value) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text.as_str().unwrap()).unwrap()
}

/// The statement in an envelope.
pub fn statement(envelope: &Value) -> Value {
    serde_json::from_slice(&decoded(&envelope["payload"])).unwrap()
}

/// Whether `ssh-keygen -Y verify` itself takes the signature of an envelope.
pub fn openssh_takes(envelope: &Value, line: &str, who: &str, folder: &Path) -> bool {
    let payload = decoded(&envelope["payload"]);
    let kind = envelope["payloadType"].as_str().unwrap();
    let mut signed = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
    signed.extend(payload);
    let (allowed, signature) = (folder.join("allowed_signers"), folder.join("signature"));
    fs::write(&allowed, format!("{line}\n")).unwrap();
    fs::write(&signature, decoded(&envelope["signatures"][0]["sig"])).unwrap();
    let mut child = command("ssh-keygen", folder)
        .args(["-Y", "verify", "-n", "countersign", "-I", who, "-f"])
        .arg(&allowed)
        .arg("-s")
        .arg(&signature)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&signed).unwrap();
    child.wait().unwrap().success()
}

/// An envelope around a payload, with a signature of this key that `ssh-keygen` made.
pub fn envelope(shop: &Shop, payload: &[u8], key: Option<&str>, namespace: &str) -> Value {
    use base64::Engine as _;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let kind = "application/vnd.in-toto+json";
    let mut signed = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
    signed.extend(payload);
    let signatures = key.map(|key| {
        let mut child = command("ssh-keygen", &shop.dir)
            .args(["-Y", "sign", "-n", namespace, "-f"])
            .arg(shop.key(key))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&signed).unwrap();
        json!({"sig": encode(&child.wait_with_output().unwrap().stdout)})
    });
    json!({"payload": encode(payload), "payloadType": kind, "signatures": signatures.into_iter().collect::<Vec<_>>()})
}
