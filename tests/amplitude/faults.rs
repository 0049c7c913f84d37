//! From A to B for random flags, and from nothing to B, under random settings of what nobody knows and with random
//! faults: no state serves anybody whom neither side serves, or gives what neither side gives and no plan printed; no
//! success that is not there; none is made twice; and the next run finishes, unless somebody else changed the item
//! meanwhile.

use countersign::amplitude::apply::ApplyOutcome;
use proptest::prelude::*;

use crate::amplitude::fake::{Approvals, Fault, Knobs};
use crate::amplitude::journey::{Journey, made};
use crate::amplitude::shapes::{Dice, bytes, cases};
use crate::amplitude::unknowns::thrown;

const FAULTS: [Fault; 8] = [
    Fault::Limit(Some(0)),
    Fault::Before(502),
    Fault::After(502),
    Fault::Lost,
    Fault::Half,
    Fault::Edit,
    Fault::Limit(None),
    Fault::Day,
];

/// Faults by the number of the request, and the request from which on nothing is answered. The plan takes some
/// requests, the apply the rest.
type FaultPlan = (Vec<(usize, usize)>, Option<usize>);

fn fault_plans() -> impl Strategy<Value = FaultPlan> {
    (prop::collection::vec((0usize..30, 0usize..8), 0..3), prop::option::of(4usize..30))
}

/// Runs once with faults, and then until none is left.
fn travel(mut journey: Journey, knobs: &Knobs, (faults, dead): &FaultPlan) -> Result<(), TestCaseError> {
    {
        let mut world = journey.world();
        world.knobs = knobs.clone();
        let begin = world.log.len();
        world.faults.extend(faults.iter().map(|(at, fault)| (begin + at, FAULTS[*fault])));
        world.dead_from = dead.map(|at| begin + at);
    }
    journey.run();
    journey.look_back();
    {
        // A creation makes no web experiment: it is refused what follows.
        let world = journey.world();
        let written = world.states.len() - world.hands.len();
        prop_assert!(!knobs.web || written <= usize::from(journey.is_new), "a web experiment was written");
    }
    {
        let mut world = journey.world();
        world.faults.clear();
        (world.dead_from, world.limited_from) = (None, None);
        (world.knobs.approvals, world.knobs.web) = (Approvals::Off, false);
        world.objects.values_mut().for_each(|object| object.pending = false);
    }
    let mut last = (0..3).map(|_| journey.run()).last().flatten();
    if journey.broke_off_switched_off() {
        // Nobody can tell whose switching off that was; the remedy of the sentence gets on.
        let asks = matches!(&last, Some(ApplyOutcome::Conflict(why)) if why.contains("switch it on in Amplitude, and apply again"));
        prop_assert!(asks, "{:?}", last);
        journey.world().objects.get_mut("7").unwrap().body["enabled"] = true.into();
        last = (0..3).map(|_| journey.run()).last().flatten();
    }
    journey.look_back();
    let (then, want) = (&journey.then, &journey.want);
    prop_assert!(
        !journey.switched_on_again(),
        "somebody switched it off\n{}\n{}\n{:?}",
        then,
        want,
        journey.world().log
    );
    let ended = match &last {
        Some(ApplyOutcome::Done | ApplyOutcome::ByHand(_)) => true,
        Some(ApplyOutcome::NeedsLeave(_)) => !journey.allow,
        Some(ApplyOutcome::Conflict(_)) => !journey.world().hands.is_empty(),
        _ => false,
    };
    prop_assert!(ended, "{:?}\n{}\n{}", last, then, want);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(120),
        max_shrink_iters: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_becomes_b_whatever_happens(
        throws in bytes(140), experiment in any::<bool>(), allow in any::<bool>(), plan in fault_plans(),
    ) {
        let mut dice = Dice(throws.iter());
        let knobs = thrown(&mut dice);
        let (a, b) = (made(&mut dice, experiment), made(&mut dice, experiment));
        travel(Journey::new(a, b, experiment, allow), &knobs, &plan)?;
    }

    #[test]
    fn nothing_becomes_b_whatever_happens(throws in bytes(90), experiment in any::<bool>(), plan in fault_plans()) {
        let mut dice = Dice(throws.iter());
        let knobs = thrown(&mut dice);
        let b = made(&mut dice, experiment);
        travel(Journey::creation(b, experiment), &knobs, &plan)?;
    }
}
