//! Changes since somebody approved.

use super::steps::*;
use crate::github::fake::Event;

#[test]
fn approvers_see_what_changed_since() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    approve(&fake, number, "alice");
    is(&fake, number, "success", "approved by alice (1 flag)");
    edit(&fake, number, 60);
    is(&fake, number, "pending", AWAITS);
    comment_says(&fake, number, "<summary>What changed since approvals that no longer count</summary>");
    comment_says(&fake, number, "`rolloutPercentage`: it was approved as `50` and is `60` now");
    // The base moves as well.
    land(&fake, &[("flags/checkout/one.yaml", Some(&flag("one", 20).replace("name: One", "name: Two")))]);
    after(&fake, "synchronize", number);
    let explained = fake.on(&Event::Schedule).run(&["explain", "--pr", &number.to_string()]);
    assert!(explained.out.contains("since"), "{}", explained.out);
    // Back to what was approved, by force: it counts again.
    edit(&fake, number, 50);
}

#[test]
fn also_after_a_forced_push() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    approve(&fake, number, "alice");
    // Replaced by force, the approved commit is no part of any branch.
    let other = fake.world().commit("other", "jo", &[("flags/checkout/one.yaml", Some(&flag("one", 70)))]);
    force(&fake, number, &other, "jo");
    is(&fake, number, "pending", AWAITS);
    comment_says(&fake, number, "What changed since approvals that no longer count");
}
