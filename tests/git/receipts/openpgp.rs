//! Approvals by keys of OpenPGP: signed and verified by the real `gpg`, through the real hook.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::signed::{check, push, served};
use super::{Shop, envelope};
use crate::git::{command, git};
use crate::tool::tool;

const APPROVALS: &str = "refs/countersign/approvals";

/// A shop in which alice and bob have keys of OpenPGP, each in a keyring of their own.
struct PgpShop {
    shop: Shop,
}

impl Shop {
    fn keyring(&self, name: &str) -> PathBuf {
        let home = self.path(&format!("gnupg-{name}"));
        if !home.exists() {
            fs::create_dir(&home).unwrap();
            fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
        }
        home
    }

    fn gpg_raw(&self, name: &str, args: &[&str], input: &[u8]) -> Vec<u8> {
        let mut child = command("gpg", &self.dir)
            .env("GNUPGHOME", self.keyring(name))
            .args(["--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""])
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
        done.stdout
    }

    fn gpg(&self, name: &str, args: &[&str]) -> String {
        String::from_utf8(self.gpg_raw(name, args, b"")).unwrap()
    }

    /// Makes a key of this kind for somebody; its fingerprint.
    fn pgp_key(&self, name: &str, kind: &str, expires: &str) -> String {
        self.gpg(name, &["--quick-gen-key", &format!("{name} <{name}@example.com>"), kind, "sign", expires]);
        self.fingerprint(name)
    }

    fn fingerprint(&self, name: &str) -> String {
        let list = self.gpg(name, &["--list-keys", "--with-colons"]);
        let line = list.lines().find(|line| line.starts_with("fpr:")).unwrap();
        line.split(':').nth(9).unwrap().to_owned()
    }

    /// The line of the trust, as the documentation says.
    fn pgp_line(&self, name: &str) -> String {
        let fingerprint = self.fingerprint(name);
        let key = self.gpg_raw(name, &["--export", "--export-options", "export-minimal", &fingerprint], b"");
        format!("{name} openpgp {}", STANDARD.encode(key))
    }

    /// Signs what is proposed with the keyring of somebody.
    fn approve_by(&self, name: &str, more: &[&str]) -> (i32, String) {
        let mut program = command(env!("CARGO_BIN_EXE_countersign"), &self.dir);
        let done = program
            .env("GNUPGHOME", self.keyring(name))
            .args(["approve", "proposal", "--yes"])
            .args(more)
            .output()
            .unwrap();
        let said = [done.stdout, done.stderr].concat();
        (done.status.code().unwrap(), String::from_utf8(said).unwrap())
    }

    /// Keeps an approval that was not made with the program: this statement, with this signature.
    fn keep_approval(&self, head: &str, payload: &[u8], signature: &[u8]) {
        let sig = STANDARD.encode(signature);
        let json = json!({"payload": STANDARD.encode(payload), "payloadType": "application/vnd.in-toto+json", "signatures": [{"sig": sig}]});
        let file = self.path("kept.json");
        fs::write(&file, json.to_string()).unwrap();
        let sum = command("sha256sum", &self.dir).arg(&file).output().unwrap().stdout;
        let sum = String::from_utf8(sum).unwrap().split(' ').next().unwrap().to_owned();
        let blob = git(&self.dir, &["hash-object", "-w", file.to_str().unwrap()]);
        let path = format!("{}/{}/{sum}.json", &head[..2], &head[2..]);
        let index = self.path("index");
        let _ = fs::remove_file(&index);
        let run = |args: &[&str]| {
            let done = command("git", &self.dir).env("GIT_INDEX_FILE", &index).args(args).output().unwrap();
            assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
            String::from_utf8(done.stdout).unwrap().trim().to_owned()
        };
        run(&["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{path}")]);
        let tree = run(&["write-tree"]);
        let commit = git(&self.dir, &["commit-tree", &tree, "-m", "kept"]);
        git(&self.dir, &["update-ref", APPROVALS, &commit]);
    }

    /// The statement of the one approval that is kept, and what was signed of it.
    fn kept_statement(&self) -> (Vec<u8>, Vec<u8>) {
        let path = git(&self.dir, &["ls-tree", "-r", "--name-only", APPROVALS]);
        let kept: Value = serde_json::from_str(&git(&self.dir, &["show", &format!("{APPROVALS}:{path}")])).unwrap();
        let payload = super::decoded(&kept["payload"]);
        (pae(&payload), payload)
    }
}

fn pae(payload: &[u8]) -> Vec<u8> {
    let kind = "application/vnd.in-toto+json";
    let mut signed = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).into_bytes();
    signed.extend(payload);
    signed
}

/// Alice has a key of this kind, with which git signs.
fn shop_with(kind: &str) -> Option<PgpShop> {
    tool("gpg")?;
    let mut shop = Shop::new();
    let key = shop.pgp_key("alice", kind, "never");
    let trust = trust(&shop, &[shop.pgp_line("alice")], "");
    shop.commit("people", &[(".countersign/trust.yaml", Some(&trust))]);
    shop.flag("buy", 20);
    git(&shop.dir, &["switch", "-q", "-c", "proposal"]);
    shop.flag("buy", 50);
    // As git's default is: no `gpg.format`.
    git(&shop.dir, &["config", "user.signingKey", &key]);
    Some(PgpShop { shop })
}

fn trust(shop: &Shop, approvers: &[String], more: &str) -> String {
    let lines: String = approvers.iter().map(|line| format!("  - '{line}'\n")).collect();
    let ci = shop.public("ci");
    format!(
        "version: 1\nrepository: acme/shop\nreceipts: ['ci@acme.example {ci}']\napprovers:\n{lines}people: {{jo: [jo@example.com]}}\n{more}"
    )
}

#[test]
fn a_key_of_openpgp_approves() {
    for kind in ["ed25519", "rsa3072"] {
        let Some(PgpShop { shop }) = shop_with(kind) else { return };
        let bare = served(&shop);
        let (pushed, said) = push(&shop, &bare, &["proposal:main"]);
        assert!(!pushed && said.contains("1 approval"), "{said}");
        let (code, said) = shop.approve_by("alice", &[]);
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("approved as alice"), "{said}");
        assert_eq!(check(&shop), ("approved".to_owned(), vec!["alice".to_owned()], vec![]));
        // The hook knows no keyring of anybody's.
        let (pushed, said) = push(&shop, &bare, &["proposal:main", APPROVALS]);
        assert!(pushed, "{kind}: {said}");
    }
}

/// The real `gpg` takes the signature, over the bytes that DSSE signs.
#[test]
fn gpg_itself_takes_the_signature() {
    let Some(PgpShop { shop }) = shop_with("ed25519") else { return };
    assert_eq!(shop.approve_by("alice", &[]).0, 0);
    let path = git(&shop.dir, &["ls-tree", "-r", "--name-only", APPROVALS]);
    let kept: Value = serde_json::from_str(&git(&shop.dir, &["show", &format!("{APPROVALS}:{path}")])).unwrap();
    let file = shop.path("sig.asc");
    fs::write(&file, super::decoded(&kept["signatures"][0]["sig"])).unwrap();
    let (signed, _) = shop.kept_statement();
    shop.gpg_raw("alice", &["--verify", file.to_str().unwrap(), "-"], &signed);
}

#[test]
fn a_lint_shows_a_line_that_is_no_public_key() {
    let Some(PgpShop { shop }) = shop_with("ed25519") else { return };
    let fingerprint = shop.fingerprint("alice");
    let secret = shop.gpg_raw("alice", &["--export-secret-keys", &fingerprint], b"");
    let good = shop.pgp_line("alice");
    let bytes = STANDARD.decode(good.rsplit(' ').next().unwrap()).unwrap();
    let twice = [bytes.clone(), bytes].concat();
    let weak = shop.pgp_key("weak", "rsa1024", "never");
    assert_eq!(weak.len(), 40);
    for (lines, why) in [
        (vec![format!("alice openpgp {}", STANDARD.encode(secret))], "is a secret one"),
        (vec![format!("alice openpgp {}", STANDARD.encode(twice))], "is followed by another key"),
        (vec!["alice openpgp AAAA".to_owned()], "is no public key"),
        (vec!["alice openpgp".to_owned()], "is not there in base64"),
        (vec!["alice openpgp %%%".to_owned()], "is not there in base64"),
        (vec![shop.pgp_line("weak")], "has 1024 bits"),
        (vec![good.clone(), good.clone()], "stands there twice"),
        (vec![good.replacen("alice", "alice@example.com", 1)], "is no login and nobody's address"),
    ] {
        shop.write(&[(".countersign/trust.yaml", Some(&trust(&shop, &lines, "")))]);
        let (code, out, err) = shop.run(&["lint"]);
        assert_ne!(code, 0, "{why}: {out}{err}");
        let said = format!("{out}{err}").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(why), "{why}: {said}");
    }
    // Receipts are verified where no program is.
    let receipts =
        trust(&shop, std::slice::from_ref(&good), "").replace(&format!("ci@acme.example {}", shop.public("ci")), &good);
    shop.write(&[(".countersign/trust.yaml", Some(&receipts))]);
    assert!(shop.run(&["lint"]).1.contains("signs no receipts"));
}

#[test]
fn a_key_that_is_out_of_date_or_revoked_approves_nothing() {
    let judged = |shop: &Shop, line: String, more: &str| {
        let text = trust(shop, &[line], more);
        git(&shop.dir, &["switch", "-q", "main"]);
        shop.write(&[(".countersign/trust.yaml", Some(&text))]);
        git(&shop.dir, &["commit", "-qam", "trust"]);
        git(&shop.dir, &["switch", "-q", "proposal"]);
        git(&shop.dir, &["rebase", "-q", "main"]);
        let said = shop.run(&["check", "--signed", "--head", "proposal"]);
        (check(shop).0, said.1 + &said.2)
    };
    let Some(PgpShop { shop }) = shop_with("ed25519") else { return };
    assert_eq!(shop.approve_by("alice", &[]).0, 0);
    let fingerprint = shop.fingerprint("alice");
    let fresh = shop.pgp_line("alice");
    // By the trust, with the fingerprint as `gpg` prints it.
    let spaced =
        fingerprint.as_bytes().chunks(4).map(|four| String::from_utf8_lossy(four)).collect::<Vec<_>>().join(" ");
    let (verdict, said) = judged(&shop, fresh.clone(), &format!("revoked: ['{spaced}']\n"));
    assert_eq!(verdict, "pending", "{said}");
    assert!(said.contains("is revoked"), "{said}");
    assert_eq!(judged(&shop, fresh.clone(), "").0, "approved");
    // By a time in its line.
    let past = fresh.replacen("alice ", "alice valid-before=\"20200101\" ", 1);
    let (verdict, said) = judged(&shop, past, "");
    assert_eq!(verdict, "pending", "{said}");
    // By its owner.
    let certificate =
        fs::read_to_string(shop.keyring("alice").join(format!("openpgp-revocs.d/{fingerprint}.rev"))).unwrap();
    shop.gpg_raw("alice", &["--import"], certificate.replace(":-----BEGIN", "-----BEGIN").as_bytes());
    let (verdict, said) = judged(&shop, shop.pgp_line("alice"), "");
    assert_eq!(verdict, "pending", "{said}");
    assert!(said.contains("revoked by its owner"), "{said}");
    // By its own date: the key is as old as the hills.
    let old = Shop::new();
    old.gpg(
        "alice",
        &["--faked-system-time", "20200101T000000", "--quick-gen-key", "alice <a@x>", "ed25519", "sign", "1y"],
    );
    let Some(PgpShop { shop }) = shop_with("ed25519") else { return };
    assert_eq!(shop.approve_by("alice", &[]).0, 0);
    let (signed, payload) = shop.kept_statement();
    let head = git(&shop.dir, &["rev-parse", "proposal"]);
    let then = ["--faked-system-time", "20200601T000000", "-bsau", "alice"];
    let signature = old.gpg_raw("alice", &then, &signed);
    shop.keep_approval(&head, &payload, &signature);
    let (verdict, said) = judged(&shop, old.pgp_line("alice"), "");
    assert_eq!(verdict, "pending", "{said}");
    assert!(said.contains("key has expired"), "{said}");
}

/// Anything but one good signature over these bytes by the key of the trust is none.
#[test]
fn a_signature_of_another_kind_counts_for_nothing() {
    let Some(PgpShop { shop }) = shop_with("rsa3072") else { return };
    assert_eq!(shop.approve_by("alice", &[]).0, 0);
    let (signed, payload) = shop.kept_statement();
    let head = git(&shop.dir, &["rev-parse", "proposal"]);
    shop.pgp_key("mallory", "ed25519", "never");
    let by = |name: &str, args: &[&str], bytes: &[u8]| {
        let key = shop.fingerprint(name);
        let args = [args, &["-bsau", key.as_str()]].concat();
        shop.gpg_raw(name, &args, bytes)
    };
    let alice = by("alice", &[], &signed);
    let mallory = by("mallory", &[], &signed);
    let unarmored = |armored: &[u8]| shop.gpg_raw("alice", &["--dearmor"], armored);
    let armored = |bytes: &[u8]| {
        let text =
            format!("-----BEGIN PGP SIGNATURE-----\n\n{}\n-----END PGP SIGNATURE-----\n", STANDARD.encode(bytes));
        text.into_bytes()
    };
    // Those that count, so that what follows proves something.
    for good in [alice.clone(), armored(&unarmored(&alice))] {
        shop.keep_approval(&head, &payload, &good);
        assert_eq!(check(&shop).0, "approved");
    }
    let two = [unarmored(&alice), unarmored(&mallory)].concat();
    let round = [unarmored(&mallory), unarmored(&alice)].concat();
    let inline = {
        let args = ["-s", "--armor", "-u", &shop.fingerprint("alice")];
        shop.gpg_raw("alice", &args, &signed)
    };
    // Mallory's signature that says it is alice's: her fingerprint in the place of his.
    let mut posing = unarmored(&mallory);
    let find = |text: &str| {
        (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect::<Vec<u8>>()
    };
    let (hers, his) = (find(&shop.fingerprint("alice")), find(&shop.fingerprint("mallory")));
    for at in 0..=posing.len() - 20 {
        if posing[at..at + 20] == his[..] {
            posing[at..at + 20].copy_from_slice(&hers);
        }
    }
    let rows: Vec<(&str, Vec<u8>, &str)> = vec![
        ("mallory's", mallory.clone(), "does not name the OpenPGP key"),
        ("two", armored(&two), "not one packet"),
        ("two, the other way round", armored(&round), "not one packet"),
        ("with words around", [b"x\n".as_slice(), &alice].concat(), "none of an SSH key"),
        ("two armours", [alice.clone(), alice.clone()].concat(), "none of OpenPGP in ASCII armour"),
        ("over a copy of its own", inline, "none of an SSH key"),
        ("over other bytes", by("alice", &[], b"other"), "not over this content"),
        ("over the payload alone", by("alice", &[], &payload), "not over this content"),
        ("as text", by("alice", &["--textmode"], &signed), "none over bytes"),
        ("SHA-1", by("alice", &["--digest-algo", "SHA1"], &signed), "digest that is too weak"),
        ("a notation", by("alice", &["--sig-notation", "a@b.c=x"], &signed), "of the kind 20"),
        ("that posed as alice's", armored(&posing), ""),
        ("a key block", shop.gpg_raw("alice", &["--export", "--armor"], b""), "none of an SSH key"),
    ];
    for (name, signature, why) in rows {
        shop.keep_approval(&head, &payload, &signature);
        let (verdict, _, _) = check(&shop);
        assert_eq!(verdict, "pending", "{name}");
        let (_, out, err) = shop.run(&["check", "--signed", "--head", "proposal"]);
        assert!(err.contains(why) && err.contains("counts for nothing"), "{name}: {out}{err}");
    }
    // A signature of SSH that bob's key made, over the same bytes, is bob's own, and he stands nowhere.
    let ssh = envelope(&shop, &payload, Some("bob"), "countersign");
    shop.keep_approval(&head, &payload, &super::decoded(&ssh["signatures"][0]["sig"]));
    assert_eq!(check(&shop).0, "pending");
}

/// Where `gpg` is not installed nothing is approved, and it is said why.
#[test]
fn without_gpg_nothing_is_approved() {
    let Some(PgpShop { shop }) = shop_with("ed25519") else { return };
    assert_eq!(shop.approve_by("alice", &[]).0, 0);
    git(&shop.dir, &["config", "gpg.program", "no-such-gpg"]);
    let (verdict, _, _) = check(&shop);
    assert_eq!(verdict, "pending");
    let (_, _, err) = shop.run(&["check", "--signed", "--head", "proposal"]);
    assert!(err.contains("`no-such-gpg` is not installed; install GnuPG"), "{err}");
    let (code, said) = shop.approve_by("alice", &[]);
    assert!(code != 0 && said.contains("signs nothing"), "{said}");
    git(&shop.dir, &["config", "--unset", "gpg.program"]);
    // A key that stands nowhere is reported with the line that would have to stand there.
    let mallory = shop.pgp_key("mallory", "ed25519", "never");
    git(&shop.dir, &["config", "user.signingKey", &mallory]);
    let (code, said) = shop.approve_by("mallory", &[]);
    assert!(code == 2 && said.contains("LOGIN openpgp") && said.contains("export-minimal"), "{said}");
    // No key at all.
    git(&shop.dir, &["config", "--unset", "user.signingKey"]);
    let (code, said) = shop.approve_by("mallory", &[]);
    assert!(code == 2 && said.contains("git config user.signingKey KEY"), "{said}");
}
