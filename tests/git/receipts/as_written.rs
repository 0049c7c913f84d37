//! Receipts say what the files say: whoever verifies has one side of a change, and a review both.

use super::wholes::coverage;
use super::{CONFIG, Shop};

const PATH: &str = "f/a.yml";

fn shop() -> Shop {
    let mut shop = Shop::new();
    let config = format!(
        "{CONFIG}  app: {{paths: [\"f/*\"], approvals: peer}}\nformats: {{\"f/*.json\": flagd, \"f/*.yml\": registry}}\n"
    );
    shop.commit("app", &[(".countersign/config.yaml", Some(&config))]);
    shop.receipt(&["root"]);
    shop
}

/// A word that readers take for different things: off in a review, which knows that it was on, and unknown by itself.
#[test]
fn what_is_off_by_a_word_is_unknown_by_itself() {
    for (on, off) in [("a: on\nb: true\n", "a: off\nb: true\n"), ("a: {enabled: yes}\n", "a: {enabled: no}\n")] {
        let mut shop = shop();
        let is = |shop: &Shop| coverage(shop, &["--rev", "main"], "app/a");
        shop.commit("on", &[(PATH, Some(on))]);
        shop.receipt(&["alice"]);
        assert_eq!(is(&shop), "countersigned");
        shop.commit("off", &[(PATH, Some(off))]);
        shop.receipt(&[]);
        assert_eq!(is(&shop), "countersigned", "{off}");
        assert_eq!(shop.run(&["audit", "start..main", "--receipts", "--exit-code"]).0, 0, "{off}");
        // Back by a push, which nobody approved.
        shop.commit(
            "pushed",
            &[(PATH, Some(&off.replace("b: true", "b: false").replace("off", "y").replace("no", "y")))],
        );
        assert_eq!(is(&shop), "nobody", "{off}");
    }
}

/// The map around all flags is a part of each where it changes, and not of a file that is read by itself.
#[test]
fn what_is_around_flags_is_no_part_of_them() {
    let mut shop = shop();
    shop.commit("on", &[(PATH, Some("features: {a: true, b: true}\n"))]);
    shop.receipt(&["alice"]);
    shop.commit("around", &[(PATH, Some("flags: {a: true, b: true}\n"))]);
    shop.receipt(&["alice"]);
    assert_eq!(coverage(&shop, &["--rev", "main"], "app/a"), "countersigned");
    assert_eq!(shop.run(&["audit", "start..main", "--receipts", "--exit-code"]).0, 0);
}

/// Of a file that nobody can approve, others may read another content of each flag in it, also of one that says the
/// same to us.
#[test]
fn flags_next_to_a_mistake_are_not_known() {
    let flagd = |more: &str, two: &str| {
        let flag = |on: &str| {
            format!("{{\"state\":\"ENABLED\",\"variants\":{{\"on\":true,\"off\":false}},\"defaultVariant\":\"{on}\"}}")
        };
        format!("{{{more}\"flags\":{{\"go\":{},\n\"two\":{}}}}}\n", flag("on"), flag(two))
    };
    let (path, wrong) = ("f/f.json", "\"x\":{\"flags\":{}},");
    let mut shop = shop();
    let is = |shop: &Shop| ["app/go", "app/two"].map(|name| coverage(shop, &["--rev", "main"], name));
    shop.commit("go", &[(path, Some(&flagd("", "on")))]);
    shop.receipt(&["alice"]);
    assert_eq!(is(&shop), ["countersigned", "countersigned"]);
    shop.commit("wrong", &[(path, Some(&flagd(wrong, "off")))]);
    shop.receipt(&["alice"]);
    assert_eq!(is(&shop), ["nobody", "nobody"]);
    shop.commit("right", &[(path, Some(&flagd("", "off")))]);
    shop.receipt(&["alice"]);
    assert_eq!(is(&shop), ["countersigned", "nobody"]);
    shop.commit("back", &[(path, Some(&flagd("", "on")))]);
    shop.receipt(&["alice"]);
    assert_eq!(is(&shop), ["countersigned", "countersigned"]);
    // Nobody approved the second merge; all others are as their receipts say.
    let said = shop.run(&["audit", "start..main", "--receipts"]).1;
    assert!(said.contains("1 unapproved") && !said.contains("than git"), "{said}");
}
