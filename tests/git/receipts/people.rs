//! People: one login is one person, in whatever letters and with however many keys.

use std::fs;

use super::signed::{approve, check};
use super::{CONFIG, Shop, flag};
use crate::git::git;

/// The lines of a trust that say who approves.
type Lines<'l> = &'l dyn Fn(&Shop) -> String;

/// A proposal that needs two people, where these lines say who approves.
fn two_needed(approvers: Lines<'_>, config: &str) -> Shop {
    let mut shop = Shop::new();
    let (ci, lines) = (shop.public("ci"), approvers(&shop));
    let trust = format!(
        "version: 1\nrepository: acme/shop\nreceipts: ['ci@acme.example {ci}']\napprovers: [{lines}]\npeople: {{jo: [jo@example.com]}}\n"
    );
    shop.commit(
        "two",
        &[
            (".countersign/config.yaml", Some(config)),
            (".countersign/APPROVERS", Some("[Two][2]\n/flags/checkout/ @alice @bob\n")),
            (".countersign/trust.yaml", Some(&trust)),
            ("flags/checkout/buy.yaml", Some(&flag("buy", 20))),
        ],
    );
    git(&shop.dir, &["switch", "-q", "-c", "proposal"]);
    shop.flag("buy", 50);
    shop
}

/// Two spellings of a login are one person, with one key or two, for approvals and for a broken glass.
#[test]
fn a_login_in_two_spellings_is_one_person() {
    let glass = CONFIG.replace("\"@root\"", "\"@alice\"") + "break-glass: {by: admins, people: 2, review-within: 3d}\n";
    let one_key = |shop: &Shop| format!("'alice,Alice {}'", shop.public("alice"));
    let two_keys = |shop: &Shop| format!("'alice {}', 'Alice {}'", shop.public("alice"), shop.public("laptop"));
    let two_lines = |shop: &Shop| format!("'ALICE {}', 'alice {}'", shop.public("alice"), shop.public("alice"));
    let cases: [(Lines<'_>, &[&str]); 3] =
        [(&one_key, &["alice"]), (&two_keys, &["alice", "laptop"]), (&two_lines, &["alice"])];
    for (lines, keys) in cases {
        let shop = two_needed(lines, &glass);
        for key in keys {
            let (code, _, err) = approve(&shop, key, &[]);
            assert_eq!(code, 0, "{err}");
        }
        let (verdict, by, _) = check(&shop);
        assert_eq!((verdict.as_str(), by), ("pending", vec!["alice".to_owned()]), "{keys:?}");
        for key in keys {
            approve(&shop, key, &["--break-glass", "--note", "it is down"]);
        }
        assert_eq!(check(&shop).0, "pending", "{keys:?}");
    }
    // A second person is one.
    let shop = two_needed(&|shop| format!("{}, 'Bob {}'", two_keys(shop), shop.public("bob")), CONFIG);
    for key in ["alice", "laptop", "bob"] {
        approve(&shop, key, &[]);
    }
    let (verdict, by, _) = check(&shop);
    assert_eq!((verdict.as_str(), by), ("approved", vec!["alice".to_owned(), "bob".to_owned()]));
    // A flag that one of the two keys rejects is rejected by the person.
    approve(&shop, "laptop", &["--reject"]);
    assert_eq!(check(&shop).0, "rejected");
    assert!(fs::exists(shop.path("laptop")).unwrap());
}
