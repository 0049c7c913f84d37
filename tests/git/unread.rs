//! Changed files that no project has, and that belong to flags which are reviewed.

use serde_json::Value;

use crate::shop::Shop;

pub const CONFIG: &str = ".countersign/config.yaml";

pub fn config(paths: &str, more: &str, formats: &str) -> String {
    format!(
        "version: 1\nadmins: [\"@root\"]\nprojects:\n  all: {{paths: {paths}, approvals: peer}}\n{more}formats: {{{formats}}}\n"
    )
}

/// The errors of a proposal by the paths of their files, and its verdict.
pub fn found(report: &Value) -> (Vec<String>, String) {
    let errors = report["diagnostics"].as_array().unwrap().iter().filter(|one| one["level"] == "error");
    let errors = errors.map(|one| format!("{} {}", one["id"].as_str().unwrap(), one["path"].as_str().unwrap()));
    (errors.collect(), report["verdict"].as_str().unwrap().to_owned())
}

/// Proposes each file alone, with whether it is an error.
fn judged(shop: &Shop, cases: &[(&str, &str, bool)]) {
    let wrong = cases.iter().enumerate().filter_map(|(at, (path, text, unread))| {
        let name = format!("p{at}");
        shop.propose(&name, &[(path, text)]);
        let report = found(&shop.judge(&name));
        let errors = if *unread { vec![format!("unread-flags {path}")] } else { Vec::new() };
        let expected = report.0 == errors && (report.1 == "invalid") == *unread;
        (!expected).then(|| format!("{path}: {text}: {report:?}"))
    });
    assert_eq!(wrong.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn a_layer_next_to_a_file_of_a_project() {
    let registry = "config/features.yml: registry";
    let shop = Shop::new(&[
        (CONFIG, &config("[config/features.yml]", "", registry)),
        ("config/features.yml", "search: true\ncart: false\n"),
        ("config/features-us.yml", "search: true\ncart: true\n"),
    ]);
    judged(
        &shop,
        &[
            ("config/features-eu.yml", "cart: true\n", true),
            ("config/features.eu.json", "{\"cart\": true}", true),
            ("config/prod.yml", "cart: true\n", true),
            ("config/production/features.yml", "cart: true\n", true),
            ("config/features-us.yml", "search: true\ncart: true\nnew: true\n", true),
            // Nobody gets anything by these.
            ("config/features-eu.yml", "cart: false\n", false),
            ("config/features-us.yml", "search: false\ncart: true\n", false),
            ("config/features-test.yml", "cart: true\n", false),
            ("config/features.example.yml", "cart: true\n", false),
            ("config/prod.yml", "host: x\nport: 1\n", false),
            ("config/database.yml", "cart: true\n", false),
            ("config/en.yml", "en: {title: a, hello: bb, search: Search, x: y}\n", false),
            ("config/de.json", "{\"search\": \"Suche\", \"cart\": \"Wagen\"}", false),
            ("config/eu.yml", "cart: true\n", true),
            ("package.json", "{\"cart\": true}", false),
        ],
    );
    // However long it is.
    let many = "# a line of words about these\n".repeat(20_000);
    shop.propose("long", &[("config/features-eu.yml", &format!("{many}cart: true\n"))]);
    assert_eq!(found(&shop.judge("long")).0, ["unread-flags config/features-eu.yml"]);
    let more = many.repeat(3);
    shop.propose("long-production", &[("config/prod.yml", &format!("{more}cart: true\n"))]);
    assert_eq!(found(&shop.judge("long-production")).0, ["unread-flags config/prod.yml"]);
    shop.propose("long-region", &[("config/us.yml", &format!("{more}cart: true\n"))]);
    assert_eq!(found(&shop.judge("long-region")).0, ["unread-flags config/us.yml"]);
    shop.propose("long-off", &[("config/features-eu.yml", &format!("{many}cart: false\n"))]);
    assert_eq!(found(&shop.judge("long-off")).0, Vec::<String>::new());
    // With flags of its own, larger than its format reads, and larger than anything is read.
    let own: String = (0..1_000).map(|at| format!("own_{at}: false\n")).collect();
    let large = "# a line of words about these\n".repeat(40_000);
    let over = "# a line of words about these\n".repeat(300_000);
    let others: Vec<String> = (0..120).map(|at| format!("config/a{at}.yml")).collect();
    for (name, text, is_read) in [("own", &own, true), ("large", &large, true), ("over", &over, false)] {
        for (value, unread) in [("true", true), ("false", !is_read)] {
            let text = format!("{text}cart: {value}\n");
            let mut files: Vec<(&str, &str)> = others.iter().map(|path| (path.as_str(), "x: 1\n")).collect();
            files.push(("config/features-eu.yml", &text));
            shop.propose(name, &files);
            let expected = if unread { vec!["unread-flags config/features-eu.yml"] } else { Vec::new() };
            assert_eq!(found(&shop.judge(name)).0, expected, "{name} {value}");
        }
    }
    // Together too much to be looked at.
    let many = format!("{}cart: false\n", "# a line of words about these\n".repeat(250_000));
    let paths: Vec<String> = (0..6).map(|at| format!("config/features-a{at}.yml")).collect();
    let files: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), many.as_str())).collect();
    shop.propose("together", &files);
    let report = shop.judge("together");
    assert_eq!(found(&report).0.len(), 2, "{report:#}");
    // The remedy works as it is written: the flags are reviewed.
    let own = "  config-features-eu-yml: {paths: [\"config/features-eu.yml\"], approvals: peer}\n";
    let formats = format!("{registry}, \"config/features-eu.yml\": registry");
    let named = config("[config/features.yml]", own, &formats);
    shop.propose("named", &[("config/features-eu.yml", "cart: true\n"), (CONFIG, &named)]);
    let report = shop.judge("named");
    assert_eq!(found(&report), (Vec::new(), "pending".to_owned()), "{report:#}");
    let help = {
        shop.propose("help", &[("config/features-eu.yml", "cart: true\n")]);
        shop.judge("help")["diagnostics"].to_string()
    };
    assert!(
        help.contains("config-features-eu-yml: {paths: [\\\"config/features-eu.yml\\\"], approvals: peer}"),
        "{help}"
    );
}

const FLAGS: &str = "apiVersion: core.openfeature.dev/v1beta1\nkind: FeatureFlag\nmetadata: {name: shop}\nspec:\n  flagSpec:\n    flags:\n      search: {state: DISABLED, variants: {on: true, off: false}, defaultVariant: on}\n";

#[test]
fn a_part_of_what_is_made_of_the_files_of_a_project() {
    let overlay = "resources: [../../base]\npatches:\n- {path: patch.json, target: {kind: FeatureFlag}}\nconfigMapGenerator:\n- {name: shop, envs: [shop.env]}\n";
    let patch = |state: &str| {
        format!("[{{\"op\": \"replace\", \"path\": \"/spec/flagSpec/flags/search/state\", \"value\": \"{state}\"}}]")
    };
    let files: &[(&str, &str)] = &[
        (CONFIG, &config("[\"k8s/**/*.y*ml\"]", "", "\"k8s/**/*.y*ml\": kubernetes")),
        ("k8s/base/flags.yaml", FLAGS),
        ("k8s/base/kustomization.yaml", "resources: [flags.yaml]\n"),
        ("k8s/overlays/prod/kustomization.yaml", overlay),
        ("k8s/overlays/prod/patch.json", &patch("DISABLED")),
        ("k8s/overlays/prod/shop.env", "FEATURE_CART=false\nHOST=x\n"),
    ];
    let shop = Shop::new(files);
    let (on, new) = (patch("ENABLED"), "resources: [../../base]\nnamespace: eu\n");
    let resource = serde_json::json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "feature-flags"}, "data": {"FEATURE_CART": "true"}
    });
    let (resource, off) = (resource.to_string(), resource.to_string().replace("true", "false"));
    judged(
        &shop,
        &[
            ("k8s/overlays/prod/patch.json", on.as_str(), true),
            ("k8s/overlays/prod/shop.env", "FEATURE_CART=true\nHOST=x\n", true),
            ("k8s/overlays/eu/Kustomization", new, true),
            ("deploy/eu/kustomization.yaml", "resources: [../../k8s/overlays/prod]\n", true),
            ("k8s/base/map.json", &resource, true),
            ("k8s/new/map.json", &resource, true),
            ("k8s/overlays/dev/Kustomization", new, false),
            ("k8s/base/map.json", &off, false),
            ("k8s/overlays/prod/shop.env", "FEATURE_CART=false\nHOST=y\n", false),
            ("k8s/base/dashboard.json", "{\"title\": \"x\"}", false),
            ("other/kustomization.yaml", "resources: [app.yaml]\n", false),
            ("other/shop.env", "FEATURE_CART=true\n", false),
        ],
    );
    // The remedy works.
    for (at, (path, text)) in
        [("k8s/overlays/eu/Kustomization", new), ("k8s/overlays/prod/patch.json", on.as_str())].into_iter().enumerate()
    {
        let own = format!("  own: {{paths: [\"{path}\"], approvals: peer}}\n");
        let formats = format!("\"k8s/**/*.y*ml\": kubernetes, \"{path}\": kubernetes");
        let name = format!("named{at}");
        shop.propose(&name, &[(path, text), (CONFIG, &config("[\"k8s/**/*.y*ml\"]", &own, &formats))]);
        let report = shop.judge(&name);
        assert_eq!(found(&report), (Vec::new(), "pending".to_owned()), "{report:#}");
    }
}

#[test]
fn a_layer_that_goes_or_cannot_be_read() {
    let registry = "config/features.yml: registry";
    let (main, eu) = ("config/features.yml", "config/features-eu.yml");
    let own: String = (0..50).map(|at| format!("host_{at}: a\n")).collect();
    let prod = format!("{own}search: {{host: x}}\n");
    let shop = Shop::new(&[
        (CONFIG, &config("[config/features.yml]", "", registry)),
        (main, "search: true\ncart: true\nfast: false\n"),
        (eu, "search: true\ncart: false\nfast: false\n"),
        ("config/features-broken.yml", "x: [\ncart: true\nfast: true\n"),
        ("config/features-held.yml", "x: [\ncart: false\ndisable_x: true\n"),
        ("config/prod.yml", &prod),
    ]);
    let wide: String = "cart: true\n".encode_utf16().flat_map(u16::to_le_bytes).map(char::from).collect();
    let prod_on = format!("{own}cart: true\n");
    judged(
        &shop,
        &[
            // Flags that the layer held off are on without it.
            (eu, "", true),
            (eu, "search: true\nfast: false\n", true),
            (eu, "search: true\n# cart: false\nfast: false\n", true),
            (eu, "cart: false\n", false),
            // Nobody knows what these say.
            (eu, "search: true\ncart: false\ncart: true\nfast: false\n", true),
            ("config/features-us.yml", "cart:\ttrue\n", true),
            ("config/features-us.yml", "a: 1\n---\ncart: true\n", true),
            ("config/features-us.yml", "cart: !env CART\n", true),
            ("config/features-us.yml", &wide, true),
            ("config/features-us.yml", "us:\n  cart: true\n", true),
            ("config/features-broken.yml", "x: [\ncart: true\nfast: true\ny: 1\n", true),
            ("config/features-broken.yml", "x: [\ncart: false\nfast: true\n", false),
            ("config/features-broken.yml", "", false),
            ("config/features-held.yml", "", true),
            ("config/features-held.yml", "cart: [\ndisable_x: true\n", true),
            ("config/features-held.yml", "x: [\ncart: false\ndisable_x: false\n", true),
            ("config/features-us.yml", "x: [\ncart: {disabled: false}\n", true),
            ("config/features-us.yml", "x: [\ncart: {enabled: true, seed: 0}\n", true),
            ("config/features-us.yml", "x: [\ncart: {enabled: false}\n", false),
            ("config/us.yml", "x: [\ncart: true\n", true),
            ("config/us.yml", "x: [\ncart: Cart\n", false),
            ("config/production.yml", "x: [\ncart: true\n", true),
            ("config/features-us.yml", "x: [\n", false),
            ("config/prod.yml", &prod_on, true),
            ("config/prod.yml", &prod.replace("x}", "y}"), false),
            ("config/prod.yml", "", false),
            ("config/prod.yml", "cart: <%= x %>\n<% end %>\n", false),
            // Called otherwise.
            ("config/featuresUs.yml", "cart: true\n", true),
            ("config/features2.yml", "cart: true\n", true),
            ("config/environments/production/features.yml", "cart: true\n", true),
            ("config/us.yml", "cart: true\n", true),
            ("config/features/us.yml", "cart: true\n", true),
            ("config/features.d/us.yml", "cart: true\n", true),
            ("config/us.yml", "cart: Cart\na: A\nb: B\n", false),
            ("Config/features-us.yml", "cart: true\n", true),
            ("config/features.bak.yml", "cart: true\n", false),
            ("docs/features-us.yml", "cart:\ttrue\n", false),
        ],
    );
    // The remedy of each works.
    let protected = format!("{}protect: [\"{eu}\"]\n", config("[config/features.yml]", "", registry));
    for (at, text) in ["", "cart: [\n"].into_iter().enumerate() {
        let name = format!("help{at}");
        shop.propose(&name, &[(eu, text)]);
        let help = shop.judge(&name)["diagnostics"].to_string();
        assert!(help.contains("protect: [\\\"config/features-eu.yml\\\"]"), "{help}");
        shop.propose(&name, &[(eu, text), (CONFIG, &protected)]);
        assert_eq!(found(&shop.judge(&name)), (Vec::new(), "pending".to_owned()), "{text}");
    }
}

#[test]
fn flags_inside_of_others_and_layers_in_other_folders() {
    let registry = "config/features.yml: registry";
    let shop = Shop::new(&[
        (CONFIG, &config("[config/features.yml]", "", registry)),
        ("config/features.yml", "search: true\ncart: true\nfast: false\n"),
        ("config/features-eu.yml", "eu: {de: {cart: false, search: true}}\n"),
        ("config/features-us.yml", "us: {cart: {enabled: true, users: [jo]}}\nfast: {enabled: true, users: [jo]}\n"),
        ("config/eu.yml", "cart: false\n"),
        ("config/overrides.yml", "cart: false\nhost: x\nport: 1\n"),
        ("config/prod.yml", "search: {host: x}\nother: y\n"),
        ("config/de.yml", "cart: Wagen\n"),
    ]);
    judged(
        &shop,
        &[
            ("config/features-eu.yml", "eu: {de: {cart: true, search: true}}\n", true),
            ("config/features-eu.yml", "eu: {de: {cart: false, search: false}}\n", false),
            ("config/features-eu.yml", "eu: {de: {search: true}}\n", true),
            ("config/features-eu.yml", "", true),
            ("config/features-eu.yml", "eu: {de: {disable_cart: {cart: false}}}\n", true),
            (
                "config/features-us.yml",
                "us: {cart: {enabled: false, users: [jo]}}\nfast: {enabled: false, users: [jo]}\n",
                false,
            ),
            (
                "config/features-us.yml",
                "us: {cart: {enabled: true, users: [jo, al]}}\nfast: {enabled: false, users: [jo]}\n",
                true,
            ),
            (
                "config/features-us.yml",
                "us: {cart: {enabled: true, users: [jo]}}\nfast: {enabled: false, users: [jo, al]}\n",
                true,
            ),
            ("config/features-x.yml", "shop: {features: {cart: true}}\n", true),
            ("config/production.yml", "shop: {features: {fast: true}}\na: 1\nb: 2\nc: 3\n", true),
            ("config/us.yml", "shop: {features: {fast: true}}\na: 1\nb: 2\nc: 3\n", true),
            ("config/us.yml", "shop: {features: {fast: Fast}}\na: 1\nb: 2\nc: 3\n", false),
            ("production/config/features.yml", "fast: true\n", true),
            ("config/overrides/features.yml", "fast: true\n", true),
            ("config/overrides/acme.yml", "fast: true\n", true),
            ("config/tenants/acme/features.yml", "fast: true\n", true),
            ("config/features.d/eu/acme.yml", "fast: true\n", true),
            ("config/fixtures/features.yml", "fast: true\n", false),
            ("config/tenants/acme/features.yml", "fast: false\n", false),
            ("config/eu.yml", "", true),
            ("config/de.yml", "", false),
            ("config/overrides.yml", "", true),
            ("config/overrides.yml", "host: x\nport: 1\n", true),
            ("config/overrides.yml", "cart: false\nhost: y\nport: 1\n", false),
            ("config/overrides.yml", "cart: true\nhost: y\nport: 1\n", true),
            // Settings of something that is called like a flag.
            ("config/prod.yml", "search: {host: y, port: 9200}\nother: y\n", false),
            ("config/prod.yml", "search: {enabled: true}\nother: y\n", true),
            ("config/prod.yml", "search: {host: x, enabled: yes}\nother: y\n", true),
        ],
    );
}

/// Below a name that takes something away, and in a file that is called so, false switches on.
#[test]
fn layers_that_take_away_and_words_of_layers() {
    let shop = Shop::new(&[
        (CONFIG, &config("[config/features.yml]", "", "config/features.yml: registry")),
        ("config/features.yml", "search: true\ncart: true\nfast: false\n"),
        ("config/features-eu.yml", "disabled: {cart: true, x: true}\nhide: {search: true}\nexcept: {cart: true}\n"),
        ("config/features-killed.yml", "eu: {cart: true}\nsearch: true\n"),
        ("config/disabled/features.yml", "search: true\n"),
        ("config/features-us.yml", "search: {percentage: 10}\n"),
        ("config/eu.yml", "cart: disabled\n"),
        ("config/us.yml", "cart: false\n"),
        ("config/prod.yml", "cart: false\n"),
    ]);
    let eu = "config/features-eu.yml";
    judged(
        &shop,
        &[
            (eu, "disabled: {cart: false, x: true}\nhide: {search: true}\nexcept: {cart: true}\n", true),
            (eu, "disabled: {x: true}\nhide: {search: true}\nexcept: {cart: true}\n", true),
            (eu, "disabled: {cart: true, x: true}\nhide: {search: false}\nexcept: {cart: true}\n", true),
            (eu, "disabled: {cart: true, x: true}\nexcept: {cart: true}\n", true),
            (eu, "disabled: {cart: true, x: true}\nhide: {search: true}\nexcept: {cart: false}\n", true),
            ("config/features-killed.yml", "eu: {cart: false}\nsearch: true\n", true),
            ("config/features-killed.yml", "eu: {cart: true}\n", true),
            ("config/disabled/features.yml", "", true),
            ("config/features-us.yml", "", true),
            ("config/eu.yml", "cart: enabled\n", true),
            ("config/eu.yml", "cart: 100\n", true),
            ("config/eu.yml", "cart: {status: enabled}\n", true),
            ("config/eu.yml", "cart: {visible: true}\n", true),
            ("config/eu.yml", "cart: Wagen\n", true),
            ("config/us.yml", "cart: null\n", true),
            ("config/us.yml", "cart: {}\n", true),
            ("config/prod.yml", "cart: ~\n", true),
        ],
    );
}

#[cfg(unix)]
#[test]
fn a_symlink_next_to_a_file_of_a_project() {
    let shop = Shop::new(&[
        (CONFIG, &config("[config/features.yml]", "", "config/features.yml: registry")),
        ("config/features.yml", "search: true\ncart: false\n"),
    ]);
    shop.commit(&[("config/x/y.txt", "x"), ("docs/features.md", "x"), ("README.md", "x")]);
    for (path, target, unread) in [
        ("config/features-eu.yml", "features.yml", true),
        ("config/eu.yml", "features.yml", true),
        ("config/overrides.yml", "features.yml", true),
        ("config/acme/features.yml", "../features.yml", true),
        ("config/production", "x", true),
        ("config/features.d", "x", true),
        ("config/overrides", "x", true),
        ("config/tenants", "x", true),
        ("production", "config/x", true),
        ("config/z", "features.yml", false),
        ("config/features", "features.yml", false),
        ("config/features.md", "../docs/features.md", false),
        ("config/README", "../README.md", false),
        ("config/database.yml", "features.yml", false),
        ("docs/features.yml", "../config/features.yml", false),
        ("latest", "docs", false),
    ] {
        shop.propose("link", &[("docs/x.txt", "x")]);
        let link = shop.dir().join(path);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, link).unwrap();
        shop.commit(&[]);
        let expected = if unread { vec![format!("unread-flags {path}")] } else { Vec::new() };
        assert_eq!(found(&shop.judge("link")).0, expected, "{path}");
    }
    // A submodule, new and with other content.
    for (path, unread) in [("config/tenants", true), ("overrides", true), ("third_party/x", false)] {
        std::fs::create_dir_all(shop.dir().join(path)).unwrap();
        shop.git(&["checkout", "-q", "-B", "submodule", "main"]);
        for (name, digit) in [("new", "1"), ("other", "2")] {
            let entry = format!("160000,{},{path}", digit.repeat(40));
            shop.git(&["update-index", "--add", "--cacheinfo", &entry]);
            shop.git(&["commit", "-q", "-m", name]);
            shop.git(&["branch", "-q", "-f", name]);
        }
        let expected = if unread { vec![format!("unread-flags {path}")] } else { Vec::new() };
        assert_eq!(found(&shop.judge("new")).0, expected, "{path}");
        shop.git(&["checkout", "-q", "main"]);
        shop.merge("new");
        assert_eq!(found(&shop.judge("other")).0, expected, "{path}");
    }
}
