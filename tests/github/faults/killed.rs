//! A run that is cut off after any of its posts, and the one after it.

use super::stage::{SCENES, Scene};
use crate::github::fake::{Fault, What};

/// Row by row: the connection breaks at the k-th write, with or without its effect, and at everything after it.
#[test]
fn a_run_cut_off_anywhere_is_made_up_for_by_the_next_one() {
    std::thread::scope(|scope| {
        for (name, make) in SCENES {
            scope.spawn(move || {
                let scene = Scene::of(*make);
                let cuts: Vec<usize> = (0..scene.requests.len()).filter(|at| scene.requests[*at].writes()).collect();
                assert!(cuts.len() > 2, "{name}: {cuts:?}");
                for (at, what) in cuts.iter().flat_map(|at| [(*at, What::Closed), (*at, What::ClosedAfter)]) {
                    scene.rewind();
                    let mut world = scene.fake.world();
                    world.fault(Fault::rest("*", "/", What::Closed).nth(at + 2).always());
                    world.fault(Fault::rest("*", "/", what).nth(at + 1));
                    drop(world);
                    let run = scene.run_within("0", &[]);
                    scene.fake.world().faults.clear();
                    assert_eq!(run.code, 5, "{name}, {at} {what:?}: {}", run.err);
                    let success = !scene.seen().successes().is_empty();
                    // The first of all posts is the one that takes a success back.
                    let before = at == cuts[0] && what == What::Closed;
                    assert!(
                        !success || before && scene.success || !scene.end.successes().is_empty(),
                        "{name}, {at} {what:?}"
                    );
                    let run = scene.run(&[]);
                    assert_eq!(run.code, 0, "{name}, {at} {what:?}: {}", run.err);
                    assert_eq!(scene.seen(), scene.end, "{name}, {at} {what:?}");
                    scene.fake.clear();
                    let run = scene.run(&[]);
                    let writes: Vec<_> =
                        scene.fake.requests().into_iter().filter(crate::github::fake::Request::writes).collect();
                    assert!(run.code == 0 && writes.is_empty(), "{name}, {at} {what:?}: said again: {writes:#?}");
                }
            });
        }
    });
}
