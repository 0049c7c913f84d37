//! Every request of a run, with everything that can happen to it.

use std::sync::Mutex;

use super::stage::{SCENES, Scene, place};
use crate::github::fake::{NOT_FOUND, TIMEOUT, What};

/// The faults of any request.
const ANY: &[What] = &[
    What::BadGateway,
    What::BadGatewayAfter,
    What::Closed,
    What::ClosedAfter,
    What::Html,
    What::Garbled,
    What::Unauthorised,
    What::Forbidden,
    What::Secondary(None),
    What::Secondary(Some(1)),
    What::TooMany(None),
    What::TooMany(Some(0)),
    What::Exhausted(0),
    What::Exhausted(3_600),
];

/// The difference for requests that are sent from what is asked: enough for a scene whose other requests are like
/// another's.
const FEW: &[What] = &[What::BadGatewayAfter, What::Closed, What::Forbidden, What::Secondary(None)];

/// The faults of a query only.
const QUERIES: &[What] = &[What::LimitedWith200, NOT_FOUND, TIMEOUT, What::CutOff];

/// Each scene is played by this many at a time, each in a world of its own.
const PLAYERS: usize = 2;

#[test]
fn whatever_happens_to_a_request_nothing_succeeds_by_it_and_the_next_run_repairs_it() {
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for (player, (name, make)) in (0..PLAYERS).flat_map(|player| SCENES.iter().map(move |scene| (player, *scene))) {
            let wrong = &wrong;
            scope.spawn(move || {
                let scene = Scene::of(make);
                for index in (player..scene.requests.len()).step_by(PLAYERS) {
                    let request = &scene.requests[index];
                    let any = if matches!(name, "opened" | "approved") { ANY } else { FEW };
                    for what in any.iter().chain(QUERIES.iter().filter(|_| request.query.is_some())) {
                        if let Err(why) = hit(&scene, index, *what) {
                            let place = place(request);
                            wrong.lock().unwrap().push(format!("{name}, {index} {place}, {what:?}: {why}"));
                        }
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn hit(scene: &Scene, index: usize, what: What) -> Result<(), String> {
    scene.rewind();
    scene.fake.world().fault(scene.fault(index, what));
    let run = scene.run(&[]);
    let said = format!("code {}\n{}", run.code, run.err);
    let wrong = scene.fake.violations();
    let fair = |ok: bool, why: &str| {
        if ok { Ok(()) } else { Err(format!("{why}: {said}\n{:#?}\nnot {:#?}", scene.seen(), scene.end)) }
    };
    fair(wrong.is_empty(), &wrong.join("\n"))?;
    let end = scene.seen();
    let request = &scene.requests[index];
    let posts = |part: &str| request.method == "POST" && request.path.contains(part);
    // The status that stood there stands if the very post that takes it back is refused; nothing is left to try.
    let refused = posts("/statuses/") && scene.success;
    fair(
        refused || end.successes().iter().all(|success| scene.end.successes().contains(success)),
        "success by a fault",
    )?;
    fair(run.code == 5 || run.code == 0, "an unforeseen end")?;
    // Review requests, notifications and notes on lines are left out where the token may not.
    let notice = posts("/comments") && !request.body["body"].as_str().unwrap_or("").starts_with("<!-- countersign");
    let deferred = notice || posts("/requested_reviewers") || posts("/check-runs");
    if deferred && matches!(what, What::Forbidden | What::Unauthorised) {
        return fair(run.code == 0 && run.err.contains("GitHub does not allow it"), "not said what is missing");
    }
    fair(run.code != 0 || end == scene.end, "it ended well, and something is missing")?;
    fair(run.code == 0 || (run.err.contains("error:") && run.err.contains("help:")), "no word why, or what to do")?;
    fair(run.code == 0 || what != What::Exhausted(3_600) || run.err.contains("until 2026-"), "not until when")?;
    if run.code == 0 {
        return Ok(());
    }
    scene.fake.world().now += 7_200;
    scene.fake.clear();
    let run = scene.run(&[]);
    let said = format!("{said}\nthen code {}\n{}", run.code, run.err);
    let wrong = scene.fake.violations();
    let end = scene.seen();
    let fair =
        |ok: bool, why: &str| if ok { Ok(()) } else { Err(format!("{why}: {said}\n{end:#?}\nnot {:#?}", scene.end)) };
    fair(wrong.is_empty(), &wrong.join("\n"))?;
    fair(run.code == 0, "the next run ends badly")?;
    fair(end == scene.end, "the next run does not repair it")?;
    Ok(())
}
