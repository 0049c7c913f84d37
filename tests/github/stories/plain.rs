//! What happens every day: open, pending, approve, success, merge.

use crate::shop::*;

#[test]
fn open_pending_approve_success_merge() {
    let fake = shop();
    let number = raise(&fake, "jo", "more", 50);
    let run = after(&fake, "opened", number);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let (state, text) = status(&fake, number);
    assert_eq!(state, "pending", "{text}");
    println!("{text}\n{}\n{}", comment(&fake, number), run.out);
    fake.world().approve(number, "alice");
    let run = woken(&fake, number);
    println!("{}{}", run.out, run.err);
    let (state, text) = status(&fake, number);
    assert_eq!(state, "success", "{text}");
    println!("{:?}", notices(&fake, number));
}
