//! The history of a real repository, step by step, and the example that is shipped.

use super::*;

/// Every version of OpenTelemetry's demo flags: oid, date and subject of the commit, and the flags.
fn history() -> Vec<(String, Vec<Flag>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(DATA);
    let subjects = fs::read_to_string(dir.join("HISTORY.txt")).expect("HISTORY.txt");
    let versions = subjects.lines().enumerate().map(|(at, subject)| {
        let oid = subject.split(' ').next().unwrap_or_default();
        let name = format!("{:02}-{oid}.json", at + 1);
        let bytes = fs::read(dir.join(&name)).expect("a version for each line of HISTORY.txt");
        let mut diagnostics = Diagnostics::of(&name);
        let flags = flagd::FORMAT.flags_of(&bytes, "src/flagd/demo.flagd.json", &mut diagnostics);
        assert_eq!(diagnostics.finish(""), [], "{name}");
        (format!("{:02} {subject}", at + 1), flags.expect("flags of a file without diagnostics"))
    });
    versions.collect()
}

/// The changes of a version, one line for each thing; a new flag, or one that is gone, with all it says.
fn step(before: &[Flag], after: &[Flag]) -> Vec<String> {
    let find = |flags: &[Flag], key: &str| flags.iter().position(|flag| flag.key == key);
    let whole = |flag: &Flag| {
        let facts = all(flag).into_iter().filter(|(name, _)| name != "description");
        facts.map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
    };
    let mut lines = Vec::new();
    for flag in before.iter().filter(|flag| find(after, &flag.key).is_none()) {
        lines.push(format!("  - {}: {}", flag.key, whole(flag)));
    }
    for flag in after {
        match find(before, &flag.key).and_then(|at| before.get(at)) {
            None => lines.push(format!("  + {}: {}", flag.key, whole(flag))),
            Some(old) => lines.extend(differences(old, flag).iter().map(|what| format!("  {}: {what}", flag.key))),
        }
    }
    if lines.is_empty() {
        lines.push("  nothing".to_owned());
    }
    let mut keys: Vec<&str> = after.iter().map(|flag| flag.key.as_str()).collect();
    keys.sort_unstable();
    lines.push(format!("  = {}", keys.join(" ")));
    lines
}

/// Real commits, step by step, as a person can check them. `SNAPSHOTS=overwrite` writes the file anew.
#[test]
fn the_steps_of_a_real_history() {
    let history = history();
    assert_eq!(history.len(), 27);
    let mut reported = String::new();
    let mut before: &[Flag] = &[];
    for (subject, flags) in &history {
        let _ = write!(reported, "{subject}\n{}\n\n", step(before, flags).join("\n"));
        before = flags;
    }
    snapbox::assert_data_eq!(reported, snapbox::file!["../../data/opentelemetry-demo-flagd/steps.txt"].raw());
}

/// The example repository is read without a word, and the judgements its README promises are the ones that come.
#[test]
fn the_example_and_its_promises() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/flagd");
    let paths = [CONFIG_PATH, APPROVERS_PATH, "flags/web.flagd.json", "flags/payments.flagd.yaml", "README.md"];
    let text = |path: &str| fs::read_to_string(example.join(path)).expect("a file of the example");
    let live: Files = paths.into_iter().map(|path| file(path, text(path))).collect();
    // For each edit: the file, what is replaced by what, and what is required because of it.
    let cases: &[(&str, &str, &str, &[&str])] = &[
        ("web.flagd.json", "", "", &[]),
        (
            "web.flagd.json",
            r#""defaultVariant": "off"
    },
    "seat-map""#,
            r#""defaultVariant": "on"
    },
    "seat-map""#,
            &["maintenance-banner 1 of @acme/web because variant-distribution"],
        ),
        (
            "web.flagd.json",
            r#"["map", 10],
              ["list", 90]"#,
            r#"["map", 20],
              ["list", 80]"#,
            &["seat-map 1 of @acme/web because variant-distribution"],
        ),
        (
            "web.flagd.json",
            r#"["map", 10],
              ["list", 90]"#,
            r#"["map", 1], ["list", 9]"#,
            &[],
        ),
        (
            "web.flagd.json",
            r#"["map", 10],
              ["list", 90]"#,
            r#"["list", 90], ["map", 10]"#,
            &["seat-map 1 of @acme/web because variant-distribution"],
        ),
        (
            "web.flagd.json",
            "@acme.example",
            "@example.com",
            &["dark-mode 1 of @acme/web because target-segments", "seat-map 1 of @acme/web because target-segments"],
        ),
        (
            "web.flagd.json",
            r#""flagSetId": "web""#,
            r#""flagSetId": "shop""#,
            &[
                "dark-mode 1 of @acme/web because deployments",
                "maintenance-banner 1 of @acme/web because deployments",
                "seat-map 1 of @acme/web because deployments",
            ],
        ),
        ("payments.flagd.yaml", "DISABLED\n", "ENABLED\n", &["gift-vouchers 2 of @acme/payments because activation"]),
        (
            "payments.flagd.yaml",
            "provider-2026",
            "provider-2027",
            &["payment-provider 2 of @acme/payments because bucketing-salt"],
        ),
        ("payments.flagd.yaml", "Pay with a voucher", "Pay with a gift voucher", &[]),
    ];
    for (name, from, to, expected) in cases {
        let path = format!("flags/{name}");
        let before = text(&path);
        assert!(before.contains(from), "{from} in {name}");
        let mut proposed = live.clone();
        proposed.extend([file(&path, before.replacen(from, to, 1))]);
        let report = judge_files(&live, &proposed, None, &[]).expect("a policy to judge by");
        assert_eq!(report.diagnostics, [], "{from} → {to}");
        let mut required: Vec<String> = Vec::new();
        for flag in &report.flags {
            for one in &flag.requirements {
                let (from, because) =
                    (one.from.join(" "), one.because.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(" "));
                required.push(format!("{} {} of {from} because {because}", flag.key, one.required));
            }
        }
        required.sort();
        assert_eq!(required, *expected, "{from} → {to}");
    }
    let flags = ["flags/web.flagd.json", "flags/payments.flagd.yaml"].map(|path| {
        let mut diagnostics = Diagnostics::of(path);
        let flags = flagd::FORMAT.flags_of(text(path).as_bytes(), path, &mut diagnostics).unwrap_or_default();
        assert_eq!(diagnostics.finish(""), [], "{path}");
        flags.into_iter().map(|flag| flag.key).collect::<Vec<_>>().join(" ")
    });
    assert_eq!(flags, ["maintenance-banner seat-map dark-mode", "payment-provider gift-vouchers"]);
}

/// Files whose policy requires one person for every flag.
fn repository() -> Files {
    let config = "version: 1\nadmins: [\"@root\"]\nprojects:\n  demo: {paths: [\"flags/**\"], approvals: specific}\n";
    [(CONFIG_PATH, config), (APPROVERS_PATH, "* @alice\n")].into_iter().map(|(path, text)| file(path, text)).collect()
}

fn file(path: &str, bytes: impl Into<Vec<u8>>) -> (String, File) {
    (path.to_owned(), File::regular(path, bytes))
}

/// The review of a step: each flag, and each change of one that was there before.
fn judgement(report: &Report) -> Vec<String> {
    let mut lines = vec![format!("  {}", report.verdict.word())];
    for flag in &report.flags {
        let rules: BTreeSet<&str> =
            flag.changes.iter().filter_map(|change| change.rule).map(countersign::changes::RuleId::as_str).collect();
        let rules: Vec<&str> = rules.into_iter().collect();
        lines.push(format!("  {}: {} {}", flag.key, flag.verdict.word(), rules.join(" ")).trim_end().to_owned());
        let telling =
            |change: &&Change| change.rule.is_some_and(|rule| rule.as_str() != "activation") || change.before.is_some();
        for change in flag.changes.iter().filter(telling) {
            let item = change.item.as_ref().map(|item| format!("[{item}]")).unwrap_or_default();
            let value = |node: &Option<Node>| node.as_ref().map_or_else(|| "-".to_owned(), Node::json);
            let (before, after) = (value(&change.before), value(&change.after));
            let (class, rule) = (change.class.word(), change.rule.map_or("", |id| id.as_str()));
            let class = format!("{class} {rule}");
            let field = &change.field;
            lines.push(format!("    {}: {} {field}{item}: {before} → {after}", change.line, class.trim_end()));
        }
    }
    lines.extend(
        report.diagnostics.iter().map(|diagnostic| format!("  {}: {}", diagnostic.place.line, diagnostic.id.as_str())),
    );
    lines
}

/// The approvals that would have been required of whom, had each commit of that history been a pull request.
#[test]
fn the_judgements_of_a_real_history() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(DATA);
    let subjects = fs::read_to_string(dir.join("HISTORY.txt")).expect("HISTORY.txt");
    let mut reported = String::new();
    let mut before: Option<Vec<u8>> = None;
    for (at, subject) in subjects.lines().enumerate() {
        let oid = subject.split(' ').next().unwrap_or_default();
        let bytes = fs::read(dir.join(format!("{:02}-{oid}.json", at + 1))).expect("a version for each line");
        if let Some(before) = before {
            let side = |bytes: &[u8]| repository().into_iter().chain([file("flags/demo.flagd.json", bytes)]).collect();
            let report = judge_files(&side(&before), &side(&bytes), None, &[]).expect("a policy to judge by");
            let _ = write!(reported, "{:02} {subject}\n{}\n\n", at + 1, judgement(&report).join("\n"));
        }
        before = Some(bytes);
    }
    snapbox::assert_data_eq!(reported, snapbox::file!["../../data/opentelemetry-demo-flagd/judgements.txt"].raw());
}
