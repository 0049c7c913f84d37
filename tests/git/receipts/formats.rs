//! Every format that is served: verified from a pipe, in a clone and without one, and what is another thing does not
//! hold.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use super::{Shop, flag};
use crate::git::command;

/// A file of a format: its path, its text or the example that has it, and an edit of what is served.
struct Served {
    format: &'static str,
    path: &'static str,
    text: Text,
    edit: (&'static str, &'static str),
}

enum Text {
    Example(&'static str),
    Here(&'static str),
}

impl Served {
    fn text(&self) -> String {
        match self.text {
            Text::Here(text) => text.to_owned(),
            Text::Example(path) => {
                fs::read_to_string(format!("{}/examples/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
            }
        }
    }

    fn edited(&self) -> String {
        let (text, edited) = (self.text(), self.text().replacen(self.edit.0, self.edit.1, 1));
        assert_ne!(text, edited, "{}", self.format);
        edited
    }
}

const fn example(
    format: &'static str,
    path: &'static str,
    from: &'static str,
    edit: (&'static str, &'static str),
) -> Served {
    Served { format, path, text: Text::Example(from), edit }
}

const SERVED: &[Served] = &[
    example(
        "flagd",
        "web/web.flagd.json",
        "flagd/flags/web.flagd.json",
        ("\"defaultVariant\": \"off\"", "\"defaultVariant\": \"on\""),
    ),
    Served {
        format: "native",
        path: "web/buy.yaml",
        text: Text::Here(
            "key: buy\nkind: flag\nstate: active\nbucketingKey: user_id\nvariants: [{key: control}, {key: shown}]\nrolloutPercentage: 20\nrolloutWeights: {control: 1, shown: 1}\n",
        ),
        edit: ("rolloutPercentage: 20", "rolloutPercentage: 21"),
    },
    example("generic", "web/switches.json", "formats/generic/config/switches.json", ("\"limit\": 5", "\"limit\": 6")),
    example(
        "registry",
        "web/registry.yml",
        "formats/registry/config/feature_flags.yml",
        ("old_cart: false", "old_cart: true"),
    ),
    Served {
        format: "flipper",
        path: "web/flipper.yml",
        text: Text::Here("- search\n- cart\n"),
        edit: ("- cart", "- card"),
    },
    example(
        "goff",
        "web/search.goff.yaml",
        "formats/goff/flags/search.goff.yaml",
        ("\"on\": 20, \"off\": 80", "\"on\": 30, \"off\": 70"),
    ),
    example(
        "flipt",
        "web/features.yaml",
        "formats/flipt/flags/features.yaml",
        ("rollout: 70}, {variant: new, rollout: 30", "rollout: 60}, {variant: new, rollout: 40"),
    ),
    Served {
        format: "featurevisor",
        path: "features/redesign.yml",
        text: Text::Here(
            "description: New design\ntags: [all]\nbucketBy: userId\nvariations: [{value: control, weight: 50}, {value: treatment, weight: 50}]\nrules:\n  production: [{key: rest, segments: \"*\", percentage: 10}]\n",
        ),
        edit: ("percentage: 10", "percentage: 11"),
    },
    example(
        "gitlab",
        "config/feature_flags/beta/import.yml",
        "formats/gitlab/config/feature_flags/beta/import.yml",
        ("name: import\n", "name: other\n"),
    ),
    example(
        "unleash",
        "web/flags.json",
        "formats/unleash/.unleash/flags.json",
        ("\"rollout\": \"50\"", "\"rollout\": \"51\""),
    ),
    example(
        "harness",
        "web/harness.yaml",
        "formats/harness/.harness/flags.yaml",
        ("offVariation: \"off\"", "offVariation: \"on\""),
    ),
    example(
        "microsoft",
        "web/appsettings.json",
        "formats/microsoft/appsettings.json",
        ("\"Value\": 50", "\"Value\": 51"),
    ),
    example(
        "kubernetes",
        "web/flags.yaml",
        "formats/kubernetes/deploy/flags.yaml",
        ("\"red\": \"#f00\"", "\"red\": \"#f01\""),
    ),
];

/// A branch with this file, which alice approved.
fn approved(served: &Served) -> Shop {
    let mut shop = Shop::new();
    let config = format!(
        "version: 1\nadmins: [\"@root\", \"@kim\"]\nprojects:\n  web: {{paths: [\"{path}\"], approvals: specific}}\nformats: {{\"{path}\": {}}}\n",
        served.format,
        path = served.path,
    );
    let config = if served.format == "native" { config.split("formats:").next().unwrap().to_owned() } else { config };
    let policy = [
        (".countersign/config.yaml", Some(config.as_str())),
        (".countersign/APPROVERS", Some("* @alice @bob\n")),
        ("flags/checkout/zero.yaml", None),
        ("flags/sandbox/zero.yaml", None),
    ];
    shop.commit("web", &policy);
    shop.receipt(&["kim"]);
    shop.commit("flags", &[(served.path, Some(&served.text()))]);
    shop.receipt(&["alice"]);
    shop
}

fn piped(shop: &Shop, text: &str, args: &[&str]) -> (i32, Value) {
    let mut child = command(env!("CARGO_BIN_EXE_countersign"), &shop.dir)
        .args(["verify", "--stdin", "--exit-code", "--output", "json"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let said: Value = serde_json::from_slice(&done.stdout).unwrap();
    crate::schema::holds("verify", &said);
    (done.status.code().unwrap(), said)
}

/// Name and coverage of each flag that is on.
fn live(said: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let flags = said["flags"].as_array().unwrap().iter();
    flags.map(|flag| (text(&flag["name"]), text(&flag["coverage"]))).filter(|(_, coverage)| coverage != "off").collect()
}

#[test]
fn every_format_is_verified_from_a_pipe() {
    let rows: Vec<&str> = SERVED.iter().map(|one| one.format).collect();
    for id in countersign::format::ids() {
        assert!(rows.contains(&id), "{id} has no row here");
    }
    for served in SERVED {
        let format = served.format;
        let shop = approved(served);
        let (bundle, trust) = (shop.path("all.jsonl"), shop.path("trust.yaml"));
        let (bundle, trust) = (bundle.to_str().unwrap(), trust.to_str().unwrap());
        shop.done(&["receipt", "--export", bundle]);
        fs::write(trust, shop.trust("")).unwrap();
        let bare = ["--format", format, "--path", served.path, "--bundle", bundle, "--trust", trust];
        let of_branch = live(&shop.verify(&["--rev", "main"]).1);
        assert!(!of_branch.is_empty(), "{format}");
        assert!(of_branch.iter().all(|(_, coverage)| coverage == "countersigned"), "{format}: {of_branch:?}");
        for args in
            [&["--format", format, "--path", served.path][..], &bare, &[&bare[..], &["--project", "web"]].concat()]
        {
            let (code, said) = piped(&shop, &served.text(), args);
            assert_eq!((code, live(&said)), (0, of_branch.clone()), "{format} {args:?}: {said:#}");
            let (code, said) = piped(&shop, &served.edited(), args);
            let nobody = live(&said).into_iter().filter(|(_, coverage)| coverage == "nobody").count();
            assert_eq!((code, nobody > 0), (1, true), "{format} {args:?}: {said:#}");
        }
        // A file that another reader takes for another one does not hold by it.
        assert_eq!(piped(&shop, "", &["--format", format, "--path", served.path]).0, 1, "{format}");
    }
}

const HARNESS: &str = "featureFlags:\n  flags:\n    - flag:\n        name: Dark mode\n        identifier: \"IDENTIFIER\"\n        permanent: false\n        spec:\n          type: boolean\n          variations: [{identifier: \"on\", value: \"true\"}, {identifier: \"off\", value: \"false\"}]\n        environments:\n          - identifier: \"ENVIRONMENT\"\n            state: \"on\"\n            default: {onVariation: \"on\", offVariation: \"off\"}\n";

/// A key that is made of a name and a scope is of that name in that scope, and of no other.
#[test]
fn a_composed_key_is_of_its_scope() {
    let text = |identifier: &str, environment: &str| {
        HARNESS.replace("IDENTIFIER", identifier).replace("ENVIRONMENT", environment)
    };
    let served = SERVED.iter().find(|one| one.format == "harness").unwrap();
    for (first, then) in
        [(("dark", "staging"), ("dark", "production")), (("x@a", "b"), ("x", "a@b")), (("x", "a@b"), ("x@a", "b"))]
    {
        let mut shop = approved(served);
        shop.commit("one", &[(served.path, Some(&text(first.0, first.1)))]);
        shop.receipt(&["alice"]);
        let (code, said) = shop.verify(&["--rev", "main"]);
        assert_eq!(code, 0, "{first:?}: {said:#}");
        shop.commit("pushed", &[(served.path, Some(&text(then.0, then.1)))]);
        let (code, said) = shop.verify(&["--rev", "main"]);
        assert_eq!(code, 1, "{first:?} then {then:?}: {said:#}");
        let pipe = ["--format", "harness", "--path", served.path];
        assert_eq!(piped(&shop, &text(then.0, then.1), &pipe).0, 1, "{then:?}");
        assert_eq!(piped(&shop, &text(first.0, first.1), &pipe).0, 0, "{first:?}");
        let (code, out, _) = shop.run(&["audit", "start..main", "--receipts", "--exit-code"]);
        assert!(code == 1 && out.contains("no receipt"), "{out}");
    }
}

/// A flag of one project says nothing of the one with its key and its content in another.
#[test]
fn a_receipt_is_of_its_project() {
    let mut shop = Shop::new();
    let config = super::CONFIG.replace("sandbox/**\"], approvals: none", "sandbox/**\"], approvals: specific");
    let approvers = "/flags/checkout/ @alice @bob\n/flags/sandbox/ @bob\n";
    shop.commit("two", &[(".countersign/config.yaml", Some(&config)), (".countersign/APPROVERS", Some(approvers))]);
    shop.receipt(&["kim"]);
    let text = flag("buy", 20);
    shop.commit("one", &[("flags/checkout/buy.yaml", Some(&text))]);
    shop.receipt(&["alice"]);
    let stated = super::statement(
        &shop.envelopes().iter().find(|(_, one)| super::statement(one)["predicate"]["subject"] == "one").unwrap().1,
    );
    shop.commit("the other", &[("flags/sandbox/buy.yaml", Some(&text))]);
    let covered = |shop: &Shop| shop.coverage(&["--rev", "main"]);
    let expected =
        vec![("checkout/buy".to_owned(), "countersigned".to_owned()), ("sandbox/buy".to_owned(), "nobody".to_owned())];
    assert_eq!(covered(&shop), expected);
    // The same receipt under the other name, by the very key that counts: git says what the merge did, and the digest
    // whose it is.
    let mut moved = stated;
    moved["predicate"]["flags"][0]["name"] = "sandbox/buy".into();
    moved["subject"][0]["name"] = "sandbox/buy".into();
    moved["predicate"]["madeAt"] =
        (chrono::Utc::now() + chrono::TimeDelta::seconds(9)).format("%Y-%m-%dT%H:%M:%SZ").to_string().into();
    shop.forge(&moved, Some("ci"), "countersign");
    let said = covered(&shop);
    assert_eq!(said.iter().find(|(name, _)| name == "sandbox/buy").unwrap().1, "nobody");
    let (code, out, _) = shop.run(&["audit", "start..main", "--receipts", "--exit-code"]);
    assert!(code == 1 && out.contains("differs"), "{out}");
}
