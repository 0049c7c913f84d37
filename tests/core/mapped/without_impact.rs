//! Formats without the model of their impact, by which `lint` reads.

use countersign::diagnostics::Diagnostics;
use countersign::format::{self, FormatRef};

use super::{EXAMPLES, example};

/// Only who gets what is left out: the same flags are read, and the same mistakes found.
#[test]
fn the_same_is_read_and_found() {
    let mut models = 0;
    for (id, _) in EXAMPLES {
        let format = format::by_id(id).unwrap();
        let Some(without) = format.without_impact() else { continue };
        models += 1;
        for (path, text) in example(id) {
            let wrong = [("true", "50"), ("percentage", "percentages"), ("100", "101"), ("key", "keys")];
            let edited = wrong.iter().map(|(from, to)| text.replace(from, to));
            for text in edited.chain([text.clone()]) {
                let read = |format: &FormatRef| {
                    let mut diagnostics = Diagnostics::of(&path);
                    let flags = format.flags_of(text.as_bytes(), &path, &mut diagnostics).unwrap_or_default();
                    let drawn = flags.iter().any(|flag| flag.drawn.is_some());
                    let said = flags.into_iter().map(|flag| (flag.key, flag.state, flag.record, flag.links));
                    (said.collect::<Vec<_>>(), diagnostics.finish(text.as_bytes()), drawn)
                };
                let (flags, found, _) = read(&format);
                assert_eq!(read(&without), (flags, found, false), "{id} {path}");
            }
        }
    }
    assert!(models >= 4, "{models}");
}
