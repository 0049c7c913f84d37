//! Formats without what only comparisons need, by which `lint` reads.

use countersign::diagnostics::Diagnostics;
use countersign::format::{self, FormatRef};

use super::{EXAMPLES, example};

/// Only who gets what, and the lists of items, are left out: the same flags are read, and the same errors found.
#[test]
fn the_same_is_read_and_found() {
    let (mut models, mut lists) = (0, 0);
    for (id, _) in EXAMPLES {
        let format = format::by_id(id).unwrap();
        let Some(other) = format.for_diagnostics() else { continue };
        for (path, text) in example(id) {
            let wrong = [("true", "50"), ("percentage", "percentages"), ("100", "101"), ("key", "keys")];
            let edited = wrong.iter().map(|(from, to)| text.replace(from, to));
            for text in edited.chain([text.clone()]) {
                let read = |format: &FormatRef| {
                    let mut diagnostics = Diagnostics::of(&path);
                    let flags = format.flags_of(text.as_bytes(), &path, &mut diagnostics).unwrap_or_default();
                    let more = flags.iter().map(|flag| (flag.drawn.is_some(), !flag.lists.is_empty()));
                    let more = more
                        .fold([0, 0], |[drawn, lists], (one, two)| [drawn + i32::from(one), lists + i32::from(two)]);
                    let said = flags.into_iter().map(|flag| (flag.key, flag.state, flag.record, flag.links));
                    (said.collect::<Vec<_>>(), diagnostics.finish(text.as_bytes()), more)
                };
                let (flags, found, more) = read(&format);
                models += more[0];
                lists += more[1];
                assert_eq!(read(&other), (flags, found, [0, 0]), "{id} {path}");
            }
        }
    }
    assert!(models > 0 && lists > 0, "{models} {lists}");
}
