//! From A to B for random flags, under random settings of what nobody knows and with random faults: no state serves anybody
//! whom neither side serves, or gives what neither side gives and no plan printed; no success that is not there; and the next
//! run finishes, unless somebody else changed the item meanwhile.

use countersign::amplitude::apply::ApplyOutcome;
use proptest::prelude::*;

use crate::fake::{Approvals, Fault};
use crate::journey::{Journey, made};
use crate::shapes::{Dice, bytes, cases};
use crate::unknowns::thrown;

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

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(120), max_shrink_iters: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_becomes_b_whatever_happens(throws in bytes(140), experiment in any::<bool>(), allow in any::<bool>(), faults in prop::collection::vec((0usize..30, 0usize..8), 0..3), dead in prop::option::of(4usize..30)) {
        let mut dice = Dice(throws.iter());
        let knobs = thrown(&mut dice);
        let (a, b) = (made(&mut dice, experiment), made(&mut dice, experiment));
        let mut journey = Journey::new(a, b, experiment, allow);
        journey.fake.world().knobs = knobs.clone();
        // The plan takes some requests, the apply the rest.
        let begin = journey.fake.world().log.len();
        {
            let mut world = journey.fake.world();
            for (at, fault) in &faults {
                world.faults.insert(begin + at, FAULTS[*fault]);
            }
            world.dead_from = dead.map(|at| begin + at);
        }
        journey.run();
        journey.look_back();
        let written = { let world = journey.fake.world(); world.states.len() > world.hands.len() };
        prop_assert!(!(knobs.web && written), "a web experiment was written");
        {
            let mut world = journey.fake.world();
            world.faults.clear();
            (world.dead_from, world.limited_from) = (None, None);
            (world.knobs.approvals, world.knobs.web) = (Approvals::Off, false);
            world.objects.get_mut("7").unwrap().pending = false;
        }
        let last = (0..3).map(|_| journey.run()).last().flatten();
        journey.look_back();
        prop_assert!(!journey.switched_on_again(), "somebody switched it off\n{}\n{}\n{:?}", journey.then, journey.want, journey.fake.world().log);
        let ended = match &last {
            Some(ApplyOutcome::Done | ApplyOutcome::ByHand(_)) => true,
            Some(ApplyOutcome::NeedsLeave(_)) => !allow,
            Some(ApplyOutcome::Conflict(_)) => !journey.fake.world().hands.is_empty(),
            _ => false,
        };
        prop_assert!(ended, "{:?}\n{}\n{}", last, journey.then, journey.want);
    }
}
