//! Further ways to a success status that nobody approved: proofs that prove nothing, and rights that are gone.

use countersign::github::record::ApprovalRecord;

use crate::github::fake::{Event, Fake};
use crate::github::stories::steps::*;

const US: &str = "github-actions[bot]";

/// A status in our name, as another workflow of the repository sets it, with an address that somebody chose.
fn forge(fake: &Fake, sha: &str, context: &str, checksum: &str) {
    let mut world = fake.world();
    assert!(world.status(US, sha, context, "success", None));
    let target = format!("https://github.com/acme/shop/pull/1?countersign=v1.0.0.0.0.1.{checksum}");
    world.statuses.last_mut().unwrap().target_url = Some(target);
}

/// A comment in our name says that this content was displayed before it was approved, and a status in our name bears
/// its checksum: a status of another workflow, which is none of the gate's.
#[test]
fn a_checksum_in_a_status_that_is_not_the_gates() {
    for context in ["lint", "Countersign", "count", "countersign-lint/main"] {
        let fake = shop();
        let number = raise(&fake, "jo", "more", 50);
        let like = opened(&fake, "kim", "like", 50);
        let body = comment(&fake, like);
        fake.world().close(like, "kim");
        let forged = fake.world().comment(number, US, &body);
        fake.world().approve(number, "alice");
        forge(&fake, &head(&fake, number), context, &ApprovalRecord::checksum(&body, number, forged));
        let named = body.rsplit_once("checksumOn\":\"").unwrap().1[..40].to_owned();
        forge(&fake, &named, context, &ApprovalRecord::checksum(&body, number, forged));
        after(&fake, "opened", number);
        is(&fake, number, "pending", AWAITS);
        approve(&fake, number, "alice");
        is(&fake, number, "success", "approved by alice (1 flag)");
    }
}

/// Our comment, changed by another workflow in our name: what people see, or what it remembers of notices. It is
/// written anew, and what was displayed is not known.
#[test]
fn our_comment_changed_in_our_name() {
    for (is_there, instead) in
        [("`20` → `50`", "`20` → `21`"), ("\"requestedFor\"", "\"notified\":[\"0a0a0a0a\"],\"requestedFor\"")]
    {
        let fake = shop();
        let number = opened(&fake, "jo", "more", 50);
        let (id, body) = {
            let world = fake.world();
            let ours = world.comments_of(number).into_iter().find(|it| it.author == US).unwrap();
            (ours.id, ours.body.clone())
        };
        assert!(body.contains(is_there), "{body}");
        fake.world().edit_comment(id, US, &body.replace(is_there, instead));
        approve(&fake, number, "alice");
        is(&fake, number, "pending", AWAITS);
        assert!(!fake.world().comments.contains_key(&id), "it is written anew");
        // Put back as it was, it is ours again, and what stood there in between still is not known.
        approve(&fake, number, "alice");
        is(&fake, number, "success", "approved by alice (1 flag)");
    }
}

/// A record that stood in our comment for a while, and is not there any more: the record says nothing of it, GitHub's
/// history does.
#[test]
fn an_edit_that_was_taken_back() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    approve(&fake, number, "carol");
    let (id, body) = {
        let world = fake.world();
        let ours = world.comments_of(number).into_iter().find(|it| it.author == US).unwrap();
        (ours.id, ours.body.clone())
    };
    let mut world = fake.world();
    world.edit_comment(id, US, &body.replace("`20` → `50`", "`20` → `21`"));
    world.approve(number, "alice");
    world.edit_comment(id, US, &body);
    drop(world);
    woken(&fake, number);
    is(&fake, number, "pending", AWAITS);
    approve(&fake, number, "alice");
    is(&fake, number, "success", "approved by alice (1 flag)");
}

/// Two admins override; the requestor is notified loudly, whatever another workflow was made to write in our name
/// before.
#[test]
fn a_forged_notice_of_an_override() {
    let overridden = |fake: &Fake| {
        let number = opened(fake, "jo", "more", 50);
        (number, OVERRIDE.replace("DIGEST", &digest(fake, number)))
    };
    let loud = |fake: &Fake, number| notices(fake, number).into_iter().find(|it| it.contains("overrode the approvals"));
    let first = shop();
    let (number, line) = overridden(&first);
    for who in ["root1", "root2"] {
        say(&first, number, who, &line);
    }
    let notice = loud(&first, number).unwrap_or_else(|| panic!("{line}: {:?}", notices(&first, number)));
    let key = notice.trim_end().lines().next_back().unwrap().to_owned();
    for words in ["thank you", "@jo", "@jo 🚨 **`root1` and `root2` overrode", "x\n@jo see above"] {
        let fake = shop();
        let (number, line) = overridden(&fake);
        fake.world().comment(number, US, &format!("{words}\n{key}"));
        for who in ["root1", "root2"] {
            say(&fake, number, who, &line);
        }
        is(&fake, number, "success", "overridden by root1, root2: because");
        assert!(notices(&fake, number).contains(&notice), "{words}: {:#?}", notices(&fake, number));
    }
}

/// The command, before the digest is known.
const OVERRIDE: &str = "/countersign override checkout/one DIGEST because";

/// The person who lifted a rejection has lost the access that it took: no event says so, and a timer finds out.
#[test]
fn who_lifted_a_rejection_leaves() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    let review_of_bob = reject(&fake, number, "bob");
    dismiss(&fake, number, review_of_bob, "root1");
    approve(&fake, number, "alice");
    is(&fake, number, "success", "approved by alice (1 flag)");
    review(&fake, &Event::Schedule);
    is(&fake, number, "success", "approved by alice (1 flag)");
    fake.world().demote("root1");
    review(&fake, &Event::Schedule);
    assert_eq!(status(&fake, number).0, "failure", "{}", comment(&fake, number));
}
