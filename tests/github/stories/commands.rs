//! Commands in comments.

use super::steps::*;
use crate::github::fake::Event;

const DAY: i64 = 86_400;

#[test]
fn two_admins_override() {
    let fake = shop();
    let (number, mut known) = (opened(&fake, "jo", "more", 50), 0);
    let digest = digest(&fake, number);
    let line = format!("/countersign override checkout/one {digest} the shop is on fire");
    say(&fake, number, "root1", &line);
    is(&fake, number, "pending", AWAITS);
    assert_eq!(
        notified(&fake, number, &mut known),
        [format!(
            "@root1 ✅ `{line}`: noted for `checkout/one`; it takes effect when another admin writes `/countersign override \
             checkout/one {digest} <reason>`."
        )]
    );
    // Twice the same one is one.
    say(&fake, number, "root1", &line);
    is(&fake, number, "pending", AWAITS);
    assert_eq!(notified(&fake, number, &mut known).len(), 1);
    // A writer is no admin, and neither is an approver.
    for who in ["kim", "alice"] {
        say(&fake, number, who, &line);
        is(&fake, number, "pending", AWAITS);
        assert_eq!(notified(&fake, number, &mut known), [format!("@{who} ⛔ `{line}` is not done: is no admin.")]);
    }
    say(&fake, number, "root2", &line);
    is(&fake, number, "success", "overridden by root1, root2: the shop is on fire");
    let notices = notified(&fake, number, &mut known);
    assert_eq!(notices.len(), 2, "{notices:#?}");
    assert!(
        notices
            .iter()
            .any(|it| it.starts_with("@jo 🚨 **`root1` and `root2` overrode the approvals of `checkout/one`**")),
        "{notices:#?}"
    );
    comment_says(&fake, number, "### 🚨 Overridden by `root1` and `root2`\n\n> [!CAUTION]\n");
    comment_says(&fake, number, "> Their reason: `the shop is on fire`");
    // It is for exactly this content.
    edit(&fake, number, 60);
    is(&fake, number, "pending", AWAITS);
    say(&fake, number, "root1", &line);
    is(&fake, number, "pending", AWAITS);
    edit(&fake, number, 50);
    is(&fake, number, "success", "overridden by root1, root2: the shop is on fire");
    // And by who is an admin now: a timer finds out.
    fake.world().demote("root2");
    review(&fake, &Event::Schedule);
    is(&fake, number, "pending", AWAITS);
}

/// Of content that no comment shows there is no approval; two admins let exactly that through.
#[test]
fn two_admins_let_through_what_no_comment_shows() {
    let fake = shop();
    let mut known = 0;
    let long = |text: &str| flag("one", 20).replace("{key: \"on\"}", &format!("{{key: \"on\", payload: {text}}}"));
    let text = long(&"x".repeat(60_000));
    let number = raise_with(&fake, "jo", "long", &[("flags/checkout/one.yaml", Some(&text))]);
    after(&fake, "opened", number);
    let split = "invalid: split this pull request, one comment cannot show all that needs approval";
    is(&fake, number, "failure", split);
    let body = comment(&fake, number);
    let command = body.split('`').find(|part| part.starts_with("/countersign override")).unwrap();
    let line = command.replace("REASON", "the tool writes it whole");
    approve(&fake, number, "alice");
    say(&fake, number, "root1", &line);
    is(&fake, number, "failure", split);
    say(&fake, number, "root2", &line);
    is(&fake, number, "success", "overridden by root1, root2: the tool writes it whole");
    assert!(!notified(&fake, number, &mut known).is_empty());
    comment_says(&fake, number, "…and 1 more flag, see the full report");
    // An approval counts for nothing, since the content was never displayed.
    approve(&fake, number, "bob");
    fake.world().demote("root2");
    review(&fake, &Event::Schedule);
    is(&fake, number, "failure", split);
    push(&fake, number, "jo", &[("flags/checkout/one.yaml", Some(&long("short")))]);
    is(&fake, number, "pending", AWAITS);
}

#[test]
fn an_admin_who_has_a_part_in_it_does_not_override() {
    let fake = shop();
    let number = opened(&fake, "root1", "more", 50);
    let line = format!("/countersign override one {} it has to go out", digest(&fake, number));
    let mut known = 0;
    say(&fake, number, "root1", &line);
    assert_eq!(notified(&fake, number, &mut known), [format!("@root1 ⛔ `{line}` is not done: asked for the change.")]);
    say(&fake, number, "root2", &line);
    is(&fake, number, "pending", AWAITS);
    // One who joins in later is no longer one of two.
    let other = opened(&fake, "jo", "two", 60);
    let line = format!("/countersign override one {} it has to go out", digest(&fake, other));
    say(&fake, other, "root1", &line);
    say(&fake, other, "root2", &line);
    is(&fake, other, "success", "overridden by root1, root2: it has to go out");
    push(&fake, other, "root2", &[("flags/checkout/one.yaml", Some(&(flag("one", 60) + "# nothing\n")))]);
    is(&fake, other, "pending", "locked by #1: checkout/one");
}

#[test]
fn what_is_no_command_is_not_obeyed() {
    let fake = shop();
    let (number, mut known) = (opened(&fake, "jo", "more", 50), 0);
    let line = format!("/countersign override one {} now", digest(&fake, number));
    // Edited: nobody knows who wrote what.
    let id = fake.world().comment(number, "root1", &line);
    fake.world().edit_comment(id, "root1", &format!("{line} really"));
    review(&fake, &Event::Comment(id));
    assert_eq!(notified(&fake, number, &mut known).len(), 1);
    assert!(notices(&fake, number)[0].contains("the comment was edited"));
    // A stranger gets no answer, whatever they write.
    fake.world().user("stranger");
    let said = written(&fake).len();
    for line in [&*line, "/countersign recheck", "/countersign cancel", "/countersign dance"] {
        let run = say(&fake, number, "stranger", line);
        assert_eq!(run.code, 0);
    }
    // Nor does an app, or one who speaks of something else.
    fake.world().bot("root1[bot]");
    say(&fake, number, "root1[bot]", &line);
    say(&fake, number, "root1", "I would like to /countersign override it");
    say(&fake, number, "root1", &format!("> {line}\n\n{line}"));
    assert_eq!(written(&fake).len(), said);
    // A mistyped command is explained.
    say(&fake, number, "kim", "/countersign unlok one");
    let notice = "@kim ❓ `/countersign unlok one` is not understood";
    assert!(notified(&fake, number, &mut known)[0].starts_with(notice), "{:?}", notices(&fake, number));
    // A digest that is not displayed lets nothing in.
    let zeros = "0".repeat(32);
    say(&fake, number, "root1", &format!("/countersign override one {zeros} now"));
    assert!(notified(&fake, number, &mut known)[0].contains("`checkout/one` has another digest now"));
    is(&fake, number, "pending", AWAITS);
}

/// Eight digits are found for another content in a second, and a key may be that of two flags.
#[test]
fn an_override_names_one_content_of_one_flag() {
    let fake = shop();
    land(&fake, &[("flags/growth/one.yaml", Some(&flag("one", 20)))]);
    let (checkout, growth) = (flag("one", 50), flag("one", 60));
    let files = [("flags/checkout/one.yaml", Some(&*checkout)), ("flags/growth/one.yaml", Some(&*growth))];
    let number = raise_with(&fake, "jo", "both", &files);
    after(&fake, "opened", number);
    let mut known = notices(&fake, number).len();
    let body = comment(&fake, number);
    let (_, section) = body.split_once("#### ⏳ `checkout/one`").unwrap_or_else(|| panic!("{body}"));
    let digest = section.split('`').find(|word| word.len() == 32 && !word.contains(' ')).unwrap();
    let mut refused = |line: &str, words: &str| {
        say(&fake, number, "root1", line);
        let said = notified(&fake, number, &mut known);
        assert!(said.len() == 1 && said[0].contains(words), "{line}: {said:?} has no {words}");
    };
    for short in [8, 16, 31] {
        let line = format!("/countersign override checkout/one {} now", &digest[..short]);
        refused(&line, "which may be the start of another digest, expected at least the first 32 hex digits");
    }
    refused(&format!("/countersign override {digest} now"), "names a digest and no flag before it");
    refused(
        &format!("/countersign override one {digest} now"),
        "`one` is the key of several flags here, each of which awaits approval; write one of `checkout/one`, `growth/one`",
    );
    refused(&format!("/countersign override two {digest} now"), "no flag here that awaits approval is named `two`");
    refused(&format!("/countersign override growth/one {digest} now"), "`growth/one` has another digest now");
    assert_eq!(status(&fake, number).0, "pending");
}

#[test]
fn a_holder_that_sleeps_is_passed_over() {
    let fake = shop();
    let first = opened(&fake, "jo", "first", 50);
    approve(&fake, first, "bob");
    is(&fake, first, "success", "approved by bob (1 flag)");
    let (second, mut known) = (opened(&fake, "kim", "second", 60), 0);
    notified(&fake, second, &mut known);
    is(&fake, second, "pending", "locked by #1: checkout/one");
    say(&fake, second, "root1", "/countersign unlock one");
    let refused = notified(&fake, second, &mut known);
    assert_eq!(
        refused,
        [
            "@root1 ⛔ `/countersign unlock one` is not done: `#1` has been idle for 0 days, and only after 14 days may it be passed over."
        ]
    );
    fake.world().now += 15 * DAY;
    say(&fake, second, "kim", "/countersign unlock one");
    assert_eq!(
        notified(&fake, second, &mut known),
        ["@kim ⛔ `/countersign unlock one` is not done: asked for the change."]
    );
    is(&fake, second, "pending", "locked by #1: checkout/one");
    say(&fake, second, "root1", "/countersign unlock checkout/one");
    is(&fake, second, "pending", AWAITS);
    assert_eq!(
        notified(&fake, second, &mut known),
        ["@root1 ✅ `/countersign unlock checkout/one`: `#1` is passed over for `checkout/one`."]
    );
    // Only one of two holds it.
    is(&fake, first, "pending", "locked by #2: checkout/one");
    woken(&fake, second);
    is(&fake, second, "pending", AWAITS);
    // And no policy, no passing over.
    fake.world().close(first, "jo");
    after(&fake, "closed", first);
    land(&fake, &[(".countersign/config.yaml", Some(&CONFIG.replace("lock: {after: 14d}\n", "")))]);
    let third = opened(&fake, "jo", "third", 70);
    is(&fake, third, "pending", "locked by #2: checkout/one");
    fake.world().now += 99 * DAY;
    say(&fake, third, "root1", "/countersign unlock one");
    assert!(notices(&fake, third).last().unwrap().contains("has no `lock: {after: …}`"), "{:?}", notices(&fake, third));
    is(&fake, third, "pending", "locked by #2: checkout/one");
}

/// An admin passes over the lock of the flag that the command names, not of another one with its key.
#[test]
fn only_the_named_flag_is_passed_over() {
    let fake = shop();
    let path = |environment: &str| format!("flags/checkout/{environment}/two.yaml");
    let files = |share: u32| ["dev", "prod"].map(|environment| (path(environment), flag("two", share)));
    let commit = |branch: &str, author: &str, share: u32| {
        let files = files(share);
        let files: Vec<(&str, Option<&str>)> =
            files.iter().map(|(path, text)| (path.as_str(), Some(text.as_str()))).collect();
        fake.world().commit(branch, author, &files);
    };
    let paths = "paths: [\"flags/checkout/{environment}/*.yaml\", \"flags/checkout/*.yaml\"]";
    let config = CONFIG.replace("paths: [\"flags/checkout/**\"]", paths);
    assert_ne!(config, CONFIG);
    land(&fake, &[(".countersign/config.yaml", Some(&config))]);
    commit("main", "root1", 20);
    let propose = |author: &str, branch: &str, share: u32| {
        commit(branch, author, share);
        let number = fake.world().open(author, "main", branch);
        after(&fake, "opened", number);
        number
    };
    let (first, second) = (propose("jo", "first", 50), propose("kim", "second", 60));
    assert_eq!(first, 1);
    is(&fake, second, "pending", "locked by #1: checkout:dev/two, checkout:prod/two");
    fake.world().now += 15 * DAY;
    say(&fake, second, "root1", "/countersign unlock two");
    let said = notices(&fake, second);
    assert!(said.last().unwrap().contains("write one of `checkout:dev/two`, `checkout:prod/two`"), "{said:?}");
    say(&fake, second, "root1", "/countersign unlock checkout:dev/two");
    is(&fake, second, "pending", "locked by #1: checkout:prod/two");
}

#[test]
fn cancelled_it_releases_what_waited() {
    let fake = shop();
    let first = opened(&fake, "jo", "first", 50);
    let second = opened(&fake, "kim", "second", 60);
    is(&fake, second, "pending", "locked by #1: checkout/one");
    say(&fake, first, "jo", "/countersign cancel");
    assert!(fake.world().pulls[&first].draft);
    is(&fake, second, "pending", AWAITS);
    is(&fake, first, "pending", "locked by #2: checkout/one");
    let notices = notices(&fake, first);
    assert_eq!(notices.len(), 2, "{notices:#?}");
    let done = "@jo ✅ `/countersign cancel`: this is a draft now: nobody is asked, and it holds no flag.\n";
    assert!(notices[0].starts_with(done), "{notices:#?}");
}

#[test]
fn rechecked_it_says_what_is_new_and_nothing_else() {
    let fake = shop();
    let number = opened(&fake, "jo", "more", 50);
    let said = written(&fake).len();
    say(&fake, number, "kim", "/countersign recheck");
    assert_eq!(written(&fake).len(), said);
    fake.world().approve(number, "alice");
    say(&fake, number, "kim", "/Countersign recheck\nplease");
    is(&fake, number, "success", "approved by alice (1 flag)");
}
