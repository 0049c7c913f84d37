//! Disguised folders: a link, a submodule or a file that takes the place of managed files on machines where case does
//! not count.

use serde_json::Value;

use super::Shop;
use super::flag;
use crate::git::git;

/// The answers of `check` and `verify` for a commit with these entries (mode, content or id, path) on top of main.
fn said(shop: &mut Shop, entries: &[(&str, &str, &str)]) -> (i32, i32, Value) {
    git(&shop.dir, &["switch", "-q", "-C", "other", "main"]);
    shop.write(&[("elsewhere/buy.yaml", Some(&flag("buy", 99)))]);
    git(&shop.dir, &["add", "-A"]);
    for (mode, content, path) in entries {
        let id = if *mode == "160000" {
            git(&shop.dir, &["rev-parse", "main"])
        } else {
            std::fs::write(shop.path("content"), content).unwrap();
            git(&shop.dir, &["hash-object", "-w", shop.path("content").to_str().unwrap()])
        };
        git(&shop.dir, &["update-index", "--add", "--replace", "--cacheinfo", &format!("{mode},{id},{path}")]);
    }
    git(&shop.dir, &["commit", "-q", "-m", "entries"]);
    let (check, _, _) = shop.run(&["check", "--base", "main", "--head", "other", "--exit-code"]);
    let (verify, said) = shop.verify(&["--rev", "other", "--branch", "main"]);
    git(&shop.dir, &["reset", "-q", "--hard", "main"]);
    git(&shop.dir, &["switch", "-q", "main"]);
    (check, verify, said["unread"].clone())
}

/// A name that folds to the folder of managed files is no way around it.
#[test]
fn nothing_takes_the_place_of_a_folder() {
    let mut shop = Shop::new();
    shop.flag("buy", 20);
    shop.receipt(&["alice"]);
    let entries = [
        ("120000", "../elsewhere", "flags/Checkout"),
        ("120000", "../elsewhere", "flags/chec\u{212a}out"),
        ("120000", "elsewhere", "Flags"),
        ("120000", "elsewhere", "flag\u{17f}"),
        ("160000", "", "flags/chec\u{212a}out"),
        ("160000", "", "FLAGS"),
        ("100644", "x", "flags/Checkout"),
        ("120000", "../elsewhere", "flags/checkout\u{200d}"),
        ("120000", "../elsewhere", "flags/checkout."),
        ("120000", "elsewhere", ".Countersign"),
        ("120000", "elsewhere", ".counter\u{17f}ign"),
        ("100644", "key: buy\n", "flags/checkout./buy.yaml"),
        ("100644", "key: buy\n", "flags/checkout\u{200d}/buy.yaml"),
        ("100644", "key: buy\n", "flag\u{17f}/checkout/buy.yaml"),
    ];
    for entry in entries {
        let (check, verify, unread) = said(&mut shop, &[entry]);
        assert_eq!((check, verify), (3, 1), "{entry:?}: {unread}");
        assert!(unread.to_string().contains(entry.2), "{entry:?}: {unread}");
    }
    // A link that has another name on every machine is in nobody's way.
    for entry in [("120000", "elsewhere", "flags2"), ("100644", "x", "flags/Checkouts"), ("120000", "x", "docs/Flags")]
    {
        let (check, verify, unread) = said(&mut shop, &[entry]);
        assert_eq!((check, verify, unread), (0, 0, serde_json::json!([])), "{entry:?}");
    }
}
