//! A bound that looks back: what changes with the days, and no event tells of.

use super::steps::*;
use crate::github::fake::{Event, Fake};

const ONE: &str = "flags/checkout/one.yaml";
const DAY: i64 = 86_400;

/// The shop with a second section above a bound that looks back, and flag `one` at 10%.
fn bounded() -> Fake {
    let fake = shop();
    let config = format!("{CONFIG}sections: {{Many: {{when: {{affected: \"> 5%\", within: 14d}}}}}}\n");
    let mut world = fake.world();
    let approvers = format!("{APPROVERS}[Many]\nflags/checkout/ @carol\n");
    world.commit(
        "main",
        "root1",
        &[(".countersign/config.yaml", Some(&config)), (".countersign/APPROVERS", Some(&approvers))],
    );
    world.commit("main", "root1", &[(ONE, Some(&flag("one", 10)))]);
    drop(world);
    fake
}

fn later(fake: &Fake, days: i64) {
    fake.world().now += days * DAY;
}

/// Merged without the gate, since only what stands on the base counts.
fn on_the_base(fake: &Fake, percent: u32) {
    fake.world().commit("main", "root1", &[(ONE, Some(&flag("one", percent)))]);
}

/// With the days another commit becomes the base of fourteen days ago: a sweep takes the success back, and gives it
/// back.
#[test]
fn a_sweep_sees_the_days_pass() {
    let fake = bounded();
    later(&fake, 20);
    on_the_base(&fake, 50);
    later(&fake, 2);
    on_the_base(&fake, 12);
    later(&fake, 1);
    let number = raise_with(&fake, "jo", "more", &[(ONE, Some(&flag("one", 14)))]);
    after(&fake, "opened", number);
    approve(&fake, number, "alice");
    is(&fake, number, "success", "approved by alice (1 flag)");
    // Nothing happens, and then only the days.
    later(&fake, 1);
    let said = written(&fake).len();
    review(&fake, &Event::Schedule);
    assert_eq!(written(&fake).len(), said, "the base of then is the same");
    later(&fake, 11);
    review(&fake, &Event::Schedule);
    is(&fake, number, "pending", "awaiting @carol for checkout/one");
    comment_says(&fake, number, "since the base of 14 days ago");
    later(&fake, 2);
    review(&fake, &Event::Schedule);
    is(&fake, number, "success", "approved by alice (1 flag)");
}
