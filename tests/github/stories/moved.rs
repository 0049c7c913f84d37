//! A base that moves under a pull request that changed no flag when it was judged.

use crate::github::fake::Event;
use crate::github::shop::*;

/// Git follows a renamed folder: a file that a proposal adds to the old one lands in the new one. Nothing of that
/// pull request changes, and the first one needs no approval either, since all it moves is off.
#[test]
fn a_folder_renamed_on_the_base_makes_a_flag_of_a_file() {
    let fake = shop();
    let off = flag("draft", 100).replace("active", "inactive");
    let others: Vec<(String, String)> =
        (0..4).map(|index| (format!("notes/{index}.yaml"), off.replace("draft", &format!("draft{index}")))).collect();
    let files: Vec<(&str, Option<&str>)> =
        others.iter().map(|(path, text)| (path.as_str(), Some(text.as_str()))).collect();
    let mut world = fake.world();
    world.commit("main", "jo", &files);
    let live = flag("evil", 100);
    world.commit("evil", "jo", &[("notes/evil.yaml", Some(&live))]);
    let evil = world.open("jo", "main", "evil");
    let moves: Vec<(String, Option<&str>)> = others
        .iter()
        .flat_map(|(path, text)| [(path.clone(), None), (path.replace("notes/", "flags/growth/"), Some(text.as_str()))])
        .collect();
    let moves: Vec<(&str, Option<&str>)> = moves.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    world.commit("tidy", "jo", &moves);
    let tidy = world.open("jo", "main", "tidy");
    drop(world);
    after(&fake, "opened", evil);
    assert_eq!(status(&fake, evil), ("success".to_owned(), "no flag changes".to_owned()));
    after(&fake, "opened", tidy);
    assert_eq!(status(&fake, tidy).0, "success");
    let before = fake.world().origin.tip("main").unwrap();
    fake.world().merge(tidy, "jo");
    review(&fake, &Event::Push("main".to_owned(), before));
    let (state, text) = status(&fake, evil);
    assert_eq!(state, "failure", "{text}");
    assert!(text.starts_with("invalid: flags/growth/evil.yaml:1:1: the base and the proposal clash"), "{text}");
}
