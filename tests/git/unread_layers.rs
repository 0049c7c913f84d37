//! Names and values of layers: what may switch a flag on in one, and what only switches off or says nothing of flags.

use crate::shop::Shop;
use crate::unread::{CONFIG, config, found};

/// Changes many files at once, each in a folder with its own flags: its path, its content before and after, and whether
/// it is an error.
fn changed(cases: &[(&str, &str, &str, bool)]) {
    let shop =
        Shop::new(&[(CONFIG, &config("[\"*/config/features.yml\"]", "", "\"*/config/features.yml\": registry"))]);
    let path = |at: usize, path: &str| format!("c{at:03}/{path}");
    let all = cases.iter().enumerate();
    let flags = all
        .clone()
        .map(|(at, _)| (path(at, "config/features.yml"), "search: true\ncart: true\nfast: false\ndisable_x: false\n"));
    let before = all.clone().map(|(at, (name, before, ..))| (path(at, name), *before));
    let before: Vec<(String, &str)> = flags.chain(before.filter(|(_, text)| !text.is_empty())).collect();
    shop.commit(&before.iter().map(|(path, text)| (path.as_str(), *text)).collect::<Vec<_>>());
    let after: Vec<(String, &str)> = all.clone().map(|(at, (name, _, after, _))| (path(at, name), *after)).collect();
    shop.propose("all", &after.iter().map(|(path, text)| (path.as_str(), *text)).collect::<Vec<_>>());
    let report = shop.judge("all");
    let errors = found(&report).0;
    for (at, (name, before, after, unread)) in all {
        let is_error = errors.contains(&format!("unread-flags {}", path(at, name)));
        assert_eq!(is_error, *unread, "{name}: {before} -> {after}");
    }
}

#[test]
fn lists_and_words_in_layers() {
    changed(&[
        ("config/features-eu.yml", "enabled: []\n", "enabled: [cart]\n", true),
        ("config/eu.yml", "enabled: []\n", "enabled: [cart]\n", true),
        ("config/prod.yml", "enabled: []\nhost: x\n", "enabled: [cart]\nhost: x\n", true),
        ("config/prod.yml", "features: []\nhost: x\n", "features: [cart]\nhost: x\n", true),
        ("config/prod.yml", "features: [cart]\nhost: x\n", "features: []\nhost: x\n", false),
        ("config/features-eu.yml", "- {name: cart, enabled: false}\n", "- {name: cart, enabled: true}\n", true),
        ("config/features-eu.yml", "- {name: cart, enabled: true}\n", "- {name: cart, enabled: false}\n", false),
        ("config/eu.yml", "flags:\n- {name: cart, enabled: false}\n", "flags:\n- {name: cart, enabled: true}\n", true),
        (
            "config/prod.yml",
            "host: x\nflags:\n- {name: cart, enabled: false}\n",
            "host: x\nflags:\n- {name: cart, enabled: true}\n",
            true,
        ),
        ("config/prod.yml", "- {name: cart, enabled: false}\n", "- {name: cart, enabled: true}\n", true),
        ("config/prod.yml", "cart: \"0%\"\n", "cart: \"100%\"\n", true),
        ("config/prod.yml", "cart: none\n", "cart: all\n", true),
        ("config/eu.yml", "cart: \"0%\"\n", "cart: \"100%\"\n", true),
        ("config/eu.yml", "cart: none\n", "cart: all\n", true),
        ("config/eu.yml", "cart: {rollout: \"0%\"}\n", "cart: {rollout: \"100%\"}\n", true),
        ("config/eu.yml", "cart: {rollout: none}\n", "cart: {rollout: everyone}\n", true),
    ]);
}

#[test]
fn layers_of_any_name() {
    changed(&[
        ("config/features-ab-test.yml", "", "cart: true\n", true),
        ("config/features.yml.erb", "", "cart: true\n", true),
        (
            "config/features.yml.erb",
            "cart: <%= ENV['X'] %>\nfast: false\n",
            "cart: <%= ENV['X'] %>\nfast: true\n",
            true,
        ),
        ("config/features.yml.tmpl", "", "cart: true\nfast: {{ .X }}\n", true),
        ("config/features.yml.bak", "", "cart: true\n", false),
        ("config/features.yml.md", "", "about\n", false),
        ("config/features-dev-portal.yml", "", "fast: true\n", true),
        ("config/features-dev.yml", "", "fast: true\n", false),
        ("config/features-eu-dev.yml", "", "fast: true\n", false),
        ("config/features-test.yml", "", "fast: true\n", false),
        ("config/dev.yml", "", "fast: true\n", false),
        ("config/dev/features.yml", "", "fast: true\n", false),
        ("test/config/features.yml", "", "fast: true\n", false),
        ("dev-portal/config/features.yml", "", "fast: true\n", true),
        ("config/features.test.yml", "", "fast: true\n", false),
    ]);
}

#[test]
fn files_that_are_no_layers() {
    changed(&[
        ("config/en.yml", "", "cart: {enabled: \"Switched on\", disabled: \"Switched off\"}\n", false),
        ("config/en.yml", "", "cart: {enabled: \"Enabled\", disabled: \"Disabled\"}\n", false),
        ("config/en.yml", "", "cart: {active: \"Active\"}\n", false),
        (
            "config/en.yml",
            "",
            "en:\n  cart:\n    status: {active: Active, inactive: Inactive}\n  search: {title: Search}\n",
            false,
        ),
        ("config/de.yml", "", "cart: {enabled: \"Eingeschaltet\"}\n", false),
        ("config/en/features.yml", "", "cart: {enabled: \"Switched on now\"}\n", false),
        ("config/prod.yml", "services: {search: {replicas: 2}}\n", "services: {search: {replicas: 3}}\n", false),
        ("config/prod.yml", "replicas: {search: 2}\n", "replicas: {search: 3}\n", false),
        ("config/prod.yml", "search: {replicas: 2, host: x}\n", "search: {replicas: 3, host: x}\n", false),
        ("config/prod.yml", "search: {host: x, tls: false}\n", "search: {host: x, tls: true}\n", false),
        ("config/prod.yml", "search: {host: x}\nx: {\n", "search: {host: y}\nx: {\n", false),
        ("config/overrides/eslint.json", "", "{\"rules\": {\"semi\": \"off\", \"fast\": [\"error\", 2]}}", false),
        (
            "config/overrides/eslint.json",
            "",
            "// x\n{\"rules\": {\"semi\": \"error\"}, \"env\": {\"es6\": true}}",
            false,
        ),
        ("overrides/eslint.json", "", "{\"root\": true, \"rules\": {\"no-console\": \"off\"}}", false),
        ("schemas/config/features.yml", "", "type: object\nproperties: {name: {type: string}}\nstrict: true\n", false),
        ("config/schemas/features.yml", "", "type: object\nproperties: {search: {type: boolean}}\n", false),
        (
            "config/schemas/features.json",
            "",
            "{\"type\": \"object\", \"properties\": {\"search\": {\"type\": \"boolean\", \"default\": true}}}",
            true,
        ),
        ("config/templates/features.yml", "", "title: Our features\nlist: true\n", false),
        ("testdata/config/features.yml", "", "a: true\nb: false\n", false),
        ("cypress/config/features.yml", "", "video: true\nretries: 2\n", false),
        ("storybook/config/features.yml", "", "docs: true\n", false),
        (".github/config/features.yml", "", "labels: true\n", false),
        ("k8s/config/features.yml", "", "replicas: 2\nenabled: true\n", false),
        (
            "config/features-docs.yml",
            "",
            "search: {title: Search, text: \"What the search finds, in words\"}\ncart: \"The cart of the shop\"\n",
            false,
        ),
        (
            "config/features-docs.yml",
            "",
            "search: {docs: docs/search.md}\ncart: {link: \"https://x.example/cart\"}\n",
            false,
        ),
        ("config/features-types.json", "", "{\"search\": \"boolean\", \"cart\": \"boolean\"}", false),
        (
            "config/features-types.json",
            "",
            "{\"search\": {\"type\": \"boolean\"}, \"cart\": {\"type\": \"boolean\"}}",
            false,
        ),
        ("config/features.en.json", "{\"search\": \"Search\", \"cart\": \"Cart\"}", "", false),
        (
            "config/features.en.json",
            "{\"search\": {\"title\": \"Search it\"}, \"cart\": {\"title\": \"The cart\"}}",
            "",
            false,
        ),
    ]);
}

#[test]
fn layers_that_only_switch_off() {
    changed(&[
        ("config/features-eu.yml", "cart: \"on\"\n", "cart: \"off\"\n", false),
        ("config/features-eu.yml", "cart: \"off\"\n", "cart: \"on\"\n", true),
        ("config/features-eu.yml", "cart: 50\n", "cart: 0\n", false),
        ("config/features-eu.yml", "cart: 0\n", "cart: 50\n", true),
        ("config/features-eu.yml", "cart: [jo]\n", "cart: []\n", false),
        ("config/features-eu.yml", "cart: []\n", "cart: [jo]\n", true),
        ("config/features-eu.yml", "", "eu: {cart: {disabled: true}}\n", false),
        ("config/features-eu.yml", "eu: {cart: {disabled: false}}\n", "eu: {cart: {disabled: true}}\n", false),
        ("config/features-eu.yml", "eu: {cart: {disabled: true}}\n", "eu: {cart: {disabled: false}}\n", true),
        ("config/features-eu.yml", "cart: {tenants: [acme]}\n", "cart: {tenants: []}\n", false),
        ("config/features-eu.yml", "cart: {tenants: []}\n", "cart: {tenants: [acme]}\n", true),
        ("config/features-eu.yml", "cart: {overrides: {acme: true}}\n", "cart: {overrides: {}}\n", false),
        (
            "config/features-eu.yml",
            "cart: {enabled: false, overrides: {acme: true}}\n",
            "cart: {enabled: false, overrides: {}}\n",
            false,
        ),
        ("config/features-eu.yml", "cart: {overrides: {}}\n", "cart: {overrides: {acme: true}}\n", true),
        ("config/features-eu.yml", "cart: {overrides: {acme: false}}\n", "cart: {overrides: {}}\n", true),
        ("config/features-eu.yml", "overrides: {acme: {cart: true}}\n", "overrides: {}\n", false),
        ("config/features-eu.yml", "cart: {enabled: true, users: [jo]}\n", "cart: {enabled: true}\n", true),
        ("config/features-eu.yml", "cart: {enabled: true, users: [jo]}\n", "cart: {enabled: true, users: []}\n", true),
        (
            "config/features-eu.yml",
            "cart: {enabled: true, users: [jo, al]}\n",
            "cart: {enabled: true, users: [jo]}\n",
            false,
        ),
        (
            "config/features-eu.yml",
            "cart: {enabled: true, percentage: 50}\n",
            "cart: {enabled: true, percentage: 0}\n",
            false,
        ),
        (
            "config/features-eu.yml",
            "cart: {enabled: true, internal_only: true}\n",
            "cart: {enabled: true, internal_only: false}\n",
            true,
        ),
        (
            "config/features-eu.yml",
            "cart: {enabled: true, staff: true}\n",
            "cart: {enabled: true, staff: false}\n",
            true,
        ),
        ("config/prod.yml", "cart: \"on\"\nhost: x\n", "cart: \"off\"\nhost: x\n", false),
        ("config/prod.yml", "cart: 50\nhost: x\n", "cart: 0\nhost: x\n", false),
        ("config/eu.yml", "cart: [jo]\n", "cart: []\n", false),
        ("config/eu.yml", "cart: {tenants: [acme]}\n", "cart: {tenants: []}\n", false),
        ("config/features-eu.yml", "cart: {status: enabled}\n", "cart: {status: disabled}\n", false),
        ("config/features-eu.yml", "cart: {status: disabled}\n", "cart: {status: enabled}\n", true),
        ("config/features-eu.yml", "cart: true\n", "cart: \"false\"\n", true),
        ("config/features-eu.yml", "cart: \"100%\"\n", "cart: \"0%\"\n", false),
        ("config/features-eu.yml", "enabled: [cart, search]\n", "enabled: [search]\n", false),
        ("config/features-eu.yml", "disabled: [cart]\n", "disabled: []\n", true),
        ("config/features-eu.yml", "disabled: []\n", "disabled: [cart]\n", false),
        (
            "config/features-eu.yml",
            "cart: {a: x, enabled: true}\nfast: false\n",
            "fast: false\ncart: {enabled: true, a: x}\n",
            false,
        ),
        ("config/features-eu.yml", "cart: all\n", "cart: none\n", false),
    ]);
}

#[test]
fn values_that_may_be_switches() {
    changed(&[
        ("config/features-eu.yml", "", "cart: treatment\n", true),
        ("config/features-eu.yml", "", "new: true\n", false),
        ("config/features-eu.yml", "search: true\n", "search: true\nnew: true\n", true),
        ("config/features-eu.yml", "", "cart: {rules: [\"country == de\"]}\n", true),
        (
            "config/features-eu.yml",
            "cart: {rule: \"country is de or at\"}\n",
            "cart: {rule: \"country is de or at or us\"}\n",
            true,
        ),
        ("config/overrides.yml", "", "cart: {acme: true}\n", true),
        ("config/prod.yml", "", "cart: {eu: true}\nhost: x\n", true),
        ("config/features-eu.yml", "", "cart.enabled: true\n", true),
        ("config/prod.yml", "", "cart.enabled: true\nhost: x\n", true),
        ("config/features-eu.yml", "", "enabled: cart\n", true),
        ("config/features-eu.json", "{\"cart\": false}", "{\"cart\": true}", true),
        ("config/features-eu.yml", "cart: false\n---\nx: 1\n", "cart: true\n---\nx: 1\n", true),
    ]);
}

/// Names around a flag, and members next to its switch, that may give users something.
#[test]
fn values_next_to_others() {
    changed(&[
        (
            "config/features-eu.yml",
            "cart: {enabled: true, percentage: 50}\n",
            "cart: {enabled: true, percentage: 0, rollout: 100}\n",
            true,
        ),
        (
            "config/features-eu.yml",
            "cart: {percentage: 50, rollout: 0}\n",
            "cart: {percentage: 0, rollout: 100}\n",
            true,
        ),
        (
            "config/features-eu.yml",
            "cart: {enabled: true, production: {rollout: 0}}\n",
            "cart: {enabled: false, production: {rollout: 100}}\n",
            true,
        ),
        ("config/features-eu.yml", "cart: {enabled: true, beta: true}\n", "cart: {enabled: true, beta: false}\n", true),
        ("config/features-eu.yml", "no: {cart: false}\n", "no: {cart: true}\n", true),
        ("config/features-eu.yml", "beta_only: {cart: false}\n", "beta_only: {cart: true}\n", true),
        ("config/features-eu.yml", "enabled: \"fast\"\n", "enabled: \"fast,cart\"\n", true),
        ("config/features-eu.yml", "disable_x: true\nfast: false\n", "fast: false\n", true),
        ("config/features-eu.yml", "disable_x: false\nfast: false\n", "fast: false\n", false),
        ("config/features-eu.yml", "disabled: {cart: false}\n", "disabled: {cart: true}\n", false),
        ("config/features-eu.yml", "disabled: {cart: true}\n", "disabled: {cart: false}\n", true),
        (
            "config/features-eu.yml",
            "cart: {production: true, staging: true}\n",
            "cart: {production: false, staging: true}\n",
            false,
        ),
        ("config/features-eu.yml", "", "cart: eu/beta\n", true),
        ("config/features-eu.yml", "cart: [control, treatment]\n", "cart: [treatment]\n", true),
    ]);
}

/// The remedy of a layer is a project of its own: a flag that is off goes from it only with an approval from then on.
#[test]
fn an_off_flag_that_goes_from_a_layer_with_a_project() {
    for path in [
        "config/features-eu.yml",
        "config/features2.yml",
        "config/featuresEu.yml",
        "config/prod.yml",
        "config/eu.yml",
        "config/overrides.yml",
        "config/overrides/acme.yml",
        "config/tenants/acme/features.yml",
    ] {
        let own = format!("  own: {{paths: [\"{path}\"], approvals: peer}}\n");
        let formats = format!("config/features.yml: registry, \"{path}\": registry");
        let shop = Shop::new(&[
            (CONFIG, &config("[config/features.yml]", &own, &formats)),
            ("config/features.yml", "search: true\ncart: true\nfast: false\n"),
            (path, "cart: false\nfast: false\n"),
        ]);
        for (text, verdict) in [("fast: false\n", "pending"), ("cart: false\n", "not-required")] {
            shop.propose("gone", &[(path, text)]);
            assert_eq!(found(&shop.judge("gone")), (Vec::new(), verdict.to_owned()), "{path}: {text}");
        }
    }
}

/// Flags that only a layer has, people by a string, limits that go, and members next to a switch.
#[test]
fn more_of_layers_that_lets_somebody_in() {
    const PRODUCTION: &str = "config/features.production.yml";
    changed(&[
        (PRODUCTION, "", "checkout: {enabled: true}\n", true),
        (PRODUCTION, "checkout: false\n", "checkout: true\n", true),
        (PRODUCTION, "checkout: true\n", "checkout: false\n", false),
        (PRODUCTION, "flags: {pay: false, stay: true}\n", "flags: {pay: true, stay: true}\n", true),
        (PRODUCTION, "cart: true\na: false\nb: false\nc: false\n", "cart: true\na: true\nb: false\nc: false\n", true),
        (PRODUCTION, "search_enabled: false\n", "search_enabled: true\n", true),
        ("config/production/features.yml", "enable_search: false\n", "enable_search: true\n", true),
        (PRODUCTION, "search: {enabled: false}\n", "search: {enabled: false, users: jo}\n", true),
        ("config/eu.yml", "search: {enabled: true}\n", "search: {enabled: false, users: jo}\n", true),
        ("config/overrides.yml", "search: {enabled: true}\n", "search: {enabled: false, allow: \"jo,al\"}\n", true),
        ("config/eu.yml", "search: {enabled: true}\n", "search: {enabled: false, fallback: v2}\n", true),
        ("config/eu.yml", "search: {enabled: true}\n", "search: {enabled: false, reason: broken}\n", false),
        (
            "config/eu.yml",
            "search: {enabled: true, users: [jo, \"!al\"]}\n",
            "search: {enabled: true, users: [jo]}\n",
            true,
        ),
        (
            "config/eu.yml",
            "search: {enabled: true, users: [jo, not_al]}\n",
            "search: {enabled: true, users: [jo]}\n",
            true,
        ),
        (
            "config/eu.yml",
            "search: {enabled: true, users: [jo, al]}\n",
            "search: {enabled: true, users: [jo]}\n",
            false,
        ),
        (
            "config/overrides/acme.yml",
            "search: {enabled: true, except: [jo, al]}\n",
            "search: {enabled: true, except: [jo]}\n",
            true,
        ),
        (
            "config/prod.yml",
            "search: {enabled: true, variants: {a: 100, b: 0}}\n",
            "search: {enabled: true, variants: {a: 0, b: 100}}\n",
            true,
        ),
        (
            "config/eu.yml",
            "search: {enabled: true, start: 2030-01-01}\n",
            "search: {enabled: true, start: 2020-01-01}\n",
            true,
        ),
        (
            "config/eu.yml",
            "search: {enabled: true, start: 2030-01-01}\n",
            "search: {enabled: false, start: 2030-01-01}\n",
            false,
        ),
    ]);
}
