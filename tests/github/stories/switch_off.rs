//! A live flag is switched off: nobody waits, and everybody hears of it.

use super::steps::*;
use crate::github::fake::{Event, Fake};

const ONE: &str = "flags/checkout/one.yaml";
const FREE: &str = "no approval needed to switch off checkout/one";

fn off(percent: u32) -> String {
    flag("one", percent).replace("state: active", "state: inactive")
}

/// A pull request by Kim that switches flag `one` off.
fn switched_off(fake: &Fake) -> u64 {
    let number = raise_with(fake, "kim", "off", &[(ONE, Some(&off(20)))]);
    after(fake, "opened", number);
    number
}

/// The shop, where the policy requires approval of a switch-off.
fn strict_shop() -> Fake {
    let fake = shop();
    let config = format!("{}critical: {{deactivation: approval}}\n", CONFIG.replace("lock: {after: 14d}\n", ""));
    fake.world().commit("main", "root1", &[(".countersign/config.yaml", Some(&config))]);
    fake
}

#[test]
fn it_passes_the_lock_and_its_approvers_are_notified_once() {
    let fake = shop();
    let holder = opened(&fake, "jo", "more", 50);
    is(&fake, holder, "pending", AWAITS);
    let (number, mut known) = (switched_off(&fake), 0);
    is(&fake, number, "success", FREE);
    assert_eq!(
        notified(&fake, number, &mut known),
        [
            "@alice @bob 🔌 **`kim` switches `checkout/one` off** with this pull request. That waits for nobody: the approvers of \
          other changes of it are notified instead."
        ]
    );
    assert_eq!(requested(&fake, number), [""; 0]);
    // It holds nothing either.
    is(&fake, holder, "pending", AWAITS);
    // A remark in the file is nothing new.
    push(&fake, number, "kim", &[(ONE, Some(&(off(20) + "# since the incident\n")))]);
    is(&fake, number, "success", FREE);
    assert_eq!(notified(&fake, number, &mut known), [""; 0]);
    // More than the switch waits for the holder.
    push(&fake, number, "kim", &[(ONE, Some(&off(30)))]);
    is(&fake, number, "pending", "locked by #1: checkout/one");
    comment_says(&fake, number, "switching the flag off waits for no lock");
    push(&fake, number, "kim", &[(ONE, Some(&off(20)))]);
    is(&fake, number, "success", FREE);
}

#[test]
fn a_draft_tells_nobody() {
    let fake = shop();
    let number = raise_with(&fake, "kim", "off", &[(ONE, Some(&off(20)))]);
    fake.world().draft(number, "kim");
    after(&fake, "opened", number);
    is(&fake, number, "success", FREE);
    assert_eq!(notices(&fake, number), [""; 0]);
    fake.world().ready(number, "kim");
    after(&fake, "ready_for_review", number);
    assert_eq!(notices(&fake, number).len(), 1);
}

#[test]
fn it_passes_in_the_queue() {
    let fake = shop();
    let _holder = opened(&fake, "jo", "more", 50);
    let number = switched_off(&fake);
    let head = fake.world().enqueue(number, "kim").head;
    review(&fake, &Event::Woken("requested", head.clone(), "merge_group"));
    assert_eq!(fake.world().shown(&head, "countersign/main"), Some(("success", FREE)));
}

/// The policy requires approval, so the lock holds it: one admin and one command let it pass.
#[test]
fn an_admin_passes_the_lock_over_at_once() {
    let fake = strict_shop();
    let holder = opened(&fake, "jo", "more", 50);
    let (number, mut known) = (switched_off(&fake), 0);
    is(&fake, number, "pending", "locked by #1: checkout/one");
    notified(&fake, number, &mut known);
    comment_says(&fake, number, "an admin lets this pass over `#1` at once: `/countersign unlock checkout/one`");
    say(&fake, number, "alice", "/countersign unlock checkout/one");
    is(&fake, number, "pending", "locked by #1: checkout/one");
    assert_eq!(notified(&fake, number, &mut known).len(), 1);
    say(&fake, number, "root1", "/countersign unlock checkout/one");
    is(&fake, number, "pending", AWAITS);
    assert_eq!(
        notified(&fake, number, &mut known),
        ["@root1 ✅ `/countersign unlock checkout/one`: `#1` is passed over for `checkout/one`."]
    );
    is(&fake, holder, "pending", &format!("locked by #{number}: checkout/one"));
    comment_says(&fake, number, "the lock of `#1` was passed over by `root1`");
    // It was let pass to switch the flag off, and for nothing else.
    push(&fake, number, "kim", &[(ONE, Some(&flag("one", 90)))]);
    after(&fake, "synchronize", holder);
    is(&fake, number, "pending", "locked by #1: checkout/one");
    is(&fake, holder, "pending", AWAITS);
    push(&fake, number, "kim", &[(ONE, Some(&off(20)))]);
    is(&fake, number, "pending", "locked by #1: checkout/one");
}

/// More than a switch-off is passed over by nobody without the policy's leave.
#[test]
fn more_than_a_switch_off_is_not_let_pass() {
    let fake = strict_shop();
    let _holder = opened(&fake, "jo", "more", 50);
    let number = raise_with(&fake, "kim", "off", &[(ONE, Some(&off(30)))]);
    after(&fake, "opened", number);
    let mut known = 0;
    notified(&fake, number, &mut known);
    say(&fake, number, "root1", "/countersign unlock checkout/one");
    is(&fake, number, "pending", "locked by #1: checkout/one");
    let answers = notified(&fake, number, &mut known);
    assert!(answers[0].contains("no holder may be passed over but by switching the flag off"), "{answers:?}");
}

/// The shop, where the policy frees an exact restore, with flag `one` switched off.
fn restoring_shop() -> Fake {
    let fake = shop();
    let config = format!("{CONFIG}critical: {{restore: free}}\n");
    fake.world().commit("main", "root1", &[(".countersign/config.yaml", Some(&config))]);
    fake.world().commit("main", "root1", &[(ONE, Some(&off(20)))]);
    fake
}

/// A change that the policy frees is notified to those who could have approved it, whichever way the switch goes.
#[test]
fn a_free_restore_is_notified_as_a_switch_off_is() {
    let fake = restoring_shop();
    let number = raise_with(&fake, "kim", "on", &[(ONE, Some(&flag("one", 20)))]);
    after(&fake, "opened", number);
    assert_eq!(status(&fake, number).0, "success");
    let mut known = 0;
    assert_eq!(
        notified(&fake, number, &mut known),
        [
            "@alice @bob 🔁 **`kim` switches `checkout/one` on, exactly as last live,** with this pull request. That waits for \
          nobody: the approvers of other changes of it are notified instead."
        ]
    );
    comment_says(&fake, number, "no approval needed; notified: `@alice`, `@bob`");
    assert_eq!(requested(&fake, number), [""; 0]);
    after(&fake, "synchronize", number);
    assert_eq!(notified(&fake, number, &mut known), [""; 0]);
    // One that is not exact requires them.
    let number = raise_with(&fake, "kim", "more", &[(ONE, Some(&flag("one", 30)))]);
    after(&fake, "opened", number);
    is(&fake, number, "pending", AWAITS);
    assert_eq!(notices(&fake, number), [""; 0]);
}
